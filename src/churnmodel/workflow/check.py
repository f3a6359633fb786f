"""What does a check of a project's tables leave behind? (the audit, and where asked for a page and JSON)"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from churnmodel.reports.audit_page import audit_page
from churnmodel.scoring.atomic import replace_text
from churnmodel.sources.audit import AccountAudit, Audit, audit, audit_account
from churnmodel.sources.audit.weeks import rows_per_week
from churnmodel.sources.feeds import read_feeds
from churnmodel.workflow.flat import check_flat
from churnmodel.workflow.project import Progress, Project, silent


@dataclass(frozen=True)
class Checked:
    """An audit, and the files that were written of it."""

    audit: Audit
    written: tuple[Path, ...]


def check(
    project: Project, *, html: Path | None = None, json: Path | None = None, progress: Progress = silent
) -> Checked:
    """Audit the tables of a project, whatever is wrong with them.

    Parameters
    ----------
    html, json
        Files to write the audit to: a page that needs nothing else, and all findings as JSON. A file that is
        there is replaced at once, whole.
    """
    if project.is_flat:
        return Checked(*check_flat(project, html, json))
    found = audit(project.db, progress=lambda table, k, n: progress(f"checking {table}", k, n))
    written = []
    if json is not None:
        written.append(replace_text(json, found.to_json() + "\n"))
    if html is not None:
        progress("drawing the page", 0, 1)
        weeks = rows_per_week(project.db, read_feeds(project.db))
        written.append(replace_text(html, audit_page(found, weeks, project.settings.project.name)))
        progress("drawing the page", 1, 1)
    return Checked(found, tuple(written))


def check_account(project: Project, account_id: str, *, json: Path | None = None) -> AccountAudit:
    """The findings and rows of one account; `json` is a file to write them to (SourceError if there is none)."""
    found = audit_account(project.db, account_id)
    if json is not None:
        replace_text(json, found.to_json() + "\n")
    return found
