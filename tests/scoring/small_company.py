"""A company that fits in a test: eight features, a few hundred accounts, models trained by the real code."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.features.feature import Feature, Wording
from churnmodel.models.calibration import Calibrator, fit_platt
from churnmodel.models.fitted import FittedModel
from churnmodel.models.periods import EDGES, renewals
from churnmodel.models.risk_curve import RiskCurve
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.scoring.bands import choose_bands
from churnmodel.scoring.bundle import BundleParts, write_bundle
from churnmodel.scoring.champion import set_champion
from churnmodel.scoring.score_table import publish
from churnmodel.scoring.scorer import Scorer
from churnmodel.snapshots.labels import LabelWindow

AS_OF = pd.Timestamp("2026-03-01")

FEATURES = (
    Feature(
        "active_users_28d", "usage", "active users", "Distinct users active in [as_of - 28 days, as_of).", "count",
        Wording("{active_users_28d:n user} active in 28 days[, {active_users_previous_28d:from n} before]",
                unknown="It is not known how many users are active", zero="Nobody was active in 28 days"),
        raises_risk="low",
    ),
    Feature(
        "active_users_previous_28d", "usage", "active users", "The same in the 28 days before those.", "count",
        Wording("{active_users_previous_28d:n user} before", unknown="Not known"), role="context",
    ),
    Feature(
        "overdue_amount", "financial", "overdue invoices", "Sum of invoices past due at as_of.", "money",
        Wording("{overdue_amount:money} overdue", unknown="Overdue sums are not known", zero="Nothing is overdue"),
        raises_risk="high",
    ),
    Feature(
        "nps_latest", "sentiment", "NPS", "Latest answered NPS known before as_of.", "score",
        Wording("The latest NPS is {nps_latest:score}", unknown="No NPS was answered"), raises_risk="low",
    ),
    Feature(
        "tenure_days", "financial", "tenure", "Days since the tenure began.", "days",
        Wording("Customer for {tenure_days:days}", unknown="Tenure is not known"), actionable=False,
    ),
    Feature(
        "plan", "financial", "plan", "Plan of the largest subscription.", "category",
        Wording("On plan {plan:text}", unknown="The plan is not known"),
    ),
    Feature(
        "days_to_renewal", "financial", "renewal", "Days from as_of to the end of the term.", "days",
        Wording("The term ends on {days_to_renewal:ahead}", unknown="The end of the term is not known"),
        actionable=False,
    ),
    Feature(
        "term_months", "financial", "term", "Length of the running term.", "months",
        Wording("Terms of {term_months:months}", unknown="The length of the term is not known"), actionable=False,
    ),
)  # fmt: skip

PARAMETERS = {
    "logistic": {"hinges": 3},
    "lightgbm": {"leaves": 7, "trees": 40},
    "blend": {"logistic": {"hinges": 3}, "lightgbm": {"leaves": 5, "trees": 30}},
    "scorecard": {"rules": [
        {"feature": "active_users_28d", "worst": 0.0, "best": 10.0, "weight": 2.0},
        {"feature": "overdue_amount", "worst": 1000.0, "best": 0.0, "weight": 1.0},
    ]},
}  # fmt: skip
ONE_OUTCOME = "one_outcome"
"""A model of one outcome and not of periods: what a ready table of features and labels allows."""
MODELS = ("logistic", "lightgbm", "blend", "scorecard", "base_rate", ONE_OUTCOME)


def feature_rows(n: int, seed: int = 0, as_of: pd.Timestamp = AS_OF) -> pd.DataFrame:
    """`n` accounts at one `as_of`; some values unknown."""
    rng = np.random.default_rng(seed)
    users = rng.poisson(8, n).astype(float)
    nps = rng.integers(0, 11, n).astype(float)
    nps[rng.random(n) < 0.3] = np.nan
    plan = pd.Series(rng.choice(["basic", "pro", "enterprise"], n), dtype=object)
    plan[rng.random(n) < 0.05] = None
    accounts = [f"acc-{number:05d}" for number in range(n)]
    index = pd.MultiIndex.from_product([accounts, [as_of]], names=["account_id", "as_of"])
    columns = {
        "active_users_28d": users,
        "active_users_previous_28d": rng.poisson(9, n).astype(float),
        "overdue_amount": np.where(rng.random(n) < 0.7, 0.0, rng.integers(1, 200_000, n) / 100),
        "nps_latest": nps,
        "tenure_days": rng.integers(30, 2000, n).astype(float),
        "plan": plan.to_numpy(),
    }
    term = rng.choice([1.0, 12.0, 24.0], n, p=[0.2, 0.6, 0.2])
    to_renewal = np.ceil(rng.random(n) * np.where(term == 1.0, 30, 30 * term))
    to_renewal[rng.random(n) < 0.1] = np.nan
    return pd.DataFrame(columns | {"days_to_renewal": to_renewal, "term_months": term}, index=index)


def outcomes(X: pd.DataFrame, seed: int = 1) -> np.ndarray:
    """(n, k) Few active users, overdue invoices and a low NPS make accounts leave, most where a long term ends.

    Per period of `EDGES`; of two thirds of the accounts it is not known yet what came after the first ones.
    """
    rng, k = np.random.default_rng(seed), len(EDGES)
    margin = -3.2 - 0.25 * (X["active_users_28d"] - 8) + X["overdue_amount"] / 800
    margin = margin - 0.2 * (X["nps_latest"].fillna(5) - 5)
    hazard = margin.to_numpy()[:, np.newaxis] + 0.3 * np.arange(k) + 1.5 * renewals(X, EDGES).long
    left = rng.random((len(X), k)) < 1 / (1 + np.exp(-hazard))
    gone = np.cumsum(left, axis=1) - left > 0
    unknown = np.arange(k) > rng.integers(0, 3 * k, len(X))[:, np.newaxis]
    return np.where(gone | unknown, np.nan, left.astype(float))


@cache
def parts(name: str = "logistic") -> BundleParts:
    """What training hands over for 600 accounts: hazards of an estimator, or a model of `ONE_OUTCOME`."""
    X, other = feature_rows(600), feature_rows(600, seed=5)
    told, held_out = outcomes(X), outcomes(other, 6)
    if name == ONE_OUTCOME:
        spec = ModelSpec(name, "Small model of one outcome", "logistic", PARAMETERS["logistic"])
        churned, left = ((o[:, :3] == 1.0).any(axis=1) for o in (told, held_out))
        model: FittedModel = fit_model(spec, X, churned, FEATURES, seed=7)
        curve = RiskCurve((90,), (fit_platt(model.margins(other)[:, 0], left),))
    else:
        spec = ModelSpec(name, f"Small {name}", name, PARAMETERS.get(name, {}))
        model = fit_model(spec, X, told, FEATURES, seed=7, edges=EDGES)
        churned, curve = (told == 1.0).any(axis=1), RiskCurve(EDGES, _lines(model.margins(other), held_out))
    return BundleParts(
        name=spec.name,
        title=spec.title,
        model=model,
        curve=curve,
        features=FEATURES,
        X=X,
        window=LabelWindow(horizon_days=90),
        trained_until=date(2026, 2, 1),
        as_ofs=(date(2025, 6, 1), date(2025, 7, 1)),
        churners=int(churned.sum()),
        bands=choose_bands(curve.headline(curve.risks(model.margins(other)), other)),
        metrics={"auroc": 0.8125, "by_fold": {"1": 0.75, "2": float("nan")}},
        data_hash="0" * 64,
        revision="abc1234",
        currency="EUR",
        project="small company",
    )


def _lines(margins: np.ndarray, told: np.ndarray) -> tuple[Calibrator, ...]:
    known = ~np.isnan(told)
    return tuple(fit_platt(margins[known[:, j], j], told[known[:, j], j] == 1.0) for j in range(told.shape[1]))


def bundle(folder: Path, name: str = "logistic") -> Path:
    """A bundle on disk."""
    write_bundle(folder, parts(name))
    return folder


def book(X: pd.DataFrame) -> pd.DataFrame:
    """The columns a book has, for the rows of `X`; the last row is leaving, the one before young."""
    n = len(X)
    status = ["at_risk"] * (n - 2) + ["young", "leaving"]
    leaving_on = [pd.NaT] * (n - 1) + [pd.Timestamp("2026-05-31")]
    return pd.DataFrame(
        {
            "name": [f"Company {number}" for number in range(n)],
            "segment": "mid",
            "csm": "kim",
            "mrr": np.arange(n) * 100.0 + 99.5,
            "renews_at": X.index.get_level_values("as_of") + pd.to_timedelta(X["days_to_renewal"], unit="D"),
            "days_to_renewal": X["days_to_renewal"],
            "status": status,
            "leaving_on": leaving_on,
        },
        index=X.index,
    )


def project_home(home: Path, name: str = "lightgbm", n: int = 120) -> Path:
    """A folder a service can start on: a champion, and its score table of `n` accounts."""
    scorer = Scorer.load(set_champion(home, bundle(home / "trained", name)))
    X = feature_rows(n, seed=21)
    known = book(X)
    scored = (known["status"] != "leaving").to_numpy()
    scores, drivers = scorer.score_and_explain(X[scored])
    table = known.join(scores)
    table = table.assign(mrr_at_risk=table["mrr"] * table["risk"])
    publish(home / "scores", table, drivers, X, AS_OF.date(), scorer.version)
    return home
