"""What is the risk of every account today, and why? (scores the book and publishes the table)"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from churnmodel.scoring.score_table import ScoreTable, publish, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.project import Progress, Project, silent


@dataclass(frozen=True)
class Scored:
    """A published score table and where it lies."""

    table: ScoreTable
    place: Path
    scorer: Scorer


def score(project: Project, as_of: pd.Timestamp | None = None, *, progress: Progress = silent) -> Scored:
    """Score the book at `as_of` (by default data_until) with the champion, and publish the table.

    Idempotent: a table of the same as_of and model version stays as it was published.

    Raises
    ------
    BundleError
        There is no champion yet, or it is damaged.
    SourceError
        `as_of` lies after data_until.
    """
    day = (project.db.until if as_of is None else as_of).normalize()
    progress("loading the champion", 0, 3)
    scorer = Scorer.champion(project.home)
    progress("scoring the book", 1, 3)
    tenure = project.settings.snapshots.min_tenure_days
    book = scorer.score_book(project.db, day.date(), project.features, min_tenure_days=tenure)
    progress("publishing", 2, 3)
    folder = project.home / "scores"
    place = publish(folder, book.scores, book.drivers, book.X, day.date(), scorer.version)
    progress("published", 3, 3)
    return Scored(read_scores(folder, day.date(), scorer.version), place, scorer)


def most_at_risk(table: ScoreTable, count: int = 10) -> pd.DataFrame:
    """The accounts with the most MRR at risk (mrr x risk), largest first; leaving ones have no risk."""
    scored = table.scores[table.scores["risk"].notna()]
    order = ["mrr_at_risk", "account_id"]
    ranked = scored.reset_index().sort_values(order, ascending=[False, True])
    return ranked.set_index(["account_id", "as_of"]).head(count)


def reasons_of(table: ScoreTable, account_id: str) -> pd.DataFrame:
    """The drivers of one account, by rank."""
    rows = table.drivers[table.drivers.index.get_level_values("account_id") == account_id]
    return rows.sort_values("rank")
