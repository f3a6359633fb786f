"""A company that fits on paper, clean, and ways of planting one wrong in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from churnmodel.sources.audit import Audit, audit
from churnmodel.sources.audit.finding import AuditFinding
from churnmodel.sources.database import Database

UNTIL = "2026-01-01"
Frames = dict[str, pd.DataFrame]


def rows(columns: str, *values: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(values, columns=columns.split())


def clean() -> Frames:
    """Three accounts: "a" renewed last June, "b" left in March, "c" pays by the month. Every table is there."""
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
            ("t1", "a", "2025-02-01", "2025-02-01 09:00", "2025-02-02", "2025-02-03", "2025-02-04",
             "2025-02-05", 5),
            ("t2", "a", "2025-07-01", "2025-07-01 09:00", "2025-07-02", None, "2025-07-04", None, None),
            ("t3", "c", "2025-12-01", "2025-12-01 09:00", None, None, "2026-01-04", None, None),
        ).assign(priority="low", category="bug"),
        "surveys": rows("account_id respondent_id sent_at answered_at kind score",
                        ("a", "r1", "2025-03-01", "2025-03-02", "nps", 9),
                        ("a", "r1", "2025-07-01", "2025-07-02", "NPS", 10),
                        ("c", "r2", "2025-12-01", "2025-12-02", "csat", 4)),
        "metrics": rows("account_id measured_at metric value", *gauges),
        "exits": rows("account_id exited_at reason", ("b", "2025-03-01", "price")),
        "users": rows("user_id account_id joined_at left_at role department champion",
                      ("a-1", "a", "2024-06-01", None, "admin", "sales", True),
                      ("a-2", "a", "2024-07-01", "2025-02-01", "user", "sales", False),
                      ("c-1", "c", "2024-12-01", None, "admin", "ops", False)),
        "incidents": rows("account_id started_at ended_at severity",
                          ("a", "2025-05-01 08:00", "2025-05-01 10:00", "major"),
                          ("c", "2025-12-20", None, "minor")),
        "notes": rows("account_id written_at author text", ("a", "2025-05-02", "Kim", "They were calm.")),
        "touchpoints": rows("account_id occurred_at kind contact_id",
                            ("a", "2024-06-03", "kickoff", "p1"),
                            ("a", "2025-06-01", "Executive review", "p1"), ("c", "2025-03-01", "training", "p2")),
        "goals": rows("account_id set_at metric baseline target due_at reached_at contractual",
                      ("a", "2024-06-03", "depth", 0.1, 0.5, "2025-06-01", "2025-05-20", True),
                      ("c", "2025-03-01", "depth", 0.2, 0.6, "2026-03-01", None, False)),
        "interventions": rows("account_id occurred_at play arm",
                              ("a", "2025-04-01", "check_in", "treated"),
                              ("c", "2025-04-01", "check_in", "hold_out")),
        "external_scores": rows("account_id scored_at source score",
                                ("a", "2025-02-01", "tool", 71), ("b", "2025-02-01", "tool", 20),
                                ("a", "2025-12-01", "tool", 75)),
        "rates": rows("currency valid_from rate", ("EUR", "2024-01-01", 1.10), ("EUR", "2025-01-01", 1.05),
                      ("EUR", "2025-12-01", 1.08)),
    }  # fmt: skip


def of(frames: Frames, *tables: str, until: str = UNTIL) -> Audit:
    """The audit of accounts, subscriptions and these `tables` (of all of them where none is named)."""
    named = ("accounts", "subscriptions", *tables)
    kept = {name: frame for name, frame in frames.items() if not tables or name in named}
    return audit(Database.from_frames(kept, until=until))


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


def all_of(*plants: Callable[[Frames], Frames]) -> Callable[[Frames], Frames]:
    """Several wrongs that do not touch each other, planted together: an audit costs half a second."""

    def plant(frames: Frames) -> Frames:
        for one in plants:
            frames = one(frames)
        return frames

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


def the(found: Audit, code: str, table: str, column: str | None = None) -> AuditFinding:
    [finding] = [f for f in found.findings if f.code == code and f.table == table and column in (None, f.column)]
    return finding
