"""Does every finding of the audit fire on a world where it is planted, and stay silent on a clean one?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from churnmodel.errors import AuditError
from churnmodel.settings import settings_from
from churnmodel.sources.audit import Audit, audit
from churnmodel.sources.audit_finding import SEVERITIES, AuditFinding
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from churnmodel.sources.synthetic import simulate_company

UNTIL = "2026-01-01"
Frames = dict[str, pd.DataFrame]


def rows(columns: str, *values: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(values, columns=columns.split())


def clean() -> Frames:
    """Three accounts: "a" renewed last June, "b" left in March, "c" pays by the month."""
    weeks = pd.date_range("2025-01-06", "2025-12-29", freq="7D")
    events = [(who, f"{who}-1", week, "export", 3, "ui") for week in weeks for who in ("a", "c")]
    gauges = [(who, week, "depth", 0.5) for week in weeks for who in ("a", "c")]
    text = {"segment": "smb", "industry": "retail", "country": "DE", "csm": "Kim"}
    return {
        "accounts": rows("account_id created_at name parent_account_id", ("a", "2024-05-20", "A & Sons", "c"),
                         ("b", "2024-02-20", "B", None), ("c", "2024-11-20", "C", None)).assign(**text),
        "subscriptions": rows(
            "subscription_id account_id started_at ended_at cancelled_at mrr list_mrr seats renews_at term_months",
            ("sa", "a", "2024-06-01", "2025-06-01", None, 100.0, 120.0, 10, "2025-06-01", 12),
            ("sa", "a", "2025-06-01", None, None, 110.0, 120.0, 10, "2026-06-01", 12),
            ("sb", "b", "2024-03-01", "2025-03-01", "2025-01-15", 50.0, 60.0, 5, "2025-03-01", 12),
            ("sc", "c", "2024-12-01", None, None, 20.0, 20.0, 2, None, 1),
        ).assign(plan="pro", currency="USD", billing_period="annual", auto_renews=True),
        "invoices": rows(
            "invoice_id account_id issued_at due_at paid_at failed_at amount",
            ("i1", "a", "2025-06-01 10:00", "2025-07-01", "2025-06-01", None, 1320.0),  # a date beside a time
            ("i2", "c", "2025-08-01", "2025-08-15", "2025-08-03", "2025-08-01", 20.0),
            ("i3", "c", "2025-09-01", "2025-09-15", None, None, 20.0),
            ("i4", "c", "2025-12-01", "2026-01-15", "2025-12-03", None, 20.0),
        ).assign(currency="usd"),  # the same currency, written small
        "usage_events": rows("account_id user_id occurred_at feature quantity channel", *events),
        "tickets": rows(
            "ticket_id account_id opened_at first_response_at resolved_at reopened_at sla_due_at csat_at csat",
            ("t1", "a", "2025-02-01", "2025-02-01 09:00", "2025-02-02", "2025-02-03", "2025-02-04", "2025-02-05", 5),
            ("t2", "a", "2025-07-01", "2025-07-01 09:00", "2025-07-02", None, "2025-07-04", None, None),
            ("t3", "c", "2025-12-01", "2025-12-01 09:00", None, None, "2026-01-04", None, None),
        ).assign(priority="low", category="bug"),
        "surveys": rows("account_id respondent_id sent_at answered_at kind score",
                        ("a", "r1", "2025-03-01", "2025-03-02", "nps", 9), ("a", "r1", "2025-07-01", "2025-07-02", "NPS", 10),
                        ("c", "r2", "2025-12-01", "2025-12-02", "csat", 4)),
        "metrics": rows("account_id measured_at metric value", *gauges),
        "exits": rows("account_id exited_at reason", ("b", "2025-03-01", "price")),
    }  # fmt: skip


def of(frames: Frames, until: str = UNTIL) -> Audit:
    return audit(Database.from_frames(frames, until=until))


def put(frames: Frames, table: str, column: str, row: int, value: object) -> Frames:
    """The same world with one cell changed."""
    frame = frames[table].copy()
    kept = frame[column].astype("object") if column in frame else pd.Series(None, frame.index, "object")
    kept.iloc[row] = value
    return {**frames, table: frame.assign(**{column: kept.astype("str") if isinstance(value, str) else kept})}


def cells(table: str, column: str, **values: object) -> Callable[[Frames], Frames]:
    """Cells changed, by row: ``cells("accounts", "name", r0="x")``."""

    def plant(frames: Frames) -> Frames:
        frame = frames[table].copy()
        old = frame[column] if column in frame else pd.Series(None, frame.index)
        told = [None if pd.isna(v) else str(v) if isinstance(v, pd.Timestamp) else v for v in old]
        for row, value in values.items():
            told[int(row[1:])] = value
        if any(isinstance(v, str) for v in told):
            told = [None if v is None else str(v) for v in told]
        return {**frames, table: frame.assign(**{column: told})}

    return plant


def added(table: str, **values: object) -> Callable[[Frames], Frames]:
    """One more row: the last one with some cells changed."""

    def plant(frames: Frames) -> Frames:
        last = frames[table].tail(1).assign(**values)
        return {**frames, table: pd.concat([frames[table].astype("object"), last.astype("object")])}

    return plant


def dropped(table: str, *columns: str) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, table: frames[table].drop(columns=list(columns))}


def without(table: str) -> Callable[[Frames], Frames]:
    return lambda frames: {k: v for k, v in frames.items() if k != table}


def emptied(table: str) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, table: frames[table].head(0).astype("str")}


def before(table: str, column: str, moment: str) -> Callable[[Frames], Frames]:
    """Only the rows from before `moment`."""
    return lambda frames: {**frames, table: frames[table][frames[table][column] < moment]}


def silent(table: str, column: str, start: str, end: str) -> Callable[[Frames], Frames]:
    def plant(frames: Frames) -> Frames:
        frame = frames[table]
        return {**frames, table: frame[~frame[column].between(pd.Timestamp(start), pd.Timestamp(end))]}

    return plant


def repeated(table: str, times: int) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, table: pd.concat([frames[table], *[frames[table].head(1)] * times])}


# what is planted -> (severity, code, table, column, count) that must be found
PLANTED = [
    (cells("metrics", "metric", r0=None), ("counted", "missing_cells", "metrics", "metric", 1)),
    (cells("metrics", "metric", r0="  "), ("counted", "missing_cells", "metrics", "metric", 1)),
    (cells("subscriptions", "mrr", r0=None), ("fatal", "missing_cells", "subscriptions", "mrr", 1)),
    (cells("metrics", "value", r0="n/a"), ("counted", "unreadable_cells", "metrics", "value", 1)),
    (cells("subscriptions", "mrr", r0="1,200"), ("fatal", "unreadable_cells", "subscriptions", "mrr", 1)),
    (cells("subscriptions", "seats", r0="many"), ("counted", "unreadable_cells", "subscriptions", "seats", 1)),
    (cells("invoices", "paid_at", r0="31.06.2025"), ("counted", "unreadable_cells", "invoices", "paid_at", 1)),
    (cells("subscriptions", "auto_renews", r0="perhaps"), ("counted", "unreadable_cells", "subscriptions", "auto_renews", 1)),
    (cells("metrics", "known_at", r0="soon"), ("counted", "unreadable_cells", "metrics", "known_at", 1)),
    (cells("accounts", "csm", r0=None, r1=None, r2=None), ("note", "empty_column", "accounts", "csm", 3)),
    (cells("accounts", "account_id", r1="a"), ("fatal", "duplicates", "accounts", "account_id", 1)),
    (cells("subscriptions", "started_at", r1="2024-06-01"), ("fatal", "duplicates", "subscriptions", "subscription_id and started_at", 1)),
    (added("invoices"), ("counted", "duplicates", "invoices", "invoice_id", 1)),
    (added("tickets"), ("counted", "duplicates", "tickets", "ticket_id", 1)),
    (repeated("usage_events", 1), ("note", "repeated_rows", "usage_events", "", 1)),
    (repeated("usage_events", 9), ("counted", "repeated_rows", "usage_events", "", 9)),
    (cells("metrics", "account_id", r0="A"), ("counted", "orphans", "metrics", "account_id", 1)),
    (cells("exits", "account_id", r0="B"), ("fatal", "orphans", "exits", "account_id", 1)),
    (cells("accounts", "parent_account_id", r1="group"), ("note", "orphans", "accounts", "parent_account_id", 1)),
    (added("accounts", account_id="d"), ("counted", "no_subscription", "accounts", "account_id", 1)),
    (cells("accounts", "created_at", r2="2025-02-01"), ("counted", "before_account", "metrics", "measured_at", 4)),
    (cells("subscriptions", "ended_at", r2="2024-01-01"), ("counted", "impossible_times", "subscriptions", "ended_at", 1)),
    (cells("subscriptions", "renews_at", r1="2024-06-01"), ("counted", "impossible_times", "subscriptions", "renews_at", 1)),
    (cells("invoices", "due_at", r0="2025-05-01"), ("counted", "impossible_times", "invoices", "due_at", 1)),
    (cells("invoices", "paid_at", r0="2025-05-31"), ("counted", "impossible_times", "invoices", "paid_at", 1)),
    (cells("invoices", "failed_at", r1="2025-07-31"), ("counted", "impossible_times", "invoices", "failed_at", 1)),
    (cells("tickets", "first_response_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "first_response_at", 1)),
    (cells("tickets", "resolved_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "resolved_at", 1)),
    (cells("tickets", "reopened_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "reopened_at", 1)),
    (cells("tickets", "sla_due_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "sla_due_at", 1)),
    (cells("tickets", "csat_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "csat_at", 1)),
    (cells("surveys", "answered_at", r0="2025-02-27"), ("counted", "impossible_times", "surveys", "answered_at", 1)),
    (cells("metrics", "measured_at", r0="2026-01-01"), ("counted", "after_until", "metrics", "measured_at", 1)),
    (cells("surveys", "sent_at", r0="2027-01-01"), ("counted", "after_until", "surveys", "sent_at", 1)),
    (cells("subscriptions", "ended_at", r3="2026-02-01"), ("note", "planned_times", "subscriptions", "ended_at", 1)),
    (cells("metrics", "known_at", r0="2024-12-01"), ("counted", "known_before_happening", "metrics", "known_at", 1)),
    (cells("metrics", "known_at", r0="2026-01-01"), ("note", "known_after_until", "metrics", "known_at", 1)),
    (cells("metrics", "known_at", r0="2025-01-07"), ("note", "known_at_blank", "metrics", "known_at", 103)),
    (cells("subscriptions", "ended_at", r0="2025-06-02"), ("fatal", "overlapping_versions", "subscriptions", "ended_at", 1)),
    (cells("subscriptions", "ended_at", r0=None), ("fatal", "overlapping_versions", "subscriptions", "ended_at", 1)),
    (cells("subscriptions", "mrr", r0=-1.0), ("fatal", "negative", "subscriptions", "mrr", 1)),
    (cells("subscriptions", "list_mrr", r0=-1.0), ("counted", "negative", "subscriptions", "list_mrr", 1)),
    (cells("subscriptions", "seats", r0=-1), ("counted", "negative", "subscriptions", "seats", 1)),
    (cells("subscriptions", "term_months", r0=0), ("counted", "negative", "subscriptions", "term_months", 1)),
    (cells("usage_events", "quantity", r0=-3), ("counted", "negative", "usage_events", "quantity", 1)),
    (cells("subscriptions", "mrr", r1=0.0), ("note", "free_versions", "subscriptions", "mrr", 1)),
    (cells("invoices", "amount", r0=-5.0), ("note", "credits", "invoices", "amount", 1)),
    (cells("tickets", "csat", r0=100), ("counted", "out_of_range", "tickets", "csat", 1)),
    (cells("surveys", "score", r0=11), ("counted", "out_of_range", "surveys", "score", 1)),
    (cells("surveys", "score", r2=6), ("counted", "out_of_range", "surveys", "score", 1)),
    (cells("surveys", "kind", r0="CES"), ("counted", "unknown_kinds", "surveys", "kind", 1)),
    (cells("subscriptions", "currency", r3="EUR"), ("fatal", "mixed_currencies", "subscriptions", "currency", 1)),
    (cells("invoices", "currency", r0="EUR"), ("fatal", "mixed_currencies", "invoices", "currency", 1)),
    (cells("invoices", "currency", r0="EUR", r1="EUR", r2="EUR", r3="EUR"), ("fatal", "mixed_currencies", "invoices", "currency", 4)),
    (cells("subscriptions", "renews_at", r1="2025-11-01"), ("fatal", "renewals_not_recorded", "subscriptions", "renews_at", 1)),
    (cells("subscriptions", "renews_at", r1="2025-11-01", r3="2026-01-01"), ("counted", "renewals_not_recorded", "subscriptions", "renews_at", 1)),
    (cells("subscriptions", "renews_at", r2="2024-12-01"), ("counted", "renewals_recorded_late", "subscriptions", "renews_at", 1)),
    (cells("exits", "account_id", r0="c"), ("counted", "exit_while_running", "exits", "exited_at", 1)),
    (emptied("subscriptions"), ("fatal", "empty_table", "subscriptions", "", 0)),
    (emptied("tickets"), ("counted", "empty_table", "tickets", "", 0)),
    (cells("exits", "reason", r0=None), ("counted", "empty_table", "exits", "", 1)),
    (without("tickets"), ("note", "absent_table", "tickets", "", 0)),
    (dropped("subscriptions", "renews_at"), ("note", "absent_column", "subscriptions", "renews_at", 4)),
    (dropped("subscriptions", "ended_at"), ("fatal", "no_endings", "subscriptions", "ended_at", 3)),
    (cells("subscriptions", "ended_at", r2=None), ("counted", "nobody_left", "subscriptions", "account_id", 3)),
    (before("metrics", "measured_at", "2025-11-01"), ("counted", "stale", "metrics", "measured_at", 66)),
    (silent("usage_events", "occurred_at", "2025-05-01", "2025-07-01"), ("counted", "feed_gaps", "usage_events", "occurred_at", 1)),
]  # fmt: skip


def the(found: Audit, code: str, table: str, column: str | None = None) -> AuditFinding:
    [finding] = [
        f for f in found.findings if f.code == code and f.table == table and column in (None, f.column)
    ]
    return finding


@pytest.mark.parametrize(
    ("plant", "expected"), PLANTED, ids=[f"{e[1]}-{e[2]}-{e[3]}-{i}" for i, (_, e) in enumerate(PLANTED)]
)
def test_a_planted_wrong_is_found_and_counted(
    plant: Callable[[Frames], Frames], expected: tuple[str, str, str, str, int]
) -> None:
    findings = of(plant(clean())).findings
    assert expected in [(f.severity, f.code, f.table, f.column, f.count) for f in findings]


def test_a_clean_world_has_only_the_note_on_known_at() -> None:
    found = of(clean())
    assert {f.code for f in found.findings} == {"known_at_assumed"}, found.to_frame()
    assert {f.table for f in found.findings} == set(CONTRACT)
    found.raise_if_fatal()
