"""How much of a backtest is boosting, and how much is everything around it?

A LightGBM backtest of six folds on 200,000 snapshots of 120 features; beside it, timed inside the same run, what
LightGBM's own training loop takes on the same data. The rest is ours: looks at the past, encoding, binning,
predicting, calibrating, judging. The features are drawn, since what they say has no part in the time; accounts and
their ends are those of a simulated company.

``python benchmarks/backtests.py`` prints ratios and writes ``benchmarks/results/backtests.json``; ``--profile``
prints where the rest goes instead.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import backtest
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.spec import ModelSpec, read_model_specs
from churnmodel.snapshots.cohort import build_cohort, month_starts
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database
from features import _commit

HERE = Path(__file__).parent
UNTIL = pd.Timestamp("2026-01-01")
WINDOW = LabelWindow(horizon_days=180)
OTHERS = ("logistic", "blend", "base_rate")


def main() -> None:
    """Draw, backtest, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshots", type=int, default=200_000)
    parser.add_argument("--features", type=int, default=120)
    parser.add_argument("--folds", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--others", action="store_true", help="the other models' time too")
    parser.add_argument("--profile", action="store_true", help="print where the time goes, write nothing")
    options = parser.parse_args()
    work = Work.drawn(options)
    specs = {spec.name: spec for spec in read_model_specs(HERE.parent / "models", ("lightgbm", *OTHERS))}
    if options.profile:
        with cProfile.Profile() as profile:
            work.replay(specs["lightgbm"])
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
        return
    turns = [work.replay(specs["lightgbm"]) for _ in range(options.repeats)]
    whole = statistics.median(turn["whole"] for turn in turns)
    told: dict[str, Any] = {
        "work": f"{len(work.cohort):,} snapshots x {options.features} features, {options.folds} judged folds, "
        f"{options.threads} threads, medians of {options.repeats}",
        "backtest_over_boosting": round(statistics.median(t["whole"] / t["boosting"] for t in turns), 3),
        "binning_over_boosting": round(statistics.median(t["binning"] / t["boosting"] for t in turns), 3),
    }
    print(json.dumps(told), flush=True)
    if options.others:
        told["others_over_lightgbm"] = {
            name: round(work.replay(specs[name])["whole"] / whole, 3) for name in OTHERS
        }
    told["commit"] = _commit()
    (HERE / "results" / "backtests.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


class Work:
    """What every turn is given."""

    def __init__(
        self, db: Database, cohort: pd.DataFrame, X: pd.DataFrame, features: list[Feature], options: Any
    ) -> None:
        self.db, self.cohort, self.X, self.features, self.options = db, cohort, X, features, options
        as_ofs = cohort.index.get_level_values("as_of").unique()
        self.folds = rolling_folds(as_ofs, WINDOW, db.until, n_folds=options.folds)

    @classmethod
    def drawn(cls, options: argparse.Namespace) -> Work:
        """Accounts that come and go over four years, and columns that half know who goes."""
        draw = np.random.default_rng(1)
        n = options.snapshots // 27
        begins = pd.Timestamp("2021-06-01") + pd.to_timedelta(draw.integers(0, 1_300, n), unit="D")
        frailty = draw.normal(size=n)
        ends = begins + pd.to_timedelta(30 + draw.exponential(1_800 * np.exp(-frailty)).astype(int), unit="D")
        ids = [f"a{i:06d}" for i in range(n)]
        tables = {
            "accounts": pd.DataFrame({"account_id": ids, "created_at": begins}),
            "subscriptions": pd.DataFrame(
                {
                    "subscription_id": [f"s{i}" for i in ids],
                    "account_id": ids,
                    "started_at": begins,
                    "ended_at": pd.Series(ends).where(ends < UNTIL),
                    "mrr": 100.0,
                }
            ),
        }
        db = Database.from_frames(tables, until=UNTIL)
        cohort = build_cohort(db, month_starts(pd.Timestamp("2021-07-01"), UNTIL)).iloc[: options.snapshots]
        account = cohort.index.get_level_values("account_id").str[1:].astype(int).to_numpy()
        strength = 0.5 / np.sqrt(1 + np.arange(options.features))
        noise = draw.normal(size=(len(cohort), options.features))
        X = pd.DataFrame(frailty[account][:, np.newaxis] * strength + noise, index=cohort.index)
        X.columns = [f"f{j:03d}" for j in range(options.features)]
        X = X.mask(draw.random(X.shape) < 0.05)
        features = [
            Feature(name, "drawn", "usage", "Drawn.", "count", Wording("a", "b"), raises_risk="high")
            for name in X.columns
        ]
        return cls(db, cohort, X, features, options)

    def replay(self, spec: ModelSpec) -> dict[str, float]:
        """Seconds of one backtest, and of LightGBM's part in it."""
        with lightgbm_timed() as took:
            started = perf_counter()
            threads = self.options.threads
            backtest(self.db, self.X, self.cohort, [spec], self.features, WINDOW, self.folds, threads=threads)
            took["whole"] = perf_counter() - started
        return took


@contextmanager
def lightgbm_timed() -> Iterator[dict[str, float]]:
    """Seconds LightGBM bins and boosts, while inside."""
    took = {"binning": 0.0, "boosting": 0.0}
    train = lightgbm.train

    def timed(parameters: dict[str, Any], data: Any, *rest: Any, **more: Any) -> Any:
        at = perf_counter()
        data.params.update(parameters)
        data.construct()
        took["binning"] += perf_counter() - at
        at = perf_counter()
        done = train(parameters, data, *rest, **more)
        took["boosting"] += perf_counter() - at
        return done

    lightgbm.train = timed
    try:
        yield took
    finally:
        lightgbm.train = train


if __name__ == "__main__":
    main()
