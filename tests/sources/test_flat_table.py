"""Is a flat table read as it stands, and refused where it does not say who left?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import AuditError, SourceError
from churnmodel.settings import FlatSettings, settings_from
from churnmodel.sources.flat import FlatTable

FOUR = pd.DataFrame(
    {
        "account_id": ["d", "a", "c", "b"],
        "seats": ["4", "1", None, "2"],
        "churned": ["Gone", "Here", "Here", None],
    }
)


def test_the_settings_say_which_value_means_that_a_customer_left():
    table = FlatTable.from_frame(FOUR, until="2026-01-01", settings=FlatSettings(positive="Gone"))
    assert table.churned.index.get_level_values("account_id").tolist() == ["a", "b", "c", "d"]
    assert np.array_equal(table.churned.to_numpy(), [0.0, np.nan, 0.0, 1.0], equal_nan=True)


def test_an_outcome_that_cannot_be_read_is_refused_with_its_values():
    with pytest.raises(SourceError, match=r"found 'Gone' \(of 'Gone', 'Here'\).*\[flat\] positive"):
        FlatTable.from_frame(FOUR, until="2026-01-01")
    with pytest.raises(SourceError, match=r"no row of 'churned' says 'Left' \(found: 'Gone', 'Here'\)"):
        FlatTable.from_frame(FOUR, until="2026-01-01", settings=FlatSettings(positive="Left"))


@pytest.mark.parametrize("left, stayed", [("Yes", "No"), ("1", "0"), ("1.0", "0.0"), ("True", "False")])
def test_the_usual_words_for_yes_and_no_need_no_setting(left, stayed):
    frame = FOUR.assign(churned=[left, stayed, stayed, None])
    assert FlatTable.from_frame(frame, until="2026-01-01").churned.sum() == 1.0


def test_rows_to_score_are_those_flagged_else_those_without_an_outcome_else_all():
    def current(frame, **settings):
        table = FlatTable.from_frame(frame, until="2026-01-01", settings=FlatSettings(**settings))
        return table.current[table.current].index.get_level_values("account_id").tolist()

    frame = FOUR.assign(churned=["yes", "no", "no", None], now=["no", "yes", "yes", "no"])
    assert current(frame, current="now") == ["a", "c"]
    assert current(frame) == ["b"]
    assert current(frame.fillna({"churned": "no"})) == ["a", "b", "c", "d"]
    with pytest.raises(SourceError, match=r"\[flat\] current: no column 'today' \(has: seats, now\)"):
        current(frame, current="today")


def test_two_rows_of_one_account_are_fatal_unless_a_day_tells_them_apart():
    twice = pd.concat([FOUR, FOUR]).assign(churned=["yes", "no"] * 4)
    with pytest.raises(AuditError, match=r"8 of 8 rows .* share their key; wanted one row per account"):
        FlatTable.from_frame(twice, until="2026-01-01").audit.raise_if_fatal()
    dated = twice.assign(as_of=["2025-01-01"] * 4 + ["2025-02-01"] * 4)
    table = FlatTable.from_frame(dated, until="2026-01-01")
    assert table.is_dated and not table.audit.fatal and len(table.cells) == 8


def test_an_outcome_whose_horizon_is_not_over_is_not_known_for_leavers_and_stayers_alike():
    dated = FOUR.assign(
        churned=["yes", "no", "yes", "no"], as_of=["2025-10-01", "2025-10-01"] + ["2025-12-15"] * 2
    )
    table = FlatTable.from_frame(dated, until="2026-01-01", settings=FlatSettings(horizon_days=30))
    assert np.array_equal(table.churned.to_numpy(), [0.0, 1.0, np.nan, np.nan], equal_nan=True)
    assert [f.code for f in table.audit.findings] == ["not_known_yet"]


def test_rows_that_cannot_be_used_are_counted_and_set_aside():
    frame = FOUR.assign(
        churned=["yes", "no", "no", "no"],
        account_id=["d", None, "c", "b"],
        as_of=["2025-01-01", "2025-01-01", None, "2027-01-01"],
    )
    table = FlatTable.from_frame(frame, until="2026-01-01")
    assert {f.code: f.count for f in table.audit.findings if f.severity == "counted"} == {
        "no_account": 1,
        "no_day": 1,
        "future": 1,
    }
    assert table.cells.index.get_level_values("account_id").tolist() == ["d"]


def test_a_table_in_which_nobody_stayed_is_not_fit_to_learn_from():
    table = FlatTable.from_frame(FOUR.assign(churned="yes"), until="2026-01-01")
    with pytest.raises(AuditError, match="4 customers left and 0 stayed"):
        table.audit.raise_if_fatal()


def project(folder: Path, **tables: dict[str, object]) -> FlatTable:
    FOUR.assign(churned=["yes", "no", "no", "no"]).to_csv(folder / "customers.csv", index=False)
    raw = {"project": {"data_until": "2026-01-01"}, "data": {"folder": str(folder)}, "tables": tables}
    return FlatTable.from_settings(settings_from(raw, base=folder))


def test_the_only_file_of_a_folder_is_the_flat_table(tmp_path):
    assert project(tmp_path, flat={}).cells["seats"].tolist() == ["1", "2", None, "4"]


def test_rows_without_an_id_are_numbered_by_sql(tmp_path):
    sql = "SELECT 'row ' || row_number() OVER () AS account_id, * EXCLUDE (account_id) FROM customers"
    table = project(tmp_path, flat={"sql": sql})
    assert dict(zip(table.cells.index.get_level_values(0), table.cells["seats"], strict=True)) == {
        "row 1": "4",
        "row 2": "1",
        "row 3": None,
        "row 4": "2",
    }


def test_a_flat_table_stands_instead_of_all_others(tmp_path):
    with pytest.raises(SourceError, match=r"instead of all other tables, and \[tables.accounts\] is mapped"):
        project(tmp_path, flat={"source": "customers"}, accounts={"source": "customers"})


def test_a_missing_outcome_column_is_told_with_those_there_are(tmp_path):
    with pytest.raises(SourceError, match=r"flat: no column 'churned' \(has: .*seats.*\). Map it under"):
        project(tmp_path, flat={"sql": "SELECT account_id, seats FROM customers"})
