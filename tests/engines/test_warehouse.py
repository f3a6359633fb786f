"""Is a table left in the warehouse whole, once per day, and readable by whoever looks there?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pandas as pd
import pytest

from churnmodel.errors import SettingsError, SourceError
from churnmodel.settings import Settings, settings_from
from churnmodel.sources.warehouse import put_table

MONDAY, TUESDAY = pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-06")
Warehouse = tuple[Settings, Callable[[str], list[tuple[Any, ...]]]]


def rows(**columns: Any) -> pd.DataFrame:
    usual = {"account_id": ["a", "b"], "name": ["=1+1", "O'Brien; DROP TABLE x"], "mrr": [10.5, None]}
    return pd.DataFrame(usual | columns)


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request, tmp_path) -> Warehouse:
    if request.param == "duckdb":
        import duckdb

        def ask(sql: str) -> list[tuple[Any, ...]]:
            with duckdb.connect(tmp_path / "deep" / "warehouse.duckdb", read_only=True) as con:
                return con.execute(sql.replace("SCHEMA.", "main.")).fetchall()

        place = {"duckdb": "deep/warehouse.duckdb"}
    else:
        import psycopg

        server = request.getfixturevalue("postgres")
        schema = "w" + str(abs(hash(request.node.name)) % 10**9)

        def ask(sql: str) -> list[tuple[Any, ...]]:
            with psycopg.connect(server.url) as con:
                return con.execute(sql.replace("SCHEMA.", f"{schema}.")).fetchall()

        place = {"postgres": server.url, "postgres_schema": schema}
    return settings_from({"project": {"data_until": "2026-01-31"}, "warehouse": place}, base=tmp_path), ask


def test_a_table_holds_every_day_and_a_day_written_again_takes_the_place_of_what_it_was(warehouse):
    settings, ask = warehouse
    put_table(settings, rows(), "health", MONDAY)
    put_table(settings, rows(mrr=[1.0, 2.0]), "health", TUESDAY)
    put_table(settings, rows(mrr=[3.0, 4.0]).iloc[:1], "health", TUESDAY)
    found = ask("SELECT as_of, account_id, name, mrr FROM SCHEMA.health ORDER BY as_of, account_id")
    assert found == [
        (date(2026, 1, 5), "a", "=1+1", 10.5),
        (date(2026, 1, 5), "b", "O'Brien; DROP TABLE x", None),
        (date(2026, 1, 6), "a", "=1+1", 3.0),
    ]


def test_a_day_on_which_there_is_nobody_leaves_nothing_of_what_was_said_of_it_before(warehouse):
    settings, ask = warehouse
    put_table(settings, rows(), "alerts", MONDAY)
    put_table(settings, rows().iloc[:0], "alerts", MONDAY)
    assert ask("SELECT * FROM SCHEMA.alerts") == []


def test_a_log_of_several_days_replaces_each_of_its_days_and_no_other(warehouse):
    settings, ask = warehouse
    put_table(settings, rows(), "log", MONDAY)
    put_table(settings, rows(as_of=[TUESDAY, TUESDAY + pd.Timedelta(days=1)]), "log", MONDAY)
    assert [day.day for (day,) in ask("SELECT as_of FROM SCHEMA.log ORDER BY 1")] == [5, 5, 6, 7]


def test_every_kind_of_column_arrives_as_what_it_is(warehouse):
    settings, ask = warehouse
    moment = pd.Timestamp("2026-01-02 03:04:05")
    kinds = rows(
        count=[1, 2],
        is_due=[True, None],
        renews_at=[moment, pd.NaT],
        band=pd.Categorical(["red", "green"]),
        month=pd.PeriodIndex(["2026-01", "2026-02"], freq="M"),
        drivers=[["x", "y"], None],
        never=[None, None],
    )
    put_table(settings, kinds, "kinds", MONDAY)
    found = ask("SELECT count, is_due, renews_at, band, month, never FROM SCHEMA.kinds ORDER BY account_id")
    assert found == [(1, True, moment, "red", "2026-01", None), (2, None, None, "green", "2026-02", None)]


def test_a_column_of_a_later_version_is_added_and_another_table_is_not_written_over(warehouse):
    settings, ask = warehouse
    put_table(settings, rows(), "tiers", MONDAY)
    put_table(settings, rows(tier=["gold", "standard"], mrr=[1.0, 2.0]), "tiers", TUESDAY)
    assert ask("SELECT tier FROM SCHEMA.tiers ORDER BY as_of, account_id") == [
        (None,), (None,), ("gold",), ("standard",)
    ]  # fmt: skip
    with pytest.raises(SourceError, match=r"holds account_id, name, mrr, tier, and what is written does not"):
        put_table(settings, pd.DataFrame({"owner": ["Jo"]}), "tiers", TUESDAY)
    assert ask("SELECT count(*) FROM SCHEMA.tiers") == [(4,)]


def test_a_whole_number_may_become_a_part_of_one_and_a_number_may_come_where_text_was(warehouse):
    settings, ask = warehouse
    put_table(settings, pd.DataFrame({"days": [3], "note": ["none"]}), "t", MONDAY)
    put_table(settings, pd.DataFrame({"days": [None, 2.5], "note": [1.0, None]}), "t", TUESDAY)
    found = ask("SELECT days, note FROM SCHEMA.t ORDER BY as_of, note")
    assert [days for days, _ in found] == [3.0, None, 2.5]
    assert found[0][1] == "none" and float(found[1][1]) == 1.0 and found[2][1] is None


def test_a_column_of_which_nothing_was_known_becomes_what_it_turns_out_to_be(warehouse):
    settings, ask = warehouse
    put_table(settings, pd.DataFrame({"account_id": [], "mrr": [], "left_at": []}, dtype="object"), "t", MONDAY)
    later = pd.DataFrame({"account_id": ["a"], "mrr": [2.5], "left_at": [pd.Timestamp("2026-01-01")]})
    put_table(settings, later, "t", TUESDAY)
    put_table(settings, pd.DataFrame({"account_id": ["a"], "mrr": [None], "left_at": [None]}), "t", MONDAY)
    assert ask("SELECT mrr + 1, left_at FROM SCHEMA.t ORDER BY as_of") == [
        (None, None), (3.5, pd.Timestamp("2026-01-01"))
    ]  # fmt: skip


def test_what_fails_half_way_leaves_what_was_there(warehouse):
    settings, ask = warehouse
    put_table(settings, pd.DataFrame({"mrr": [1.0]}), "t", MONDAY)
    with pytest.raises(SourceError, match="cannot be written"):
        put_table(settings, pd.DataFrame({"mrr": ["much"]}), "t", MONDAY)
    assert ask("SELECT mrr FROM SCHEMA.t") == [(1.0,)]


def test_two_writers_of_one_day_leave_it_once(tmp_path, postgres):
    import psycopg

    place = {"postgres": postgres.url, "postgres_schema": "two_writers"}
    settings = settings_from({"project": {"data_until": "2026-01-31"}, "warehouse": place}, base=tmp_path)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: put_table(settings, rows(), "t", MONDAY), range(10)))
    with psycopg.connect(postgres.url) as con:
        assert con.execute("SELECT count(*) FROM two_writers.t").fetchall() == [(2,)]


def test_a_warehouse_is_named_once_and_is_not_the_file_the_tables_are_read_from(tmp_path):
    about = {"project": {"data_until": "2026-01-31"}}
    with pytest.raises(SourceError, match=r"no warehouse to write to\. Name one in churnmodel\.toml"):
        put_table(settings_from(about, base=tmp_path), rows(), "t", MONDAY)
    same = {"data": {"duckdb": "d.duckdb"}, "warehouse": {"duckdb": "d.duckdb"}}
    with pytest.raises(SourceError, match="is the file the tables are read from"):
        put_table(settings_from(about | same, base=tmp_path), rows(), "t", MONDAY)
    with pytest.raises(SettingsError, match="wanted one of duckdb, postgres"):
        settings_from(about | {"warehouse": {"duckdb": "x", "postgres": "postgresql://h/d"}}, base=tmp_path)
    with pytest.raises(SettingsError, match="holds a password"):
        settings_from(about | {"warehouse": {"postgres": "postgresql://me:secret@h/d"}}, base=tmp_path)


def test_a_warehouse_that_does_not_answer_is_told_in_one_line(tmp_path):
    place = {"postgres": "postgresql://nobody@127.0.0.1:1/none"}
    settings = settings_from({"project": {"data_until": "2026-01-31"}, "warehouse": place}, base=tmp_path)
    with pytest.raises(SourceError, match=r"'t' in schema 'churnmodel' of 127\.0\.0\.1/none cannot be written"):
        put_table(settings, rows(), "t", MONDAY)
