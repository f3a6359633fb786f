"""What does a customer success manager see of a change? (one account, and the book, since an earlier score)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, headline, money, points, printable, say, spoken_day, text_or
from churnmodel.explanation.changed_words import risk_words
from churnmodel.explanation.formats import counted
from churnmodel.scoring.band_moves import first_red

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.workflow.changed import BookChanged
    from churnmodel.workflow.explain import Explained
    from churnmodel.workflow.project import Project

HINDSIGHT = "The earlier risks were no forecasts: the model has learned from outcomes after that day."
ANOTHER_MODEL = "another model scores now"
RENEWED_TITLE = "Renewed since, so the risk now looks to the next renewal"
OTHER_TITLE = "The risk looks over another stretch now, so it is neither better nor worse"
LEAST = 0.0005
"""What prints as 0.0 points is not worth a line of its own."""


def what_changed(told: Explained) -> None:
    """How one account's risk moved since the earlier score; one line where there is nothing to split."""
    if told.changed is None:
        return
    since = told.changed.since
    if told.changed.accounts.empty:
        headline(f"What changed since {since}")
        say(told.changed.nothing_to_compare(told.account_id, told.account.get("status") == "leaving"))
        return
    account = told.changed.accounts.iloc[0]
    headline(f"What changed since {spoken_day(since)}: {_change(account)}")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for key, family, words in (
        ("new_model", "model", ANOTHER_MODEL),
        ("passing_time", "time", str(account["renewal"])),
    ):
        if abs(float(account[key])) >= LEAST:
            table.add_row(points(account[key]), family, Text(printable(words)))
    named = told.changed.drivers[told.changed.drivers["telling"].astype(bool)]
    for row in named.to_dict("records"):
        table.add_row(points(row["points"]), Text(printable(row["family"])), Text(printable(row["sentence"])))
    if table.row_count:
        console.print(table)
    if told.changed.in_hindsight:
        say(HINDSIGHT)
    unnamed = float(account["drivers"]) - float(named["points"].astype("float64").sum())
    if abs(unnamed) >= LEAST:
        say(f"All else together: {unnamed * 100:+.1f}.")
    elif not table.row_count:
        say("Nothing that moves its risk.")


def book_changes(found: BookChanged | None, project: Project, count: int = 10) -> None:
    """The accounts whose band rose since the earlier score, red ones first, and those whose band fell."""
    if found is None:
        say("No earlier day was scored, so there is no change to tell: churnmodel score --as-of DAY scores one.")
        return
    moves, currency = found.moves, project.settings.project.currency
    headline(f"What changed since {found.earlier.as_of}")
    counted = (
        *((moves.arrived, moves.arrived_mrr, "new"), (moves.gone, moves.gone_mrr, "gone")),
        (moves.gave_notice, moves.notice_mrr, "more under notice"),
    )
    paid = [f" ({money(mrr, currency)} MRR)" if ids and mrr == mrr else "" for ids, mrr, _ in counted]
    said = [f"{len(ids):,} {what}{mrr}" for (ids, _, what), mrr in zip(counted, paid, strict=True)]
    say(f"{len(found.changed.accounts):,} accounts with a risk on both days; {', '.join(said)}")
    if len(moves.arrived_red):
        say(f"Red in their first score: {printable(first_red(moves.arrived_red))}")
    if not found.changed.same_model:
        say(f"Another model scores now ({found.later.version}, before {found.earlier.version}).")
    if found.changed.in_hindsight:
        say(HINDSIGHT)
    _accounts("New to red", moves.new_to_red, currency, count)
    _accounts("New to orange", moves.new_to_orange, currency, count)
    _accounts("Better", moves.better, currency, count)
    say("\nBy MRR, each with what moved its risk most, in points of probability.")
    for title, rows in ((RENEWED_TITLE, moves.renewed), (OTHER_TITLE, moves.other_stretch)):
        if len(rows):
            _accounts(title, rows, currency, count)


def _accounts(title: str, rows: pd.DataFrame, currency: str, count: int) -> None:
    mrr = rows["mrr"].sum(min_count=1) if "mrr" in rows else float("nan")
    paying = f", {money(float(mrr), currency)} MRR" if len(rows) and mrr == mrr else ""
    headline(f"{title}: {counted(len(rows), 'account')}{paying}")
    for account_id, row in rows.head(count).iterrows():
        line = Text("  ").append(text_or(row.get("name"), printable(account_id)), style="bold")
        line.append(f" ({printable(account_id)})  {_change(row)} ").append_text(band_text(row["band_after"]))
        if row.get("mrr") == row.get("mrr") and row.get("mrr") is not None:
            line.append(f"  {money(float(row['mrr']), currency)} MRR")
        line.append(f", CSM {text_or(row['csm'], '-')}" if "csm" in rows else "")
        console.print(line)
        reason = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
        if "cause_words" in row:
            reason.add_row("   ", points(row["cause_points"]), Text(printable(row["cause_words"])))
        else:
            reason.add_row("   ", Text(printable(row["stretch_words"])))
        console.print(reason)
    if len(rows) > count:
        say(f"  and {len(rows) - count:,} more (--top {len(rows)} lists all)")


def _change(row: pd.Series) -> str:
    return risk_words(float(row["risk_before"]), float(row["risk_after"]))
