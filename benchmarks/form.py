"""Is one form for all horizons as good as a model of one horizon, and how near to the truth are its risks?

On the demo company, whose truth is known, out of time. First: hazards of five periods, from which any horizon
follows, against the same learner of one period that ends with the judged horizon and learns from rows whose window
has closed: log loss, average precision and AUROC of churn within 180 days on the same rows, with paired intervals
over accounts. Then: how far risks lie from the true probabilities, on average, beside the base rate's, by tier of
risk and by segment; both are calibrated alike.

``python benchmarks/form.py`` writes ``benchmarks/results/form.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import backtest
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.metrics import figures
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.spec import read_model_specs
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.sources.synthetic import simulate_company, true_churn_probability
from churnmodel.workflow.demo import write_demo
from features import _commit

HERE = Path(__file__).parent
METRICS = ("log_loss", "average_precision", "auroc")
MODELS = ("logistic", "lightgbm", "blend")
BASE = "base_rate"
TIERS = {"riskiest tenth": (0.9, 1.0), "next fifth": (0.7, 0.9), "the rest": (0.0, 0.7)}
DAYS = 180


def main() -> None:
    """Judge both forms, ask for the truth, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--futures", type=int, default=256, help="drawn for each true probability")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=HERE, prefix="scratch-") as scratch:
        project = write_demo(Path(scratch) / "demo", accounts=options.accounts, seed=options.seed)
        cohort = build_cohort(project.db, project.as_ofs())
        X = build_feature_matrix(project.db, cohort, project.features, reader=project.reader)
        folds = rolling_folds(
            cohort.index.get_level_values("as_of").unique(), project.window, project.db.until, n_folds=4
        )
        specs = read_model_specs(HERE.parent / "models", [BASE, *MODELS])
        asked = (project.db, X, cohort, specs, project.features, project.window, folds)
        many = _said(backtest(*asked).predictions)
        print("hazards of five periods", file=sys.stderr, flush=True)
        with patch("churnmodel.evaluation.backtest.edges_with", lambda days: (days,)):
            one = _said(backtest(*asked).predictions)
        print("one horizon", file=sys.stderr, flush=True)
    company = simulate_company(accounts=options.accounts, seed=options.seed)
    truth = true_churn_probability(company, many.index, horizon_days=DAYS, futures=options.futures)
    churned = int(many["churned"].astype(bool).groupby(level="account_id").any().sum())
    work = f"the demo company of {options.accounts} accounts, churn within {DAYS} days"
    told: dict[str, Any] = {
        "work": f"{work}, {len(many):,} snapshots out of time, {churned} accounts that churned",
        "hazards_less_one_horizon": {model: _difference(many, one, model) for model in MODELS},
        "mean_distance_from_truth": {model: _distances(many, truth, model) for model in MODELS},
        "noise_of_the_truth": round(float(np.sqrt(truth * (1 - truth) / options.futures).mean()), 4),
        "commit": _commit(),
    }
    (HERE / "results" / "form.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


def _said(predictions: pd.DataFrame) -> pd.DataFrame:
    """The risk of each model by snapshot, and what happened."""
    rows = predictions.set_index(["account_id", "as_of"])
    risks = {model: own["risk"] for model, own in rows.groupby("model")}
    facts = rows[rows["model"] == BASE][["churned", "segment"]]
    return pd.DataFrame(risks).join(facts, how="inner").sort_index()


def _difference(many: pd.DataFrame, one: pd.DataFrame, model: str) -> dict[str, Any]:
    rows = many.index.intersection(one.index)
    as_of = rows.get_level_values("as_of")
    churned = many.loc[rows, "churned"].to_numpy(dtype=bool)
    both = [Judged.of(churned, said.loc[rows, model].to_numpy(), as_of=as_of) for said in (many, one)]
    accounts = draw_accounts(rows.get_level_values("account_id").to_numpy(dtype=object), 1_000, 0)
    drawn = [bootstrap(judged, accounts, METRICS) for judged in both]
    value = [figures(judged, names=METRICS) for judged in both]
    found: dict[str, Any] = {"rows": len(rows)}
    for metric in METRICS:
        low, high = percentile_interval(drawn[0][metric] - drawn[1][metric])
        ours, theirs = (float(v[metric][0]) for v in value)
        found[metric] = [round(v, 4) for v in (ours, theirs, ours - theirs, low, high)]
    return found


def _distances(said: pd.DataFrame, truth: pd.Series, model: str) -> dict[str, Any]:
    """Mean |risk - truth| over that of the base rate: in all, by tier of the model's risk, by segment."""
    ours, base = (said[model] - truth).abs(), (said[BASE] - truth).abs()
    rank = said[model].rank(pct=True, method="first")
    groups = {"all": pd.Series(True, index=said.index)}
    groups |= {name: (rank > low) & (rank <= high) for name, (low, high) in TIERS.items()}
    groups |= {f"segment {name}": said["segment"] == name for name in sorted(said["segment"].dropna().unique())}
    return {
        name: {
            "rows": int(here.sum()),
            "distance": round(float(ours[here].mean()), 4),
            "base_rate_s": round(float(base[here].mean()), 4),
            "ratio": round(float(ours[here].mean() / base[here].mean()), 3),
        }
        for name, here in groups.items()
    }


if __name__ == "__main__":
    main()
