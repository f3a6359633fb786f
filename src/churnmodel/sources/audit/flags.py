"""Does a column of accounts say who churned, and does it agree with the dated tables?

Such a column holds the end of the story, whatever day it is asked about. It is never a feature; where it
disagrees with the exits and subscriptions, one of them is wrong about who left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from churnmodel.sources.audit.examples import examples_of
from churnmodel.sources.audit.finding import AuditFinding, of
from churnmodel.sources.printable import printable
from churnmodel.sources.schemas import ACCOUNTS

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

NAMES = ("churn", "churned", "churn_flag", "churned_flag", "is_churn", "is_churned", "has_churned", "has_left")
YES = ("true", "t", "yes", "y", "1", "1.0", "churned", "left")


def flag_findings(db: Database) -> Iterator[AuditFinding]:
    """One finding per column of accounts whose name says that it tells who churned."""
    a: Any = db.table("accounts")
    for name in db.readings["accounts"].extra:
        if name.lower() in NAMES and name in a.columns:
            yield _compared(db, a, name)


def _compared(db: Database, a: Any, name: str) -> AuditFinding:
    s: Any = db.table("subscriptions")
    if db.has("exits"):
        left = db.table("exits").select("account_id").distinct()
        truth = "a row in exits"
    else:
        per = s.group_by("account_id").agg(running=s.count(where=s.ended_at.isnull()))
        left = per.filter(per.running == 0).select("account_id")
        truth = "only subscriptions that ended"
    marked = left.mutate(has_left=True).rename(who="account_id")
    t = a.left_join(marked, a.account_id == marked.who).drop("who")
    t = t.mutate(flagged=t[name].lower().isin(YES).fill_null(False), has_left=t.has_left.fill_null(False))
    found = db.run(t.aggregate(
        n=t.count(), alone=t.count(where=t.flagged & ~t.has_left), unsaid=t.count(where=~t.flagged & t.has_left)
    )).iloc[0]  # fmt: skip
    total, alone, unsaid = (int(found[k]) for k in ("n", "alone", "unsaid"))
    never = "It holds the end of the story: it is no feature, and must not be declared static."
    told = printable(name)
    if alone + unsaid == 0:
        message = f"{told} says who churned, and agrees with the dated tables. {never}"
        return AuditFinding("end_state", "note", "accounts", told, total, 1.0, message)
    message = (
        f"{told} disagrees with the dated tables about {of(alone + unsaid, total, 'account')}: {alone:,} are "
        f"flagged without {truth}, {unsaid:,} have {truth} and are not flagged. The dated tables are "
        f"believed. {never}"
    )
    wrong = t.filter(t.flagged != t.has_left)
    examples = examples_of(db, wrong, ACCOUNTS, (name, "has_left"))
    return AuditFinding(
        "flags_disagree", "counted", "accounts", told, alone + unsaid, (alone + unsaid) / total, message, examples
    )
