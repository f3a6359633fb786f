"""What has each account reached of its onboarding, what is late, and of what can nobody say?

One definition for the page of an onboarding and for the alert that a milestone was missed. A milestone is late
only where it would have been written down: a table that is absent, a kind nobody ever wrote, an account that began
before the table did, or a feed that was silent for as long as it is late, all read "not known".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from churnmodel.explanation.formats import print_date
from churnmodel.settings.milestones import Milestone
from churnmodel.settings.onboarding import FirstValueRule, OnboardingSettings
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import FEED_TABLES, Feeds
from churnmodel.success.milestone_reached import reached, with_ticks
from churnmodel.success.milestone_rows import ADDED, API, milestone_rows, tables_of, written_days, written_from

DAY = pd.Timedelta(days=1)
DONE, LATE, OPEN, PASSED, UNKNOWN = "done", "late", "open", "passed", "not known"
COLUMNS = [
    *SNAPSHOT, "milestone", "title", "track", "due_day", "due_on", "status", "reached_at", "day_reached",
    "days_late", "so_far", "told", "words",
]  # fmt: skip
TICKS = ["account_id", "milestone", "on", "by", "note"]


def milestone_status(
    db: Database,
    started: pd.DataFrame,
    tier: pd.Series | None,
    rules: OnboardingSettings,
    feeds: Feeds | None = None,
    ticks: pd.DataFrame | None = None,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Every milestone of every snapshot's template.

    Law: no row that became known at or after an ``as_of`` changes what is said of it.

    Parameters
    ----------
    started
        From `churnmodel.success.milestone_starts.starts`.
    tier
        By account_id; without it (or where missing) each milestone is due on the latest day of any template.
    ticks
        What somebody ticked: account_id, milestone, on, by, note, as it held at the day of looking.
    names
        Only these milestones, and those that make them needless.

    Returns
    -------
    DataFrame
        `COLUMNS`, sorted by as_of, account_id, due_day and the order of the settings. day_reached counts from the
        first day of the tenure (0); days_late of one that is done says how many days it came late; so_far is
        ``"2 of 5 users"`` where something is counted; told says whether the tables could tell of it at all.
    """
    asked = _asked(started, tier, rules) if names is None else list(names)
    asked += [one.unless for name in asked if (one := rules.milestones[name]).unless and one.unless not in asked]
    milestones = {name: rules.milestones[name] for name in asked}
    if started.empty or not milestones:
        return pd.DataFrame(columns=COLUMNS)
    until = started["as_of"].max()
    rows = milestone_rows(db, started, tuple(milestones.values()), rules.first_value)
    read = {table for one in milestones.values() for table in tables_of(one, rules.first_value)}
    written = written_days(db, until, read)
    parts = []
    for place, (name, one) in enumerate(milestones.items()):
        part = reached(one, rows, started, rules.first_value)
        part = with_ticks(part, started, name, ticks)
        part = part.assign(milestone=name, title=one.title, track=one.track, place=place)
        part["due_day"] = _due_days(name, started, tier, rules)
        part["why_unknown"] = _why_unknown(one, started, written, db, rules.first_value)
        parts.append(part)
    found = pd.concat(parts, ignore_index=True)
    found = _judged(found, started, milestones, feeds, rules.first_value)
    found = found[found["due_day"].notna() & found["milestone"].isin(asked if names is None else names)]
    found = found.sort_values(["as_of", "account_id", "due_day", "place"], ignore_index=True)
    return found[COLUMNS]


def _asked(started: pd.DataFrame, tier: pd.Series | None, rules: OnboardingSettings) -> list[str]:
    """The milestones of the templates that are used."""
    own = [] if tier is None else started["account_id"].map(tier).tolist()
    tiers = {one if isinstance(one, str) else None for one in own} or {None}
    return [name for name in rules.milestones if any(rules.due_day(name, one) is not None for one in tiers)]


def _due_days(
    name: str, started: pd.DataFrame, tier: pd.Series | None, rules: OnboardingSettings
) -> list[float]:
    own = [None] * len(started) if tier is None else started["account_id"].map(tier).tolist()
    days = [rules.due_day(name, one if isinstance(one, str) else None) for one in own]
    return [math.nan if day is None else float(day) for day in days]


def _why_unknown(
    one: Milestone, started: pd.DataFrame, written: pd.DataFrame, db: Database, value: FirstValueRule
) -> list[str]:
    """Why nobody could say that it is missing; empty where the tables could."""
    if one.by_hand:
        return [""] * len(started)
    tables = tables_of(one, value)
    there = [table for table in tables if db.has(table)]
    if not there:
        return [f"there is no table {' or '.join(tables)}"] * len(started)
    by_day: dict[pd.Timestamp, tuple[str, pd.Timestamp | None]] = {}
    for as_of in started["as_of"].unique():
        began = written_from(written, there, as_of)
        missing = [s for s in _sorts(one, value) if written_from(written, s, as_of) is None]
        why = "" if began is not None and not missing else _unwritten(one, there)
        by_day[as_of] = (why, began)
    found = []
    for as_of, start in zip(started["as_of"], started["began"], strict=True):
        why, began = by_day[as_of]
        if not why and began is not None and start < began:
            why = f"{' and '.join(there)} were first written down on {print_date(began)}, after it began"
        found.append(why)
    return found


