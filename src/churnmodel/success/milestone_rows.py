"""Which rows tell what an onboarding reached? (each account's own, cut at the day of looking)

Only small answers leave the engine: of users and events the first of each person and feature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from churnmodel.features.relationship import kind_of
from churnmodel.settings.milestones import Milestone
from churnmodel.settings.onboarding import FirstValueRule
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.schemas import CONTRACT
from churnmodel.success.first_value import KIND, value_by_use

MOMENT = "datetime64[us]"
API, ADDED = "api", "integration_added"
TABLES: Mapping[str, tuple[str, ...]] = {
    "touchpoint": ("touchpoints",),
    "users_joined": ("users",),
    "users_active": ("usage_events",),
    "features": ("usage_events",),
    "integration": ("touchpoints", "usage_events"),
    "goal": ("goals",),
    "first_value": ("touchpoints", "goals"),
    "by_hand": (),
}
"""Which tables a rule reads; one of them is enough."""


def tables_of(milestone: Milestone, value: FirstValueRule) -> tuple[str, ...]:
    """The tables that can tell of a milestone.

    >>> tables_of(Milestone(title="v", track="business", first_value=True), FirstValueRule(feature="reports"))
    ('touchpoints', 'goals', 'usage_events')
    """
    found = TABLES[milestone.rule]
    return (*found, "usage_events") if milestone.first_value and value.feature is not None else found


@dataclass(frozen=True)
class Rows:
    """What was found for every snapshot, each row with account_id, as_of and the moment `at`.

    Parameters
    ----------
    touchpoints
        With kind.
    users
        The first joining of each user.
    events
        The first use of each feature by each user over each channel: user_id, feature, is_api.
    goals
        With reached_at (missing: not yet).
    value
        When use met the rule of first value.
    """

    touchpoints: pd.DataFrame = field(repr=False)
    users: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    goals: pd.DataFrame = field(repr=False)
    value: pd.DataFrame = field(repr=False)


def milestone_rows(
    db: Database, started: pd.DataFrame, milestones: Iterable[Milestone], value: FirstValueRule
) -> Rows:
    """The rows that happened in ``[counts_from, as_of)`` and were known before ``as_of``.

    Parameters
    ----------
    started
        From `churnmodel.success.milestone_starts.starts`.
    milestones
        Only the tables these read are looked at.
    """
    import ibis

    wanted = {table for one in milestones for table in tables_of(one, value) if db.has(table)}
    kinds = _kinds(milestones)
    looks = started[[*SNAPSHOT, "counts_from"]].astype({"as_of": MOMENT, "counts_from": MOMENT})
    looks["account_id"] = looks["account_id"].astype("str")
    snapshots = ibis.memtable(looks)

    def own(table: str) -> Any:
        rows = db.paired(table, snapshots)
        time = rows[CONTRACT[table].time]
        return rows.filter(time >= rows.counts_from, time < rows.as_of)

    def fetched(table: str, make: Any, columns: Mapping[str, str]) -> pd.DataFrame:
        empty = {name: pd.Series(dtype=kind) for name, kind in columns.items()}
        if table not in wanted or looks.empty:
            return pd.DataFrame(empty)
        return db.run(make(own(table))).astype({n: k for n, k in columns.items() if k == MOMENT})

    keys = {"account_id": "object", "as_of": MOMENT}

    def met(t: Any) -> Any:
        t = t.mutate(of_kind=kind_of(t)).filter(lambda r: r.of_kind.isin(kinds))
        return t.select(*SNAPSHOT, kind="of_kind", at="occurred_at")

    def joined(t: Any) -> Any:
        return t.group_by([*SNAPSHOT, "user_id"]).agg(at=t.joined_at.min())

    def used(t: Any) -> Any:
        t = t.mutate(is_api=(t.channel.lower() == API).fill_null(False))
        return t.group_by([*SNAPSHOT, "user_id", "feature", "is_api"]).agg(at=t.occurred_at.min())

    return Rows(
        fetched("touchpoints", met, keys | {"kind": "object", "at": MOMENT}),
        fetched("users", joined, keys | {"user_id": "object", "at": MOMENT}),
        fetched(
            "usage_events",
            used,
            keys | dict.fromkeys(("user_id", "feature", "is_api"), "object") | {"at": MOMENT},
        ),
        fetched(
            "goals",
            lambda t: t.select(*SNAPSHOT, "reached_at", at="set_at"),
            keys | {"reached_at": MOMENT, "at": MOMENT},
        ),
        fetched("usage_events", lambda t: value_by_use(t, value), keys | {"reached_at": MOMENT})
        if value.feature is not None
        else pd.DataFrame(columns=[*SNAPSHOT, "reached_at"]),
    )


def _kinds(milestones: Iterable[Milestone]) -> list[str]:
    found = {one.touchpoint for one in milestones if one.touchpoint is not None}
    return sorted(found | {ADDED, KIND})


def written_days(db: Database, until: pd.Timestamp, tables: Iterable[str]) -> pd.DataFrame:
    """On which days anybody's rows of each sort happened and became known, of those known before `until`.

    Only `tables` are looked at.

    Returns
    -------
    DataFrame
        what (``"touchpoints:kickoff"``, ``"users"``, ``"goals"``, ``"usage_events"``,
        ``"usage_events:reports"``, ``"channel:api"``), day (the first), known.
    """
    import ibis

    parts = []
    for table in sorted(set(tables)):
        if not db.has(table):
            continue
        t = db.versions(table)
        t = t.filter(t.known_at < ibis.timestamp(until.isoformat()))
        days = {"day": t[CONTRACT[table].time].truncate("D"), "known": t.known_at.truncate("D")}
        if table == "touchpoints":
            days["of"] = kind_of(t)
        if table == "usage_events":
            days |= {"of": t.feature.lower(), "is_api": (t.channel.lower() == API).fill_null(False)}
        found = db.run(t.select(**days).distinct())
        parts.append(found.assign(what=table))
        if "of" in found:
            parts.append(found.assign(what=table + ":" + found["of"].astype("object").fillna("").astype(str)))
        if "is_api" in found:
            own = found[found["is_api"].astype(bool)]
            parts.append(own.assign(what="channel:" + API))
    if not parts:
        return pd.DataFrame({"what": [], "day": pd.Series(dtype=MOMENT), "known": pd.Series(dtype=MOMENT)})
    whole = pd.concat([part[["what", "day", "known"]] for part in parts], ignore_index=True)
    whole = whole.astype({"day": MOMENT, "known": MOMENT})
    return whole.groupby(["what", "known"]).agg(day=("day", "min")).reset_index()[["what", "day", "known"]]


def written_from(written: pd.DataFrame, sorts: Iterable[str], as_of: pd.Timestamp) -> pd.Timestamp | None:
    """The first day of any of these sorts of rows, as known before `as_of`; None: none was."""
    own = written[written["what"].isin(list(sorts)) & (written["known"] < as_of) & (written["day"] < as_of)]
    return None if own.empty else pd.Timestamp(own["day"].min())
