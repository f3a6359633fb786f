import numpy as np
import pandas as pd
import pytest

from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from churnmodel.sources.synthetic.corrections import with_versions

UNTIL = pd.Timestamp("2025-03-01")
CORRECTED = {"tickets": "category", "invoices": "amount", "surveys": "score", "touchpoints": "kind"}


def _told(corrected_after, u=(1.0, 1.0, 1.0), **more):
    table = pd.DataFrame(
        {"at": pd.to_datetime(["2025-01-01", "2025-01-02", "2025-02-27"]).as_unit("us"), "cell": [1, 2, 3], **more}
    )
    return with_versions(
        table,
        event_id=pd.Series(["a", "b", "c"]),
        time="at",
        wrong={"cell": [10, 20, 30]},
        corrected_after=np.array(corrected_after),
        u=u,
        until=UNTIL,
    )


def test_a_correction_is_a_second_row_learned_later():
    rows = _told([0, 86_400, 0])
    assert rows["event_id"].tolist() == ["a", "b", "b", "c"]
    assert rows["cell"].tolist() == [1, 20, 2, 3]
    assert rows["known_at"].tolist()[2] == pd.Timestamp("2025-01-03")
    assert rows["known_at"].isna().tolist() == [True, True, False, True]


def test_a_correction_of_a_late_row_comes_after_it():
    late = pd.to_datetime([None, "2025-01-05", None]).as_unit("us")
    rows = _told([0, 3600, 0], known_at=late)
    assert rows["known_at"].tolist()[1:3] == [pd.Timestamp("2025-01-05"), pd.Timestamp("2025-01-05 01:00")]


def test_a_correction_that_nobody_knows_yet_is_not_in_the_table():
    rows = _told([0, 0, 5 * 86_400])
    assert rows["cell"].tolist() == [1, 2, 30]


def test_a_replay_is_equal_in_every_cell():
    rows = _told([0, 0, 0], u=[1.0, 0.0, 1.0])
    assert rows["event_id"].tolist() == ["a", "b", "b", "c"]
    pd.testing.assert_series_equal(rows.loc[1], rows.loc[2], check_names=False)


@pytest.mark.parametrize(("table", "column"), CORRECTED.items())
def test_of_each_thing_the_last_version_is_what_the_database_shows(company, table, column):
    raw = company.tables[table]
    many = raw[raw.duplicated("event_id", keep=False)]
    differ = many.groupby("event_id")[column].nunique() > 1
    assert differ.sum() > 5
    assert (~differ).sum() > 3  # replays
    last = raw.sort_values("known_at", kind="stable", na_position="first").drop_duplicates("event_id", keep="last")
    wanted = ("accounts", "subscriptions", "rates", table)
    shown = Database.from_frames({n: company.tables[n] for n in wanted}, until=company.until).frame(table)
    assert len(shown) == len(last)
    if table == "invoices":  # elsewhere money is converted too
        paid_in = last.set_index("invoice_id")["currency"]
        last, shown = (t[t["invoice_id"].map(paid_in) == "USD"] for t in (last, shown))
    scale = {"amount": 100, "score": 10_000}.get(column)
    order = ["account_id", CONTRACT[table].time, column]
    told, read = (t.sort_values(order)[column].to_numpy() for t in (last, shown))
    if scale is None:
        assert (told == read).all()
    else:
        np.testing.assert_allclose(told * scale, read.astype("float64"), atol=1e-6)
