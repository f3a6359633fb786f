"""What is the book's page made of? (looks at the book, writes the page)"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from churnmodel.reports.book_page import book_page
from churnmodel.reports.book_told import BookTold
from churnmodel.scoring.atomic import replace_text
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.book import look_at_book
from churnmodel.workflow.project import Project
from churnmodel.workflow.score import trained_until


def book_told(
    project: Project, since: pd.Timestamp | None = None, as_of: pd.Timestamp | None = None, *, top: int = 20
) -> BookTold:
    """All that the page of the book rests on; `top` of the riskiest accounts are listed.

    The other parameters, and ScoreError, as `churnmodel.workflow.book.look_at_book`.
    """
    book = look_at_book(project, since, as_of)
    scorer = Scorer.load(project.home / "models" / book.table.version)
    return BookTold(
        project=project.settings.project.name,
        currency=project.settings.project.currency,
        table=book.table,
        changed=None if book.changes is None else book.changes.changed,
        moves=None if book.changes is None else book.changes.moves,
        reasons=book.reasons,
        by_segment=book.by_segment,
        by_csm=book.by_csm,
        trust=book.trust,
        bands=scorer.bundle.bands,
        lead_days=scorer.lead_days,
        learned_until=trained_until(scorer),
        top=top,
        is_flat=project.is_flat,
        caveat=scorer.bundle.manifest.caveat,
    )


def write_book_page(told: BookTold, place: Path) -> Path:
    """Write the page as one HTML file, whole or not at all."""
    return replace_text(place, book_page(told))
