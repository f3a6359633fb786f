"""Which rows is a model fitted on, and in which order?

Sorted by snapshot, so that shuffled input gives the same model to the last bit, and checked once for every
estimator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from churnmodel.errors import ModelError, TooFewChurners


@dataclass(frozen=True)
class TrainingRows:
    """Rows to fit on, sorted by (as_of, account_id).

    Parameters
    ----------
    X
        (n, f) features.
    outcomes
        (n, k) per period 1.0 where service ended in it, 0.0 where it lasted through it, NaN where that is not
        known or service had ended before. One outcome per row is one period.
    weights
        (n,) sample weights, scaled to a mean of 1.
    """

    X: pd.DataFrame
    outcomes: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n, k) Which outcomes there are to learn from."""
        return ~np.isnan(self.outcomes)

    @property
    def churned(self) -> NDArray[np.bool_]:
        """(n,) Whether service ended in any period."""
        return np.asarray((self.outcomes == 1.0).any(axis=1))

    @property
    def n_accounts(self) -> int:
        """Distinct accounts among the rows (rows, where the index names no account)."""
        return _distinct_accounts(self.X.index)

    @property
    def votes(self) -> NDArray[np.float64]:
        """(n,) Weights under which an account that leaves is one lesson, however many rows tell of it.

        Snapshots of one account repeat one story, and each of its periods is seen from several of them; counted
        in full they would outvote any penalty. Rows of those who stay weigh as much as any.
        """
        events = int((self.outcomes == 1.0).sum())
        if events == 0:
            return self.weights * (self.n_accounts / len(self.X))
        return self.weights * (self.churners / events)

    @property
    def churners(self) -> int:
        """Distinct accounts with a churned row: twelve snapshots of one leaver are one lesson."""
        return _distinct_accounts(self.X.index[self.churned])

    @property
    def stayers(self) -> int:
        """Distinct accounts with a row that did not churn."""
        return _distinct_accounts(self.X.index[~self.churned])

    def require(self, least: int, what: str, advice: str) -> None:
        """Raise TooFewChurners unless at least `least` accounts churned and as many stayed."""
        for found, did in ((self.churners, "churned"), (self.stayers, "stayed")):
            if found < least:
                raise TooFewChurners(
                    f"{what}: wanted at least {least} accounts that {did} to learn from, found {found} "
                    f"in {len(self.X)} snapshots. {advice}"
                )


def training_rows(X: pd.DataFrame, churned: ArrayLike, weights: ArrayLike | None = None) -> TrainingRows:
    """Rows checked and sorted by their index, last level first: by as_of, then by account.

    Parameters
    ----------
    churned
        (n,) outcomes, none missing; or (n, k), one per period, where the known ones of a row come first.

    Raises
    ------
    ModelError
        No rows; lengths differ; an outcome is missing, or told of a period before which the account had left
        or nothing is known; a snapshot comes twice; a weight is negative, not finite, or all are 0.

    >>> X = pd.DataFrame({"seats": [1.0, 2.0]}, index=[7, 3])
    >>> training_rows(X, [True, False]).churned
    array([False,  True])
    """
    outcomes = np.asarray(churned)
    by_period = outcomes.ndim == 2
    w = np.ones(len(X)) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(X) == 0:
        raise ModelError("no training rows. Give earlier as_of dates, or a shorter horizon so that labels mature.")
    if outcomes.shape[:1] != (len(X),) or outcomes.ndim > 2 or w.shape != (len(X),):
        raise ModelError(
            f"wanted one outcome and one weight per row of X ({len(X)}), got shapes {outcomes.shape} and "
            f"{w.shape}. Align them on the snapshot index."
        )
    missing = pd.isna(outcomes)
    if unknown := int((missing[:, 0] if by_period else missing).sum()):
        raise ModelError(f"{unknown} of {len(X)} outcomes are missing (not matured). Drop those rows.")
    if not np.isin(outcomes[~missing], (False, True)).all():
        raise ModelError("outcomes must be true (churned) or false (stayed).")
    if by_period and (untrue := int((~missing[:, 1:] & (outcomes[:, :-1] != 0)).any(axis=1).sum())):
        raise ModelError(
            f"{untrue} of {len(X)} rows tell of a period that the account was not known to begin in service. Make "
            "outcomes with churnmodel.models.periods.outcomes_by_period."
        )
    if not (np.isfinite(w).all() and (w >= 0).all() and w.sum() > 0):
        raise ModelError("sample weights must be finite, at least 0 and not all 0.")
    if doubled := int(X.index.duplicated().sum()):
        raise ModelError(f"{doubled} of {len(X)} training rows repeat a snapshot. Keep one row per snapshot.")
    levels = {str(k): X.index.get_level_values(k) for k in reversed(range(X.index.nlevels))}
    order = pd.DataFrame(levels).sort_values(list(levels), kind="stable").index.to_numpy()
    w = w[order]
    told = np.asarray(outcomes, dtype=np.float64)[order].reshape(len(X), -1)
    return TrainingRows(X.iloc[order], told, w / (w.sum() / len(w)))


def _distinct_accounts(index: pd.Index) -> int:
    return int(index.get_level_values("account_id").nunique()) if "account_id" in index.names else len(index)
