"""What do a logistic regression and boosted trees say together? (a blend of their log-odds)

The two err differently: the one misses what only holds for some, the other sees it where it is chance. Halfway
between their log-odds both errors shrink, and SHAP values stay exact: they are blended in the same shares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError, ModelError
from churnmodel.models.boosted import BoostedModel, BoostedSettings
from churnmodel.models.logistic import LogisticModel, LogisticSettings
from churnmodel.models.model_json import as_finite, as_object, write_model_json
from churnmodel.models.periods import Stretch


@dataclass(frozen=True)
class BlendSettings:
    """What a TOML may set under ``[parameters]`` for ``estimator = "blend"``.

    Parameters
    ----------
    share_of_trees
        0 is the logistic alone, 1 the trees alone.
    logistic, lightgbm
        Their own parameters, under ``[parameters.logistic]`` and ``[parameters.lightgbm]``.
    """

    share_of_trees: float = 0.5
    logistic: LogisticSettings = field(default_factory=LogisticSettings)
    lightgbm: BoostedSettings = field(default_factory=BoostedSettings)

    def __post_init__(self) -> None:
        if not 0 < self.share_of_trees < 1:
            raise ModelError(
                f"blend: share_of_trees must lie between 0 and 1, is {self.share_of_trees}. For one of the two "
                'alone use estimator = "logistic" or "lightgbm".'
            )


@dataclass(frozen=True)
class BlendModel:
    """``(1 - share_of_trees) * logistic + share_of_trees * trees``, in log-odds."""

    estimator: ClassVar[str] = "blend"

    logistic: LogisticModel
    trees: BoostedModel
    share_of_trees: float

    @property
    def features(self) -> tuple[str, ...]:
        """Input features in order."""
        return self.logistic.features

    @property
    def stretch(self) -> Stretch | None:
        """Which periods it speaks of; None where there is only one."""
        return self.trees.stretch

    @property
    def shares(self) -> tuple[tuple[LogisticModel | BoostedModel, float], ...]:
        """Each of the two with its share."""
        return (self.logistic, 1.0 - self.share_of_trees), (self.trees, self.share_of_trees)

    def margins(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, k) Log-odds of each period before calibration: the same bits for a row alone and in any batch."""
        (one, share), (other, rest) = self.shares
        return np.asarray(share * one.margins(X) + rest * other.margins(X), dtype=np.float64)

    def margin(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) Log-odds of the first period."""
        return self.margins(X)[:, 0]

    def to_json(self) -> dict[str, Any]:
        """The model as JSON types, less its trees."""
        return {
            "logistic": self.logistic.to_json(),
            "trees": self.trees.to_json(),
            "share_of_trees": self.share_of_trees,
        }

    def save(self, folder: Path) -> None:
        """Write `model.json`, `lightgbm.txt` and `trees.npz` into `folder`."""
        write_model_json(folder, self.estimator, self.to_json())
        self.save_trees(folder / "lightgbm.txt")

    def save_trees(self, place: Path) -> None:
        """Write LightGBM's text to `place`, and the arrays beside it."""
        self.trees.save_trees(place)

    @classmethod
    def from_json(cls, body: Mapping[str, Any], place: Path) -> BlendModel:
        """The model `to_json` wrote, with the text of its trees at `place`; BundleError where it is damaged."""
        model = cls(
            LogisticModel.from_json(as_object(body.get("logistic"), "logistic")),
            BoostedModel.from_json(as_object(body.get("trees"), "trees"), place),
            as_finite(body.get("share_of_trees"), "share_of_trees"),
        )
        of_logistic = None if model.logistic.periods is None else model.logistic.periods.stretch
        if model.logistic.features != model.trees.features or of_logistic != model.stretch:
            raise BundleError("model file: the two models of a blend do not fit together. Train the model again.")
        return model


def fit_blend(
    settings: BlendSettings,
    fit_linear: Callable[[LogisticSettings], LogisticModel],
    fit_trees: Callable[[BoostedSettings], BoostedModel],
) -> BlendModel:
    """Both models of `settings`, fitted on the same rows; refusals are theirs."""
    trees = fit_trees(settings.lightgbm)
    return BlendModel(fit_linear(settings.logistic), trees, settings.share_of_trees)
