"""What does a CSM see of the renewals ahead? (whom nobody works, who leaves, the calendar, whose word is due)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from churnmodel.cli.console import (
    console,
    day,
    headline,
    money,
    printable,
    say,
)
from churnmodel.cli.show_renewal import account, more, named, of_list, owner_of, table_of
from churnmodel.cli.show_renewals_commits import conflicts
from churnmodel.explanation.formats import counted
from churnmodel.scoring.bands import ORANGE, RED
from churnmodel.scoring.scorer import LEAVING
from churnmodel.success.renewals import BOUND, CALENDAR, LATER, NO_DATE, SHORT
from churnmodel.success.renewals_commits import OPEN
from churnmodel.success.renewals_plays import HELD_OUT

if TYPE_CHECKING:
    from churnmodel.workflow.renewals import Renewals

NEAR = 90
HIGHEST_FIRST = {"platinum": 0, "gold": 1, "standard": 2}


def title(found: Renewals, owner: str | None) -> None:
    """How much comes up, and what is not on the calendar."""
    rows, currency = found.calendar, found.project.settings.project.currency
    end = day(found.as_of + pd.Timedelta(days=found.days))
    whose = f" of {printable(rows['csm'].iloc[0])}" if owner else ""
    headline(f"Renewals{whose} within {found.days} days of {day(found.as_of)} (to {end})")
    if found.in_sample:
        say("NOT A FORECAST: the model has learned from outcomes after this day")
    due = of_list(rows, CALENDAR)
    at_risk = f", {due['mrr_at_risk'].sum():,.0f} of it at risk (MRR x risk)" if len(due) else ""
    say(f"{counted(len(due), 'account')} with {money(due['mrr'].sum(), currency)} MRR{at_risk}.")
    short, leaving = of_list(rows, SHORT), of_list(rows, LEAVING)
    if len(short):
        say(
            f"{counted(len(short), 'account')} on terms of three months or less, "
            f"{money(short['mrr'].sum(), currency)} MRR, "
            f"{short['mrr_at_risk'].sum():,.0f} at risk within 90 days: they may leave any month."
        )
    if len(leaving):
        paid = money(leaving["mrr"].sum(), currency)
        say(f"{counted(len(leaving), 'account')} leaving under notice, {paid} MRR: lost.")
    bound = of_list(rows, BOUND)
    if len(bound):
        itself = "they renew by themselves" if len(bound) > 1 else "it renews by itself"
        worth = money(bound["mrr"].sum(), currency)
        many = counted(len(bound), "account")
        say(f"{many} bound, {worth} MRR: {itself}, and the day of notice passed without one.")
    later, undated = len(of_list(rows, LATER)), len(of_list(rows, NO_DATE))
    if later:
        say(f"{counted(later, 'account')} renew{'s' * (later == 1)} later.")
    if undated:
        say(f"{counted(undated, 'account')} without a known renewal: their risk is that of the next 90 days.")


def calendar(found: Renewals, top: int) -> None:
    """The headline list, who leaves, the calendar by month, by tier and term, and by rank; contradictions."""
    rows = found.calendar
    _headline_list(found, top)
    _leaving(found, top)
    due = of_list(rows, CALENDAR)
    if len(due):
        _by_month(found, due)
        _by_tier_and_term(found, due)
        _the_rest(found, due, top)
    if len(found.commits):
        conflicts(found, top)
    waiting = int(found.checkpoints["state"].eq(OPEN).sum())
    if waiting:
        said = "" if len(found.commits) else "; no CSM's word is on record (--commit, or --commits FILE)"
        say(f"\n{waiting:,} checkpoint{'s' * (waiting > 1)} wait for a CSM's word{said}: --checkpoints")
    say("Renewed MRR by month with an interval: --forecast; how such forecasts did: --backtest")


def _headline_list(found: Renewals, top: int) -> None:
    rows, currency = found.calendar, found.project.settings.project.currency
    first = rows[rows["headline"]].sort_values(["priority"], ascending=False, kind="stable")
    worried = rows["list"].isin([CALENDAR, SHORT]) & rows["band"].isin([RED, ORANGE])
    worked = rows[worried & rows["open_play"].notna() & rows["arm"].ne(HELD_OUT)]
    held = rows[worried & rows["arm"].eq(HELD_OUT)]
    mrr = f", {money(first['mrr'].sum(), currency)} MRR, {first['mrr_at_risk'].sum():,.0f} at risk"
    headline(f"Red or orange, due, and nobody on it: {counted(len(first), 'account')}{mrr if len(first) else ''}")
    since = found.project.settings.renewals.open_play_days
    logged = found.project.db.has("interventions")
    acted = f"no intervention in the {since} days before" if logged else "interventions are not in the tables"
    said = f"Nobody: no play open, {acted}. {len(worked):,} more have one"
    by_lot = found.held_by_lot.reindex(held.index).to_numpy(dtype=bool)
    drawn, marked = int(by_lot.sum()), int((~by_lot).sum())
    said += f", {drawn:,} held out by lot to measure plays by" if drawn else ""
    if marked:
        said += f", {marked:,} marked as held out in your interventions, which do not say that a lot decided"
    say(f"{said}.")
    for place, (account_id, row) in enumerate(first.head(top).iterrows(), start=1):
        account(place, account_id, row, currency)
    more(len(first), top)


def _leaving(found: Renewals, top: int) -> None:
    rows = of_list(found.calendar, LEAVING).sort_values("leaving_on", kind="stable")
    if rows.empty:
        return
    currency = found.project.settings.project.currency
    paid = money(rows["mrr"].sum(), currency)
    headline(f"Leaving, under notice: {counted(len(rows), 'account')}, all of {paid} MRR")
    table = table_of("account", "on", "MRR", "CSM", right=("MRR",))
    for account_id, row in rows.head(top).iterrows():
        table.add_row(named(account_id, row), day(row["leaving_on"]), f"{row['mrr']:,.0f}", owner_of(row))
    console.print(table)
    more(len(rows), top)


def _by_month(found: Renewals, due: pd.DataFrame) -> None:
    headline("By month")
    groups = due.groupby(due["renews_at"].dt.strftime("%Y-%m"))
    _summary("month", [([str(month)], part) for month, part in groups], due)


def _by_tier_and_term(found: Renewals, due: pd.DataFrame) -> None:
    headline("By tier and term" if found.tiered else "By term (no tiers are known: everyone is standard)")
    order = ["place", "tier", "term_months"] if found.tiered else ["term_months"]
    due = due.assign(place=due["tier"].map(HIGHEST_FIRST).fillna(len(HIGHEST_FIRST)))
    groups = []
    for _, part in due.groupby(order, dropna=False):
        term = str(part["term"].iloc[0])
        groups.append(([f"{printable(part['tier'].iloc[0])}, {term}" if found.tiered else term], part))
    _summary("tier, term" if found.tiered else "term", groups, due)


def _summary(first: str, groups: list[tuple[list[str], pd.DataFrame]], due: pd.DataFrame) -> None:
    heads = ("accounts", "MRR", "at risk", "red", "orange", f"within\n{NEAR} days", "no play\nopen")
    table = table_of(first, *heads, right=heads)
    for names, part in [*groups, (["all"], due)]:
        bands = part["band"].value_counts()
        cells = [f"{len(part):,}", f"{part['mrr'].sum():,.0f}", f"{part['mrr_at_risk'].sum():,.0f}"]
        cells += [f"{bands.get(band, 0):,}" for band in (RED, ORANGE)]
        cells += [f"{int(part['days'].le(NEAR).sum()):,}", f"{int(part['headline'].sum()):,}"]
        table.add_row(*names, *cells, style="bold" if names == ["all"] else "")
    console.print(table)


def _the_rest(found: Renewals, due: pd.DataFrame, top: int) -> None:
    halves = found.project.settings.renewals.halves_every_days
    rest = due[~due["headline"]]
    headline(f"The rest of the calendar: {counted(len(rest), 'account')}, green or worked")
    say(
        f"By MRR x risk x time left, halved for every {halves} days that the decision is further away. The "
        "numbers are places in the whole calendar."
    )
    for account_id, row in rest.head(top).iterrows():
        account(int(row["rank"]), account_id, row, found.project.settings.project.currency)
    more(len(rest), top)
