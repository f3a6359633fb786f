"""Does the proof notice a feature that looks past its as_of, and name where?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from churnmodel.evaluation.leaks import _with_a_future
from churnmodel.evaluation.leaks_future import check_features_against_future
from churnmodel.evaluation.leaks_sample import draw_from, only_accounts, spread_over
from churnmodel.evaluation.leaks_worlds import future_changed, future_gone
from churnmodel.features.catalog import CATALOG
from churnmodel.sources import database
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from small_worlds import looks, version, world

AT = pd.Timestamp("2025-03-01")
NAMES = ("mrr", "overdue_count", "overdue_amount", "failed_unpaid_count", "tickets_open", "csat_mean_180d")
FEATURES = [f for f in CATALOG if f.name in NAMES]


@pytest.fixture(scope="module")
def db() -> Database:
    """One account: an invoice paid and a ticket solved after 1 March, one of each before, and a late one."""
    invoices = [
        {"issued_at": "2025-01-01", "due_at": "2025-01-15", "paid_at": "2025-01-20", "amount": 10.0},
        {"issued_at": "2025-02-01", "due_at": "2025-02-15", "paid_at": "2025-03-05", "amount": 10.0},
        {"issued_at": "2025-02-10", "due_at": "2025-02-15", "known_at": "2025-03-02", "amount": 10.0},
    ]
    tickets = [
        {"opened_at": "2025-02-01", "resolved_at": "2025-02-03", "csat": 5},
        {"opened_at": "2025-02-20", "resolved_at": "2025-03-04", "csat_at": "2025-03-09", "csat": 1},
    ]
    return world([version("2024-01-01", "2025-06-01")], invoices=invoices, tickets=tickets)


def kept_open(table: str, column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hole: a later column of the table is shown before its time."""
    whole = database.reveal

    def leaky(rows, schema, moment=None):
        if schema.table == table:
            columns = [replace(c, revealed_by=()) if c.name == column else c for c in schema.columns]
            schema = replace(schema, columns=tuple(columns))
        return whole(rows, schema, moment)

    monkeypatch.setattr(database, "reveal", leaky)


def proof(db: Database, *as_ofs: str):
    return check_features_against_future(db, FEATURES, looks(*(as_ofs or ("2025-03-01",))), fewest=1)


def test_honest_features_stay_the_same_to_the_last_bit(db):
    found = proof(db, "2025-02-12", "2025-03-01", "2025-04-01")
    assert found.status == "silent", found.message
    assert found.detail["rows_added"] == 3 * (1 + 1 + 3 + 2)


@pytest.mark.parametrize(
    ("table", "column", "feature"),
    [("invoices", "paid_at", "overdue_count"), ("tickets", "resolved_at", "tickets_open")],
)
def test_a_later_column_shown_before_its_time_is_named(table, column, feature, db, monkeypatch):
    kept_open(table, column, monkeypatch)
    found = proof(db)
    assert found.status == "fired"
    moved = {m["feature"]: m["where"] for m in found.detail["moved"]}
    assert f"{table}.{column}" in moved[feature]
    assert all(where.startswith(table) for where in moved[feature])
    assert f"{table}.{column}" in found.message


def test_a_table_shown_before_its_rows_were_known_is_named(db, monkeypatch):
    whole = database.reveal

    def leaky(rows, schema, moment=None):
        if schema.table == "invoices":
            rows = rows.mutate(known_at=rows.issued_at)
        return whole(rows, schema, moment)

    monkeypatch.setattr(database, "reveal", leaky)
    found = proof(db)
    moved = {m["feature"]: m["where"] for m in found.detail["moved"]}
    assert moved["overdue_count"] == ["invoices: rows learned later"]


def test_the_feature_that_moved_is_told_with_its_two_values(db, monkeypatch):
    kept_open("invoices", "paid_at", monkeypatch)
    (moved,) = [m for m in proof(db).detail["moved"] if m["feature"] == "overdue_count"]
    assert (moved["account_id"], moved["as_of"]) == ("a", "2025-03-01")
    # paid on 5 March, so not overdue to whoever sees that; in a world without it, it is
    assert {moved["value"], moved["value_then"]} == {0.0, 1.0}


