"""Which alerts were raised and held back, and who asked for silence?

What is written depends on what was read, so these take the connection of one transaction (`State.writing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select

from churnmodel.errors import StateError
from churnmodel.state.database import fetched
from churnmodel.state.tables import ALERTS, HELD_BACK, SNOOZES

Row = dict[str, Any]


def raised_alerts(connection: Connection, until: date, since: date | None = None) -> pd.DataFrame:
    """All columns of the alerts raised on days up to `until`, the earliest first."""
    query = select(ALERTS).where(ALERTS.c.as_of <= until).order_by(ALERTS.c.as_of, ALERTS.c.alert_id)
    return fetched(connection, query if since is None else query.where(ALERTS.c.as_of >= since))


def write_raised(connection: Connection, rows: Sequence[Row]) -> int:
    """Add alerts, but for those whose id is there; how many were added."""
    return _add_new(connection, ALERTS, ("alert_id",), rows)


def held_back_alerts(connection: Connection, since: date, until: date) -> pd.DataFrame:
    """All columns of what a cap held back on the days of ``[since, until]``."""
    query = select(HELD_BACK).where(HELD_BACK.c.as_of.between(since, until))
    return fetched(connection, query.order_by(HELD_BACK.c.as_of, HELD_BACK.c.alert_id))


def write_held_back(connection: Connection, rows: Sequence[Row]) -> int:
    """Add what a cap held back, but for what stands there of that day; how many were added."""
    return _add_new(connection, HELD_BACK, ("alert_id", "as_of"), rows)


def snoozes(connection: Connection) -> pd.DataFrame:
    """subject, rule (None: all), until, by, at: in the order in which they were asked for."""
    t = SNOOZES.c
    query = select(t.subject, t.rule, t.until, t.by, t.at).order_by(t.snooze_id)
    return fetched(connection, query)


def write_snooze(
    connection: Connection, subject: str, until: date, *, rule: str | None = None, by: str, at: datetime
) -> None:
    """Ask for silence on a subject, by one rule or all, up to (not on) the day `until`.

    Raises
    ------
    StateError
        Nothing or nobody is named.
    """
    if not subject or not by.strip():
        raise StateError("a snooze: wanted what is to be quiet, and who asks; one of them is empty. Name both.")
    row = {"subject": subject, "rule": rule, "until": until, "by": by, "at": at}
    connection.execute(insert(SNOOZES), row)


def _add_new(connection: Connection, table: Any, key: tuple[str, ...], rows: Sequence[Row]) -> int:
    columns = [table.c[name] for name in key]
    wanted = {row[key[0]] for row in rows}
    known: set[tuple[Any, ...]] = set()
    for some in _portions(sorted(wanted)):
        known |= {tuple(found) for found in connection.execute(select(*columns).where(columns[0].in_(some)))}
    new = {tuple(row[name] for name in key): row for row in rows}
    added = [row for own, row in new.items() if own not in known]
    if added:
        connection.execute(insert(table), added)
    return len(added)


def _portions(values: list[Any], size: int = 500) -> list[list[Any]]:
    return [values[i : i + size] for i in range(0, len(values), size)]
