"""What is an alert? (one thing that moved, of one account, one CSM's accounts, or the whole book)

Rules find *candidates*: what holds at ``as_of`` and began lately, as far as it was known before that midnight. An
episode names the thing (this invoice, that turn to red), so that one thing is told once, however often the rules
are run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import pandas as pd

from churnmodel.sources.database import Database

COLUMNS = ("as_of", "rule", "subject", "account_id", "csm", "episode", "began_at", "moved", "detail")
BOOK, CSM = "book", "csm:"
DAY = pd.Timedelta(days=1)
TO_THE_SECOND = "%Y-%m-%dT%H:%M:%S"
"""How an episode names a moment: the same whatever stands beside it."""
LONG_KNOWN = 60
"""What became known lately is fresh only if it began within so many days: a reload of old rows is no news."""

TITLES: Mapping[str, str] = {
    "turned_red": "turned red",
    "turned_orange": "turned orange",
    "book_at_risk": "MRR at risk of the book rose",
    "csm_at_risk": "MRR at risk of a CSM's accounts rose",
    "champion_left": "champion left",
    "invoice_overdue": "invoice overdue",
    "sla_missed": "tickets past their agreed time",
    "incident": "incident",
    "book_incident": "incident for everyone",
    "use_fell": "use fell",
    "book_use_fell": "use of the whole book fell",
    "feed_silent": "a feed went silent",
    "milestone_missed": "onboarding milestone missed",
    "goal_overdue": "goal overdue",
    "cadence_missed": "no meeting for long",
    "disagree": "your score and the model disagree",
    "notice_given": "notice given",
}


WANTS: Mapping[str, tuple[str, ...]] = {
    "champion_left": ("touchpoints", "users"),
    "invoice_overdue": ("invoices",),
    "sla_missed": ("tickets",),
    "incident": ("incidents",),
    "book_incident": ("incidents",),
    "use_fell": ("usage_events",),
    "book_use_fell": ("usage_events",),
    "milestone_missed": ("touchpoints",),
    "goal_overdue": ("goals",),
    "cadence_missed": ("touchpoints",),
}
"""The tables a rule reads; any one of them will do."""


def unasked(db: Database, off: Iterable[str] = ()) -> dict[str, list[str]]:
    """What cannot be asked for want of rows, by the tables that are absent or empty; rules that are off apart."""
    empty = {
        name
        for name in dict.fromkeys(name for names in WANTS.values() for name in names)
        if not db.has(name) or not db.run(db.table(name).limit(1)).shape[0]
    }
    found: dict[str, list[str]] = {}
    for rule, names in WANTS.items():
        if rule not in set(off) and set(names) <= empty:
            found.setdefault(" or ".join(names), []).append(rule)
    return found


def alert_id(rule: str, subject: str, episode: str) -> str:
    """The same thing has the same id on every day and machine.

    >>> alert_id("champion_left", "A1", "2025-03-04")
    '9515b8cc84'
    """
    return hashlib.sha256("\x1f".join((rule, subject, episode)).encode()).hexdigest()[:10]


def no_candidates() -> pd.DataFrame:
    """An empty frame of candidates."""
    kinds = {"as_of": "datetime64[us]", "began_at": "datetime64[us]"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "object")) for name in COLUMNS})


def of_accounts(rule: str, found: pd.DataFrame) -> pd.DataFrame:
    """Candidates from rows of account_id, as_of, episode, began_at, moved and (if they differ) detail."""
    if found.empty:
        return no_candidates()
    found = found.assign(rule=rule, subject=found["account_id"].astype(str), csm=None)
    return _shaped(found if "detail" in found else found.assign(detail=""))


def of_all(rule: str, found: pd.DataFrame) -> pd.DataFrame:
    """Candidates of the whole book from rows of as_of, episode, began_at, moved and detail."""
    if found.empty:
        return no_candidates()
    return _shaped(found.assign(rule=rule, subject=BOOK, account_id=None, csm=None))


def of_csms(rule: str, found: pd.DataFrame) -> pd.DataFrame:
    """Candidates of a CSM's accounts from rows of csm, as_of, episode, began_at, moved and detail."""
    if found.empty:
        return no_candidates()
    return _shaped(found.assign(rule=rule, subject=CSM + found["csm"].astype(str), account_id=None))


def joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All candidates, by day, rule and subject; where a rule has several of one subject, the latest to begin."""
    known = [part for part in parts if len(part)]
    if not known:
        return no_candidates()
    found = pd.concat(known, ignore_index=True)
    found = found.sort_values(["as_of", "rule", "subject", "began_at", "episode"], ignore_index=True)
    return found.drop_duplicates(["as_of", "rule", "subject"], keep="last", ignore_index=True)


def is_fresh(
    began_at: pd.Series, as_of: pd.Series, fresh_days: int, known_at: pd.Series | None = None
) -> pd.Series:
    """Whether what began then is news at `as_of`: in ``[as_of - fresh_days, as_of)``, or known since then."""
    since = as_of - fresh_days * DAY
    news = began_at if known_at is None else began_at.where(known_at.isna() | (known_at < began_at), known_at)
    return (began_at < as_of) & (news >= since) & (began_at >= as_of - max(LONG_KNOWN, fresh_days) * DAY)


def _shaped(found: pd.DataFrame) -> pd.DataFrame:
    shaped = found[list(COLUMNS)].reset_index(drop=True)
    for name in ("as_of", "began_at"):
        shaped[name] = pd.to_datetime(shaped[name]).astype("datetime64[us]")
    return shaped.astype({name: "object" for name in COLUMNS if name not in ("as_of", "began_at")})
