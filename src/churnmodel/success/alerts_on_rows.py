"""What happened to an account that somebody should hear of? (champion, invoices, support, goals)

Every rule looks at rows as `churnmodel.sources.reveal` cuts them at each snapshot's own ``as_of``: what was
learned at or after it cannot raise, move or take back an alert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.features.paired import paired_rows
from churnmodel.features.relationship import kind_of
from churnmodel.settings.alerts import AlertSettings
from churnmodel.sources.database import SNAPSHOT, Database, snapshot_index
from churnmodel.success.alert import LONG_KNOWN, TO_THE_SECOND, is_fresh, joined, of_accounts

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = SNAPSHOT


def alerts_on_rows(db: Database, book: pd.DataFrame, rules: AlertSettings, currency: str = "USD") -> pd.DataFrame:
    """Candidates of all rules here, for every snapshot of `book` (indexed by snapshot)."""
    rows: dict[str, Callable[[], pd.DataFrame]] = {
        "champion_left": lambda: joined([_champion_told(db, book, rules), _champion_gone(db, book, rules)]),
        "invoice_overdue": lambda: _overdue(db, book, rules, currency),
        "sla_missed": lambda: _sla(db, book, rules),
        "goal_overdue": lambda: _goals(db, book, rules),
    }
    return joined([] if book.empty else [made() for rule, made in rows.items() if rule not in rules.off])


def paired(db: Database, table: str, book: pd.DataFrame) -> Any:
    """The table's rows known at each snapshot of the book, with what cells of features may read."""
    as_ofs = pd.DatetimeIndex(book.index.get_level_values("as_of").unique())
    return paired_rows(db, table, db.snapshots(snapshot_index(book)), as_ofs, reads=())


def recent(rows: Any, began: Any, fresh_days: int) -> Any:
    """Rows that began before their ``as_of``, and not so long ago that they could not be news."""
    import ibis

    oldest = rows.as_of - ibis.interval(days=max(LONG_KNOWN, fresh_days))
    return rows.filter(began < rows.as_of, began >= oldest)


def _champion_told(db: Database, book: pd.DataFrame, rules: AlertSettings) -> pd.DataFrame:
    if not db.has("touchpoints"):
        return of_accounts("champion_left", pd.DataFrame())
    t = paired(db, "touchpoints", book)
    kind = kind_of(t)
    t = t.mutate(left=kind == "champion_left", joined=kind == "champion_joined")
    t = t.filter(t.left | t.joined)
    last = t.group_by(KEYS).agg(
        began_at=t.occurred_at.max(where=t.left),
        known_at=t.known_at.max(where=t.left),
        back=t.occurred_at.max(where=t.joined),
    )
    found = db.run(last.filter(last.began_at.notnull(), last.back.isnull() | (last.back < last.began_at)))
    return _champions(_without_a_champion(db, book, found), rules)


