"""Who spoke of a theme, and who is to be told that it is fixed? (account by account, with owner and contact)"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, spoken_day, text_or
from churnmodel.explanation.formats import counted
from churnmodel.success.feedback_loop import LEFT, STILL, TO_TELL, TOLD

if TYPE_CHECKING:
    from churnmodel.workflow.feedback import Feedback

Row = Mapping[Hashable, Any]
STYLE = {STILL: "bold red", TOLD: "green"}


def theme(found: Feedback, name: str, csm: str | None, count: int) -> pd.DataFrame:
    """The accounts that spoke of one theme in the window, the most MRR at risk first; the table of it."""
    accounts = found.accounts_of(name)
    here = accounts[accounts["in_book"]]
    whose = f" of {printable(csm)}" if csm else ""
    stake = here["mrr_at_risk"].sum(min_count=1)
    risk = f", {money(stake, found.currency)} of their MRR at risk" if stake == stake else ""
    headline(
        f"{name}: {counted(len(accounts), 'account')}{whose} spoke of it in the {found.rules.days} days before "
        f"{day(found.as_of)}{risk}"
    )
    for account, row in accounts.head(count).iterrows():
        _account(str(account), dict(row), found, csm)
    if len(accounts) > count:
        say(f"\n{len(accounts) - count:,} more: --top {len(accounts)}, or --csv for all.")
    if accounts.empty:
        say("Nobody did.")
    return accounts.drop(columns="mrr_red_orange").assign(theme=name, as_of=found.as_of).reset_index()


def tell(found: Feedback, csm: str | None, count: int) -> pd.DataFrame:
    """Whom to tell of each theme that is fixed, who still speaks of it, who has been told; the table of it."""
    if found.fixed.empty:
        say("No theme is marked as fixed: churnmodel success feedback --fixed THEME --note 'what was done'")
    parts = []
    for fix in found.fixed.to_dict("records"):
        name = str(fix["theme"])
        accounts = found.fix_of(name)
        parts.append(accounts.assign(theme=name, fixed_on=fix["on"]).reset_index())
        note = f": {printable(fix['note'])}" if isinstance(fix["note"], str) else ""
        headline(f"{name}, fixed on {spoken_day(fix['on'])} (by {printable(fix['by'])}){note}")
        say(standing_words(accounts))
        waits = accounts[~accounts["told"]]
        for account, row in waits.head(count).iterrows():
            _account(str(account), dict(row), found, csm)
        if len(waits) > count:
            say(f"\n{len(waits) - count:,} more: --top {len(waits)}, or --csv for all.")
        if len(waits):
            own = printable(waits.index[0])
            say(f"\nOnce told: churnmodel success feedback --told {own} '{name}'")
    if not parts:
        return pd.DataFrame(columns=["theme", "fixed_on", "account_id", "standing", "contact_id", "csm"])
    table = pd.concat(parts, ignore_index=True)
    first = ["theme", "fixed_on", "account_id", "name", "standing", "contact_id", "csm", "account_manager"]
    return table[[*first, *(name for name in table if name not in first and name != "mrr_red_orange")]]


def after_fix(found: Feedback, name: str) -> None:
    """What follows from a fix that was just written down."""
    say(f"{standing_words(found.fix_of(name))} churnmodel success feedback --tell lists them.")


def standing_words(accounts: pd.DataFrame) -> str:
    """How many are to be told, have left, still speak of it, have been told."""
    count = accounts["standing"].value_counts()
    waits = accounts[~accounts["told"]]
    parts = [f"{counted(int(count.get(TO_TELL, 0)), 'account')} to tell"]
    if count.get(LEFT, 0):
        parts.append(f"{count[LEFT]:,} that left")
    if count.get(STILL, 0):
        parts.append(f"{count[STILL]:,} still {'speaks' if count[STILL] == 1 else 'speak'} of it since")
    parts.append(f"{int(accounts['told'].sum()):,} told")
    owners = waits["csm"].dropna().nunique() if "csm" in waits else 0
    return f"{', '.join(parts)}{f', of {owners:,} CSMs' if owners > 1 else ''}."


def _account(account: str, row: Row, found: Feedback, csm: str | None) -> None:
    console.print()
    line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account)}  ", "dim"))
    if row["in_book"]:
        line.append(f"{money(row['mrr'], found.currency)} MRR  ")
        line.append("under notice" if row["status"] == "leaving" else band_text(row["band"]))
    else:
        line.append("no customer any more", style="dim")
    if row.get("standing") in (STILL, TOLD):
        line.append(f"  {row['standing']}", style=STYLE[row["standing"]])
    console.print(line)
    lines = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    times = f"{row['times']:,} times, last " if row["times"] > 1 else ""
    said = f"{times}on {spoken_day(row['last_at'])} in a {row['source']}"
    still_open = "; a ticket is open" if pd.notna(row["open"]) and row["open"] else ""
    lines.add_row(Text("·", style="dim"), Text(f"{said}{still_open}", style="dim"))
    if isinstance(row["quote"], str) and row["quote"]:
        lines.add_row(Text('"', style="dim"), Text(printable(row["quote"]), style="italic"))
    if row.get("again"):
        again = f"spoke of it again since, last on {spoken_day(row['again_at'])}: it is not fixed for them"
        lines.add_row(Text("!", style="bold red"), Text(again))
    who = f"contact {text_or(row['contact_id'], 'not named')}"
    who += f"; CSM {text_or(row['csm'], 'nobody')}" if csm is None else ""
    lines.add_row(Text(" "), Text(who, style="dim"))
    console.print(lines)
