"""Is one account shown with its rows and its own findings, and with nobody else's?"""

from __future__ import annotations

import json

import pytest

from churnmodel.errors import SourceError
from churnmodel.sources.audit import AccountAudit, audit_account
from churnmodel.sources.database import Database
from sources.audited_world import UNTIL, Frames, added, all_of, cells, clean


def seen(world: Frames, account: str) -> AccountAudit:
    return audit_account(Database.from_frames(world, until=UNTIL), account)


def test_the_rows_of_an_account_are_counted_per_table_and_its_newest_are_told() -> None:
    found = seen(clean(), "a")
    assert {t.table: t.rows for t in found.tables} == {
        "accounts": 1, "subscriptions": 2, "invoices": 1, "usage_events": 52, "users": 2, "tickets": 2,
        "incidents": 1, "surveys": 2, "metrics": 52, "notes": 1, "touchpoints": 2, "goals": 1, "interventions": 1,
        "external_scores": 2}  # fmt: skip
    [subscriptions] = [t for t in found.tables if t.table == "subscriptions"]
    assert [row["started_at"] for row in subscriptions.newest] == ["2025-06-01", "2024-06-01"]
    assert subscriptions.newest[0]["mrr"] == "110.00" and "ended_at" not in subscriptions.newest[0]
    [usage] = [t for t in found.tables if t.table == "usage_events"]
    assert [row["occurred_at"] for row in usage.newest] == ["2025-12-29", "2025-12-22", "2025-12-15"]
    assert found.findings == ()


def test_only_the_account_s_own_wrongs_are_told_fatal_first_and_counted_among_its_rows() -> None:
    plant = all_of(cells("metrics", "measured_at", r0="2026-02-01", r1="2026-02-01"),
                   cells("goals", "target", r0=0.1),
                   cells("subscriptions", "mrr", r0=-1.0, r2=-1.0))  # fmt: skip
    found = seen(plant(clean()), "a")
    assert [(f.severity, f.code, f.where, f.count) for f in found.findings] == [
        ("fatal", "negative", "subscriptions.mrr", 1),
        ("counted", "after_until", "metrics.measured_at", 1),
        ("counted", "nothing_to_reach", "goals.target", 1),
    ]
    assert found.findings[0].message.startswith("1 of 2 rows (50.0 %)")
    assert {e["account_id"] for f in found.findings for e in f.examples} == {"a"}


def test_a_wrong_between_rows_of_one_subscription_is_told_of_its_account_alone() -> None:
    world = cells("subscriptions", "ended_at", r0="2025-07-01")(clean())
    assert [f.code for f in seen(world, "a").findings] == ["overlapping_versions"]
    assert seen(world, "c").findings == ()


def test_an_account_that_other_tables_name_and_accounts_do_not_is_shown_as_an_orphan() -> None:
    found = seen(added("tickets", ticket_id="t9", account_id="ghost")(clean()), "ghost")
    assert [t.table for t in found.tables] == ["tickets"]
    assert [f.code for f in found.findings] == ["orphans"]


def test_a_note_shows_no_rows_here_either() -> None:
    found = seen(cells("accounts", "parent_account_id", r0="a holding")(clean()), "a")
    assert [(f.severity, f.code, f.examples) for f in found.findings] == [("note", "orphans", ())]


def test_names_and_free_text_are_not_shown() -> None:
    world = clean()
    world["tickets"] = world["tickets"].assign(text="a secret")
    told = seen(world, "a").to_json()
    assert "secret" not in told and "calm" not in told and "Kim" not in json.loads(told)["tables"][-5]["newest"]
    assert "A & Sons" not in told


def test_an_account_without_any_row_is_refused_with_what_looks_alike() -> None:
    world = added("accounts", account_id="A0349")(clean())
    with pytest.raises(SourceError, match=r"no table has a row of account 'A0394'; did you mean A0349\?"):
        seen(world, "A0394")
    with pytest.raises(SourceError, match=r"'A999'; did you mean A0349\?"):
        seen(world, "A999")
    with pytest.raises(SourceError, match="no id looks like it") as refused:
        seen(world, "\x1b[2J")
    assert str(refused.value).isprintable()
