"""A process that writes to a state database as fast as it can (started twice by the tests)."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd

from churnmodel.state.commits import write_renewal_commit
from churnmodel.state.database import State, open_postgres_state, open_sqlite_state


def opened(place: str) -> State:
    if place.startswith("postgresql"):
        return open_postgres_state(place, "two_writers")
    return open_sqlite_state(Path(place))


if __name__ == "__main__":
    place, name, count = sys.argv[1:]
    state = opened(place)
    for number in range(int(count)):
        at = pd.Timestamp(2026, 1, 1, 0, 0, number % 60)
        write_renewal_commit(state, f"a{number}", date(2026, 5, 1), "renew", by=name, at=at)
