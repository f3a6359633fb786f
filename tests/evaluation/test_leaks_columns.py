"""Which columns does the leak proof ask? (those a company has, not those that reading it adds)"""

from __future__ import annotations

from churnmodel.evaluation.leaks_columns import columns_read, raw_probes
from churnmodel.features.catalog import CATALOG
from churnmodel.sources.schemas import CONTRACT
from small_worlds import looks, version, world


def test_what_conversion_keeps_beside_an_amount_is_no_column_of_the_company():
    rates = [{"currency": "EUR", "valid_from": "2024-01-01", "rate": 1.1}]
    db = world([version("2024-01-01", currency="EUR")], rates=rates)
    asked = {probe.columns[0] for probe in raw_probes(db, looks("2025-01-01"), ())}
    of_subscriptions = {name for name in asked if name.startswith("subscriptions.")}
    assert "subscriptions.mrr" in of_subscriptions
    assert of_subscriptions <= {f"subscriptions.{name}" for name in CONTRACT["subscriptions"].names}


def test_a_change_of_mrr_is_known_to_be_made_of_mrr():
    change = next(f for f in CATALOG if f.name == "mrr_change_90d")
    assert "subscriptions.mrr" in columns_read(change)


def test_what_credits_leave_overdue_is_known_to_be_made_of_amounts_dates_and_payment():
    overdue = next(f for f in CATALOG if f.name == "overdue_amount")
    assert {f"invoices.{name}" for name in ("amount", "due_at", "paid_at")} <= set(columns_read(overdue))
