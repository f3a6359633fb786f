"""Do people and families of accounts fit together? (users before they join, parents in a circle, two arms)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from churnmodel.sources.audit.examples import examples_of
from churnmodel.sources.audit.finding import AuditFinding, of
from churnmodel.sources.columns import Schema
from churnmodel.sources.schemas import ACCOUNTS, INTERVENTIONS, USERS

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

ODD_USERS = 0.01
"""A few users may be seen on the day before their record was made."""


def people_findings(db: Database) -> Iterator[AuditFinding]:
    """The findings on users and usage, on parent accounts, and on plays tried in both arms."""
    yield from _parents(db)
    if "users" in db.readings and "usage_events" in db.readings:
        yield from _users(db)
    if "interventions" in db.readings:
        yield from _arms(db)


def _parents(db: Database) -> Iterator[AuditFinding]:
    """Accounts whose chain of parents never ends: steps are doubled until only circles are still on their way."""
    a: Any = db.table("accounts")
    known = a.filter(a.parent_account_id.notnull())
    pairs = known.select("account_id", at="parent_account_id")
    left = _rows(db, pairs)
    for k in range(left.bit_length() + 1):
        if left == 0:
            return
        pairs = pairs.inner_join(pairs.select(at="account_id", to="at"), "at").select("account_id", at="to")
        pairs = db.raw.kept(f"churnmodel_parents_{k % 2}", pairs.distinct())
        left = _rows(db, pairs)
    rounds = a.semi_join(pairs, "account_id")
    count, total = _rows(db, rounds), _rows(db, a)
    if count:
        message = (
            f"{of(count, total, 'account')} belong to a circle of parents, or to a chain that ends in one, so "
            "that there is no parent of all. Correct the parent_account_id of one of them."
        )
        examples = examples_of(db, rounds, ACCOUNTS, ("account_id", "parent_account_id"))
        column = "parent_account_id"
        yield AuditFinding("parent_circle", "counted", "accounts", column, count, count / total, message, examples)


def _users(db: Database) -> Iterator[AuditFinding]:
    u, e = db.table("users"), db.table("usage_events")
    active = e.filter(e.user_id.notnull()).group_by("account_id", "user_id")
    active = active.agg(first_seen=lambda g: g.occurred_at.min(), last_seen=lambda g: g.occurred_at.max())
    joined = u.group_by("account_id", "user_id").agg(
        joined_at=u.joined_at.min(), there_to=u.left_at.max(), stays=u.count(where=u.left_at.isnull())
    )
    pairs = active.left_join(joined, ["account_id", "user_id"]).select(
        "account_id", "user_id", "first_seen", "last_seen", "joined_at", "there_to", "stays"
    )
    pairs = db.raw.kept("churnmodel_active_users", pairs)
    unknown = pairs.filter(pairs.joined_at.isnull())
    early = pairs.filter(pairs.first_seen < pairs.joined_at.truncate("D"))
    late = pairs.filter((pairs.stays == 0) & (pairs.last_seen > pairs.there_to))
    total = _rows(db, pairs)
    told = (
        ("unknown_users", "usage_events", "user_id", unknown, "are not in users, so that neither their department "
         "nor whether they are champions is known. Check that both tables write the id alike."),
        ("active_before_joining", "users", "joined_at", early, "are seen in usage_events before their joined_at. "
         "It must say when the user came, not when the record was migrated."),
        ("active_after_leaving", "users", "left_at", late, "are seen in usage_events after their left_at: they "
         "did not leave then, or somebody uses their login. Check left_at."),
    )  # fmt: skip
    for code, table, column, wrong, words in told:
        count = _rows(db, wrong)
        if count and (code == "unknown_users" or count > ODD_USERS * total):
            shown = ("user_id", "first_seen", "last_seen", "joined_at", "there_to")
            examples = examples_of(db, wrong, USERS, shown)
            message = f"{of(count, total, 'active user')} {words}"
            yield AuditFinding(code, "counted", table, column, count, count / total, message, examples)


def _arms(db: Database) -> Iterator[AuditFinding]:
    t: Any = db.table("interventions")
    tried = t.group_by("account_id", "play").agg(arms=t.arm.lower().nunique())
    both = tried.filter(tried.arms > 1)
    count, total = _rows(db, both), _rows(db, tried)
    if count:
        message = (
            f"{of(count, total, 'pair of account and play')} stand in more than one arm: who was held out and "
            "treated all the same tells nothing of the play. Keep the arm that was drawn."
        )
        schema: Schema = INTERVENTIONS
        examples = examples_of(db, t.semi_join(both, ["account_id", "play"]), schema, ("play", "arm"))
        yield AuditFinding("both_arms", "counted", "interventions", "arm", count, count / total, message, examples)


def _rows(db: Database, rows: Any) -> int:
    return int(db.run(rows.aggregate(n=rows.count()))["n"].iloc[0])
