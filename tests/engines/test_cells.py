"""Does the same cell say the same in every engine, whatever was typed into it?"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from churnmodel.settings import TableSettings
from churnmodel.sources.database import Database
from engines.conftest import ENGINES, Opened

TIMES = [
    *("2025-01-02", "2025-01-02 03:04:05", "2025-01-02T03:04:05.999999Z", "2025-01-02 03:04:05 Z", "2025-1-2 3:4"),
    *("2025-01-02T03:04:05+02:00", "2025-01-02 03:04:05 +0200", "2025-01-02 03:04:05 -05:30", "2025-01-02 10:00Z"),
    *("2025-01-02 03:04:05+02", "2025-01-02 03:04:05 UTC", "2025-01-02 03:04:05.123456789 UTC", "  2025-01-02  "),
    *("2025/01/02 10:00", "2025-01-02  10:00", "2025-01-02 24:00:00", "2024-02-29", "2000-02-29"),
    *("9999-12-31", "2025-03-30 02:30", "2025-10-26 02:30", "2025-10-26 01:59:59", "2025-10-26 03:00"),
]
NO_TIMES = [
    *("soon", "", "12", "infinity", "-infinity", "epoch", "today", "now", "20250102", "01/02/2025", "2025"),
    *("2025-01", "2025-02-29", "1900-02-29", "2025-04-31", "2025-13-01", "2025-00-10", "2025-01-00", "0000-01-01"),
    *("2025-01-02 25:00", "2025-01-02 10:60", "2025-01-02 23:59:60", "2025-01-02 03:04:05 PM", "12025-01-01"),
    *("2025-01-02 10:00:00 Nowhere/Land", None),
]
AMOUNTS = {
    "1": 100, "99.50": 9950, " 7 ": 700, "1e2": 10000, "-4.5": -450, "+5": 500, ".5": 50, "5.": 500, "007": 700,
    "0.005": 1, "0.015": 2, "-0.005": -1, "2.675": 268, "1.005": 100, "0.295": 30, "9e13": None, "1e15": None,
    "": None, "abc": None, "1,000": None, "$5": None, "NaN": None, "inf": None, "Infinity": None, "1_000": None,
    "0x10": None, "5d": None, "5f": None, "1e": None, "--5": None, "1.5e400": None, "9" * 30: None,
}  # fmt: skip
FLAGS = {
    "yes": True, "Y": True, "true": True, "T": True, "1": True, " True ": True, "no": False, "N": False,
    "f": False, "FALSE": False, "0": False, "maybe": None, "": None, "ja": None, "2": None, None: None,
}  # fmt: skip
TEXTS = {
    " pro ": "pro", "\tfive\x0b": "five", "vf": "vf", "false": "false", "": None, "  ": None, "ü": "ü", None: None,
}  # fmt: skip


def rows(**columns: list[object]) -> pd.DataFrame:
    """Subscriptions with these cells; shorter columns go on as missing."""
    n = max(map(len, columns.values()))
    filled = {name: [*cells, *[None] * (n - len(cells))] for name, cells in columns.items()}
    made = {name: pd.Series(cells, dtype="object") for name, cells in filled.items()}
    names = [f"s{i:04d}" for i in range(n)]
    start = pd.Timestamp("2024-01-01")
    return pd.DataFrame({"subscription_id": names, "account_id": "a", "started_at": start, **made})


def accounts() -> pd.DataFrame:
    return pd.DataFrame({"account_id": ["a"], "created_at": [dt.date(2024, 1, 1)]})


@pytest.fixture(scope="module")
def read(opened: Opened, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The subscriptions of text cells, as each engine reads them in Berlin."""
    folder = tmp_path_factory.mktemp("cells")
    typed = {"renews_at": [*TIMES, *NO_TIMES], "mrr": ["1"], "list_mrr": [*AMOUNTS], "seats": ["3", "2.0", "many"]}
    table = rows(**typed, auto_renews=[*FLAGS], plan=[*TEXTS])
    table["mrr"] = "1"
    table.to_parquet(folder / "subscriptions.parquet", index=False)
    accounts().to_parquet(folder / "accounts.parquet", index=False)
    found = opened(folder, "2026-01-01", project={"timezone": "Europe/Berlin"})
    return {engine: sorted_rows(db) for engine, db in found.items()}


def sorted_rows(db: Database) -> pd.DataFrame:
    return db.frame("subscriptions").sort_values("subscription_id", ignore_index=True)


