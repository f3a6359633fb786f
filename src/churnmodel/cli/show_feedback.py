"""What does somebody who listens to customers see? (themes by MRR at risk, who said what, whom to tell)"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, printable, say, spoken_day
from churnmodel.cli.show_driver import driver_words
from churnmodel.cli.show_feedback_accounts import standing_words
from churnmodel.explanation.formats import counted, percent
from churnmodel.success.feedback import share_at_risk
from churnmodel.success.feedback_judged import FEW, UNSHOWN, WITH_LEAVING, WITH_STAYING
from churnmodel.success.said import TABLES, TICKET

if TYPE_CHECKING:
    from churnmodel.workflow.feedback import Feedback

Row = Mapping[Hashable, Any]
MARK = {WITH_LEAVING: "leaving", WITH_STAYING: "staying", UNSHOWN: "-", FEW: "too few"}
LINK_STYLE = {WITH_LEAVING: "bold red", WITH_STAYING: "green"}


def summary(found: Feedback, links: pd.DataFrame, csm: str | None, count: int, horizon: int) -> pd.DataFrame:
    """Themes by MRR at risk, the first in full, what no theme has, what is fixed; the table of it."""
    themes = _joined(found, links)
    rows, whose = found.window, f" of {printable(csm)}" if csm else ""
    spoke = rows["account_id"].nunique()
    headline(
        f"What customers{whose} speak of, in the {found.rules.days} days before {day(found.as_of)}: "
        f"{len(rows):,} tickets, comments and notes of {counted(spoke, 'account')}"
    )
    share, own = found.book_share, share_at_risk(found.book)
    beside = f"; of the whole book {percent(share)} of MRR is at risk" if share == share else ""
    beside += f", of all accounts{whose} {percent(own)}" if csm and beside and own == own else ""
    what = "MRR" if found.scored_on is None else "MRR at risk"
    say(f"{what} is that of the accounts that spoke of a theme{beside}.")
    _table(themes, found)
    if len(themes):
        say("An account that speaks of two themes counts in both. What it goes with is an association, no cause.")
    worries = themes[~themes["praise"]]
    if "link" in worries:  # what goes with leaving is worth reading first
        worries = pd.concat([worries[worries["link"] == WITH_LEAVING], worries[worries["link"] != WITH_LEAVING]])
    for row in worries.head(count).to_dict("records"):
        _theme(row, found, horizon, csm)
    glad = themes[themes["praise"] & (themes["rows"] > 0)]
    for row in glad.head(1).to_dict("records"):
        _theme(row, found, horizon, csm)
    if len(worries):
        say(f"\nWho they are: churnmodel success feedback --theme '{worries['theme'].iloc[0]}'")
    _untagged(found)
    _fixed(found)
    _caveats(found, links)
    lines = ["\n".join(quotes) if isinstance(quotes, list) else None for quotes in themes["quotes"]]
    return themes.assign(quotes=pd.Series(lines, themes.index, dtype="object"))


def _joined(found: Feedback, links: pd.DataFrame) -> pd.DataFrame:
    themes = found.themes
    themes.insert(7, "risk_share", themes["mrr_at_risk"] / themes["mrr"].where(themes["mrr"] > 0))
    if len(links):
        themes = themes.merge(links, on="theme", how="left")
    since = dict(zip(found.fixed["theme"], found.fixed["on"], strict=True))
    on = pd.to_datetime(pd.Series([since.get(name) for name in themes["theme"]], themes.index, dtype="object"))
    return themes.assign(fixed_on=on, as_of=found.as_of)


def _table(themes: pd.DataFrame, found: Feedback) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("theme", no_wrap=True)
    stake = f"{found.currency} MRR" if found.scored_on is None else f"{found.currency} at risk"
    for head in ("accounts", "before", stake, "of MRR", "open"):
        table.add_column(head, justify="right")
    table.add_column("goes with")
    for row in themes.to_dict("records"):
        stakes = (row[name] for name in ("mrr_at_risk", "mrr_red_orange", "mrr"))
        at_risk = next(stake for stake in stakes if stake == stake)
        before = f"{row['accounts_before']:,.0f}" if row["accounts_before"] == row["accounts_before"] else "?"
        link = str(row.get("link", ""))
        style = "dim" if row["praise"] else ""
        name = f"{row['theme']}{' (fixed)' if _is(row['fixed_on']) else ''}"
        shares = [_share(row[column]) for column in ("risk_share", "unresolved")]
        cells = [f"{row['accounts']:,}", before, f"{at_risk:,.0f}", *shares]
        mark = Text(MARK.get(link, ""), style=LINK_STYLE.get(link, "dim"))
        table.add_row(Text(name, style=style), *(Text(cell, style=style) for cell in cells), mark)
    console.print(table)


def _theme(row: Row, found: Feedback, horizon: int, csm: str | None) -> None:
    console.print()
    console.print(Text.assemble((str(row["theme"]), "bold"), f"  {_moved(row, found)}"))
    lines = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    if row["tickets"] and row["unresolved"] == row["unresolved"]:
        words = open_words(round(row["tickets"] * row["unresolved"]), row["tickets"])
        lines.add_row(Text("·", style="dim"), Text(words))
    link = row.get("link")
    if link in (WITH_LEAVING, WITH_STAYING, UNSHOWN):
        low, high = (f"{row[name] * 100:+.0f}" for name in ("difference_low", "difference_high"))
        whole = ", of all accounts" if csm else ""  # those of earlier days, whoever looks after them
        words = (
            f"{link}{whole}: {percent(row['spoke_left'])} of those who spoke of it left within {horizon} days, "
            f"{percent(row['others_left'])} of those who spoke of other things ({low} to {high} points)"
        )
        style = "red" if link == WITH_LEAVING else "green" if link == WITH_STAYING else "dim"
        lines.add_row(Text("-" if link == WITH_LEAVING else "·", style=style), Text(words, style=style))
    for words in row["quotes"] if isinstance(row["quotes"], list) else []:
        lines.add_row(Text('"', style="dim"), Text(printable(words), style="italic"))
    console.print(lines)


def open_words(still_open: int, tickets: int) -> str:
    """How many of so many tickets are open.

    >>> open_words(0, 1), open_words(1, 30), open_words(0, 2)
    ('its only ticket is not open', '1 of its 30 tickets is open', 'none of its 2 tickets is open')
    """
    if tickets == 1:
        return f"its only ticket is {'open' if still_open else 'not open'}"
    count = f"{still_open:,}" if still_open else "none"
    return f"{count} of its {tickets:,} tickets {'is' if still_open <= 1 else 'are'} open"


def _moved(row: Row, found: Feedback) -> str:
    said = f"{counted(row['accounts'], 'account')}, {counted(row['rows'], 'time')}"
    before = row["accounts_before"]
    if before == before:
        said += f" ({counted(int(before), 'account')} in the {found.rules.days} days before)"
    if row["left_since"]:
        said += f"; {row['left_since']:,} more {'has' if row['left_since'] == 1 else 'have'} left since"
    return said


def _untagged(found: Feedback) -> None:
    rows = found.untagged
    if rows.empty:
        return
    told = int(found.window["text"].notna().sum())
    headline(f"Without a theme: {len(rows):,} of {told:,} texts ({percent(len(rows) / told)})")
    words = found.other_words
    if len(words):
        listed = ", ".join(f"{row['words']} ({row['rows']:,})" for row in words.to_dict("records"))
        say(f"Their words: {listed}.")
        say("A theme of yours: [feedback.themes] 'name' = { words = [...] }. None: [feedback] ignore = [...]")


def _fixed(found: Feedback) -> None:
    if found.fixed.empty:
        return
    headline("Fixed")
    for fix in found.fixed.to_dict("records"):
        say(f"{fix['theme']}, on {spoken_day(fix['on'])}. {standing_words(found.fix_of(str(fix['theme'])))}")
    say("churnmodel success feedback --tell lists them, with contact and owner.")


def _caveats(found: Feedback, links: pd.DataFrame) -> None:
    said = []
    if len(links):
        accounts = links["spoke_accounts"].max()
        said.append(
            f"goes with: of all accounts on earlier days (up to {accounts:,}), by the label of the project. With "
            f"{len(links)} themes one in twenty may look so by chance."
        )
    else:
        said.append("Whether a theme goes with leaving is not known: no earlier day's outcome is over.")
    tickets = found.window[found.window["source"] == TICKET]
    if len(tickets) and tickets["unresolved"].isna().all():
        said.append("Which tickets are open is not known: tickets name no resolved_at.")
    if found.absent:
        said.append(f"Not heard: there is no table {' and no table '.join(found.absent)}.")
    if found.dark:
        said.append(f"Not compared with the days before: {', '.join(found.dark)} was silent for part of them.")
    if found.scored_on is not None and found.book["risk"].isna().all():
        said.append("No risk is known: at risk stands the MRR of red and orange accounts.")
    silent = [name for name, table in TABLES.items() if table not in found.absent]
    quiet = [name for name in silent if not (found.window["source"] == name).any()]
    if quiet:
        said.append(f"Nothing of the kind {' or '.join(quiet)} in these days.")
    console.print()
    for line in said:
        console.print(Text(printable(line), style="dim"))


def driver(found: Feedback) -> None:
    """Whose risks and bands these are, where it is not a champion's of that day."""
    for line in driver_words(found.instead, found.scored_on, found.as_of, "what weighs most goes by MRR"):
        console.print(Text(printable(line), style="dim"))


def definitions() -> None:
    """Every column: its title and name in tables, how it is made, after whom."""
    from churnmodel.success.feedback_columns import ACCOUNT_COLUMNS, THEME_COLUMNS

    for one in (*THEME_COLUMNS, *ACCOUNT_COLUMNS):
        line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
        console.print(line.append(f"\n  {one.formula}", style="not bold"))
        if one.source != "own":
            console.print(Padding(Text(one.source, style="dim"), (0, 0, 0, 2)))


def _share(value: Any) -> str:
    return percent(float(value)) if value == value else "-"


def _is(value: object) -> bool:
    return value is not None and not pd.isna(value)  # type: ignore[call-overload]
