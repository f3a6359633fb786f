"""What is still to be sent, and what became of it? (at least once, whatever is killed when)

A message is written in the transaction that raises its alert, so neither is there without the other. Who sends
takes it on a *lease*: until that ends nobody else takes it, and if the sender dies before it says "sent", the
message is due again. It is then sent a second time with the same key, by which a receiver can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, func, insert, or_, select, update

from churnmodel.state.database import State
from churnmodel.state.tables import OUTBOX

LEASE = timedelta(seconds=120)
"""Longer than any channel takes to answer or to fail."""
BACK_OFF = (2, 10, 60, 600, 3600, 21_600)
"""Seconds to wait after the first failure, the second, ...; the last for all that follow."""


@dataclass(frozen=True)
class Message:
    """A message for a channel; `key` is the same however often it is sent."""

    key: str
    channel: str
    kind: str
    title: str
    body: str
    as_of: date


@dataclass(frozen=True)
class Taken:
    """A message on lease, taken for the `attempt`-th time."""

    message: Message
    lease: str
    attempt: int


def queue(connection: Connection, messages: Sequence[Message], now: datetime) -> int:
    """Add messages in the caller's transaction, but for those whose key is there; how many were added."""
    keys = {m.key: m for m in messages}
    known = {key for (key,) in connection.execute(select(OUTBOX.c.key).where(OUTBOX.c.key.in_(list(keys))))}
    rows = [
        {**vars(message), "queued_at": now, "attempts": 0, "due_at": now}
        for key, message in keys.items()
        if key not in known
    ]
    if rows:
        connection.execute(insert(OUTBOX), rows)
    return len(rows)


def queued_since(connection: Connection, kind: str, since: datetime) -> list[str]:
    """The bodies of the messages of a kind that were put in after `since`, whatever became of them."""
    t = OUTBOX.c
    query = select(t.body).where(t.kind == kind, t.queued_at > since).order_by(t.queued_at, t.key)
    return [str(body) for (body,) in connection.execute(query)]


def take_due(state: State, now: datetime, lease: str, channels: Sequence[str]) -> Taken | None:
    """The message that is due longest, for one of these channels, on lease; None where nothing is due."""
    t = OUTBOX.c
    with state.writing() as connection:
        query = select(OUTBOX).where(
            t.sent_at.is_(None),
            t.gave_up_at.is_(None),
            t.due_at <= now,
            or_(t.leased_until.is_(None), t.leased_until <= now),
            t.channel.in_(list(channels)),
        )
        row = connection.execute(query.order_by(t.due_at, t.key).limit(1)).mappings().first()
        if row is None:
            return None
        attempt = int(row["attempts"]) + 1
        change = update(OUTBOX).where(t.key == row["key"])
        connection.execute(change.values(lease=lease, leased_until=now + LEASE, attempts=attempt))
    names = ("key", "channel", "kind", "title", "body", "as_of")
    return Taken(Message(**{name: row[name] for name in names}), lease, attempt)


def mark_sent(state: State, taken: Taken, now: datetime) -> None:
    """It was received. Written even where the lease has passed to somebody else: once is enough."""
    change = update(OUTBOX).where(OUTBOX.c.key == taken.message.key, OUTBOX.c.sent_at.is_(None))
    with state.writing() as connection:
        connection.execute(change.values(sent_at=now, lease=None, leased_until=None, problem=None))


def mark_failed(state: State, taken: Taken, now: datetime, problem: str, attempts: int) -> datetime | None:
    """It was not received; the moment at which it is due again, None where it is given up after so many
    attempts."""
    t, wait = OUTBOX.c, BACK_OFF[min(taken.attempt, len(BACK_OFF)) - 1]
    due = now + timedelta(seconds=wait) if taken.attempt < attempts else None
    change = update(OUTBOX).where(t.key == taken.message.key, t.lease == taken.lease, t.sent_at.is_(None))
    values = {"due_at": due} if due is not None else {"gave_up_at": now}
    with state.writing() as connection:
        connection.execute(change.values(lease=None, leased_until=None, problem=problem, **values))
    return due


def next_due(state: State, channels: Sequence[str]) -> datetime | None:
    """When the next message for one of these channels is due, or its lease ends; None where all are done."""
    t = OUTBOX.c
    open_ones = select(func.min(func.coalesce(t.leased_until, t.due_at))).where(
        t.sent_at.is_(None), t.gave_up_at.is_(None), t.channel.in_(list(channels))
    )
    with state.reading() as connection:
        found: datetime | str | None = connection.execute(open_ones).scalar()
    return None if found is None else pd.Timestamp(found).to_pydatetime()


def outbox(state: State) -> pd.DataFrame:
    """Every message: key, channel, kind, title, as_of, queued_at, attempts, due_at, sent_at, gave_up_at,
    problem."""
    t = OUTBOX.c
    names = ("key", "channel", "kind", "title", "as_of", "queued_at", "attempts", "due_at", "sent_at")
    columns = [t[name] for name in (*names, "gave_up_at", "problem")]
    return state.frame(select(*columns).order_by(t.queued_at, t.key))
