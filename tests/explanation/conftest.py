"""A small company on which models are fitted to be explained: three features and the renewal tell its story."""

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
from churnmodel.models.hazard import HazardModel
from churnmodel.models.periods import EDGES, renewals
from churnmodel.models.risk_curve import RiskCurve
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
RENEWAL = Feature(
    "days_to_renewal", "financial", "renewal", "Days to the end of the term.", "days",
    Wording("renews on {days_to_renewal:ahead}", unknown="the renewal is not known"),
    actionable=False,
)  # fmt: skip
TERM = Feature(
    "term_months", "financial", "term", "Length of the term.", "months",
    Wording("a term of {term_months:months}", unknown="the term is not known"),
    actionable=False,
)  # fmt: skip

FEATURES = (USERS, PREVIOUS, USERS_CHANGE, OVERDUE, PLAN)
WITH_RENEWAL = (*FEATURES, RENEWAL, TERM)


@dataclass(frozen=True)
class Explained:
    """A fitted model, what makes risks of its margins, and the rows it learned from."""

    model: FittedModel | AdditiveModel | BoostedModel | HazardModel
    curve: RiskCurve
    X: pd.DataFrame

    @property
    def last(self) -> np.ndarray:
        """(n,) The period through which the headline risk of each row runs."""
        return self.curve.headline_period(self.X)


def snapshots(n: int) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(
        [[f"a{i:05d}" for i in range(n)], pd.DatetimeIndex(["2026-01-01"] * n).as_unit("us")],
        names=["account_id", "as_of"],
    )


def company(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Features but for the renewal, and who left."""
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


def company_in_time(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """The same company with its renewals, and in which of the periods of `EDGES` each left, as far as known.

    A tenth renews on a day nobody knows; most who leave do so at the end of a long term.
    """
    X, _ = company(n, seed)
    rng = np.random.default_rng(seed + 1000)
    X[RENEWAL.name] = rng.integers(1, 400, n).astype(float)
    X[TERM.name] = rng.choice([1.0, 12.0, 24.0], n)
    X.loc[X[TERM.name] == 1.0, RENEWAL.name] = 20.0
    X.loc[rng.random(n) < 0.1, RENEWAL.name] = UNKNOWN
    ends = renewals(X, EDGES)
    pull = -0.2 * (X[USERS.name].to_numpy() - 10)[:, np.newaxis]
    level = -3.0 + 0.3 * np.arange(len(EDGES))
    left = rng.random((n, len(EDGES))) < expit(level + pull + 2.0 * ends.long + 0.5 * ends.short)
    outcomes = left.astype(float)
    gone = np.cumsum(left, axis=1) - left > 0
    known_through = rng.integers(0, len(EDGES), n)
    outcomes[gone | (np.arange(len(EDGES)) > known_through[:, np.newaxis])] = np.nan
    return X, outcomes


PARAMETERS: dict[str, dict[str, object]] = {
    "base_rate": {},
    "scorecard": {
        "rules": [
            {"feature": USERS.name, "worst": 0.0, "best": 20.0, "weight": 2.0},
            {"feature": OVERDUE.name, "worst": 5000.0, "best": 0.0, "weight": 1.0},
        ]
    },
    "logistic": {"hinges": 3},
    "lightgbm": {"trees": 60, "leaves": 7},
    "blend": {"logistic": {"hinges": 3}, "lightgbm": {"trees": 40, "leaves": 5}},
}
HAZARDS = [f"{estimator} in time" for estimator in PARAMETERS]
WITHOUT_RENEWALS = [f"{estimator} in time, renewals unknown" for estimator in PARAMETERS]
FITTED: dict[str, Explained] = {}


def fitted(name: str) -> Explained:
    """By name: an estimator for one outcome, or one "in time", with or without knowing of renewals."""
    if name not in FITTED:
        estimator, _, how = name.partition(" ")
        FITTED[name] = _in_time(estimator, "unknown" not in how) if how else _of_one_outcome(estimator)
    return FITTED[name]


@pytest.fixture(
    scope="session", params=["base_rate", "logistic", "lightgbm", "blend", *HAZARDS, *WITHOUT_RENEWALS]
)
def explained(request: pytest.FixtureRequest) -> Explained:
    return fitted(request.param)


@pytest.fixture(scope="session", params=[*HAZARDS, *WITHOUT_RENEWALS])
def hazards(request: pytest.FixtureRequest) -> Explained:
    return fitted(request.param)


@pytest.fixture(scope="session", params=HAZARDS)
def knowing(request: pytest.FixtureRequest) -> Explained:
    """Hazards that know when accounts renew."""
    return fitted(request.param)


@pytest.fixture(scope="session", params=WITHOUT_RENEWALS)
def unknowing(request: pytest.FixtureRequest) -> Explained:
    """Hazards that read nothing of renewals."""
    return fitted(request.param)


@pytest.fixture(scope="session")
def boosted() -> Explained:
    return fitted("lightgbm")


@pytest.fixture(scope="session")
def logistic() -> Explained:
    return fitted("logistic")


def _of_one_outcome(estimator: str) -> Explained:
    X, churned = company(600, seed=3)
    spec = ModelSpec(estimator, estimator, estimator, PARAMETERS[estimator])
    model = fit_model(spec, X, churned, FEATURES, seed=7)
    held_out, left = company(400, seed=4)
    return Explained(model, RiskCurve((90,), (fit_platt(model.margins(held_out)[:, 0], left),)), X)


def _in_time(estimator: str, knowing: bool) -> Explained:
    X, outcomes = company_in_time(900, seed=3)
    features = WITH_RENEWAL if knowing else FEATURES
    spec = ModelSpec(estimator, estimator, estimator, PARAMETERS[estimator])
    shown = X[[f.name for f in features]]
    model = fit_model(spec, shown, outcomes, features, seed=7, edges=EDGES)
    # no two periods alike, so that a mix-up of their lines cannot go unseen
    lines = tuple(Calibrator(0.1 * k - 0.2, 0.8 + 0.1 * k) for k in range(len(EDGES)))
    return Explained(model, RiskCurve(EDGES, lines), shown)
