"""Is the model better than our health score? (the verdict of a training, and better weights for the scorecard)"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.backtest import Backtest
from churnmodel.evaluation.scorecard_weights import NewWeights, fit_new_weights
from churnmodel.evaluation.verdict import Verdict, verdict_of
from churnmodel.features.feature import Feature
from churnmodel.models.spec import ModelSpec
from churnmodel.scoring.atomic import replace_text
from churnmodel.workflow.project import Project


@dataclass(frozen=True)
class Judgement:
    """What a training found about the scores the team has already.

    Parameters
    ----------
    verdict
        The best model against each of them.
    weights
        Better weights for the scorecard; None where the project has none.
    """

    verdict: Verdict
    weights: NewWeights | None


def read_judgement(home: Path) -> Judgement:
    """The judgement of the last training of a project.

    Raises
    ------
    ModelError
        There is no training yet, or it is of a flat table, or of a version that kept none.
    """
    from churnmodel.workflow.record import read_record  # a record also writes trainings, which need this file

    kept = read_record(home)
    if kept.caveat:
        raise ModelError(
            "the last training was of a flat table, which holds no score of your own to compare with."
        )
    if kept.verdict is None:
        raise ModelError(f"the last training in {home} kept no verdict. Run 'churnmodel train' again.")
    return Judgement(kept.verdict, kept.weights)


def write_weights(
    weights: NewWeights | None, *, toml: Path | None = None, csv: Path | None = None
) -> tuple[Path, ...]:
    """Write the weights where asked, as a model file and as a table; the places written.

    Raises
    ------
    ModelError
        A file was asked for and there are no weights.
    """
    asked = [place for place in (toml, csv) if place is not None]
    if asked and weights is None:
        raise ModelError(f"no weights to write to {asked[0]}: the last training had no scorecard.")
    if weights is not None:
        for place, text in ((toml, weights.to_toml), (csv, weights.to_csv)):
            if place is not None:
                replace_text(place, text())
    return tuple(asked)


def judged_beside(
    project: Project, played: Backtest, model: str, scores: pd.DataFrame, *, is_champion: bool
) -> Verdict:
    """`model` against every source in external_scores and the project's scorecards."""
    return verdict_of(
        played,
        model,
        scores=scores,
        scorecards=[spec.name for spec in _scorecards(project)],
        currency=project.settings.project.currency,
        is_champion=is_champion,
        seed=project.settings.training.seed,
    )


def new_weights(
    project: Project, played: Backtest, X: pd.DataFrame, outcomes: pd.DataFrame, features: tuple[Feature, ...]
) -> NewWeights | None:
    """Better weights for the project's scorecard, the first if it has several; None if it has none."""
    cards = [spec for spec in _scorecards(project) if spec.name in set(played.predictions["model"])]
    if not cards:
        return None
    return fit_new_weights(
        X,
        outcomes.to_numpy(dtype=np.float64),
        cards[0],
        features,
        played,
        currency=project.settings.project.currency,
        seed=project.settings.training.seed,
    )


def _scorecards(project: Project) -> list[ModelSpec]:
    return [spec for spec in project.specs if spec.estimator == "scorecard"]
