"""Does a session in PostgreSQL read, change nothing of the company's, and keep its password to itself?"""

from __future__ import annotations

import psycopg
import pytest

from churnmodel.errors import SourceError
from churnmodel.settings import settings_from
from churnmodel.sources.database import Database
from churnmodel.sources.postgres import open_postgres
from engines.servers import PASSWORD, Server

SCHEMA = "crm"


@pytest.fixture(scope="module")
def url(postgres: Server) -> str:
    with psycopg.connect(postgres.url, autocommit=True) as con:
        con.execute(f"CREATE SCHEMA {SCHEMA}")
        con.execute(f"CREATE TABLE {SCHEMA}.clients (id text, since timestamptz)")
        con.execute(f"INSERT INTO {SCHEMA}.clients VALUES ('a', '2025-01-01 00:00+02'), ('B', NULL)")
        con.execute(f"CREATE VIEW {SCHEMA}.recent AS SELECT * FROM {SCHEMA}.clients WHERE since IS NOT NULL")
        con.execute(f"CREATE SEQUENCE {SCHEMA}.counter")
        con.execute(f"CREATE TABLE {SCHEMA}.churnmodel_mine AS SELECT 1 AS kept")
        con.execute(
            f"CREATE FUNCTION {SCHEMA}.writes() RETURNS text LANGUAGE sql AS"
            f" 'INSERT INTO {SCHEMA}.clients VALUES (''c'', NULL) RETURNING id'"
        )
    return postgres.url


def clients(url: str) -> int:
    with psycopg.connect(url) as con:
        return con.execute(f"SELECT count(*) FROM {SCHEMA}.clients").fetchone()[0]


def test_tables_and_views_of_the_schema_are_found_and_read(url):
    raw = open_postgres(url, schema=SCHEMA)
    assert raw.names == ("churnmodel_mine", "clients", "recent")
    assert raw.fetch(raw.table("recent").id).tolist() == ["a"]
    with pytest.raises(SourceError, match=r"no table 'x' in schema 'crm' of 127.0.0.1:\d+/postgres \(has: churn"):
        raw.table("x")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1; DROP TABLE clients", "wanted one SELECT, got 2 statements"),
        ("DROP TABLE clients", "wanted one SELECT, got 1 statements"),
        ("WITH gone AS (DELETE FROM clients RETURNING *) SELECT * FROM gone", "that only reads, got DELETE"),
        ("SELECT * INTO mine FROM clients", "that only reads, got INTO"),
        ("SELECT * FROM clients FOR UPDATE", "that only reads, got LOCK"),
        ("SELECT nextval('counter')", "cannot execute nextval.* in a read-only transaction"),
        ("SELECT writes()", "cannot execute INSERT in a read-only transaction"),
        ("SELECT * FROM nowhere", 'relation "nowhere" does not exist'),
        ("SELEC 1", "wanted one SELECT"),
    ],
)
def test_a_mapping_only_reads(url, sql, said):
    before = clients(url)
    raw = open_postgres(url, schema=SCHEMA)
    with pytest.raises(SourceError, match=said):
        raw.query(sql, "mapped")
    assert clients(url) == before
    assert len(raw.fetch(raw.query("SELECT ';' AS a -- and no more;", "mapped"))) == 1, "the session goes on"


def test_what_is_kept_never_takes_the_place_of_a_company_s_table(url):
    raw = open_postgres(url, schema=SCHEMA)
    raw.kept("churnmodel_mine", raw.table("clients"))
    again = raw.kept("churnmodel_mine", raw.table("recent"))
    assert raw.count(again) == 1 and raw.table("churnmodel_mine").columns == ("kept",)
    with psycopg.connect(url) as con:
        assert con.execute(f"SELECT kept FROM {SCHEMA}.churnmodel_mine").fetchall() == [(1,)]


def test_text_is_put_in_order_by_its_bytes_whatever_the_database_speaks(url):
    raw = open_postgres(url, schema=SCHEMA)
    plain = raw.table("clients")
    ordered = raw.kept("kept_in_order", raw.by_bytes("by_bytes", plain))
    assert raw.fetch(plain.order_by("id").id).tolist() == ["a", "B"]
    assert raw.fetch(ordered.order_by("id").id).tolist() == ["B", "a"] and raw.fetch(ordered.id.max()) == "a"


def test_a_statement_that_runs_too_long_is_stopped(url):
    raw = open_postgres(url, schema=SCHEMA, timeout_seconds=1)
    with pytest.raises(SourceError, match="canceling statement due to statement timeout"):
        raw.query("SELECT pg_sleep(20)::text AS slept", "mapped")


def test_no_message_and_no_value_shows_a_password(url, monkeypatch):
    named = url.replace("postgres@", f"postgres:{PASSWORD.replace(' ', '%20')}@")
    seen = []
    for bad in (named, f"{url}?password=hush", "mysql://root:hush@host/db", "postgresql://root:hush@[host/db"):
        with pytest.raises(SourceError) as said:
            open_postgres(bad)
        seen.append(str(said.value))
    assert "PGPASSWORD or ~/.pgpass" in seen[0] and "PGPASSWORD" in seen[1] and "postgresql://user@" in seen[2]
    monkeypatch.setenv("PGPASSWORD", "hush")
    with pytest.raises(SourceError, match=r"cannot be opened: .*password authentication failed") as said:
        open_postgres(url)
    seen.append(str(said.value) + str(said.value.__cause__))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    seen.append(repr(open_postgres(url, schema=SCHEMA)))
    assert all("hush" not in text and PASSWORD not in text and "%20" not in text for text in seen)


def test_a_schema_without_tables_and_a_database_that_is_not_there_are_refused(url, tmp_path):
    with pytest.raises(SourceError, match=r"schema 'nowhere' .* holds no table that this user may read"):
        open_postgres(url, schema="nowhere")
    with pytest.raises(SourceError, match=r"cannot be opened: .*gone"):
        open_postgres(url.replace("/postgres", "/gone"))
    asked = {"project": {"data_until": "2026-01-01"}, "data": {"postgres": url, "postgres_schema": "crm"}}
    with pytest.raises(SourceError, match=r"table 'accounts' is required and not in schema 'crm'"):
        Database.from_settings(settings_from(asked, base=tmp_path))
