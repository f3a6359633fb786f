"""What does the state database keep of an alert, and of what was held back?"""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from churnmodel.success.alerts_told import titles


def alert_rows(
    raised: pd.DataFrame, about: pd.DataFrame, raised_at: datetime
) -> list[dict[str, object]]:
    """What the state database keeps of each alert."""
    rows = []
    for title, (_, row) in zip(titles(raised, about), raised.iterrows(), strict=True):
        account = row["account_id"] if isinstance(row["account_id"], str) else None
        known = about.loc[account] if account is not None else None
        renews = None if known is None else known["renews_at"]
        rows.append(
            {
                **{name: row[name] for name in ("alert_id", "rule", "subject", "episode", "moved")},
                "account_id": account,
                "csm": row["csm"] if isinstance(row["csm"], str) else None,
                "began_at": row["began_at"].to_pydatetime(),
                "as_of": row["as_of"].date(),
                "raised_at": raised_at,
                "title": title,
                "reason": known["reason"] if known is not None and isinstance(known["reason"], str) else None,
                "mrr_cents": _cents(row["mrr"]),
                "at_risk_cents": _cents(row["at_risk"]),
                "renews_at": renews.date() if renews is not None and renews == renews else None,
            }
        )
    return rows


def held_back_rows(held: pd.DataFrame) -> list[dict[str, object]]:
    """What the state database keeps of what a cap held back."""
    return [
        {
            **{name: row[name] for name in ("alert_id", "rule", "subject", "moved")},
            "csm": row["csm"] if isinstance(row["csm"], str) else None,
            "as_of": row["as_of"].date(),
            "at_risk_cents": _cents(row["at_risk"]),
        }
        for _, row in held.iterrows()
    ]


def _cents(amount: float) -> int | None:
    return None if amount != amount else round(amount * 100)
