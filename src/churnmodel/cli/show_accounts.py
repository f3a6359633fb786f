"""What does a customer success manager see? (the accounts at risk, one account's reasons)"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import (
    band_text,
    console,
    day,
    headline,
    money,
    points,
    printable,
    say,
    spoken_day,
    text_or,
)
from churnmodel.cli.show_changed import what_changed
from churnmodel.cli.show_reasons import reasons
from churnmodel.cli.show_what_if import similar_ones, what_could_be
from churnmodel.explanation.added_up import RENEWAL_CODE, added_up
from churnmodel.explanation.drivers import LEAST_POINTS
from churnmodel.explanation.formats import percent
from churnmodel.features.coverage import ALL_KNOWN, FAMILIES

NOTHING = "nothing known speaks against it"
CAVEAT = "time order could not be proven"

if TYPE_CHECKING:
    from churnmodel.scoring.what_if import WhatIf
    from churnmodel.workflow.explain import Explained
    from churnmodel.workflow.project import Project
    from churnmodel.workflow.score import Scored
    from churnmodel.workflow.train import Trained


def at_risk(scored: Scored, project: Project, count: int = 10) -> None:
    """The accounts with the most MRR at risk, each with its three main reasons."""
    from churnmodel.scoring.expected_loss import expected_mrr_lost
    from churnmodel.workflow.score import most_at_risk, reasons_of

    scores, currency = scored.table.scores, project.settings.project.currency
    if project.is_flat:
        rows_at_risk(scored, currency, count)
        return
    leaving = scores[scores["status"] == "leaving"]
    headline(
        f"The book on {scored.table.as_of}: {len(scores):,} accounts, {money(scores['mrr'].sum(), currency)} MRR"
    )
    say(
        f"{_bands(scored)}; "
        f"{len(leaving)} leaving under notice with {money(leaving['mrr'].sum(), currency)} MRR; "
        f"{money(scores['mrr_at_risk'].sum(), currency)} MRR at risk by the next renewal"
    )
    say(f"expected MRR lost, in {currency}: {_expected(expected_mrr_lost(scores))}; who is leaving comes on top")
    headline("Most MRR at risk")
    say("ranked by MRR x risk, so a large account stands here at a small risk; reasons in points of probability")
    if scored.in_sample:
        say("NOT A FORECAST: the model has learned from outcomes after this day")
    for place, row in enumerate(most_at_risk(scored.table, count).reset_index().to_dict("records"), start=1):
        drivers = reasons_of(scored.table, str(row["account_id"]))
        raising = drivers[drivers["direction"] == "raises"]
        renewing = raising[raising["concept"] == "renewal"]["points"].sum()
        console.print(_account_line(place, row, currency, float(renewing), scored.scorer.lead_days))
        raising = raising[raising["concept"] != "renewal"].head(3)
        reasons = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
        for gained, sentence in zip(raising["points"], raising["sentence"], strict=True):
            reasons.add_row("   ", points(gained), Text(printable(sentence)))
        console.print(reasons)


def _account_line(place: int, row: dict[Hashable, Any], currency: str, renewing: float, lead: int) -> Text:
    line = Text(f"{place:2d}. ", style="dim")
    line.append(text_or(row["name"], str(row["account_id"])), style="bold")
    line.append(f" ({printable(row['account_id'])})  risk {percent(float(row['risk']))} ")
    line.append_text(band_text(row["band"]))
    line.append(f"  {money(float(row['mrr']), currency)} MRR, {float(row['mrr_at_risk']):,.0f} at risk")
    amount = abs(renewing) * 100
    near = f"the renewal itself {'adds' if renewing > 0 else 'takes'} {amount:.1f}" if renewing else ""
    if not _to_renewal(row, lead):
        near = ", ".join(part for part in (f"renews {day(row['renews_at'])}", near) if part)
    said = f"risk {_by(row, lead)}{f' ({near})' if near else ''}, CSM {text_or(row['csm'], '-')}"
    line.append(f"\n    {said}", style="dim")
    return line


def _bands(scored: Scored) -> str:
    """How many accounts are in each band, and from which risk on: ``31 red (from 38%), ...``."""
    counts, cuts = scored.table.scores["band"].value_counts(), scored.scorer.bundle.bands
    return (
        f"{counts.get('red', 0)} red (from {percent(cuts.red_from)}), "
        f"{counts.get('orange', 0)} orange (from {percent(cuts.orange_from)}), {counts.get('green', 0)} green"
    )


def rows_at_risk(scored: Scored, currency: str, count: int) -> None:
    """The rows of a flat table with the highest risk, or the most MRR at risk, each with its main reasons."""
    from churnmodel.workflow.score import most_at_risk, reasons_of

    scores, caveat = scored.table.scores, scored.scorer.bundle.manifest.caveat
    paid = scores["mrr"].notna().any()
    headline(f"{len(scores):,} rows of the flat table, {scored.table.as_of}")
    say(_bands(scored))
    console.print(Text(f"{caveat[:1].upper()}{caveat[1:]}.", style="yellow"))
    if scored.in_sample:
        say("NOT A FORECAST: the model has learned from what became of these rows")
    headline("Most MRR at risk" if paid else "Highest risk")
    for place, row in enumerate(most_at_risk(scored.table, count).reset_index().to_dict("records"), start=1):
        line = Text(f"{place:2d}. ", style="dim").append(printable(row["account_id"]), style="bold")
        line.append(f"  risk {percent(float(row['risk']))} ").append_text(band_text(row["band"]))
        line.append(f"  {money(float(row['mrr_at_risk']), currency)} MRR at risk" if paid else "")
        console.print(line)
        drivers = reasons_of(scored.table, str(row["account_id"]))
        reasons = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
        for driver in drivers[drivers["direction"] == "raises"].head(3).to_dict("records"):
            reasons.add_row("   ", points(driver["points"]), Text(printable(driver["sentence"])))
        console.print(reasons)


def _expected(lost: pd.DataFrame) -> str:
    """The expected loss of each period, nearest first: ``1,200 in 0-30 days, 800 in 31-60, ...``."""
    after = [days + 1 if days else 0 for days in lost["after_days"].tolist()]
    periods = [f"{first}-{last}" for first, last in zip(after, lost.index.tolist(), strict=True)]
    amounts = [f"{amount:,.0f}" for amount in lost["mrr_lost"].tolist()]
    first, *others = [f"{amount} in {period}" for amount, period in zip(amounts, periods, strict=True)]
    return ", ".join([f"{first} days", *others])


def score_end(scored: Scored) -> None:
    """What scoring wrote, and the next command."""
    say(f"Wrote {scored.place}")
    say("Next: churnmodel explain ACCOUNT (with the same -c)")


def demo_end(project: Project, trained: Trained, scored: Scored, folder: Path) -> None:
    """What the demo wrote, and the next commands."""
    headline("Written")
    say(f"settings:  {folder / 'churnmodel.toml'}")
    say(f"tables:    {folder / 'data'}")
    say(f"in use:    {trained.champion}")
    say(f"scores:    {scored.place}")
    say(f"runs:      MLflow experiment '{trained.logged.experiment}' in {trained.logged.uri}")
    top = scored.table.scores["mrr_at_risk"].astype("float64").idxmax()
    account = top[0] if isinstance(top, tuple) else top
    say(f"\nNext: churnmodel explain {account} -c {folder / 'churnmodel.toml'}")
    if folder == Path("var/demo"):
        say("      make serve   (the endpoint on 127.0.0.1:3000)   make mlflow   (the runs)")
    else:
        say(f"      make serve PROJECT={folder}   make mlflow PROJECT={folder}")


SHOWN = 8
"""Drivers of each side that are listed unless all are asked for."""


def explanation(
    told: Explained,
    project: Project,
    asked: WhatIf | None = None,
    *,
    every: bool = False,
    evidence: bool = False,
) -> None:
    """One account: its risk, what raises and lowers it, what changed, what could be, who was like it.

    The largest `SHOWN` reasons of each side, unless `every` is on; with `evidence` the rows behind each.
    """
    account, currency = told.account, project.settings.project.currency
    headline(f"{text_or(account.get('name'), told.account_id)}  ({printable(told.account_id)})")
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    facts.add_row("as of", spoken_day(told.table.as_of))
    if not project.is_flat or pd.notna(account["mrr"]):
        facts.add_row("MRR", money(float(account["mrr"]), currency))
    if not project.is_flat:
        facts.add_row("renews", spoken_day(account["renews_at"]))
        facts.add_row("CSM", Text(text_or(account["csm"], "-")))
    if account["status"] == "leaving":
        console.print(facts)
        say(f"Leaving on {spoken_day(account['leaving_on'])}: notice was given, so there is no risk to estimate.")
        what_changed(told)
        return
    risk = Text(f"{percent(float(account['risk']))} {_by(account, told.lead_days, spoken_day)} ")
    risk.append_text(band_text(account["band"]))
    facts.add_row("risk", risk)
    if within := _within(account):
        facts.add_row("within", within)
    facts.add_row("health", f"{float(account['health']):.0f} of 100")
    facts.add_row("data", Text(f"{account['coverage']}: {_data(account['coverage_reason'])}"))
    if told.trust is not None:
        said = "\n".join(printable(reason) for reason in told.trust["reasons"]) or NOTHING
        facts.add_row("trust", Text(f"{told.trust['grade']}: {said}"))
    if account["status"] == "young":
        days = project.settings.snapshots.min_tenure_days
        facts.add_row("note", f"young: a customer for under {days} days, so there is little to go by")
    console.print(facts)
    left_out = reasons(told, currency, None if every else SHOWN, evidence=evidence)
    _sum(told, left_out)
    what_changed(told)
    what_could_be(told, asked, every=every)
    similar_ones(told, to_renewal=_to_renewal(account, told.lead_days))
    if project.is_flat:
        say(f"{CAVEAT[:1].upper()}{CAVEAT[1:]}: churnmodel check says why.")


def _sum(told: Explained, left_out: int) -> None:
    """How all reasons together make the risk, and which of them are not listed."""
    points = told.points
    renewal = float(points.get(RENEWAL_CODE, 0.0))
    said = added_up(float(told.account["base_risk"]), points.tolist(), renewal)
    rest = f"What is under {LEAST_POINTS * 100:.1f} points is counted in and not named."
    if left_out == 1:
        rest = "1 smaller reason is counted in and not shown: --all lists it."
    elif left_out:
        rest = f"{left_out} smaller reasons are counted in and not shown: --all lists every one."
    say(f"\n{said} {rest}")
    say(f"In points of probability (in %). Model {told.table.version}.")


def _by(
    account: Mapping[Any, Any] | pd.Series, lead: int, written: Callable[[object], str] = day
) -> str:
    """Through when the headline risk runs, in words; `written` says how a date is."""
    if pd.isna(account["risk_days"]):
        return "(the table does not say how soon)"
    if _to_renewal(account, lead):
        return f"by the renewal on {written(account['renews_at'])}"
    return f"within {float(account['risk_days']) + lead:.0f} days"


def _to_renewal(account: Mapping[Any, Any] | pd.Series, lead: int) -> bool:
    """Whether the headline risk looks to the next renewal, and not so many days ahead."""
    to_renewal = account.get("days_to_renewal")
    if to_renewal is None or pd.isna(to_renewal):
        return False
    return float(account["risk_days"]) == max(float(to_renewal) - lead, 1.0)


def _data(reason: object) -> str:
    """How much is known of an account, with the families by name where all are."""
    *most, last = FAMILIES
    return f"{', '.join(most)} and {last} are all there" if reason == ALL_KNOWN else printable(reason)


def _within(account: pd.Series) -> str:
    """The risk within each horizon, on one line."""
    named = [str(name) for name in account.index if re.fullmatch(r"risk_[0-9]+", str(name))]
    return ", ".join(f"{name.removeprefix('risk_')} days {percent(float(account[name]))}" for name in named)
