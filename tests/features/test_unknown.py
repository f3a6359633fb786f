"""Does a window in which a feed was down read as unknown, and every other cell stay as it was?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import Change, Difference
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Capped, Category, Level
from churnmodel.features.unknown import blank_dark
from churnmodel.sources.feeds import Feed, Feeds

AGO = Cell("seconds ago", lambda t: t.ago)


def count(since: int | None, until: int = 0, table: str = "usage_events") -> Aggregate:
    return Aggregate(table, "count", None, since, until)


def feature(name: str, measure: object, unit: str = "count", family: str = "usage") -> Feature:
    return Feature(name, family, name, "...", unit, Wording("it is", unknown="unknown"), measure)  # type: ignore[arg-type]


FEATURES = [
    feature("events_7d", Level(count(7))),
    feature("events_28d", Level(count(28))),
    feature("events_90d", Level(count(90))),
    feature("change_28d", Change(count(28), count(56, 28), pad=3, lived=42)),
    feature("ever", Level(count(None))),
    feature("days_since", Capped(Level(Aggregate("usage_events", "min", AGO, 180), DAY), most=180.0), "days"),
    feature("open_tickets", Level(count(None, table="tickets"))),
    feature("plan", Category(Aggregate("usage_events", "text", AGO, 28)), "category"),
]


def feeds_down(first: str, last: str, back: str = "2025-12-31") -> Feeds:
    """Twenty events a day from July 2024 to `back`, none from `first` to `last`."""
    days = pd.date_range("2024-07-01", back)
    days = days[(days < first) | (days > last)]
    numbers = days.to_numpy().astype("datetime64[D]").astype(np.int64)
    feed = Feed("usage_events", numbers, numbers, np.full(len(days), 20))
    return Feeds({"usage_events": feed}, pd.Timestamp("2026-01-01"))


def matrix(*as_ofs: str, days_since: float = 2.0) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["a", "b"], pd.to_datetime(as_ofs)], names=["account_id", "as_of"])
    X = pd.DataFrame({f.name: 1.0 for f in FEATURES if f.name != "plan"}, index=index).sort_index(level="as_of")
    return X.assign(days_since=days_since, plan=np.array(["pro"] * len(X), dtype=object))


def unknown(X: pd.DataFrame, feeds: Feeds) -> set[str]:
    blanked = blank_dark(X, FEATURES, feeds)
    gone = blanked.isna()
    assert (gone.all() == gone.any()).all(), "every row of one as_of has the same windows"
    pd.testing.assert_frame_equal(blanked[~gone], X[~gone], check_dtype=False)
    return set(gone.columns[gone.any()])


def test_a_window_of_which_a_tenth_was_dark_is_unknown_and_a_shorter_hole_in_a_longer_one_is_not() -> None:
    feeds = feeds_down("2025-05-03", "2025-05-09")
    assert unknown(matrix("2025-05-15"), feeds) == {"events_7d", "events_28d", "change_28d", "plan"}
    assert unknown(matrix("2025-06-10"), feeds) == {"change_28d"}, "only the window before it was dark"
    assert unknown(matrix("2025-07-15"), feeds) == set()


@pytest.mark.parametrize(("days", "is_unknown"), [(8, False), (9, True)])
def test_the_tenth_is_the_border(days: int, is_unknown: bool) -> None:
    last = pd.Timestamp("2025-05-03") + pd.Timedelta(days=days - 1)
    found = unknown(matrix("2025-06-30"), feeds_down("2025-05-03", str(last.date())))
    assert ("events_90d" in found) == is_unknown


def test_before_the_outage_was_there_nothing_is_blanked_and_other_rows_stay() -> None:
    X = matrix("2025-05-03", "2025-05-15", "2025-09-01")
    blanked = blank_dark(X, FEATURES, feeds_down("2025-05-03", "2025-05-09"))
    assert blanked["events_28d"].isna().groupby("as_of").all().tolist() == [False, True, False]
    assert X["events_28d"].notna().all(), "what was given stays as it is"


def test_how_long_ago_the_latest_row_was_is_unknown_only_where_the_outage_lies_within_it() -> None:
    feeds = feeds_down("2025-05-03", "2025-05-09")
    assert "days_since" not in unknown(matrix("2025-05-15", days_since=4.5), feeds), "a row came after the outage"
    assert "days_since" in unknown(matrix("2025-05-15", days_since=14.0), feeds), "the silence may be the feed's"
    assert "days_since" not in unknown(matrix("2025-09-01", days_since=170.0), feeds), "7 of 170 days"
    stopped = feeds_down("2025-06-01", "2025-06-30", back="2025-06-30")
    assert "days_since" in unknown(matrix("2025-07-01", days_since=30.0), stopped)


def test_of_a_long_window_less_most_of_it_only_the_rest_decides() -> None:
    newly = feature("new_28d", Difference(count(180), count(180, 28)))
    silence = feature("silence", Level(Aggregate("usage_events", "min", AGO, 180)), "score")
    X = matrix("2025-05-15", "2025-06-15").assign(new_28d=1.0, silence=1.0)
    blanked = blank_dark(X, [newly, silence], feeds_down("2025-05-03", "2025-05-09"))
    assert blanked["new_28d"].isna().groupby("as_of").all().tolist() == [True, False]
    assert blanked["silence"].isna().groupby("as_of").all().tolist() == [True, False]


def test_a_feature_of_another_table_or_a_feed_without_outages_is_left_alone() -> None:
    X = matrix("2025-05-15")
    assert "open_tickets" not in unknown(X, feeds_down("2025-05-03", "2025-05-09"))
    assert blank_dark(X, FEATURES, feeds_down("2030-01-01", "2030-01-02")) is X


def test_features_read_back_from_a_bundle_and_columns_that_are_not_there_are_let_pass() -> None:
    X = matrix("2025-05-15")[["events_28d"]]
    bundled = [Feature.from_json(f.to_json()) for f in FEATURES]
    assert blank_dark(X, bundled, feeds_down("2025-05-03", "2025-05-09"))["events_28d"].notna().all()
    assert list(blank_dark(X, FEATURES, feeds_down("2025-05-03", "2025-05-09"))) == ["events_28d"]
