"""Do HubSpot's and Salesforce's tables become accounts, notes and touchpoints, known when they were entered?"""

from __future__ import annotations

import pytest

from churnmodel.sources.audit import audit

from .landed import STRIPE, project, rows, told

KINDS = ("parquet", "csv")

HUBSPOT = {
    "hubspot_company": rows(
        "id property_name @property_createdate property_industry property_country property_hubspot_owner_id "
        "property_account_id is_deleted",
        (101, "Acme", "2024-12-01", "COMPUTER_SOFTWARE", "Germany", 7, "001A", False),
        (102, "Bolt", "2024-12-02", None, None, None, "001B", False),
        (103, "Cray", "2024-12-03", "RETAIL", "US", 7, "001C", True),
    ),
    "hubspot_owner": rows("owner_id first_name last_name email", (7, "Ada", "Vance", "ada@us.io")),
    "hubspot_engagement_company": rows(
        "engagement_id company_id", (1, 101), (2, 101), (3, 101), (4, 102), (5, 102), (6, 101), (6, 102)
    ),
    "hubspot_engagement_contact": rows("engagement_id contact_id", (1, 31), (1, 30), (4, 40)),
    "hubspot_engagement_note": rows(
        "engagement_id property_hubspot_owner_id property_hs_note_body @property_hs_timestamp "
        "@property_hs_createdate",
        (6, 7, "<p>They look at <b>Zorg</b></p>", "2025-02-01", "2025-02-05"),
    ),
    "hubspot_engagement_meeting": rows(
        "engagement_id property_hs_meeting_title property_hs_meeting_outcome @property_hs_meeting_start_time "
        "@property_hs_createdate",
        (1, "Kick-off Acme", "COMPLETED", "2025-01-10", "2025-01-02"),
        (2, "QBR Q1", "CANCELED", "2025-03-10", "2025-01-02"),
        (3, "Q1 Business Review", None, "2025-03-20", "2025-03-25"),
        (4, "Catching up", None, "2025-02-20", "2025-02-01"),
    ),
    "hubspot_engagement_call": rows(
        "engagement_id @property_hs_timestamp @property_hs_createdate", (5, "2025-02-21", "2025-02-23")
    ),
}

SALESFORCE = {
    "salesforce_account": rows(
        "id name @created_date industry billing_country owner_id parent_id is_deleted account_id_c",
        ("101", "Acme", "2024-12-01", "Software", "Germany", "005A", None, False, "x"),
        ("102", "Bolt", "2024-12-02", None, None, None, "101", False, "y"),
        ("103", "Cray", "2024-12-03", "Retail", "US", "005A", None, True, "z"),
    ),
    "salesforce_user": rows("id name", ("005A", "Ada Vance")),
    "salesforce_note": rows(
        "id parent_id title body owner_id @created_date",
        ("n1", "101", "Call", "They look at Zorg", "005A", "2025-02-05"),
        ("n2", "opp9", "Of a deal", "Not of an account", "005A", "2025-02-05"),
    ),
    "salesforce_event": rows(
        "id account_id subject who_id @start_date_time @created_date",
        ("e1", "101", "Kickoff", "003A", "2025-01-10", "2025-01-02"),
        ("e2", "101", "Q1 QBR", None, "2025-03-20", "2025-03-25"),
    ),
    "salesforce_task": rows(
        "id account_id task_subtype who_id @completed_date_time @created_date",
        ("t1", "102", "Call", "003B", "2025-02-21", "2025-02-21"),
        ("t2", "102", "Email", None, "2025-02-22", "2025-02-25"),
        ("t3", "102", "Task", None, None, "2025-02-25"),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_hubspot_companies_notes_and_meetings_come_out_as_entered(tmp_path, kind):
    db = project(tmp_path, "stripe,hubspot", STRIPE | HUBSPOT, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "accounts", "account_id name created_at industry country csm") == [
        ("101", "Acme", "2024-12-01", "COMPUTER_SOFTWARE", "Germany", "Ada Vance"),
        ("102", "Bolt", "2024-12-02", None, None, None),
        ("103", "Cray", "2024-12-03", "RETAIL", "US", "Ada Vance"),
    ]
    assert {row[0] for row in told(db, "subscriptions", "account_id")} == {"101", "102", "103"}
    assert told(db, "notes", "account_id written_at known_at author") == [
        ("101", "2025-02-01", "2025-02-05", "Ada Vance"),
        ("102", "2025-02-01", "2025-02-05", "Ada Vance"),
    ]
    assert told(db, "notes", "text")[0][0].split() == ["They", "look", "at", "Zorg"]
    assert told(db, "touchpoints", "account_id occurred_at known_at kind contact_id") == [
        ("101", "2025-01-10", "2025-01-10", "kickoff", "30"),
        ("101", "2025-03-20", "2025-03-25", "executive_review", None),
        ("102", "2025-02-20", "2025-02-20", "check_in", "40"),
        ("102", "2025-02-21", "2025-02-23", "call", None),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_salesforce_accounts_notes_and_activities_come_out_as_entered(tmp_path, kind):
    db = project(tmp_path, "salesforce,stripe", STRIPE | SALESFORCE, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "accounts", "account_id name created_at country account_manager parent_account_id") == [
        ("101", "Acme", "2024-12-01", "Germany", "Ada Vance", None),
        ("102", "Bolt", "2024-12-02", None, None, "101"),
        ("103", "Cray", "2024-12-03", "US", "Ada Vance", None),
    ]
    assert told(db, "notes", "account_id written_at author text") == [
        ("101", "2025-02-05", "Ada Vance", "Call: They look at Zorg"),
    ]
    # a task that is not done is no row, rather than one set aside
    assert {t.set_aside for t in audit(db).tables} == {0}
    assert told(db, "touchpoints", "account_id occurred_at known_at kind contact_id") == [
        ("101", "2025-01-10", "2025-01-10", "kickoff", "003A"),
        ("101", "2025-03-20", "2025-03-25", "executive_review", None),
        ("102", "2025-02-21", "2025-02-21", "call", "003B"),
        ("102", "2025-02-22", "2025-02-25", "email", None),
    ]


def test_of_two_crms_the_first_named_fills_accounts_and_the_other_is_not_read(tmp_path):
    db = project(tmp_path, "hubspot,salesforce,stripe", STRIPE | HUBSPOT).db
    assert [row[0] for row in told(db, "accounts", "account_id")] == ["101", "102", "103"]
    assert len(told(db, "touchpoints", "kind")) == 4
