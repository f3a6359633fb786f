"""What does every fitted model offer, and how is one read back?"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError
from churnmodel.models.baselines import BaseRate, Scorecard
from churnmodel.models.boosted import BoostedModel
from churnmodel.models.logistic import LogisticModel
from churnmodel.models.model_json import MODEL_FILE, read_model_json


@runtime_checkable
class FittedModel(Protocol):
    """Log-odds for rows of features: the same bits for a row alone, in any batch, in any order."""

    estimator: ClassVar[str]

    @property
    def features(self) -> tuple[str, ...]:
        """Input features in order; X is read by name."""

    def margin(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) Log-odds before calibration; FeatureError where X lacks a feature or cannot be read."""

    def save(self, folder: Path) -> None:
        """Write `model.json` (and `lightgbm.txt`) into `folder`; never a pickle."""


@runtime_checkable
class AdditiveModel(FittedModel, Protocol):
    """A model whose margin is ``intercept + sum of terms``, summed feature by feature in order."""

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
    match read_model_json(folder).get("estimator"):
        case "logistic":
            return LogisticModel.load(folder)
        case "lightgbm":
            return BoostedModel.load(folder)
        case "scorecard":
            return Scorecard.load(folder)
        case "base_rate":
            return BaseRate.load(folder)
        case other:
            raise BundleError(
                f"{folder / MODEL_FILE}: wanted the estimator logistic, lightgbm, scorecard or base_rate, "
                f"found {other!r}. Train the model again, or with the version of churnmodel that wrote it."
            )
