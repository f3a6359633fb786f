from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.features.feature import Feature, RaisesRisk, Unit, Wording
from churnmodel.models.fitted import FittedModel
from churnmodel.models.spec import ModelSpec, fit_model

MODELS = Path(__file__).resolve().parents[2] / "models"
PLANS = ["pro", "team", "free", None]
RULES = [
    {"feature": "usage_change_28d", "worst": -0.5, "best": 0.1, "weight": 3},
    {"feature": "overdue_count", "worst": 3, "best": 0},
    {"feature": "nps_latest", "worst": 3, "best": 9, "weight": 2},
]
SPECS = {
    "base_rate": ModelSpec("base_rate", "Base rate", "base_rate"),
    "scorecard": ModelSpec("scorecard", "Scorecard", "scorecard", {"rules": RULES}),
    "logistic": ModelSpec("logistic", "Logistic", "logistic"),
    "lightgbm": ModelSpec("lightgbm", "Trees", "lightgbm", {"trees": 60}),
    "blend": ModelSpec("blend", "Blend", "blend", {"share_of_trees": 0.25, "lightgbm": {"trees": 60}}),
}


def feature(name: str, unit: Unit = "count", raises_risk: RaisesRisk = "either") -> Feature:
    return Feature(name, "usage", name, f"{name}.", unit, Wording("text", "unknown"), raises_risk=raises_risk)


FEATURES = (
    feature("usage_change_28d", "change", "low"),
    feature("overdue_count", "count", "high"),
    feature("nps_latest", "score", "low"),
    feature("seats"),
    feature("plan", "category"),
    feature("always_seven"),
    feature("never_known"),
)


@dataclass(frozen=True)
class Company:
    """Accounts seen on several dates, and who left."""

    X: pd.DataFrame
    churned: np.ndarray
    features: tuple[Feature, ...] = FEATURES

    def fit(self, estimator: str, seed: int = 1, threads: int = 1, order: np.ndarray | None = None) -> FittedModel:
        rows = np.arange(len(self.X)) if order is None else order
        return fit_model(
            SPECS[estimator], self.X.iloc[rows], self.churned[rows], self.features, seed=seed, threads=threads
        )


def make_company(n_accounts: int, n_dates: int = 4, seed: int = 0) -> Company:
    draw = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-01", periods=n_dates, freq="28D", unit="us")
    index = pd.MultiIndex.from_product(
        [dates, [f"a{i:05d}" for i in range(n_accounts)]], names=["as_of", "account_id"]
    ).swaplevel()
    n = len(index)
    nps = draw.integers(0, 11, n).astype(float)
    X = pd.DataFrame(
        {
            "usage_change_28d": draw.normal(0, 0.4, n),
            "overdue_count": draw.poisson(0.3, n).astype(float),
            "nps_latest": np.where(draw.random(n) < 0.4, np.nan, nps),
            "seats": np.round(draw.lognormal(3, 1, n)),
            "plan": draw.choice(
                np.array(["pro", "team", "free", None], dtype=object), n, p=[0.5, 0.3, 0.15, 0.05]
            ),
            "always_seven": 7.0,
            "never_known": np.nan,
        },
        index=index,
    )
    logit = -1.5 - 3 * X["usage_change_28d"] + X["overdue_count"] + 0.8 * (X["plan"] == "free")
    logit -= 0.2 * (X["nps_latest"].fillna(6) - 6)
    churned = draw.random(n) < 1 / (1 + np.exp(-logit.to_numpy()))
    return Company(X, churned)


@pytest.fixture(scope="session")
def company() -> Company:
    return make_company(300)


@pytest.fixture(scope="session")
def book() -> pd.DataFrame:
    """5,000 rows no model trained on."""
    return make_company(1250, seed=9).X


@pytest.fixture(scope="session")
def fitted(company: Company) -> dict[str, FittedModel]:
    return {name: company.fit(name) for name in SPECS}
