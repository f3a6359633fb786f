"""What do the rules of health look at? (published features; what is not among them made as known then)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from churnmodel.explanation.wording import quoted
from churnmodel.features.catalog import CATALOG, lacking, project_features
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.settings.conditions import names_in
from churnmodel.sources.database import SNAPSHOT
from churnmodel.success.health_exceptions import Asked
from churnmodel.success.health_facts import FACTS
from churnmodel.success.health_rules import refuse_unknown_names
from churnmodel.workflow.project import Project

SEGMENT = "segment"
"""The one name that is neither feature nor fact: what `accounts` said of the account at the day."""


def asked_of(project: Project, X: pd.DataFrame, segment: pd.Series | None = None) -> Asked:
    """All that the project's rules ask of the snapshots of `X`, as known at each.

    Parameters
    ----------
    X
        Published or kept features, indexed by snapshot; what is not among them is made from the tables.
    segment
        Row by row; a feature ``segment`` of `X` counts before it.

    Raises
    ------
    SettingsError
        A rule asks for a name nobody knows.
    """
    return asked_of_each(project, [(X, segment)])[0]


def asked_of_each(project: Project, days: Sequence[tuple[pd.DataFrame, pd.Series | None]]) -> list[Asked]:
    """`asked_of` for several matrices without a snapshot in common: what is missing is made in one go."""
    rules = project.settings.health.exceptions
    wanted = tuple(dict.fromkeys(name for rule in rules for name in names_in(rule.condition)))
    cards = cards_of(project)
    refuse_unknown_names(rules, {*cards, *(name for X, _ in days for name in X.columns), SEGMENT})
    missing = [cards[n] for n in wanted if n in cards and any(n not in X.columns for X, _ in days)]
    gone = {card.name: _lacking(project, card) for card in missing}
    made = _made(project, [card for card in missing if not gone[card.name]], [X.index for X, _ in days])
    told = (*wanted, *(other for name in wanted if name in cards for other in quoted(cards[name])))
    found = []
    for X, segment in days:
        rows = X[[name for name in dict.fromkeys(told) if name in X.columns]]
        rows = rows.join(made.loc[X.index, [name for name in made.columns if name not in rows.columns]])
        if SEGMENT in wanted and SEGMENT not in rows and segment is not None:
            rows = rows.assign(segment=segment.astype("object").to_numpy())
        found.append(Asked(rows, cards, {name: tables for name, tables in gone.items() if tables}))
    return found


def cards_of(project: Project) -> Mapping[str, Feature]:
    """Every feature and fact a rule of this project may name."""
    own = project.features if project.is_flat else project_features(project.settings)
    return {card.name: card for card in (*FACTS, *CATALOG, *own)}


def _made(project: Project, cards: Sequence[Feature], indexes: Sequence[pd.Index]) -> pd.DataFrame:
    frames = [index.to_frame(index=False)[SNAPSHOT] for index in indexes]
    index = pd.MultiIndex.from_frame(pd.concat(frames, ignore_index=True))
    if not cards or index.empty:
        return pd.DataFrame(index=index)
    return build_feature_matrix(project.db, index, cards, reader=project.reader)


def _lacking(project: Project, card: Feature) -> tuple[str, ...]:
    return ("such columns in the flat table",) if project.is_flat else lacking(project.db, card)
