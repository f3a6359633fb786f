"""Which features are there, and what does each mean? (the catalog and its dictionary)"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

import pandas as pd

from churnmodel.errors import FeatureError
from churnmodel.features.active_people import ACTIVE_PEOPLE
from churnmodel.features.active_users import FROM
from churnmodel.features.activity import ACTIVITY
from churnmodel.features.adoption import ADOPTION
from churnmodel.features.contract_history import CONTRACT_HISTORY
from churnmodel.features.feature import Feature
from churnmodel.features.financial import FINANCIAL
from churnmodel.features.gauges import metric_features, static_features
from churnmodel.features.goals import GOALS
from churnmodel.features.incidents import INCIDENTS
from churnmodel.features.onboarding import ONBOARDING
from churnmodel.features.own import own_features
from churnmodel.features.payments import PAYMENTS
from churnmodel.features.people import PEOPLE
from churnmodel.features.relationship import RELATIONSHIP
from churnmodel.features.sentiment import SENTIMENT
from churnmodel.features.support import SUPPORT
from churnmodel.features.support_answers import SUPPORT_ANSWERS
from churnmodel.features.tone import TONE
from churnmodel.features.usage import USAGE
from churnmodel.features.user_habits import USER_HABITS
from churnmodel.settings import Settings
from churnmodel.sources.database import Database
from churnmodel.sources.printable import printable

Check = Callable[[Sequence[Feature]], Sequence[str]]

CATALOG: tuple[Feature, ...] = (
    *(USAGE + ACTIVITY + ADOPTION + ACTIVE_PEOPLE + USER_HABITS + INCIDENTS),
    *(SUPPORT + SUPPORT_ANSWERS),
    *(FINANCIAL + CONTRACT_HISTORY + PAYMENTS),
    *(SENTIMENT + TONE),
    *(RELATIONSHIP + ONBOARDING + PEOPLE + GOALS),
)
"""Every supplied feature, in the order of the matrix."""


def available(db: Database, features: Sequence[Feature] = CATALOG) -> list[Feature]:
    """The features whose tables, and the optional columns they read, are in `db`.

    A family without a source is absent, not zero: its features do not exist for this company.
    """
    return [f for f in features if not lacking(db, f)]


def lacking(db: Database, feature: Feature) -> tuple[str, ...]:
    """What of its tables and columns `db` does not have, as ``table`` or ``table.column``.

    Raises
    ------
    FeatureError
        It reads a column of accounts that neither the contract nor the company has: a misspelt attribute.
    """
    gone: dict[str, None] = {}
    for aggregate in feature.measure.needs if feature.measure else ():
        own = FROM.get(aggregate.table, aggregate.table)
        # a derived table may read a column of another one, told with its name
        reads = [read.rpartition(".") for read in ("", *aggregate.reads)]
        for table, column in ((of or own, name) for of, _, name in reads):
            if not db.has(table):
                gone[table] = None
            elif column and not {*column.split("|")} & {*_columns(db, table)}:
                if table == "accounts" and column not in db.readings[table].missing:
                    raise FeatureError(
                        f"feature {feature.name!r}: accounts has no column {column!r} (has: "
                        f"{printable(', '.join(_columns(db, table)))}). Correct features.static."
                    )
                gone[f"{table}.{column.replace('|', ' or ')}"] = None
    return tuple(gone)


def _columns(db: Database, table: str) -> list[str]:
    """The columns the company itself has there."""
    missing = {*db.readings[table].missing, "known_at"}
    return [c for c in db.table(table).columns if c not in missing]


def project_features(settings: Settings, *, check: Check | None = None) -> list[Feature]:
    """The catalog with the project's own metrics, attributes and features, through its include and exclude globs.

    Parameters
    ----------
    check
        Tells what is wrong with the sentences, one line each (`churnmodel.explanation.wording.check_wording`).

    Raises
    ------
    FeatureError
        A glob that matches no feature (a misspelt name would otherwise go unnoticed), two features of one name,
        a sentence that cannot be said, or whatever `churnmodel.features.own.own_features` refuses.
    """
    declared = [*metric_features(settings.metrics), *static_features(settings.features.static)]
    own = settings.features.own
    everything = [*CATALOG, *declared, *(own_features(settings.base / own) if own else ())]
    names = [f.name for f in everything]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise FeatureError(
            f"two features are named {twice[0]!r}; rename the metric, attribute or feature of yours"
        )
    for problem in check(everything) if check else ():
        raise FeatureError(f"the wording of a feature cannot be said: {problem}")
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
