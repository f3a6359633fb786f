"""Does Spark read a folder or a database, and does a mapping stay with its tables?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.sources.spark import open_spark

ROWS = pd.DataFrame({"account_id": ["a", "b"], "created_at": ["2024-01-01", "2024-02-01"]})


@pytest.fixture
def folder(spark, tmp_path: Path) -> Path:
    ROWS.to_csv(tmp_path / "accounts.csv", index=False)
    (tmp_path / "crm clients").mkdir()
    ROWS[:1].to_parquet(tmp_path / "crm clients" / "1.parquet", index=False)
    ROWS[1:].to_parquet(tmp_path / "crm clients" / "2.parquet", index=False)
    (tmp_path / "README.md").write_text("no table", encoding="utf-8")
    return tmp_path


def test_a_folder_names_its_tables_by_their_files(folder):
    raw = open_spark(folder)
    assert sorted(raw.names) == ["accounts", "crm clients"]
    assert raw.fetch(raw.table("crm clients")).sort_values("account_id")["account_id"].tolist() == ["a", "b"]
    assert raw.fetch(raw.table("accounts"))["created_at"].tolist() == ROWS["created_at"].tolist()
    assert raw.count(raw.query("select * from `crm clients` where account_id > 'a';", "mapped")) == 1


def test_a_database_of_the_catalog_names_its_tables(spark, folder):
    spark.sql("CREATE DATABASE IF NOT EXISTS crm")
    spark.sql("CREATE OR REPLACE TEMP VIEW clients AS SELECT 'not this one' AS account_id")
    spark.createDataFrame(ROWS).write.mode("overwrite").saveAsTable("crm.clients")
    try:
        raw = open_spark("crm")
        assert raw.names == ("clients",)
        assert sorted(raw.fetch(raw.table("clients").account_id)) == ["a", "b"]
    finally:
        spark.sql("DROP DATABASE crm CASCADE")
        spark.catalog.setCurrentDatabase("default")
        spark.catalog.dropTempView("clients")


def test_places_that_are_not_there_are_refused(spark, tmp_path):
    with pytest.raises(SourceError, match=r"no data folder at .*nowhere. Name it with --data or as data.spark"):
        open_spark(tmp_path / "nowhere")
    with pytest.raises(SourceError, match=r"holds no .parquet or .csv file"):
        open_spark(tmp_path)
    with pytest.raises(SourceError, match=r"Spark's database 'nowhere' cannot be opened"):
        open_spark("nowhere")


@pytest.mark.parametrize(
    "sql",
    [
        "select 1; select 2",
        "drop view accounts",
        "insert into accounts select * from accounts",
        "show tables",
        "select * from csv.`{folder}/accounts.csv`",
        "select * from text.`/etc/hostname`",
        "select java_method('java.lang.System', 'getProperty', 'user.home')",
        "select `reflect`('java.lang.System', 'getProperty', 'user.home')",
        "select try_reflect/**/('java.lang.System', 'getProperty', 'user.home')",
        "select transform(account_id) using 'cat' as (b) from accounts",
        "from accounts map account_id using 'cat' as b",
    ],
)
def test_a_mapping_names_tables_and_nothing_else(folder, sql):
    raw = open_spark(folder)
    with pytest.raises(SourceError):
        raw.query(sql.replace("{folder}", str(folder)), "mapped")
    assert raw.count(raw.table("accounts")) == 2


def test_words_of_a_text_or_a_join_are_no_commands(folder):
    raw = open_spark(folder)
    sql = "select a.account_id, 'reflect using' as said from accounts a join `crm clients` using (account_id)"
    assert raw.fetch(raw.query(sql, "mapped"))["said"].tolist() == ["reflect using"] * 2
