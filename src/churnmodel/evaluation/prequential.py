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

from churnmodel.models.calibration import IDENTITY, MIN_EVENTS_FOR_SLOPE, SLOPE_SD, Calibrator, fit_platt
from churnmodel.models.periods import NEAR_UP_TO
from churnmodel.models.risk_curve import RiskCurve

MIN_CHURNED_LEARNED = 20
MIN_SHARE_LEARNED = 0.5
OWN_SLOPE_SD = 0.5
"""Of a period's own slope: a model was fitted to all periods of a stretch together, so each may be further off."""
FACTS = ("account_id", "as_of", "model", "fold", "churned", "mrr", "mrr_lost", "renewable", "segment")


def margin_column(edge: int) -> str:
    """The column of predictions with a model's margins of the period that ends after `edge` days."""
    return f"margin_{edge}"


def risk_column(edge: int) -> str:
    """The column of predictions with the calibrated risk within `edge` days."""
    return f"risk_{edge}"


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Predictions of several folds and models in one frame, sorted by (model, as_of, account_id)."""
    if not parts:
        return pd.DataFrame(columns=list(FACTS))
    everything = pd.concat(parts, ignore_index=True)
    return everything.sort_values(["model", "as_of", "account_id"], ignore_index=True)


def matured_by(outcomes: pd.DataFrame, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The predictions of which some period's outcome is known, with the outcomes as further columns.

    Parameters
    ----------
    outcomes
        By snapshot, one column per edge: 1.0 left in the period, 0.0 stayed through it, NaN not known, as they
        stood at the moment of calibrating. What the predictions say of outcomes is not to be used: it may have
        been corrected since.
    """
    earlier = stacked(parts)
    place = outcomes.index.get_indexer(pd.MultiIndex.from_frame(earlier[["account_id", "as_of"]]))
    known = outcomes.reset_index(drop=True).reindex(place)
    told = (place >= 0) & known.notna().any(axis=1).to_numpy()
    named = known[told].set_axis([outcome_column(int(edge)) for edge in outcomes.columns.tolist()], axis=1)
    return earlier[told].join(named.set_index(earlier.index[told]))


def outcome_column(edge: int) -> str:
    """The column of `matured_by` that says what became of a row in the period that ends after `edge` days."""
    return f"left_by_{edge}"


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


def curve_of(predictions: pd.DataFrame, edges: tuple[int, ...], lead_days: int) -> RiskCurve:
    """The calibrated curve of one model, from `matured_by` predictions of its kind.

    In two steps: near periods (up to 90 days) share a calibrator, and so do far ones, for what a model overstates
    in the next month it mostly overstates in the month after; then each period has one of its own on top, for what
    tells of the next 30 days may tell little of the 30 after. Both are drawn to the identity where little is seen.
    """
    own: dict[int, Calibrator] = {}
    for group in ([e for e in edges if e <= NEAR_UP_TO], [e for e in edges if e > NEAR_UP_TO]):
        shared = calibrator_of(by_period(predictions, group), "left")
        for edge in group:
            rows = by_period(predictions, [edge])
            moved = rows.assign(margin=shared.margin(rows["margin"].to_numpy(dtype=np.float64)))
            own[edge] = shared.then(calibrator_of(moved, "left", OWN_SLOPE_SD))
    return RiskCurve(edges, tuple(own[edge] for edge in edges), lead_days)


def by_period(predictions: pd.DataFrame, edges: Sequence[int]) -> pd.DataFrame:
    """One row per prediction and period with a known outcome: account_id, fold, margin, left (bool)."""
    frames = [pd.DataFrame(columns=["account_id", "fold", "margin", "left"])]
    for edge in edges:
        margin, left = margin_column(edge), outcome_column(edge)
        if {margin, left} <= set(predictions):
            rows = predictions[predictions[[margin, left]].notna().all(axis=1)]
            part = rows[["account_id", "fold", margin, left]]
            frames.append(part.set_axis(["account_id", "fold", "margin", "left"], axis=1).assign(edge=edge))
    return pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)


def calibrator_of(predictions: pd.DataFrame, outcome: str, slope_sd: float = SLOPE_SD) -> Calibrator:
    """Platt scaling on out-of-time predictions of one model, with the outcomes in the column `outcome`.

    Evidence is counted in accounts: however many rows tell of one account's leaving, together they weigh as much
    as one, and rows of those who stay weigh as much as any. `fit_platt` holds that evidence against its prior, the
    identity.

    The identity where there are no predictions. Only the intercept is fitted (slope 1) where fewer than 50
    *accounts* churned or stayed; and where the model says one thing to everybody within each fold (a base rate):
    differences between folds say nothing about a slope.
    """
    if predictions.empty:
        return IDENTITY
    margin = predictions["margin"].to_numpy(dtype=np.float64)
    churned = predictions[outcome].to_numpy(dtype=bool)
    accounts = predictions["account_id"].to_numpy(dtype=object)
    left, stayed = len(set(accounts[churned])), len(set(accounts[~churned]))
    asked = [c for c in ("fold", "edge") if c in predictions]
    says_one_thing = bool((predictions.groupby(asked)["margin"].nunique() <= 1).all())
    return fit_platt(
        margin,
        churned,
        np.full(len(margin), left / max(1, int(churned.sum()))),
        with_slope=min(left, stayed) >= MIN_EVENTS_FOR_SLOPE and not says_one_thing,
        slope_sd=slope_sd,
    )