@pytest.fixture(scope="module")
def sampled(demo_company) -> Database:
    whole = Database.from_frames(demo_company.tables, until=demo_company.until, threads=1)
    accounts = pd.Index(demo_company.tables["accounts"]["account_id"])
    return only_accounts(whole, draw_from(accounts, 15, seed=1), "some")


@pytest.mark.parametrize("table", sorted(CONTRACT))
def test_worlds_with_another_future_have_the_same_past(table, sampled):
    if not sampled.has(table) or not CONTRACT[table].of_account:
        return
    at = pd.Timestamp("2025-03-01")
    known = [frame_of(w.cut(at), table) for w in (sampled, future_changed(sampled, at), future_gone(sampled, at))]
    for other in known[1:]:
        pd.testing.assert_frame_equal(known[0], other)


def frame_of(db: Database, table: str) -> pd.DataFrame:
    rows = db.frame(table)
    return rows.sort_values(list(rows.columns), ignore_index=True)


def test_the_other_future_differs_in_every_row_and_later_cell(db):
    other = future_changed(db, AT)
    invoices = other.frame("invoices").sort_values("known_at", ignore_index=True)
    assert len(invoices) == 6
    assert (invoices["known_at"] >= AT).sum() == 4  # the late one altered, and each once more
    second = invoices[(invoices["issued_at"] == pd.Timestamp("2025-02-01")) & (invoices["known_at"] < AT)].iloc[0]
    assert pd.isna(second["paid_at"])  # it was paid on 5 March, which nobody can know
    assert (other.frame("subscriptions")["ended_at"].isna()).any()
    gone = future_gone(db, AT).frame("invoices")
    assert (len(gone), gone["paid_at"].notna().sum()) == (2, 1)


def test_a_time_that_was_missing_comes_to_light_in_the_other_future():
    running = world([version("2024-01-01")])
    assert (future_changed(running, AT).frame("subscriptions")["ended_at"] >= AT).all()


def test_a_score_that_was_revealed_by_another_time_stays_known(db):
    tickets = future_changed(db, AT).cut(AT).frame("tickets").set_index("opened_at")
    assert tickets.loc[pd.Timestamp("2025-02-01"), "csat"] == 50_000


def test_days_are_spread_and_accounts_drawn_by_the_seed():
    days = pd.date_range("2025-01-01", periods=10)
    assert [d.day for d in spread_over(pd.DatetimeIndex([*days, *days]), 4)] == [1, 4, 7, 10]
    accounts = pd.Index([f"a{i}" for i in range(50)])
    assert draw_from(accounts, 5, 1) == draw_from(accounts[::-1], 5, 1) != draw_from(accounts, 5, 2)


def test_few_snapshots_that_stay_the_same_prove_nothing_but_one_that_moves_does(db, monkeypatch):
    def found():
        return check_features_against_future(db, FEATURES, looks("2025-03-01"))

    assert found().status == "not applicable" and "Under 20 snapshots" in found().message
    kept_open("invoices", "paid_at", monkeypatch)
    assert found().status == "fired"


def test_days_of_the_proof_lie_where_there_are_accounts_and_a_future():
    days = pd.date_range("2025-01-01", periods=20)
    index = pd.MultiIndex.from_product([["a"], days], names=["account_id", "as_of"])
    assert [d.day for d in _with_a_future(days, index, 1)] == [12]
    assert [d.day for d in _with_a_future(days, index, 3)] == [6, 12, 18]
    assert [d.day for d in _with_a_future(days, index[:1], 1)] == [1]
    assert len(_with_a_future(days, index[:0], 1)) == 0


def test_nothing_to_build_is_said(db):
    assert check_features_against_future(db, [], looks("2025-03-01")).status == "not applicable"
