"""Which scores of earlier days do alerts look back on? (published ones; or, for a replay, those of the
backtest)"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import numpy as np
import pandas as pd

from churnmodel.scoring.band_moves import with_cause
from churnmodel.scoring.bands import Bands
from churnmodel.scoring.changed import Changed, changed
from churnmodel.scoring.score_table import ScoreTable, published, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.sources.database import SNAPSHOT
from churnmodel.success.alert import DAY
from churnmodel.workflow.alerts_bands import with_health
from churnmodel.workflow.changed import preferred_version
from churnmodel.workflow.health import project_health
from churnmodel.workflow.health_driver import SCORECARD, driver_by, scorer_of
from churnmodel.workflow.health_replayed import training_of
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import read_record
from churnmodel.workflow.similar import PAST

LOOKED_BACK = 120
"""Days of scores that a morning looks back on: a band is held by hysteresis no longer."""
COLUMNS = [
    *("risk", "band", "health", "model_band", "exception", "risk_days", "days_to_renewal", "mrr", "csm", "name"),
    "version",
]


@dataclass(frozen=True)
class History:
    """Scores by snapshot, and what is told beside them.

    Parameters
    ----------
    scores
        Indexed by snapshot: `COLUMNS`.
    days
        How many days were scored.
    reasons
        By account_id: the strongest reason that raises the latest risk and can be acted on, in words.
    causes
        By account_id: what moved the risk most since the day before the latest, in words.
    latest
        The last day that was scored.
    new_model
        The day from which another model scores, where it is the latest: the day before is told as it sees it.
    lead_days
        From how many days after its day a score counts.
    instead
        Why it is not a champion that speaks, in a sentence; empty where it is.
    """

    scores: pd.DataFrame
    days: int
    reasons: pd.Series
    causes: pd.Series
    latest: pd.Timestamp | None
    new_model: pd.Timestamp | None
    lead_days: int
    instead: str = ""

    @property
    def by_weights(self) -> bool:
        """Whether there are bands of the scorecard's weights alone, and no risk."""
        return bool(self.instead) and not self.scores["risk"].notna().any()

    @property
    def ruled(self) -> pd.Index:
        """The accounts that a rule of health held down on the latest day."""
        rows = self.scores[self.scores["exception"].notna()]
        rows = rows[rows.index.get_level_values("as_of") == self.latest]
        return rows.index.get_level_values("account_id")


def _shaped(scores: pd.DataFrame) -> pd.DataFrame:
    return scores.reindex(columns=COLUMNS)


_NONE = pd.MultiIndex.from_arrays([pd.Index([], dtype="str"), pd.DatetimeIndex([]).as_unit("us")], names=SNAPSHOT)
_NO_WORDS = pd.Series(dtype="object")
NOTHING = History(_shaped(pd.DataFrame(index=_NONE)), 0, _NO_WORDS, _NO_WORDS, None, None, 0)
"""Nothing was scored by then."""


def published_history(project: Project, as_of: pd.Timestamp, *, has_book: bool = True) -> History:
    """The published scores of the `LOOKED_BACK` days up to `as_of`; of a day that several models scored, one.

    Bands are health's, with the cuts of segments and every exception. Without a champion they are what health is
    told from then: the scorecard's scores, or its weights alone, which know no risk.

    Where the bundle of the latest scores is not kept any more, no cause of a movement is told.

    Parameters
    ----------
    has_book
        Whether anybody was a customer on that day.

    Raises
    ------
    ScoreError
        A table is not what was published.
    """
    if not has_book:
        return NOTHING
    driver, oldest = driver_by(project, as_of), (as_of - LOOKED_BACK * DAY).date()
    if driver.table is None:
        return _by_weights(project, as_of, driver.instead) if driver.instead else NOTHING
    versions: dict[date, list[str]] = {}
    for day, version in published(driver.folder):
        if oldest <= day <= as_of.date():
            versions.setdefault(day, []).append(version)
    tables: list[ScoreTable] = []
    for day in reversed(list(versions)):
        later = tables[-1].version if tables else ""
        tables.append(read_scores(driver.folder, day, preferred_version(project, versions[day], later)))
    tables.reverse()
    if not tables:
        return NOTHING
    causes, new_model, latest = NOTHING.causes, None, tables[-1]
    scorer = scorer_of(project, latest.version)
    if len(tables) > 1 and tables[-2].version != latest.version:
        new_model = pd.Timestamp(latest.as_of)
    if len(tables) > 1 and scorer is not None:
        moved = changed(scorer, tables[-2], latest)
        causes = with_cause(moved.accounts, moved, +1.0)["cause_words"]
        if not moved.same_model:
            tables[-2] = as_seen_by(tables[-2], moved, scorer.bundle.bands, latest.version)
    lead = project.settings.labels.lead_days if scorer is None else scorer.lead_days
    fresh = as_of - project.settings.alerts.fresh_days * DAY
    parts = [_shaped(scores) for scores in with_health(project, tables, fresh.date())]
    day, reasons = pd.Timestamp(latest.as_of), _reasons(latest)
    return History(pd.concat(parts), len(tables), reasons, causes, day, new_model, lead, driver.instead)


