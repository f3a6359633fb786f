"""What do the rules of health look at? (published features, and what is not among them made as known at the day)"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churnmodel.explanation.wording import quoted
from churnmodel.features.catalog import CATALOG, lacking
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.settings.conditions import names_in
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
    rules = project.settings.health.exceptions
    wanted = tuple(dict.fromkeys(name for rule in rules for name in names_in(rule.condition)))
    cards = cards_of(project)
    refuse_unknown_names(rules, {*cards, *X.columns, SEGMENT})
    missing = [cards[name] for name in wanted if name not in X.columns and name in cards]
    gone = {card.name: _lacking(project, card) for card in missing}
    build = [card for card in missing if not gone[card.name]]
    told = dict.fromkeys(other for name in wanted if name in cards for other in quoted(cards[name]))
    rows = X[[name for name in dict.fromkeys((*wanted, *told)) if name in X.columns]]
    if build:
        rows = rows.join(build_feature_matrix(project.db, X.index, build, reader=project.reader))
    if SEGMENT in wanted and SEGMENT not in rows and segment is not None:
        rows = rows.assign(segment=segment.astype("object").to_numpy())
    return Asked(rows, cards, {name: tables for name, tables in gone.items() if tables})


def cards_of(project: Project) -> Mapping[str, Feature]:
    """Every feature and fact a rule of this project may name."""
    return {card.name: card for card in (*FACTS, *CATALOG, *project.features)}


def _lacking(project: Project, card: Feature) -> tuple[str, ...]:
    return ("the flat table",) if project.is_flat else lacking(project.db, card)
