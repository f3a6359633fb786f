"""Who sits in which seat of an account, from when to when?

Seat 0 is the champion's. A seat that is left is taken by another person, who is a user of their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Flags, Floats, stream
from churnmodel.sources.synthetic.contracts import Seats
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History

MOST_USERS = 45
API_SHARE, API_SINCE = 0.14, 10
"""Share of the accounts that work through a service, and days from arrival until it is connected."""

_ROLES = ("admin", "manager", "analyst", "member", "member", "member")
_DEPARTMENTS = ("operations", "finance", "marketing", "sales", "product", "it")
_WIDTH = 4 * NEVER


class People(NamedTuple):
    """The people of one account.

    `habit` of use, `sensitivity` to value and whether they work on the `mobile`, each of shape (slots,);
    whether the seat's holder is `here` and how many held it before (`generation`), of shape (weeks, slots).
    """

    habit: Floats
    sensitivity: Floats
    mobile: Flags
    here: Flags
    generation: Days


def people_of(rng: np.random.Generator, history: History, seats: Seats, account: int) -> People:
    """Draw them from `rng`. What is drawn depends on the account's first seats alone."""
    weeks = history.calendar.weeks
    slots = int(min(MOST_USERS, 3 + 1.5 * seats.paid[0, account]))
    habit = 0.34 * np.exp(0.7 * rng.standard_normal(slots))
    sensitivity = 0.40 + 0.90 * rng.random(slots)
    joins = np.cumsum(rng.exponential(1.5, slots))  # weeks after arrival, one user after the other
    mobile = rng.random(slots) < 0.2
    turnover = rng.random((weeks, slots), dtype=np.float32) < 0.30 / 52
    champion = history.states.champion[:weeks, account]
    turnover[:, 0] = np.diff(champion.astype(int), prepend=1) == 1  # a successor is another user
    filled = np.arange(slots) < np.maximum(1, np.round(0.85 * seats.paid[1:, account]))[:, None]
    since = np.arange(weeks)[:, None] - history.traits.arrives[account] / 7
    slow = 1.0 + history.traits.lack[account]
    here = filled & (since >= joins * slow * np.minimum(1.0, 12.0 / slots))
    here[:, 0] = champion
    return People(habit, sensitivity, mobile, here, np.cumsum(turnover, axis=0, dtype=np.int64))


def works_by_api(history: History, seed: int) -> Flags:
    """Which accounts let a service do most of the work; (n,)."""
    return stream(seed, "usage api").random(history.accounts) < API_SHARE


def user_name(account: str, slot: int, generation: int) -> str:
    """The user's id; slot -1 is the service.

    >>> user_name("A0001", 0, 2), user_name("A0001", -1, 0)
    ('A0001-u0.2', 'A0001-api')
    """
    return f"{account}-api" if slot < 0 else f"{account}-u{slot}.{generation}"


class Spells(NamedTuple):
    """Who held which seat from day `joined` until day `left` (`NEVER`: still does); every field of shape (rows,).

    Sorted by account, slot and time. Seen from the vendor: when service ends, nobody strikes out the users.
    """

    account: Days
    slot: Days
    generation: Days
    joined: Days
    left: Days

    def holder(self, account: Days, slot: Days, day: Days) -> Days:
        """Generation of whoever held each seat on each day, -1 where it was empty."""
        keys = (self.account * 64 + self.slot) * _WIDTH + self.joined
        at = np.searchsorted(keys, (account * 64 + slot) * _WIDTH + day, side="right") - 1
        same = (at >= 0) & (self.account[at] == account) & (self.slot[at] == slot) & (day < self.left[at])
        return np.where(same, self.generation[at], -1)


def seat_spells(history: History, seats: Seats, seed: int) -> Spells:
    """All spells of all accounts, without those of services."""
    served = history.service_days()
    parts = []
    for account in range(history.accounts):
        people = people_of(stream(seed, "usage rows", account), history, seats, account)
        days = np.flatnonzero(served[:, account])
        if len(days):
            parts.append(_spells_of(people, days, account))
    return Spells(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _spells_of(people: People, served: Days, account: int) -> Spells:
    week = np.unique(served // 7)
    # seen only while there is service: the picture of the last week with service stands until the next
    seen = np.where(people.here, people.generation, -1)[week]
    edge = np.full((1, seen.shape[1]), -1)
    before, after = np.concatenate([edge, seen]), np.concatenate([seen, edge])
    changes = before != after
    changes[-1] = False
    slot, begin = np.nonzero((changes & (after >= 0)).T)
    key, ends = np.nonzero((changes & (before >= 0)).T)
    first = np.array([served[np.searchsorted(served, 7 * w)] for w in week.tolist()])
    # each spell's end is the first end of its seat after its beginning
    order = np.searchsorted(key * _WIDTH + ends, slot * _WIDTH + begin, side="right")
    nobody = np.append(key, -1)[order] != slot
    left = np.where(nobody, NEVER, first[np.minimum(np.append(ends, 0)[order], len(first) - 1)])
    return Spells(np.full(len(slot), account), slot, seen[begin, slot], first[begin], left)


def build_users(history: History, spells: Spells, ids: pd.Index, seed: int) -> pd.DataFrame:
    """One row per spell in contract columns, sorted by account and time; services are users as well.

    Whoever holds seat 0 is the champion: known when they join, by the person who signed.
    """
    account, slot, generation, joined, left = spells
    own, services = stream(seed, "user facts"), _services(history, seed)
    facts = own.random((3, history.accounts, MOST_USERS))[:, account, slot]
    turn = generation * 0.37
    role = np.where(slot == 0, 1, (len(_ROLES) * ((facts[0] + turn) % 1)).astype(np.int64))
    department = (len(_DEPARTMENTS) * ((facts[1] + 0.3 * (facts[2] < 0.3) * turn) % 1)).astype(np.int64)
    names = [user_name(*key) for key in zip(ids[account], slot.tolist(), generation.tolist(), strict=True)]
    people = pd.DataFrame(
        {
            "user_id": names,
            "account_id": ids[account],
            # before the first event of that day
            "joined_at": history.calendar.moments(joined, 6 * 3600),
            "left_at": history.calendar.moments(left, 5 * 3600),
            "role": np.array(_ROLES)[role],
            "department": np.array(_DEPARTMENTS)[department],
            "champion": slot == 0,
        }
    )
    service = pd.DataFrame(
        {
            "user_id": [user_name(name, -1, 0) for name in ids[services[0]]],
            "account_id": ids[services[0]],
            "joined_at": history.calendar.moments(services[1]),
            "role": "service",
            "champion": False,
        }
    )
    table = pd.concat([people, service], ignore_index=True)
    return table.sort_values(["account_id", "joined_at", "user_id"], ignore_index=True)


def _services(history: History, seed: int) -> tuple[Days, Days]:
    """Accounts whose service was ever connected, and the first day on which it was."""
    days = np.arange(7 * history.calendar.weeks)[:, None]
    at_work = history.service_days() & (days >= history.traits.arrives + API_SINCE)
    at_work &= works_by_api(history, seed)
    account = np.flatnonzero(at_work.any(axis=0))
    return account, at_work.argmax(axis=0)[account]
