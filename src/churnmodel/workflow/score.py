"""What is the risk of every account today, and why? (scores the book and publishes the table)"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.score_table import ScoreTable, publish, read_scores
from churnmodel.scoring.scorer import ScoredBook, Scorer
from churnmodel.workflow.flat_score import score_flat
from churnmodel.workflow.project import Progress, Project, silent


@dataclass(frozen=True)
class Scored:
    """A published score table and where it lies.

    `in_sample` says that the model has learned from outcomes after this as_of, or of these very rows: such risks
    are not forecasts, and comparing them with what happened flatters the model.
    """

    table: ScoreTable
    place: Path
    scorer: Scorer
    in_sample: bool


def score(project: Project, as_of: pd.Timestamp | None = None, *, progress: Progress = silent) -> Scored:
    """Score the book at `as_of` (by default data_until) with the champion, and publish the table.

    Idempotent: a table of the same as_of and model version stays as it was published.

    Raises
    ------
    BundleError
        There is no champion yet, or it is damaged.
    SourceError
        `as_of` lies after data_until.
    ScoreError
        Nobody was a customer then, or the day was scored by this model from other tables.
    """
    progress("loading the champion", 0, 3)
    scorer = Scorer.champion(project.home)
    progress("scoring the book", 1, 3)
    if project.is_flat:
        day, book, in_sample = score_flat(project, scorer, as_of)
    else:
        day = (project.until if as_of is None else as_of).normalize()
        book = _book(project, scorer, day)
        in_sample = day.date() < trained_until(scorer)
    progress("publishing", 2, 3)
    folder = project.home / "scores"
    if book.scores.empty:
        raise ScoreError(f"no paying account on {day.date()}: nothing was published. Look at a later day.")
    place = publish(folder, book.scores, book.drivers, book.X, day.date(), scorer.version)
    table = read_scores(folder, day.date(), scorer.version)
    if not (_same(table.X, book.X) and _same(table.scores, book.scores)):
        raise ScoreError(
            f"{day.date()} was scored by this model before, from other tables: {place}. Published scores are "
            "never recomputed. Train again, or move that folder away to score the corrected tables."
        )
    progress("published", 3, 3)
    return Scored(table, place, scorer, in_sample)


def _book(project: Project, scorer: Scorer, day: pd.Timestamp) -> ScoredBook:
    tenure = project.settings.snapshots.min_tenure_days
    # four, so that three are left where one is that the renewal is near, which its date says already
    return scorer.score_book(
        project.db, day.date(), project.features, top=4, min_tenure_days=tenure, reader=project.reader
    )


def trained_until(scorer: Scorer) -> date:
    """Outcomes learned before this day were used in training."""
    return date.fromisoformat(scorer.bundle.manifest.training.trained_until)


def _same(published: pd.DataFrame, made: pd.DataFrame) -> bool:
    """Whether a frame is what was published, after the same way through Parquet."""
    stream = io.BytesIO()
    made.reset_index().to_parquet(stream, index=False)
    again = pd.read_parquet(stream).set_index(list(made.index.names))
    return bool(published.equals(again))


def most_at_risk(table: ScoreTable, count: int = 10) -> pd.DataFrame:
    """The accounts with the most MRR at risk (mrr x risk), largest first; leaving ones have no risk."""
    scored = table.scores[table.scores["risk"].notna()]
    # where no revenue is known, as in many a flat table, the risk alone decides
    order = ["mrr_at_risk", "risk", "account_id"]
    ranked = scored.reset_index().sort_values(order, ascending=[False, False, True])
    return ranked.set_index(["account_id", "as_of"]).head(count)


def reasons_of(table: ScoreTable, account_id: str) -> pd.DataFrame:
    """The drivers of one account, by rank."""
    rows = table.drivers[table.drivers.index.get_level_values("account_id") == account_id]
    return rows.sort_values("rank")
