"""How much does each feature of an account move the model's margin?

Exact SHAP values on the margin (log-odds before calibration), per input feature. For an additive model they
are ``terms - mean_terms`` (the closed form of a linear model with an independent background:
`shap.LinearExplainer` without its subsampling); for boosted trees the path-dependent tree SHAP of LightGBM's
``pred_contrib`` and of `shap.TreeExplainer` (`tree_kernel.py`), with the columns of one feature summed. Source:
Lundberg et al. (2020), Nature Machine Intelligence 2, 56-67.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import ModelError
from churnmodel.explanation.any_classifier import classifier_values
from churnmodel.models.any_classifier import ClassifierModel
from churnmodel.models.blend import BlendModel
from churnmodel.models.boosted import BoostedModel
from churnmodel.models.fitted import AdditiveModel, FittedModel
from churnmodel.models.hazard import HazardModel
from churnmodel.models.periods import TO_RENEWAL

if TYPE_CHECKING:
    import shap

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShapleyValues:
    """``phi.sum(axis=2) + base`` are the model's margins, within 1e-9.

    Parameters
    ----------
    phi
        (n, k, f) float64: per row, period and input feature, in the order of the model's `features`.
    base
        (n, k) The margin from which the values of each period count: the mean over the training rows. Not that of
        any account. Where the model knows when accounts renew it is the same in every row.
    """

    phi: Floats
    base: Floats


def shapley_values(model: FittedModel, X: pd.DataFrame) -> ShapleyValues:
    """The SHAP values of a fitted model for each row of X: the same bits for a row alone and in any batch.

    What a renewal in a period, and the period itself, do to the margin is told by ``days_to_renewal``; where the
    model does not read it, by the base.

    Parameters
    ----------
    model
        A `HazardModel`, a `BlendModel`, a `BoostedModel`, an `AdditiveModel`, or a `ClassifierModel`, which `shap`
        explains (`churnmodel.explanation.any_classifier`); its last bits depend on the batch.
    X
        (n, >= f) Feature matrix with the model's features as columns, in any order; n may be 0.

    Raises
    ------
    FeatureError
        X lacks a feature of the model, or holds what cannot be read as one.
    ModelError
        The model is of none of these kinds.
    """
    if isinstance(model, HazardModel):
        parts = [_of_part(part, X, model.features) for part in model.parts]
        return ShapleyValues(*(np.concatenate(arrays, axis=1) for arrays in zip(*parts, strict=True)))
    return ShapleyValues(*_of_part(model, X, getattr(model, "features", ())))


def base_margins(model: FittedModel, X: pd.DataFrame) -> Floats:
    """(n, k) The `base` of `shapley_values`, without the values where they are not needed for it."""
    if TO_RENEWAL in model.features:  # then it is the same for every row
        return np.repeat(shapley_values(model, X.iloc[:1]).base, len(X), axis=0)
    return shapley_values(model, X).base


def _of_part(part: object, X: pd.DataFrame, names: tuple[str, ...]) -> tuple[Floats, Floats]:
    """phi (n, k, len(names)) and base (n, k) of one part."""
    if isinstance(part, BlendModel):
        (one, share), (other, rest) = ((_of_part(model, X, names), share) for model, share in part.shares)
        return share * one[0] + rest * other[0], share * one[1] + rest * other[1]
    if isinstance(part, BoostedModel):
        own, of_periods, base = _of_trees(part, X)
    elif isinstance(part, ClassifierModel):
        own, of_periods, base = classifier_values(part, X)
    elif isinstance(part, AdditiveModel):
        own, of_periods, base = _of_terms(part, X)
    else:
        raise ModelError(
            f"SHAP values: wanted an additive model or boosted trees, got {type(part).__name__}. "
            "Give it terms(X), mean_terms and intercept."
        )
    phi = np.zeros((len(X), base.shape[1], len(names)))
    place = {name: j for j, name in enumerate(names)}
    for j, name in enumerate(part.features):
        phi[:, :, place[name]] = own[:, :, j]
    if TO_RENEWAL in place:
        phi[:, :, place[TO_RENEWAL]] += of_periods
    else:
        base = base + of_periods
    return phi, base


def _of_terms(model: AdditiveModel, X: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    base = float(model.intercept)
    for mean in model.mean_terms.tolist():
        base += mean
    own = (model.terms(X) - model.mean_terms)[:, np.newaxis, :]
    if model.periods is None:
        return own, np.zeros((len(X), 1)), np.full((len(X), 1), base)
    mean_renewal = np.array(model.periods.mean_renewal)
    bases = base + np.array(model.periods.levels) + mean_renewal
    shape = (len(X), len(bases))
    return (
        np.broadcast_to(own, (*shape, own.shape[2])),
        np.asarray(model.periods.renewal(X) - mean_renewal),
        np.broadcast_to(bases, shape),
    )


def _of_trees(model: BoostedModel, X: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    from churnmodel.explanation.tree_kernel import contributions  # numba takes a while; other models need none

    found = contributions(model.trees, model.rows(X)).reshape(len(X), model.count, model.trees.columns)
    own = np.zeros((len(X), model.count, len(model.features)), dtype=np.float64)
    feature_of = model.encoding.feature_of
    for j, feature in enumerate(feature_of):
        own[:, :, feature] += found[:, :, j]
    of_periods = np.zeros((len(X), model.count))
    for j in range(len(feature_of), model.trees.columns):
        of_periods += found[:, :, j]
    return own, of_periods, np.full((len(X), model.count), model.trees.base)


def as_shap_explanation(
    values: ShapleyValues, X: pd.DataFrame, features: tuple[str, ...], period: int = 0
) -> shap.Explanation:
    """The values of one period as `shap.Explanation`, for its beeswarm, bar and waterfall plots.

    Imports shap (seconds).

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
        values=values.phi[:, period, :],
        base_values=values.base[:, period],
        data=colours.to_numpy(dtype=np.float64),
        display_data=shown.astype(object).to_numpy(),
        feature_names=list(features),
    )


def _colour(column: pd.Series[Any]) -> Floats:
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    codes = pd.Categorical(column).codes.astype(np.float64)
    return np.where(codes < 0, np.nan, codes)
