"""One peer of `peers.py` on one fold, in an environment of its own: reads train and test, writes its risks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

Frame, Array = pd.DataFrame, np.ndarray
FLAML_SECONDS, AUTOGLUON_SECONDS = 120, 600


def numbers(train: pd.DataFrame, test: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Categories as dummies, seen in training; the rest as it is."""
    both = pd.get_dummies(pd.concat([train, test], keys=["train", "test"]), dtype=float)
    seen = pd.get_dummies(train, dtype=float).columns
    both = both.reindex(columns=seen)
    return both.loc["train"], both.loc["test"]


def by_lightgbm(train: Frame, churned: Array, test: Frame, accounts: Array, threads: int) -> Array:
    """LightGBM as it comes."""
    from lightgbm import LGBMClassifier

    one, other = numbers(train, test)
    model = LGBMClassifier(n_jobs=threads, verbosity=-1).fit(one.to_numpy(), churned)
    return model.predict_proba(other.to_numpy())[:, 1]


def by_logistic(train: Frame, churned: Array, test: Frame, accounts: Array, threads: int) -> Array:
    """scikit-learn's logistic regression as it comes, after the usual imputing and scaling."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    one, other = numbers(train, test)
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(one.to_numpy(), churned).predict_proba(other.to_numpy())[:, 1]


def by_flaml(train: Frame, churned: Array, test: Frame, accounts: Array, threads: int) -> Array:
    """FLAML, told which rows belong together."""
    from flaml import AutoML

    # given a frame, it fills what is missing for those of its learners that cannot do without
    one, other = (part.set_axis([f"x{j}" for j in range(part.shape[1])], axis=1) for part in numbers(train, test))
    model = AutoML()
    model.fit(
        one, churned.astype(int), task="classification", metric="log_loss", time_budget=FLAML_SECONDS,
        split_type="group", groups=pd.factorize(accounts)[0], n_jobs=threads, verbose=0, seed=0,
    )  # fmt: skip
    return model.predict_proba(other)[:, 1]


def by_autogluon(train: Frame, churned: Array, test: Frame, accounts: Array, threads: int) -> Array:
    """AutoGluon at its best quality, its folds dealt by account."""
    from autogluon.tabular import TabularPredictor

    group = pd.factorize(accounts)[0] % 8
    predictor = TabularPredictor("churned", eval_metric="log_loss", groups="fold", verbosity=0)
    predictor.fit(
        train.assign(churned=churned, fold=group), presets="best_quality", time_limit=AUTOGLUON_SECONDS,
        num_cpus=threads, dynamic_stacking=False,
    )  # fmt: skip
    return predictor.predict_proba(test.assign(fold=0))[True].to_numpy()


PEERS: dict[str, Callable[[Frame, Array, Frame, Array, int], Array]] = {
    "lightgbm": by_lightgbm,
    "logistic": by_logistic,
    "flaml": by_flaml,
    "autogluon": by_autogluon,
    "featuretools": by_lightgbm,
}


def main() -> None:
    """What the command line names: the peer, the folder, the threads."""
    peer, place, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    train, test = pd.read_parquet(place / "train.parquet"), pd.read_parquet(place / "test.parquet")
    accounts, churned = train.pop("account_id").to_numpy(), train.pop("churned").to_numpy(dtype=bool)
    risk = PEERS[peer](train, churned, test, accounts, threads)
    pd.DataFrame({"risk": np.asarray(risk, dtype=np.float64)}).to_parquet(place / "said.parquet")


if __name__ == "__main__":
    main()