def _without_a_champion(db: Database, book: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Those of whom no user is champion now: a successor may be known only as a user."""
    if found.empty or not db.has("users"):
        return found
    t = paired(db, "users", book)
    here = db.run(t.filter(t.newest, t.champion, t.left_at.isnull()).select(*KEYS).distinct())
    replaced = pd.MultiIndex.from_frame(found[KEYS]).isin(pd.MultiIndex.from_frame(here[KEYS]))
    return found[~replaced]


def _champion_gone(db: Database, book: pd.DataFrame, rules: AlertSettings) -> pd.DataFrame:
    if not db.has("users"):
        return of_accounts("champion_left", pd.DataFrame())
    t = paired(db, "users", book)
    t = t.filter(t.newest, t.champion)
    of_account = t.group_by(KEYS).agg(
        began_at=t.left_at.max(), known_at=t.left_at.max(), here=t.count() - t.left_at.count()
    )
    return _champions(db.run(of_account.filter(of_account.here == 0, of_account.began_at.notnull())), rules)


def _champions(found: pd.DataFrame, rules: AlertSettings) -> pd.DataFrame:
    found = found[is_fresh(found["began_at"], found["as_of"], rules.fresh_days, found["known_at"])]
    days = found["began_at"].dt.strftime("%Y-%m-%d")
    moved = "The champion left on " + days + ", and nobody has taken over"
    return of_accounts("champion_left", found.assign(episode=days, moved=moved))


def _overdue(db: Database, book: pd.DataFrame, rules: AlertSettings, currency: str) -> pd.DataFrame:
    """Invoices that open credits do not cover, `overdue_days` after they were due."""
    import ibis

    if not db.has("invoices"):
        return of_accounts("invoice_overdue", pd.DataFrame())
    t = paired(db, "invoices", book)
    late = t.due_at + ibis.interval(days=rules.overdue_days)
    t = t.mutate(began_at=late).filter(t.owed > 0, late < t.as_of)
    rows = db.run(t.select(*KEYS, "invoice_id", "due_at", "began_at", "known_at", "owed"))
    rows["fresh"] = is_fresh(rows["began_at"], rows["as_of"], rules.fresh_days, rows["known_at"])
    rows = rows.sort_values([*KEYS, "began_at", "invoice_id"])
    found = rows[rows["fresh"]].drop_duplicates(KEYS, keep="last")
    sums = rows.groupby(KEYS).agg(owed=("owed", "sum"), invoices=("owed", "size"), oldest=("due_at", "min"))
    found = found.drop(columns="owed").merge(sums.reset_index(), on=KEYS)
    moved = [
        f"{owed / 100:,.0f} {currency} overdue"
        + (f" on {count} invoices, the oldest due on {due:%Y-%m-%d}" if count > 1 else f", due on {due:%Y-%m-%d}")
        for owed, count, due in zip(found["owed"], found["invoices"], found["oldest"], strict=True)
    ]
    return of_accounts("invoice_overdue", found.assign(episode=found["invoice_id"], moved=moved))


def _sla(db: Database, book: pd.DataFrame, rules: AlertSettings) -> pd.DataFrame:
    """Tickets not resolved by their agreed time, `sla_misses` of them within `sla_days`."""
    import ibis

    if not db.has("tickets"):
        return of_accounts("sla_missed", pd.DataFrame())
    t = paired(db, "tickets", book)
    missed = t.sla_due_at < ibis.coalesce(t.resolved_at, t.as_of)
    t = t.filter(missed, t.sla_due_at >= t.as_of - ibis.interval(days=rules.sla_days))
    found = db.run(
        t.group_by(KEYS).agg(began_at=t.sla_due_at.max(), misses=t.count(), still=t.resolved_at.isnull().sum())
    )
    found = found[found["misses"] >= rules.sla_misses]
    found = found[is_fresh(found["began_at"], found["as_of"], rules.fresh_days)]
    moved = [
        f"{misses} tickets past their agreed time in {rules.sla_days} days"
        + (f", {still} of them still open" if still else ", all resolved since")
        for misses, still in zip(found["misses"], found["still"].astype(int), strict=True)
    ]
    episode = found["began_at"].dt.strftime(TO_THE_SECOND)
    return of_accounts("sla_missed", found.assign(episode=episode, moved=moved))


def _goals(db: Database, book: pd.DataFrame, rules: AlertSettings) -> pd.DataFrame:
    if not db.has("goals"):
        return of_accounts("goal_overdue", pd.DataFrame())
    t = paired(db, "goals", book)
    t = recent(t.filter(t.reached_at.isnull()), t.due_at, rules.fresh_days)
    found = db.run(t.select(*KEYS, "metric", "contractual", "target", "known_at", began_at=t.due_at))
    found = found[is_fresh(found["began_at"], found["as_of"], rules.fresh_days, found["known_at"])]
    moved = [
        f"The {'contractual ' if contractual is True else ''}goal "
        f"{'' if metric is None or metric != metric else 'on ' + str(metric).replace('_', ' ') + ' '}"
        f"was due on {due:%Y-%m-%d} and is not reached"
        for metric, contractual, due in zip(
            found["metric"], found["contractual"].astype(object), found["began_at"], strict=True
        )
    ]
    episode = found["metric"].astype(str) + "@" + found["began_at"].dt.strftime("%Y-%m-%d")
    return of_accounts("goal_overdue", found.assign(episode=episode, moved=moved))
