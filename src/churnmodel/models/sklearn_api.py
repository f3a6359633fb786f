"""How do our models work inside scikit-learn? (as estimators: grid search, cross-validation, pipelines)

`ChurnLogistic`, `ChurnBoosted` and `ChurnBlend` fit the models of `churnmodel train` to numbers (arrays or frames,
NaN for unknown) and one outcome per row. They know nothing of accounts, days or periods: for those there is
`churnmodel.evaluation.backtest`, whose folds no cross-validation can replace.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from churnmodel.errors import ChurnmodelError
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.blend import BlendSettings, fit_blend
from churnmodel.models.boosted import BoostedSettings, fit_boosted
from churnmodel.models.fitted import Estimator
from churnmodel.models.logistic import LogisticSettings, fit_logistic
from churnmodel.models.training_rows import TrainingRows, training_rows

Floats = NDArray[np.float64]
LARGEST_COUNT = 1_000_000
"""Whole weights that sum to more are taken as weights, and rows are not repeated."""


class _Churn(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What the three have in common.

    Attributes
    ----------
    classes_
        The two labels, sorted; the second is what `decision_function` speaks of.
    model_
        The fitted model.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.
    """

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to rows X (n, f) and two labels y (n,).

        The order of rows changes no bit of the model. Whole `sample_weight` are counts: a row of weight 2 is the
        same row twice, one of weight 0 is not there. Of others only the ratios count.

        Raises
        ------
        ValueError
            X or y cannot be read, y has other than two labels, or a parameter is impossible.
        """
        numbers, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        if (kind := type_of_target(y, input_name="y", raise_unknown=True)) != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        weights = _check_sample_weight(sample_weight, numbers, dtype=np.float64, ensure_non_negative=True)
        rows, labels, weights = _expanded(np.asarray(numbers), np.asarray(y), weights)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            one = self.classes_.tolist()
            raise ValueError(
                f"{type(self).__name__}: wanted rows of two classes to learn from, got one class: {one}."
            )
        order = np.lexsort((weights, codes, *rows.T[::-1]))
        frame = pd.DataFrame(rows[order], columns=_names(rows.shape[1]))
        try:
            told = training_rows(frame, codes[order] == 1, weights[order])
            self.model_ = self._fitted(told, _features(rows.shape[1]))
        except ChurnmodelError as cause:
            raise ValueError(str(cause)) from cause
        return self

    @abstractmethod
    def _fitted(self, rows: TrainingRows, features: list[Feature]) -> Estimator:
        """The model of checked rows."""

    def decision_function(self, X: ArrayLike) -> Floats:
        """(n,) Log-odds of the second class: the same bits for a row alone and in any batch."""
        check_is_fitted(self)
        numbers = np.asarray(validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False))
        return self.model_.margin(pd.DataFrame(numbers, columns=_names(numbers.shape[1])))

    def predict_proba(self, X: ArrayLike) -> Floats:
        """(n, 2) Probability of each class."""
        risk = np.asarray(expit(self.decision_function(X)), dtype=np.float64)
        return np.stack([1.0 - risk, risk], axis=1)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """(n,) The likelier class of each row."""
        likelier = (self.decision_function(X) > 0).astype(np.int64)
        found: NDArray[Any] = self.classes_[likelier]
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags


class ChurnLogistic(_Churn):
    """The shrunk logistic regression with bent lines; parameters as in `models.logistic.LogisticSettings`.

    >>> X = np.arange(40.0).reshape(-1, 1)
    >>> model = ChurnLogistic().fit(X, np.repeat(["stays", "leaves"], 20))
    >>> model.predict([[2.0], [37.0]]).tolist()
    ['stays', 'leaves']
    """

    def __init__(
        self,
        prior_sd: float = 1.0,
        few_churners_factor: float = 0.5,
        hinges: int = 9,
        min_distinct: int = 10,
        max_iterations: int = 2000,
    ) -> None:
        self.prior_sd = prior_sd
        self.few_churners_factor = few_churners_factor
        self.hinges = hinges
        self.min_distinct = min_distinct
        self.max_iterations = max_iterations

    def _fitted(self, rows: TrainingRows, features: list[Feature]) -> Estimator:
        return fit_logistic(rows, features, LogisticSettings(**self.get_params()), least=1)


class ChurnBoosted(_Churn):
    """Small boosted trees (LightGBM); parameters as in `models.boosted.BoostedSettings`."""

    def __init__(
        self,
        trees: int = 250,
        leaves: int = 3,
        rate: float = 0.03,
        row_share: float = 0.7,
        column_share: float = 0.5,
        min_rows_in_leaf: int = 20,
        l2: float = 1.0,
        max_bins: int = 255,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.trees = trees
        self.leaves = leaves
        self.rate = rate
        self.row_share = row_share
        self.column_share = column_share
        self.min_rows_in_leaf = min_rows_in_leaf
        self.l2 = l2
        self.max_bins = max_bins
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fitted(self, rows: TrainingRows, features: list[Feature]) -> Estimator:
        own = {k: v for k, v in self.get_params().items() if k not in ("random_state", "n_jobs")}
        settings, seed = BoostedSettings(**own), _seed(self.random_state)
        return fit_boosted(rows, features, settings, seed=seed, threads=self.n_jobs, least=1)


class ChurnBlend(_Churn):
    """A logistic regression and boosted trees, blended in log-odds.

    Parameters
    ----------
    share_of_trees
        0 would be the logistic alone, 1 the trees alone.
    prior_sd, hinges
        Of the logistic.
    trees, leaves, rate, min_rows_in_leaf
        Of the trees.
    random_state, n_jobs
        Of the trees, which draw rows and columns.
    """

    def __init__(
        self,
        share_of_trees: float = 0.5,
        prior_sd: float = 1.0,
        hinges: int = 9,
        trees: int = 250,
        leaves: int = 3,
        rate: float = 0.03,
        min_rows_in_leaf: int = 20,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.share_of_trees = share_of_trees
        self.prior_sd = prior_sd
        self.hinges = hinges
        self.trees = trees
        self.leaves = leaves
        self.rate = rate
        self.min_rows_in_leaf = min_rows_in_leaf
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fitted(self, rows: TrainingRows, features: list[Feature]) -> Estimator:
        seed, jobs = _seed(self.random_state), self.n_jobs
        settings = BlendSettings(
            self.share_of_trees,
            LogisticSettings(prior_sd=self.prior_sd, hinges=self.hinges),
            BoostedSettings(self.trees, self.leaves, self.rate, min_rows_in_leaf=self.min_rows_in_leaf),
        )
        return fit_blend(
            settings,
            lambda linear: fit_logistic(rows, features, linear, least=1),
            lambda trees: fit_boosted(rows, features, trees, seed=seed, threads=jobs, least=1),
        )


def _seed(random_state: Any) -> int:
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def _expanded(X: Floats, y: NDArray[Any], weights: Floats) -> tuple[Floats, NDArray[Any], Floats]:
    """Rows repeated as often as their whole weights say; else those of any weight, with their weights."""
    counts = np.floor(weights)
    if np.array_equal(counts, weights) and 0 < weights.sum() <= max(LARGEST_COUNT, len(X)):
        repeated = np.repeat(np.arange(len(X)), counts.astype(np.int64))
        return X[repeated], y[repeated], np.ones(len(repeated))
    kept = weights > 0
    return X[kept], y[kept], weights[kept]


def _names(count: int) -> list[str]:
    return [f"x{j}" for j in range(count)]


def _features(count: int) -> list[Feature]:
    return [
        Feature(name, "column", name, f"Column {name}.", "number", Wording(f"{{{name}:n}}", "not known"))
        for name in _names(count)
    ]
