"""Which rows of the company's tables stand behind an account's reasons, as they were on the day of the score?

A score is of its day; the tables go on. The features are built again as of that day, and where one does not come
out as it was scored (a row was back-dated, deleted or written over, or the definition is another now), its rows
today are not those it was made of: none are shown, and that is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from churnmodel.errors import FeatureError, SourceError
from churnmodel.features.evidence import Evidence, evidence_of, values_at
from churnmodel.features.same_bits import differs
from churnmodel.sources.database import snapshot_index
from churnmodel.sources.feeds import Feeds
from churnmodel.workflow.project import Project

FLAT = "a flat table has no other rows behind it: what it says of the account is the evidence"


@dataclass(frozen=True)
class RowsBehind:
    """The rows behind some features of one account.

    Parameters
    ----------
    evidence
        By feature name; a feature that is unknown, or made of no row ("no ticket opened"), has none.
    moved
        Features that come out otherwise today, with what they were when scored and what they are now.
    gone
        Features that the project cannot build any more.
    why_none
        Why there are no rows at all; None where they could be looked for.
    """

    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    moved: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    why_none: str | None = None

    def of_driver(self, driver: Mapping[Any, Any] | pd.Series) -> Evidence | None:
        """The rows behind the sentence of a driver: those of the one feature of its concept that it is told by."""
        return self.evidence.get(str(driver["feature"]))


def rows_behind(project: Project, X: pd.DataFrame, names: Collection[str], limit: int | None = 5) -> RowsBehind:
    """The rows behind the features `names` of one account, as of the day it was scored.

    Parameters
    ----------
    X
        Its features as they were scored: one row, indexed by snapshot.
    limit
        At most so many rows of each feature; None is all.
    """
    if project.is_flat:
        return RowsBehind(why_none=FLAT)
    account, as_of = X.index[0]
    try:
        there = {f.name: f for f in project.features}
        asked = [there[name] for name in dict.fromkeys(names) if name in there and name in X]
        scored = [f for f in asked if bool(X[f.name].notna().iloc[0])]
        # no look at the feeds: what an outage made unknown was unknown when scored
        feeds = Feeds({}, project.db.until)
        now = values_at(project.db, snapshot_index(X), scored, feeds=feeds, reader=project.reader)
        moved = {
            f.name: (X[f.name].iloc[0], now[f.name].iloc[0])
            for f in scored
            if differs(X[f.name], now[f.name])[0]
        }
        same = [f for f in scored if f.name not in moved]
        values = {f.name: X[f.name].iloc[0] for f in same}
        found = evidence_of(project.db, str(account), as_of, same, limit, values=values, reader=project.reader)
    except (FeatureError, SourceError) as cause:  # the score is still there to be explained
        return RowsBehind(why_none=str(cause))
    return RowsBehind(found, moved, tuple(name for name in dict.fromkeys(names) if name not in there))
