"""How does the whole book stand? (what changed, the reasons for its MRR at risk, trust)"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.scoring.book_reasons import BookReasons, book_reasons
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.trust import trust
from churnmodel.workflow.changed import BookChanged, book_changed
from churnmodel.workflow.project import Project
from churnmodel.workflow.scored_day import table_of_day


@dataclass(frozen=True)
class Book:
    """A published table, looked at as a whole.

    Parameters
    ----------
    changes
        Since an earlier table; None where there is none.
    reasons, by_segment, by_csm
        Which reasons put the MRR at risk.
    trust
        As `churnmodel.scoring.trust`.
    """

    table: ScoreTable
    changes: BookChanged | None
    reasons: BookReasons
    by_segment: BookReasons
    by_csm: BookReasons
    trust: pd.DataFrame


def look_at_book(project: Project, since: pd.Timestamp | None = None, as_of: pd.Timestamp | None = None) -> Book:
    """The latest published table or that of `as_of`, beside that of `since` or the latest before.

    Raises
    ------
    ScoreError
        Nothing was scored yet, or not on a day that was named.
    """
    table = table_of_day(project, as_of)
    scorer = Scorer.load(project.home / "models" / table.version)
    changes = book_changed(project, table, since, scorer=scorer)
    return Book(
        table,
        changes,
        book_reasons(scorer, table),
        book_reasons(scorer, table, "segment"),
        book_reasons(scorer, table, "csm"),
        trust(scorer, table),
    )
