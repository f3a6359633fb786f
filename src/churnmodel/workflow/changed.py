"""What changed since an earlier score? (finds the two tables, and the model of the later one)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from churnmodel.errors import BundleError, ScoreError
from churnmodel.scoring.band_moves import BandMoves, band_moves
from churnmodel.scoring.changed import Changed, changed
from churnmodel.scoring.reigns import reigns
from churnmodel.scoring.score_table import ScoreTable, published, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.project import Project


@dataclass(frozen=True)
class BookChanged:
    """A published table beside an earlier one, and which accounts changed their band."""

    earlier: ScoreTable
    later: ScoreTable
    changed: Changed
    moves: BandMoves


def changed_since(
    project: Project,
    later: ScoreTable,
    since: pd.Timestamp | None = None,
    accounts: Sequence[str] | None = None,
    *,
    scorer: Scorer | None = None,
    top: int = 3,
) -> Changed | None:
    """What changed for these accounts (all by default) since the table of `since`, or since the latest before.

    None where `since` is not given and nothing earlier was scored. `scorer`, if at hand, is of the later table;
    `top` as for `churnmodel.scoring.changed.changed`.

    Raises
    ------
    ScoreError
        Nothing was scored on `since`, or it does not lie before the later table.
    """
    earlier = earlier_table(project, later, since)
    if earlier is None:
        return None
    return changed(scorer or _scorer(project, later), earlier, later, accounts, top=top)


def book_changed(
    project: Project,
    later: ScoreTable,
    since: pd.Timestamp | None = None,
    *,
    scorer: Scorer | None = None,
) -> BookChanged | None:
    """Which accounts of `later` changed their band since an earlier table, and why.

    None, ScoreError and parameters as `changed_since`.
    """
    earlier = earlier_table(project, later, since)
    if earlier is None:
        return None
    found = changed(scorer or _scorer(project, later), earlier, later)
    return BookChanged(earlier, later, found, band_moves(found, earlier, later))


def earlier_table(project: Project, later: ScoreTable, since: pd.Timestamp | None = None) -> ScoreTable | None:
    """The published table of `since`, or the latest of an earlier day than `later`; None where there is none.

    Where several models scored that day: that of the later table, else the one that was in use last.
    """
    folder = project.home / "scores"
    before = [(day, version) for day, version in published(folder) if day < later.as_of]
    if since is not None and since.date() >= later.as_of:
        raise ScoreError(f"what changed: {since.date()} is not before {later.as_of}. Name an earlier day.")
    days = [day for day, _ in before if since is None or day == since.date()]
    if not days and since is None:
        return None
    if not days:
        scored = ", ".join(dict.fromkeys(str(day) for day, _ in before[-5:])) or "none"
        raise ScoreError(
            f"what changed: nothing was scored on {since:%Y-%m-%d} (earlier days that were: {scored}). "
            f"Run `churnmodel score --as-of {since:%Y-%m-%d}`, or name another day."
        )
    versions = [version for day, version in before if day == days[-1]]
    return read_scores(folder, days[-1], preferred_version(project, versions, later.version))


def preferred_version(project: Project, versions: list[str], later: str) -> str:
    """Of the models that scored a day: `later` if it is among them, else the one that was in use last."""
    if later in versions:
        return later
    try:
        in_use = [reign.version for reign in reigns(project.home) if reign.version in versions]
    except BundleError:  # a damaged history of champions is no reason to say nothing of scores
        in_use = []
    return in_use[-1] if in_use else versions[-1]


def _scorer(project: Project, table: ScoreTable) -> Scorer:
    return Scorer.load(project.home / "models" / table.version)
