"""How long until an account gets what it came for? (time to first value, for those still waiting as well)

First value is the earliest of a touchpoint of the kind ``first_value``, a goal reached, and what the rule of
``[onboarding.first_value]`` says of use. Who is still waiting, or left before, has waited at least so long: a
median over those who got there alone would say too little.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from churnmodel.features.relationship import kind_of
from churnmodel.settings.onboarding import FirstValueRule
from churnmodel.sources.database import Database
from churnmodel.success.figure import Figure
from churnmodel.success.ledger import Ledger
from churnmodel.success.survival import kaplan_meier

KIND = "first_value"
MOMENT: Final = "datetime64[us]"
TOLD = FirstValueRule()
"""The default: use says nothing of value."""


def waits(db: Database, ledger: Ledger, rule: FirstValueRule = TOLD) -> pd.DataFrame:
    """How long each account waited for first value: days, reached; indexed by account_id, empty if never told.

    Accounts that began before the first row of any table that could tell are not in it: what they reached was not
    written down. Value reached before the first paid day (in a trial) is a wait of 0.
    """
    cut = db.cut(ledger.as_of)
    value, told_from = _reached(cut, rule)
    if value.empty:
        return pd.DataFrame({"days": [], "reached": []}, dtype="float64").rename_axis("account_id")
    first = ledger.tenures[ledger.tenures["tenure"] == 1].set_index("account_id")
    first = first[first["began_at"] >= told_from]
    reached = value.groupby("account_id")["reached_at"].min().reindex(first.index)
    over = first["over_at"].where(first["over_at"] < ledger.as_of, ledger.as_of)
    in_time = reached.notna() & (reached <= over)
    until = reached.where(in_time, over)
    days = ((until - first["began_at"]).dt.total_seconds() / 86_400).clip(lower=0.0)
    return pd.DataFrame({"days": days, "reached": in_time})


def first_value_at(
    db: Database, as_of: pd.Timestamp, rule: FirstValueRule = TOLD, since: pd.Series | None = None
) -> pd.Series:
    """When each account reached first value, as known before `as_of`; by account_id, only those that did.

    Parameters
    ----------
    rule
        ``settings.onboarding.first_value`` of a project, so that every part means the same.
    since
        By account_id: what was reached or used before does not count (`milestone_starts.starts`, counts_from).
    """
    value, _ = _reached(db.cut(as_of), rule, since)
    return value.groupby("account_id")["reached_at"].min().rename("first_value_at")


def value_by_use(events: Any, rule: FirstValueRule) -> Any:
    """Per account (and ``as_of``, where `events` has it) when its use first met the rule; an Ibis table.

    The later of two moments: the first use on the last of ``rule.days`` different days (UTC), and the first use
    by the last of ``rule.users`` different users.
    """
    import ibis

    keys = [name for name in ("account_id", "as_of") if name in events.columns]
    t = events.filter(events.feature.lower() == str(rule.feature).lower())
    moments = []
    for what, least in ((t.occurred_at.truncate("D"), rule.days), (t.user_id, rule.users)):
        each = t.mutate(what=what).filter(lambda r: r.what.notnull())
        each = each.group_by([*keys, "what"]).agg(at=each.occurred_at.min())
        in_order = ibis.window(group_by=[each[k] for k in keys], order_by=[each.at, each.what])
        place = ibis.row_number().over(in_order)
        each = each.mutate(place=place)
        moments.append(each.filter(each.place == least - 1).select(*keys, "at"))
    days, users = moments
    both = days.inner_join(users, keys)
    return both.select(*keys, reached_at=ibis.greatest(both["at"], both["at_right"]))


def _reached(
    db: Database, rule: FirstValueRule, since: pd.Series | None = None
) -> tuple[pd.DataFrame, pd.Timestamp | None]:
    """account_id and reached_at from every source, and from when on value would have been written down."""
    touchpoints, goals = db.table("touchpoints"), db.table("goals")
    marks = touchpoints.filter(kind_of(touchpoints) == KIND)
    found = [
        db.run(marks.select("account_id", reached_at="occurred_at")),
        db.run(goals.filter(goals.reached_at.notnull()).select("account_id", "reached_at")),
    ]
    began = [
        db.run(touchpoints.aggregate(at=touchpoints.occurred_at.min())),
        db.run(goals.aggregate(at=goals.set_at.min())),
    ]
    if rule.feature is not None and db.has("usage_events"):
        events = db.table("usage_events")
        counted = events if since is None else _used_since(events, since)
        found.append(db.run(value_by_use(counted, rule)))
        began.append(db.run(events.aggregate(at=events.occurred_at.min())))
    kept = [part.astype({"reached_at": MOMENT}) for part in found if len(part)]
    whole = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame({"account_id": [], "reached_at": []})
    if since is not None and len(whole):
        whole = whole[~(whole["reached_at"].astype(MOMENT) < since.reindex(whole["account_id"]).to_numpy())]
    moments = pd.to_datetime(pd.concat(began)["at"]).dropna()
    return whole.astype({"reached_at": MOMENT}), moments.min() if len(moments) else None


def _used_since(events: Any, since: pd.Series) -> Any:
    """The events without those before an account's own moment."""
    import ibis

    own = since.rename_axis("account_id").rename("counts_from").astype(MOMENT).reset_index()
    if own.empty:
        return events
    schema = ibis.schema({"account_id": "string", "counts_from": "timestamp(6)"})
    joined = events.left_join(ibis.memtable(own, schema=schema), "account_id")
    kept = joined.filter(joined.counts_from.isnull() | (joined.occurred_at >= joined.counts_from))
    return kept.select(*events.columns)


def waiting_figures(waited: pd.DataFrame, groups: pd.Series) -> list[Figure]:
    """The median days to first value per group, with its interval, and the share that got there."""
    found: list[Figure] = []
    for group, rows in waited.groupby(groups.reindex(waited.index), observed=True):
        curve = kaplan_meier(rows["days"], rows["reached"].astype(bool))
        found.append(Figure("time_to_value", str(group), *curve.median(), accounts=curve.count))
    return found
