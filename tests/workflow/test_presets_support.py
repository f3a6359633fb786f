"""Do Zendesk's tickets and Intercom's conversations say at each moment what was known of them then?"""

from __future__ import annotations

import pytest

from churnmodel.sources.audit import audit

from .landed import STRIPE, project, rows, told

KINDS = ("parquet", "csv")
STATE = "ticket_id account_id first_response_at resolved_at reopened_at csat"

ZENDESK = {
    "zendesk_organization": rows("id name external_id", (71, "Acme", "cus_a"), (72, "Bolt", "cus_b")),
    "zendesk_ticket": rows(
        "id organization_id requester_id subject description priority type status @created_at _fivetran_deleted",
        (1, 71, 501, "No login", "Since today", "urgent", "incident", "closed", "2025-02-01", False),
        (2, 72, 502, "Export", None, "low", None, "open", "2025-02-10", True),
    ),
    "zendesk_ticket_comment": rows(
        "id ticket_id user_id public @created",
        (11, 1, 501, True, "2025-02-01"),
        (12, 1, 900, False, "2025-02-01 01:00"),  # a note among agents
        (13, 1, 900, True, "2025-02-02"),
        (14, 1, 901, True, "2025-02-03"),
    ),
    "zendesk_ticket_field_history": rows(
        "ticket_id field_name value @updated",
        (1, "status", "new", "2025-02-01"),
        (1, "priority", "normal", "2025-02-01"),
        (1, "priority", "urgent", "2025-02-04"),
        (1, "type", "incident", "2025-02-04"),
        (1, "status", "open", "2025-02-02"),
        (1, "status", "solved", "2025-02-05"),
        (1, "satisfaction_score", "offered", "2025-02-06"),
        (1, "satisfaction_score", "bad", "2025-02-07"),
        (1, "status", "open", "2025-02-08"),
        (1, "status", "solved", "2025-02-12"),
        (1, "satisfaction_score", "good", "2025-02-13"),
        (1, "status", "closed", "2025-02-16"),
    ),
}

INTERCOM = {
    "intercom_company_history": rows(
        "id company_id @updated_at",
        ("co1", "old", "2025-01-01"),
        ("co1", "cus_a", "2025-01-02"),
    ),
    "intercom_contact_company_history": rows(
        "contact_id company_id @contact_updated_at", ("p1", "co1", "2025-01-02")
    ),
    "intercom_conversation_contact_history": rows(
        "conversation_id contact_id @conversation_updated_at", ("1", "p1", "2025-02-01"), ("2", "p1", "2025-02-01")
    ),
    "intercom_conversation_history": rows(
        "id source_delivered_as source_subject source_body conversation_rating_value "
        "@conversation_rating_created_at @created_at @updated_at",
        ("1", "customer_initiated", None, "<p>No login</p>", None, None, "2025-02-01", "2025-02-02"),
        ("1", "customer_initiated", None, "<p>No login</p>", 2, "2025-02-07", "2025-02-01", "2025-02-13"),
        ("2", "automated", None, "Welcome", None, None, "2025-02-01", "2025-02-01"),
    ),
    "intercom_conversation_part_history": rows(
        "id conversation_id part_type author_type @created_at @updated_at",
        ("a", "1", "assignment", "bot", "2025-02-01 01:00", "2025-02-01"),
        ("b", "1", "comment", "user", "2025-02-01 02:00", "2025-02-01"),
        ("c", "1", "comment", "admin", "2025-02-02", "2025-02-02"),
        ("c", "1", "comment", "admin", "2025-02-02", "2025-02-03"),
        ("d", "1", "close", "admin", "2025-02-05", "2025-02-05"),
        ("e", "1", "open", "user", "2025-02-08", "2025-02-08"),
        ("f", "1", "close", "admin", "2025-02-12", "2025-02-12"),
    ),
}


def life(ticket: str, account: str, csat: int) -> dict[str, tuple[object, ...]]:
    """One ticket as it stood before each day: answered, solved, rated, reopened and solved again."""
    return {
        "2025-02-02": (ticket, account, None, None, None, None),
        "2025-02-05": (ticket, account, "2025-02-02", None, None, None),
        "2025-02-06": (ticket, account, "2025-02-02", "2025-02-05", None, None),
        "2025-02-08": (ticket, account, "2025-02-02", "2025-02-05", None, csat),
        "2025-02-09": (ticket, account, "2025-02-02", "2025-02-05", "2025-02-08", csat),
        "2025-02-12": (ticket, account, "2025-02-02", "2025-02-05", "2025-02-08", csat),
        "2025-02-20": (ticket, account, "2025-02-02", "2025-02-12", "2025-02-08", csat),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_zendesk_ticket_is_at_each_moment_what_it_was(tmp_path, kind):
    db = project(tmp_path, "stripe,zendesk", STRIPE | ZENDESK, kind=kind).db
    assert not audit(db).fatal
    for at, expected in life("1", "cus_a", 1_0000).items():
        assert told(db, "tickets", STATE, at=at)[0] == expected, at


def test_priority_and_category_are_those_at_the_opening(tmp_path):
    db = project(tmp_path, "stripe,zendesk", STRIPE | ZENDESK).db
    assert told(db, "tickets", "ticket_id opened_at priority category text") == [
        ("1", "2025-02-01", "normal", None, "No login Since today"),
        ("2", "2025-02-10", None, None, "Export"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_intercom_conversation_is_at_each_moment_what_it_was(tmp_path, kind):
    db = project(tmp_path, "stripe,intercom", STRIPE | INTERCOM, kind=kind).db
    assert not audit(db).fatal
    for at, expected in life("1", "cus_a", 2_0000).items():
        assert told(db, "tickets", STATE, at=at) == [expected], at
    assert told(db, "tickets", "text opened_at") == [("No login", "2025-02-01")]
