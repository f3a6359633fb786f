"""Does the grade say how much is known about an account, and why it is not more?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.features.coverage import coverage
from churnmodel.features.feature import Feature
from churnmodel.features.measures import Level
from churnmodel.features.unknown import blank_dark
from churnmodel.sources.customers import Customers
from churnmodel.sources.feeds import Feeds
from features.test_unknown import FEATURES, count, feature, feeds_down

ALL = [
    feature("events_28d", Level(count(28))),
    FEATURES[5],
    feature("events_90d", Level(count(90))),
    feature("tickets_90d", Level(count(90, table="tickets")), family="support"),
    feature("mrr", Level(count(None, table="subscriptions")), family="financial"),
    feature("nps", Level(count(None, table="surveys")), family="sentiment"),
    feature("trainings", Level(count(90, table="touchpoints")), family="relationship"),
]
OUTAGE = feeds_down("2025-05-03", "2025-05-31")


def graded(features: list[Feature], *as_ofs: str, feeds=OUTAGE, **cells: float) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["a"], pd.to_datetime(as_ofs)], names=["account_id", "as_of"])
    X = pd.DataFrame({f.name: cells.get(f.name, 1.0) for f in features}, index=index)
    found = coverage(X, features, feeds)
    assert found.equals(coverage(blank_dark(X, features, feeds), features, feeds)), "blanked or not"
    return found.droplevel("account_id")


def test_four_or_five_families_are_an_a_and_each_one_fewer_is_a_grade_less() -> None:
    grades = [graded(ALL[: 2 + n], "2025-05-01")["grade"].iloc[0] for n in (5, 4, 3, 2, 1)]
    assert grades == ["A", "A", "B", "C", "D"]
    reasons = [graded(ALL[: 2 + n], "2025-05-01")["reason"].iloc[0] for n in (5, 4, 2)]
    lacking = "no source for financial, sentiment and relationship"
    assert reasons == ["all five families are known", "no source for relationship", lacking]


def test_a_silent_feed_lowers_the_grade_and_is_told_with_its_days() -> None:
    during, after, later = (graded(ALL, day).iloc[0] for day in ("2025-05-10", "2025-06-10", "2025-10-01"))
    assert tuple(during) == ("B", "usage not known since 3 May 2025: the feed is silent")
    assert tuple(after) == ("B", "usage not known from 3 to 31 May 2025: the feed was silent")
    assert tuple(later) == ("A", "all five families are known")


def test_days_of_two_months_and_two_years_are_told_in_full() -> None:
    spring = graded(ALL, "2025-05-10", feeds=feeds_down("2025-04-28", "2025-05-06")).iloc[0]["reason"]
    winter = graded(ALL, "2025-01-10", feeds=feeds_down("2024-12-28", "2025-01-06")).iloc[0]["reason"]
    assert "from 28 April to 6 May 2025" in spring
    assert "from 28 December 2024 to 6 January 2025" in winter


def test_a_family_with_a_source_that_knows_nothing_of_this_account_counts_as_one_fewer() -> None:
    found = graded(ALL[:-1], "2025-05-01", nps=float("nan")).iloc[0]
    assert tuple(found) == ("B", "nothing known of sentiment; no source for relationship")


def test_an_outage_over_few_of_a_family_s_inputs_does_not_take_its_word() -> None:
    longer = [*ALL, feature("events_all", Level(count(None)))]
    found = graded(longer, "2025-07-20").iloc[0]  # in 90 days 29 dark ones, but neither in 28 nor in all
    assert found["grade"] == "A"


def test_a_family_of_which_everything_is_dark_is_called_silent_and_not_unheard() -> None:
    found = graded([ALL[0], *ALL[3:]], "2025-06-10").iloc[0]
    assert tuple(found) == ("B", "usage not known from 3 to 31 May 2025: the feed was silent")


def test_a_family_over_users_seen_goes_dark_with_the_events_they_are_rolled_up_from() -> None:
    users = feature("power_users_28d", Level(count(None, table="active_users")))
    found = graded([users, *ALL[3:]], "2025-06-10").iloc[0]
    assert tuple(found) == ("B", "usage not known from 3 to 31 May 2025: the feed was silent")
    assert graded([users, *ALL[3:]], "2025-07-01").iloc[0]["grade"] == "A", "28 days are all it looks at"


def test_a_family_that_looks_at_all_history_alone_is_told_with_every_outage() -> None:
    ever = feature("events_ever", Level(count(None)))
    long = feeds_down("2024-12-01", "2025-04-30")
    found = graded([ever, *ALL[3:]], "2025-05-10", feeds=long).iloc[0]
    assert found["reason"] == "usage not known from 1 December 2024 to 30 April 2025: the feed was silent"


def test_the_grade_is_d_at_the_lowest_and_rows_of_one_moment_are_told_apart() -> None:
    assert graded(ALL[:3], "2025-06-10").iloc[0]["grade"] == "D"
    index = pd.MultiIndex.from_tuples(
        [("a", pd.Timestamp("2025-05-01")), ("b", pd.Timestamp("2025-05-01")), ("a", pd.Timestamp("2025-06-10"))],
        names=["account_id", "as_of"],
    )
    X = pd.DataFrame({f.name: 1.0 for f in ALL}, index=index)
    X.iloc[1, X.columns.get_loc("nps")] = float("nan")
    found = coverage(X, ALL, OUTAGE)
    assert found.index.equals(index)
    assert found["grade"].tolist() == ["A", "A", "B"]
    assert found["reason"].tolist()[1] == "nothing known of sentiment"


def test_only_inputs_count_and_not_what_is_there_to_be_quoted() -> None:
    quoted = [*ALL[:3], *(Feature(**{**f.__dict__, "role": "context"}) for f in ALL[3:])]
    assert graded(quoted, "2025-05-01").iloc[0]["grade"] == "D"
    assert {f.family for f in FEATURES} == {"usage"}


def test_a_feed_that_began_late_lowers_the_grade_of_those_who_were_customers_before() -> None:
    feed = feeds_down("2030-01-01", "2030-01-01").feeds["usage_events"]  # from 1 July 2024 on
    began = np.array([19_000, 19_940])  # in January 2022 and on 5 August 2024
    known = Customers(np.array(["a", "b"], dtype=object), began, began)
    late = Feeds({"usage_events": feed}, pd.Timestamp("2026-01-01"), known)
    index = pd.MultiIndex.from_product([["a", "b"], pd.to_datetime(["2024-06-01", "2024-08-10", "2025-01-01"])],
                                       names=["account_id", "as_of"])  # fmt: skip
    found = coverage(pd.DataFrame({f.name: 1.0 for f in ALL}, index=index), ALL, late)
    assert found["grade"].tolist() == ["B", "B", "A", "A", "A", "A"]
    assert found["reason"].tolist()[:2] == [
        "usage not known yet: the feed has not begun",
        "usage not known before 1 July 2024: the feed had not begun",
    ]
