"""How is it said that nobody can tell what a play did? (what came of the accounts, and no comparison)"""

from __future__ import annotations

from typing import Any

import pandas as pd

from churnmodel.explanation.formats import counted, percent


def refusal(row: dict[Any, Any], days: int, hold_out: float) -> str:
    """Why nobody can tell what a play did; what came of the accounts, and no comparison."""
    n, left, open_ = int(row["accounts"]), int(row["left"]), int(row["not_over"])
    got = f"{counted(n, 'account')} got it"
    if row["why"] == "returns":
        return f"{got}. It asks back who has left, so churn cannot tell; returns are in success winback."
    gone = int(row["gone"])
    no_customers = f", {gone:,} of them no customer{'s' * (gone != 1)} by then" if gone else ""
    pending = f", {open_:,} not over" if open_ else ""
    what = f"{got}{no_customers}, {left:,} left within {days} days{pending}"
    if row["why"] == "not told":
        return f"{what}; {int(row['held_out']):,} marked as held out."
    if row["why"] == "never":
        return f"{what}; its file says hold_out = 0, so nobody will know what it does. That may be right."
    if hold_out > 0:
        return f"{what}; none of them was drawn (begun or told by hand, or before plays.hold_out was set)."
    return f"{what}; nobody was held out, so nobody can tell what it did: set plays.hold_out = 0.1."


def lot_not_told(refused: pd.DataFrame) -> str:
    """Of which plays the table marks who was held out, and not that a lot decided; empty where of none."""
    plays = refused.loc[refused["why"] == "not told", "play"].astype(str).tolist()
    if not plays:
        return ""
    return (
        "Marked as held out, but the table does not say that a lot decided, nor how. If it did, name the share "
        f"held out of {'each' if len(plays) > 1 else 'it'} under [outcomes.drawn], such as {plays[0]} = 0.1"
        + (f": {', '.join(plays)}." if len(plays) > 1 else ".")
    )


def why_no_comparison(refused: pd.DataFrame, book_risk: float) -> str:
    """Why those that got a play are not compared with those that did not; empty where only returns are awaited."""
    refused = refused[refused["why"] != "returns"]
    if refused.empty:
        return ""
    known = refused[refused["risk"].notna()]
    risk = float((known["risk"] * known["accounts"]).sum()) / max(int(known["accounts"].sum()), 1)
    riskier = ""
    if len(known) and book_risk == book_risk and risk > book_risk:
        riskier = f" (mean risk {percent(risk)} when they got it, {percent(book_risk)} in the whole book)"
    return (
        "Why they are not compared with other accounts: a play goes to accounts that seemed likelier to leave"
        f"{riskier}, so the comparison would blame it for the risk it was sent to. Only a lot makes two groups "
        "alike."
    )
