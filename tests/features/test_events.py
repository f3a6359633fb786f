"""The engine of usage events against the same numbers counted event by event."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.event_aggregates import event_aggregates
from churnmodel.features.event_cells import ACTIVE_DAY, AGO, BY_API, DAYS_AGO, FEATURE, USER
from churnmodel.features.segments import BITS, WORDS, Segments, segments_of
from churnmodel.sources.database import Database

DAY = pd.Timedelta(days=1)
WINDOWS = ((7, 0), (28, 0), (56, 28), (90, 0), (180, 90), (35, 7), (None, 0))
QUANTITY = Cell("quantity", lambda t: t.quantity, reads=("quantity",))
ACCOUNTS = ["ada", "bob", "cyd", "never seen"]


def aggregates(windows=WINDOWS, *, everyone=False) -> list[Aggregate]:
    out = []
    for since, until in windows:
        for how, of, where in (
            ("count", None, None),
            ("count", None, BY_API),
            ("sum", QUANTITY, None),
            ("sum", DAYS_AGO, None),
            ("distinct", USER, None),
            ("distinct", USER, BY_API),
            ("distinct", FEATURE, None),
            ("distinct", ACTIVE_DAY, None),
            ("distinct", ACTIVE_DAY, BY_API),
            ("min", AGO, None),
            ("min", AGO, BY_API),
        ):
            out.append(Aggregate("usage_events", how, of, since, until, where, everyone))
    return out


def random_events(seed: int, as_ofs: list[pd.Timestamp], *, late: float, ids: bool = False) -> pd.DataFrame:
    """Events around the as_ofs, many at midnights and exactly on them; some learned late, some corrected."""
    rng = np.random.default_rng(seed)
    n = 400
    first = as_ofs[0] - 200 * DAY
    seconds = rng.integers(0, int((as_ofs[-1] + 20 * DAY - first) / pd.Timedelta(seconds=1)), n)
    whole = rng.random(n) < 0.3
    seconds[whole] = seconds[whole] // 86_400 * 86_400
    occurred = pd.Series(first + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us]")
    ties = rng.random(n) < 0.1
    occurred[ties] = pd.Series(rng.choice(as_ofs, n))[ties].astype("datetime64[us]")
    delay = pd.to_timedelta(rng.choice([0, 1, 3600, 86_400, 20 * 86_400, 120 * 86_400], n), unit="s")
    exact = pd.Series(rng.choice(as_ofs, n)).astype("datetime64[us]")
    known = (occurred + delay).where(rng.random(n) < 0.7, exact)
    frame = pd.DataFrame(
        {
            "account_id": rng.choice(ACCOUNTS[:3], n),
            "user_id": rng.choice(["u1", "u2", "u3", "u4", None], n),
            "occurred_at": occurred,
            "feature": rng.choice(["a", "b", "c", None], n),
            "quantity": rng.integers(-3, 9, n).astype("float64"),
            "channel": rng.choice(["API", "ui", None], n),
            "known_at": known.where(rng.random(n) < late),
        }
    )
    frame.loc[rng.random(n) < 0.1, "quantity"] = np.nan
    if ids:
        frame["event_id"] = [f"e{i}" for i in rng.integers(0, n // 2, n)]
    return frame


def visible(events: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The events as_of knew, each in the version that held then, with their whole days ago."""
    known = events["known_at"].fillna(events["occurred_at"])
    known = known.where(known > events["occurred_at"], events["occurred_at"])
    rows = events.assign(known=known)[known < as_of]
    if "event_id" in rows:
        order = [c for c in rows.columns if c not in ("event_id", "known")]
        rows = rows.sort_values(["known", *order], ascending=[True, *[False] * len(order)], na_position="first")
        rows = rows.drop_duplicates("event_id", keep="last")
    return rows.assign(ago=(as_of - rows["occurred_at"].dt.normalize()) // DAY)


def counted(rows: pd.DataFrame, a: Aggregate) -> float:
    """The aggregate by its meaning over the visible rows of one account."""
    rows = rows[(rows["ago"] <= (a.since or 180)) & (rows["ago"] > a.until)]
    if a.where == BY_API:
        rows = rows[rows["channel"].str.lower() == "api"]
    if a.how == "count":
        return float(len(rows))
    if a.of == QUANTITY:
        return float(rows["quantity"].sum())
    if a.of == DAYS_AGO:
        return float(rows["ago"].sum())
    if a.of == AGO:
        return float(rows["ago"].min() * 86_400) if len(rows) else float("nan")
    if a.of == ACTIVE_DAY:
        return float(rows["ago"].nunique())
    return float(rows["user_id" if a.of == USER else "feature"].nunique())


def database(events: pd.DataFrame) -> Database:
    accounts = pd.DataFrame({"account_id": ACCOUNTS, "created_at": "2020-01-01"})
    subscriptions = accounts.assign(subscription_id=accounts["account_id"], started_at="2020-01-01", mrr=10.0)
    tables = {"accounts": accounts, "subscriptions": subscriptions.drop(columns="created_at")}
    return Database.from_frames({**tables, "usage_events": events}, until="2030-01-01", threads=1)


MONTHLY = list(pd.date_range("2025-01-01", periods=6, freq="MS"))
WEEKLY = list(pd.date_range("2025-03-03", periods=30, freq="7D"))


@pytest.mark.parametrize(
    ("as_ofs", "late", "ids"),
    [
        (MONTHLY, 0.0, False),
        (MONTHLY, 0.3, False),
        (MONTHLY, 1.0, False),
        (MONTHLY, 0.5, True),
        (WEEKLY, 0.4, True),
    ],
    ids=["nothing late", "some late", "all say when", "corrected", "weekly, in turns"],
)
@pytest.mark.parametrize("everyone", [False, True], ids=["by account", "of everyone"])
def test_every_aggregate_is_what_counting_event_by_event_gives(as_ofs, late, ids, everyone):
    events = random_events(5, as_ofs, late=late, ids=ids)
    index = pd.MultiIndex.from_product([ACCOUNTS, as_ofs], names=["account_id", "as_of"])
    wanted = aggregates(everyone=everyone)
    found = event_aggregates(database(events), index, wanted)
    for as_of in as_ofs[:: len(as_ofs) // 5]:
        rows = visible(events, as_of)
        for account in ACCOUNTS:
            here = index.get_loc((account, as_of))
            own = rows if everyone else rows[rows["account_id"] == account]
            for aggregate in wanted:
                np.testing.assert_equal(found[aggregate][here], counted(own, aggregate), err_msg=str(aggregate))


def test_one_as_of_alone_gives_the_same_bits_as_among_many():
    events = random_events(8, WEEKLY, late=0.4, ids=True)
    db, wanted = database(events), aggregates()
    index = pd.MultiIndex.from_product([ACCOUNTS, WEEKLY], names=["account_id", "as_of"])
    together = event_aggregates(db, index, wanted)
    for as_of in WEEKLY[::7]:
        alone = pd.MultiIndex.from_product([ACCOUNTS, [as_of]], names=["account_id", "as_of"])
        apart = event_aggregates(db, alone, wanted)
        here = index.get_level_values("as_of") == as_of
        for aggregate in wanted:
            np.testing.assert_array_equal(apart[aggregate], together[aggregate][here], err_msg=str(aggregate))


def test_the_order_of_snapshots_is_kept():
    events = random_events(2, MONTHLY, late=0.3)
    index = pd.MultiIndex.from_product([ACCOUNTS, MONTHLY], names=["account_id", "as_of"])
    shuffled = index[np.random.default_rng(0).permutation(len(index))]
    wanted = [Aggregate("usage_events", "count", None, 28), Aggregate("usage_events", "distinct", USER, 28)]
    db = database(events)
    straight, other = event_aggregates(db, index, wanted), event_aggregates(db, shuffled, wanted)
    for aggregate in wanted:
        same = pd.Series(other[aggregate], index=shuffled).reindex(index).to_numpy()
        np.testing.assert_array_equal(same, straight[aggregate])


def test_what_neither_sums_nor_sets_give_is_refused():
    index = pd.MultiIndex.from_product([ACCOUNTS, MONTHLY], names=["account_id", "as_of"])
    largest = Aggregate("usage_events", "max", QUANTITY, 28)
    with pytest.raises(FeatureError, match="no 'max' of 'quantity'"):
        event_aggregates(database(random_events(1, MONTHLY, late=0.0)), index, [largest])


def test_a_window_is_a_run_of_whole_segments_and_reads_the_bits_of_just_its_own():
    windows = [(7, 0), (28, 0), (90, 28)]
    (segments,) = segments_of([100, 131], windows)
    for as_of in segments.as_ofs:
        for since, until in windows:
            first, end = segments.of_window(as_of, (since, until))
            assert (segments.cuts[first], segments.cuts[end]) == (as_of - since, as_of - until)
            word = sum(w << (BITS * i) for i, w in enumerate(segments.mask(as_of, (since, until))))
            assert [b for b in range(len(segments.cuts)) if word >> b & 1] == list(range(first, end))


def test_days_of_a_segment_fit_into_one_word_and_turns_into_few_words():
    turns = list(segments_of(range(0, 7 * 300, 7), [(7, 0), (28, 0), (90, 0), (180, 90)]))
    assert len(turns) > 1
    assert [a for turn in turns for a in turn.as_ofs] == list(range(0, 7 * 300, 7))
    for turn in turns:
        assert turn.words <= WORDS
        assert np.diff(turn.cuts).max() <= BITS


def test_a_day_is_known_to_the_first_as_of_after_it():
    calendar = Segments((100, 110), (90, 100, 110)).calendar.set_index("day")
    assert calendar.loc[[99, 100, 109], "first_as_of"].tolist() == [
        pd.Timestamp(0) + 100 * DAY, pd.Timestamp(0) + 110 * DAY, pd.Timestamp(0) + 110 * DAY
    ]
