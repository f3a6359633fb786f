"""Does an opened connection read the data, and nothing beyond it?"""

from __future__ import annotations

import gc
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.settings import settings_from
from churnmodel.sources.connect import RawTables, open_duckdb, open_folder, open_frames
from churnmodel.sources.database import Database

ROWS = pd.DataFrame({"account_id": ["a", "b"], "created_at": ["2024-01-01", "2024-02-01"]})


def opened(kind: str, place: Path) -> RawTables:
    if kind == "frames":
        return open_frames({"crm": ROWS}, threads=1)
    if kind == "folder":
        (place / "data").mkdir()
        ROWS.to_parquet(place / "data" / "crm.parquet", index=False)
        return open_folder(place / "data", threads=1)
    with duckdb.connect(str(place / "source.duckdb")) as con:
        con.register("given", ROWS)
        con.execute("create table crm as select * from given")
    return open_duckdb(place / "source.duckdb", threads=1)


KINDS = ("frames", "folder", "duckdb")


@pytest.mark.parametrize("kind", KINDS)
def test_sql_reads_no_file_beyond_the_data_and_no_network(kind: str, tmp_path: Path) -> None:
    raw = opened(kind, tmp_path)
    (tmp_path / "secret.txt").write_text("hush", encoding="utf-8")
    for source in (
        "read_text('/etc/hostname')",
        f"read_text('{tmp_path}/secret.txt')",
        f"read_text('{tmp_path}/data/../secret.txt')",
        f"glob('{tmp_path}/*')",
        f"sniff_csv('{tmp_path}/secret.txt')",
        f"parquet_metadata('{tmp_path}/other.parquet')",
        f"read_json('{tmp_path}/secret.txt')",
        "read_blob('/proc/self/environ')",
        "query('select * from read_text(''/etc/hostname'')')",
        "read_parquet('https://example.com/x.parquet')",
        "read_csv('http://127.0.0.1:9/x.csv')",
    ):
        with pytest.raises(SourceError, match=r"the SQL cannot be run over .* \(has: crm\): Permission Error"):
            raw.query(f"select * from {source}", "seen")
    with pytest.raises(SourceError, match="/etc/hostname"):
        raw.query("select * from '/etc/hostname'", "seen")


@pytest.mark.parametrize("kind", KINDS)
def test_the_lock_cannot_be_opened_again_and_no_extension_loaded(kind: str, tmp_path: Path) -> None:
    con = opened(kind, tmp_path).connection
    for statement in ("SET enable_external_access = true", "RESET lock_configuration", "LOAD httpfs",
                      "INSTALL httpfs", f"ATTACH '{tmp_path}/other.duckdb'"):  # fmt: skip
        with pytest.raises(duckdb.Error):
            con.raw_sql(statement)


@pytest.mark.parametrize("kind", KINDS)
def test_tables_views_and_memtables_are_made_as_before(kind: str, tmp_path: Path) -> None:
    raw = opened(kind, tmp_path)
    con, crm = raw.connection, raw.table("crm")
    kept = con.create_table("kept", crm.filter(crm.account_id == "b"), temp=True, overwrite=True)
    beside = ibis.memtable(pd.DataFrame({"account_id": ["b"], "seen": [7]}))
    assert con.to_pandas(kept.inner_join(beside, "account_id"))["seen"].tolist() == [7]
    assert raw.query("select count(*) as n from crm", "mapped").cache().to_pandas()["n"].tolist() == [2]
    con.create_view("again", crm)
    assert len(con.table("again").to_pandas()) == 2


def test_python_variables_are_no_tables() -> None:
    raw, mine = open_frames({"crm": ROWS}, threads=1), ROWS
    with pytest.raises(SourceError, match="mine"):
        raw.query("select * from mine", "seen")
    assert len(mine) == 2


def test_files_in_the_data_folder_can_be_read_by_sql_and_where_links_point_to(tmp_path: Path) -> None:
    data, store = tmp_path / "the data's", tmp_path / "store"
    for folder in (data, data / "parts", store / "deals"):
        folder.mkdir(parents=True)
    for name in ("file.parquet", "deals/1.parquet", "part.parquet"):
        ROWS.to_parquet(store / name, index=False)
    (store / "secret.txt").write_text("hush", encoding="utf-8")
    ROWS.to_csv(data / "crm.csv", index=False)
    (data / "linked.parquet").symlink_to(store / "file.parquet")
    (data / "deals").symlink_to(store / "deals")
    (data / "parts" / "1.parquet").symlink_to(store / "part.parquet")
    (data / "secret.txt").symlink_to(store / "secret.txt")
    raw = open_folder(data, threads=1)
    assert {name: len(raw.table(name).to_pandas()) for name in raw.names} == {
        "crm": 2, "deals": 2, "linked": 2, "parts": 2,
    }  # fmt: skip
    quoted = str(data).replace("'", "''")
    assert len(raw.query(f"select * from read_csv('{quoted}/crm.csv')", "again").to_pandas()) == 2
    with pytest.raises(SourceError, match="Permission Error"):
        raw.query(f"select * from read_text('{quoted}/secret.txt')", "seen")


def test_a_folder_named_from_the_working_folder_stays_readable_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    ROWS.to_parquet(tmp_path / "data" / "crm.parquet", index=False)
    monkeypatch.chdir(tmp_path)
    raw = open_folder(Path("data"), threads=1)
    monkeypatch.chdir("/")
    assert len(raw.table("crm").to_pandas()) == 2


def test_a_view_in_a_duckdb_file_that_reads_elsewhere_is_refused(tmp_path: Path) -> None:
    ROWS.to_parquet(tmp_path / "elsewhere.parquet", index=False)
    with duckdb.connect(str(tmp_path / "source.duckdb")) as con:
        con.execute(f"create view crm as from read_parquet('{tmp_path}/elsewhere.parquet')")
    with pytest.raises(SourceError, match=r"source.duckdb cannot be opened: Permission Error"):
        open_duckdb(tmp_path / "source.duckdb", threads=1)


def test_what_does_not_fit_into_memory_goes_to_a_folder_that_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    raw = open_frames({"crm": ROWS}, memory_limit="60MB", threads=1)
    [spill] = tmp_path.iterdir()
    rows = "select range as r, hash(range)::varchar || repeat('x', 50) as s from range(1000000) order by s"
    assert raw.query(rows, "sorted").count().to_pandas() == 1_000_000
    assert list(spill.iterdir()) != []
    del raw
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_mapping_that_reads_the_machine_is_refused_by_its_table(tmp_path: Path) -> None:
    ROWS.to_parquet(tmp_path / "crm.parquet", index=False)
    sql = "select content as account_id, '2024-01-01' as created_at from read_text('/etc/hostname')"
    project = {"data_until": date(2026, 1, 1)}
    raw = {"project": project, "data": {"folder": "."}, "tables": {"accounts": {"sql": sql}}}
    with pytest.raises(SourceError, match=r"\[tables.accounts\] sql: .*Permission Error.*/etc/hostname"):
        Database.from_settings(settings_from(raw, base=tmp_path))
