from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.sources.connect import open_duckdb, open_folder, open_frames

ROWS = pd.DataFrame({"account_id": ["a", "b"], "created_at": ["2024-01-01", "2024-02-01"]})


def rows_of(raw, name):
    return raw.table(name).to_pandas()["account_id"].tolist()


def test_a_folder_names_its_tables_by_their_files(tmp_path):
    ROWS.to_csv(tmp_path / "accounts.csv", index=False)
    ROWS.to_parquet(tmp_path / "crm clients.parquet", index=False)
    (tmp_path / "README.md").write_text("not a table", encoding="utf-8")
    raw = open_folder(tmp_path, threads=1)
    assert sorted(raw.names) == ["accounts", "crm clients"]
    assert rows_of(raw, "accounts") == rows_of(raw, "crm clients") == ["a", "b"]
    assert (
        raw.query("select account_id from \"crm clients\" where account_id > 'a'", "found").to_pandas().size == 1
    )


def test_a_folder_of_parquet_files_is_one_table(tmp_path):
    (tmp_path / "accounts").mkdir()
    ROWS[:1].to_parquet(tmp_path / "accounts" / "2024.parquet", index=False)
    ROWS[1:].to_parquet(tmp_path / "accounts" / "2025.parquet", index=False)
    raw = open_folder(tmp_path, threads=1)
    assert raw.names == ("accounts",) and sorted(rows_of(raw, "accounts")) == ["a", "b"]


def test_csv_cells_stay_text_until_the_contract_casts_them(tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id,created_at\n007,2024-01-01\n008,soon\n", encoding="utf-8")
    assert rows_of(open_folder(tmp_path, threads=1), "accounts") == ["007", "008"]


def test_a_folder_that_is_not_there_or_holds_nothing_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"no data folder at .*nowhere. Name it with --data"):
        open_folder(tmp_path / "nowhere")
    with pytest.raises(SourceError, match=r"holds no .parquet or .csv file"):
        open_folder(tmp_path)


def test_two_files_of_one_name_are_refused(tmp_path):
    ROWS.to_csv(tmp_path / "accounts.csv", index=False)
    ROWS.to_parquet(tmp_path / "accounts.parquet", index=False)
    with pytest.raises(
        SourceError, match=r"two files are table 'accounts': accounts.csv, accounts.parquet. Remove one"
    ):
        open_folder(tmp_path, threads=1)


def test_a_file_that_is_no_table_is_refused_by_its_path(tmp_path):
    (tmp_path / "accounts.parquet").write_bytes(b"not parquet at all")
    with pytest.raises(SourceError, match=r"accounts.parquet cannot be read"):
        open_folder(tmp_path, threads=1)


def test_a_duckdb_file_is_opened_and_not_written(tmp_path):
    file = tmp_path / "source.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create table accounts as select 'a' as account_id")
    before = file.read_bytes()
    raw = open_duckdb(file, threads=1)
    assert rows_of(raw, "accounts") == ["a"]
    with pytest.raises(duckdb.Error):
        raw.connection.raw_sql("create table source.main.mine as select 1")
    assert file.read_bytes() == before


def test_a_duckdb_file_that_is_missing_or_damaged_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"no DuckDB file at .*gone.duckdb"):
        open_duckdb(tmp_path / "gone.duckdb")
    (tmp_path / "text.duckdb").write_text("hello", encoding="utf-8")
    with pytest.raises(SourceError, match=r"text.duckdb cannot be opened"):
        open_duckdb(tmp_path / "text.duckdb", threads=1)


def test_a_table_that_is_not_there_is_refused_with_those_that_are():
    raw = open_frames({"crm": ROWS}, threads=1)
    with pytest.raises(
        SourceError, match=r"no table 'accounts' in the frames given \(has: crm\). Map it in churnmodel.toml"
    ):
        raw.table("accounts")


def test_a_frame_that_mixes_types_is_refused_by_name():
    with pytest.raises(SourceError, match=r"frame 'crm': a column mixes types.*Make it one type"):
        open_frames({"crm": pd.DataFrame({"plan": [1, "pro"]})}, threads=1)


def test_a_frame_without_rows_or_without_a_value_in_a_column_is_a_table():
    raw = open_frames(
        {"none": ROWS[:0], "empty": pd.DataFrame({"account_id": ["a"], "ended_at": [None]})}, threads=1
    )
    assert rows_of(raw, "none") == [] and rows_of(raw, "empty") == ["a"]


@pytest.mark.parametrize(
    "sql", ["drop table crm", "select 1; drop table crm", "update crm set account_id = 'x'", ""]
)
def test_a_mapping_is_one_select_and_nothing_else(sql):
    raw = open_frames({"crm": ROWS}, threads=1)
    with pytest.raises(SourceError, match=r"wanted one SELECT"):
        raw.query(sql, "mapped")
    assert rows_of(raw, "crm") == ["a", "b"]


def test_names_from_the_data_do_not_steer_the_terminal():
    raw = open_frames({"crm\x1b[2J": ROWS}, threads=1)
    for refused in (lambda: raw.table("accounts"), lambda: raw.query("select * from \"x\x1b[2J\"", "mapped")):
        with pytest.raises(SourceError) as said:
            refused()
        assert str(said.value).isprintable() and "[2J" in str(said.value)


@pytest.mark.parametrize("end", ["", ";", "  -- all of it", "\n"])
def test_a_select_may_begin_with_a_common_table_and_end_with_a_comment_or_semicolon(end):
    raw = open_frames({"crm": ROWS}, threads=1)
    assert len(raw.query("with x as (select * from crm) select * from x" + end, "mapped").to_pandas()) == 2


def test_the_engine_reads_times_in_utc_whatever_the_machine_says(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    raw = open_frames({"crm": ROWS}, threads=1)
    moment = raw.query(
        "select cast('2025-01-01 00:00:00' as timestamptz) = '2025-01-01 00:00:00+00' as same", "seen"
    )
    assert moment.to_pandas()["same"].tolist() == [True]
