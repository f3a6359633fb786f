"""Are our models as good as what others would make of the same features, and at what cost?

Every peer gets the same snapshots, features, folds and processors: what was known at each fold's cutoff to learn
from, the rows after it to predict. They meet over Parquet files, each peer in an environment of its own
(``--python autogluon=/path/of/its/python``), and are judged on the same rows, by log loss, average precision and
churned MRR caught at capacity, with paired intervals over accounts, and by the CPU they took.

* ``lightgbm``, ``logistic``: LightGBM and scikit-learn with their defaults (categories as dummies, scaled)
* ``flaml``: FLAML, 2 minutes of search per fold
* ``autogluon``: AutoGluon, best quality, 10 minutes per fold

Sets: ``demo`` (the demo company, churn within 180 days), ``leadforge`` (90 days; its folder by ``--leadforge``).

``python benchmarks/peers.py --peers lightgbm,logistic --sets demo`` writes ``benchmarks/results/peers.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import backtest
from churnmodel.evaluation.folds import Fold, rolling_folds
from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.metrics import Judged, figures
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.spec import ModelSpec, read_model_specs
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import churn_labels
from churnmodel.workflow.demo import write_demo
from churnmodel.workflow.project import Project

HERE = Path(__file__).parent
METRICS = ("log_loss", "average_precision", "auroc", "mrr_caught_at_capacity")
OURS = ("logistic", "lightgbm", "blend")


def main() -> None:
    """Exchange, run, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default="demo")
    parser.add_argument("--peers", default="lightgbm,logistic")
    parser.add_argument(
        "--python", action="append", default=[], help="peer=interpreter, for peers of other packages"
    )
    parser.add_argument("--leadforge", type=Path, help="folder of the leadforge tables")
    parser.add_argument("--folds", type=int, default=0, help="only the last so many judged folds (0: all)")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    pythons = dict(told.split("=", 1) for told in options.python)
    told: dict[str, Any] = {}
    for name in options.sets.split(","):
        with tempfile.TemporaryDirectory(dir=HERE, prefix="scratch-") as scratch:
            told[name] = one_set(name, Path(scratch), options, pythons)
    told["commit"] = subprocess.run(
        ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    (HERE / "results" / "peers.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


def one_set(name: str, scratch: Path, options: argparse.Namespace, pythons: dict[str, str]) -> dict[str, Any]:
    """All models on one set: figures, differences to our best, CPU against ours."""
    project = _project(name, scratch, options)
    cohort = build_cohort(project.db, project.as_ofs())
    X = build_feature_matrix(project.db, cohort, project.features, reader=project.reader)
    filled = X.notna().any()
    features = [f for f in project.features if filled[f.name]]
    as_ofs = cohort.index.get_level_values("as_of").unique()
    folds = rolling_folds(as_ofs, project.window, project.db.until, n_folds=4)
    judged = [f for f in folds if not f.warm_up][-options.folds :]
    specs = read_model_specs(HERE.parent / "models", OURS)
    said, cpu = {}, {}
    for spec in specs:
        name = f"ours: {spec.name}"
        said[name], cpu[name] = _ours(spec, project, X, cohort, features, judged, options)
    for peer in options.peers.split(","):
        said[peer], cpu[peer] = _peer(peer, project, X, cohort, features, judged, scratch, options, pythons)
    rows = pd.concat(said, axis=1, join="inner")
    facts = churn_labels(project.db, rows.index, project.window)
    known = facts["churned"].notna().to_numpy()
    rows, facts = rows[known], facts[known]
    return _judged(rows, facts, cpu)


def _judged(rows: pd.DataFrame, facts: pd.DataFrame, cpu: dict[str, float]) -> dict[str, Any]:
    accounts = draw_accounts(rows.index.get_level_values("account_id").to_numpy(dtype=object), 500, 0)
    values: dict[str, dict[str, float]] = {}
    drawn: dict[str, dict[str, np.ndarray]] = {}
    for name in rows:
        judged = Judged.of(
            facts["churned"].to_numpy(dtype=bool),
            rows[name].to_numpy(),
            as_of=rows.index.get_level_values("as_of"),
            mrr=facts["mrr_lost"].fillna(0.0),
        )
        values[str(name)] = {m: round(float(v[0]), 4) for m, v in figures(judged, names=METRICS).items()}
        drawn[str(name)] = bootstrap(judged, accounts, METRICS)
    best = min((n for n in values if n.startswith("ours")), key=lambda n: values[n]["log_loss"])
    told: dict[str, Any] = {
        "rows": len(rows),
        "churned_accounts": int(facts["churned"].groupby(level="account_id").any().sum()),
        "our_best": best,
        "models": {},
    }
    for name, figure in values.items():
        against = {}
        for metric in METRICS:
            low, high = percentile_interval(drawn[best][metric] - drawn[name][metric])
            against[metric] = [round(values[best][metric] - figure[metric], 4), round(low, 4), round(high, 4)]
        told["models"][name] = {
            **figure,
            "cpu_over_our_best": round(cpu[name] / cpu[best], 2),
            "our_best_less_this": against,
        }
    return told


def _project(name: str, scratch: Path, options: argparse.Namespace) -> Project:
    if name == "demo":
        return write_demo(scratch / "demo")
    if name == "leadforge" and options.leadforge is not None:
        config = HERE.parent / "examples" / "leadforge" / "churnmodel.toml"
        return Project.open(config, data=options.leadforge, horizon_days=90)
    raise SystemExit(f"no set {name!r} (demo, leadforge; leadforge needs --leadforge FOLDER)")


def _ours(
    spec: ModelSpec, project: Project, X: pd.DataFrame, cohort: pd.DataFrame, features: list[Any],
    folds: list[Fold], options: argparse.Namespace,
) -> tuple[pd.Series, float]:  # fmt: skip
    started = _cpu(resource.RUSAGE_SELF)
    played = backtest(
        project.db, X, cohort, [spec], features, project.window, folds, seed=0, threads=options.threads
    )
    took = _cpu(resource.RUSAGE_SELF) - started
    return played.predictions.set_index(["account_id", "as_of"])["risk"], took


def _peer(
    peer: str, project: Project, X: pd.DataFrame, cohort: pd.DataFrame, features: list[Any], folds: list[Fold],
    scratch: Path, options: argparse.Namespace, pythons: dict[str, str],
) -> tuple[pd.Series, float]:  # fmt: skip
    inputs = [f.name for f in features if f.role == "input"]
    as_of = cohort.index.get_level_values("as_of")
    parts, took, work = [], 0.0, HERE / "peers_work.py"
    for fold in folds:
        known = churn_labels(project.db.cut(fold.cutoff), cohort.index[as_of < fold.cutoff], project.window)
        known = known["churned"].dropna().astype(bool)
        test = cohort.index[as_of.isin(fold.test_as_ofs)]
        place = scratch / f"{peer}-{fold.number}"
        place.mkdir()
        train = X.loc[known.index, inputs].assign(churned=known.to_numpy())
        train.reset_index(level="account_id").to_parquet(place / "train.parquet", index=False)
        X.loc[test, inputs].to_parquet(place / "test.parquet", index=False)
        before = _cpu(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [
                pythons.get(peer, sys.executable),
                str(work),
                peer,
                str(place),
                str(options.threads),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"OMP_NUM_THREADS": str(options.threads)},
        )
        if done.returncode != 0:
            raise SystemExit(f"{peer} failed:\n{done.stderr[-3000:]}")
        took += _cpu(resource.RUSAGE_CHILDREN) - before
        risk = pd.read_parquet(place / "said.parquet")["risk"].to_numpy(dtype=np.float64)
        parts.append(pd.Series(np.clip(risk, 1e-6, 1 - 1e-6), index=test))
    return pd.concat(parts), took


def _cpu(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
