"""What does a head of customer success see of the months ahead? (the forecast, and how such forecasts did)"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text
from scipy.special import expit, logit

from churnmodel.cli.console import console, day, headline, say
from churnmodel.explanation.formats import percent
from churnmodel.success.renewals_backtest import AHEAD, RenewalBacktest, coverage
from churnmodel.success.renewals_forecast import SHORT_TERMS, WHOLE

if TYPE_CHECKING:
    from churnmodel.workflow.renewals import Renewals

LEADS = ((0, 2), (3, 5), (6, 11))
LARGE = 1_000_000
NARROW = 0.05
"""By so much an interval may hold less often than it says before it is called too narrow."""
NO_PAST = "No past month can be held against it: training keeps no out-of-time risk of a renewal that is over."


def forecast(found: Renewals) -> None:
    """Renewed MRR by month with its interval, how often such intervals held, and what is not in it."""
    told, currency = found.forecast, found.project.settings.project.currency
    unit = _unit(told.months["due"])
    headline(f"Renewed MRR by month of renewal, {_in(unit)}{currency}")
    between = f"{told.level:.0%} interval"
    table = _table("month", "accounts", "up for\nrenewal", "under\nnotice", "expected\nto renew", between, "of it")
    for month, row in told.months.iterrows():
        if month == SHORT_TERMS:
            continue
        amounts = [f"{row[c] / unit:,.0f}" if row[c] else "-" for c in ("due", "leaving", "expected")]
        cells = (f"{row['accounts']:,.0f}", *amounts, _range(row, unit), percent(float(row["share"])))
        table.add_row(str(month), *cells, style="bold" if month == WHOLE else "")
    console.print(table)
    if SHORT_TERMS in told.months.index:
        row = told.months.T[SHORT_TERMS]
        say(
            f"On terms of three months or less {row['accounts']:,.0f} accounts pay {row['due']:,.0f}: "
            f"{row['expected']:,.0f} ({_range(row)}) is expected to be still there after 90 days."
        )
    say("Expected is MRR x (1 - risk) at today's MRR; who is under notice is counted as lost.")
    if told.without_risk:
        say(f"{told.without_risk:,} accounts due in these months have no risk and are in no figure.")
    _held(found)
    _after(found)


def _held(found: Renewals) -> None:
    played, level = found.backtest, found.forecast.level
    if played is None:
        say(f"{NO_PAST} The interval supposes that all may be off together: {_off(found.forecast.spread.mean)}.")
        return
    say(f"{level:.0%} intervals like these held in {_counted(played)} (--backtest). {_shared(played)}")
    one = coverage(played.months)
    if one.share < level - NARROW:
        say(f"They held less often than {level:.0%}: this one may be too narrow too.")
    say(_leavers(played))
    _whose(found)


def _counted(played: RenewalBacktest) -> str:
    one = coverage(played.months)
    return (
        f"{one.held:,} of {one.forecasts:,} past forecasts ({percent(one.share)}), of {one.clusters:,} renewal "
        f"months; 95 % interval over months {percent(one.low)} to {percent(one.high)}"
    )


def _leavers(played: RenewalBacktest) -> str:
    """How many were said to leave in past months, and did: whether the models were too hopeful, or too dark."""
    rows = played.told()
    lost, said = float(rows["lost_accounts"].sum()), float(rows["expected_lost"].sum())
    told = f"In {len(rows):,} past months {said:,.1f} accounts were said to leave and {lost:,.0f} did"
    beyond = 2.0 * math.sqrt(max(said, 1.0))
    if lost > said + beyond:
        return f"{told}: the models were too hopeful, so expect less to renew than is said."
    return f"{told}: the models were too dark." if lost < said - beyond else f"{told}."


def _shared(played: RenewalBacktest) -> str:
    return f"All accounts may be off together: {_off(played.spread.mean)}, those months tell."


def _off(spread: float) -> str:
    """A spread of log-odds in words: what a said risk of 10 % may be in truth."""
    low, high = (float(expit(logit(0.1) + sign * spread)) for sign in (-1, 1))
    return f"where a risk of 10% is said it may be {percent(low)} to {percent(high)}"


def _whose(found: Renewals) -> None:
    if not found.same_model:
        say(f"They are of {found.model}, the best of the last training: the model of these scores was not in it.")


def _after(found: Renewals) -> None:
    after = found.after
    if after is None or after.months.empty:
        return
    grew, shrank = after.shares
    first, last = after.months.index[0], after.months.index[-1]
    count = int(after.months["accounts"].sum())
    say(
        f"Not in it is what those who renew will pay: around renewals of {first} to {last} they added "
        f"{percent(grew)} of their MRR and took off {percent(shrank)} ({count:,} accounts)."
    )


def backtest(found: Renewals) -> None:
    """What would have been said of each past renewal month, and what renewed; how often the interval held."""
    played, currency = found.backtest, found.project.settings.project.currency
    rows = pd.DataFrame() if played is None else played.told()
    unit = _unit(rows["due"]) if len(rows) else 1
    headline(f"Said and happened: renewed MRR by month of renewal, {_in(unit)}{currency}")
    if played is None or rows.empty:
        say(NO_PAST)
        return
    say(f"By models that had learned only what was known on the day; said {AHEAD} months ahead, or nearly so.")
    heads = ("said on", "accounts", "up for\nrenewal", "said", f"{played.level:.0%} interval", "renewed", "")
    table = _table("month", *heads)
    for row in rows.to_dict("records"):
        told = Text("held", style="green") if row["inside"] else Text("missed", style="bold red")
        amounts = [f"{row[c] / unit:,.0f}" for c in ("due", "expected")]
        cells = (day(row["as_of"]), f"{row['accounts']:,.0f}", *amounts, _range(pd.Series(row), unit))
        table.add_row(str(row["month"]), *cells, f"{row['renewed'] / unit:,.0f}", told)
    total = [f"{rows['accounts'].sum():,.0f}", *(f"{rows[c].sum() / unit:,.0f}" for c in ("due", "expected"))]
    held = f"{int(rows['inside'].sum())} of {len(rows)}"
    table.add_row("all", "", *total, "", f"{rows['renewed'].sum() / unit:,.0f}", held, style="bold")
    console.print(table)
    say(_leavers(played))
    _coverage(played)
    if played.unmatched:
        say(f"{played.unmatched:,} rows are left out: their risk looked to another contract's end.")
    _whose(found)
    _after_by_month(found)


def _coverage(played: RenewalBacktest) -> None:
    headline(f"How often the {played.level:.0%} interval held")
    table = _table("forecasts", "held", "of", "share", "over", "each by\nitself")
    months = played.months
    groups = [(f"a month, {a}-{b} months ahead", months[months["ahead"].between(a, b)]) for a, b in LEADS]
    groups += [
        ("a month, all", months),
        ("all months of the calendar", played.cells[played.cells["month"] == WHOLE]),
        ("short terms, 90 days", played.cells[played.cells["month"] == SHORT_TERMS]),
    ]
    for name, cells in groups:
        if cells.empty:
            continue
        by = "month" if cells["ahead"].notna().all() else "as_of"
        one, alone = coverage(cells, by=by), coverage(cells, "inside_alone", by=by)
        over = f"{one.clusters:,} {'months' if by == 'month' else 'days'}"
        table.add_row(name, f"{one.held:,}", f"{one.forecasts:,}", percent(one.share), over, percent(alone.share))
    console.print(table)
    one = coverage(months)
    say(
        f"Forecasts of one month are of the same accounts, so {one.forecasts:,} are not as many witnesses: over "
        f"{one.clusters:,} months the share is {percent(one.low)} to {percent(one.high)} (95 % interval). "
        f"Each by itself: the interval without an effect that all accounts share. {_shared(played)}"
    )


def _after_by_month(found: Renewals) -> None:
    after = found.after
    if after is None or after.months.empty:
        return
    headline("Apart: what those that renewed paid, from before their month to the end of the next")
    table = _table("month", "accounts", "MRR before", "expansion", "contraction")
    for month, row in after.months.iterrows():
        signs = (f"{row['expansion']:+,.0f}", f"{-row['contraction']:+,.0f}")
        table.add_row(str(month), f"{row['accounts']:,.0f}", f"{row['opening']:,.0f}", *signs)
    grew, shrank = after.shares
    total = after.months.sum()
    cells = (f"{total['accounts']:,.0f}", f"{total['opening']:,.0f}", f"+{percent(grew)}", f"-{percent(shrank)}")
    table.add_row("all", *cells, style="bold")
    console.print(table)


def _unit(amounts: pd.Series) -> int:
    """Large books are told in thousands, so that a table fits a terminal."""
    return 1000 if float(amounts.max()) >= LARGE else 1


def _in(unit: int) -> str:
    return "thousands of " if unit > 1 else ""


def _range(row: pd.Series, unit: int = 1) -> str:
    low, high = float(row["low"]), float(row["high"])
    return "-" if math.isnan(low) else f"{low / unit:,.0f}–{high / unit:,.0f}"


def _table(first: str, *heads: str) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column(first, vertical="top", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right", vertical="top", no_wrap=True)
    return table
