"""Do the tables together describe a company one can learn from? (currencies, departures, known_at, gaps)"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from churnmodel.sources.audit.check import examples_of
from churnmodel.sources.audit.finding import AuditFinding, TableFacts, of
from churnmodel.sources.printable import printable
from churnmodel.sources.schemas import CONTRACT, SUBSCRIPTIONS

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

ABSENT_TABLES = {
    "invoices": "features of payment (overdue amounts, days late, failed payments) are absent",
    "usage_events": "usage features are absent",
    "tickets": "support features are absent",
    "surveys": "sentiment features (NPS, CSAT) are absent",
    "metrics": "no gauge of your own becomes a feature",
    "exits": "why an account left is not known, and one that was acquired counts as churned",
}

FEW_ENDINGS = 20
"""With fewer accounts than this that ever left, a figure about leaving is mostly chance."""
GAP_DAYS = 30
"""A return within so many days is a late renewal and no ending (settings may say otherwise; a count is enough)."""

CONVERT = "Convert them to one currency in the mapping's SQL, at the rate of each row's own day."


def company_findings(db: Database, facts: Sequence[TableFacts]) -> Iterator[AuditFinding]:
    """The findings that need more than one table, or the absence of one."""
    yield from _departures(db)
    yield from _currencies(db)
    yield from _known_at(facts)
    for table in CONTRACT:
        if table not in db.readings:
            message = f"no table {table}: {ABSENT_TABLES[table]}. Map it under [tables.{table}] if you have it."
            yield AuditFinding("absent_table", "note", table, "", 0, 0.0, message)


def _departures(db: Database) -> Iterator[AuditFinding]:
    import ibis

    s = db.readings["subscriptions"].table
    end = ibis.timestamp(db.until.isoformat())
    s = s.filter(s.started_at < end)
    over = s.ended_at.notnull() & (s.ended_at < end)
    per = s.group_by("account_id").agg(running=(~over).any(), ended=over.any())
    found = db.run(per.agg(accounts=per.count(), running=per.running.sum(), ended=per.ended.sum())).iloc[0]
    accounts = int(found["accounts"])
    if accounts == 0:
        return
    if int(found["ended"]) == 0:
        message = (
            "no subscription has an ended_at before data_until: no account ever left, there is nothing to learn. "
            "Map ended_at to the end of service, and check that subscriptions which ended are in the export."
        )
        examples = examples_of(db, s, SUBSCRIPTIONS, ("subscription_id", "ended_at"))
        yield AuditFinding("no_endings", "fatal", "subscriptions", "ended_at", accounts, 1.0, message, examples)
        return
    if int(found["running"]) == accounts:
        message = (
            f"{of(accounts, accounts, 'account')} have a subscription that runs at data_until, none is a former "
            "customer. Check that the export holds those too: without them only long gaps in service teach what "
            "churn is."
        )
        yield AuditFinding("nobody_left", "counted", "subscriptions", "account_id", accounts, 1.0, message)
    left = _left(db, s)
    if left < FEW_ENDINGS:
        message = (
            f"{of(left, accounts, 'account')} ever ended (all that was paid for ended before data_until, and none "
            f"began within {GAP_DAYS} days): too few endings to learn from, wanted are {FEW_ENDINGS} at the very "
            "least. Export a longer history, and former customers with it."
        )
        yield AuditFinding("few_endings", "counted", "subscriptions", "ended_at", left, left / accounts, message)


def _left(db: Database, subscriptions: Any) -> int:
    """How many accounts were without a paid subscription for longer than a late renewal takes, or still are."""
    import ibis

    paid = subscriptions.filter(subscriptions.mrr > 0)
    end = ibis.timestamp(db.until.isoformat())
    in_order = {"group_by": paid.account_id, "order_by": [paid.started_at, paid.ended_at]}
    so_far, each = ibis.window(**in_order, preceding=None, following=0), ibis.window(**in_order)
    paid = paid.mutate(
        served_to=paid.ended_at.fill_null(end).max().over(so_far), next_from=paid.started_at.lead().over(each)
    )
    gone = paid.next_from.isnull() | (paid.next_from > paid.served_to + ibis.interval(days=GAP_DAYS))
    gaps = paid.filter(paid.served_to < end, gone)
    return int(db.run(gaps.agg(n=gaps.account_id.nunique()))["n"].iloc[0])


def _known_at(facts: Sequence[TableFacts]) -> Iterator[AuditFinding]:
    # one note for all tables, told at the first of them: it is one question about how the company loads data
    assumed = [t for t in facts if t.kept and not t.has_known_at]
    if not assumed:
        return
    rows = sum(t.rows for t in assumed)
    told = ", ".join(f"{t.table} ({CONTRACT[t.table].time})" for t in assumed)
    message = (
        f"no known_at in {told}: every row there is taken as known at the time named beside its table. If rows "
        "are loaded or back-dated later than that, the past looks better informed than it was; map known_at to "
        "the time of loading."
    )
    share = rows / sum(t.rows for t in facts)
    yield AuditFinding("known_at_assumed", "note", assumed[0].table, "known_at", rows, share, message)


def _currencies(db: Database) -> Iterator[AuditFinding]:
    seen: dict[str, dict[str, int]] = {}
    for table in ("subscriptions", "invoices"):
        if table not in db.readings:
            continue
        t: Any = db.readings[table].table
        named = t.filter(t.currency.notnull()).mutate(currency=t.currency.upper())
        found = db.run(named.group_by("currency").agg(n=named.count()).order_by("currency"))
        seen[table] = {str(name): int(n) for name, n in zip(found["currency"], found["n"], strict=True)}
    ours = seen["subscriptions"]
    for table, counts in seen.items():
        others = sorted(counts, key=lambda name: -counts[name])[1:]
        if others:
            # a column mapped by mistake may hold anything, and any number of it
            came = ", ".join(f"{printable(name[:10])} ({n:,} rows)" for name, n in list(counts.items())[:5])
            came += f" and {len(counts) - 5:,} more" if len(counts) > 5 else ""
            message = f"amounts in {came} would be added up as if they were one currency. {CONVERT}"
        elif len(ours) == 1 and counts.keys() - ours.keys():
            others = list(counts)
            came = printable(f"{', '.join(counts)}, those of subscriptions in {', '.join(ours)}")
            message = f"amounts are in {came}, and are compared with each other. {CONVERT}"
        else:
            continue
        t = db.readings[table].table
        schema = db.readings[table].schema
        odd = t.filter(t.currency.upper().isin(others))
        money = "mrr" if table == "subscriptions" else "amount"
        examples = examples_of(db, odd, schema, (*schema.key, "currency", money))
        n = sum(counts[name] for name in others)
        share = n / sum(counts.values())
        yield AuditFinding("mixed_currencies", "fatal", table, "currency", n, share, message, examples)
