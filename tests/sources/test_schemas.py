from __future__ import annotations

import pytest

from churnmodel.sources.columns import Column
from churnmodel.sources.schemas import CONTRACT

SCHEMAS = list(CONTRACT.values())


def test_the_contract_is_these_tables():
    assert list(CONTRACT) == [
        *("accounts", "subscriptions", "invoices", "usage_events", "users", "tickets", "incidents", "surveys"),
        *("metrics", "notes", "touchpoints", "goals", "interventions", "external_scores", "exits", "rates"),
    ]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.table)
def test_every_table_says_when_a_row_is_known(schema):
    assert schema.column(schema.time).kind == "time"
    assert schema.column(schema.time).required
    assert not schema.column(schema.time).is_later


def test_every_row_says_whose_it_is_but_rates_and_incidents_of_everyone():
    assert [s.table for s in SCHEMAS if not s.of_account] == ["rates"]
    told = [s for s in SCHEMAS if s.of_account]
    assert [s.table for s in told if not s.column("account_id").required] == ["incidents"]


def test_a_column_found_under_another_name_or_filled_from_another_is_one_of_these():
    columns = [(s.table, c) for s in SCHEMAS for c in s.columns]
    assert {(table, c.name, c.also) for table, c in columns if c.also} == {
        ("external_scores", "scored_at", "as_of"),
        ("rates", "valid_from", "known_at"),
    }
    assert {(table, c.name, c.instead) for table, c in columns if c.instead} == {
        ("surveys", "sent_at", "answered_at")
    }
    for table, column in columns:
        if column.instead:
            assert CONTRACT[table].column(column.instead).kind == column.kind


def test_only_accounts_keep_columns_that_the_contract_does_not_have():
    assert [s.table for s in SCHEMAS if s.is_open] == ["accounts"]


@pytest.mark.parametrize("table", ["tickets", "notes"])
def test_what_was_written_may_come_with_its_sentiment_at_once_and_an_answer_with_it_when_it_is_given(table):
    assert not CONTRACT[table].column("sentiment").is_later
    assert CONTRACT["surveys"].column("sentiment").revealed_by == ("answered_at",)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.table)
def test_no_column_stands_twice_and_none_has_a_name_that_rows_have_from_us(schema):
    assert len(set(schema.names)) == len(schema.names)
    assert not {"known_at", "event_id", "as_of", "superseded_at", "no_rate"} & set(schema.names)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.table)
def test_a_key_is_made_of_required_columns(schema):
    assert all(schema.column(name).required for name in schema.key)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.table)
def test_what_reveals_a_later_column_is_a_later_time_of_the_same_table(schema):
    for column in schema.later:
        assert not column.required, "a later cell is empty at first"
        for by in column.revealed_by:
            assert schema.column(by).kind == "time" and schema.column(by).is_later
            assert by in schema.column(by).revealed_by, "a time reveals itself"


def test_the_later_columns_are_these():
    assert {f"{s.table}.{c.name}" for s in SCHEMAS for c in s.later} == {
        *("subscriptions.ended_at", "subscriptions.cancelled_at", "invoices.paid_at", "invoices.failed_at"),
        *("tickets.first_response_at", "tickets.resolved_at", "tickets.reopened_at"),
        *("tickets.csat_at", "tickets.csat"),
        *("surveys.answered_at", "surveys.score", "surveys.comment", "surveys.sentiment"),
        *("users.left_at", "incidents.ended_at", "goals.reached_at"),
    }


def test_only_accounts_and_subscriptions_are_required():
    assert [s.table for s in SCHEMAS if s.required] == ["accounts", "subscriptions"]


def test_a_column_the_contract_does_not_have_is_a_key_error():
    with pytest.raises(KeyError):
        CONTRACT["accounts"].column("days_to_renewal")


def test_a_time_that_reveals_itself_is_later():
    assert Column("paid_at", "time", revealed_by=("paid_at",)).is_later
    assert not Column("due_at", "time").is_later
