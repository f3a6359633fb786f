"""What speaks against putting this model into use?

The gate refuses a model that is worse than the one in use, miscalibrated, leaky or stale, or that could not be
served. It looks at the record of the last training, so it judges by figures of rows that no model had seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from churnmodel.errors import BundleError
from churnmodel.evaluation.champion import BASE_DRAWS, CHOICE_DRAWS, what_is_caught
from churnmodel.evaluation.checks import FORBIDDING, Finding, check_calibrated
from churnmodel.evaluation.paired import paired_differences
from churnmodel.scoring.bundle import Bundle, read_bundle
from churnmodel.scoring.champion import champion_folder
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import Record

Kind: TypeAlias = Literal["worse", "not compared", "miscalibrated", "leaky", "stale", "not servable"]

LEAST_SLOPE, MOST_SLOPE = 0.7, 1.4
"""Between these a calibration slope is fit for use; the whole 95 % interval must lie outside to be refused."""
MOST_DAYS_OLD = 92
"""Older than a quarter at data_until, a model has missed what the last quarter taught."""
BASE_RATE = "base_rate"
HEADLINE = "by the next renewal"


@dataclass(frozen=True)
class Refused:
    """One reason of the gate: its kind, and a sentence with the numbers."""

    kind: Kind
    reason: str

    def __str__(self) -> str:
        return f"{self.kind.capitalize()}: {self.reason}"


def gate(project: Project, record: Record, folder: Path) -> tuple[Refused, ...]:
    """Everything that speaks against the bundle in `folder`; empty where it may be used.

    Parameters
    ----------
    record
        Of the last training, or of one that is about to be written.
    """
    try:
        bundle = read_bundle(folder)
    except BundleError as cause:
        return (Refused("not servable", str(cause)),)
    name = bundle.manifest.model.name
    return (
        *_unservable(project, bundle),
        *_leaky(record),
        *_miscalibrated(record, name),
        *_stale(project, record, bundle),
        *_worse(project, record, name),
    )


def refuse_unkept(record: Record, name: str) -> tuple[Refused, ...]:
    """Why a model of the last training has no bundle to be put into use: only a pickle could keep its class."""
    if name not in record.about.get("not_servable", ()):
        return ()
    return (Refused("not servable", f"{name} cannot be served without pickle, so no bundle of it is kept."),)


def _unservable(project: Project, bundle: Bundle) -> Iterator[Refused]:
    there = {f.name for f in project.features}
    gone = [name for name in bundle.manifest.inputs if name not in there]
    if gone:
        more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
        yield Refused(
            "not servable",
            f"it reads {', '.join(gone[:3])}{more}, which cannot be built from this project's tables.",
        )


def _leaky(record: Record) -> Iterator[Refused]:
    for finding in record.about["findings"]:
        if finding["code"] in FORBIDDING and finding["status"] == "fired":
            yield Refused("leaky", f"{finding['message']} ({finding['code']})")


def _miscalibrated(record: Record, name: str) -> Iterator[Refused]:
    # the findings of the record speak of its best model; here another may stand at the gate
    finding = check_calibrated(record.backtest, name, draws=record.about["draws"], seed=record.about["seed"])
    if finding.fired and _bars(finding):
        yield Refused("miscalibrated", f"{finding.message} ({finding.code})")
    table = record.leaderboard
    rows = table[(table["model"] == name) & (table["fold"] == "pooled") & (table["cohort"] == "all")]
    slope = rows[rows["metric"] == "calibration_slope"]
    for value, low, high in zip(
        *(slope[c].astype(np.float64).tolist() for c in ("value", "low", "high")), strict=True
    ):
        if high < LEAST_SLOPE or low > MOST_SLOPE:  # NaN: no interval, nothing can be said
            way = "too extreme" if high < LEAST_SLOPE else "too timid"
            yield Refused(
                "miscalibrated",
                f"its risks are {way}: calibration slope {value:.2f} (95 % interval {low:.2f} to {high:.2f}), "
                f"wanted between {LEAST_SLOPE} and {MOST_SLOPE}.",
            )


def _bars(finding: Finding) -> bool:
    """Whether what is off keeps a model out of use.

    The slope of the headline does not, alone: near and far renewals stand in it side by side, so it asks how risks
    by different days compare, and is told as a warning. Levels, and all that is off at the judged horizon, do.
    """
    off = finding.detail["off"]
    return any(s["question"] != HEADLINE or s["what"] != "calibration_slope" for s in off)


def _stale(project: Project, record: Record, bundle: Bundle) -> Iterator[Refused]:
    learned = bundle.manifest.training
    until = project.until.date()
    days = (until - date.fromisoformat(learned.trained_until)).days
    if days > MOST_DAYS_OLD:
        yield Refused(
            "stale",
            f"it learned until {learned.trained_until}, {days} days before data_until {until}; wanted at most "
            f"{MOST_DAYS_OLD}.",
        )
    if learned.data_hash != record.about["data_hash"]:
        yield Refused(
            "stale",
            "it learned from other data than the last training, so the figures of that training are not its own "
            f"(data hash {learned.data_hash[:12] or 'unknown'}, wanted {record.about['data_hash'][:12]}).",
        )


def _worse(project: Project, record: Record, name: str) -> Iterator[Refused]:
    rows, seed = record.rows, record.about["seed"]
    if name not in rows.risks:
        yield Refused(
            "not compared", f"the last training has no predictions of {name} (has: {', '.join(rows.risks)})."
        )
        return
    estimators = record.about.get("estimators", {BASE_RATE: BASE_RATE})  # older records do not say
    base = next((m for m in rows.risks if estimators.get(m) == BASE_RATE), None)
    if base is not None and name != base:
        pair = paired_differences(rows, name, base, "log_loss", draws=BASE_DRAWS, seed=seed)
        if not pair.a_is_better:
            yield Refused("worse", f"{name} does not beat the base rate: {pair}.")
    in_use = _model_in_use(project.home)
    if in_use is None or in_use == name:
        return
    if in_use not in rows.risks:
        yield Refused(
            "not compared",
            f"{in_use}, the model in use, was not replayed in the last training; name it in training.models and "
            "train again, to compare both on the same rows.",
        )
        return
    for metric in ("log_loss", what_is_caught(rows)[0]):
        pair = paired_differences(rows, name, in_use, metric, draws=CHOICE_DRAWS, seed=seed)
        if pair.b_is_better:
            yield Refused("worse", f"{name} is worse than {in_use}, the model in use: {pair}.")


def _model_in_use(home: Path) -> str | None:
    """The name of the model in use; None where there is none, or none that can be read."""
    try:
        return read_bundle(champion_folder(home)).manifest.model.name
    except BundleError:
        return None
