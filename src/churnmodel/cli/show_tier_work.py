"""What is to be done about the tiers? (whom to meet, who has too much, and who could take what nobody has)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, text_or
from churnmodel.explanation.formats import counted
from churnmodel.settings.tiers import TIERS
from churnmodel.success.cadences import DUE, DUE_WITHIN, OVERDUE, UNKNOWN, spoken_kind
from churnmodel.success.owners import ROLES, owned_by

if TYPE_CHECKING:
    from churnmodel.workflow.tiers import Tiers


def overdue(found: Tiers, csm: str | None, count: int) -> None:
    """Who is overdue by the cadence of their tier, and who is due soon."""
    whose = f" of {printable(csm)}" if csm else ""
    headline(f"Whom to meet{whose}, as known on {day(found.as_of)}")
    overdue_line(found)
    rules = found.rules.cadence
    for name in TIERS:
        told = [f"{spoken_kind(kind)} every {days} days" for kind, days in getattr(rules, name).items()]
        console.print(Text(f"{name}: {', '.join(told) or 'no cadence'}", style="dim"))
    late = found.meetings_of(OVERDUE)
    _meetings(found, late, count, "Overdue, by tier and band", csm)
    soon = found.meetings_of(DUE)
    soon = soon[~soon["account_id"].isin(late["account_id"])]
    _meetings(found, soon, count, f"Due within {DUE_WITHIN} days", csm)
    hidden = found.meetings_of(UNKNOWN)
    written = hidden[hidden["kind"].isin(found.facts.kinds.index)]
    if len(written):
        _meetings(found, written, count, "Not known, since touchpoints were silent", csm)


def overdue_line(found: Tiers, more: str = "") -> None:
    """How much is overdue, in one sentence; `more` says where to read on."""
    late = found.meetings_of(OVERDUE)
    if late.empty:
        say("Nobody is overdue by the cadence of their tier, as far as is known.")
        return
    kinds = late["kind"].value_counts()
    told = " and ".join(f"{n:,} {spoken_kind(str(kind))}{'s' * (n != 1)}" for kind, n in kinds.items())
    ids = late["account_id"].unique()
    mrr = money(float(found.accounts.loc[ids, "mrr"].sum()), found.currency)
    accounts = counted(len(ids), "account")
    say(f"{told} overdue, at {accounts} with {mrr} MRR{more}.")


def _meetings(found: Tiers, meetings: pd.DataFrame, count: int, title: str, csm: str | None) -> None:
    if meetings.empty:
        return
    headline(title)
    ids = list(dict.fromkeys(meetings["account_id"]))
    words = meetings.groupby("account_id")["words"].agg(list)
    for account in ids[:count]:
        row = found.accounts.loc[account]
        line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account)}  ", "dim"))
        line.append(f"{row['tier']}  {money(row['mrr'], found.currency)}  ")
        if "band" in row and isinstance(row["band"], str):
            line.append(band_text(row["band"])).append("  ")
        if row["status"] == "leaving":
            line.append("under notice  ", style="bold red")
        if csm is None:
            line.append(text_or(row["csm"], "nobody"), style="dim")
        console.print(line)
        for told in words[account]:
            console.print(Text(f"  {printable(told)}"))
    if len(ids) > count:
        say(f"{len(ids) - count:,} more: --top {len(ids)}, or --csv.")


def owners_line(found: Tiers) -> None:
    """Who has too much, and what nobody has, in a sentence each."""
    free = owned_by(found.accounts, "csm", found.rules.away).isna()
    too_much = found.loads("csm")
    too_much = too_much[too_much["overloaded"] != ""]
    if free.all():
        say("accounts name no CSM, so loads and owners are not known.")
        return
    if free.any():
        own = found.accounts[free]
        mrr, count = money(float(own["mrr"].sum()), found.currency), len(own)
        accounts = counted(count, "account has", "accounts have")
        say(f"{accounts} no CSM, with {mrr} MRR: --owners suggests one.")
    if len(too_much):
        told = "; ".join(f"{printable(name)} ({row['overloaded']})" for name, row in too_much.iterrows())
        say(f"Overloaded: {told}.")
    if not free.any() and too_much.empty:
        say("Every account has a CSM, and no CSM is overloaded.")


def owners(found: Tiers, count: int) -> None:
    """Per role: what each owner carries, who has too much, what nobody has and who could take it."""
    load = found.rules.load
    weights = ", ".join(f"{name} {getattr(load, name):g}" for name in TIERS)
    for role, called in ROLES.items():
        loads, free = found.loads(role), owned_by(found.accounts, role, found.rules.away).isna()
        headline(f"Who looks after whom: {called}, as known on {day(found.as_of)}")
        if loads.empty:
            say(f"accounts name no {called}: nobody is owned, and nobody can be suggested.")
            continue
        _loads(loads, called, found.currency, is_told=found.last_touchpoint is not None)
        what = f"Load: 1.00 is the team's average, by accounts and MRR, weighed by tier: {weights}."
        console.print(Text(what, style="dim"))
        for name, row in loads[loads["overloaded"] != ""].iterrows():
            say(f"Overloaded: {printable(name)}, {row['overloaded']}.")
        if not free.any():
            say(f"Every account has {_a(called)}.")
            continue
        _suggested(found, role, called, count)


def _loads(loads: pd.DataFrame, called: str, currency: str, *, is_told: bool) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(called)
    for head in ("load", "accounts", *TIERS, f"MRR {currency}", "overdue"):
        table.add_column(head.replace("accounts", "acc."), justify="right")
    for name, row in loads.iterrows():
        style = "bold red" if row["overloaded"] else ""
        tiers = [f"{row[tier]:,}" for tier in TIERS]
        table.add_row(
            Text(printable(name)),
            Text(f"{row['load']:.2f}", style=style),
            f"{row['accounts']:,}",
            *tiers,
            f"{row['mrr']:,.0f}",
            f"{row['overdue']:,}" if is_told else "-",
        )
    console.print(table)


def _suggested(found: Tiers, role: str, called: str, count: int) -> None:
    wanted = found.suggestions(role)
    mrr = money(float(wanted["mrr"].sum()), found.currency)
    accounts = counted(len(wanted), "account")
    headline(f"{accounts} without {_a(called)}, with {mrr} MRR; who could take them")
    for account, row in wanted.head(count).iterrows():
        line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account)}  ", "dim"))
        line.append(f"{row['tier']}  {money(row['mrr'], found.currency)}")
        if isinstance(row["was"], str):
            line.append(f"  was {printable(row['was'])}'s", style="dim")
        console.print(line)
        console.print(Text(f"  {printable(text_or(row['suggested'], 'nobody'))}: {printable(row['words'])}"))
    if len(wanted) > count:
        say(f"{len(wanted) - count:,} more: --top {len(wanted)}, or --csv.")


def _a(called: str) -> str:
    return f"{'an' if called[0] in 'aeiou' else 'a'} {called}"
