"""How is every feature checked by hand? (each case an account of its own, all in one build)

All cases are looked at on 1 July 2025. The days that matter: 3 June is 28 days before, 6 May 56, 2 April 90,
2 January 180, 6 July 2024 is 360 and 1 July 2024 365 days before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from churnmodel.features.catalog import CATALOG
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from small_worlds import Rows, looks, side_by_side, version, world

AS_OF = "2025-07-01"
PAYING = [version("2024-01-01")]


@dataclass(frozen=True)
class Case:
    """One account's rows and the value a feature must have; None is unknown."""

    feature: str
    story: str
    expected: float | str | None
    rows: Mapping[str, Rows] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.feature}: {self.story}"


def case(feature: str, story: str, expected: Any, subscriptions: Rows = PAYING, **rows: Rows) -> Case:
    return Case(feature, story, expected, {"subscriptions": subscriptions, **rows})


def values(cases: list[Case], features: tuple[Feature, ...] = CATALOG) -> dict[str, Any]:
    """What the builder gives for each case; unknown is None."""
    tables = {name: None for c in cases for name in c.rows}
    rows = {name: side_by_side({str(c): c.rows.get(name, []) for c in cases}) for name in tables}
    accounts = [{"account_id": str(c), "created_at": "2020-01-01"} for c in cases]
    db = world(rows.pop("subscriptions"), accounts=rows.pop("accounts", accounts), **rows)
    wanted = [f for f in features if f.name in {c.feature for c in cases}]
    found = build_feature_matrix(db, looks(AS_OF, accounts=[str(c) for c in cases]), wanted).droplevel("as_of")
    given = {str(c): found.at[str(c), c.feature] for c in cases}
    return {name: None if pd.isna(value) else value for name, value in given.items()}
