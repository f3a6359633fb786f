"""How does a message leave, so that none is lost and none is given away? (out of the outbox, through Apprise)"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from churnmodel.errors import DeliveryError
from churnmodel.state.database import State
from churnmodel.state.outbox import Message, mark_failed, mark_sent, next_due, take_due
from churnmodel.success.channels import opened
from churnmodel.success.peer import guarded

PATIENCE = timedelta(seconds=15)
"""A run waits for what is due again within so long; the rest is for the next run."""
_LOGGERS = ("apprise", "urllib3", "urllib3.connectionpool", "requests")

Send = Callable[[str, Message], None]
"""Sends to a URL, or raises DeliveryError with a reason that holds no URL."""


@dataclass
class Delivered:
    """How many messages were sent, wait for another attempt, and were given up; and the reasons of failures."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0
    problems: list[str] = field(default_factory=list)


def deliver(
    state: State,
    urls: Mapping[str, str],
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    send: Send,
    attempts: int = 8,
) -> Delivered:
    """Send what is due in the outbox for these channels (name -> URL), each message at least once.

    A failed one is tried again after 2 and 10 seconds, and by later runs after a minute, ten, an hour, six hours.
    """
    lease, channels, done = uuid.uuid4().hex, sorted(urls), Delivered()
    failed: set[str] = set()
    while True:
        taken = take_due(state, clock(), lease, channels)
        if taken is None:
            due = next_due(state, channels) if failed else None
            if due is None or due - clock() > PATIENCE:
                break
            sleep(max((due - clock()).total_seconds(), 0.05))
            continue
        key = taken.message.key
        try:
            send(urls[taken.message.channel], taken.message)
        except DeliveryError as why:
            again = mark_failed(state, taken, clock(), str(why), attempts)
            failed.add(key)
            if again is None:
                failed.discard(key)
                done.given_up += 1
            if str(why) not in done.problems:
                done.problems.append(str(why))
        else:
            mark_sent(state, taken, clock())
            failed.discard(key)
            done.sent += 1
    done.waiting = len(failed)
    return done


def apprise_sender(allow_hosts: Sequence[str] = ()) -> Send:
    """Sends through Apprise while a guard stands on every connection."""

    def send(url: str, message: Message) -> None:
        with _unheard() as said, guarded(allow_hosts) as guard:
            channel = opened(message.channel, url, allow_hosts)
            headers = getattr(channel, "headers", None)
            if isinstance(headers, dict):
                headers["Idempotency-Key"] = message.key
            try:
                taken = bool(channel.notify(title=message.title, body=message.body, body_format="text"))
            except Exception as fault:  # a plugin's own; its message may hold the URL
                taken = False
                said.append(type(fault).__name__)
        if not taken:
            why = guard.refused[-1] if guard.refused else _answer(said)
            raise DeliveryError(f"channel {message.channel!r}: {why}")

    return send


def _answer(said: Sequence[str]) -> str:
    """What is known of a failure, without a word that could be a URL or a token."""
    codes = re.findall(r"error=(\d{3})\b", " ".join(said))
    if codes:
        moved = " (redirects are not followed)" if codes[-1].startswith("3") else ""
        return f"it answered {codes[-1]}{moved}"
    return "it could not be reached, or did not answer"


class _Heard(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.said = said

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _unheard() -> Iterator[list[str]]:
    """What libraries log while they send goes nowhere but here: URLs are in it."""
    said: list[str] = []
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before: list[tuple[Any, ...]] = [(one.handlers, one.propagate, one.level) for one in loggers]
    for one in loggers:
        one.handlers, one.propagate = [_Heard(said)], False
        one.setLevel(logging.WARNING)
    try:
        yield said
    finally:
        for one, (handlers, propagate, level) in zip(loggers, before, strict=True):
            one.handlers, one.propagate = handlers, propagate
            one.setLevel(level)
