"""The laws of labels over random histories, against a day loop in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.snapshots.labels import LabelWindow, churn_labels
from small_worlds import looks, world

FIRST = date(2024, 1, 1)
AS_OFS = ("2024-09-01", "2025-01-01", "2025-03-01")
ACCOUNTS = 60
FEWER = max(1, settings().max_examples // 12)

windows = st.builds(
    LabelWindow,
    lead_days=st.sampled_from([0, 14]),
    horizon_days=st.sampled_from([30, 90, 180]),
    grace_days=st.sampled_from([30, 0, 1]),
    pause_days=st.sampled_from([90, 0, 30]),
)
untils = st.integers(300, 760).map(lambda day: FIRST + timedelta(days=day))


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
            versions.append((subscription, start, None if runs else end, int(rng.choice([0, 5000, 10000])), notice))
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


def database_of(histories: dict[str, History], until: date | str):
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


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), window=windows, until=untils)
def test_labels_equal_a_loop_over_days(seed, window, until):
    histories = draw_histories(seed)
    found = churn_labels(database_of(histories, until), looks(*AS_OFS, accounts=list(histories)), window)
    for (account, as_of), row in found.iterrows():
        expected, gone = by_the_day(histories[account], as_of.date(), window, until)
        if expected is None:
            continue  # never served before as_of: not in any book
        label = row.why_missing if row.why_missing is not None else bool(row.churned)
        assert (label, None if gone is None else pd.Timestamp(gone)) == (
            expected,
            None if pd.isna(row.churned_at) else row.churned_at,
        ), f"{account} at {as_of.date()}, {window}, until {until}: {histories[account]}"


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), window=windows, until=st.tuples(untils, untils).map(sorted))
def test_shrinking_the_data_never_changes_a_kept_label(seed, window, until):
    histories = draw_histories(seed)
    db, asked = database_of(histories, "2027-01-01"), looks(*AS_OFS, accounts=list(histories))
    early, late = (churn_labels(db.cut(str(moment)), asked, window) for moment in until)
    settled = early["why_missing"] != "not matured"
    columns = [c for c in early.columns if c != "days_observed"]  # it grows with what was seen
    pd.testing.assert_frame_equal(early.loc[settled, columns], late.loc[settled, columns])


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), window=windows, until=untils)
def test_the_labels_of_a_database_are_those_of_its_tables_cut_at_their_end(seed, window, until):
    histories = draw_histories(seed)
    asked = looks(*AS_OFS, accounts=list(histories))
    beyond = database_of(histories, until)  # rows after `until` lie in its tables
    within = database_of(histories, "2027-01-01").cut(str(until))
    pd.testing.assert_frame_equal(churn_labels(beyond, asked, window), churn_labels(within, asked, window))


def test_the_random_histories_hold_every_outcome():
    histories = draw_histories(5)
    found = churn_labels(
        database_of(histories, "2026-01-01"), looks(*AS_OFS, accounts=list(histories)), LabelWindow(lead_days=14)
    )
    outcomes = found["why_missing"].fillna(found["churned"].astype("object").map({True: "churned", False: "stayed"}))
    assert set(outcomes) >= {"churned", "stayed", "left in lead", "merged"}
