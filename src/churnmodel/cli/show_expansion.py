"""What does somebody who sells more see? (who is ready, who is withheld and why, whether the rule helped)"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, spoken_day, text_or
from churnmodel.cli.show_driver import driver_words
from churnmodel.explanation.formats import counted, percent
from churnmodel.success.expansion import HINDRANCES, NO_SIGN, NOT_KNOWN, WITHHELD, peers_words

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.workflow.expansion import Expansion

Row = Mapping[Hashable, Any]
PART_OF_RENEWAL = 90
"""A renewal so many days away is where to talk about it."""
SOME = 3
"""So many withheld accounts stand in the summary."""
SAID = {
    "notice": "under notice", "pause": "pays nothing now", "red": "red", "orange": "orange",
    "unscored": "health not known", "held out": "held out of a play", "overdue": "owes",
    "urgent tickets": "urgent tickets open", "no value": "no value yet", "value unknown": "value not known",
    "just reduced": "just reduced", "just expanded": "just expanded",
}  # fmt: skip


def summary(found: Expansion, csm: str | None, count: int) -> None:
    """Who is ready, the most expected room first; who is kept back, by what; who shows no sign."""
    ready, held = found.ready, found.of(WITHHELD)
    whose = f" of {printable(csm)}" if csm else ""
    headline(f"Ready for more{whose} on {day(found.as_of)}: {counted(len(ready), 'account')}{_room(ready, found)}")
    _rule(found)
    for account, row in ready.head(count).iterrows():
        _ready(str(account), dict(row), found, csm)
    if len(ready) > count:
        say(f"\n{len(ready) - count:,} more: --top {len(ready)}, or --csv for all.")
    if len(ready):
        say(f"\nBegin it for one: churnmodel success plays --account {printable(ready.index[0])} --play expansion")
    _adoption_first(found, count)
    _kept_back(found)
    if len(held):
        say("\nThose with the most room to gain:")
        for account, row in held.head(SOME).iterrows():
            _withheld(str(account), dict(row), found, csm)
        if len(held) > SOME:
            say(f"{len(held) - SOME:,} more: --withheld")
    rest = found.of(NO_SIGN)
    if len(rest):
        used = rest["seat_utilisation_28d"].median()
        half = f"; the middle one has {percent(float(used))} of its seats in use" if used == used else ""
        say(f"\nHealthy and without a sign of room: {counted(len(rest), 'account')}{half}.")
    dark = found.of(NOT_KNOWN)
    if len(dark):
        say(f"\nHealthy, and whether they have room is not known: {counted(len(dark), 'account')}.")


def withheld(found: Expansion, csm: str | None, count: int) -> None:
    """Everybody who shows room and is kept back, each with the reason and what would make it ready."""
    held = found.of(WITHHELD)
    whose = f" of {printable(csm)}" if csm else ""
    accounts = counted(len(held), "account")
    headline(f"Room, and not yet{whose}: {accounts} on {day(found.as_of)}{_room(held, found)}")
    for account, row in held.head(count).iterrows():
        _withheld(str(account), dict(row), found, csm)
    if len(held) > count:
        say(f"\n{len(held) - count:,} more: --top {len(held)}, or --csv for all.")
    _kept_back(found)


def _rule(found: Expansion) -> None:
    rules = found.rules
    value = ", has reached a goal or first value" if rules.needs_value else ""
    signs = f"{percent(rules.seats_full)} or more of its seats in use"
    if rules.modules and rules.modules_ready:
        signs += ", or a part unused that its peers use (success adoption)"
    say(f"Ready is: green{value}, {signs}, and nothing that speaks against it. Did that help before? --past")


def _ready(account: str, row: Row, found: Expansion, csm: str | None) -> None:
    console.print()
    line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account)}  ", "dim"))
    line.append(f"{text_or(row['tier'], '')}  {money(row['mrr'], found.currency)} MRR  ")
    room = row["room"]
    known = f"room for about {money(room, found.currency)}" if room == room else "room not priced"
    console.print(line.append(known, style="bold green" if room == room else "yellow"))
    lines = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    if row["sign"] in ("both", "seats"):
        lines.add_row(Text("+", style="green"), Text(_seats(row, found)))
    parts = peers_words(found.facts.modules, account)
    if parts:
        unpriced = row["unpriced"] is not None
        worth = row["modules_room"]
        held = "; in what it pays already" if worth == 0 else ""
        cost = f"; {money(worth, found.currency)}" if worth > 0 else held
        asked = "; part of the plan already, or to be sold?" if unpriced else ""
        lines.add_row(Text("+", style="green"), Text(printable(f"a part unused: {parts}{cost}{asked}")))
    if isinstance(row["value"], str):
        lines.add_row(Text("+", style="green"), Text(f"has got value from it: {row['value']}"))
    lines.add_row(Text("·", style="dim"), Text(_terms(row), style="dim"))
    if csm is None:
        who = f"CSM {text_or(row['csm'], 'nobody')}, account manager {text_or(row['account_manager'], 'nobody')}"
        lines.add_row(Text(" "), Text(who, style="dim"))
    console.print(lines)


def _adoption_first(found: Expansion, count: int) -> None:
    """Whose only sign is a part unused: to be taken up before more is sold."""
    rows = found.adoption_first
    if rows.empty:
        return
    headline(f"Adoption first: {counted(len(rows), 'account')} whose only sign is a part unused")
    say("Help them take it up before more is sold. Do such accounts buy here? --past; then modules_ready = true.")
    for account, row in rows.head(count).iterrows():
        name = f"{text_or(row['name'], '-')}  {printable(account)}  {money(row['mrr'], found.currency)} MRR"
        say(f"  {name}: {printable(peers_words(found.facts.modules, str(account)))}")
    if len(rows) > count:
        say(f"  {len(rows) - count:,} more: --top {len(rows)}, or --csv for all.")
    say(f"What to bring them to: churnmodel success adoption --account {printable(rows.index[0])}")


def _seats(row: Row, found: Expansion) -> str:
    more, each = int(row["more_seats"]), money(row["seat_price"], found.currency)
    price = f"at list price, {each}" if row["at_list"] else f"at what it pays, {each}"
    seats = f"{more:,} more {'seat' if more == 1 else 'seats'} {price}{' each' if more > 1 else ''}"
    used = f"{row['active_users_28d']:,.0f} of {row['seats']:,.0f} active in 28 days"
    return f"seats nearly full: {used}; {seats}"


def _terms(row: Row) -> str:
    days = row["days_to_renewal"]
    said = ["no renewal date known"]
    if days == days:
        soon = ": make it part of the renewal" if days <= PART_OF_RENEWAL else ""
        said = [f"renews on {spoken_day(row['renews_at'])}, in {days:.0f} days{soon}"]
    if isinstance(row["play"], str):
        said.append(f"open play: {printable(row['play'])} since {spoken_day(row['since'])}")
    elif isinstance(row["first_play"], str) and row["first_play"] not in ("expansion", "renewal"):
        said.append(f"triage would begin {printable(row['first_play'])} first")
    return "; ".join(said)


def _withheld(account: str, row: Row, found: Expansion, csm: str | None) -> None:
    line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account)}  ", "dim"))
    line.append(f"{money(row['mrr'], found.currency)} MRR  ").append(band_text(row["band"]))
    if csm is None:
        line.append(f"  {text_or(row['csm'], 'no CSM')}", style="dim")
    console.print(line)
    lines = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    lines.add_row(Text("-", style="red"), Text(printable(row["why"])))
    lines.add_row(Text("+", style="green"), Text(printable(row["shows"]), style="dim"))
    lines.add_row(Text(">", style="cyan"), Text(printable(f"ready when {row['ready_when']}")))
    console.print(lines)


def _kept_back(found: Expansion) -> None:
    rows = found.accounts[found.accounts["status"] == WITHHELD]
    if rows.empty:
        return
    with_room = f"{int(rows['has_room'].sum()):,} of them with a sign of room"
    if found.facts.modules is None and rows["seat_utilisation_28d"].isna().all():
        with_room = "which of them have room is not known"
    headline(f"Withheld: {counted(len(rows), 'account')}, {with_room}")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("kept back by (the weightiest)")
    for head in ("accounts", f"MRR {found.currency}", "with room", "room"):
        table.add_column(head, justify="right")
    for name in HINDRANCES:
        own = rows[rows["hindrance"] == name]
        if own.empty:
            continue
        held = own[own["has_room"]]
        room = held["room"].sum(min_count=1)
        cells = [f"{len(own):,}", f"{own['mrr'].sum():,.0f}", f"{len(held):,}" if len(held) else "-"]
        table.add_row(SAID[name], *cells, f"{room:,.0f}" if room == room else "-")
    console.print(table)


def caveats(found: Expansion) -> None:
    """What the list rests on, and what the tables do not say."""
    said = driver_words(found.health.driver.instead, found.health.as_of, found.as_of, "nobody is ready")
    words = {
        "value": "Nobody writes down that value was reached, so nobody is ready",
        "seats": "How full seats are is not known",
        "modules": "Which parts are unused is not known",
        "overdue": "Nobody is withheld for debts",
        "urgent": "Nobody is withheld for urgent tickets",
    }
    for what, table in found.facts.lacking.items():
        if what == "value" and not found.rules.needs_value:
            continue
        hint = " Or set [expansion] needs_value = false." if what == "value" else ""
        said.append(f"{words[what]}: wanted {table}.{hint}")
    unpriced = found.ready["unpriced"].dropna()
    if len(unpriced):
        names = sorted({name for own in unpriced for name in str(own).split(", ")})
        said.append(
            f"No price is stated for {', '.join(names)}, so that room is not counted, and accounts without other "
            f"room come last: [expansion.price] {names[0]} = ... (0 if the plan holds it already)."
        )
    other = found.play_disagrees
    if len(other):
        names_of = ", ".join(printable(account) for account in other.index[:5])
        more = f" and {len(other) - 5:,} more" if len(other) > 5 else ""
        kept = ", ".join(SAID[name] for name in HINDRANCES if name in set(other["hindrance"]))
        said.append(
            f"Your own play expansion fits {counted(len(other), 'account')} not ready here ({names_of}{more})"
            f"{': ' if kept else ''}{kept}. State ready_for_more = true in the play."
        )
    if said:
        console.print()
    for line in said:
        console.print(Text(printable(line), style="dim"))


def _room(rows: pd.DataFrame, found: Expansion) -> str:
    room = rows["room"].sum(min_count=1)
    if room != room:
        return ""
    known = int(rows["room"].notna().sum())
    of = f" (at {known:,} of them)" if known < len(rows) else ""
    return f", room for about {money(room, found.currency)} a month{of}"
