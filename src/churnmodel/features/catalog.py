"""Which features are there, and what does each mean? (the catalog and its dictionary)"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import pandas as pd

from churnmodel.errors import FeatureError
from churnmodel.features.feature import Feature
from churnmodel.features.financial import FINANCIAL
from churnmodel.features.gauges import metric_features, static_features
from churnmodel.features.payments import PAYMENTS
from churnmodel.features.sentiment import SENTIMENT
from churnmodel.features.support import SUPPORT
from churnmodel.features.usage import USAGE
from churnmodel.settings import Settings
from churnmodel.sources.database import Database

CATALOG: tuple[Feature, ...] = USAGE + SUPPORT + FINANCIAL + PAYMENTS + SENTIMENT
"""Every supplied feature, in the order of the matrix."""


def available(db: Database, features: Sequence[Feature] = CATALOG) -> list[Feature]:
    """The features whose tables, and the optional columns they read, are in `db`.

    A family without a source is absent, not zero: its features do not exist for this company.
    """
    return [f for f in features if not lacking(db, f)]


def lacking(db: Database, feature: Feature) -> tuple[str, ...]:
    """What of its tables and columns `db` does not have, as ``table`` or ``table.column``."""
    gone: dict[str, None] = {}
    for aggregate in feature.measure.needs if feature.measure else ():
        if not db.has(aggregate.table):
            gone[aggregate.table] = None
            continue
        missing = db.readings[aggregate.table].missing
        gone |= dict.fromkeys(f"{aggregate.table}.{c}" for c in aggregate.reads if c in missing)
    return tuple(gone)


def project_features(settings: Settings) -> list[Feature]:
    """The catalog with the project's own metrics and attributes, through its include and exclude globs.

    Raises
    ------
    FeatureError
        A glob that matches no feature (a misspelt name would otherwise go unnoticed), or two features of
        one name.
    """
    everything = [*CATALOG, *metric_features(settings.metrics), *static_features(settings.features.static)]
    names = [f.name for f in everything]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise FeatureError(f"two features are named {twice[0]!r}; rename the metric")
    for glob in (*settings.features.include, *settings.features.exclude):
        if not any(fnmatchcase(name, glob) for name in names):
            raise FeatureError(f"features: no feature matches {glob!r}. 'churnmodel features' lists them.")
    return [f for f in everything if _chosen(f.name, settings)]


def _chosen(name: str, settings: Settings) -> bool:
    wanted = any(fnmatchcase(name, glob) for glob in settings.features.include)
    return wanted and not any(fnmatchcase(name, glob) for glob in settings.features.exclude)


def dictionary(features: Sequence[Feature] = CATALOG) -> pd.DataFrame:
    """The data dictionary: one row per feature, in plain words.

    >>> dictionary().loc["overdue_amount", ["family", "unit", "raises_risk"]].tolist()
    ['financial', 'money', 'high']
    """
    rows = [
        (f.name, f.family, f.concept, f.meaning, f.unit, f.raises_risk, f.actionable, f.role) for f in features
    ]
    columns = ["name", "family", "concept", "meaning", "unit", "raises_risk", "actionable", "role"]
    return pd.DataFrame(rows, columns=columns).set_index("name")
