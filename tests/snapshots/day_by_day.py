"""What are random contract histories, and what does a loop over days make of them?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database
from small_worlds import world

FIRST = date(2024, 1, 1)
ACCOUNTS = 60


@dataclass(frozen=True)
class History:
    """Versions (subscription, start, end, cents, notice) and exits (day, reason) of one account."""

    versions: list[tuple[str, date, date | None, int, date | None]]
    exits: list[tuple[date, str]]


def draw_history(rng: np.random.Generator) -> History:
    """Up to two subscriptions of versions with gaps, pauses and trials, all at midnights."""
    versions, ends = [], []
    for subscription in ("s", "t")[: rng.integers(1, 3)]:
        start = FIRST + timedelta(days=int(rng.integers(0, 400)))
        for _ in range(rng.integers(1, 6)):
            end = start + timedelta(days=int(rng.choice([1, 10, 29, 30, 31, 61, 90, 91, 200])))
            runs = rng.random() < 0.2
            notice = start + timedelta(days=int(rng.integers(0, 200))) if rng.random() < 0.3 else None
            cents = int(rng.choice([0, 5000, 10000]))
            versions.append((subscription, start, None if runs else end, cents, notice))
            ends.append(end)
            if runs:
                break
            start = end + timedelta(days=int(rng.choice([0, 0, 0, 1, 2, 29, 30, 31, 32, 120])))
    exits = []
    if rng.random() < 0.8:
        apart = timedelta(days=int(rng.choice([-31, -30, -1, 0, 0, 1, 1, 2, 30, 31])))
        reason = str(rng.choice(["acquired", "acquired", "price", "involuntary"]))
        exits.append((ends[rng.integers(len(ends))] + apart, reason))
    return History(versions, exits)


def draw_histories(seed: int) -> dict[str, History]:
    rng = np.random.default_rng(seed)
    return {f"a{i:02d}": draw_history(rng) for i in range(ACCOUNTS)}


def database_of(histories: dict[str, History], until: date | str) -> Database:
    subscriptions = [
        {
            "account_id": account,
            "subscription_id": f"{account}/{subscription}",
            "started_at": str(start),
            "ended_at": None if end is None else str(end),
            "cancelled_at": None if notice is None else str(notice),
            "mrr": cents / 100,
        }
        for account, history in histories.items()
        for subscription, start, end, cents, notice in history.versions
    ]
    exits = [
        {"account_id": account, "exited_at": str(day), "reason": reason}
        for account, history in histories.items()
        for day, reason in history.exits
    ]
    return world(subscriptions, exits=exits, until=str(until))


def served_days(history: History, pause_days: int, until: date) -> set[date]:
    """Every day on which the account was served, by looking at each day."""
    last, days = date(2028, 1, 1), set()
    for name in ("s", "t"):
        paid, paused_since = False, None
        for subscription, start, end, cents, _ in history.versions:
            if subscription != name or start >= until:
                continue
            end = end if end is not None and end < until else last
            if cents > 0:
                paid, paused_since = True, None
            elif paused_since is None:
                paused_since = start
            day = start
            while day < end:
                if cents > 0 or (paid and day < paused_since + timedelta(days=pause_days)):
                    days.add(day)
                day += timedelta(days=1)
    return days


def by_the_day(history: History, as_of: date, window: LabelWindow, until: date) -> tuple[object, date | None]:
    """(True, False, why missing or None for "never a customer", the day of churn) for one snapshot."""

    def day(n: int) -> timedelta:
        return timedelta(days=n)

    opens = as_of + day(window.lead_days)
    closes = opens + day(window.horizon_days)
    if not closes + day(window.grace_days) < until:
        return "not matured", None
    days = served_days(history, window.pause_days, until)
    before = [d for d in days if d < as_of]
    if not before:
        return None, None
    gone = max(before) + day(1)  # walk on from the last day served before as_of
    while True:
        back = next((gone + day(n) for n in range(window.grace_days + 1) if gone + day(n) in days), None)
        if back is None:
            break
        gone = back
        while gone in days:
            gone += day(1)
    if gone >= date(2028, 1, 1) or not gone + day(window.grace_days) < until:
        return False, None
    if gone <= opens:
        return "left in lead", None
    if gone > closes:
        return False, None
    near = day(max(window.grace_days, 1))
    told = [e for e in history.exits if abs(e[0] - gone) <= near and e[0] <= closes + day(window.grace_days)]
    if any(reason == "acquired" for _, reason in told):
        return "merged", None
    return True, gone
