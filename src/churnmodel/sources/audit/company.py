"""Do the tables together describe a company one can learn from? (departures, known_at, absent tables)"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from churnmodel.sources.audit.currencies import currency_findings
from churnmodel.sources.audit.examples import examples_of
from churnmodel.sources.audit.finding import AuditFinding, TableFacts, of
from churnmodel.sources.audit.flags import flag_findings
from churnmodel.sources.audit.people import people_findings
from churnmodel.sources.schemas import CONTRACT, SUBSCRIPTIONS

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

ABSENT_TABLES = {
    "invoices": "features of payment (overdue amounts, days late, failed payments) are absent",
    "usage_events": "usage features are absent",
    "tickets": "support features are absent",
    "surveys": "sentiment features (NPS, CSAT) are absent",
    "metrics": "no gauge of your own becomes a feature",
    "users": "features of departments and champions are absent",
    "incidents": "downtime suffered is absent",
    "notes": "what the team wrote about an account is not read",
    "touchpoints": "features of the relationship (contact, reviews, trainings, milestones) are absent",
    "goals": "features of agreed goals are absent",
    "interventions": "what a play achieved cannot be told",
    "external_scores": "no score of another tool is judged beside ours",
    "exits": "why an account left is not known, and one that was acquired counts as churned",
}
"""What is lost without each table. Without rates nothing is, unless currencies are mixed."""

FEW_ENDINGS = 20
"""With fewer accounts than this that ever left, a figure about leaving is mostly chance."""
GAP_DAYS = 30
"""A return within so many days is a late renewal and no ending (settings may say otherwise; a count is enough)."""


def company_findings(db: Database, facts: Sequence[TableFacts]) -> Iterator[AuditFinding]:
    """The findings that need more than one table, or the absence of one."""
    yield from _departures(db)
    yield from currency_findings(db)
    yield from people_findings(db)
    yield from flag_findings(db)
    yield from _known_at(facts)
    yield from _absent(db)


def _departures(db: Database) -> Iterator[AuditFinding]:
    import ibis

    s = db.table("subscriptions")
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


def _absent(db: Database) -> Iterator[AuditFinding]:
    # one note for all of them, told at the first: most companies lack several
    absent = [table for table in CONTRACT if table not in db.readings and table in ABSENT_TABLES]
    if absent:
        told = "; ".join(f"no table {table}: {ABSENT_TABLES[table]}" for table in absent)
        places = ", ".join(f"[tables.{table}]" for table in absent)
        message = f"{told}. Map {'it' if len(absent) == 1 else 'what you have'} under {places}."
        yield AuditFinding("absent_table", "note", absent[0], "", 0, 0.0, message)


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
