"""Of how much is a model of few churners certain? (the interval for a small book)

A backtest of a small book judges models that had even less to learn from than the one that goes to work: what it
finds is too low, and its interval is about them. So the model is also judged *across accounts*: learned from four
fifths of the accounts, asked about the rest, five times. That sees nothing of how the world moves on. The truth
about the model at work lies between the two views, and the interval that is told spans both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import TooFewChurners
from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.shared import shared_rows
from churnmodel.features.feature import Feature
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

PARTS = 5
DRAWS = 300


@dataclass(frozen=True)
class Span:
    """The AUROC of a model of few churners, as far as it can be told.

    Parameters
    ----------
    churned_accounts
        Accounts that churned among those it could be judged on, across accounts.
    low, high
        The ends of the interval: the lower of the two views' lower ends, the higher of their upper ends.
    forward, across
        (value, low, high) forward in time, and across accounts.
    """

    churned_accounts: int
    low: float
    high: float
    forward: tuple[float, float, float]
    across: tuple[float, float, float]

    def __str__(self) -> str:
        """One sentence.

        >>> print(Span(34, 0.61, 0.83, (0.68, 0.61, 0.74), (0.77, 0.7, 0.83)))
        34 churners, AUROC .61-.83 (forward in time .68, across accounts .77)
        """
        low, high, forward, across = (
            f"{v:.2f}".removeprefix("0") for v in (self.low, self.high, self.forward[0], self.across[0])
        )
        return (
            f"{self.churned_accounts} churners, AUROC {low}-{high} (forward in time {forward}, across accounts "
            f"{across})"
        )


def across_accounts(
    spec: ModelSpec,
    X: pd.DataFrame,
    outcomes: pd.DataFrame,
    features: Sequence[Feature],
    horizon_days: int,
    *,
    lead_days: int = 0,
    parts: int = PARTS,
    seed: int = 0,
    threads: int = 1,
) -> pd.Series:
    """The risk within `horizon_days` of every snapshot, by a model that saw nothing of its account.

    Parameters
    ----------
    X
        Features by snapshot, of at least the rows of `outcomes`.
    outcomes
        As `evaluation.replayed.known_outcomes`: a column per edge.
    parts
        Into how many parts the accounts are dealt; accounts that churned are dealt evenly.

    Raises
    ------
    TooFewChurners
        Where the accounts of some part leave too few churners to learn from.
    """
    accounts = outcomes.index.get_level_values("account_id")
    left = outcomes.eq(1.0).any(axis=1).groupby(accounts).any()
    part_of = _dealt(left, parts, seed)
    of_row = part_of.reindex(accounts).to_numpy()
    edges = tuple(int(edge) for edge in outcomes.columns)
    said = pd.Series(np.nan, index=outcomes.index, name="risk")
    for part in range(parts):
        out = of_row == part
        if not out.any():
            continue
        model = fit_model(
            spec,
            X.loc[outcomes.index[~out]],
            outcomes.to_numpy(dtype=np.float64)[~out],
            features,
            seed=seed,
            threads=threads,
            edges=edges,
            lead_days=lead_days,
        )
        margins = model.margins(X.loc[outcomes.index[out]])
        within = edges[: margins.shape[1]]
        if horizon_days not in within:
            raise TooFewChurners(f"no outcome within {horizon_days} days is known for four fifths of the accounts")
        said[out] = uncalibrated(within, lead_days).risks(margins)[:, within.index(horizon_days)]
    return said


def small_book_span(
    backtest: Backtest,
    spec: ModelSpec,
    X: pd.DataFrame,
    outcomes: pd.DataFrame,
    features: Sequence[Feature],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    threads: int = 1,
) -> Span | None:
    """The span of a backtested model; None where it has no predictions, or there are too few accounts to tell.

    Too few: those that churned cannot be dealt, or one of the two views has no figure, or neither an interval.

    Parameters
    ----------
    X, outcomes, features
        What the model that goes to work is fitted on.
    """
    rows = shared_rows(backtest)
    if spec.name not in rows.risks:
        return None
    horizon = backtest.window.horizon_days
    judged = rows.judged(spec.name)
    drawn = bootstrap(judged, draw_accounts(rows.account_ids, draws, seed), ["auroc"])["auroc"]
    forward = (float(figures(judged, names=["auroc"])["auroc"][0]), *percentile_interval(drawn))
    try:
        said = across_accounts(
            spec, X, outcomes, features, horizon, lead_days=backtest.window.lead_days, seed=seed, threads=threads
        )
    except TooFewChurners:
        return None
    span = span_of(forward, said, churned_by(outcomes, horizon), draws=draws, seed=seed)
    return span if np.isfinite([span.low, span.high, span.forward[0], span.across[0]]).all() else None


def churned_by(outcomes: pd.DataFrame, horizon_days: int) -> NDArray[np.float64]:
    """(n,) Whether service ended within a horizon that is one of the edges: 1.0, 0.0, or NaN where not known.

    >>> churned_by(pd.DataFrame({30: [0.0, 1.0, 0.0], 90: [0.0, np.nan, np.nan]}), 90).tolist()
    [0.0, 1.0, nan]
    """
    near = outcomes[[edge for edge in outcomes.columns if int(edge) <= horizon_days]].to_numpy(dtype=np.float64)
    left = (near == 1.0).any(axis=1)
    return np.where(left, 1.0, np.where(near[:, -1] == 0.0, 0.0, np.nan))


def span_of(
    forward: tuple[float, float, float],
    risk: pd.Series,
    churned: NDArray[np.float64],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Span:
    """Both views as one interval.

    Parameters
    ----------
    forward
        AUROC, low, high of the backtest.
    risk
        From `across_accounts`.
    churned
        (n,) 1.0, 0.0, or NaN where the outcome within the horizon is not known.
    """
    known = ~np.isnan(churned)
    accounts = risk.index.get_level_values("account_id").to_numpy(dtype=object)[known]
    rows = Judged.of(churned[known].astype(bool), risk.to_numpy(dtype=np.float64)[known])
    value = float(figures(rows, names=["auroc"])["auroc"][0])
    drawn = bootstrap(rows, draw_accounts(accounts, draws, seed), ["auroc"])["auroc"]
    across = (value, *percentile_interval(drawn))
    told = [view for view in (forward, across) if np.isfinite(view).all()]
    return Span(
        churned_accounts=len(set(accounts[rows.churned])),
        low=min((view[1] for view in told), default=float("nan")),
        high=max((view[2] for view in told), default=float("nan")),
        forward=forward,
        across=across,
    )


def _dealt(left: pd.Series, parts: int, seed: int) -> pd.Series:
    """Account -> part: leavers and stayers are shuffled apart, and dealt one after the other."""
    rng = np.random.default_rng(seed)
    order = [rng.permutation(np.sort(left.index[left.to_numpy() == kind].to_numpy())) for kind in (True, False)]
    dealt = np.concatenate(order)
    return pd.Series(np.arange(len(dealt)) % parts, index=dealt)
