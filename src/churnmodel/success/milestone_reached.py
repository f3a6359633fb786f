"""When was a milestone reached, and by which evidence? (each rule over the rows, and ticks by hand)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.settings.milestones import Milestone
from churnmodel.settings.onboarding import FirstValueRule
from churnmodel.sources.database import SNAPSHOT
from churnmodel.success.first_value import KIND
from churnmodel.success.milestone_rows import ADDED, MOMENT, Rows


@dataclass(frozen=True)
class Needed:
    """How many of something each snapshot needs, and what they are called."""

    count: np.ndarray
    noun: str
    said: str


def reached(one: Milestone, rows: Rows, started: pd.DataFrame, value: FirstValueRule) -> pd.DataFrame:
    """Per snapshot of `started`, in its order: reached_at, evidence, so_far."""
    if one.touchpoint is not None:
        own = rows.touchpoints[rows.touchpoints["kind"] == one.touchpoint]
        kind = one.touchpoint.replace("_", " ")
        said = f"touchpoint {kind}" if one.times == 1 else f"{one.times} touchpoints {kind}"
        needed = Needed(np.full(len(started), one.times), "touchpoints", said)
        return _nth(own, started, needed, told=one.times > 1)
    if one.rule == "users_joined":
        return _nth(rows.users, started, _people(one, started, "joined"))
    if one.rule == "users_active":
        people = rows.events[rows.events["user_id"].notna() & ~rows.events["is_api"].astype(bool)]
        firsts = people.groupby([*SNAPSHOT, "user_id"]).agg(at=("at", "min")).reset_index()
        return _nth(firsts, started, _people(one, started, "used it"))
    if one.features is not None:
        firsts = rows.events.assign(feature=rows.events["feature"].astype("object").str.lower())
        if isinstance(one.features, tuple):
            firsts = firsts[firsts["feature"].isin([name.lower() for name in one.features])]
        count = one.features if isinstance(one.features, int) else len(set(one.features))
        firsts = firsts.groupby([*SNAPSHOT, "feature"]).agg(at=("at", "min")).reset_index()
        return _nth(firsts, started, Needed(np.full(len(started), count), "features", f"{count} features used"))
    if one.integration:
        added = rows.touchpoints[rows.touchpoints["kind"] == ADDED][[*SNAPSHOT, "at"]]
        api = rows.events[rows.events["is_api"].astype(bool)][[*SNAPSHOT, "at"]]
        return _first(started, {"touchpoint integration added": added, "first use over the API": api})
    goals = rows.goals.dropna(subset=["reached_at"])[[*SNAPSHOT, "reached_at"]]
    goals = goals.rename(columns={"reached_at": "at"})
    if one.goal is not None:
        found = goals if one.goal == "reached" else rows.goals[[*SNAPSHOT, "at"]]
        return _first(started, {f"goal {one.goal}": found})
    if one.first_value:
        marks = rows.touchpoints[rows.touchpoints["kind"] == KIND][[*SNAPSHOT, "at"]]
        use = f"{value.feature} used on {value.days} days by {value.users} users"
        by_use = rows.value.rename(columns={"reached_at": "at"})
        return _first(started, {"touchpoint first value": marks, "goal reached": goals, use: by_use})
    return _first(started, {})


def _people(one: Milestone, started: pd.DataFrame, did: str) -> Needed:
    least = one.users_joined or one.users_active or 1
    seats = started["seats"].to_numpy(dtype="float64")
    share = np.ceil((one.of_seats or 0.0) * np.nan_to_num(seats) - 1e-9)
    count = np.maximum(least, share)
    count = np.where(seats >= 1, np.minimum(count, seats), count)  # one seat holds no second user
    return Needed(count.astype(np.int64), "users", did)


def _nth(own: pd.DataFrame, started: pd.DataFrame, needed: Needed, *, told: bool = True) -> pd.DataFrame:
    """When the row came that made them enough."""
    wanted = started[SNAPSHOT].assign(need=needed.count)
    own = own[[*SNAPSHOT, "at"]].merge(wanted, on=SNAPSHOT).sort_values([*SNAPSHOT, "at"], kind="stable")
    own["place"] = own.groupby(SNAPSHOT).cumcount() + 1
    hit = own[own["place"] == own["need"]][[*SNAPSHOT, "at"]].rename(columns={"at": "reached_at"})
    counts = own.groupby(SNAPSHOT).size().rename("count").reset_index()
    found = wanted.merge(hit, on=SNAPSHOT, how="left").merge(counts, on=SNAPSHOT, how="left")
    count = found["count"].fillna(0).astype(int)
    people = needed.noun == "users"
    said = [
        f"{need} {'user' if need == 1 else 'users'} {needed.said}" if people else needed.said
        for need in found["need"]
    ]
    so_far = [
        f"{n} of {need} {needed.noun}" if told else "" for n, need in zip(count, found["need"], strict=True)
    ]
    return found.assign(evidence=said, so_far=so_far)[[*SNAPSHOT, "reached_at", "evidence", "so_far"]]


def _first(started: pd.DataFrame, sources: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The earliest row of any source, which is the evidence."""
    found = started[SNAPSHOT].assign(so_far="")
    parts = [rows[[*SNAPSHOT, "at"]].assign(evidence=said) for said, rows in sources.items() if len(rows)]
    if not parts:
        nothing = pd.Series(pd.NaT, index=found.index, dtype=MOMENT)
        return found.assign(reached_at=nothing, evidence="")
    whole = pd.concat(parts, ignore_index=True).sort_values("at", kind="stable").drop_duplicates(SNAPSHOT)
    found = found.merge(whole.rename(columns={"at": "reached_at"}), on=SNAPSHOT, how="left")
    return found.assign(evidence=found["evidence"].fillna(""))


def with_ticks(
    part: pd.DataFrame, started: pd.DataFrame, name: str, ticks: pd.DataFrame | None
) -> pd.DataFrame:
    """What was ticked by hand in this tenure, where the tables do not say it was earlier."""
    part = part.astype({"reached_at": MOMENT})
    if ticks is None or ticks.empty:
        return part
    own = ticks[ticks["milestone"] == name].set_index("account_id")
    if own.empty:
        return part
    on = pd.to_datetime(part["account_id"].map(own["on"]))
    since = started["counts_from"].to_numpy()
    counts = on.notna() & (on >= since) & (on <= part["as_of"]) & ~(part["reached_at"] <= on)
    who, note = part["account_id"].map(own["by"]), part["account_id"].map(own["note"])
    said = [f"ticked by {by}" + (f": {text}" if isinstance(text, str) and text else "") for by, text in
            zip(who, note, strict=True)]  # fmt: skip
    part["reached_at"] = part["reached_at"].where(~counts, on)
    part["evidence"] = part["evidence"].where(~counts, pd.Series(said, index=part.index))
    return part
