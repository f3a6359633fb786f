"""What did bands and rules come to in the replayed past? (observed churn, each rule judged, without a retraining)

Training keeps the out-of-time predictions of every model and the features of its snapshots; facts are made from
the tables as known at each of those days. So the past is asked anew whenever the settings change, in seconds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.scoring.bands import Bands
from churnmodel.sources.database import SNAPSHOT
from churnmodel.success.health_judged import band_by_rules, judged_rules
from churnmodel.success.health_observed import bands_of, observed_by_band, observed_by_own_cuts, replayed_rows
from churnmodel.success.health_rules import met
from churnmodel.workflow.health import Health, own_cuts
from churnmodel.workflow.health_asked import asked_of
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import FOLDER, LATEST
from churnmodel.workflow.similar import PAST


@dataclass(frozen=True)
class Replayed:
    """The replayed past of the model health is told from.

    Parameters
    ----------
    rows, band
        `churnmodel.success.health_observed.replayed_rows`, and the band of each (before any rule).
    folder
        The training that kept it; None where none of this model is kept.
    why_none
        Why there are no rows.
    """

    rows: pd.DataFrame = field(repr=False)
    band: np.ndarray = field(repr=False)
    bands: Bands | None
    folder: Path | None
    why_none: str = ""

    def of(self, segment: str | None) -> Replayed:
        """The same of one segment; all of it where none is named."""
        if segment is None:
            return self
        mine = (self.rows["segment"].astype("object") == segment).to_numpy(dtype=bool)
        return replace(self, rows=self.rows[mine].reset_index(drop=True), band=self.band[mine])

    def observed(self, segment: str | None = None) -> pd.DataFrame:
        """`churnmodel.success.health_observed.observed_by_band`, of all rows or one segment."""
        mine = self.of(segment)
        return observed_by_band(mine.rows, mine.band)


def replayed(project: Project, health: Health) -> Replayed:
    """The out-of-time rows of the model `health` is told from, with their bands."""
    empty = pd.DataFrame(columns=["account_id", "as_of", "segment", "mrr", "risk", "churned"])
    scorer, table = health.driver.scorer, health.driver.table
    if table is None or scorer is None:
        why = "the weights were never replayed" if table is None else "the model's bundle is not kept any more"
        return Replayed(empty, np.empty(0, dtype=object), None, None, why)
    folder = training_of(project.home, table.version)
    if folder is None:
        return Replayed(empty, np.empty(0, dtype=object), scorer.bundle.bands, None, "no training of it is kept")
    name = scorer.bundle.manifest.model.name
    rows = replayed_rows(pd.read_parquet(folder / "predictions.parquet"), name)
    return Replayed(rows, bands_of(rows, scorer.bundle.bands, own_cuts(project)), scorer.bundle.bands, folder)


@dataclass(frozen=True)
class JudgedRules:
    """`churnmodel.success.health_judged.judged_rules`, and on what.

    Parameters
    ----------
    looks, accounts
        How many snapshots the rules were asked of, of how many accounts.
    without, with_rules
        `churnmodel.success.health_observed.observed_by_band` of the same looks, before and after all rules.
    first, last
        The days of the first and the last look; None where there are none.
    """

    rules: pd.DataFrame = field(repr=False)
    looks: int
    accounts: int
    without: pd.DataFrame = field(repr=False)
    with_rules: pd.DataFrame = field(repr=False)
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None


def judged_rules_of(project: Project, past: Replayed) -> JudgedRules:
    """The project's rules, each judged on the replayed past."""
    rules = project.settings.health.exceptions
    kept = None if past.folder is None else past.folder / PAST
    if kept is None or not kept.is_file() or past.rows.empty:
        nobody, none, no_band = [np.empty(0, dtype=bool)] * len(rules), past.rows.iloc[:0], past.band[:0]
        empty = observed_by_band(none, no_band)
        return JudgedRules(judged_rules(none, no_band, rules, nobody), 0, 0, empty, empty)
    X = pd.read_parquet(kept)
    X["as_of"] = X["as_of"].astype("datetime64[us]")
    X = X.set_index(SNAPSHOT)
    # of a very large past, training keeps every second, third, ... look
    at = pd.MultiIndex.from_frame(past.rows[SNAPSHOT])
    there = at.isin(X.index)
    rows, band = past.rows[there].reset_index(drop=True), past.band[there]
    asked = asked_of(project, X.loc[at[there]], rows["segment"])
    hits = [met(rule.condition, asked.rows) for rule in rules]
    return JudgedRules(
        judged_rules(rows, band, rules, hits),
        len(rows),
        rows["account_id"].nunique(),
        observed_by_band(rows, band),
        observed_by_band(rows, band_by_rules(band, rules, hits)),
        rows["as_of"].min(),
        rows["as_of"].max(),
    )


def cuts_beside(project: Project, past: Replayed) -> pd.DataFrame:
    """`churnmodel.success.health_observed.observed_by_own_cuts` for the segments that have cuts of their own."""
    cuts = own_cuts(project) if past.bands is not None else {}
    return observed_by_own_cuts(past.rows, past.bands or Bands(0.1, 0.2), cuts)


def training_of(home: Path, version: str) -> Path | None:
    """The folder of the training that made a bundle, the latest first; None where it is not kept."""
    places = sorted((home / FOLDER).glob("*/about.json"))
    try:
        latest = str(json.loads((home / FOLDER / LATEST).read_text(encoding="utf-8"))["training"])
    except (OSError, ValueError, KeyError, TypeError):
        latest = ""
    places.sort(key=lambda place: place.parent.name != latest)
    for place in places:
        try:
            about = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if version in dict(about.get("bundles", {})).values() and (place.parent / "predictions.parquet").is_file():
            return place.parent
    return None
