"""Who could sit on a customer advisory board? (each candidate with its reasons, and who only lacks one thing)

A candidate is on the high-value roster, green, not leaving, a customer for long enough, and nobody works at it to
save it; where ``[rollout.board]`` asks for them, referenceable and with its champion there. What the tables do not
say of anybody is no reason against: it is told as unknown, and to be asked.
"""

from __future__ import annotations

import pandas as pd

from churnmodel.scoring.bands import GREEN
from churnmodel.settings.rollout import BoardRule
from churnmodel.success.rollout_stand import Stand

CONDITIONS = {
    "high_value": "not on the high-value roster", "green": "not green", "stays": "under notice",
    "long": "not long enough a customer", "calm": "a play is open for it", "referenceable": "not referenceable",
    "champion": "no champion there",
}  # fmt: skip
"""What is asked for, and what is said where it does not hold."""
COLUMNS = ["account_id", "name", "segment", "tier", "mrr", "csm", "candidate", "lacks", "unknown", "reasons"]


def board_candidates(stand: Stand) -> pd.DataFrame:
    """The candidates, and the high-value accounts that lack one thing.

    Returns
    -------
    DataFrame
        account_id, name, segment, tier, mrr, csm, candidate (every condition that is known holds), lacks (the one
        that does not), unknown (what the tables do not say of it), reasons; candidates first, the most MRR first.
    """
    accounts, rule = stand.accounts, stand.rules.board
    holds = _holds(accounts, rule)
    missing = holds.eq(0).sum(axis=1)  # NaN: not known, and no reason against
    kept = accounts[(missing == 0) | ((missing == 1) & accounts["high_value"])]
    rows = []
    told = holds.loc[kept.index].to_dict("records")
    for account, row, own in zip(kept.index, kept.to_dict("records"), told, strict=True):
        lacks = [words for name, words in CONDITIONS.items() if own.get(name) == 0]
        unknown = [name for name in ("referenceable", "champion") if name in holds and pd.isna(own[name])]
        unknown += ["band"] if pd.isna(own["green"]) else []
        years = float(row["tenure_days"]) / 365.25
        parts = [f"{row['tier']}", f"a customer for {years:.1f} years"]
        parts += ["green"] if own["green"] == 1 else []
        parts += ["referenceable"] if own.get("referenceable") == 1 else []
        parts += ["champion there"] if row.get("champion") == "there" else []
        rows.append(
            {
                "account_id": account, "name": row["name"], "segment": row["segment"], "tier": row["tier"],
                "mrr": row["mrr"], "csm": row["csm"], "candidate": not lacks, "lacks": ", ".join(lacks),
                "unknown": ", ".join(unknown), "reasons": ", ".join(parts),
            }
        )  # fmt: skip
    found = pd.DataFrame(rows, columns=COLUMNS).astype({"candidate": bool})
    order = ["candidate", "mrr", "account_id"]
    return found.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _holds(accounts: pd.DataFrame, rule: BoardRule) -> pd.DataFrame:
    """Per account and condition: 1.0, 0.0, or NaN where the tables do not say."""
    band = accounts["band"] if "band" in accounts else pd.Series(None, accounts.index, dtype="object")
    found = pd.DataFrame(index=accounts.index)
    found["high_value"] = accounts["high_value"].astype("float64")
    found["green"] = band.eq(GREEN).astype("float64").where(band.notna())
    found["stays"] = accounts["status"].ne("leaving").astype("float64")
    found["long"] = accounts["tenure_days"].ge(rule.tenure_days).astype("float64")
    found["calm"] = (~accounts["worked_at"].astype(bool)).astype("float64")
    if rule.referenceable:
        told = accounts["referenceable"]
        found["referenceable"] = told.map({True: 1.0, False: 0.0}).astype("float64")
    if rule.champion:
        found["champion"] = accounts["champion"].map({"there": 1.0, "left": 0.0, "none": 0.0}).astype("float64")
    found.loc[found["stays"] == 0, "green"] = 0.0
    return found
