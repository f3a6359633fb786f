"""What do CSMs say of the renewals ahead, and who says otherwise? (whose word is due, contradictions)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import (
    BAND_STYLE,
    band_text,
    console,
    day,
    headline,
    money,
    printable,
    say,
    text_or,
)
from churnmodel.cli.show_renewal import more, named, owner_of, reason, table_of, under, when
from churnmodel.evaluation.lead_time import wilson_interval
from churnmodel.explanation.formats import counted, percent
from churnmodel.success.renewals import CALENDAR
from churnmodel.success.renewals_commits import OPEN, TOO_HOPEFUL

if TYPE_CHECKING:
    from churnmodel.workflow.renewals import Renewals

ON = ["account_id", "renews_at"]


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
        table = table_of("account", "renews", "due since", "MRR", "risk", "CSM", *again, right=("MRR", "risk"))
        for account_id, row in shown.iterrows():
            risk = Text(percent(float(row["risk"])), style=BAND_STYLE.get(str(row["band"]), ""))
            before = "" if pd.isna(row["commit"]) else f"{row['commit']} on {day(row['said_at'])}"
            cells = (day(row["renews_at"]), day(row["since"]), f"{row['mrr']:,.0f}", risk, owner_of(row))
            table.add_row(named(account_id, row), *cells, *([before] if again else []))
        console.print(table)
        more(len(waiting), top)
    said = found.calendar[found.calendar["commit"].notna() & found.calendar["list"].eq(CALENDAR)]
    if len(said):
        headline("What CSMs say")
        table = table_of("commit", "accounts", "MRR", "at risk", right=("accounts", "MRR", "at risk"))
        for commit, part in said.groupby("commit"):
            sums = (f"{part['mrr'].sum():,.0f}", f"{part['mrr_at_risk'].sum():,.0f}")
            table.add_row(str(commit), f"{len(part):,}", *sums)
        console.print(table)
    astray = len(found.commits) - len(found.commits.merge(found.calendar.reset_index(), on=ON))
    if astray:
        say(f"{astray:,} more are of renewals that are not ahead: passed, moved, or of none in the book.")
    if len(found.commits):
        conflicts(found, top)
        _record(found)


def _record(found: Renewals) -> None:
    """How commits and model did before: whom one should believe."""
    past = found.past_commits
    if past.empty:
        say("None of these commits is of a renewal that is over, so nobody can say yet whom to believe.")
        return
    headline(f"Commits on {len(past):,} renewals that are over")
    table = _past(past)
    console.print(table)
    clash = past[past["conflict"] != ""]
    beside = int(past["risk"].notna().sum())
    if not beside:
        say("No out-of-time risk of the model stands beside them, so they say nothing of whom to believe.")
        return
    right = int((clash["left"].eq(1) == clash["conflict"].eq(TOO_HOPEFUL)).sum())
    say(
        f"The model's out-of-time word stands beside {beside:,}. They contradicted each other in {len(clash):,}: "
        f"the model was right in {right:,}, the CSM in {len(clash) - right:,}."
    )


def _past(past: pd.DataFrame) -> Table:
    table = table_of("commit", "renewals", "left", "share", "95 % interval", right=("renewals", "left", "share"))
    for commit, part in past.groupby("commit"):
        left = int(part["left"].sum())
        low, high = wilson_interval(left, len(part))
        cells = (f"{len(part):,}", f"{left:,}", percent(left / len(part)), f"{percent(low)}–{percent(high)}")
        table.add_row(str(commit), *cells)
    return table


def _by_csm(waiting: pd.DataFrame, points_at: tuple[int, ...]) -> None:
    heads = (*(f"at {c}" for c in points_at), "MRR", "at risk", "longest\noverdue")
    table = table_of("CSM", *heads, right=heads)
    names = waiting["csm"].map(lambda name: text_or(name, "(none)"))
    groups = sorted(waiting.groupby(names), key=lambda item: -float(item[1]["mrr_at_risk"].sum()))
    for name, part in groups:
        counts = [f"{int(part['checkpoint'].eq(c).sum()):,}" for c in points_at]
        money_of = [f"{part[c].sum():,.0f}" for c in ("mrr", "mrr_at_risk")]
        table.add_row(Text(str(name)), *counts, *money_of, f"{int(part['overdue_days'].max()):,} days")
    console.print(table)


def conflicts(found: Renewals, top: int) -> None:
    """Where CSM and model contradict each other, and what each has at stake."""
    rows, currency = found.conflicts, found.project.settings.project.currency
    headline(f"CSM and model contradict each other: {counted(len(rows), 'account')}")
    for kind, part in rows.groupby("conflict", sort=False):
        stake = money(part["stake"].sum(), currency)
        if kind == TOO_HOPEFUL:
            say(f"{counted(len(part), 'account')} said to renew, red to the model: {stake} MRR x risk at stake")
        else:
            many = counted(len(part), "account")
            say(f"{many} given up, green to the model: up to {stake} MRR x (1 - risk) at stake")
        for account_id, row in part.head(top).iterrows():
            line = Text("  ").append(text_or(row["name"], printable(account_id)), style="bold")
            line.append(f" ({printable(account_id)})  {percent(float(row['risk']))} ")
            line.append_text(band_text(row["band"]))
            line.append(f"  {money(float(row['mrr']), currency)} MRR, {float(row['stake']):,.0f} at stake")
            console.print(line)
            said = f"{text_or(row['said_by'], 'nobody named')} said {row['commit']} on {day(row['said_at'])}"
            owner = "" if row["csm"] == row["said_by"] else f", CSM {text_or(row['csm'], '-')}"
            under(f"{said}; {when(row)}{owner}")
            console.print(reason(row))
        more(len(part), top)
