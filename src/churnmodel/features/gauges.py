"""Which features do declared metrics and account attributes give?

A metric declared under ``[metrics.NAME]`` becomes a level, a change and a slope; an attribute of accounts named
in ``features.static`` becomes a category. Both are made from the settings, so they are functions, not a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from churnmodel.errors import FeatureError
from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import (
    Category,
    Mean,
    RelativeChange,
    Slope,
)
from churnmodel.settings import MetricSettings
from churnmodel.sources.schemas import NUMBER_SCALE

_ATTRIBUTES = ("segment", "industry", "country")
_VALUE = Cell("value", lambda t: t.value)
_X = Cell("days ago", lambda t: t.ago // DAY)
_XY = Cell("days ago times value", lambda t: (t.ago // DAY) * t.value)
_XX = Cell("days ago squared", lambda t: (t.ago // DAY) * (t.ago // DAY))


def metric_features(declared: Mapping[str, MetricSettings]) -> tuple[Feature, ...]:
    """Level, change and slope of each declared metric.

    >>> users = MetricSettings(label="weekly active users")
    >>> [f.name for f in metric_features({"weekly_users": users}) if f.role == "input"]
    ['weekly_users_mean_28d', 'weekly_users_change_28d', 'weekly_users_slope_90d']
    """
    return tuple(f for name, metric in declared.items() for f in _of_metric(name, metric))


def _of_metric(name: str, metric: MetricSettings) -> tuple[Feature, ...]:
    stem = re.sub(r"\W+", "_", name.lower()).strip("_")
    this = Cell(f"metric {name}", lambda t: t.metric == name)
    label = metric.label[:1].upper() + metric.label[1:]

    def total(of: Cell | None, since: int, until: int = 0) -> Aggregate:
        return Aggregate("metrics", "sum" if of else "count", of, since, until, this)

    def mean(since: int, until: int = 0) -> Mean:
        return Mean(total(_VALUE, since, until), total(None, since, until), NUMBER_SCALE)

    level, before = f"{stem}_mean_28d", f"{stem}_mean_previous_28d"
    quoted = f"[: {{{level}:score}} on average in the last 28 days, {{{before}:score}} in the 28 before]"

    def feature(
        suffix: str, meaning: str, wording: Wording, measure: Mean | RelativeChange | Slope, **more: str
    ) -> Feature:
        return Feature(
            f"{stem}_{suffix}",
            metric.family,
            metric.label,
            meaning,
            measure=measure,
            wording=wording,
            unit=more.get("unit", "score"),  # type: ignore[arg-type]
            role=more.get("role", "input"),  # type: ignore[arg-type]
            raises_risk=metric.raises_risk,
            actionable=metric.actionable,
        )

    return (
        feature(
            "mean_28d",
            f"Mean of {metric.label} in [as_of - 28 days, as_of).",
            Wording(
                f"{label}: {{{level}:score}} on average in the last 28 days"
                f"[, {{{before}:from score}} in the 28 before]",
                unknown=f"{label} not measured lately",
            ),
            mean(28),
        ),
        feature(
            "mean_previous_28d",
            f"Mean of {metric.label} in [as_of - 56 days, as_of - 28 days).",
            Wording(
                f"{label}: {{{before}:score}} on average in the 28 days before the last 28",
                unknown=f"{label} not measured then",
            ),
            mean(56, 28),
            role="context",
        ),
        feature(
            "change_28d",
            f"Mean of {metric.label} in the last 28 days against the 28 before:"
            " (now - before) / (|now| + |before|).",
            Wording(
                f"{label} moved{quoted}",
                rise=f"{label} rose{quoted}",
                fall=f"{label} fell{quoted}",
                zero=f"{label} unchanged[ at {{{level}:score}}]",
                unknown=f"Too early to say how {metric.label} moves",
            ),
            RelativeChange(mean(28), mean(56, 28)),
            unit="change",
        ),
        feature(
            "slope_90d",
            f"Trend of {metric.label} over [as_of - 90 days, as_of), per 28 days (least squares).",
            Wording(
                f"{label} moving over the last 90 days",
                rise=f"{label} rising over the last 90 days[, now {{{level}:score}}]",
                fall=f"{label} falling over the last 90 days[, now {{{level}:score}}]",
                zero=f"{label} steady over the last 90 days",
                unknown=f"Too few measurements to tell the trend of {metric.label}",
            ),
            Slope(
                total(None, 90),
                total(_X, 90),
                total(_VALUE, 90),
                total(_XY, 90),
                total(_XX, 90),
                NUMBER_SCALE,
            ),
            unit="slope",
        ),
    )


def static_features(attributes: Iterable[str]) -> tuple[Feature, ...]:
    """The attributes of ``accounts`` that the settings declare never to change, as categories.

    Raises
    ------
    FeatureError
        An attribute that the contract does not have.
    """
    return tuple(_static(name) for name in attributes)


def _static(name: str) -> Feature:
    if name not in _ATTRIBUTES:
        raise FeatureError(f"features.static: {name!r} is not one of {', '.join(_ATTRIBUTES)}. Remove it.")
    return Feature(
        name,
        "financial",
        name,
        f"The account's {name}, declared never to change.",
        "category",
        Wording(f"{name.capitalize()}: {{{name}:text}}", unknown=f"The {name} is not known"),
        Category(Aggregate("accounts", "text", Cell(name, lambda t: t[name], reads=(name,)))),
        actionable=False,
    )
