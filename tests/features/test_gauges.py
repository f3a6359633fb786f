from __future__ import annotations

import pandas as pd
import pytest
from by_hand import AS_OF, Case, case, values

from churnmodel.errors import FeatureError
from churnmodel.explanation.wording import check_wording
from churnmodel.features.catalog import available, lacking
from churnmodel.features.gauges import metric_features, static_features
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.settings import MetricSettings
from churnmodel.sources.database import Database
from small_worlds import looks, version, world

DECLARED = metric_features(
    {"depth": MetricSettings(label="depth of use"), "Weekly users!": MetricSettings(label="users")}
)
STATIC = static_features(["segment", "industry", "country"])


def of(feature: str, story: str, expected: float | None, *measured: tuple[str, float], **more) -> Case:
    rows = [{"measured_at": at, "value": value, "metric": "depth"} | more for at, value in measured]
    return case(feature, story, expected, metrics=rows)


def static(feature: str, story: str, expected: str | None, **account) -> Case:
    name = f"{feature}: {story}"
    return case(
        feature,
        story,
        expected,
        accounts=[{"account_id": "a", "created_at": "2024-01-01"} | account | {"name": name}],
    )


RISING = [("2025-06-01", 10.0), ("2025-06-11", 12.0), ("2025-06-21", 14.0)]  # 2 in ten days: 5.6 in 28
CASES = [
    of(
        "depth_mean_28d",
        "inside and outside",
        15.0,
        ("2025-06-03", 10.0),
        ("2025-06-30 23:59:59", 20.0),
        ("2025-06-02 23:59:59", 99.0),
        ("2025-07-01", 99.0),
    ),
    of("depth_mean_28d", "another metric does not count", None, ("2025-06-10", 9.0), metric="breadth"),
    of("depth_mean_28d", "learned at as_of is not known", None, ("2025-06-10", 9.0), known_at="2025-07-01"),
    of("depth_mean_28d", "ten-thousandths are kept", 0.3333, ("2025-06-10", 0.33333)),
    of("depth_mean_28d", "none is unknown, not zero", None),
    of(
        "depth_mean_previous_28d",
        "two of four",
        3.0,
        ("2025-05-05 23:59:59", 99.0),
        ("2025-05-06", 2.0),
        ("2025-06-02", 4.0),
        ("2025-06-03", 99.0),
    ),
    of("depth_change_28d", "from 30 to 15: -15 of 45", -1 / 3, ("2025-06-10", 15.0), ("2025-05-10", 30.0)),
    of("depth_change_28d", "from 0 to 0", 0.0, ("2025-06-10", 0.0), ("2025-05-10", 0.0)),
    of("depth_change_28d", "from -2 to 2", 1.0, ("2025-06-10", 2.0), ("2025-05-10", -2.0)),
    of("depth_change_28d", "not measured before", None, ("2025-06-10", 15.0)),
    of("depth_slope_90d", "rises by 5.6 in 28 days", 5.6, *RISING),
    of("depth_slope_90d", "an older one does not count", 5.6, *RISING, ("2025-04-01 23:59:59", 999.0)),
    of("depth_slope_90d", "level", 0.0, *[(day, 7.0) for day, _ in RISING]),
    of("depth_slope_90d", "two are too few", None, *RISING[:2]),
    of("depth_slope_90d", "three on one day have no trend", None, *[("2025-06-11", v) for v in (1.0, 2.0, 3.0)]),
    static("segment", "as told", "smb", segment="smb"),
    static("industry", "learned at as_of is not known", None, industry="steel", known_at="2025-07-01"),
    static("country", "not told", None),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES, DECLARED + STATIC)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_metrics_and_attributes_by_hand(case, found):
    number = isinstance(case.expected, float)
    assert found[str(case)] == (pytest.approx(case.expected, rel=1e-12) if number else case.expected)


def test_a_metric_is_named_so_that_its_features_can_be():
    assert [f.name for f in DECLARED if f.name.startswith("weekly")] == [
        *("weekly_users_mean_28d", "weekly_users_mean_previous_28d"),
        *("weekly_users_change_28d", "weekly_users_slope_90d"),
    ]


def test_the_settings_of_a_metric_reach_its_features():
    settings = MetricSettings(label="errors", family="support", raises_risk="high", actionable=False)
    features = metric_features({"errors": settings})
    assert {(f.family, f.raises_risk, f.actionable, f.concept) for f in features} == {
        ("support", "high", False, "errors")
    }


@pytest.mark.parametrize("column", ["account_id", "created_at", "acquisition_cost", "name", "parent_account_id"])
def test_what_is_no_category_cannot_be_declared_static(column):
    with pytest.raises(FeatureError, match=f"'{column}' is no category"):
        static_features([column])


def test_an_attribute_whose_name_is_no_name_of_a_feature_can_still_be_one():
    assert [f.name for f in static_features(["Sales-region", "2nd tier", "strategic"])] == [
        *("sales_region", "attribute_2nd_tier", "strategic")
    ]
    assert check_wording(static_features(["Sales {region}", "2nd tier", "ARR [est.]", "segment"])) == []


def test_an_attribute_of_the_companys_own_and_a_yes_or_no_are_categories():
    accounts = [
        {"account_id": "a", "created_at": "2024-01-01", "Sales Region": "north", "strategic": True},
        {"account_id": "b", "created_at": "2024-01-01", "Sales Region": None, "strategic": False},
    ]
    db = world([version("2024-01-01")], accounts=accounts)
    features = static_features(["Sales Region", "strategic"])
    X = build_feature_matrix(db, looks(AS_OF, accounts=["a", "b"]), features)
    assert X["sales_region"].iloc[0] == "north" and X["sales_region"].isna().tolist() == [False, True]
    assert X["strategic"].tolist() == ["true", "false"]


def test_an_attribute_that_accounts_does_not_have_is_told_with_those_it_has():
    accounts = pd.DataFrame({"account_id": ["a"], "created_at": "2024-01-01", "Tier": "gold"})
    subscriptions = pd.DataFrame([version("2024-01-01")])
    db = Database.from_frames({"accounts": accounts, "subscriptions": subscriptions}, until="2026-01-01")
    with pytest.raises(FeatureError, match=r"accounts has no column 'tier' \(has: account_id, created_at, Tier\)"):
        available(db, static_features(["tier"]))
    # one of the contract that is not there is absent, like any other
    assert lacking(db, *static_features(["segment"])) == ("accounts.segment",)
    assert [f.name for f in available(db, static_features(["Tier", "segment"]))] == ["tier"]
