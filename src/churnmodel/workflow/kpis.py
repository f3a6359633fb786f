"""How well does a project's company keep what it has? (the figures of `churnmodel success kpis`)"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.success.groups import Entry
from churnmodel.success.kpis import Kpis, kpis
from churnmodel.success.ledger import mrr_ledger
from churnmodel.workflow.project import Project


def project_kpis(
    project: Project,
    as_of: pd.Timestamp | None = None,
    *,
    first: str | None = None,
    last: str | None = None,
    by: str | None = None,
    entry: Entry = "year",
) -> Kpis:
    """The figures of a project's tables, as known before `as_of` (data_until by default).

    Parameters
    ----------
    first, last, by, entry
        As `churnmodel.success.kpis.kpis` takes them.

    Raises
    ------
    SettingsError
        A month or a grouping is none there is.
    SourceError
        The tables cannot be read, or hold no whole month with a contract before `as_of`.
    """
    if project.is_flat:
        raise SourceError("KPIs follow subscriptions from month to month, which a flat table cannot tell.")
    labels, about = project.settings.labels, project.settings.project
    ledger = mrr_ledger(
        project.db,
        as_of or project.until,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
        timezone=about.timezone,
    )
    rules, tiers = project.settings.kpis, project.settings.tiers
    return kpis(
        project.db,
        ledger,
        first=first,
        last=last,
        by=by,
        entry=entry,
        rules=rules,
        tiers=tiers,
        currency=about.currency,
        value=project.settings.onboarding.first_value,
    )


def draw_kpis(found: Kpis, project: Project, place: Path) -> Path:
    """Draw the bridge of all accounts by month and the retention curves of entry cohorts as a PNG."""
    from churnmodel.charts.retention import bridge_and_curves

    rows = pd.DataFrame(found.bridge.xs("all", level="group")) / 100
    rows.index = rows.index.astype(str)
    curves = {
        n: [part.tolist() for part in (c.days, c.share, c.low, c.high)] for n, c in found.curves.items()
    }
    title = f"{project.settings.project.name}, as known on {found.ledger.as_of.date()}"
    place.parent.mkdir(parents=True, exist_ok=True)
    bridge_and_curves(rows, curves, project.settings.project.currency, title).savefig(place, format="png")
    return place
