"""Which models does a training end with? (those that were judged, fitted anew on every matured row)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from churnmodel.errors import ModelError
from churnmodel.evaluation.backtest import Backtest
from churnmodel.features.feature import Feature
from churnmodel.models.fitted import FittedModel
from churnmodel.models.spec import fit_model
from churnmodel.workflow.project import Progress, Project


def refitted(
    project: Project,
    played: Backtest,
    X: pd.DataFrame,
    outcomes: ArrayLike,
    features: Sequence[Feature],
    progress: Progress,
    **periods: Any,
) -> dict[str, FittedModel]:
    """Every model that could be judged, on all rows whose outcome is known, by name.

    Parameters
    ----------
    X, outcomes
        The rows, and what became of them, as `churnmodel.models.spec.fit_model` reads them.
    periods
        `edges` and `lead_days`, where outcomes are of periods.

    Raises
    ------
    ModelError
        None could be judged; the reasons are told.
    """
    training = project.settings.training
    playable = [spec for spec in project.specs if spec.name in played.final_curves]
    if not playable:
        reasons = "; ".join(dict.fromkeys(r.reason for r in played.refusals))
        raise ModelError(f"no model could be fitted: {reasons}")
    models = {}
    for k, spec in enumerate(playable):
        progress(f"fitting {spec.name} on all matured rows", k, len(playable))
        models[spec.name] = fit_model(
            spec, X, outcomes, features, seed=training.seed, threads=training.threads, **periods
        )
    progress("fitting", len(playable), len(playable))
    return models
