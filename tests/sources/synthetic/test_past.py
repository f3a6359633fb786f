"""Does any table of the demo company know the future? Two companies part ways one day; before it they are one."""

import numpy as np
import pandas as pd
import pytest

from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from churnmodel.sources.synthetic import Causes
from churnmodel.sources.synthetic import history as history_room
from churnmodel.sources.synthetic.causes import stream
from churnmodel.sources.synthetic.contracts import draw_seats
from churnmodel.sources.synthetic.days import calendar_until
from churnmodel.sources.synthetic.names import account_ids
from churnmodel.sources.synthetic.tables import smaller_tables, whole
from churnmodel.sources.synthetic.traits import draw_traits
from churnmodel.sources.synthetic.usage_months import UsageMonths

SEED, WEEKS, PARTED = 6, 78, 50
UNTIL = pd.Timestamp("2026-01-01")


class _Forked:
    """Random numbers as of one seed for the weeks before `PARTED`, as of another from then on."""

    def __init__(self, name):
        self.pair = stream(SEED, name), stream(SEED + 1000, name)

    def _drawn(self, how, shape):
        one, other = (getattr(rng, how)(shape) for rng in self.pair)
        return np.concatenate([one[:PARTED], other[PARTED:]])

    def random(self, shape):
        return self._drawn("random", shape)

    def standard_normal(self, shape):
        return self._drawn("standard_normal", shape)


def _database(history):
    ids, seats = account_ids(history.accounts), draw_seats(history, SEED)
    usage = UsageMonths(history, seats, ids, SEED)
    tables = smaller_tables(history, seats, ids, SEED)
    tables["usage_events"] = whole([frame for _, frame in usage.frames()])
    return Database.from_frames(tables, until=UNTIL, threads=1)


@pytest.fixture(scope="module")
def two():
    calendar = calendar_until(UNTIL, weeks=WEEKS)
    traits = draw_traits(200, WEEKS, SEED, Causes())
    one = history_room.live(traits, calendar, SEED, Causes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_room, "stream", lambda seed, name: _Forked(name))
        other = history_room.live(traits, calendar, SEED, Causes())
    assert np.array_equal(one.states.value[: PARTED + 1], other.states.value[: PARTED + 1])
    assert (one.states.value[PARTED + 4] != other.states.value[PARTED + 4]).any()
    return _database(one), _database(other)


def _rows(db, table):
    rows = db.frame(table)
    return rows.sort_values(list(rows.columns), ignore_index=True)


@pytest.mark.parametrize("table", CONTRACT)
def test_what_was_known_before_two_futures_part_is_the_same_in_both(two, table):
    at = UNTIL - pd.Timedelta(days=7 * (WEEKS - PARTED))
    before = [_rows(db.cut(at), table) for db in two]
    assert len(before[0]) > 0
    pd.testing.assert_frame_equal(*before)


def test_the_two_futures_do_part(two):
    apart = [t for t in CONTRACT if not _rows(two[0], t).equals(_rows(two[1], t))]
    assert set(CONTRACT) - set(apart) == {"accounts", "rates"}
