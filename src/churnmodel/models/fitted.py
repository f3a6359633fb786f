"""What does every fitted model offer, and how is one read back?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError
from churnmodel.models.baselines import BaseRate, Scorecard
from churnmodel.models.blend import BlendModel
from churnmodel.models.boosted import BoostedModel
from churnmodel.models.hazard import HazardModel, trees_file
from churnmodel.models.incumbent import IncumbentModel
from churnmodel.models.logistic import LogisticModel
from churnmodel.models.model_json import MODEL_FILE, read_model_json
from churnmodel.models.period_terms import PeriodTerms


@runtime_checkable
class FittedModel(Protocol):
    """Log-odds for rows of features: the same bits for a row alone, in any batch, in any order."""

    estimator: ClassVar[str]

    @property
    def features(self) -> tuple[str, ...]:
        """Input features in order; X is read by name."""

    def margins(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, k) Log-odds of each period before calibration; FeatureError where X cannot be read."""

    def save(self, folder: Path) -> None:
        """Write `model.json` (and trees, as text and arrays) into `folder`; never a pickle."""


class Estimator(FittedModel, Protocol):
    """A model of one outcome, or a part of a `HazardModel`."""

    def margin(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) Log-odds of the only period; where there are several, of the first without a renewal in it."""

    def to_json(self) -> dict[str, Any]:
        """The model as JSON types, less its trees."""


@runtime_checkable
class AdditiveModel(FittedModel, Protocol):
    """A model whose margins are ``intercept + sum of terms``, summed feature by feature, and what periods add."""

    @property
    def periods(self) -> PeriodTerms | None:
        """What is added in each period; None where there is only one."""

    @property
    def intercept(self) -> float:
        """Log-odds where every term is 0."""

    @property
    def mean_terms(self) -> NDArray[np.float64]:
        """(f,) Mean of `terms` over all training rows."""

    def terms(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, f) What each input feature adds to the log-odds."""


def load_model(folder: Path) -> FittedModel:
    """The model saved in `folder`, scoring the bits of the one that was saved.

    Raises
    ------
    BundleError
        A file is missing or damaged, or the estimator is not one of ours.
    """
    folder = Path(folder)
    body = read_model_json(folder)
    kind = body.get("estimator")
    if kind != HazardModel.estimator:
        return _estimator_from(kind, body, folder, 0)
    return HazardModel.from_json(body, lambda kind, part, number: _estimator_from(kind, part, folder, number))


def _estimator_from(kind: object, body: Mapping[str, Any], folder: Path, number: int) -> Estimator:
    match kind:
        case "logistic":
            return LogisticModel.from_json(body)
        case "lightgbm":
            return BoostedModel.from_json(body, folder / trees_file(number))
        case "blend":
            return BlendModel.from_json(body, folder / trees_file(number))
        case "scorecard":
            return Scorecard.from_json(body)
        case "base_rate":
            return BaseRate.from_json(body)
        case "incumbent":
            return IncumbentModel.from_json(body)
        case other:
            raise BundleError(
                f"{folder / MODEL_FILE}: wanted the estimator logistic, lightgbm, blend, scorecard or base_rate, "
                f"found {other!r}. Train the model again, or with the version of churnmodel that wrote it."
            )
