"""Are our models as good as what others would make of the same past, and at what cost?

Every peer gets the same snapshots, folds and processors: what was known at each fold's cutoff to learn from, the
rows after it to predict. They meet over Parquet files, each peer in an environment of its own
(``--python autogluon=/path/of/its/python``), and are judged on the same rows: log loss, average precision, AUROC
and churned MRR caught at capacity, with paired intervals over accounts, and the CPU a fit took.

* ``lightgbm``, ``logistic``: LightGBM and scikit-learn with their defaults (categories as dummies, scaled)
* ``flaml``: FLAML, 2 minutes of search per fold
* ``autogluon``: AutoGluon, best quality, 10 minutes per fold
* ``featuretools``: its own features from the raw tables, up to each as_of, and LightGBM with its defaults

Sets: ``demo`` (the demo company, churn within 180 days), ``leadforge`` (90 days; its folder by ``--leadforge``),
``telco`` (one flat table, accounts dealt into five parts; its folder by ``--flat``).

``python benchmarks/peers.py --peers lightgbm,logistic --sets demo`` writes ``benchmarks/results/peers.json``;
`peers_page.py` makes docs/peers.md of it.
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

from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.metrics import Judged, figures
from churnmodel.models.spec import read_model_specs
from features import _commit
from peers_sets import PeerSet, cpu, peer_set

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
    parser.add_argument("--flat", type=Path, help="folder of the flat tables")
    parser.add_argument("--folds", type=int, default=0, help="only the last so many judged folds (0: all)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--name", default="peers", help="of the file in benchmarks/results")
    options = parser.parse_args()
    pythons = dict(told.split("=", 1) for told in options.python)
    place = HERE / "results" / f"{options.name}.json"
    told: dict[str, Any] = {"threads": options.threads, "folds": options.folds or "all", "commit": _commit()}
    for name in options.sets.split(","):
        with tempfile.TemporaryDirectory(dir=HERE, prefix="scratch-") as scratch:
            told[name] = one_set(peer_set(name, Path(scratch), options), Path(scratch), options, pythons)
        # what was measured stays, whatever comes later
        place.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


def one_set(asked: PeerSet, scratch: Path, options: argparse.Namespace, pythons: dict[str, str]) -> dict[str, Any]:
    """All models on one set: figures, differences to our best, CPU of a fit against ours."""
    said, took = {}, {}
    for spec in read_model_specs(HERE.parent / "models", OURS):
        said[f"ours: {spec.name}"], took[f"ours: {spec.name}"] = asked.ours(spec)
        print(f"ours: {spec.name}", file=sys.stderr, flush=True)
    for peer in options.peers.split(","):
        if peer == "featuretools" and asked.tables is None:
            continue  # a flat table has nothing to make features from
        said[peer], took[peer] = _peer(peer, asked, scratch, options, pythons)
        print(peer, file=sys.stderr, flush=True)
    rows = pd.concat(said, axis=1, join="inner")
    return _judged(rows, asked.facts.loc[rows.index], took)


def _judged(rows: pd.DataFrame, facts: pd.DataFrame, took: dict[str, float]) -> dict[str, Any]:
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
        "churned_accounts": int(facts["churned"].astype(bool).groupby(level="account_id").any().sum()),
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
            "cpu_of_a_fit_over_our_best": round(took[name] / took[best], 2),
            "our_best_less_this": against,
        }
    return told


def _peer(
    peer: str, asked: PeerSet, scratch: Path, options: argparse.Namespace, pythons: dict[str, str]
) -> tuple[pd.Series, float]:
    python, threads = pythons.get(peer, sys.executable), str(options.threads)
    X, took = asked.X, 0.0
    if peer == "featuretools":
        wanted = asked.X.index.to_frame(index=False)
        wanted.to_parquet(scratch / "wanted.parquet", index=False)
        took += _run([python, str(HERE / "peers_features.py"), str(asked.tables), str(scratch), threads], peer)
        X = pd.read_parquet(scratch / "deep.parquet").set_axis(asked.X.index)
        took /= len(asked.folds)
    parts = []
    for number, fold in enumerate(asked.folds):
        place = scratch / f"{peer}-{number}"
        place.mkdir()
        train = X.loc[fold.train].assign(churned=fold.churned)
        train.reset_index(level="account_id").to_parquet(place / "train.parquet", index=False)
        X.loc[fold.test].to_parquet(place / "test.parquet", index=False)
        took += _run([python, str(HERE / "peers_work.py"), peer, str(place), threads], peer) / len(asked.folds)
        risk = pd.read_parquet(place / "said.parquet")["risk"].to_numpy(dtype=np.float64)
        parts.append(pd.Series(np.clip(risk, 1e-6, 1 - 1e-6), index=fold.test))
    return pd.concat(parts), took


def _run(command: list[str], peer: str) -> float:
    """Seconds of CPU it took."""
    before = cpu(resource.RUSAGE_CHILDREN)
    threads = command[-1]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": threads}
    )
    if done.returncode != 0:
        raise SystemExit(f"{peer} failed:\n{done.stderr[-3000:]}")
    return cpu(resource.RUSAGE_CHILDREN) - before


if __name__ == "__main__":
    main()