def _sorts(one: Milestone, value: FirstValueRule) -> list[list[str]]:
    """Each group of sorts of rows of which some must have been written by somebody."""
    if one.touchpoint is not None:
        return [[f"touchpoints:{one.touchpoint}"]]
    if one.integration:
        return [[f"touchpoints:{ADDED}", f"channel:{API}"]]
    if isinstance(one.features, tuple):
        return [[f"usage_events:{name.lower()}"] for name in one.features]
    if one.first_value:
        use = [] if value.feature is None else [f"usage_events:{value.feature.lower()}"]
        return [["touchpoints:first_value", "goals", *use]]
    return []


def _unwritten(one: Milestone, there: Sequence[str]) -> str:
    if one.touchpoint is not None:
        return f"nobody has written down a touchpoint {one.touchpoint} yet"
    if one.first_value:
        return f"{' and '.join(there)} tell of none yet; [onboarding.first_value] can say which use is value"
    return f"nothing of the kind was ever written down in {' or '.join(there)}"


def _judged(
    found: pd.DataFrame,
    started: pd.DataFrame,
    milestones: Mapping[str, Milestone],
    feeds: Feeds | None,
    value: FirstValueRule,
) -> pd.DataFrame:
    """status, days_late, due_on, day_reached and words of every row."""
    found = found.merge(started[[*SNAPSHOT, "began"]], on=SNAPSHOT)
    found["told"] = found["why_unknown"] == ""
    found["due_on"] = found["began"] + pd.to_timedelta(found["due_day"], unit="D")
    found["day_reached"] = (found["reached_at"].dt.normalize() - found["began"]).dt.days.clip(lower=0)
    got = found["reached_at"].notna()
    over = (found["as_of"] - found["due_on"]).dt.days
    found["days_late"] = over.where(~got, found["day_reached"] - found["due_day"]).clip(lower=0)
    found["status"] = np.where(got, DONE, np.where(over > 0, LATE, OPEN))
    dark = _dark_days(found, milestones, feeds, value)
    hidden = (found["status"] == LATE) & (dark > 0) & (found["days_late"] <= dark)
    found.loc[hidden, "why_unknown"] = "its feed was silent for as long as it is late"
    found.loc[~got & (found["why_unknown"] != ""), "status"] = UNKNOWN
    after = found[got].set_index(["milestone", *SNAPSHOT])["reached_at"]
    for name, one in milestones.items():
        if one.unless is None:
            continue
        keys = pd.MultiIndex.from_frame(found[SNAPSHOT].assign(m=one.unless)[["m", *SNAPSHOT]])
        moot = (found["milestone"] == name) & ~got & keys.isin(after.index)
        found.loc[moot, "status"] = PASSED
        found.loc[moot, "why_unknown"] = f"{milestones[one.unless].title} was reached without it"
    found.loc[found["status"] != LATE, "days_late"] = found["days_late"].where(got)
    found["words"] = [_words(row) for row in found.to_dict("records")]
    return found


def _dark_days(
    found: pd.DataFrame, milestones: Mapping[str, Milestone], feeds: Feeds | None, value: FirstValueRule
) -> pd.Series:
    """For how many days since it began a feed that could tell was down; of several the one that was longest."""
    days = pd.Series(0, found.index)
    if feeds is None:
        return days
    for name, one in milestones.items():
        tables = [table for table in tables_of(one, value) if table in FEED_TABLES]
        for look, rows in found[found["milestone"] == name].groupby("as_of"):
            as_of = pd.Timestamp(str(look))
            for table in tables:
                silent = pd.Series(0, rows.index)
                for outage in feeds.outages(table, as_of):
                    since = rows["began"].where(rows["began"] > outage.start, outage.start)
                    silent += -(since - min(outage.end, as_of)).dt.days.clip(upper=0)
                days.loc[rows.index] = np.maximum(days.loc[rows.index], silent)
    return days


def _words(row: Mapping[object, object]) -> str:
    status, reached, due = str(row["status"]), row["reached_at"], row["due_day"]
    if status == DONE:
        on = f"{print_date(pd.Timestamp(reached))}, day {int(row['day_reached'])}"  # type: ignore[arg-type, call-overload]
        late = row["days_late"]
        after = f", {_days(late)} late" if late == late and late else ""
        return f"{on}{after} ({row['evidence']})"
    if status in (PASSED, UNKNOWN):
        return str(row["why_unknown"])
    so_far = f" ({row['so_far']})" if row["so_far"] else ""
    if status == LATE:
        return f"{_days(row['days_late'])} late{so_far}"
    if due != due:
        return f"not asked for{so_far}"
    left = (pd.Timestamp(row["due_on"]) - pd.Timestamp(row["as_of"])).days  # type: ignore[arg-type]
    return ("due today" if left == 0 else f"due in {_days(left)}") + so_far


def _days(count: object) -> str:
    number = int(count)  # type: ignore[call-overload]
    return f"{number} day{'s' * (number != 1)}"
