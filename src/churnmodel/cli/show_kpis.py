"""What does a customer-success leader see of a span of months? (the answer, the bridge, who stays)"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, money, printable, say
from churnmodel.explanation.formats import percent

if TYPE_CHECKING:
    from churnmodel.success.kpis import Kpis
    from churnmodel.workflow.project import Project

ALL = "all"
SHOWN = 20
"""Groups that are listed; the files have all of them."""
LARGE = 10_000_000
"""MRR from which on the bridge is told in thousands."""
CURVE = (90, 180, 365, 730, 1095)
VOICE = ("time_to_value", "active_accounts", "depth", "response_rate", "nps", "csat_surveys", "csat_tickets")
MOVED = {"expansion": "expansion_rate", "contraction": "contraction_rate", "churn": "revenue_churn"}


def kpis(found: Kpis, project: Project) -> None:
    """All of it: over the span, by month, by group, by entry cohort, and what could not be made."""
    currency, count = project.settings.project.currency, found.closes - found.opens
    span = found.first_month if count == 1 else f"{found.first_month} to {found.last_month}"
    headline(f"What we kept, {span} ({count} month{'s' * (count > 1)}), as known on {day(found.ledger.as_of)}")
    _answer(found, currency)
    _bridge(found, currency, project.db.has("rates"))
    _by_month(found)
    if found.by is not None:
        _by_group(found, currency)
    _curves(found)
    _customers(found)
    lost, cents = found.provisional
    if lost:
        say(
            f"\n{lost} of the accounts lost, with {money(cents / 100, currency)} MRR, ran out within "
            f"{found.ledger.grace_days} days of {day(found.ledger.as_of)}: they may still renew late."
        )
    say("How each figure is made: churnmodel success kpis --define")


def _answer(found: Kpis, currency: str) -> None:
    def value(name: str) -> float:
        row = found.figure(name)
        return math.nan if row is None else float(row["value"])

    bridge = _whole_bridge(found).loc[ALL]
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    grew = f"{percent(value('expansion_rate'))} expansion"
    shrank = f"{percent(value('contraction_rate'))} contraction, {percent(value('revenue_churn'))} churn"
    if math.isnan(value("nrr")):
        say(f"No account paid when {found.first_month} began, so there is nothing that could have been kept.")
    else:
        facts.add_row("NRR", Text(_tenth(value("nrr")), style="bold"), f"GRR and {grew}")
        facts.add_row("GRR", Text(_tenth(value("grr")), style="bold"), f"100% less {shrank}")
    logo, top = found.figure("logo_churn"), found.figure("top_logo_churn")
    if logo is not None and logo["accounts"]:
        noun = "account" if logo["accounts"] == 1 else "accounts"
        said = f"{_of(logo)} {noun}; 95 % interval {_interval(logo, percent)}"
        facts.add_row("logo churn", Text(percent(float(logo["value"])), style="bold"), said)
    if top is not None and top["accounts"]:
        said = f"{_of(top)} largest accounts, {percent(value('top_revenue_churn'))} of their MRR; they held "
        said += f"{percent(value('top_mrr_share'))} of MRR"
        facts.add_row("top of the book", Text(percent(float(top["value"])), style="bold"), said)
    arpa = value("arpa")
    per_account = "" if math.isnan(arpa) else f"; {money(arpa, currency)} per paying account"
    facts.add_row(
        "MRR",
        Text(f"{bridge['closing'] / 100:,.0f}", style="bold"),
        f"{currency}, from {bridge['opening'] / 100:,.0f}" + per_account,
    )
    cltv, seen = value("cltv"), value("cltv_followed")
    if not math.isnan(cltv):
        known = f"{percent(seen / cltv)} of it from months we have seen, the rest assumed" if cltv else ""
        facts.add_row("lifetime value", Text(f"{cltv:,.0f}", style="bold"), f"{currency} per new account; {known}")
    console.print(facts)


def _bridge(found: Kpis, currency: str, converts: bool) -> None:
    rows = _of_all(found)
    largest = float(rows[["opening", "closing"]].to_numpy().max()) / 100
    unit, air = 1000 if largest >= LARGE else 1, 1 if LARGE > largest >= LARGE / 10 else 2
    headline(f"MRR bridge, {'thousands of ' if unit > 1 else ''}{currency}")
    heads = ("opening", "new", "back", "expan-\nsion", "contrac-\ntion", "churn", "closing")
    table = _table("month", *heads, air=air)
    for month, row in rows.iterrows():
        table.add_row(str(month), *_amounts(row, unit))
    if len(rows) > 1:
        table.add_row("all", *_amounts(pd.Series(_whole_bridge(found).loc[ALL]), unit), style="bold")
    console.print(table)
    at_one_rate = " Every amount at the latest rate of exchange." if converts else ""
    say(f"Rounded here, to the cent in --csv.{at_one_rate}")
    opening = float(pd.Series(_whole_bridge(found).loc[ALL])["opening"]) / 100
    rates = {said: found.figure(figure) for said, figure in MOVED.items()}
    told = {said: float(rate["value"]) for said, rate in rates.items() if rate is not None}
    if len(rows) > 1 and opening and len(told) == len(MOVED):
        ends = ", ".join(f"{said} {share * opening:,.0f}" for said, share in told.items())
        say(
            f"Between the two ends alone, account by account: {ends} {currency}. These make NRR and GRR; what "
            "came and went in between does not."
        )


def _amounts(row: pd.Series, unit: int) -> list[str]:
    losses = ("contraction", "churn")
    names = ("opening", "new", "reactivation", "expansion", *losses, "closing")
    signed = [(-row[name] if name in losses else row[name]) / 100 / unit for name in names]
    return [f"{amount:,.0f}" if round(amount) else "-" for amount in signed]


def _by_month(found: Kpis) -> None:
    f = found.figures[found.figures["group"] == ALL].set_index(["figure", "first_month", "last_month"])["value"]
    f = f[~f.index.duplicated()]
    counts = _of_all(found)
    headline("By month, and over the twelve that end with it")
    own_heads, year_heads = ("NRR", "GRR", "logo\nchurn"), ("NRR\n12 mo.", "GRR\n12 mo.", "logo\nchurn")
    table = _table("month", *own_heads, "won", "back", "lost", *year_heads)
    shares = ("nrr", "grr", "logo_churn")
    for month, row in counts.iterrows():
        name, year = str(month), str(month - 11)  # type: ignore[operator]
        own = [_tenth(float(f.get((share, name, name), math.nan))) for share in shares]
        twelve = [_tenth(float(f.get((share, year, name), math.nan))) for share in shares]
        moved = [f"{int(row[c]):,}" for c in ("won", "returned", "lost")]
        table.add_row(name, *own, *moved, *twelve)
    console.print(table)
    if found.closes - found.opens > 1:
        say("A figure over twelve months compares their two ends: months do not add up to it.")


def _by_group(found: Kpis, currency: str) -> None:
    headline(f"By {found.by}")
    heads = ("opening\nMRR", "closing\nMRR", "NRR", "GRR", "revenue\nchurn", "logo\nchurn", "lost of")
    table = _table(str(found.by), *heads)
    total = _whole_bridge(found)
    groups = [g for g in found.groups if g != ALL]
    groups = [g for g in groups if total.loc[g, ["opening", "closing", "customers", "won", "returned"]].any()]
    for group in [*groups[:SHOWN], ALL]:
        figures = {name: found.figure(name, group) for name in ("nrr", "grr", "revenue_churn", "logo_churn")}
        shares = [_tenth(math.nan if row is None else float(row["value"])) for row in figures.values()]
        ends = [f"{float(total[end][group]) / 100:,.0f}" for end in ("opening", "closing")]
        logo = figures["logo_churn"]
        under = "" if logo is None or not logo["accounts"] else f"\n{_interval(logo, percent)}"
        last = Text.assemble(shares[3], (under, "dim"))
        lost = "-" if logo is None else _of(logo)
        table.add_row(Text(printable(group)), *ends, *shares[:3], last, lost, style="bold" if group == ALL else "")
    console.print(table)
    say(f"Money in {currency}. Under logo churn its 95 % interval: of few accounts it says little.")
    if found.by == "tier":
        say(f"Tiers as the rules put accounts when {found.first_month} began, not as they stand today.")
    if len(groups) > SHOWN:
        say(f"{len(groups) - SHOWN} more are in --csv and --parquet.")


def _curves(found: Kpis) -> None:
    headline("Still here after so many days, by entry cohort (Kaplan-Meier; under it the 95 % interval)")
    table = _table("cohort", "accounts", *(f"{days:,}" for days in CURVE))
    names = [n for n in found.curves if n != ALL]
    for name in [*names[-SHOWN:], ALL]:
        if name not in found.curves:
            continue
        curve = found.curves[name]
        cells = []
        for days in CURVE:
            share, low, high = curve.at(days)
            under = "" if math.isnan(low) else f"\n{_range(low, high, percent)}"
            cells.append(Text.assemble(percent(share), (under, "dim")))
        table.add_row(name, f"{curve.count:,}", *cells, style="bold" if name == ALL else "")
    console.print(table)


def _customers(found: Kpis) -> None:
    from churnmodel.success.definitions import BY_NAME

    headline("Customers")
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name in VOICE:
        row, title = found.figure(name), BY_NAME[name].title
        if row is None:
            facts.add_row(title, "-", Text(printable(found.lacking.get(name, "")), style="dim"))
            continue
        told = percent if BY_NAME[name].unit == "share" else _whole
        between = "" if math.isnan(float(row["low"])) else f"95 % interval {_interval(row, told)}, "
        whom = "accounts" if name in ("time_to_value", "active_accounts", "depth") else "answers"
        if name == "response_rate":
            whom = "surveys sent"
        said = f"{between}{int(row['accounts']):,} {whom}"
        facts.add_row(title, Text(told(float(row["value"])), style="bold"), Text(said, style="dim"))
    console.print(facts)


def definitions() -> None:
    """Every figure: its title and name in tables, the formula, the source."""
    from churnmodel.success.definitions import DEFINITIONS

    for one in DEFINITIONS:
        line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
        console.print(line.append(f"\n  {one.formula}", style="not bold"))
        if one.source != "own":
            console.print(Text(f"  {one.source}", style="dim"))


def _whole_bridge(found: Kpis) -> pd.DataFrame:
    """Per group the bridge of the whole span: gains and losses of its months summed."""
    rows = found.bridge
    total = rows.groupby(level="group", observed=True).sum()
    ends = {"opening": "first", "customers": "first", "closing": "last", "customers_after": "last"}
    for end, place in ends.items():
        total[end] = rows[end].groupby(level="group", observed=True).agg(place)
    return total


def _of_all(found: Kpis) -> pd.DataFrame:
    return pd.DataFrame(found.bridge.xs(ALL, level="group"))


def _table(first: str, *heads: str, air: int = 2) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, air, 0, 0))
    table.add_column(first, vertical="top")
    for head in heads:
        table.add_column(head, justify="right", vertical="top")
    return table


def _of(row: pd.Series) -> str:
    """``20 of 351``: how many a share of accounts is."""
    whole = int(row["accounts"])
    return f"{round(float(row['value']) * whole) if whole else 0:,} of {whole:,}"


def _interval(row: pd.Series, told: Callable[[float], str]) -> str:
    return _range(float(row["low"]), float(row["high"]), told)


def _range(low: float, high: float, told: Callable[[float], str]) -> str:
    return f"{told(low)} to {told(high)}" if min(low, high) < 0 else f"{told(low)}–{told(high)}"


def _tenth(share: float) -> str:
    """A share as percent with its tenths, in which months differ."""
    return "-" if math.isnan(share) else f"{share:.1%}"


def _whole(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.0f}"
