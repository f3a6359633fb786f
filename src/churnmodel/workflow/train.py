"""How does a training become a champion that others can use? (bundles, MLflow, the local pointer, the record)"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel import charts
from churnmodel.evaluation.shared import shared_rows
from churnmodel.explanation.any_classifier import residual
from churnmodel.explanation.shapley import shapley_values
from churnmodel.models.spec import ModelSpec
from churnmodel.scoring.atomic import only_writer
from churnmodel.scoring.bands import Bands, choose_bands
from churnmodel.scoring.bundle import BundleParts, write_bundle
from churnmodel.scoring.champion import set_champion
from churnmodel.tracking.runs import Logged, ModelRun, log_training
from churnmodel.workflow.flat import learn_flat
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.record import write_record
from churnmodel.workflow.training import Learned, learn


@dataclass(frozen=True)
class Trained:
    """What a training left behind."""

    learned: Learned
    logged: Logged
    champion: Path | None
    record: Path


def train(project: Project, *, revision: str = "unknown", progress: Progress = silent) -> Trained:
    """Learn, choose a champion, bundle and track every model, and publish the champion locally.

    Parameters
    ----------
    revision
        Of the code, as the caller knows it; it is written into the bundles.

    Raises
    ------
    AuditError, ModelError
        As `churnmodel.workflow.training.learn`.
    TrackingError
        MLflow could not be told. The champion and the record are published by then.
    """
    learned = (learn_flat if project.is_flat else learn)(project, progress)
    # one at a time from here: pointer, record and runs are of the same training
    with only_writer(project.home / "training"):
        return _publish(project, learned, revision, progress)


def _publish(project: Project, learned: Learned, revision: str, progress: Progress) -> Trained:
    with tempfile.TemporaryDirectory() as scratch:
        # a model that only a pickle could keep is tracked without a bundle
        bundles = {name: Path(scratch) / name for name in learned.models if _spec(learned, name).is_servable}
        for name, folder in bundles.items():
            write_bundle(folder, _parts(project, learned, name, revision))
        champion = learned.choice.champion
        # without a champion this time, an earlier one stays in use: it was earned, and nothing replaced it
        place = set_champion(project.home, bundles[champion]) if champion else None
        record = write_record(project, learned)
        logged = log_training(
            [_run(project, learned, name, bundles.get(name)) for name in learned.models],
            home=project.home,
            uri=project.settings.tracking.uri,
            experiment=experiment_of(project),
            champion=learned.choice.champion,
            challenger=learned.choice.challenger,
            progress=progress,
        )
    return Trained(learned, logged, place, record)


def experiment_of(project: Project) -> str:
    """The MLflow experiment, and the registered model, of a project."""
    named = project.settings.tracking.experiment
    slug = re.sub(r"[^a-z0-9]+", "-", project.settings.project.name.lower()).strip("-")
    # risks of different horizons are different models: none may take the other's place
    days = project.settings.flat.horizon_days if project.is_flat else project.window.horizon_days
    return f"{named or 'churnmodel-' + (slug or 'project')}-{f'{days}d' if days else 'flat'}"


def _parts(project: Project, learned: Learned, name: str, revision: str) -> BundleParts:
    spec = _spec(learned, name)
    X = learned.X.loc[learned.outcomes.index]
    return BundleParts(
        name=name,
        title=spec.title,
        model=learned.models[name],
        curve=learned.backtest.final_curves[name],
        features=learned.features,
        X=X,
        window=learned.backtest.window,
        trained_until=project.until.date(),
        as_ofs=sorted({a.date() for a in X.index.get_level_values("as_of")}),
        churners=int(learned.outcomes.eq(1.0).any(axis=1).sum()),
        bands=_bands(learned, name),
        metrics=_pooled(learned, name),
        data_hash=learned.data_hash,
        revision=revision,
        currency=project.settings.project.currency,
        project=project.settings.project.name,
        caveat=learned.caveat,
    )


def _spec(learned: Learned, name: str) -> ModelSpec:
    return {spec.name: spec for spec in learned.specs}[name]


def _bands(learned: Learned, name: str) -> Bands:
    said = learned.backtest.predictions
    headline = "risk_renewal" if "risk_renewal" in said else "risk"  # a flat table knows no renewals
    risk = said.loc[said["model"] == name, headline].to_numpy(dtype="float64")
    capacity = learned.backtest.capacity  # red is what the team can work, orange twice that again
    return choose_bands(risk, red_share=capacity, orange_share=min(2 * capacity, 0.9 - capacity))


def _pooled(learned: Learned, name: str) -> dict[str, dict[str, float]]:
    table = learned.leaderboard
    rows = table[(table["model"] == name) & (table["fold"] == "pooled") & (table["cohort"] == "all")]
    numbers = rows.set_index("metric")[["value", "low", "high"]].astype("float64")
    return {str(metric): {str(k): float(v) for k, v in row.items()} for metric, row in numbers.iterrows()}


def _run(project: Project, learned: Learned, name: str, bundle: Path | None) -> ModelRun:
    table = learned.leaderboard
    mine = table[(table["model"] == name) & (table["cohort"] == "all")]
    folds = {
        int(str(fold)): dict(zip(rows["metric"].astype(str), rows["value"].astype(float), strict=True))
        for fold, rows in mine[mine["fold"] != "pooled"].groupby("fold")
    }
    spec, window = _spec(learned, name), learned.backtest.window
    role = {learned.choice.champion: "champion", learned.choice.challenger: "challenger"}.get(name, "compared")
    params = {
        "estimator": spec.estimator,
        **{f"parameter.{k}": v for k, v in spec.parameters.items() if isinstance(v, (int, float, str, bool))},
        "horizon_days": window.horizon_days,
        "lead_days": window.lead_days,
        "grace_days": window.grace_days,
        "features": len(learned.models[name].features),
        "seed": project.settings.training.seed,
        "data_hash": learned.data_hash,
    }
    texts = {
        "leaderboard.csv": table.to_csv(index=False),
        "labels.csv": learned.report.to_csv(),
        "folds.csv": learned.backtest.folds.to_csv(),
        "audit.json": learned.audit.to_json(examples=False),  # an example is a row of somebody's
        "findings.txt": "\n".join(f"{f.code} {f.status}: {f.message}" for f in learned.findings),
        "choice.txt": "\n".join(learned.choice.reasons),
    }
    if bundle is not None:
        texts["model_card.md"] = (bundle / "model_card.md").read_text(encoding="utf-8")
    else:
        texts["reasons.csv"] = reasons_in_all(learned, name)
    figures = {
        "reliability.png": charts.reliability(reliability_bins(learned, name), f"{spec.title}: said and happened"),
        "log_loss.png": charts.intervals(_interval_table(table, "log_loss"), "Log loss, out of time", "log loss"),
        "auroc_by_fold.png": charts.fold_trend(_fold_table(learned, "auroc"), "AUROC by fold", "AUROC"),
    }
    metrics = {metric: figure["value"] for metric, figure in _pooled(learned, name).items()}
    cards = {f.name: f for f in learned.features}
    inputs = learned.models[name].features
    return ModelRun(
        name=name,
        params=params,
        tags={"role": role, "project": project.settings.project.name, "servable": str(spec.is_servable).lower()}
        | ({"caveat": learned.caveat} if learned.caveat else {}),
        pooled=metrics,
        folds=folds,
        bundle=bundle,
        inputs=inputs,
        text_inputs=frozenset(n for n in inputs if cards[n].is_category),
        texts=texts,
        figures=figures,
    )


def reasons_in_all(learned: Learned, name: str, rows: int = 20) -> str:
    """What moves a model's log-odds most, as CSV: feature, mean size of its SHAP value over rows of the last day.

    The first line says by how much the values of a row miss its margin at most. No row of an account is in it.
    """
    X = learned.X.loc[learned.outcomes.index].sort_index(level="as_of").tail(rows)
    model = learned.models[name]
    values = shapley_values(model, X)
    missed = residual(values.phi, values.base, model.margins(X))
    sizes = pd.Series(np.abs(values.phi).mean(axis=(0, 1)), index=pd.Index(model.features, name="feature"))
    table = sizes.sort_values(ascending=False).rename("mean_size_in_log_odds").to_csv()
    return f"# {len(X)} rows; values and base miss the margin by at most {missed:.1e}\n{table}"


def reliability_bins(learned: Learned, name: str, bins: int = 10) -> pd.DataFrame:
    """Said against happened in bins of equal size by predicted risk: said, happened, n."""
    rows = shared_rows(learned.backtest)
    judged = rows.judged(name)
    table = pd.DataFrame({"said": judged.risk, "happened": judged.churned.astype(float)})
    # equal risks share a bin: a base rate is one dot, not ten
    place = (table["said"].rank(method="average") * bins / (len(table) + 1)).astype(int)
    grouped = table.groupby(place)
    return grouped.mean().assign(n=grouped.size())


def _interval_table(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    rows = table[(table["fold"] == "pooled") & (table["cohort"] == "all") & (table["metric"] == metric)]
    return rows.set_index("model")[["value", "low", "high"]].sort_values("value")


def _fold_table(learned: Learned, metric: str) -> pd.DataFrame:
    table = learned.leaderboard
    rows = table[(table["fold"] != "pooled") & (table["cohort"] == "all") & (table["metric"] == metric)]
    number = rows["fold"].astype(int)
    cutoffs = number.map(learned.backtest.folds["cutoff"])
    cutoffs = cutoffs if cutoffs.notna().all() else number  # parts of a flat table stand at no moment
    return rows.assign(cutoff=cutoffs).pivot(index="cutoff", columns="model", values="value")
