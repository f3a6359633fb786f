"""No result depends on the zone of the machine, of the session, or of the project: not the features either."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from small_worlds import frame
from sources.every_table import UNTIL, company

ZONES = [
    *("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo"),
    *("Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia"),
]

MACHINE = """
import io, os, sys, time
import pandas as pd
import ibis, duckdb, pyarrow, numpy
from churnmodel.features.catalog import available
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from test_time_zones import told_in_berlin

frames = told_in_berlin()

def answers():
    db = Database.from_frames(frames, until="2026-01-01", timezone="Europe/Berlin", threads=1)
    told = [db.frame(name).astype("str").sort_values(list(CONTRACT[name].names)).to_csv() for name in CONTRACT]
    book = build_book(db, ["2025-03-31", "2025-10-27"])
    X = build_feature_matrix(db, book, available(db)[::6])
    return "\\n".join([*told, book.to_csv(), X.to_csv()])

# the engine asks for the machine's zone once in a process, so each zone has one of its own
for zone in sys.argv[1:]:
    done, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ["TZ"] = zone
        time.tzset()
        os.write(told, (str(time.localtime(0).tm_hour) + "|").encode())
        with os.fdopen(told, "wb") as out:
            out.write(answers().encode())
        os._exit(0)
    os.close(told)
    with os.fdopen(done, "rb") as answer:
        hour, text = answer.read().decode().split("|", 1)
    os.waitpid(child, 0)
    import hashlib, json
    print(json.dumps([zone, hour, len(text), hashlib.sha256(text.encode()).hexdigest()]))
"""


def around_the_clock_changes():
    """Moments in UTC around both changes of Berlin's clocks in 2025, but for the hours that stand twice."""
    spring, autumn = (
        pd.date_range(f"2025-{day} 20:00", periods=n, freq="h") for day, n in [("03-29", 10), ("10-25", 4)]
    )
    return [*spring, *autumn, pd.Timestamp("2025-10-26 03:00")]


def tables(moments):
    """A company in whose tables every time lies at one of `moments` (accounts and first versions do not)."""
    told = {}
    for name, rows in company(bob="USD").items():
        table = frame(name, rows)
        times = [c.name for c in CONTRACT[name].columns if c.kind == "time"]
        for n, column in enumerate(times if name not in ("accounts", "subscriptions") else []):
            cells = [moments[(i + n) % len(moments)] for i in range(len(table))]
            table[column] = pd.Series(cells, dtype="datetime64[us]").where(table[column].notna())
        told[name] = table
    return told


def in_zone(frames, zone, *, as_text):
    """The same moments told as the clocks of `zone` showed them."""
    out = {}
    for name, table in frames.items():
        table = table.copy()
        for column in (c.name for c in CONTRACT[name].columns if c.kind == "time"):
            utc = pd.to_datetime(table[column]).astype("datetime64[us]").dt.tz_localize("UTC")
            local = utc.dt.tz_convert(zone).dt.tz_localize(None)
            table[column] = local.astype("str").where(local.notna(), None) if as_text else local
        out[name] = table
    return out


def told_in_berlin():
    return in_zone(tables(around_the_clock_changes()), "Europe/Berlin", as_text=True)


def unmistakable(zone):
    """Moments of 2025 around the zone's clock changes whose local time stands once."""
    here, hours = ZoneInfo(zone), pd.date_range("2025-01-01", "2025-12-31", freq="h", tz="UTC")
    shift = pd.Series([h.astimezone(here).utcoffset() for h in hours.to_pydatetime()], index=hours)
    changes = [
        at for at, moved in zip(hours[1:], (shift.diff().iloc[1:] != pd.Timedelta(0)), strict=True) if moved
    ]
    near = [at + pd.Timedelta(hours=h) for at in changes or [hours[2000], hours[7000]] for h in range(-6, 7)]
    return [h.tz_localize(None) for h in near if pd.Series([h.tz_convert(zone).tz_localize(None)])
            .dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").notna().item()]  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_the_tables_are_the_same_whatever_zone_the_project_writes_its_times_in(zone):
    told = tables(unmistakable(zone))
    local = in_zone(told, zone, as_text=ZONES.index(zone) % 2 == 0)
    db = Database.from_frames(local, until=UNTIL, timezone=zone, threads=1)
    for name, schema in CONTRACT.items():
        found, known = db.frame(name), told[name][schema.time]
        for column in (c.name for c in schema.columns if c.kind == "time"):
            utc = pd.to_datetime(told[name][column]).dropna().sort_values().tolist()
            assert found[column].dropna().sort_values().tolist() == utc, (name, column)
        assert found["known_at"].sort_values().tolist() == pd.to_datetime(known).sort_values().tolist(), name


def test_tables_book_and_features_are_the_same_on_machines_of_ten_zones():
    run = subprocess.run(
        [sys.executable, "-c", MACHINE, *ZONES],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    told = [json.loads(line) for line in run.stdout.splitlines()]
    assert [zone for zone, *_ in told] == ZONES
    assert len({hour for _, hour, *_ in told}) >= 8, "the machine's zone was moved indeed"
    assert len({(size, digest) for *_, size, digest in told}) == 1
    assert told[0][2] > 10_000