def told(column: pd.Series, n: int) -> list[object]:
    return [None if pd.isna(cell) else cell for cell in column.tolist()[:n]]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_cell_is_read_the_same(read, engine):
    got = read[engine]
    there = read["duckdb"].columns[read["duckdb"].notna().any()]
    pd.testing.assert_frame_equal(got[there], read["duckdb"][there], check_exact=True)
    assert dict(zip(AMOUNTS, told(got["list_mrr"], len(AMOUNTS)), strict=True)) == AMOUNTS
    assert dict(zip(FLAGS, told(got["auto_renews"], len(FLAGS)), strict=True)) == FLAGS
    assert dict(zip(TEXTS, told(got["plan"], len(TEXTS)), strict=True)) == TEXTS
    assert got["seats"].tolist()[:2] == [3, 2] and got["seats"].isna().tolist()[2:4] == [True, True]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_a_time_is_read_and_what_is_none_is_missing(read, engine):
    times = told(read[engine]["renews_at"], len(TIMES) + len(NO_TIMES))
    assert [text for text, time in zip(TIMES, times, strict=False) if time is None] == []
    assert times[len(TIMES) :] == [None] * len(NO_TIMES)


ZONES = ["Europe/Berlin", "Australia/Lord_Howe"]


@pytest.mark.parametrize("zone", ZONES)
def test_times_with_and_without_a_zone_are_the_same_moments(opened, zone, tmp_path):
    """A year of local times, every half hour around the changes of the clock."""
    local = [dt.datetime(2025, 1, 1) + dt.timedelta(hours=31 * i) for i in range(280)]  # noqa: DTZ001 - local time
    for month, day in ((3, 9), (3, 30), (4, 6), (10, 5), (10, 26), (11, 2)):
        midnight = dt.datetime(2025, month, day)  # noqa: DTZ001
        local += [midnight + dt.timedelta(minutes=30 * i) for i in range(12)]
    here = ZoneInfo(zone)
    # of an hour that stands twice the second; one that never was is read as if the clock had not changed yet
    moments = [m.replace(tzinfo=here, fold=1) for m in local]
    seen = [m.astimezone(dt.UTC).astimezone(here).replace(tzinfo=None) for m in moments]
    moments = [m.replace(fold=int(there == plain)) for m, there, plain in zip(moments, seen, local, strict=True)]
    table = rows(mrr=[1.0] * len(local))
    table["started_at"] = pd.Series(local).astype("datetime64[us]")  # no zone
    table["renews_at"] = pd.Series([m.isoformat(sep=" ") for m in local])  # text, no zone
    table["ended_at"] = pd.to_datetime(pd.Series(moments), utc=True).astype("datetime64[us, UTC]")
    table["cancelled_at"] = pd.Series([m.isoformat() for m in moments])  # text that says its zone
    folder = tmp_path / zone.replace("/", "_")
    folder.mkdir()
    table.to_parquet(folder / "subscriptions.parquet", index=False)
    accounts().to_parquet(folder / "accounts.parquet", index=False)
    expected = [m.astimezone(dt.UTC).replace(tzinfo=None) for m in moments]
    for engine, db in opened(folder, "2026-01-01", project={"timezone": zone}).items():
        got = sorted_rows(db)
        for column in ("started_at", "renews_at", "ended_at", "cancelled_at"):
            assert [t.to_pydatetime() for t in got[column]] == expected, (engine, column)


def test_a_mapping_by_sql_runs_in_every_engine(opened, tmp_path):
    crm = pd.DataFrame({"id": [1, 2], "since": pd.to_datetime(["2024-01-01", "2024-02-01"]), "tier": ["b", "a"]})
    crm.to_parquet(tmp_path / "crm.parquet", index=False)
    rows(mrr=[1.0, 2.0]).assign(account_id=["1", "2"]).to_parquet(tmp_path / "subs.parquet", index=False)
    mapped = {
        "accounts": TableSettings(sql="SELECT id AS account_id, since AS created_at, tier AS segment FROM crm;"),
        "subscriptions": TableSettings(source="subs"),
    }
    tables = {name: mapping.model_dump(exclude_defaults=True) for name, mapping in mapped.items()}
    for engine, db in opened(tmp_path, "2026-01-01", tables=tables).items():
        found = db.frame("accounts").sort_values("account_id")
        assert found["account_id"].tolist() == ["1", "2"], engine
        assert found["segment"].tolist() == ["b", "a"], engine