def _by_weights(project: Project, as_of: pd.Timestamp, instead: str) -> History:
    """Health by the weights of the scorecard alone: a band, and no risk."""
    frame = project_health(project, as_of).frame
    index = pd.MultiIndex.from_product([frame.index.astype("str"), [as_of]], names=SNAPSHOT)
    scores = _shaped(frame.assign(version="").set_axis(index))
    return replace(NOTHING, scores=scores, days=1, latest=as_of, instead=instead)


def as_seen_by(table: ScoreTable, moved: Changed, bands: Bands, version: str) -> ScoreTable:
    """An earlier day's scores as a new model sees them, so that what it sees otherwise is no movement."""
    account = table.scores.index.get_level_values("account_id")
    by = moved.accounts["new_model"].reindex(account).to_numpy(dtype=np.float64)
    known = ~np.isnan(by)
    scores = table.scores[known]
    risk = np.clip(scores["risk"].to_numpy(dtype=np.float64) + by[known], 0.0, 1.0)
    scores = scores.assign(risk=risk, band=bands.band(risk), health=bands.health(risk))
    return replace(table, scores=scores, X=table.X[known], version=version)


def replayed_history(project: Project) -> tuple[pd.DataFrame, str]:
    """What the champion said out of time: its scores by snapshot; and the model's name.

    Without a champion the scorecard, which alerts are told from then; without either, who would be it.

    ``version`` is the fold: each was learned only from what was known before it. The cut points of bands are the
    bundle's, which were chosen on these same predictions, or the segment's own; exceptions are asked of the
    features that training kept.

    Raises
    ------
    ModelError
        There is no training yet.
    BundleError
        The model's bundle is gone or damaged.
    """
    record = read_record(project.home)
    estimators = record.about.get("estimators", {})
    scorecard = next((name for name in record.bundles if estimators.get(name) == SCORECARD), None)
    model = str(record.about["champion"] or scorecard or record.about["best"])
    bundle = record.bundles.get(model)
    scorer = Scorer.champion(project.home) if bundle is None else Scorer.load(project.home / "models" / bundle)
    said = record.predictions[record.predictions["model"] == model]
    said = said.reset_index() if set(SNAPSHOT) <= set(said.index.names) else said
    risk = said.get("risk_renewal", said["risk"]).fillna(said["risk"]).to_numpy(dtype=np.float64)
    found = said.assign(
        risk=risk,
        band=scorer.bundle.bands.band(risk),
        health=scorer.bundle.bands.health(risk),
        risk_days=said.get("headline_days", np.nan),
        version=said["fold"].astype(str),
    )
    found["as_of"] = found["as_of"].astype("datetime64[us]")
    found = found.set_index(SNAPSHOT).sort_index(level=["as_of", "account_id"])
    X = _kept_features(project, scorer.version, found.index)
    tables = [
        ScoreTable(cast("pd.Timestamp", day).date(), "", own, own.iloc[:0], X.loc[own.index])
        for day, own in found.groupby(level="as_of")
    ]
    told = pd.concat(with_health(project, tables))
    return _shaped(told.assign(version=found["version"])), model


def _kept_features(project: Project, version: str, index: pd.Index) -> pd.DataFrame:
    """The features that the training of a bundle kept of these snapshots; unknown where it kept none."""
    folder = training_of(project.home, version)
    if folder is None or not (folder / PAST).is_file():
        return pd.DataFrame(index=index)
    X = pd.read_parquet(folder / PAST)
    X["as_of"] = X["as_of"].astype("datetime64[us]")
    return X.set_index(SNAPSHOT).reindex(index)


def _reasons(table: ScoreTable) -> pd.Series:
    drivers = table.drivers.reset_index()
    drivers = drivers[(drivers["direction"] == "raises") & drivers["actionable"].astype(bool)]
    return drivers.sort_values("rank").drop_duplicates("account_id").set_index("account_id")["sentence"]
