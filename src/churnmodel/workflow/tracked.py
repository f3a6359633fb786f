"""What of a training goes into MLflow? (params, metrics, texts and figures of each run; no account's row)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel import charts
from churnmodel.evaluation.curves import lift_curve, reliability_bins
from churnmodel.evaluation.profit import profit_curve, valued
from churnmodel.evaluation.regret import fold_values
from churnmodel.evaluation.shared import judged_how
from churnmodel.explanation.any_classifier import residual
from churnmodel.explanation.beeswarm import beeswarm
from churnmodel.explanation.in_common import in_common
from churnmodel.explanation.shapley import shapley_values
from churnmodel.explanation.waterfall import waterfall
from churnmodel.models.risk_curve import NOT_STATED
from churnmodel.reports.model_names import called, drawn
from churnmodel.scoring.bundle import read_bundle
from churnmodel.tracking.runs import ModelRun
from churnmodel.workflow.money import read_money
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import FOLDER, Record
from churnmodel.workflow.training import Learned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEESWARM_ROWS = 400
"""More dots hide each other, and SHAP values cost."""


def experiment_of(project: Project) -> str:
    """The MLflow experiment, and the registered model, of a project."""
    named = project.settings.tracking.experiment
    slug = re.sub(r"[^a-z0-9]+", "-", project.settings.project.name.lower()).strip("-")
    # risks of different horizons are different models: none may take the other's place
    days = project.settings.flat.horizon_days if project.is_flat else project.window.horizon_days
    return f"{named or 'churnmodel-' + (slug or 'project')}-{f'{days}d' if days else 'flat'}"


def run_of(project: Project, learned: Learned, record: Record, name: str, bundle: Path | None) -> ModelRun:
    """One model of a training, as it is to be tracked; without a `bundle` where only a pickle could keep it."""
    choice = learned.choice
    spec, window = next(s for s in learned.specs if s.name == name), learned.backtest.window
    role = {choice.champion: "champion", choice.challenger: "challenger"}.get(name, "compared")
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
        "leaderboard.csv": learned.leaderboard.to_csv(index=False),
        "labels.csv": learned.report.to_csv(),
        "folds.csv": learned.backtest.folds.to_csv(),
        "audit.json": learned.audit.to_json(examples=False),  # an example is a row of somebody's
        "findings.txt": "\n".join(f"{f.code} {f.status}: {f.message}" for f in learned.findings),
        "choice.txt": "\n".join(choice.reasons),
    }
    tags = {"role": role, "project": project.settings.project.name, "training": record.name}
    tags |= {"servable": str(bundle is not None).lower()} | ({"caveat": learned.caveat} if learned.caveat else {})
    if bundle is None:
        texts["reasons.csv"] = reasons_in_all(learned, name)
    else:
        texts["model_card.md"] = (bundle / "model_card.md").read_text(encoding="utf-8")
        tags["bundle"] = read_bundle(bundle).short_version
    inputs = learned.models[name].features
    cards = {f.name: f for f in learned.features}
    return ModelRun(
        name=name,
        params=params,
        tags=tags,
        pooled={metric: figure["value"] for metric, figure in pooled_figures(learned.leaderboard, name).items()},
        folds=_by_fold(learned.leaderboard, name),
        bundle=bundle,
        inputs=inputs,
        text_inputs=frozenset(n for n in inputs if cards[n].is_category),
        edges=[edge for edge in learned.backtest.final_curves[name].edges if edge != NOT_STATED],
        texts=texts,
        figures=figures_of(learned, record, name, spec.title)
        | figures_of_money(read_money(project.home / FOLDER / record.name), project, record, name),
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


def pooled_figures(table: pd.DataFrame, name: str) -> dict[str, dict[str, float]]:
    """Metric -> value, low, high of a model over all folds and accounts."""
    rows = table[(table["model"] == name) & (table["fold"] == "pooled") & (table["cohort"] == "all")]
    numbers = rows.set_index("metric")[["value", "low", "high"]].astype("float64")
    return {str(metric): {str(k): float(v) for k, v in row.items()} for metric, row in numbers.iterrows()}


def _by_fold(table: pd.DataFrame, name: str) -> dict[int, dict[str, float]]:
    rows = table[(table["model"] == name) & (table["cohort"] == "all") & (table["fold"] != "pooled")]
    return {
        int(str(fold)): dict(zip(part["metric"].astype(str), part["value"].astype(float), strict=True))
        for fold, part in rows.groupby("fold")
    }


def figures_of(learned: Learned, record: Record, name: str, title: str) -> dict[str, Figure]:
    """The pictures of one model's run, by file name: shares, counts and unnamed dots, never an account."""
    table, rows = learned.leaderboard, record.rows
    models, shown = [spec.name for spec in (*learned.specs, *learned.competitors)], called(name)
    lines, styles = drawn(models, name), _styles(models, name)
    loss = table[(table["fold"] == "pooled") & (table["cohort"] == "all") & (table["metric"] == "log_loss")]
    figures = {
        "log_loss.png": charts.intervals(
            loss.assign(model=loss["model"].map(called))
            .set_index("model")[["value", "low", "high"]]
            .sort_values("value"),
            f"Log loss, {judged_how(record.caveat)}",
            "log loss",
        ),
    }
    if record.folds["cutoff"].notna().all():  # parts of a flat table stand at no moment
        values = by_cutoff(fold_values(table, "auroc"), record.folds)
        values = values[[m for m in lines if m in values]].rename(columns=called)
        figures["auroc_by_fold.png"] = charts.fold_trend(
            values, "AUROC by fold", "AUROC", highlight=shown, styles=styles
        )
    if "trains_from" in record.folds:
        figures["folds_in_time.png"] = charts.folds_in_time(record.folds, record.about["data_until"])
    if name in rows.risks:
        bins = {name: reliability_bins(rows, name)}
        figures["reliability.png"] = charts.reliability(bins, f"{title}: said and happened")
        curve = lift_curve(rows)
        curve = curve[[m for m in lines if m in curve]].rename(columns=called)
        figures["lift.png"] = charts.lift(
            curve, "Lift over working accounts by lot", rows.capacity, shown, styles=styles
        )
    is_kept = name not in record.about.get("not_servable", ())  # of others each row costs a search for its reasons
    if learned.models[name].features and is_kept:
        days = record.about["edges"][0]
        what = f"{title}: what moves the risk{f' of the next {days} days' if days else ''}"
        near = near_rows(learned)
        figures["shap_beeswarm.png"] = beeswarm(learned.models[name], near, what)
        common = in_common(learned.models[name], learned.backtest.final_curves[name], near, learned.features)
        what = f"{title}: what the riskiest tenth has in common"
        figures["shap_waterfall.png"] = waterfall(common.points, common.base_risk, what)
    return figures


