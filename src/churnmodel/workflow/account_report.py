"""What is one account's page made of? (gathers what is known of it, writes the page)"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from churnmodel.errors import NoAccountError
from churnmodel.reports.account_page import account_page, drawn
from churnmodel.reports.account_told import AccountTold, LastRisk, main_reasons
from churnmodel.scoring.atomic import replace_text
from churnmodel.scoring.history import account_names, risk_history
from churnmodel.scoring.score_table import published, read_scores
from churnmodel.workflow.changed import preferred_version
from churnmodel.workflow.explain import Explained, explain_account, explain_in
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.project import Project


def account_told(
    project: Project, wanted: str, as_of: pd.Timestamp | None = None, since: pd.Timestamp | None = None
) -> AccountTold:
    """All that the page of an account rests on, of the latest published table or of that of `as_of`.

    An account that has left is told by the last table that has it, if no day was named; one that was called so,
    and bears another name today, by the latest.

    Raises
    ------
    ScoreError
        As `churnmodel.workflow.explain.explain_account`; a published table was changed.
    """
    try:
        found = explain_account(project, wanted, as_of, since)
    except NoAccountError:
        last = None if as_of is not None else _last_seen(project, wanted)
        if last is None:
            raise
        try:
            found = explain_account(project, last[2], None, since)
        except NoAccountError:
            found = explain_in(project, read_scores(project.home / "scores", *last[:2]), last[2], since)
    return _told(project, found)


def write_account_page(told: AccountTold, place: Path) -> Path:
    """Write the page as one HTML file, whole or not at all."""
    return replace_text(place, account_page(told))


def _told(project: Project, found: Explained) -> AccountTold:
    table, manifest = found.table, found.scorer.bundle.manifest
    history = _one_a_day(project, risk_history(project.home / "scores", found.account_id), table.version)
    after = history.index > table.as_of
    shown = pd.concat([drawn(found.drivers, side) for side in ("raises", "lowers")])["feature"]
    behind = found.rows_behind(shown.astype(str).tolist())
    gone = [at for at, here in zip(history.index[after], history.loc[after, "in_book"], strict=True) if not here]
    history, known = _from_its_first(history[~after]), history[~after & history["risk"].notna()]
    return AccountTold(
        project=project.settings.project.name,
        currency=project.settings.project.currency,
        as_of=table.as_of,
        version=table.version,
        account_id=found.account_id,
        account=found.account,
        drivers=found.drivers,
        lead_days=found.lead_days,
        bands=found.scorer.bundle.bands,
        changed=found.changed,
        trust=found.trust,
        suggestions=found.suggestions,
        similar=found.similar,
        history=history,
        last_risk=_last_risk(project, found, known),
        learned_until=date.fromisoformat(manifest.training.trained_until),
        gone_since=gone[0] if len(gone) and len(gone) == int(after.sum()) else None,
        is_flat=project.is_flat,
        caveat=manifest.caveat,
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        points=found.points if found.has_risk else pd.Series(dtype="float64"),
        evidence=behind.evidence,
        written_over=len(behind.moved) + len(behind.gone),
        rows_were_read=project.is_flat or behind.why_none is None,
    )


def _from_its_first(history: pd.DataFrame) -> pd.DataFrame:
    """From the first day that it was in the book on; days it was away stay, without a risk, and part the line."""
    return history[history["in_book"].cummax()] if len(history) else history


def _last_risk(project: Project, found: Explained, known: pd.DataFrame) -> LastRisk | None:
    """The last of the risks that are known, with the reasons of its own table."""
    if known.empty:
        return None
    last, drivers = known.iloc[-1], found.drivers
    if known.index[-1] != found.table.as_of:
        then = read_scores(project.home / "scores", known.index[-1], str(last["version"])).drivers
        own = then.index.get_level_values("account_id").astype(str) == found.account_id
        drivers = then[own].sort_values("rank")
    return LastRisk(known.index[-1], float(last["risk"]), str(last["band"]), main_reasons(drivers))


def _one_a_day(project: Project, history: pd.DataFrame, version: str) -> pd.DataFrame:
    """By as_of. Of several models that scored a day: that of the page, else the one that was in use last."""
    days: dict[date, list[str]] = {}
    for at, made_by in history.index:
        days.setdefault(at, []).append(made_by)
    chosen = [(at, preferred_version(project, versions, version)) for at, versions in days.items()]
    return history.loc[chosen].reset_index("version") if chosen else history.reset_index("version")


def _last_seen(project: Project, wanted: str) -> tuple[date, str, str] | None:
    """The last published table that has the account (by id or name), and its id; None where none has."""
    folder = project.home / "scores"
    days: dict[date, list[str]] = {}
    for at, version in published(folder):
        days.setdefault(at, []).append(version)
    for at in sorted(days, reverse=True):
        version = preferred_version(project, days[at], "")
        names = account_names(folder, at, version)
        try:
            return at, version, account_named(wanted, [str(i) for i in names.index], names.tolist(), "")
        except NoAccountError:
            continue
    return None
