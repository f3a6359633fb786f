"""Why does a classifier of others say what it says? (shap's explainers, on the log-odds)

* A class with `coef_` whose log-odds are a straight line: `shap.LinearExplainer`, exact.
* Trees that shap knows: `shap.TreeExplainer`. Where it explains a probability (forests), the values are carried to
  log-odds along the straight path, ``phi * (m - m0) / (p - p0)``: the inverse of `churnmodel.explanation.points`.
* Anything else: `shap.PermutationExplainer` against `BACKGROUND` training rows, one pair of orders per row. Its
  values depend on the orders drawn (seeded), their sum does not.

All keep ``sum(phi) + base == margin`` to rounding; `residual` tells by how much they miss it.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from churnmodel.models.any_classifier import SURE, ClassifierModel

Floats = NDArray[np.float64]
BACKGROUND = 50
"""Training rows a model of unknown kind is asked about beside each row."""
STRAIGHT = 1e-6


def classifier_values(model: ClassifierModel, X: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Values of the input features (n, k, f), of what periods add (n, k), and the base (n, k), on the log-odds.

    Imports shap (seconds).
    """
    rows = model.columns(X)
    k = 1 if model.stretch is None else model.stretch.count
    phi, base = _of_rows(model, rows, model.log_odds(rows)) if len(rows) else (np.zeros(rows.shape), np.zeros(0))
    own, of_periods = np.zeros((len(rows), len(model.features))), np.zeros(len(rows))
    feature_of = model.encoding.feature_of
    for place in range(rows.shape[1]):
        column = model.prepare.column_of(place)
        if column < len(feature_of):
            own[:, feature_of[column]] += phi[:, place]
        else:
            of_periods += phi[:, place]
    n = len(X)
    return own.reshape(n, k, len(model.features)), of_periods.reshape(n, k), base.reshape(n, k)


def residual(phi: Floats, base: Floats, margins: Floats) -> float:
    """The largest distance between ``phi.sum(axis=2) + base`` and the model's margins; 0.0 without rows."""
    return float(np.abs(phi.sum(axis=2) + base - margins).max()) if margins.size else 0.0


def _of_rows(model: ClassifierModel, rows: Floats, margins: Floats) -> tuple[Floats, Floats]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap tells of columns without names, and of sums it is about to check
        for explained in (_linear, _trees):
            found = explained(model, rows, margins)
            if found is not None:
                return found
        return _permuted(model, rows)


def _linear(model: ClassifierModel, rows: Floats, margins: Floats) -> tuple[Floats, Floats] | None:
    coef, intercept = getattr(model.classifier, "coef_", None), getattr(model.classifier, "intercept_", 0.0)
    if coef is None or np.shape(coef) != (1, rows.shape[1]):
        return None
    weights, start = np.asarray(coef, dtype=np.float64)[0], float(np.ravel(intercept)[0])
    if not np.allclose(logit(np.clip(expit(rows @ weights + start), SURE, 1 - SURE)), margins, atol=STRAIGHT):
        return None  # a class that bends its straight line before it is a probability
    import shap

    # for a straight line the mean row says as much as all rows, and cannot be subsampled
    explainer = shap.LinearExplainer((weights, start), shap.maskers.Independent(model.mean[np.newaxis, :]))
    base = float(model.mean @ weights + start)
    return np.asarray(explainer.shap_values(rows), dtype=np.float64), np.full(len(rows), base)


def _trees(model: ClassifierModel, rows: Floats, margins: Floats) -> tuple[Floats, Floats] | None:
    import shap

    try:
        explainer = shap.TreeExplainer(model.classifier)
        said: Any = explainer(rows, check_additivity=False)
    except Exception:  # shap says in many ways that it does not know a class
        return None
    values, base = np.asarray(said.values, dtype=np.float64), np.asarray(said.base_values, dtype=np.float64)
    if values.ndim == 3:  # one set per class
        values, base = values[:, :, 1], base[:, 1] if base.ndim == 2 else base
    base = np.broadcast_to(base.reshape(-1), len(rows)).copy() if base.size in (1, len(rows)) else base
    total = values.sum(axis=1) + base
    if np.allclose(total, margins, atol=STRAIGHT):
        return values, base
    if not np.allclose(total, expit(margins), atol=STRAIGHT + SURE):
        return None
    at = logit(np.clip(base, SURE, 1 - SURE))
    moved = values.sum(axis=1)
    slope = 1.0 / np.maximum(base * (1.0 - base), SURE)  # of log-odds where nothing moved
    share = np.divide(margins - at, moved, out=slope, where=np.abs(moved) > 1e-9)
    return values * share[:, np.newaxis], np.asarray(at, dtype=np.float64)


def _permuted(model: ClassifierModel, rows: Floats) -> tuple[Floats, Floats]:
    import shap

    places = np.unique(np.linspace(0, len(model.background) - 1, BACKGROUND).astype(np.int64))
    masker = shap.maskers.Independent(model.background[places], max_samples=len(places))
    explainer = shap.PermutationExplainer(model.log_odds, masker, seed=0)
    said = explainer(rows, max_evals=2 * rows.shape[1] + 1, silent=True)
    base = np.broadcast_to(np.asarray(said.base_values, dtype=np.float64).reshape(-1), len(rows))
    return np.asarray(said.values, dtype=np.float64), np.array(base)
