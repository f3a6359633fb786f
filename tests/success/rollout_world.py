"""A company small enough for paper, whose rollout began on 1 October 2025 (and what became of it by January)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from churnmodel.settings.rollout import RolloutSettings
from churnmodel.success.rollout_stand import CHAMPION, Alerting, Playing, Scored, Stand

DAY_0, NOW = pd.Timestamp("2025-10-01"), pd.Timestamp("2026-01-01")
SUBSCRIPTIONS = [
    # subscription, account, started, ended, mrr, renews
    ("s1", "ada", "2024-01-05", "2025-11-05", 1000.10, "2025-11-05"),  # grew
    ("s1", "ada", "2025-11-05", None, 1200.35, "2026-11-05"),
    ("s2", "bob", "2024-02-05", "2025-12-01", 500.25, "2025-12-01"),  # left on 1 December
    ("s3", "cy", "2024-06-01", "2025-12-20", 77.77, "2026-06-01"),  # shrank
    ("s3", "cy", "2025-12-20", None, 70.01, "2026-06-01"),
    ("s4", "dan", "2025-06-01", None, 50.0, "2026-06-01"),  # stayed
    ("s5", "eve", "2024-06-01", "2025-10-10", 300.0, "2025-10-10"),  # left, and came back after 50 days
    ("s6", "eve", "2025-11-29", None, 200.5, "2026-11-29"),
    ("s7", "fay", "2025-11-01", None, 999.99, "2026-11-01"),  # came since
    ("s8", "gil", "2023-01-01", "2024-12-01", 10.0, "2024-12-01"),  # of the year before
]
RULES = '[project]\ndata_until = 2026-01-01\n[data]\nfolder = "data"\n[output]\nfolder = "var"\n'
CSMS = {"ada": "Jo", "bob": None, "cy": "Jo", "dan": None, "eve": "Kim", "fay": "Jo", "gil": None}


def write_company(folder: Path, more: str = "") -> Path:
    """The company as a project; its churnmodel.toml."""
    (folder / "data").mkdir()
    columns = ["subscription_id", "account_id", "started_at", "ended_at", "mrr", "renews_at"]
    rows = pd.DataFrame(SUBSCRIPTIONS, columns=columns).assign(term_months=12, auto_renews=True)
    rows.to_parquet(folder / "data" / "subscriptions.parquet")
    accounts = pd.DataFrame({"account_id": list(CSMS), "csm": list(CSMS.values())})
    accounts = accounts.assign(created_at="2023-01-01", name=[name.title() for name in CSMS])
    accounts.to_parquet(folder / "data" / "accounts.parquet")
    met = pd.DataFrame({"account_id": ["ada", "bob"], "kind": ["check_in", "kickoff"]})
    met.assign(occurred_at=["2025-09-25", "2024-02-10"]).to_parquet(folder / "data" / "touchpoints.parquet")
    config = folder / "churnmodel.toml"
    config.write_text(RULES + more, encoding="utf-8")
    return config


def stand(**other: Any) -> Stand:
    """Everything is as it should be, but for what is said otherwise."""
    accounts = pd.DataFrame(
        {
            "name": ["Ada", "Bob", "Cy"], "segment": "mid", "tier": ["platinum", "gold", "standard"],
            "high_value": [True, True, False], "mrr": [600.0, 300.0, 100.0], "csm": "Jo", "account_manager": None,
            "status": "at_risk", "tenure_days": 800.0, "champion": "there", "referenceable": True,
            "band": ["green", "red", "green"], "health": [90.0, 20.0, 80.0], "risk": [0.1, 0.5, 0.2],
            "worked_at": False,
        },
        index=pd.Index(["ada", "bob", "cy"], name="account_id"),
    )  # fmt: skip
    meetings = pd.DataFrame({"account_id": ["ada", "bob"], "kind": "check_in", "status": "fine"})
    feeds = pd.DataFrame(
        [("tickets", True, "there", DAY_0, 1, ("support",), ""), ("exits", True, "there", DAY_0, 1, (), "")],
        columns=["table", "wanted", "status", "last_on", "silent_days", "families", "words"],
    )
    terms = {"mrr": 100.0, "has_end": True, "short": False, "has_term": True, "has_auto": True}
    whole: dict[str, Any] = {
        "as_of": DAY_0, "currency": "USD", "rules": RolloutSettings(), "accounts": accounts,
        "owner": accounts["csm"], "meetings": meetings, "feeds": feeds,
        "contracts": pd.DataFrame(terms, index=range(3)).assign(account_id=list(accounts.index)),
        "scored": Scored(CHAMPION, DAY_0, "logistic", "0" * 12),
        "alerting": Alerting(("team",), sent=3), "playing": Playing(begun_lately=1, hold_out=0.1),
        "notice": 1.0, "headline": (), "words_due": (0, 4), "milestones": {"kickoff": (3, 4)},
        "templates": dict.fromkeys(("platinum", "gold", "standard"), ("kickoff",)),
        "tiers_stated": True, "marks": {"alerts_backtest": ("Jo", DAY_0)},
    }  # fmt: skip
    return Stand(**(whole | other))
