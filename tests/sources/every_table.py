"""What does a company with rows in every table of the contract look like? (three accounts, by hand)

Looked at on 1 May and 1 July 2025. "ada" stays, "bob" pays in euros and reactivated, "cyd" leaves on 1 August.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from small_worlds import frame

AS_OFS = ("2025-05-01", "2025-07-01")
UNTIL = "2026-01-01"
LAST = pd.Timestamp(AS_OFS[-1])
ACCOUNTS = ("ada", "bob", "cyd")
Tables = Mapping[str, list[dict[str, Any]]]


def company(**ways: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table, known as they happened; `ways` may name the currency of bob's money."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTRACT}
    for place, account in enumerate(ACCOUNTS):
        for table, rows in _of_account(account, place, ways.get("bob", "EUR")).items():
            tables[table] += [{"account_id": account} | row for row in rows]
    tables["incidents"].append({"account_id": None, "started_at": "2025-06-20 08:00", "severity": "major"})
    tables["rates"] = [
        {"currency": "EUR", "valid_from": day, "rate": rate}
        for day, rate in [("2020-01-01", 1.1), ("2025-03-01", 1.25), ("2025-08-01", 2.0)]
    ]
    return tables


def _of_account(account: str, place: int, bobs: str) -> dict[str, list[dict[str, Any]]]:
    currency = bobs if account == "bob" else None
    leaves = {"cancelled_at": "2025-06-10", "ended_at": "2025-08-01"} if account == "cyd" else {}
    first = {"started_at": "2024-01-01", "ended_at": "2025-01-01", "mrr": 100.0 + place, "renews_at": "2025-01-01"}
    second = {"started_at": "2025-01-01", "mrr": 150.5, "list_mrr": 200.0, "renews_at": "2026-01-01"} | leaves
    terms = {"subscription_id": f"s-{account}", "plan": "pro", "currency": currency, "billing_period": "annual"}
    terms |= {"term_months": 12, "auto_renews": True}
    bill = {"currency": currency, "due_at": "2025-05-20", "amount": 30}
    survey = {"respondent_id": "r", "kind": "nps"}
    told = {"reason": "price", "comment": "too dear"}
    return {
        "accounts": [{"created_at": "2023-01-01", "name": account.title(), "segment": "smb", "country": "DE"}],
        "subscriptions": [terms | first | {"seats": 5}, terms | second | {"seats": 8 + place}],
        "invoices": [
            bill | {"invoice_id": f"{account}1", "issued_at": "2025-02-01", "paid_at": "2025-02-20"},
            bill | {"invoice_id": f"{account}2", "issued_at": "2025-05-01", "failed_at": "2025-06-01"},
            bill | {"invoice_id": f"{account}3", "issued_at": "2025-06-01", "amount": -20.25},
        ],
        "usage_events": [
            {"user_id": f"u{day % 3}", "occurred_at": str(LAST - pd.Timedelta(hours=13 * day)),
             "feature": ("reports", "alerts")[day % 2], "quantity": day, "channel": ("ui", "api")[day % 2]}
            for day in range(1 + place, 120, 3 + place)
        ],
        "users": [
            {"user_id": f"u{n}", "joined_at": "2024-02-01", "role": "admin", "department": f"d{n}",
             "champion": n == 0, "left_at": "2025-06-15" if n == 2 else None}
            for n in range(3)
        ],
        "tickets": [
            {"ticket_id": f"t1-{account}", "opened_at": "2025-06-02", "first_response_at": "2025-06-02 06:00",
             "resolved_at": "2025-06-05", "reopened_at": "2025-06-07", "csat": 4, "priority": "urgent",
             "sla_due_at": "2025-06-03", "text": "the export fails again"},
            {"ticket_id": f"t2-{account}", "opened_at": "2025-04-20", "priority": "low", "text": "thanks"},
        ],
        "incidents": [{"started_at": "2025-06-10", "ended_at": "2025-06-10 05:00", "severity": "minor"}],
        "surveys": [
            survey | {"sent_at": "2025-04-01", "answered_at": "2025-04-03", "score": 9 - place, "comment": "fine"},
            survey | {"sent_at": "2025-06-01"},
        ],
        "metrics": [
            {"metric": "depth", "measured_at": f"2025-0{month}-15", "value": 1.5 * month} for month in range(1, 7)
        ],
        "notes": [{"written_at": "2025-06-11", "author": "csm", "text": "they ask for a discount"}],
        "touchpoints": [
            {"occurred_at": "2025-05-05", "kind": "training", "contact_id": "u1"},
            {"occurred_at": "2025-06-06", "kind": "executive_review", "contact_id": "u0"},
        ],
        "goals": [
            {"set_at": "2025-02-02", "metric": "depth", "baseline": 1.0, "target": 5.0, "due_at": "2025-06-30"}
        ],
        "interventions": [{"occurred_at": "2025-06-12", "play": "call", "arm": "treated"}],
        "external_scores": [{"scored_at": "2025-06-01", "source": "sheet", "score": 0.25 * place}],
        "exits": [{"exited_at": "2025-08-01", **told}] if account == "cyd" else [],
        "rates": [],
    }  # fmt: skip


def database(tables: Tables, **options: Any) -> Database:
    """A database over these rows."""
    frames = {name: frame(name, rows) for name, rows in tables.items()}
    return Database.from_frames(frames, until=UNTIL, threads=1, **options)
