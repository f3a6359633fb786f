"""A small company on which models are fitted to be explained: one story, told by three features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.features.feature import Feature, Wording
from churnmodel.models.boosted import BoostedModel
from churnmodel.models.calibration import Calibrator, fit_platt
from churnmodel.models.fitted import AdditiveModel, FittedModel
from churnmodel.models.spec import ModelSpec, fit_model

UNKNOWN = float("nan")

USERS = Feature(
    "active_users_28d", "usage", "active users", "Distinct users.", "count",
    Wording(
        "{active_users_28d:n user} active in the last 28 days[, {active_users_previous_28d:from n} before]",
        unknown="active users are not known",
        zero="nobody was active in the last 28 days",
    ),
    raises_risk="low",
)  # fmt: skip
USERS_CHANGE = Feature(
    "active_users_change_28d", "usage", "active users", "Relative change.", "change",
    Wording(
        "active users as many as before",
        unknown="the change of active users is not known",
        rise="active users up {active_users_change_28d:change}",
        fall="active users down {active_users_change_28d:change}",
    ),
    raises_risk="low",
)  # fmt: skip
OVERDUE = Feature(
    "overdue_amount", "financial", "overdue invoices", "Sum overdue.", "money",
    Wording(
        "{overdue_amount:money} overdue", unknown="overdue invoices are not known", zero="nothing overdue"
    ),
    raises_risk="high",
)  # fmt: skip
PLAN = Feature(
    "plan", "financial", "plan", "Plan name.", "category",
    Wording("on the {plan:text} plan", unknown="the plan is not known"),
    actionable=False,
)  # fmt: skip
PREVIOUS = Feature(
    "active_users_previous_28d", "usage", "active users", "Distinct users.", "count",
    Wording("{active_users_previous_28d:n user} before", unknown="active users before are not known"),
    role="context",
)  # fmt: skip

FEATURES = (USERS, PREVIOUS, USERS_CHANGE, OVERDUE, PLAN)


@dataclass(frozen=True)
class Explained:
    """A fitted model, what calibrates it, and the rows it learned from."""

    model: FittedModel | AdditiveModel | BoostedModel
    calibrator: Calibrator
    X: pd.DataFrame


def snapshots(n: int) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(
        [[f"a{i:05d}" for i in range(n)], pd.DatetimeIndex(["2026-01-01"] * n).as_unit("us")],
        names=["account_id", "as_of"],
    )


def company(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    before = rng.poisson(12, n) + 1.0
    now = rng.poisson(10, n).astype(float)
    overdue = np.where(rng.random(n) < 0.3, rng.integers(100, 9000, n), 0).astype(float)
    plan = rng.choice(np.array(["starter", "team", "enterprise"], dtype=object), n)
    margin = -1.5 - 0.25 * (now - 10) + 0.0004 * overdue + 0.8 * (plan == "starter")
    X = pd.DataFrame(
        {
            USERS.name: now,
            PREVIOUS.name: before,
            USERS_CHANGE.name: now / before - 1,
            OVERDUE.name: overdue,
            PLAN.name: plan,
        },
        index=snapshots(n),
    )
    X.loc[rng.random(n) < 0.1, OVERDUE.name] = UNKNOWN
    X.loc[rng.random(n) < 0.05, PLAN.name] = None
    return X, rng.random(n) < expit(margin)


PARAMETERS: dict[str, dict[str, object]] = {
    "base_rate": {},
    "logistic": {},
    "lightgbm": {"trees": 60, "leaves": 7},
}


@pytest.fixture(scope="session", params=sorted(PARAMETERS))
def explained(request: pytest.FixtureRequest) -> Explained:
    return _fitted(request.param)


@pytest.fixture(scope="session")
def boosted() -> Explained:
    return _fitted("lightgbm")


@pytest.fixture(scope="session")
def logistic() -> Explained:
    return _fitted("logistic")


def _fitted(estimator: str) -> Explained:
    X, churned = company(600, seed=3)
    spec = ModelSpec(estimator, estimator, estimator, PARAMETERS[estimator])
    model = fit_model(spec, X, churned, FEATURES, seed=7)
    held_out, left = company(400, seed=4)
    return Explained(model, fit_platt(model.margin(held_out), left), X)
