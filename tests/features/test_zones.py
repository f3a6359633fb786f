"""The same moments told on the clocks of ten zones, around every change of them: are they the same features?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from churnmodel.features.active_users import FROM
from churnmodel.features.catalog import CATALOG
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.sources.database import Database
from small_worlds import looks
from sources.every_table import ACCOUNTS, UNTIL
from sources.test_time_zones import ZONES, in_zone, tables, unmistakable

FEATURES = list(
    {
        frozenset(r for a in f.measure.needs for r in (a.table, *a.reads) if r == a.table or r.endswith("_at")): f
        for f in CATALOG
    }.values()
)
"""One for each set of tables and times that features are made from: a query costs by the feature."""
# the day after each change: Los Angeles and New York, Berlin and London, Lord Howe, and back
AS_OFS = ("2025-03-10", "2025-03-31", "2025-04-06", "2025-10-05", "2025-10-27", "2025-11-03")


def around_all_changes() -> list[pd.Timestamp]:
    """Moments around the clock changes of all zones that stand once on each of their clocks, well mixed."""
    near = {zone: [m for m in unmistakable(zone) if _stands_once_everywhere(m)] for zone in ZONES}
    moments = sorted({m for of_zone in near.values() for m in of_zone})
    return [m for start in range(11) for m in moments[start::11]]


def _stands_once_everywhere(moment: pd.Timestamp) -> bool:
    here = pd.DatetimeIndex([moment]).tz_localize("UTC")
    told = [(here.tz_convert(zone).tz_localize(None), zone) for zone in ZONES]
    return all(t.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").notna().all() for t, zone in told)


def read_by(features: Sequence[Feature]) -> list[str]:
    """The tables that features are made from, the required ones left out."""
    needs = [a for f in features for a in f.measure.needs]
    named = {FROM.get(a.table, a.table) for a in needs} | {r.rpartition(".")[0] for a in needs for r in a.reads}
    return sorted(named - {"", "accounts", "subscriptions"})


def features(frames: dict[str, pd.DataFrame], zone: str) -> pd.DataFrame:
    db = Database.from_frames(frames, until=UNTIL, timezone=zone, threads=1)
    return build_feature_matrix(db, looks(*AS_OFS, accounts=ACCOUNTS), FEATURES)


@pytest.fixture(scope="module")
def moments() -> dict[str, pd.DataFrame]:
    told = tables(around_all_changes())
    return {name: told[name] for name in ("accounts", "subscriptions", *read_by(FEATURES))}


@pytest.fixture(scope="module")
def in_utc(moments) -> pd.DataFrame:
    return features(in_zone(moments, "UTC", as_text=True), "UTC")


def same(X: pd.DataFrame, other: pd.DataFrame) -> bool:
    texts = [f.name for f in FEATURES if f.is_category]
    bits = [f.drop(columns=texts).to_numpy(dtype="float64").tobytes() for f in (X, other)]
    return bits[0] == bits[1] and X[texts].equals(other[texts])


@pytest.mark.parametrize("zone", ZONES)
def test_features_have_the_same_bits_whatever_zone_the_times_are_written_in(zone, moments, in_utc):
    local = in_zone(moments, zone, as_text=ZONES.index(zone) % 2 == 1)
    assert same(in_utc, features(local, zone))


def test_the_features_looked_at_are_made_from_every_table_that_features_are_made_from():
    assert read_by(FEATURES) == read_by(CATALOG)


def test_a_zone_taken_for_another_would_be_seen(moments, in_utc):
    assert not same(in_utc, features(in_zone(moments, "Europe/Berlin", as_text=True), "Europe/London"))
    assert in_utc.nunique().gt(1).mean() > 0.3