def figures_of_money(
    money: Mapping[str, pd.DataFrame], project: Project, record: Record, name: str
) -> dict[str, Figure]:
    """What a model catches of churned MRR and what a round with it earns; none where no money was kept.

    The interval of the profit is drawn for the model that was looked at closely, of which alone it was kept.
    """
    if not money or name not in record.rows.risks:
        return {}
    capacity = record.rows.capacity if record.rows.capacity < 1 else None
    caught, kept = money["capture_curve"], money["profit_curve"]
    lines = drawn(caught["ranking"].unique().tolist(), name)
    caught = pd.concat([caught[caught["ranking"] == ranking] for ranking in lines])
    caught = caught.assign(ranking=caught["ranking"].map(called))
    earned = kept[kept["ranking"] == name]
    if earned.empty:
        earned = profit_curve(valued(record.rows, name), project.settings.money)
    currency = project.settings.project.currency
    return {
        "capture.png": charts.capture_curve(
            caught, "Churned MRR caught", capacity, styles=_styles(record.rows.risks, name)
        ),
        "profit.png": charts.profit_curve(earned, f"Profit of a round, {called(name)}", currency, capacity),
    }


def _styles(models: Iterable[str], name: str) -> dict[str, charts.Style]:
    """How each model is drawn in one run's pictures."""
    return charts.model_styles([called(m) for m in models], called(name))


def by_cutoff(values: pd.DataFrame, folds: pd.DataFrame) -> pd.DataFrame:
    """A table by fold, indexed by the moments at which the folds stand."""
    return values.set_axis(pd.DatetimeIndex(folds.loc[values.index, "cutoff"]), axis=0)


def near_rows(learned: Learned) -> pd.DataFrame:
    """A sample of the rows whose near periods were learned from."""
    X = learned.X.loc[learned.outcomes.index]
    return X.sample(min(BEESWARM_ROWS, len(X)), random_state=0).sort_index()
