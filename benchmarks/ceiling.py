"""How much of what could be learned does a company of 600 accounts learn?

The demo company is judged out of time, as `churnmodel train` would. Then the same learner is given a million
snapshots of other companies of the same law (tens of thousands of accounts that nobody is judged on) and says its
risks of the very same rows. Both against what happened; the share of the lift over luck that the small company
reaches is what its size leaves of it.

``python benchmarks/ceiling.py`` writes ``benchmarks/results/ceiling.json``. Trees by default: the bent lines of
the logistic would not fit into memory at a million rows.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import backtest
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.replayed import known_outcomes
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.periods import EDGES
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import fit_model, read_model_specs
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.workflow.demo import write_demo
from churnmodel.workflow.project import Project
from features import _commit

HERE = Path(__file__).parent
METRICS = ("auroc", "average_precision", "lift_at_capacity", "log_loss")
DAYS = 180


def main() -> None:
    """Judge the small company, learn from the large ones, judge that on the same rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="lightgbm")
    parser.add_argument("--snapshots", type=int, default=1_000_000, help="to learn from")
    parser.add_argument("--accounts", type=int, default=10_000, help="of each large company")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    spec = read_model_specs(HERE.parent / "models", [options.model])[0]
    with tempfile.TemporaryDirectory(dir=HERE, prefix="scratch-") as scratch:
        project = write_demo(Path(scratch) / "demo")
        cohort, X = rows_of(project)
        as_of = cohort.index.get_level_values("as_of")
        folds = rolling_folds(as_of.unique(), project.window, project.db.until, n_folds=4)
        played = backtest(project.db, X, cohort, [spec], project.features, project.window, folds)
        said = played.predictions.set_index(["account_id", "as_of"])
        many, outcomes = large(options, Path(scratch))
        model = fit_model(spec, many, outcomes, project.features, seed=0, threads=2, edges=EDGES)
    risks = uncalibrated(EDGES).risks(model.margins(X.loc[said.index]))[:, EDGES.index(DAYS)]
    small, best = judged(said, said["risk"].to_numpy()), judged(said, risks)
    over_luck = {
        metric: round((small[metric] - luck) / (best[metric] - luck), 3)
        for metric, luck in (("auroc", 0.5), ("lift_at_capacity", 1.0))
    }
    told = {
        "work": f"{options.model}, churn within {DAYS} days, {len(said):,} snapshots of the demo, out of time",
        "learned_from": {"demo company": f"{len(X):,} snapshots", "large": f"{len(many):,} snapshots"},
        "demo company": small,
        "large": best,
        "share_of_what_is_over_luck": over_luck,
        "commit": _commit(),
    }
    (HERE / "results" / "ceiling.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


def large(options: argparse.Namespace, scratch: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Snapshots of other companies and what became of them; each company is forgotten once it was read."""
    parts: list[tuple[pd.DataFrame, np.ndarray]] = []
    seed = 20_001
    while (have := sum(len(X) for X, _ in parts)) < options.snapshots:
        print(f"{have:,} of {options.snapshots:,} snapshots", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            project = write_demo(Path(folder) / "company", accounts=options.accounts, seed=seed)
            cohort, X = rows_of(project)
            known = known_outcomes(project.db, cohort.index, project.window, EDGES)
            parts.append((X.loc[known.index].astype(narrow(X)), known.to_numpy()))
        seed += 1
    X = pd.concat([X for X, _ in parts], keys=range(len(parts)), names=["company"])
    # accounts of different companies have the same names
    index = X.index.to_frame(index=False)
    index["account_id"] = index["company"].astype(str) + "-" + index["account_id"].astype(str)
    X.index = pd.MultiIndex.from_frame(index[["account_id", "as_of"]])
    keep = np.sort(np.random.default_rng(0).permutation(len(X))[: options.snapshots])
    return X.iloc[keep], np.concatenate([outcomes for _, outcomes in parts])[keep]


def rows_of(project: Project) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cohort and matrix of a project."""
    cohort = build_cohort(project.db, project.as_ofs())
    return cohort, build_feature_matrix(project.db, cohort, project.features, reader=project.reader)


def narrow(X: pd.DataFrame) -> dict[str, str]:
    """Half the memory for numbers; trees cut them into 255 bins."""
    return dict.fromkeys(X.select_dtypes("float64").columns, "float32")


def judged(said: pd.DataFrame, risk: np.ndarray) -> dict[str, Any]:
    """The figures of a risk on the rows of a backtest."""
    rows = Judged.of(said["churned"], risk, as_of=said.index.get_level_values("as_of"))
    return {metric: round(float(value[0]), 4) for metric, value in figures(rows, names=METRICS).items()}


if __name__ == "__main__":
    main()
