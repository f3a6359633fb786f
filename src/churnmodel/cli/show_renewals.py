"""What does a CSM see of the renewals ahead? (whom nobody works, who leaves, the calendar, whose word is due)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import (
    BAND_STYLE,
    band_text,
    console,
    day,
    headline,
    money,
    percent,
    points,
    printable,
    say,
    spoken_day,
    text_or,
)
from churnmodel.scoring.bands import ORANGE, RED
from churnmodel.scoring.scorer import LEAVING
from churnmodel.success.renewals import CALENDAR, LATER, NO_DATE, SHORT
from churnmodel.success.renewals_commits import OPEN, TOO_HOPEFUL
from churnmodel.success.renewals_plays import HELD_OUT

if TYPE_CHECKING:
    from churnmodel.workflow.renewals import Renewals

NOTHING = "nothing known speaks against it"
NEAR = 90


def title(found: Renewals, csm: str | None) -> None:
    """How much comes up, and what is not on the calendar."""
    rows, currency = found.calendar, found.project.settings.project.currency
    end = day(found.as_of + pd.Timedelta(days=found.days))
    whose = f" of {printable(rows['csm'].iloc[0])}" if csm else ""
    headline(f"Renewals{whose} within {found.days} days of {day(found.as_of)} (to {end})")
    if found.in_sample:
        say("NOT A FORECAST: the model has learned from outcomes after this day")
    due = _of(rows, CALENDAR)
    at_risk = f", {due['mrr_at_risk'].sum():,.0f} of it at risk (MRR x risk)" if len(due) else ""
    say(f"{_accounts(len(due))} with {money(due['mrr'].sum(), currency)} MRR{at_risk}.")
    short, leaving = _of(rows, SHORT), _of(rows, LEAVING)
    if len(short):
        say(
            f"{_accounts(len(short))} on terms of three months or less, {money(short['mrr'].sum(), currency)} "
            f"MRR, {short['mrr_at_risk'].sum():,.0f} at risk within 90 days: they may leave any month."
        )
    if len(leaving):
        say(f"{_accounts(len(leaving))} leaving under notice, {money(leaving['mrr'].sum(), currency)} MRR: lost.")
    later, undated = len(_of(rows, LATER)), len(_of(rows, NO_DATE))
    if later:
        say(f"{_accounts(later)} renew{'s' * (later == 1)} later.")
    if undated:
        say(f"{_accounts(undated)} without a known renewal: their risk is that of the next 90 days.")


def calendar(found: Renewals, top: int) -> None:
    """The headline list, who leaves, the calendar by month, by tier and term, and by rank; contradictions."""
    rows = found.calendar
    _headline_list(found, top)
    _leaving(found, top)
    due = _of(rows, CALENDAR)
    if len(due):
        _by_month(found, due)
        _by_tier_and_term(found, due)
        _the_rest(found, due, top)
    if len(found.commits):
        _conflicts(found, top)
    waiting = int(found.checkpoints["state"].eq(OPEN).sum())
    if waiting:
        said = "" if len(found.commits) else "; no CSM's word is on record (--commits FILE)"
        say(f"\n{waiting:,} checkpoint{'s' * (waiting > 1)} wait for a CSM's word{said}: --checkpoints")
    say("Renewed MRR by month with an interval: --forecast; how such forecasts did: --backtest")


def _headline_list(found: Renewals, top: int) -> None:
    rows, currency = found.calendar, found.project.settings.project.currency
    first = rows[rows["headline"]].sort_values(["priority"], ascending=False, kind="stable")
    worried = rows["list"].isin([CALENDAR, SHORT]) & rows["band"].isin([RED, ORANGE])
    worked = rows[worried & rows["open_play"].notna() & rows["arm"].ne(HELD_OUT)]
    held = rows[worried & rows["arm"].eq(HELD_OUT)]
    mrr = f", {money(first['mrr'].sum(), currency)} MRR, {first['mrr_at_risk'].sum():,.0f} at risk"
    headline(f"Red or orange, due, and nobody on it: {_accounts(len(first))}{mrr if len(first) else ''}")
    since = found.project.settings.renewals.open_play_days
    said = f"Nobody: no intervention in the {since} days before. {len(worked):,} more have one"
    held_out = f", {len(held):,} held out to measure plays by" if len(held) else ""
    say(f"{said}{held_out}.")
    for place, (account_id, row) in enumerate(first.head(top).iterrows(), start=1):
        _account(place, account_id, row, currency)
    _more(len(first), top)


def _account(place: int, account_id: object, row: pd.Series, currency: str) -> None:
    line = Text(f"{place:2d}. ", style="dim").append(text_or(row["name"], printable(account_id)), style="bold")
    line.append(f" ({printable(account_id)})  {percent(float(row['risk']))} ").append_text(band_text(row["band"]))
    line.append(f"  {money(float(row['mrr']), currency)} MRR, {float(row['mrr_at_risk']):,.0f} at risk")
    console.print(line)
    said = [_when(row), f"CSM {text_or(row['csm'], '-')}"]
    if pd.notna(row["open_play"]):
        said.append(f"{'held out of' if row['arm'] == HELD_OUT else 'on it:'} {printable(row['open_play'])}")
    if row["contracts"] > row["contracts_due"]:
        said.append(f"{row['contracts_due']:.0f} of {row['contracts']:.0f} contracts, {row['mrr_due']:,.0f} MRR")
    _under(", ".join(said))
    console.print(_reason(row))


def _under(line: str) -> None:
    console.print(Padding(Text(line, style="dim"), (0, 0, 0, 4)))


def _when(row: pd.Series) -> str:
    """When it renews, and on whose doing: ``renews by itself on 10 April 2026, in 99 days``."""
    renews, auto = row["renews_at"], row["auto_renews"]
    if row["list"] == SHORT:
        nearest = f", next on {spoken_day(renews)}" if pd.notna(renews) else ""
        return f"renews {'every month' if row['term_months'] <= 1 else 'every few months'}{nearest}"
    does = "renews" if pd.isna(auto) else ("renews by itself" if auto else "must be signed by")
    on = "" if does == "must be signed by" else "on "
    said = f"{does} {on}{spoken_day(renews)}, {_in_days(row['days'])}"
    if row["decide_by"] < renews:
        passed = row["decide_by"] < renews - pd.Timedelta(days=float(row["days"]))
        over = "notice was due by" if passed else "notice by"
        said += f", {over} {spoken_day(row['decide_by'])}"
    return said


def _in_days(days: float) -> str:
    return "today" if days < 1 else f"in {days:.0f} day{'s' * (days != 1)}"


def _reason(row: pd.Series) -> Table:
    told = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    if row["reason"] is None or row["reason"] != row["reason"]:
        told.add_row("   ", Text(NOTHING))
    else:
        told.add_row("   ", points(row["reason_points"]), Text(printable(row["reason"])))
    return told


def _leaving(found: Renewals, top: int) -> None:
    rows = _of(found.calendar, LEAVING).sort_values("leaving_on", kind="stable")
    if rows.empty:
        return
    currency = found.project.settings.project.currency
    headline(f"Leaving, under notice: {_accounts(len(rows))}, all of {money(rows['mrr'].sum(), currency)} MRR")
    table = _table("account", "on", "MRR", "CSM", right=("MRR",))
    for account_id, row in rows.head(top).iterrows():
        table.add_row(_named(account_id, row), day(row["leaving_on"]), f"{row['mrr']:,.0f}", _csm(row))
    console.print(table)
    _more(len(rows), top)


def _by_month(found: Renewals, due: pd.DataFrame) -> None:
    headline("By month")
    groups = due.groupby(due["renews_at"].dt.strftime("%Y-%m"))
    _summary("month", [([str(month)], part) for month, part in groups], due)


def _by_tier_and_term(found: Renewals, due: pd.DataFrame) -> None:
    headline("By tier and term" if found.tiered else "By term (no tiers are known: everyone is standard)")
    order = ["tier", "term_months"] if found.tiered else ["term_months"]
    groups = []
    for _, part in due.groupby(order, dropna=False):
        term = str(part["term"].iloc[0])
        groups.append(([f"{printable(part['tier'].iloc[0])}, {term}" if found.tiered else term], part))
    _summary("tier, term" if found.tiered else "term", groups, due)


def _summary(first: str, groups: list[tuple[list[str], pd.DataFrame]], due: pd.DataFrame) -> None:
    heads = ("accounts", "MRR", "at risk", "red", "orange", f"within\n{NEAR} days", "no play\nopen")
    table = _table(first, *heads, right=heads)
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
    headline(f"The rest of the calendar: {_accounts(len(rest))}, green or worked")
    say(f"By MRR x risk x time left, halved for every {halves} days that the decision is further away.")
    for account_id, row in rest.head(top).iterrows():
        _account(int(row["rank"]), account_id, row, found.project.settings.project.currency)
    _more(len(rest), top)


def checkpoints(found: Renewals, top: int) -> None:
    """Whose word is due, by CSM and by account; who contradicts the model."""
    rules, rows = found.project.settings.renewals, found.checkpoints
    waiting = rows[rows["state"].eq(OPEN)]
    at = " and ".join(f"{c}" for c in rules.checkpoints)
    headline(f"Checkpoints {at} days before a renewal: {len(waiting):,} of {len(rows):,} wait for a CSM's word")
    if not len(found.commits):
        say("No CSM's word is on record: --commits FILE, or the state database.")
    if len(waiting):
        _by_csm(waiting, rules.checkpoints)
        headline("Waiting, the most at risk first")
        shown = waiting.head(top)
        again = ("said before",) if shown["commit"].notna().any() else ()
        table = _table("account", "renews", "due since", "MRR", "risk", "CSM", *again, right=("MRR", "risk"))
        for account_id, row in shown.iterrows():
            risk = Text(percent(float(row["risk"])), style=BAND_STYLE.get(str(row["band"]), ""))
            before = "" if pd.isna(row["commit"]) else f"{row['commit']} on {day(row['said_at'])}"
            cells = (day(row["renews_at"]), day(row["since"]), f"{row['mrr']:,.0f}", risk, _csm(row))
            table.add_row(_named(account_id, row), *cells, *([before] if again else []))
        console.print(table)
        _more(len(waiting), top)
    said = found.calendar[found.calendar["commit"].notna() & found.calendar["list"].eq(CALENDAR)]
    if len(said):
        headline("What CSMs say")
        table = _table("commit", "accounts", "MRR", "at risk", right=("accounts", "MRR", "at risk"))
        for commit, part in said.groupby("commit"):
            sums = (f"{part['mrr'].sum():,.0f}", f"{part['mrr_at_risk'].sum():,.0f}")
            table.add_row(str(commit), f"{len(part):,}", *sums)
        console.print(table)
    astray = len(found.commits) - len(found.commits.merge(found.calendar.reset_index(), on=ON))
    if astray:
        say(f"{astray:,} more are of renewals that are not ahead: passed, moved, or of an account not in the book.")
    if len(found.commits):
        _conflicts(found, top)


ON = ["account_id", "renews_at"]


def _by_csm(waiting: pd.DataFrame, points_at: tuple[int, ...]) -> None:
    heads = (*(f"at {c}" for c in points_at), "MRR", "at risk", "longest\noverdue")
    table = _table("CSM", *heads, right=heads)
    names = waiting["csm"].map(lambda name: text_or(name, "(none)"))
    groups = sorted(waiting.groupby(names), key=lambda item: -float(item[1]["mrr_at_risk"].sum()))
    for csm, part in groups:
        counts = [f"{int(part['checkpoint'].eq(c).sum()):,}" for c in points_at]
        money_of = [f"{part[c].sum():,.0f}" for c in ("mrr", "mrr_at_risk")]
        table.add_row(Text(str(csm)), *counts, *money_of, f"{int(part['overdue_days'].max()):,} days")
    console.print(table)


def _conflicts(found: Renewals, top: int) -> None:
    rows, currency = found.conflicts, found.project.settings.project.currency
    headline(f"CSM and model contradict each other: {_accounts(len(rows))}")
    for kind, part in rows.groupby("conflict", sort=False):
        stake = money(part["stake"].sum(), currency)
        if kind == TOO_HOPEFUL:
            say(f"{_accounts(len(part))} said to renew, red to the model: {stake} MRR x risk at stake")
        else:
            say(f"{_accounts(len(part))} given up, green to the model: up to {stake} MRR x (1 - risk) at stake")
        for account_id, row in part.head(top).iterrows():
            line = Text("  ").append(text_or(row["name"], printable(account_id)), style="bold")
            line.append(f" ({printable(account_id)})  {percent(float(row['risk']))} ")
            line.append_text(band_text(row["band"]))
            line.append(f"  {money(float(row['mrr']), currency)} MRR, {float(row['stake']):,.0f} at stake")
            console.print(line)
            said = f"{text_or(row['said_by'], 'nobody named')} said {row['commit']} on {day(row['said_at'])}"
            _under(f"{said}; {_when(row)}, CSM {text_or(row['csm'], '-')}")
            console.print(_reason(row))
        _more(len(part), top)


def _of(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    return rows[rows["list"].eq(kind)]


def _accounts(count: int) -> str:
    return f"{count:,} account{'s' * (count != 1)}"


def _named(account_id: object, row: pd.Series) -> Text:
    name = text_or(row["name"], "")
    return Text(f"{name} ({printable(account_id)})" if name else printable(account_id))


def _csm(row: pd.Series) -> Text:
    return Text(text_or(row["csm"], "-"))


def _more(count: int, top: int) -> None:
    if count > top:
        say(f"  and {count - top:,} more (--top {count} lists all)")


def _table(*heads: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for head in heads:
        is_name = head in ("account", "CSM")
        table.add_column(
            head, justify="right" if head in right else "left", vertical="top", no_wrap=not is_name,
        )  # fmt: skip
    return table
