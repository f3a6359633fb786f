"""The law of silence: what a dark feed would have told is unknown, in every feature that is made of it.

Eight users of two accounts work every day; then no event of anyone comes for the four weeks before ``as_of``. Read
as it stands every feature over usage would be a fall to nothing.
"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.features.active_users import FROM
from churnmodel.features.catalog import CATALOG
from churnmodel.features.matrix import build_feature_matrix
from small_worlds import looks, version, world

BEFORE, AS_OF = "2025-06-03", "2025-07-01"
OF_USAGE = [
    f for f in CATALOG if f.measure and any(FROM.get(a.table, a.table) == "usage_events" for a in f.measure.needs)
]


@pytest.fixture(scope="module")
def matrix():
    names = [(account, f"u{i}") for account in ("a", "b") for i in range(8)]
    events = [
        {"account_id": account, "user_id": user, "occurred_at": str(day), "feature": user, "channel": "api"}
        for day in pd.date_range("2024-11-01", "2025-06-02")
        for account, user in names
    ]
    users = [
        {"account_id": account, "user_id": user, "joined_at": "2024-01-01", "champion": True, "department": user}
        for account, user in names
    ]
    versions = [version("2023-01-01", account_id=name, subscription_id=name, seats=10) for name in ("a", "b")]
    db = world(versions, usage_events=events, users=users)
    return build_feature_matrix(db, looks(BEFORE, AS_OF, accounts=["a", "b"]), OF_USAGE)


@pytest.mark.parametrize("name", [f.name for f in OF_USAGE if f.role == "input"])
def test_no_input_over_usage_is_known_after_four_dark_weeks(name, matrix):
    assert matrix[name].xs(pd.Timestamp(AS_OF), level="as_of").isna().all()


@pytest.mark.parametrize("name", [f.name for f in OF_USAGE])
def test_everything_over_usage_is_known_before_them(name, matrix):
    assert matrix[name].xs(pd.Timestamp(BEFORE), level="as_of").notna().all()
