"""The sets of `peers.py`: what is known when, what is asked, and what our own models say."""

from __future__ import annotations

import argparse
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import backtest
from churnmodel.evaluation.flat_backtest import flat_backtest
from churnmodel.evaluation.flat_folds import flat_folds
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.features.flat import flat_matrix
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.spec import ModelSpec
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import churn_labels
from churnmodel.workflow.demo import write_demo
from churnmodel.workflow.project import Project

EXAMPLES = Path(__file__).parents[1] / "examples"
TABLES = ("accounts", "usage_events", "tickets", "invoices", "surveys", "touchpoints", "notes")


@dataclass(frozen=True, eq=False)
class PeerFold:
    """What a peer may learn from (inputs, and whether each churned) and what it is asked (inputs)."""

    train: pd.MultiIndex
    churned: np.ndarray
    test: pd.MultiIndex


@dataclass(frozen=True, eq=False)
class PeerSet:
    """One set.

    Parameters
    ----------
    X
        The inputs, indexed by (account_id, as_of).
    folds
        For the peers, the judged ones alone.
    facts
        churned and mrr_lost of every judged snapshot.
    ours
        What one of our models says of the judged snapshots, and seconds of CPU per fit.
    tables
        The raw tables as Parquet, for peers that make their own features; None where there are none.
    """

    X: pd.DataFrame
    folds: list[PeerFold]
    facts: pd.DataFrame
    ours: Callable[[ModelSpec], tuple[pd.Series, float]]
    tables: Path | None = None


def peer_set(name: str, scratch: Path, options: argparse.Namespace) -> PeerSet:
    """The set of this name."""
    if name == "demo":
        return over_time(write_demo(scratch / "demo"), scratch, options)
    if name == "leadforge" and options.leadforge is not None:
        config = EXAMPLES / "leadforge" / "churnmodel.toml"
        return over_time(Project.open(config, data=options.leadforge, horizon_days=90), scratch, options)
    if name == "telco" and options.flat is not None:
        return flat(Project.open(EXAMPLES / "telco" / "churnmodel.toml", data=options.flat), options)
    raise SystemExit(f"no set {name!r} (demo; leadforge with --leadforge FOLDER, telco with --flat FOLDER)")


def over_time(project: Project, scratch: Path, options: argparse.Namespace) -> PeerSet:
    """Snapshots of a company, folds forward in time."""
    cohort = build_cohort(project.db, project.as_ofs())
    X = build_feature_matrix(project.db, cohort, project.features, reader=project.reader)
    filled = X.notna().any()
    features = [f for f in project.features if filled[f.name]]
    as_of = cohort.index.get_level_values("as_of")
    folds = rolling_folds(as_of.unique(), project.window, project.db.until, n_folds=4)
    judged = [f for f in folds if not f.warm_up][-options.folds :]
    labels = churn_labels(project.db, cohort.index, project.window)
    asked = []
    for fold in judged:
        known = churn_labels(project.db.cut(fold.cutoff), cohort.index[as_of < fold.cutoff], project.window)
        known = known["churned"].dropna().astype(bool)
        test = cohort.index[as_of.isin(fold.test_as_ofs) & labels["churned"].notna().to_numpy()]
        asked.append(PeerFold(known.index, known.to_numpy(), test))
    tests = asked[0].test.append([fold.test for fold in asked[1:]])

    def ours(spec: ModelSpec) -> tuple[pd.Series, float]:
        started = cpu(resource.RUSAGE_SELF)
        played = backtest(
            project.db, X, cohort, [spec], features, project.window, folds, seed=0, threads=options.threads
        )
        took = (cpu(resource.RUSAGE_SELF) - started) / len(folds)
        return played.predictions.set_index(["account_id", "as_of"])["risk"], took

    inputs = [f.name for f in features if f.role == "input"]
    tables = scratch / "tables"
    tables.mkdir(exist_ok=True)
    for name in TABLES:
        if name in project.db.tables:
            project.db.frame(name).to_parquet(tables / f"{name}.parquet", index=False)
    return PeerSet(X[inputs], asked, labels.loc[tests], ours, tables)


def flat(project: Project, options: argparse.Namespace) -> PeerSet:
    """Rows of a flat table, dealt into parts by account."""
    features = project.flat_columns.features
    whole = flat_matrix(project.flat, features)
    folds = flat_folds(project.flat, parts=5, repeats=1)
    index = whole.index
    if "as_of" not in index.names:
        index = pd.MultiIndex.from_arrays(
            [index, np.full(len(index), project.until.to_datetime64())], names=["account_id", "as_of"]
        )
    churned = (project.flat.churned == 1.0).to_numpy()
    judged = folds[-options.folds :]
    asked = [PeerFold(index[fold.train], churned[fold.train], index[fold.test]) for fold in judged]
    tests = np.concatenate([fold.test for fold in judged])
    lost = np.where(churned, project.flat.mrr.to_numpy(), 0.0)
    facts = pd.DataFrame({"churned": churned, "mrr_lost": lost}, index=index).iloc[tests]

    def ours(spec: ModelSpec) -> tuple[pd.Series, float]:
        started = cpu(resource.RUSAGE_SELF)
        played = flat_backtest(project.flat, whole, [spec], features, folds, threads=options.threads)
        took = (cpu(resource.RUSAGE_SELF) - started) / len(folds)
        risk = played.predictions.set_index("account_id")["risk"].loc[index[tests].get_level_values("account_id")]
        return pd.Series(risk.to_numpy(), index=index[tests]), took

    return PeerSet(whole.set_axis(index), asked, facts, ours)


def cpu(whose: int) -> float:
    """Seconds of CPU used so far."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime
