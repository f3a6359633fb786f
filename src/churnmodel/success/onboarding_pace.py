"""By which day did accounts that stayed reach each milestone, and those that left? (an association, no proof)

Of first tenures that began so long ago that it is known whether they lasted `retained_days` (and a late renewal's
grace after it). Who had not reached a milestone when its tenure ended, or at the day of looking, waited at least
so long (Kaplan-Meier): a median over those who got there alone would be too short. Accounts that began before the
milestone was written down are left out.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from churnmodel.settings.onboarding import OnboardingSettings
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import Feeds
from churnmodel.success.milestone_starts import starts
from churnmodel.success.milestones import milestone_status
from churnmodel.success.survival import kaplan_meier

DAY = pd.Timedelta(days=1)
LEAST = 20
"""Under so many accounts nothing is said of their pace."""
COLUMNS = [
    "milestone", "title", "track", "median", "low", "high", "accounts", "due_day", "share_stayed", "share_left",
    "left",
]  # fmt: skip


def pace(
    db: Database,
    as_of: pd.Timestamp,
    rules: OnboardingSettings,
    *,
    grace_days: int = 30,
    pause_days: int = 90,
    feeds: Feeds | None = None,
) -> pd.DataFrame:
    """How fast milestones came, as known before `as_of`.

    Returns
    -------
    DataFrame
        A row per milestone: median (days from the first of the tenure, among retained accounts) with its 95 %
        interval low and high, accounts (how many retained ones); due_day (the latest of any template),
        share_stayed
        and share_left (reached by then, among `left` that left within ``retained_days`` but not before that day);
        NaN under 20 accounts.
    """
    cut = db.cut(as_of)
    ids = cut.run(cut.table("subscriptions").select("account_id").distinct())["account_id"].sort_values()
    index = pd.MultiIndex.from_product([ids, [as_of]], names=SNAPSHOT)
    first = starts(cut, index, grace_days=grace_days, pause_days=pause_days, which="first")
    lasted = (first["over_at"].fillna(as_of) - first["began"]).dt.days
    settled = first["began"] + (rules.retained_days + grace_days) * DAY < as_of
    first = first[settled].assign(lasted=lasted)
    told = milestone_status(cut, first, None, rules, feeds)
    told = told.merge(first[[*SNAPSHOT, "began", "over_at", "lasted"]], on=SNAPSHOT)
    rows = [
        _of_milestone(part, rules.retained_days) | {"milestone": name}
        for name, part in told.groupby("milestone", sort=False)
    ]
    found = pd.DataFrame(rows, columns=COLUMNS)
    order = {name: place for place, name in enumerate(rules.milestones)}
    found = found.assign(place=found["milestone"].map(order)).sort_values(["due_day", "place"], ignore_index=True)
    return found[COLUMNS]


def _of_milestone(part: pd.DataFrame, retained_days: int) -> dict[str, object]:
    known = part[part["told"]]
    over = known["over_at"].fillna(known["as_of"])
    reached = known["reached_at"].notna() & (known["reached_at"] <= over)
    days = known["day_reached"].where(reached, (over - known["began"]).dt.days).clip(lower=0).astype("float64")
    stayed = known["lasted"] > retained_days
    due = float(part["due_day"].iloc[0])
    left = ~stayed & (known["lasted"] >= due)
    found: dict[str, object] = {
        "title": part["title"].iloc[0],
        "track": part["track"].iloc[0],
        "due_day": due,
        "accounts": int(stayed.sum()),
        "left": int(left.sum()),
    }
    median = low = high = math.nan
    if stayed.sum() >= LEAST:
        median, low, high = kaplan_meier(days[stayed], reached[stayed]).median()
    in_time = reached & (days <= due)
    found |= {"median": median, "low": low, "high": high}
    for name, rows in (("share_stayed", stayed), ("share_left", left)):
        found[name] = float(np.mean(in_time[rows])) if rows.sum() >= LEAST else math.nan
    return found
