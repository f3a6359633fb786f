from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.settings import settings_from
from churnmodel.sources.database import Database
from churnmodel.sources.exchange import told_columns
from churnmodel.sources.moments import moment
from churnmodel.sources.schemas import CONTRACT
from small_worlds import frame, looks, version, world

MOMENT = "2025-03-01"


def ids(table):
    return sorted(table.iloc[:, 0])


def test_a_cut_keeps_what_was_known_strictly_before_the_moment():
    invoices = [
        {"invoice_id": "before", "issued_at": "2025-02-28 23:59:59", "amount": 1},
        {"invoice_id": "at", "issued_at": "2025-03-01", "amount": 1},
        {"invoice_id": "learned late", "issued_at": "2025-02-01", "amount": 1, "known_at": "2025-03-01"},
        {"invoice_id": "learned in time", "issued_at": "2025-02-01", "amount": 1, "known_at": "2025-02-28"},
    ]
    db = world([version("2024-01-01")], invoices=invoices)
    assert ids(db.cut(MOMENT).frame("invoices")) == ["before", "learned in time"]
    assert len(db.frame("invoices")) == 4, "the database itself is not changed"


def test_a_later_cell_is_blank_up_to_its_own_time():
    invoices = [
        {"invoice_id": at, "issued_at": "2025-02-01", "amount": 1, "due_at": "2025-04-01", "paid_at": at}
        for at in ("2025-02-28", "2025-03-01", "2025-03-02")
    ]
    found = world([version("2024-01-01")], invoices=invoices).cut(MOMENT).frame("invoices").set_index("invoice_id")
    assert found["paid_at"].notna().to_dict() == {"2025-02-28": True, "2025-03-01": False, "2025-03-02": False}
    assert found["due_at"].notna().all(), "a plan for the future was known"


def test_a_score_comes_to_light_with_its_own_time_else_with_the_resolution():
    def rated(name, resolved_at, csat_at):
        return {
            "ticket_id": name,
            "opened_at": "2025-01-01",
            "resolved_at": resolved_at,
            "csat_at": csat_at,
            "csat": 4,
        }

    tickets = [
        rated("answered", "2025-02-01", "2025-02-10"),
        rated("answered later", "2025-02-01", "2025-03-01"),
        rated("answered before resolved", None, "2025-02-10"),
        rated("no time of its own", "2025-02-01", None),
        rated("no time of its own, resolved later", "2025-03-01", None),
        rated("no time at all", None, None),
    ]
    found = world([version("2024-01-01")], tickets=tickets).cut(MOMENT).frame("tickets").set_index("ticket_id")
    assert sorted(found.index[found["csat"].notna()]) == [
        "answered",
        "answered before resolved",
        "no time of its own",
    ]


def test_cutting_twice_is_cutting_at_the_earlier_moment():
    db = world([version("2024-01-01", "2025-02-01"), version("2025-02-15", cancelled_at="2025-02-20")])
    order = ["started_at"]
    for first, second in [("2025-02-10", MOMENT), (MOMENT, "2025-02-10")]:
        twice = db.cut(first).cut(second)
        assert twice.until == pd.Timestamp("2025-02-10")
        one, two = (d.frame("subscriptions").sort_values(order) for d in (db.cut("2025-02-10"), twice))
        pd.testing.assert_frame_equal(one, two)


def test_a_cut_after_the_end_of_the_data_does_not_move_the_end():
    assert world([version("2024-01-01")], until=MOMENT).cut("2030-01-01").until == pd.Timestamp(MOMENT)


BERLIN = "2025-03-01T00:30:00+01:00"  # half past eleven in the evening before, in UTC


