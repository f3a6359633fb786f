"""Which figures are models judged by, and which of them does a slice not allow?

The functions take arrays and optional weights; `METRICS` is the list every table is made of. A figure a slice
does not allow (nobody churned in it) is NaN, and `why_undefined` says why; it is never an exception and never
a polite 0.5.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from churnmodel.evaluation.judged import Floats, Judged, columns
from churnmodel.evaluation.probability import (
    brier,
    calibration_intercept,
    calibration_slope,
    intercepts,
    log_loss,
    means,
    observed_over_expected,
    slopes,
)
from churnmodel.evaluation.ranking import (
    at_capacity,
    auroc,
    auroc_of,
    average_precision,
    average_precision_of,
    by_risk,
    lift_at,
    mrr_caught_at,
    precision_at,
    recall_at,
)

__all__ = [
    "METRICS",
    "METRIC_NAMES",
    "Judged",
    "Metric",
    "auroc",
    "average_precision",
    "brier",
    "calibration_intercept",
    "calibration_slope",
    "figures",
    "lift_at",
    "log_loss",
    "metric_named",
    "mrr_caught_at",
    "observed_over_expected",
    "precision_at",
    "recall_at",
    "why_undefined",
]


@dataclass(frozen=True)
class Metric:
    """One figure of the comparison table.

    Parameters
    ----------
    name, title
        In frames, and for people.
    better
        ``"high"``, ``"low"``, or ``"target"``: the nearer to `target` the better.
    needs
        What a slice must have for the figure to exist.
    """

    name: str
    title: str
    better: Literal["high", "low", "target"]
    needs: tuple[Literal["rows", "churners", "stayers", "spread", "money"], ...] = ("rows",)
    target: float | None = None


METRICS: tuple[Metric, ...] = (
    Metric("auroc", "AUROC", "high", ("rows", "churners", "stayers")),
    Metric("average_precision", "average precision", "high", ("rows", "churners")),
    Metric("log_loss", "log loss", "low"),
    Metric("brier", "Brier score", "low"),
    Metric("calibration_slope", "calibration slope", "target", ("rows", "churners", "stayers", "spread"), 1),
    Metric("calibration_intercept", "calibration intercept", "target", ("rows", "churners", "stayers"), 0),
    Metric("observed_over_expected", "happened / said", "target", ("rows",), 1),
    Metric("precision_at_capacity", "precision at capacity", "high"),
    Metric("recall_at_capacity", "recall at capacity", "high", ("rows", "churners")),
    Metric("lift_at_capacity", "lift at capacity", "high", ("rows", "churners")),
    Metric("mrr_caught_at_capacity", "churned MRR caught at capacity", "high", ("rows", "churners", "money")),
)

METRIC_NAMES: tuple[str, ...] = tuple(metric.name for metric in METRICS)


def metric_named(name: str) -> Metric:
    """The metric of that name (KeyError if there is none)."""
    return {m.name: m for m in METRICS}[name]


def figures(
    rows: Judged, weights: ArrayLike | None = None, names: Collection[str] = METRIC_NAMES
) -> dict[str, Floats]:
    """The metrics of those names, for every column of weights: name -> (d,), in the order of `METRICS`.

    What metrics share (the sorting, the means, the cut at capacity) is done once.
    """
    w = columns(weights, len(rows))
    if len(rows) == 0:
        return {name: np.full(w.shape[1], np.nan) for name in METRIC_NAMES if name in names}
    found: dict[str, Floats] = {}
    if "auroc" in names or "average_precision" in names:
        churners, stayers = by_risk(rows, w)
        if "auroc" in names:
            found["auroc"] = auroc_of(churners, stayers)
        if "average_precision" in names:
            found["average_precision"] = average_precision_of(churners, stayers)
    if not {"log_loss", "brier", "observed_over_expected"}.isdisjoint(names):
        found |= means(rows, w)
    if "calibration_slope" in names:
        found["calibration_slope"] = slopes(rows, w)
    if "calibration_intercept" in names:
        found["calibration_intercept"] = intercepts(rows, w)
    if any(name.endswith("_at_capacity") for name in names):
        found |= {f"{name}_at_capacity": value for name, value in at_capacity(rows, w).items()}
    return {name: found[name] for name in METRIC_NAMES if name in names}


def why_undefined(metric: Metric, rows: Judged) -> str | None:
    """Why the metric has no value on these rows, as a plain phrase; None where it has one.

    >>> nobody = Judged.of([False, False], [0.1, 0.2])
    >>> why_undefined(metric_named("auroc"), nobody)
    'nobody churned among the 2 snapshots'
    >>> why_undefined(metric_named("brier"), nobody) is None
    True
    """
    n, churners = len(rows), int(rows.churned.sum())
    if "rows" in metric.needs and n == 0:
        return "there are no snapshots"
    if "churners" in metric.needs and churners == 0:
        return f"nobody churned among the {n} snapshots"
    if "stayers" in metric.needs and churners == n:
        return f"all {n} snapshots churned"
    if "money" in metric.needs and not rows.mrr[rows.churned].sum() > 0:
        return f"the {churners} churned snapshots had no recurring revenue"
    if "spread" in metric.needs:
        if np.ptp(rows.risk) == 0:
            return "every snapshot has the same risk"
        if np.isnan(slopes(rows, columns(None, n)))[0]:
            return "the risk separates churners from stayers completely"
    return None
