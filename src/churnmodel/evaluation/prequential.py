"""Which earlier predictions may calibrate a fold?

Those whose outcome was known before the fold's cutoff, with the outcome as it was known then: the risk of a
fold depends on nothing that came later, calibration included. And of those only what a *comparable* model said,
one that had learned from at least half as many churned accounts. The first folds of a history learn from a
few accounts and from part of a contract cycle; they are far off in a way that later models are not, and
correcting later models by that error makes them worse. Where nothing is comparable, risks stay as the model
said them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from churnmodel.models.calibration import IDENTITY, MIN_EVENTS_FOR_SLOPE, Calibrator, fit_platt

MIN_CHURNED_LEARNED = 20
MIN_SHARE_LEARNED = 0.5
PREDICTION_COLUMNS = (
    *("account_id", "as_of", "model", "fold", "margin", "risk"),
    *("churned", "mrr", "mrr_lost", "renewable", "segment"),
)


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Predictions of several folds and models in one frame, sorted by (model, as_of, account_id)."""
    if not parts:
        return pd.DataFrame(columns=list(PREDICTION_COLUMNS))
    everything = pd.concat(parts, ignore_index=True)
    return everything.sort_values(["model", "as_of", "account_id"], ignore_index=True)


def matured_by(known: pd.Series[bool], parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The predictions whose outcome is among the `known` (by snapshot), with that outcome as `known`.

    Their column `churned`, read from the whole database, is not to be used: it may have been corrected since.
    """
    earlier = stacked(parts)
    keys = pd.MultiIndex.from_frame(earlier[["account_id", "as_of"]])
    place = known.index.get_indexer(keys)
    matured = earlier[place >= 0].copy()
    matured["known"] = known.to_numpy(dtype=bool)[place[place >= 0]]
    return matured


def churned_accounts(churned: pd.Series[bool]) -> int:
    """How many accounts churned in at least one snapshot: an account's many snapshots are one event.

    >>> index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["account_id", "as_of"])
    >>> churned_accounts(pd.Series([True, True, False, False], index=index))
    1
    """
    return int(churned.index.get_level_values("account_id")[churned.to_numpy(dtype=bool)].nunique())


def comparable(predictions: pd.DataFrame, learned: Mapping[int, int], churned: int) -> pd.DataFrame:
    """The predictions of models that had learned nearly as much as one that learns from `churned` accounts.

    Parameters
    ----------
    predictions
        Of earlier folds; the column `fold` is read.
    learned
        Fold -> how many churned accounts its models learned from.
    churned
        The same of the model to be calibrated. Half of it is enough, and 20 is the least: under that a model's
        level is off by a fifth of itself and more by chance alone.
    """
    enough = max(MIN_CHURNED_LEARNED, MIN_SHARE_LEARNED * churned)
    folds = [fold for fold, accounts in learned.items() if accounts >= enough]
    return predictions[predictions["fold"].isin(folds)]


def calibrator_of(predictions: pd.DataFrame, outcome: str) -> Calibrator:
    """Platt scaling on out-of-time predictions of one model, with the outcomes in the column `outcome`.

    Evidence is counted in accounts: all snapshots together weigh as much as there are distinct accounts, for an
    account's snapshots mostly share one outcome. `fit_platt` holds that evidence against its prior, the identity.

    The identity where there are no predictions. Only the intercept is fitted (slope 1) where fewer than 50
    *accounts* churned or stayed; and where the model says one thing to everybody within each fold (a base rate):
    differences between folds say nothing about a slope.
    """
    if predictions.empty:
        return IDENTITY
    margin = predictions["margin"].to_numpy(dtype=np.float64)
    churned = predictions[outcome].to_numpy(dtype=bool)
    accounts = predictions["account_id"].to_numpy(dtype=object)
    events = min(len(set(accounts[churned])), len(set(accounts[~churned])))
    says_one_thing = bool((predictions.groupby("fold")["margin"].nunique() <= 1).all())
    return fit_platt(
        margin,
        churned,
        np.full(len(margin), len(set(accounts)) / len(margin)),
        with_slope=events >= MIN_EVENTS_FOR_SLOPE and not says_one_thing,
    )
