"""Did the rule of expansion help before, and what does each column mean? (said plainly where it does not help)"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, say
from churnmodel.explanation.formats import percent
from churnmodel.success.expansion import READY
from churnmodel.success.expansion_judged import AGAINST, FEW, HELPS, MODULE_ONLY, OTHER_GREEN, SEATS_ONLY

if TYPE_CHECKING:
    from churnmodel.workflow.expansion import Expansion
    from churnmodel.workflow.expansion_past import ExpansionPast

Row = Mapping[Hashable, Any]


def past(found: ExpansionPast, now: Expansion) -> None:
    """What became of those the rule would have called ready, beside the others, and a plain verdict."""
    rules = now.rules
    if found.rows.empty:
        headline("Did the rule help before?")
        say(f"That cannot be said: {found.why_none or 'there is no past with known outcomes'}.")
        return
    days = found.rows["as_of"]
    looks = days.nunique()
    over = f"{looks} earlier days, {day(days.min())} to {day(days.max())}" if looks > 1 else f"{day(days.min())}"
    headline(f"Did the rule help before? Asked of {over}")
    say(
        "Bands as they were said out of time, the rest as known then. Expanded: MRR higher by "
        f"{percent(rules.outcome_growth)} or more {rules.outcome_days} days later, at one rate of exchange."
    )
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("then")
    for head in ("accounts", "looks", "expanded", "95 %", "left", "gain"):
        table.add_column(head, justify="right")
    for row in found.groups.to_dict("records"):
        if not row["rows"]:
            continue
        gain = f"{row['gain']:,.0f}" if row["gain"] == row["gain"] else "-"
        between = f"{percent(row['low'])} to {percent(row['high'])}"
        cells = [f"{row['accounts']:,}", f"{row['rows']:,}", percent(row["share"]), between]
        table.add_row(str(row["group"]), *cells, percent(row["left_share"]), gain)
    console.print(table)
    say(f"gain: the middle MRR gained, {now.currency} a month, of those that expanded.")
    console.print()
    groups = found.groups.set_index("group")
    told = {READY: "The rule", SEATS_ONLY: "Seats nearly full", MODULE_ONLY: "A part unused, alone"}
    by_group = groups.to_dict("index")
    if not rules.modules_ready:
        del told[SEATS_ONLY]  # the same accounts as the rule's
    for name, what in told.items():
        if by_group[name]["rows"]:
            say(f"{what}: {_verdict(by_group[name], by_group[OTHER_GREEN])}")
    against = groups.loc[MODULE_ONLY, "verdict"] == AGAINST
    if rules.modules_ready and against:
        say("Here a part unused, alone, names the wrong accounts: set [expansion] modules_ready = false.")
    elif by_group[MODULE_ONLY]["rows"] and not rules.modules_ready:
        those = "So those" if against else "Those"
        say(f"{those} accounts are not called ready: adoption first ([expansion] modules_ready = false).")
    say("It says whether the list names those who expand, not whether an offer makes them: that takes a hold-out.")


def _verdict(own: Row, others: Row) -> str:
    if own["verdict"] == FEW:
        return f"too few accounts to say ({own['accounts']:.0f}, of the others {others['accounts']:.0f})."
    lift, low, high = (own[name] * 100 for name in ("lift", "lift_low", "lift_high"))
    between = f"{lift:+.0f} points, between {low:+.0f} and {high:+.0f}"
    beside = f"{percent(own['share'])} expanded, of the other green ones {percent(others['share'])} ({between})"
    if own["verdict"] == HELPS:
        return f"it helps. {beside}."
    if own["verdict"] == AGAINST:
        return f"it does not help, it misleads. {beside}."
    return f"not shown to help. {beside}: chance alone may do that."


def definitions() -> None:
    """Every column: its title and name in tables, how it is made, after whom."""
    from churnmodel.success.expansion_columns import EXPANSION_COLUMNS, PAST_COLUMNS

    for one in (*EXPANSION_COLUMNS, *PAST_COLUMNS):
        line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
        console.print(line.append(f"\n  {one.formula}", style="not bold"))
        if one.source != "own":
            console.print(Padding(Text(one.source, style="dim"), (0, 0, 0, 2)))
