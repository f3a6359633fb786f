"""What does a customer-success leader see of the tiers? (who matters and why, the roster, what is not known)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import (
    band_text,
    console,
    day,
    headline,
    money,
    printable,
    say,
    spoken_day,
    text_or,
)
from churnmodel.cli.show_driver import driver_words
from churnmodel.cli.show_tier_work import overdue, overdue_line, owners, owners_line
from churnmodel.explanation.formats import counted, percent
from churnmodel.settings.tiers import TIERS
from churnmodel.success.cadences import OVERDUE
from churnmodel.success.owners import owned_by
from churnmodel.success.tiers import in_words
from churnmodel.success.value_reasons import why_high_value

if TYPE_CHECKING:
    from churnmodel.workflow.project import Project
    from churnmodel.workflow.tiers import Tiers

__all__ = ["caveats", "definitions", "moved", "overdue", "owners", "roster", "summary"]

MARKS = {"for": ("+", "green"), "against": ("-", "red"), "neither": ("·", "dim"), "unknown": ("?", "yellow")}
STALE_DAYS = 14
"""A company that wrote no touchpoint down for so long may have stopped to."""


def summary(found: Tiers, csm: str | None, count: int) -> None:
    """The book by tier, the rules, the first of the roster, what is overdue and who has too much."""
    accounts = found.accounts
    whose = f" of {printable(csm)}" if csm else ""
    total = money(float(accounts["mrr"].sum()), found.currency)
    many = counted(len(accounts), "account")
    headline(f"Who matters{whose}, as known on {day(found.as_of)}: {many}, {total} MRR")
    _by_tier(found)
    _rules(found)
    first = min(count, len(found.roster))
    _people(found, csm, count, f"The first {first} of the roster" if first > 1 else "The first of the roster")
    if len(found.roster) > count:
        say(f"\n{len(found.roster) - count:,} more: --roster (or --csv for all).")
    moved(found, count)
    headline("To do")
    overdue_line(found, ": --overdue lists them")
    if csm is None:
        owners_line(found)


def roster(found: Tiers, csm: str | None, count: int) -> None:
    """The high-value accounts with their reasons."""
    held = money(float(found.roster["mrr"].sum()), found.currency)
    whose = f" of {printable(csm)}" if csm else ""
    headline(f"High-value accounts{whose}, as known on {day(found.as_of)}: {len(found.roster):,}, with {held} MRR")
    say(f"On the roster: {in_words(found.rules.high_value, found.cuts.high_value, found.currency)}.")
    _people(found, csm, count, "")
    if len(found.roster) > count:
        say(f"\n{len(found.roster) - count:,} more: --top {len(found.roster)}, or --csv.")


def moved(found: Tiers, count: int) -> None:
    """Whose tier is another than on the earlier day, if one was named."""
    moves = found.moves
    if moves is None or found.since is None:
        return
    headline(f"Tiers moved since {day(found.since)}")
    said = {"up": "up", "new": "new to the book", "down": "down", "gone": "gone from the book"}
    for move, words in said.items():
        rows = moves[moves["move"] == move]
        if rows.empty:
            continue
        say(f"{len(rows):,} {words}:")
        for account, row in rows.head(count).iterrows():
            line = Text.assemble(("  " + text_or(row["name"], "-"), "bold"), (f"  {printable(account)}  ", "dim"))
            tiers = [str(tier) for tier in (row["was"], row["tier"]) if isinstance(tier, str)]
            console.print(line.append(f"{' -> '.join(tiers)}: {row['words']}", style="not bold"))
        if len(rows) > count:
            say(f"  {len(rows) - count:,} more: --top {len(rows)}, or tier_before in --csv.")
    if moves.empty:
        say("Nobody's tier moved.")


def _by_tier(found: Tiers) -> None:
    accounts, late = found.accounts, set(found.meetings_of(OVERDUE)["account_id"])
    has_bands = "band" in accounts
    free = owned_by(accounts, "csm", found.rules.away).isna()
    heads = ["accounts", f"MRR {found.currency}", "of MRR", *(["red", "orange"] if has_bands else [])]
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("tier")
    table.add_column("touch")
    for head in [*heads, "overdue", "no CSM"]:
        table.add_column(head, justify="right")
    total = float(accounts["mrr"].sum())
    parts = [(name, accounts["tier"] == name) for name in TIERS]
    for name, rows in [*parts, ("high-value", accounts["high_value"])]:
        own = accounts[rows]
        mrr = float(own["mrr"].sum())
        cells = [f"{len(own):,}", f"{mrr:,.0f}", percent(mrr / total) if total else "-"]
        if has_bands:
            cells += [_count(int((own["band"] == band).sum())) for band in ("red", "orange")]
        cells += [_count(int(own.index.isin(late).sum())), _count(int(free[rows].sum()))]
        is_tier = name in TIERS
        touch = getattr(found.rules.touch, name) if is_tier else ""
        table.add_row(name, touch, *cells, style="" if is_tier else "dim")
    console.print(table)


def _rules(found: Tiers) -> None:
    rules, cuts, currency = found.rules, found.cuts, found.currency
    for name in ("platinum", "gold"):
        console.print(_hanging(f"{name}: ", in_words(getattr(rules, name), getattr(cuts, name), currency), ""))
    high = in_words(rules.high_value, cuts.high_value, currency)
    console.print(_hanging("high-value: ", f"{high}", ""))


def _people(found: Tiers, csm: str | None, count: int, title: str) -> None:
    if title and len(found.roster):
        headline(title)
    told = {str(account): rows for account, rows in found.reasons.groupby("account_id")}
    late = found.meetings_of(OVERDUE).groupby("account_id")["words"].agg(list)
    for account, row in found.roster.head(count).iterrows():
        console.print()
        line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account)}  ", "dim"))
        line.append(f"{row['tier']}  {money(row['mrr'], found.currency)}  ")
        if "band" in row and isinstance(row["band"], str):
            line.append(band_text(row["band"]))
            line.append(f", risk {percent(float(row['risk']))}" if "risk" in row else "")
        if row["status"] == "leaving":
            line.append("under notice", style="bold red")
        console.print(line)
        lines = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
        why = why_high_value(dict(row), found.rules, found.currency)
        lines.add_row(Text(" ", style="dim"), Text(f"on the roster: {why}", style="dim"))
        reasons = told.get(str(account))
        for tells, (mark, style) in MARKS.items():
            words = [] if reasons is None else reasons.loc[reasons["tells"] == tells, "words"].tolist()
            if words:
                lines.add_row(Text(mark, style=style), Text(printable("; ".join(words))))
        for words in late.get(account, []):
            lines.add_row(Text("!", style="bold red"), Text(printable(words)))
        if csm is None:
            who = f"CSM {text_or(row['csm'], 'nobody')}"
            who += f", account manager {text_or(row['account_manager'], 'nobody')}"
            lines.add_row(Text(" "), Text(who, style="dim"))
        console.print(lines)


def caveats(found: Tiers, project: Project) -> None:
    """What the figures rest on, and what the tables do not say of anybody."""
    said = driver_words(found.instead, found.scored_on, found.as_of, "no band is shown")
    if found.as_of < project.until and not found.facts.keeps_history:
        said.append(
            "Owners, strategic and referenceable are as accounts says today: the table keeps no history (known_at "
            "and event_id)."
        )
    said += _touchpoints_told(found)
    reasons = found.reasons
    if len(reasons):
        unknown = reasons[reasons["tells"] == "unknown"].groupby("about")["account_id"].nunique()
        everyone = [str(about) for about in unknown.index[unknown == len(found.accounts)]]
        if everyone:
            said.append(f"Not known of any account: {', '.join(everyone)}.")
        told = reasons[reasons["about"] == "payback"]["tells"].ne("unknown").any()
        if told and project.settings.kpis.gross_margin == 1:
            said.append("Payback is of revenue, not of profit: kpis.gross_margin is not set.")
        cost = found.rules.cost
        if cost.ticket is None and cost.csm_hour is None:
            said.append("Cost to serve needs your rates: [tiers.cost] ticket = ..., csm_hour = ...")
        elif cost.csm_hour is not None:
            said.append("CSM hours are not in the tables: a meeting counts as [tiers.cost] says of its kind.")
    if said:
        console.print()
    for line in said:
        console.print(Text(printable(line), style="dim"))


def _touchpoints_told(found: Tiers) -> list[str]:
    rules, kinds = found.rules.cadence, found.facts.kinds
    wanted = dict.fromkeys(kind for name in TIERS for kind in getattr(rules, name))
    if found.last_touchpoint is None:
        return ["No touchpoint is on record, so nobody can say who is overdue."] if wanted else []
    said = []
    gone = [kind for kind in wanted if kind not in kinds.index]
    if gone:
        there = ", ".join(str(kind) for kind in kinds.index[:8])
        said.append(
            f"No touchpoint of any account is of the kind {' or '.join(gone)}, so nobody is told as overdue for "
            f"it (there are: {there}). Name your kinds under [tiers.cadence]."
        )
    silent = (found.as_of - found.last_touchpoint).days
    if silent > STALE_DAYS:
        last = spoken_day(found.last_touchpoint)
        said.append(f"The latest touchpoint of anybody is of {last}, {silent} days before: is the feed complete?")
    return said


def definitions() -> None:
    """Every column: its title and name in tables, how it is made, after whom."""
    from churnmodel.success.tier_columns import MEETING_COLUMNS, OWNER_COLUMNS, TIER_COLUMNS

    for one in (*TIER_COLUMNS, *MEETING_COLUMNS, *OWNER_COLUMNS):
        line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
        console.print(line.append(f"\n  {one.formula}", style="not bold"))
        if one.source != "own":
            console.print(Text(f"  {one.source}", style="dim"))


def _hanging(first: str, rest: str, style: str) -> Padding:
    table = Table(box=None, show_header=False, padding=0)
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_row(Text(first, style="dim"), Text(rest, style=style or "dim"))
    return Padding(table, 0)


def _count(count: int) -> str:
    return f"{count:,}" if count else "-"

