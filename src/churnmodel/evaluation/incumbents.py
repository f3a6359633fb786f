"""Who else claims to know who leaves, and may therefore be held against the models?

Every source in ``external_scores``, as a model of the same form on the same rows, and the team's scorecard with
better weights. They are judged beside the models and never chosen: a score cannot be made without its source, and
better weights are for the team to take over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.models.spec import ModelSpec
from churnmodel.snapshots.incumbents import PREFIX, incumbent_scores

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

__all__ = [
    "competitors",
    "covered",
    "direction_of",
    "incumbent_scores",
    "is_incumbent",
    "reweighed_name",
    "source_of",
]

NAME = "incumbent:"


def competitors(specs: Sequence[ModelSpec], scores: pd.DataFrame) -> tuple[ModelSpec, ...]:
    """The specs to backtest beside `specs`: one per column of `scores`, and each scorecard with fitted weights.

    Parameters
    ----------
    scores
        From `incumbent_scores`; its columns must stand in the X of the backtest.

    >>> scores = pd.DataFrame({"external:health": [81.0]})
    >>> [spec.name for spec in competitors([ModelSpec("base_rate", "Base rate", "base_rate")], scores)]
    ['incumbent:health']
    """
    sources = [str(column).removeprefix(PREFIX) for column in scores.columns]
    beside = [
        ModelSpec(f"{NAME}{source}", source, "incumbent", {"column": f"{PREFIX}{source}"}, include=())
        for source in sources
    ]
    cards = [spec for spec in specs if spec.estimator == "scorecard" and not spec.parameters.get("refit")]
    refitted = [
        replace(
            card,
            name=reweighed_name(card.name),
            title=f"{card.title}, weights fitted",
            parameters={**card.parameters, "refit": True},
        )
        for card in cards
    ]
    taken = {spec.name for spec in specs}
    return tuple(spec for spec in (*beside, *refitted) if spec.name not in taken)


def is_incumbent(model: str) -> bool:
    """Whether a model of a backtest is a score the team already has."""
    return model.startswith(NAME)


def source_of(model: str) -> str:
    """The source of an incumbent; any other model's own name.

    >>> source_of("incumbent:health"), source_of("scorecard")
    ('health', 'scorecard')
    """
    return model.removeprefix(NAME)


def reweighed_name(card: str) -> str:
    """The name of a scorecard's twin with fitted weights.

    >>> reweighed_name("scorecard")
    'scorecard_refit'
    """
    return f"{card}_refit"


def covered(facts: pd.DataFrame, scores: pd.DataFrame, model: str) -> pd.Series[bool]:
    """Per row of `facts` (account_id, as_of) whether the incumbent had a score of the account then."""
    column = f"{PREFIX}{source_of(model)}"
    said = _beside(facts, scores[column]) if column in scores else pd.Series(np.nan, index=facts.index)
    return said.notna()


def direction_of(backtest: Backtest, scores: pd.DataFrame, model: str) -> str:
    """Which end of an incumbent's score is the risky one, as learned in the judged folds.

    ``"low is risky"``, ``"high is risky"``, ``"not the same in every fold"``, or ``"unknown"`` where no fold could
    learn it.
    """
    said = backtest.predictions[backtest.predictions["model"] == model]
    score = _beside(said, scores[f"{PREFIX}{source_of(model)}"])
    signs = set()
    for fold in said["fold"].unique():
        here = (said["fold"] == fold) & score.notna()
        # the margin follows the score strictly, so its two ends tell
        if here.any() and score[here].nunique() > 1:
            ends = said.loc[[score[here].idxmin(), score[here].idxmax()], "margin"]
            signs.add(float(np.sign(ends.iloc[1] - ends.iloc[0])))
    signs.discard(0.0)
    if len(signs) > 1:
        return "not the same in every fold"
    return {1.0: "high is risky", -1.0: "low is risky"}[signs.pop()] if signs else "unknown"


def _beside(facts: pd.DataFrame, score: pd.Series[float]) -> pd.Series[float]:
    """The score at each row's snapshot, indexed like `facts`."""
    place = score.index.get_indexer(pd.MultiIndex.from_frame(facts[["account_id", "as_of"]]))
    values = np.append(score.to_numpy(dtype=np.float64), np.nan)[place]
    return pd.Series(values, index=facts.index)
