"""Which scores is health told from? (the published ones of the champion; without one the scorecard's)

Without a champion the scorecard of the last training scores the book, and what it says is published in a folder
of its own, ``<home>/health/scores``, as append-only as the champion's. Where there was no training either, its
weights alone make a health without a risk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from churnmodel.errors import BundleError, ModelError, ScoreError
from churnmodel.scoring.champion import POINTER, version_in_use
from churnmodel.scoring.score_table import ScoreTable, publish, published, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.changed import preferred_version
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import read_record
from churnmodel.workflow.scored_day import table_of_day

SCORECARD = "scorecard"
SCORECARD_SPEAKS = (
    "No model has earned the title, so the scorecard speaks: weights set by hand, of which only the way from "
    "their sum to a risk was learned."
)
WEIGHTS_SPEAK = "Only the weights of the scorecard speak, set by hand: who looks worse than whom, without a risk."


@dataclass(frozen=True)
class Driver:
    """What health is told from.

    Parameters
    ----------
    folder
        Of the published score tables.
    table
        That of the day; None where only weights speak.
    scorer
        The model of that table; None where its bundle is not kept any more.
    instead
        Why it is not a champion that speaks, in a sentence; empty where it is.
    """

    folder: Path
    table: ScoreTable | None
    scorer: Scorer | None = field(repr=False)
    instead: str = ""

    @property
    def name(self) -> str:
        """The model's name; that of a model whose bundle is gone is its version."""
        if self.scorer is not None:
            return self.scorer.bundle.manifest.model.name
        return SCORECARD if self.table is None else self.table.version


def driver_of(project: Project, as_of: pd.Timestamp | None = None) -> Driver:
    """The driver at `as_of`, by default the latest day scored (without a champion: data_until).

    Raises
    ------
    ScoreError
        There is a champion and that day was not scored (says which days were).
    """
    folder = project.home / "scores"
    if version_in_use(project.home) is not None or published(folder):
        table = table_of_day(project, as_of)
        return Driver(folder, table, scorer_of(project, table.version))
    day = (project.until if as_of is None else as_of).normalize()
    try:
        record = read_record(project.home)
    except ModelError:
        return Driver(folder, None, None, f"No model was trained yet. {WEIGHTS_SPEAK}")
    estimators = record.about.get("estimators", {})
    version = next((v for name, v in record.bundles.items() if estimators.get(name) == SCORECARD), None)
    scorer = None if version is None else scorer_of(project, version)
    if scorer is None:
        return Driver(folder, None, None, f"No champion, and no scorecard was trained. {WEIGHTS_SPEAK}")
    own = project.home / "health" / "scores"
    return Driver(own, _scored(project, scorer, own, day), scorer, SCORECARD_SPEAKS)


def has_no_champion(project: Project) -> bool:
    """Whether no champion was ever set and nothing was scored: what health is told from then is no fault."""
    return not (project.home / "models" / POINTER).exists() and not published(project.home / "scores")


def driver_by(project: Project, as_of: pd.Timestamp) -> Driver:
    """The driver on the latest day that was scored up to `as_of`; without a champion as `driver_of`.

    Where there is a champion and no day was scored by then: without a table, and nothing speaks instead.

    Raises
    ------
    ScoreError
        A table is not what was published; or there is no champion, and nobody was a customer on that day.
    """
    folder = project.home / "scores"
    days = [day for day, _ in published(folder)]
    if not days and version_in_use(project.home) is None:
        return driver_of(project, as_of)
    known = [day for day in days if day <= as_of.date()]
    if not known:
        return Driver(folder, None, None)
    table = table_of_day(project, pd.Timestamp(max(known)))
    return Driver(folder, table, scorer_of(project, table.version))


def tables_before(driver: Driver, project: Project, until: pd.Timestamp) -> list[tuple[pd.Timestamp, str]]:
    """The day and version of every table before `until`, earliest first; one a day, of the model that counts."""
    by_day: dict[pd.Timestamp, list[str]] = {}
    for day, version in published(driver.folder):
        if pd.Timestamp(day) < until:
            by_day.setdefault(pd.Timestamp(day), []).append(version)
    own = driver.table.version if driver.table is not None else ""
    return [(day, preferred_version(project, versions, own)) for day, versions in by_day.items()]


def scorer_of(project: Project, version: str) -> Scorer | None:
    """The model of that version; None where its bundle is not kept any more, or damaged."""
    try:
        return Scorer.load(project.home / "models" / version)
    except BundleError:
        return None


def _scored(project: Project, scorer: Scorer, folder: Path, day: pd.Timestamp) -> ScoreTable:
    """The scorecard's table of a day, published now where it was not before."""
    if (day.date(), scorer.version) not in published(folder):
        tenure = project.settings.snapshots.min_tenure_days
        book = scorer.score_book(
            project.db, day.date(), project.features, top=4, min_tenure_days=tenure, reader=project.reader
        )
        if book.scores.empty:
            raise ScoreError(f"no paying account on {day.date()}. Look at another day.")
        publish(folder, book.scores, book.drivers, book.X, day.date(), scorer.version)
    return read_scores(folder, day.date(), scorer.version)