@pytest.mark.parametrize(
    "value",
    [BERLIN, "2025-02-28 23:30", "2025-02-28T23:30:00Z", pd.Timestamp(BERLIN),
     pd.Timestamp(BERLIN).to_pydatetime(), pd.Timestamp("2025-02-28 23:30").to_datetime64()],
)  # fmt: skip
def test_a_moment_is_naive_utc_whatever_zone_it_came_in(value):
    at = moment(value)
    assert (at, at.tzinfo, at.unit) == (pd.Timestamp("2025-02-28 23:30"), None, "us")
    db = world([version("2024-01-01")], until=value)
    assert db.until == at and db.cut("2030-01-01T00:00Z").until == at
    assert world([version("2024-01-01")]).cut(value).until == at


def test_a_day_is_its_midnight():
    assert moment(date(2025, 3, 1)) == moment("2025-03-01") == pd.Timestamp("2025-03-01")


@pytest.mark.parametrize(
    "value", ["soon", "", "now", "today", "12:00", "01/02/2025", "2025", "2025-02-30", "2025-13-01", None,
              20250301, 1.5, float("nan"), pd.NaT, "2025-03-01 or so"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_with_what_was_wanted(value, tmp_path):
    frames = {"accounts": frame("accounts", []), "subscriptions": frame("subscriptions", [])}
    db = world([version("2024-01-01")])
    for ask in (
        lambda: Database.from_frames(frames, until=value),
        lambda: Database.from_folder(tmp_path, until=value),
        lambda: db.cut(value),
    ):
        with pytest.raises(SourceError, match=r"wanted a day or a time, got .*Write it as 2026-01-31"):
            ask()


def test_an_absent_table_is_not_there_and_reads_as_an_empty_one():
    db = world([version("2024-01-01")], surveys=[])
    assert db.has("surveys") and not db.has("tickets")
    assert db.frame("tickets").columns.tolist() == [*CONTRACT["tickets"].names, "known_at"]
    assert len(db.frame("tickets")) == len(db.frame("surveys")) == 0


def test_an_absent_table_and_an_empty_one_have_the_same_types():
    empty = world([version("2024-01-01")], **{n: [] for n in CONTRACT if n not in ("accounts", "subscriptions")})
    absent = world([version("2024-01-01")])
    for name in set(CONTRACT) - {"accounts", "subscriptions"}:
        # a table of rates, even an empty one, adds what was told before it was converted
        told = told_columns(CONTRACT[name])
        left, right = empty.table(name).drop(*told), absent.table(name)
        assert dict(left.schema().items()) == dict(right.schema().items()), name


@pytest.mark.parametrize("name", ["invoice", "tikets"])
def test_a_table_the_contract_does_not_have_is_refused(name):
    with pytest.raises(SourceError, match=rf"no table '{name}' in the contract \(has: accounts, subscriptions"):
        Database.from_frames({name: frame("invoices", [])}, until=MOMENT)
    with pytest.raises(SourceError, match=rf"no table '{name}' in the contract"):
        world([version("2024-01-01")]).table(name)


def test_a_required_table_that_is_missing_is_refused_with_what_there_is(tmp_path):
    with pytest.raises(
        SourceError, match=r"table 'subscriptions' is required and not in the frames given \(has: accounts\)"
    ):
        Database.from_frames({"accounts": frame("accounts", [])}, until=MOMENT)
    frame("accounts", [{"created_at": "2024-01-01"}]).to_csv(tmp_path / "accounts.csv")
    with pytest.raises(SourceError, match=r"Map it under \[tables.subscriptions\] in churnmodel.toml"):
        Database.from_folder(tmp_path, until=MOMENT)


def from_settings(base: Path, **sections):
    return Database.from_settings(settings_from({"project": {"data_until": MOMENT}, **sections}, base=base))


def test_settings_map_a_companys_tables_by_name_and_by_sql(tmp_path):
    (tmp_path / "data").mkdir()
    pd.DataFrame({"id": ["a"], "since": ["2024-01-01 01:00"]}).to_csv(tmp_path / "data" / "crm.csv", index=False)
    deals = pd.DataFrame({"deal": ["d"], "customer": ["a"], "start": ["2024-01-01"], "yearly": [1200]})
    deals.to_parquet(tmp_path / "data" / "deals.parquet", index=False)
    db = from_settings(
        tmp_path,
        project={"data_until": MOMENT, "timezone": "Europe/Berlin"},
        tables={
            "accounts": {"source": "crm", "columns": {"account_id": "id", "created_at": "since"}},
            "subscriptions": {
                "sql": "select deal as subscription_id, customer as account_id, start as started_at,"
                " yearly / 12 as mrr from deals"
            },
        },
    )
    assert db.until == pd.Timestamp(MOMENT)
    assert db.frame("accounts")["created_at"].item() == pd.Timestamp("2024-01-01 00:00")
    assert db.frame("subscriptions")["mrr"].item() == 10_000


def test_a_mapping_of_a_table_the_contract_does_not_have_is_refused(tmp_path):
    (tmp_path / "data").mkdir()
    frame("accounts", []).to_csv(tmp_path / "data" / "accounts.csv")
    with pytest.raises(SourceError, match=r"\[tables.deals\]: no such table in the contract"):
        from_settings(tmp_path, tables={"deals": {"source": "accounts"}})


def test_a_table_name_in_settings_cannot_run_sql(tmp_path):
    (tmp_path / "data").mkdir()
    frame("accounts", [{"created_at": "2024-01-01"}]).to_csv(tmp_path / "data" / "accounts.csv", index=False)
    name = 'accounts"; drop table accounts; --'
    with pytest.raises(SourceError, match="no table 'accounts\"; drop"):
        from_settings(tmp_path, tables={"accounts": {"source": name}})


def test_a_column_name_in_settings_is_a_name_and_not_sql(tmp_path):
    (tmp_path / "data").mkdir()
    hostile = """a"), 1 as x; drop table crm; --"""
    pd.DataFrame({hostile: ["a"], "since": ["2024-01-01"]}).to_parquet(
        tmp_path / "data" / "crm.parquet", index=False
    )
    frame("subscriptions", [version("2024-01-01")]).to_csv(tmp_path / "data" / "subscriptions.csv", index=False)
    mapping = {"accounts": {"source": "crm", "columns": {"account_id": hostile, "created_at": "since"}}}
    assert from_settings(tmp_path, tables=mapping).frame("accounts")["account_id"].tolist() == ["a"]


def test_rates_belong_to_no_account_and_stand_beside_no_snapshot():
    db = world([version("2024-01-01")], rates=[{"currency": "EUR", "valid_from": "2024-01-01", "rate": 1.1}])
    with pytest.raises(SourceError, match="rows of 'rates' belong to no account"):
        db.paired("rates", db.snapshots(looks(MOMENT)))


def test_an_incident_of_everyone_stands_beside_every_snapshot_once_it_is_known():
    incidents = [
        {"account_id": None, "started_at": "2025-02-01", "severity": "everyone"},
        {"account_id": "a", "started_at": "2025-02-01", "severity": "of a"},
        {"account_id": None, "started_at": MOMENT, "severity": "not yet"},
    ]
    db = world([version("2024-01-01")], incidents=incidents)
    found = db.run(db.paired("incidents", db.snapshots(looks(MOMENT, accounts=["a", "b"]))))
    told = sorted(zip(found["account_id"], found["severity"], strict=True))
    assert told == [("a", "everyone"), ("a", "of a"), ("b", "everyone")]


def test_an_answer_is_blank_until_it_was_given_and_the_survey_is_known_from_its_sending():
    surveys = [
        {"kind": "nps", "sent_at": "2025-02-01", "answered_at": at, "score": 9, "comment": "c", "sentiment": 0.5}
        for at in ("2025-02-28", MOMENT, None)
    ]
    found = world([version("2024-01-01")], surveys=surveys).cut(MOMENT).frame("surveys")
    assert len(found) == 3
    for column in ("answered_at", "score", "comment", "sentiment"):
        assert found[column].notna().sum() == 1, column
