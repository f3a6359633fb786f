"""Which features do declared metrics and account attributes give?

A metric declared under ``[metrics.NAME]`` becomes a level, a change and a slope; an attribute of accounts named
in ``features.static`` becomes a category. Both are made from the settings, so they are functions, not a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from churnmodel.errors import FeatureError
from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import RelativeChange, Slope
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Category, Mean
from churnmodel.settings import MetricSettings
from churnmodel.sources.schemas import ACCOUNTS, NUMBER_SCALE

_NAMES = ("account_id", "name", "parent_account_id", "known_at", "event_id")
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
    stem = _stem(name)
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

    Any column of the company's accounts may be named; whether it is there, `lacking` tells.

    >>> [f.name for f in static_features(["segment", "Sales region"])]
    ['segment', 'sales_region']

    Raises
    ------
    FeatureError
        A column that names the account, or is a time or an amount: no category.
    """
    return tuple(_static(name) for name in attributes)


def _static(column: str) -> Feature:
    kind = {c.name: c.kind for c in ACCOUNTS.columns}.get(column, "text")
    if column in _NAMES or kind not in ("text", "boolean"):
        raise FeatureError(
            f"features.static: {column!r} is no category; wanted an attribute that many accounts share. Remove it."
        )
    stem = _stem(column)
    name = stem if stem.isidentifier() else f"attribute_{stem}"
    words = " ".join(re.findall(r"[^\W_]+", column)) or "attribute"
    called = "attribute" if any(c.isdigit() for c in words) else words  # a number would read as its value
    return Feature(
        name,
        "financial",
        words,
        f"The account's {words}, declared never to change.",
        "category",
        Wording(f"{words[:1].upper()}{words[1:]}: {{{name}:text}}", unknown=f"The {called} is not known"),
        Category(Aggregate("accounts", "text", Cell(column, lambda t: t[column].cast("string"), reads=(column,)))),
        actionable=False,
    )


def _stem(name: str) -> str:
    return re.sub(r"\W+", "_", name.lower()).strip("_")
