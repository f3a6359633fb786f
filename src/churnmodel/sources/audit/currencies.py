"""Are amounts of several currencies told apart, and is there a rate for each?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from churnmodel.sources.audit.examples import examples_of
from churnmodel.sources.audit.finding import AuditFinding, of
from churnmodel.sources.exchange import MONEY_TIME
from churnmodel.sources.printable import printable

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

CONVERT = (
    "Map a table rates (currency, valid_from, rate), or convert them to one currency in the mapping's SQL, at the "
    "rate of each row's own day."
)
MONEY = {"subscriptions": "mrr", "invoices": "amount"}
JUMP = 2.0
"""A rate that changes by more than this factor at once was turned around, or belongs to another currency."""


def currency_findings(db: Database) -> Iterator[AuditFinding]:
    """The findings on the money of subscriptions and invoices, and on the rates that convert it."""
    there = [table for table in MONEY_TIME if table in db.readings]
    if "rates" in db.readings:
        for table in there:
            yield from _without_rate(db, table)
        yield from _jumps(db)
        return
    yield from _mixed(db, there)


def _named(db: Database, table: str) -> dict[str, int]:
    """Rows per currency, in capital letters, as the company wrote them."""
    t: Any = db.readings[table].cast
    named = t.filter(t.currency.notnull()).mutate(currency=t.currency.upper())
    found = db.run(named.group_by("currency").agg(n=named.count()).order_by("currency"))
    return {str(name): int(n) for name, n in zip(found["currency"], found["n"], strict=True)}


def _listed(counts: dict[str, int]) -> str:
    # a column mapped by mistake may hold anything, and any number of it
    told = ", ".join(f"{printable(name[:10])} ({n:,} rows)" for name, n in list(counts.items())[:5])
    return told + (f" and {len(counts) - 5:,} more" if len(counts) > 5 else "")


def _without_rate(db: Database, table: str) -> Iterator[AuditFinding]:
    reading = db.readings[table]
    t: Any = reading.cast
    if "no_rate" not in t.columns:
        return
    raw_money = f"raw_{MONEY[table]}"
    lost = t.filter(t.no_rate)
    counts = db.run(lost.group_by(name=lost.currency.upper()).agg(n=lost.count()).order_by("name"))
    if not len(counts):
        return
    by_name = {str(name): int(n) for name, n in zip(counts["name"], counts["n"], strict=True)}
    count, among = sum(by_name.values()), int(db.run(t.aggregate(n=t.count()))["n"].iloc[0])
    message = (
        f"{of(count, among)} are in a currency of which no rate was known when they began: {_listed(by_name)}. "
        f"Add its rates to the table rates, each from the day it was valid (and known), back to before "
        f"{MONEY_TIME[table]} of these rows."
    )
    examples = examples_of(db, lost, reading.schema, (*reading.schema.key, "currency", raw_money))
    yield AuditFinding("no_rate", "fatal", table, "currency", count, count / among, message, examples)


def _jumps(db: Database) -> Iterator[AuditFinding]:
    import ibis

    reading = db.readings["rates"]
    r: Any = db.table("rates")
    r = r.mutate(currency=r.currency.upper())
    before = r.rate.lag().over(ibis.window(group_by="currency", order_by="valid_from"))
    r = r.mutate(rate_before=before)
    odd = r.filter((r.rate > JUMP * r.rate_before) | (r.rate_before > JUMP * r.rate))
    found = db.run(r.aggregate(rows=r.count()).cross_join(odd.aggregate(odd=odd.count()))).iloc[0]
    count, rows = int(found["odd"]), int(found["rows"])
    if count:
        message = (
            f"{of(count, rows)} are more than {JUMP:g} times the rate before, or less than a part of it: turned "
            "around (wanted is what one unit of the currency is worth in yours), or of another currency. Check "
            "them."
        )
        examples = examples_of(db, odd, reading.schema, ("currency", "valid_from", "rate", "rate_before"))
        yield AuditFinding("rate_jumps", "counted", "rates", "rate", count, count / rows, message, examples)


def _mixed(db: Database, tables: list[str]) -> Iterator[AuditFinding]:
    seen = {table: _named(db, table) for table in tables}
    ours = seen["subscriptions"]
    for table, counts in seen.items():
        others = sorted(counts, key=lambda name: -counts[name])[1:]
        if others:
            message = f"amounts in {_listed(counts)} would be added up as if they were one currency. {CONVERT}"
        elif len(ours) == 1 and counts.keys() - ours.keys():
            others = list(counts)
            came = printable(f"{', '.join(counts)}, those of subscriptions in {', '.join(ours)}")
            message = f"amounts are in {came}, and are compared with each other. {CONVERT}"
        else:
            continue
        t, schema = db.readings[table].cast, db.readings[table].schema
        odd = t.filter(t.currency.upper().isin(others))
        examples = examples_of(db, odd, schema, (*schema.key, "currency", MONEY[table]))
        n = sum(counts[name] for name in others)
        share = n / sum(counts.values())
        yield AuditFinding("mixed_currencies", "fatal", table, "currency", n, share, message, examples)
