"""Do the tables together describe a company one can learn from? (currencies, departures, absent tables)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from churnmodel.sources.audit.check import examples_of
from churnmodel.sources.audit.finding import AuditFinding, of
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

CONVERT = "Convert them to one currency in the mapping's SQL, at the rate of each row's own day."


def company_findings(db: Database) -> Iterator[AuditFinding]:
    """The findings that need more than one table, or the absence of one."""
    yield from _departures(db)
    yield from _currencies(db)
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
    if accounts == 0 or int(found["running"]) < accounts:
        return
    if int(found["ended"]) == 0:
        message = (
            "no subscription has an ended_at before data_until: no account ever left, there is nothing to learn. "
            "Map ended_at to the end of service, and check that subscriptions which ended are in the export."
        )
        examples = examples_of(db, s, SUBSCRIPTIONS, ("subscription_id", "ended_at"))
        yield AuditFinding("no_endings", "fatal", "subscriptions", "ended_at", accounts, 1.0, message, examples)
        return
    message = (
        f"{of(accounts, accounts, 'account')} have a subscription that runs at data_until, none is a former "
        "customer. Check that the export holds those too: without them only long gaps in service teach what churn "
        "is."
    )
    yield AuditFinding("nobody_left", "counted", "subscriptions", "account_id", accounts, 1.0, message)


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
            came = ", ".join(f"{name[:10]} ({n:,} rows)" for name, n in list(counts.items())[:5])
            came += f" and {len(counts) - 5:,} more" if len(counts) > 5 else ""
            message = f"amounts in {came} would be added up as if they were one currency. {CONVERT}"
        elif len(ours) == 1 and counts.keys() - ours.keys():
            others = list(counts)
            came = f"{', '.join(counts)}, those of subscriptions in {', '.join(ours)}"
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
