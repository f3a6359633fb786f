"""A training whose every figure is made up: three models of known skill, their bundles, a record, a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import Backtest
from churnmodel.evaluation.compare import leaderboard
from churnmodel.features.catalog import CATALOG
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.scoring.bands import Bands
from churnmodel.scoring.bundle import BundleParts, write_bundle
from churnmodel.scoring.champion import keep_bundle
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import Record, write_record

WINDOW = LabelWindow(horizon_days=90)
EDGES = (30, 90)
UNTIL = date(2026, 1, 1)
DATA_HASH = "d" * 64
SETTINGS = """
[project]
name = "{name}"
data_until = {until}
[data]
folder = "data"
[labels]
horizon_days = 90
[output]
folder = "."
"""


def project_in(folder: Path, name: str = "made-up company", until: date = UNTIL) -> Project:
    """A project with two accounts: enough to say which features could be built."""
    (folder / "data").mkdir(parents=True)
    accounts = pd.DataFrame({"account_id": ["a", "b"], "created_at": pd.Timestamp("2024-01-01")})
    accounts.to_parquet(folder / "data" / "accounts.parquet")
    subscriptions = accounts.assign(
        subscription_id=["s", "t"],
        started_at=pd.Timestamp("2024-01-01"),
        mrr=[100.0, 200.0],
        seats=[5, 6],
        renews_at=pd.Timestamp("2026-03-01"),
    ).drop(columns="created_at")
    subscriptions.to_parquet(folder / "data" / "subscriptions.parquet")
    config = folder / "churnmodel.toml"
    config.write_text(SETTINGS.format(name=name, until=until.isoformat()), encoding="utf-8")
    return Project.open(config)


def bundle(
    folder: Path, name: str, *, reads: str = "mrr", until: date = UNTIL, data_hash: str = DATA_HASH
) -> Path:
    """The bundle of a model called `name`; what its figures are is told by the record alone."""
    rng = np.random.default_rng(len(name))
    index = pd.MultiIndex.from_product([[f"a{i}" for i in range(80)], [pd.Timestamp("2025-01-01")]])
    features = tuple(f for f in CATALOG if f.name in (reads, "days_to_renewal"))
    X = pd.DataFrame(
        {reads: rng.gamma(2.0, 100.0, 80), "days_to_renewal": 200.0},
        index=index.set_names(["account_id", "as_of"]),
    )
    outcomes = (rng.random((80, 2)) < 0.3).astype(float)
    outcomes[outcomes[:, 0] == 1.0, 1] = np.nan  # gone by then
    estimator = "base_rate" if name == "base_rate" else "logistic"
    spec = ModelSpec(name, name.title(), estimator)
    parts = BundleParts(
        name=name,
        title=name.title(),
        model=fit_model(spec, X, outcomes, features, seed=1, edges=EDGES),
        curve=uncalibrated(EDGES),
        features=features,
        X=X,
        window=WINDOW,
        trained_until=until,
        as_ofs=(date(2025, 1, 1),),
        churners=24,
        bands=Bands(0.2, 0.4),
        metrics={},
        data_hash=data_hash,
        revision="0" * 40,
        currency="USD",
        project="made-up company",
    )
    write_bundle(folder, parts)
    return folder


def predictions(stretch: Mapping[str, float], names: str = "a{}", plays: bool = True) -> pd.DataFrame:
    """300 accounts at four months; a model's log-odds are the true ones times its `stretch` (0: the base rate)."""
    rng = np.random.default_rng(8)
    accounts, months = 300, pd.date_range("2025-01-01", periods=4, freq="MS")
    true = rng.normal(-1.5, 1.2, accounts)
    churned = rng.random(accounts) < 1 / (1 + np.exp(-true))
    mrr = rng.gamma(2.0, 300.0, accounts).round(2)
    parts = []
    for model, factor in sorted(stretch.items()):
        for fold, month in enumerate(months):
            margin = factor * (true + rng.normal(0, 0.05, accounts)) if factor else np.full(accounts, -1.1)
            risk = 1 / (1 + np.exp(-margin))
            parts.append(
                pd.DataFrame(
                    {
                        "account_id": [names.format(i) for i in range(accounts)],
                        "as_of": month,
                        "model": model,
                        "fold": 1 + fold // 2,
                        "margin": margin,
                        "risk": risk,
                        "churned": churned,
                        "mrr": mrr,
                        "mrr_lost": np.where(churned, mrr, 0.0),
                        "renewable": True,
                        "segment": "mid",
                        "new_account": np.arange(accounts) < 60,
                        "arm": np.resize(["treated", "hold_out", "untreated"], accounts) if plays else None,
                        "risk_30": risk / 3,
                        "churned_30": np.where(np.arange(accounts) % 3 == 0, churned, 0.0),
                        "risk_renewal": risk,
                        "churned_renewal": churned.astype(float),
                        "headline_days": 90.0,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


FOLDS = pd.DataFrame(
    {
        "warm_up": [True, False, False],
        "cutoff": pd.to_datetime(["2024-10-01", "2025-01-01", "2025-03-01"]),
        "trains_from": pd.Timestamp("2023-02-01"),
        "whole_until": pd.to_datetime(["2024-05-01", "2024-08-01", "2024-10-01"]),
        "near_until": pd.to_datetime(["2024-07-01", "2024-10-01", "2024-12-01"]),
        "predicts_from": pd.to_datetime(["2024-10-01", "2025-01-01", "2025-03-01"]),
        "predicts_until": pd.to_datetime(["2024-12-01", "2025-02-01", "2025-04-01"]),
        "n_train": [900, 1200, 1500],
        "n_test": [300, 600, 600],
    },
    index=pd.Index([0, 1, 2], name="fold"),
)
SKILLS = {"base_rate": 0.0, "able": 1.0, "twin": 1.0, "timid": 0.4}


def record(stretch: Mapping[str, float] = SKILLS, about: Mapping[str, Any] | None = None, **more: Any) -> Record:
    """The record of a training of these models; `about` overrides what it says of itself."""
    said = predictions(stretch, **more)
    played = Backtest(said, said.iloc[:0], FOLDS, {}, {}, (), 0.1, WINDOW, tuple(stretch), EDGES)
    own = {
        "project": "made-up company",
        "currency": "USD",
        "data_until": UNTIL.isoformat(),
        "horizon_days": 90,
        "lead_days": 0,
        "window": asdict(WINDOW),
        "edges": list(EDGES),
        "capacity": 0.1,
        "draws": 60,
        "seed": 0,
        "models": list(stretch),
        "champion": "able",
        "challenger": "twin",
        "reasons": ["able has the lowest log loss, 0.4.", "able is the champion."],
        "findings": [finding("CHN001", "silent"), finding("CHN003", "silent")],
        "refusals": [],
        "never_filled": [],
        "titles": {name: name.title() for name in stretch},
        "data_hash": DATA_HASH,
        "bundles": {},
    }
    report = pd.DataFrame({"snapshots": [300]}, index=pd.DatetimeIndex(["2025-01-01"], name="as_of"))
    return Record(leaderboard(played, draws=60), said, FOLDS, report, own | dict(about or {}), "0" * 12)


def finding(code: str, status: str, message: str = "It is as it is.", **detail: Any) -> dict[str, Any]:
    """A finding as a record keeps it."""
    return {"code": code, "title": code, "status": status, "message": message, "detail": detail}


@dataclass(frozen=True)
class MadeUp:
    """A project after a training: a record, every model's bundle kept, nothing in use yet."""

    project: Project
    record: Record

    def folder(self, model: str) -> Path:
        return self.project.home / "models" / self.record.bundles[model]


def trained(folder: Path, stretch: Mapping[str, float] = SKILLS, about: Mapping[str, Any] | None = None) -> MadeUp:
    """The project of a made-up training in `folder`."""
    project = project_in(folder)
    versions = {name: keep_bundle(project.home, bundle(folder / "new" / name, name)).name for name in stretch}
    kept = record(stretch, {**dict(about or {}), "bundles": versions})
    write_record(project.home, kept)
    return MadeUp(project, replace(kept))
