"""What did `event_id` merge? (replays and corrections are no faults; ids that name two things are)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from churnmodel.sources.audit.examples import examples_of
from churnmodel.sources.audit.finding import AuditFinding, Severity, TableFacts, of
from churnmodel.sources.conform import Reading

if TYPE_CHECKING:
    from churnmodel.sources.database import Database


def replay_findings(db: Database, reading: Reading, facts: TableFacts) -> Iterator[AuditFinding]:
    """The findings about rows of one ``event_id``; none where the table has no such column."""
    if not reading.has_event_id:
        return
    import ibis

    schema, t = reading.schema, reading.cast
    required = [t[c.name].notnull() for c in schema.columns if c.required]
    t = t.filter(ibis.and_(*required)).select(*schema.names, "known_at", "event_id")
    blank = int(db.run(t.aggregate(n=t.count(where=t.event_id.isnull())))["n"].iloc[0])
    many = t.filter(t.event_id.notnull()).group_by("event_id").agg(rows=lambda g: g.count())
    rows = t.semi_join(many.filter(many.rows > 1), "event_id")
    said = rows.group_by("event_id", *schema.names).agg(rows=lambda g: g.count())
    accounts = said.account_id.nunique() if schema.of_account else ibis.literal(1)
    each = said.group_by("event_id").agg(rows=said.rows.sum(), contents=said.count(), accounts=accounts)
    each = each.filter(each.accounts < 2)  # the others are no versions of one thing
    found = db.run(each.agg(ids=each.count(), rows=each.rows.sum(), contents=each.contents.sum())).iloc[0]
    ids = int(found["ids"])
    all_rows, contents = (int(found[n]) if ids else 0 for n in ("rows", "contents"))

    def finding(code: str, severity: Severity, count: int, message: str, wrong: Any = None) -> AuditFinding:
        shown = ("event_id", "known_at", *schema.key)
        examples = () if wrong is None else examples_of(db, wrong, schema, shown)
        return AuditFinding(
            code, severity, schema.table, "event_id", count, count / facts.rows, message.replace(
                "{n}", of(count, facts.rows)
            ), examples
        )  # fmt: skip

    if blank:
        words = "{n} have no event_id and are never merged with another. Fill it in, or their replays count twice."
        yield finding("event_id_blank", "note", blank, words)
    if all_rows > contents:
        words = "{n} say what another row of their event_id says: replays, merged into one."
        yield finding("replays", "note", all_rows - contents, words)
    if contents > ids:
        words = (
            "{n} say something else than the row of their event_id before them: corrections. The latest known "
            "before a moment is what is believed at it."
        )
        yield finding("corrections", "note", contents - ids, words)
    yield from _not_versions(db, rows, schema, finding)


def _not_versions(db: Database, rows: Any, schema: Any, finding: Any) -> Iterator[AuditFinding]:
    names = [n for n in schema.names if n != "account_id"]
    if schema.of_account:
        whose = rows.group_by("event_id").agg(rows=rows.count(), accounts=rows.account_id.nunique())
        shared = whose.filter(whose.accounts > 1)
        count = int(db.run(shared.agg(n=shared.count()))["n"].iloc[0])
        if count:
            words = (
                f"{count:,} event_id{'s' if count > 1 else ''} stand for rows of different accounts, which cannot "
                "be versions of one thing; of each only the latest known row is used. Map event_id to an id that "
                "is never given twice, or do not map it."
            )
            yield finding("shared_event_ids", "counted", count, words, rows.semi_join(shared, "event_id"))
    same = rows.group_by("event_id", "known_at", *(["account_id"] if schema.of_account else []), *names)
    moments = same.agg(rows=lambda g: g.count())
    at_once = moments.group_by("event_id", "known_at").agg(contents=moments.count())
    at_once = at_once.filter(at_once.contents > 1)
    count = int(db.run(at_once.agg(n=at_once.count()))["n"].iloc[0])
    if count:
        words = (
            f"{count:,} event_id{'s' if count > 1 else ''} have rows that became known at the same moment and say "
            "different things; which one is the later cannot be told, and the same one is always taken. Map "
            "known_at to the time of loading."
        )
        wrong = rows.semi_join(at_once, ["event_id", "known_at"])
        yield finding("versions_at_once", "counted", count, words, wrong)
