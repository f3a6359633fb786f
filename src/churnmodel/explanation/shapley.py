"""How much does each feature of an account move the model's margin?

Exact SHAP values on the margin (log-odds before calibration), per input feature. For an additive model they
are ``terms - mean_terms`` (the closed form of a linear model with an independent background:
`shap.LinearExplainer` without its subsampling); for boosted trees the path-dependent tree SHAP of LightGBM's
``pred_contrib``, equal to `shap.TreeExplainer`, with the columns of one feature summed. Source: Lundberg et
al. (2020), Nature Machine Intelligence 2, 56-67.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import ModelError
from churnmodel.models.boosted import BoostedModel
from churnmodel.models.fitted import AdditiveModel, FittedModel

if TYPE_CHECKING:
    import shap

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShapleyValues:
    """``phi.sum(axis=1) + base_margin`` is the model's margin, within 1e-9.

    Parameters
    ----------
    phi
        (n, f) float64, one column per input feature, in the order of the model's `features`.
    base_margin
        The margin from which the values count: the mean over the training rows. Not that of any account.
    """

    phi: Floats
    base_margin: float


def shapley_values(model: FittedModel, X: pd.DataFrame) -> ShapleyValues:
    """The SHAP values of a fitted model for each row of X: the same bits for a row alone and in any batch.

    Parameters
    ----------
    model
        A `BoostedModel` or an `AdditiveModel`.
    X
        (n, >= f) Feature matrix with the model's features as columns, in any order; n may be 0.

    Raises
    ------
    FeatureError
        X lacks a feature of the model, or holds what cannot be read as one.
    ModelError
        The model is of neither kind.
    """
    if isinstance(model, BoostedModel):
        return _of_trees(model, X)
    if isinstance(model, AdditiveModel):
        return _of_terms(model, X)
    raise ModelError(
        f"SHAP values: wanted an additive model or boosted trees, got {type(model).__name__}. "
        "Give it terms(X), mean_terms and intercept."
    )


def _of_terms(model: AdditiveModel, X: pd.DataFrame) -> ShapleyValues:
    base = float(model.intercept)
    for mean in model.mean_terms.tolist():
        base += mean
    return ShapleyValues(np.asarray(model.terms(X) - model.mean_terms, dtype=np.float64), base)


def _of_trees(model: BoostedModel, X: pd.DataFrame) -> ShapleyValues:
    columns = model.columns(X)
    # LightGBM refuses an empty matrix, but the base margin is asked for even then: any one row has it
    asked = columns if len(columns) else np.full((1, columns.shape[1]), np.nan)
    predicted = model.booster.predict(asked, pred_contrib=True, num_threads=1)
    contributions = np.asarray(predicted, dtype=np.float64)
    phi = np.zeros((len(columns), len(model.features)), dtype=np.float64)
    for j, feature in enumerate(model.encoding.feature_of):
        phi[:, feature] += contributions[: len(columns), j]
    return ShapleyValues(phi, float(contributions[0, -1]))


def as_shap_explanation(values: ShapleyValues, X: pd.DataFrame, features: tuple[str, ...]) -> shap.Explanation:
    """The values as `shap.Explanation`, for its beeswarm, bar and waterfall plots. Imports shap (seconds).

    Parameters
    ----------
    features
        The model's features, in its order. A category is coloured by the alphabetical place of its level and
        shown by its name.
    """
    import shap

    shown = X[list(features)]
    colours = pd.DataFrame({name: _colour(shown[name]) for name in features}, index=X.index)
    return shap.Explanation(
        values=values.phi,
        base_values=np.full(len(X), values.base_margin),
        data=colours.to_numpy(dtype=np.float64),
        display_data=shown.astype(object).to_numpy(),
        feature_names=list(features),
    )


def _colour(column: pd.Series[Any]) -> Floats:
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    codes = pd.Categorical(column).codes.astype(np.float64)
    return np.where(codes < 0, np.nan, codes)
