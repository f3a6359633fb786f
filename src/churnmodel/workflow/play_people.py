"""Who left, who manages an account, and whom may one write to? (from the tables, as known on a day)"""

from __future__ import annotations

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.state.database import State
from churnmodel.state.plays import ACCOUNT, exclusions
from churnmodel.state.winback import winback_words
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.play_accounts import gone_accounts
from churnmodel.success.play_files import Library
from churnmodel.success.plays import GONE
from churnmodel.workflow.project import Project

FIRST_CONTACTS = ("admin", "administrator", "owner")


def gone(project: Project, library: Library, day: pd.Timestamp, state: State | None = None) -> pd.DataFrame | None:
    """As `gone_accounts`; None where no play is for them, or nobody can have left yet."""
    if project.is_flat or not any(GONE in play.lifecycle for play in library.plays):
        return None
    labels = project.settings.labels
    try:
        ledger = mrr_ledger(project.db, day, grace_days=labels.grace_days, pause_days=labels.pause_days)
    except SourceError:  # no whole month of contracts yet: nobody can have left
        return None
    plays = project.settings.plays
    return gone_accounts(
        project.db,
        ledger,
        plays.gone_days,
        rules=project.settings.winback,
        words=None if state is None else winback_words(state, day.date()),
        excluded={*plays.exclude, *(() if state is None else exclusions(state, ACCOUNT))},
        pause_days=labels.pause_days,
    )


def managers(project: Project, day: pd.Timestamp) -> pd.DataFrame | None:
    """By account_id: account_manager, as known that day."""
    if project.is_flat:
        return None
    cut = project.db.cut(day)
    accounts = cut.table("accounts")
    if "account_manager" not in accounts.columns:
        return None
    found = cut.run(accounts.select("account_id", "account_manager"))
    return found.drop_duplicates("account_id", keep="last").set_index("account_id")


def people_gone(project: Project, day: pd.Timestamp) -> frozenset[str]:
    """The ids of people who work at no account any more, as known that day; none without a table of users."""
    if project.is_flat or not project.db.has("users"):
        return frozenset()
    cut = project.db.cut(day)
    users = cut.table("users")
    if "left_at" not in users.columns:
        return frozenset()
    found = cut.run(users.select("user_id", "left_at")).dropna(subset="user_id")
    has_left = found["left_at"].notna()
    return frozenset(found["user_id"][has_left].astype(str)) - frozenset(found["user_id"][~has_left].astype(str))


def contacts(project: Project, day: pd.Timestamp, excluded: frozenset[str]) -> pd.DataFrame | None:
    """account_id, contact_id of champions, then administrators, still there that day, in order of preference."""
    if project.is_flat or not project.db.has("users"):
        return None
    cut = project.db.cut(day)
    users = cut.table("users")
    names = ["account_id", "user_id", "joined_at", "left_at", "role", "champion"]
    found = cut.run(users.select(*[name for name in names if name in users.columns])).reindex(columns=names)
    found = found[found["left_at"].isna() & ~found["user_id"].isin(excluded)]
    champion = found["champion"].astype("boolean").fillna(False).astype(bool)
    runs_it = found["role"].astype("object").map(lambda role: str(role).strip().lower() in FIRST_CONTACTS)
    found = found.assign(first=champion, second=runs_it)[champion | runs_it]
    found = found.sort_values(["account_id", "first", "second", "joined_at", "user_id"],
                              ascending=[True, False, False, True, True])  # fmt: skip
    return found.rename(columns={"user_id": "contact_id"})[["account_id", "contact_id"]]
