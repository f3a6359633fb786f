"""Do Stripe's tables become subscriptions as they were at the time, and not as they are today?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.audit import audit

from .landed import STRIPE, project, told

KINDS = ("parquet", "csv")


@pytest.mark.parametrize("kind", KINDS)
def test_each_billed_term_is_a_version_with_what_was_billed_then(tmp_path, kind):
    db = project(tmp_path, "stripe", STRIPE, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "accounts", "account_id name created_at country") == [
        ("cus_a", "Acme", "2025-01-01", "DE"),
        ("cus_b", "b@bolt.io", "2025-01-15", "US"),
        ("cus_c", "Cray", "2025-01-10", None),
    ]
    columns = "subscription_id account_id started_at ended_at cancelled_at mrr seats known_at renews_at"
    assert told(db, "subscriptions", columns) == [
        ("sub_a", "cus_a", "2025-01-01", "2025-02-01", None, 90_00, 3, "2025-01-01", "2025-02-01"),
        ("sub_a", "cus_a", "2025-02-01", "2025-03-01", None, 120_00, 4, "2025-02-01", "2025-03-01"),
        ("sub_b", "cus_b", "2025-01-15", "2026-01-15", None, 100_00, 10, "2025-01-15", "2026-01-15"),
        ("sub_c", "cus_c", "2025-01-10", "2025-02-10", None, 50_00, 2, "2025-01-10", "2025-02-10"),
        ("sub_c", "cus_c", "2025-02-10", "2025-03-10", None, 50_00, 2, "2025-02-10", "2025-03-10"),
        ("sub_c", "cus_c", "2025-03-10", "2025-04-05", "2025-03-20", 50_00, 2, "2025-03-10", "2025-04-10"),
    ]
    assert told(db, "subscriptions", "subscription_id plan billing_period term_months currency")[1:4] == [
        ("sub_a", "Team", "monthly", 1, "USD"),
        ("sub_b", "price_y", "annual", 12, "USD"),
        ("sub_c", "Team", "monthly", 1, "USD"),
    ]


def test_a_notice_and_an_end_are_not_seen_before_they_came(tmp_path):
    db = project(tmp_path, "stripe", STRIPE).db
    columns = "subscription_id started_at ended_at cancelled_at"
    assert ("sub_c", "2025-03-10", None, None) in told(db, "subscriptions", columns, at="2025-03-20")
    assert ("sub_c", "2025-03-10", None, "2025-03-20") in told(db, "subscriptions", columns, at="2025-04-05")


@pytest.mark.parametrize("kind", KINDS)
def test_invoices_are_owed_until_paid_or_voided_and_refunds_are_credits(tmp_path, kind):
    db = project(tmp_path, "stripe", STRIPE, kind=kind).db
    assert told(db, "invoices", "invoice_id account_id issued_at due_at paid_at failed_at amount") == [
        ("in_1", "cus_a", "2025-01-01 01:00:00", "2025-01-01 01:00:00", "2025-01-03", None, 90_00),
        ("in_2", "cus_a", "2025-02-01 01:00:00", "2025-02-15", None, "2025-02-01 02:00:00", 132_00),
        ("in_3", "cus_b", "2025-01-15", "2025-02-14", "2025-02-20", None, 1200_00),
        ("in_4", "cus_c", "2025-01-10", "2025-01-10", "2025-01-10", None, 50_00),
        ("in_5", "cus_c", "2025-02-10", "2025-02-10", "2025-02-10", None, 50_00),
        ("in_6", "cus_c", "2025-03-10", "2025-03-10", "2025-04-01", None, 50_00),
        ("refund re_1", "cus_a", "2025-02-10", "2025-02-10", "2025-02-10", None, -10_00),
    ]


@pytest.mark.parametrize("first", [True, False])
def test_a_term_that_is_invoiced_again_keeps_what_was_known_of_it_first(tmp_path, first):
    tables = dict(STRIPE)
    invoices, lines = tables["stripe_invoice"], tables["stripe_invoice_line_item"]
    again = invoices[invoices["id"] == "in_1"].assign(id="in_9", created=pd.Timestamp("2025-01-11"))
    line = lines[lines["id"] == "l1"].assign(id="l99", invoice_id="in_9", amount=99_00)
    tables["stripe_invoice"] = pd.concat([again, invoices][:: 1 if first else -1])
    tables["stripe_invoice_line_item"] = pd.concat([line, lines][:: 1 if first else -1])
    db = project(tmp_path, "stripe", tables).db
    terms = told(db, "subscriptions", "subscription_id started_at mrr known_at")
    assert terms[0] == ("sub_a", "2025-01-01", 90_00, "2025-01-01")


def test_yen_have_no_cents(tmp_path):
    tables = {name: table.replace({"usd": "jpy"}) for name, table in STRIPE.items()}
    db = project(tmp_path, "stripe", tables).db
    assert ("sub_a", "JPY", 9000_00) in told(db, "subscriptions", "subscription_id currency mrr")
    assert told(db, "invoices", "invoice_id currency amount")[0] == ("in_1", "JPY", 9000_00)


@pytest.mark.parametrize("kind", KINDS)
def test_without_invoice_lines_only_starts_and_ends_are_taken_as_facts(tmp_path, kind):
    made = project(tmp_path, "stripe_items", STRIPE, kind=kind)
    assert not audit(made.db).fatal
    # sub_a: 5 x 30 a month and 1 x 90 a quarter; sub_b: 10 x 120 a year, from the end of its trial
    assert told(made.db, "subscriptions", "subscription_id account_id started_at ended_at cancelled_at mrr") == [
        ("sub_a", "cus_a", "2025-01-01", None, None, 180_00),
        ("sub_b", "cus_b", "2025-01-15", None, None, 100_00),
        ("sub_c", "cus_c", "2025-01-10", "2025-04-05", "2025-03-20", 60_00),
    ]
    missing = {*made.db.readings["subscriptions"].missing}
    assert {"seats", "plan", "renews_at", "list_mrr", "term_months"} <= missing
    assert len(told(made.db, "invoices", "invoice_id")) == 7


def test_no_feature_moves_with_what_is_paid_today(tmp_path):
    dearer = dict(STRIPE)
    dearer["stripe_price"] = STRIPE["stripe_price"].assign(unit_amount=[7000, 9000, 12000])
    at = [pd.Timestamp("2025-04-01")]
    then, now = (
        _matrix(project(tmp_path / name, "stripe_items", tables), at)
        for name, tables in {"then": STRIPE, "now": dearer}.items()
    )
    pd.testing.assert_frame_equal(then, now)
    assert len(then) == 3


def _matrix(made, as_ofs):
    book = build_book(made.db, as_ofs, min_tenure_days=0)
    return build_feature_matrix(made.db, book, made.features)


def test_beside_a_crm_the_customers_metadata_says_the_account(tmp_path):
    text = (project(tmp_path, "stripe,hubspot", STRIPE).config).read_text()
    assert text.count("json_extract_string(c.metadata, '$.account_id') AS account_id  -- JOIN KEY") == 2
    assert "SELECT c.id AS account_id,  -- JOIN KEY\n       c.property_name AS name" in text
