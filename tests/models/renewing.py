"""A company whose hazards are known: who leaves in which period, and how much of it has been seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit

from churnmodel.features.feature import Feature
from churnmodel.models.hazard import HazardModel
from churnmodel.models.periods import EDGES, renewals
from churnmodel.models.spec import ModelSpec, fit_model

from .conftest import SPECS, feature

LEVELS = np.array([-4.0, -3.6, -3.4, -2.6, -2.0])
FEATURES = (
    feature("usage_change_28d", "change", "low"),
    feature("overdue_count", "count", "high"),
    feature("nps_latest", "score", "low"),
    feature("plan", "category"),
    feature("days_to_renewal", "days"),
    feature("term_months", "months"),
    feature("billing_period", "category"),
)


@dataclass(frozen=True)
class Renewing:
    """Snapshots, their true hazards (n, 5), and outcomes per period as far as they are known (n, 5)."""

    X: pd.DataFrame
    hazards: np.ndarray
    outcomes: np.ndarray

    def take(self, rows: np.ndarray) -> Renewing:
        return Renewing(self.X.iloc[rows], self.hazards[rows], self.outcomes[rows])

    def telling(self, outcomes: np.ndarray) -> Renewing:
        """The same accounts with other outcomes."""
        return replace(self, outcomes=outcomes)

    def fit(
        self,
        estimator: str | ModelSpec,
        threads: int = 1,
        seed: int = 1,
        weights: np.ndarray | None = None,
        features: tuple[Feature, ...] = FEATURES,
        lead_days: int = 0,
    ) -> HazardModel:
        spec = SPECS[estimator] if isinstance(estimator, str) else estimator
        more = {"edges": EDGES, "lead_days": lead_days, "weights": weights}
        model = fit_model(spec, self.X, self.outcomes, features, seed=seed, threads=threads, **more)
        assert isinstance(model, HazardModel)
        return model


def make_renewing(n_accounts: int, n_dates: int = 1, seed: int = 0) -> Renewing:
    """Fading usage and a long term's end make accounts leave; each was seen through 1 to 5 periods."""
    draw = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-01", periods=n_dates, freq="28D", unit="us")
    names = [f"a{i:05d}" for i in range(n_accounts)]
    index = pd.MultiIndex.from_product([dates, names], names=["as_of", "account_id"]).swaplevel()
    n = len(index)
    term = draw.choice([1.0, 12.0, 24.0, np.nan], n, p=[0.3, 0.5, 0.1, 0.1])
    ahead = np.floor(draw.random(n) * np.nan_to_num(term, nan=12.0) * 30)
    X = pd.DataFrame(
        {
            "usage_change_28d": draw.normal(0, 0.4, n),
            "overdue_count": draw.poisson(0.3, n).astype(float),
            "nps_latest": np.where(draw.random(n) < 0.4, np.nan, draw.integers(0, 11, n)),
            "plan": draw.choice(np.array(["pro", "team", None], dtype=object), n),
            "days_to_renewal": np.where(draw.random(n) < 0.1, np.nan, ahead),
            "term_months": term,
            "billing_period": draw.choice(np.array(["monthly", "annual", None], dtype=object), n),
        },
        index=index,
    )
    where = renewals(X, EDGES)
    own = -2.0 * X["usage_change_28d"] + 0.5 * X["overdue_count"]
    hazards = expit(own.to_numpy()[:, np.newaxis] + LEVELS + 2.0 * where.long + 0.5 * where.short)
    left = draw.random((n, len(EDGES))) < hazards
    gone_before = np.cumsum(left, axis=1) - left > 0
    seen = np.arange(len(EDGES)) < draw.integers(1, len(EDGES) + 1, n)[:, np.newaxis]
    return Renewing(X, hazards, np.where(seen & ~gone_before, left.astype(float), np.nan))
