"""How healthy is every account, from 0 to 100, what makes it so, and what overrules it?

Health is the published risk of churn by the next renewal on the frozen scale of the model
(`churnmodel.scoring.bands`; a segment may have cuts of its own in the settings), and then whatever rules allow::

    health = starts_at + usage + support + financial + sentiment + relationship + renewal + exception_points

Red is 40 and below, green above 70. An account under notice has no risk, and so no health.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from churnmodel.scoring.bands import Bands
from churnmodel.settings.health import ExceptionRule
from churnmodel.success.health_exceptions import CAPS, Asked, lowered
from churnmodel.success.health_parts import AS_RISK, PARTS, health_points, same_scale

ABOUT = (
    "name", "segment", "csm", "mrr", "mrr_at_risk", "status", "leaving_on", "renews_at", "days_to_renewal",
)  # fmt: skip
"""What the frame takes over from the scores, where they have it."""


def health_of(
    scores: pd.DataFrame,
    as_of: date,
    *,
    bands: Bands | None = None,
    points: pd.DataFrame | None = None,
    cuts: Mapping[str, Bands] | None = None,
    rules: Sequence[ExceptionRule] = (),
    asked: Asked | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """The health of every account of a published score table.

    Parameters
    ----------
    scores
        Indexed by account_id: risk, base_risk, band and health as published and, where known, `ABOUT`.
    bands, points
        The scale frozen in the model's bundle, and points of risk by family
        (`churnmodel.success.health_parts.family_points`) for the accounts that have a risk. Without them the parts
        are missing.
    cuts
        Segment -> the scale of its own.
    rules, asked
        The exceptions, and what they are asked of, row by row as `scores`.

    Returns
    -------
    DataFrame
        Indexed by account_id: `ABOUT`, risk, model_band and model_health (by the scale, before any rule), band and
        health, starts_at and `PARTS` (points of health), exception_points (never above 0), the parts as points of
        risk (``usage_risk``, ...), rule, exception and rules_met as `churnmodel.success.health_exceptions.lowered`
        gives them, own_cuts (whether its segment has a scale of its own).
    """
    risk = scores["risk"].to_numpy(dtype=np.float64)
    health, band = scores["health"].to_numpy(dtype=np.float64, copy=True), _bands_published(scores)
    scale = scales_of(scores, cuts or {})
    for one, places in same_scale(scale).items():
        if one is not None:
            health[places], band[places] = one.health(risk[places]), one.band(risk[places])
    frame = scores[[name for name in ABOUT if name in scores]].assign(
        risk=risk,
        model_band=pd.Series(band, index=scores.index, dtype=object),  # None where there is none, not NaN
        model_health=health,
        own_cuts=[one is not None for one in scale],
    )
    parts = pd.DataFrame(np.nan, index=scores.index, columns=["starts_at", *PARTS])
    if points is not None and bands is not None:
        there = scores.index.isin(points.index) & ~np.isnan(risk)
        own, base = points.reindex(scores.index[there]), scores["base_risk"].to_numpy(dtype=np.float64)
        scale_there = [one or bands for one, is_there in zip(scale, there, strict=True) if is_there]
        parts = health_points(own, risk[there], base[there], scale_there).reindex(scores.index)
        frame = frame.join(own.rename(columns=lambda name: AS_RISK.get(name, f"{name}_risk")))
    return with_exceptions(frame.join(parts), rules, asked, as_of, currency)


def with_exceptions(
    frame: pd.DataFrame,
    rules: Sequence[ExceptionRule],
    asked: Asked | None,
    as_of: date,
    currency: str | None = None,
) -> pd.DataFrame:
    """`frame` with band and health as the rules allow them, and what they said."""
    known = asked if asked is not None else Asked(pd.DataFrame(index=frame.index))
    day = pd.Timestamp(as_of).to_pydatetime()
    said = lowered(frame["model_band"], rules, known, day, currency)
    cap = said["band"].where(said["rule"].notna()).map(CAPS).to_numpy(dtype=np.float64)
    health = np.fmin(frame["model_health"].to_numpy(dtype=np.float64), cap)
    health = np.where(frame["model_health"].isna(), np.nan, health)
    return frame.assign(
        band=said["band"],
        health=health,
        exception_points=health - frame["model_health"],
        rule=said["rule"],
        exception=said["exception"],
        rules_met=said["rules_met"],
    )


def scales_of(rows: pd.DataFrame, cuts: Mapping[str, Bands]) -> list[Bands | None]:
    """The scale of its segment's own for every row that has one."""
    if not cuts or "segment" not in rows:
        return [None] * len(rows)
    return [cuts.get(str(segment)) for segment in rows["segment"]]


def _bands_published(scores: pd.DataFrame) -> np.ndarray:
    band = scores["band"].astype("object")
    return band.where(band.notna(), None).to_numpy(dtype=object, copy=True)
