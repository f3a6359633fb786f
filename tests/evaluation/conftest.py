"""A small company with a history to replay, and backtests made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.backtest import Backtest, backtest
from churnmodel.evaluation.folds import Fold, rolling_folds
from churnmodel.evaluation.prequential import FACTS
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.spec import ModelSpec
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database

UNTIL = pd.Timestamp("2025-07-01")
DAY = pd.Timedelta(days=1)
SPEAKS = Wording("it is {signal}", unknown="it is not known")


@dataclass(frozen=True)
class Company:
    """All that `backtest` takes."""

    db: Database
    X: pd.DataFrame
    cohort: pd.DataFrame
    specs: Sequence[ModelSpec]
    features: Sequence[Feature]
    window: LabelWindow
    folds: Sequence[Fold]

    def arguments(self):
        """In the order of `backtest`."""
        return (self.db, self.X, self.cohort, self.specs, self.features, self.window, self.folds)


def make_company(subscriptions: pd.DataFrame) -> Company:
    """A company whose accounts have a signal written in their number: the higher, the shorter they stay."""
    accounts = pd.DataFrame({"account_id": subscriptions["account_id"].unique(), "created_at": "2023-01-01"})
    db = Database.from_frames({"accounts": accounts, "subscriptions": subscriptions}, until=UNTIL)
    as_ofs = pd.date_range("2023-03-01", "2025-06-01", freq="MS")
    window = LabelWindow(horizon_days=90)
    cohort = build_cohort(db, as_ofs)
    number = cohort.index.get_level_values("account_id").str[1:].astype(float).to_numpy()
    return Company(
        db=db,
        X=pd.DataFrame({"signal": np.sqrt(number)}, index=cohort.index),
        cohort=cohort,
        specs=(ModelSpec("base_rate", "Base rate", "base_rate"), ModelSpec("logistic", "Logistic", "logistic")),
        features=(Feature("signal", "usage", "signal", "A signal.", "score", SPEAKS, raises_risk="high"),),
        window=window,
        folds=rolling_folds(as_ofs, window, UNTIL, n_folds=3),
    )


def make_subscriptions() -> pd.DataFrame:
    """120 accounts that begin in 2023 and end by chance, those of high number sooner."""
    rng = np.random.default_rng(4)
    number = np.arange(120)
    begins = pd.Timestamp("2023-01-01") + rng.integers(0, 300, 120) * DAY
    stays = rng.exponential(1500 * np.exp(-number / 45)).astype(int) + 40
    ends = begins + stays * DAY
    return pd.DataFrame(
        {
            "subscription_id": [f"s{i:03d}" for i in number],
            "account_id": [f"a{i:03d}" for i in number],
            "started_at": begins,
            "ended_at": [e if e < UNTIL else None for e in ends],
            "mrr": 100.0 + number,
        }
    )


@pytest.fixture(scope="session")
def subscriptions() -> pd.DataFrame:
    return make_subscriptions()


@pytest.fixture(scope="session")
def company(subscriptions) -> Company:
    return make_company(subscriptions)


@pytest.fixture(scope="session")
def replay(company) -> Backtest:
    """The company's past, replayed. Not to be changed."""
    return backtest(*company.arguments())


@pytest.fixture(scope="session")
def company_of():
    """From subscriptions to a company."""
    return make_company


@pytest.fixture(scope="session")
def backtest_of():
    """A backtest from outcomes and risks: (accounts, as_ofs) arrays, one account a row."""

    def make(
        churned: np.ndarray, risks: Mapping[str, np.ndarray], mrr: np.ndarray | None = None, capacity: float = 0.1
    ) -> Backtest:
        n, months = churned.shape
        as_ofs = pd.date_range("2025-01-01", periods=months, freq="MS")
        money = np.ones(n) if mrr is None else mrr
        parts = [
            pd.DataFrame(
                {
                    "account_id": np.repeat([f"a{i:04d}" for i in range(n)], months),
                    "as_of": np.tile(as_ofs, n),
                    "model": model,
                    "fold": np.tile(1 + np.arange(months) * 2 // months, n),
                    "margin": 0.0,
                    "risk": risk.ravel(),
                    "churned": churned.ravel(),
                    "mrr": np.repeat(money, months),
                    "mrr_lost": np.where(churned, money[:, None], 0.0).ravel(),
                    "renewable": np.tile(np.arange(months) % 2 == 0, n),
                    "segment": None,
                }
            )[[*FACTS, "margin", "risk"]].dropna(subset="risk")  # NaN: the model was refused there
            for model, risk in risks.items()
        ]
        predictions = pd.concat(parts, ignore_index=True)
        return Backtest(
            predictions=predictions,
            warm_up_predictions=predictions.iloc[:0],
            folds=pd.DataFrame(),
            curves={},
            final_curves={},
            refusals=(),
            capacity=capacity,
            window=LabelWindow(),
            models=tuple(risks),
        )

    return make
