"""Who met whom, and what was reached together? (the milestones of each account, and the meetings)"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Flags, Floats, stream
from churnmodel.sources.synthetic.corrections import with_versions
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.people import Spells, user_name

_DRAWS = 6
_DAY = 86_400


class Meetings(NamedTuple):
    """Touchpoints of one kind: account, day, and the uniform numbers that belong to each, (`_DRAWS`, rows)."""

    account: Days
    day: Days
    u: Floats


def build_touchpoints(history: History, spells: Spells, ids: pd.Index, seed: int) -> pd.DataFrame:
    """Touchpoints in contract columns, sorted by time.

    Meetings grow rare where value is low. That a champion left is noticed by three in four, up to three weeks
    later (`known_at`); some of the rest is logged days late. Corrections and replays share an ``event_id``.
    """
    kinds = {**_milestones(history, seed), **_weekly(history, seed), **_champions(history, seed)}
    parts = [_rows(history, spells, ids, kind, meetings) for kind, meetings in kinds.items()]
    table = pd.concat(parts).sort_values(["occurred_at", "account_id", "kind"], ignore_index=True)
    number = pd.Series(np.arange(1, len(table) + 1), index=table.index)
    versions = with_versions(
        table,
        event_id="touch-" + number.astype("str").str.zfill(6),
        time="occurred_at",
        wrong={"kind": np.where(table["kind"] == "check_in", "executive_review", "check_in")},
        corrected_after=table["again"].to_numpy(),
        u=table["told"],
        until=history.calendar.until,
    )
    return versions[["account_id", "occurred_at", "kind", "contact_id", "known_at", "event_id"]]


def _rows(history: History, spells: Spells, ids: pd.Index, kind: str, m: Meetings) -> pd.DataFrame:
    there = history.in_service(m.account, m.day) & (m.day < 7 * history.calendar.weeks)
    account, day, u = m.account[there], m.day[there], m.u[:, there]
    seconds = (9 * 3600 + 28_000 * u[1]).astype(np.int64)
    if kind == "champion_left":
        delay = (22 * u[2]).astype(np.int64)
    else:
        delay = np.where(u[2] < 0.10, 1 + np.floor(60 * u[2]), 0).astype(np.int64)
    # the champion where there is one, and by turns two more of the team
    seat = np.where((u[3] < 0.55) | (kind in ("champion_left", "champion_joined")), 0, 1 + (u[3] > 0.8))
    holder = spells.holder(account, seat, day - (kind == "champion_left"))
    names = [
        user_name(name, slot, generation) if generation >= 0 else None
        for name, slot, generation in zip(ids[account], seat.tolist(), holder.tolist(), strict=True)
    ]
    known = history.calendar.moments(day + delay, seconds)
    return pd.DataFrame(
        {
            "account_id": ids[account],
            "occurred_at": history.calendar.moments(day, seconds),
            "kind": kind,
            "contact_id": pd.Series(names, dtype="str"),
            "known_at": np.where(delay > 0, known, np.datetime64("NaT", "us")),
            "again": np.where(u[4] < 0.01, _DAY + np.floor(400 * _DAY * u[4]), 0).astype(np.int64),
            "told": u[5],
        }
    )[~np.isnat(known)]


def _milestones(history: History, seed: int) -> dict[str, Meetings]:
    """Kickoff, training and first value, once for each account at most."""
    n, t = history.accounts, history.traits
    everyone, badly_started = np.arange(n), t.lack > 0

    def once(kind: str, day: Floats, happens: Flags, u: Floats) -> Meetings:
        chosen = happens & (day < NEVER)
        return Meetings(everyone[chosen], day[chosen].astype(np.int64), u[:, chosen])

    kickoff, training, value = (
        stream(seed, f"milestone {kind}").random((_DRAWS, n)) for kind in ("kickoff", "training", "first value")
    )
    trained_on = np.where(badly_started, 30 + 90 * training[0], 10 + 40 * training[0])
    trained = training[1] < np.where(badly_started, 0.35, 0.90)
    return {
        "kickoff": once("kickoff", t.arrives + 2 + 10 * kickoff[0], kickoff[1] < 0.92, kickoff),
        "training": once("training", t.arrives + trained_on, trained, training),
        "first_value": once("first_value", _first_value(history, value[0]), value[1] < 0.9, value),
    }


def _first_value(history: History, u: Floats) -> Floats:
    """The day on which what the product was worth so far first suffices; (n,), `NEVER` where it did not."""
    weeks = history.calendar.weeks
    served = history.service_days()[: 7 * weeks : 7]
    worth = np.cumsum(np.exp(0.9 * np.minimum(history.states.value[:weeks], 1.5)) * served, axis=0)
    enough = worth >= 3 + 9 * u
    return np.where(enough.any(axis=0), 7.0 * (enough.argmax(axis=0) + 1), NEVER)


def _weekly(history: History, seed: int) -> dict[str, Meetings]:
    """What may happen in any week: check-ins, reviews, integrations that come and go."""
    weeks, segment = history.calendar.weeks, history.traits.segment
    value, need = history.states.value[:weeks] - 0.4, history.states.need[:weeks]
    often, rarely = np.array([1 / 5, 1 / 8, 1 / 16])[segment], np.array([1 / 26, 1 / 45, 1 / 200])[segment]
    chances = {
        "check_in": often * np.clip(1 + 0.25 * value, 0.5, 1.3),
        "executive_review": rarely * np.clip(1 + 0.5 * value, 0.2, 1.6),
        "integration_added": 0.9 / 52 * np.exp(0.5 * np.clip(value, -2, 1.5)),
        "integration_removed": 0.35 / 52 * np.exp(0.9 * np.clip(-need, 0, 2.5)),
    }
    found = {kind: _in_weeks(history, chance, kind, seed) for kind, chance in chances.items()}
    found["integration_removed"] = _of_those_there(found["integration_added"], found["integration_removed"])
    return found


def _in_weeks(history: History, chance: Floats, kind: str, seed: int) -> Meetings:
    u = stream(seed, f"touchpoints {kind}").random((_DRAWS, *chance.shape))
    week, account = np.nonzero(u[0] < chance)
    own = u[:, week, account]
    # the number that let it happen is uniform below the chance: it gives the day
    day = 7 * week + (5 * own[0] / chance[week, account]).astype(np.int64)
    there = history.in_service(account, day)
    return Meetings(account[there], day[there], own[:, there])


def _of_those_there(added: Meetings, removed: Meetings) -> Meetings:
    """Only removals of something that was added before and is still there."""
    account = np.concatenate([added.account, removed.account])
    day = np.concatenate([added.day, removed.day])
    step = np.repeat([1, -1], [len(added.day), len(removed.day)])
    there: dict[int, int] = {}
    kept = np.zeros(len(day), dtype=bool)
    for i in np.lexsort((-step, day, account)).tolist():
        own = there.get(int(account[i]), 0)
        kept[i] = step[i] > 0 or own > 0
        there[int(account[i])] = own + int(step[i]) * int(kept[i])
    chosen = kept[len(added.day) :]
    return Meetings(removed.account[chosen], removed.day[chosen], removed.u[:, chosen])


def _champions(history: History, seed: int) -> dict[str, Meetings]:
    """Departures and arrivals of champions that somebody noticed, on the day the state changed."""
    weeks, s = history.calendar.weeks, history.states
    before, after = s.champion[:weeks], s.champion[1:]
    served = s.running[:weeks] & s.running[1:]
    out = {}
    for kind, changed in (("champion_left", before & ~after), ("champion_joined", ~before & after)):
        u = stream(seed, f"touchpoints {kind}").random((_DRAWS, weeks, history.accounts))
        week, account = np.nonzero(changed & served & (u[0] < 0.75))
        out[kind] = Meetings(account, 7 * (week + 1), u[:, week, account])
    return out
