"""How is one account with a renewal ahead told? (lines and cells that the lists of renewals share)"""

from __future__ import annotations

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import (
    band_text,
    console,
    money,
    points,
    printable,
    say,
    spoken_day,
    text_or,
)
from churnmodel.explanation.formats import percent
from churnmodel.success.renewals import SHORT
from churnmodel.success.renewals_plays import HELD_OUT

NOTHING = "nothing known speaks against it"


def account(place: int, account_id: object, row: pd.Series, currency: str) -> None:
    """One account: its risk and MRR, when it renews and who owns it, what raises its risk most."""
    line = Text(f"{place:2d}. ", style="dim").append(text_or(row["name"], printable(account_id)), style="bold")
    line.append(f" ({printable(account_id)})  {percent(float(row['risk']))} ").append_text(band_text(row["band"]))
    line.append(f"  {money(float(row['mrr']), currency)} MRR, {float(row['mrr_at_risk']):,.0f} at risk")
    console.print(line)
    said = [when(row), f"CSM {text_or(row['csm'], '-')}"]
    if pd.notna(row["open_play"]):
        said.append(f"{'held out of' if row['arm'] == HELD_OUT else 'on it:'} {printable(row['open_play'])}")
    if row["contracts"] > row["contracts_due"]:
        said.append(f"{row['contracts_due']:.0f} of {row['contracts']:.0f} contracts, {row['mrr_due']:,.0f} MRR")
    under(", ".join(said))
    console.print(reason(row))


def under(line: str) -> None:
    """A quiet line below, indented."""
    console.print(Padding(Text(line, style="dim"), (0, 0, 0, 4)))


def when(row: pd.Series) -> str:
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


def reason(row: pd.Series) -> Table:
    """What raises its risk most, in points; or that nothing known does."""
    told = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    if row["reason"] is None or row["reason"] != row["reason"]:
        told.add_row("   ", Text(NOTHING))
    else:
        told.add_row("   ", points(row["reason_points"]), Text(printable(row["reason"])))
    return told


def of_list(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The accounts of one list."""
    return rows[rows["list"].eq(kind)]


def named(account_id: object, row: pd.Series) -> Text:
    """The name with the id, or the id."""
    name = text_or(row["name"], "")
    return Text(f"{name} ({printable(account_id)})" if name else printable(account_id))


def owner_of(row: pd.Series) -> Text:
    """The owner, or a dash."""
    return Text(text_or(row["csm"], "-"))


def more(count: int, top: int) -> None:
    """How many are not shown, and how to see them."""
    if count > top:
        say(f"  and {count - top:,} more (--top {count} lists all)")


def table_of(*heads: str, right: tuple[str, ...] = ()) -> Table:
    """A quiet table; names may wrap, numbers in `right` stand on the right."""
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for head in heads:
        is_name = head in ("account", "CSM")
        table.add_column(
            head, justify="right" if head in right else "left", vertical="top", no_wrap=not is_name,
        )  # fmt: skip
    return table
