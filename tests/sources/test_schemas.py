from __future__ import annotations

import pytest

from churnmodel.sources.columns import Column
from churnmodel.sources.schemas import CONTRACT

SCHEMAS = list(CONTRACT.values())


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.table)
def test_every_table_says_when_a_row_is_known_and_whose_it_is(schema):
    assert schema.column(schema.time).kind == "time"
    assert schema.column(schema.time).required
    assert schema.column("account_id").required


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.table)
def test_no_column_stands_twice_and_none_is_called_known_at(schema):
    assert len(set(schema.names)) == len(schema.names)
    assert not {"known_at", "event_id", "as_of"} & set(schema.names)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.table)
def test_a_key_is_made_of_required_columns(schema):
    assert all(schema.column(name).required for name in schema.key)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.table)
def test_what_reveals_a_later_column_is_a_later_time_of_the_same_table(schema):
    for column in schema.later:
        assert not column.required, "a later cell is empty at first"
        for by in column.revealed_by:
            assert schema.column(by).kind == "time" and schema.column(by).is_later


def test_the_later_columns_are_these():
    assert {f"{s.table}.{c.name}" for s in SCHEMAS for c in s.later} == {
        *("subscriptions.ended_at", "subscriptions.cancelled_at", "invoices.paid_at", "invoices.failed_at"),
        *("tickets.first_response_at", "tickets.resolved_at", "tickets.reopened_at"),
        *("tickets.csat_at", "tickets.csat"),
    }


def test_only_accounts_and_subscriptions_are_required():
    assert [s.table for s in SCHEMAS if s.required] == ["accounts", "subscriptions"]


def test_a_column_the_contract_does_not_have_is_a_key_error():
    with pytest.raises(KeyError):
        CONTRACT["accounts"].column("days_to_renewal")


def test_a_time_that_reveals_itself_is_later():
    assert Column("paid_at", "time", revealed_by=("paid_at",)).is_later
    assert not Column("due_at", "time").is_later
