"""What stands in the card at the top of an account's page? (its risk, or that it leaves or left)"""

from __future__ import annotations

import re

import pandas as pd

from churnmodel.explanation.formats import percent
from churnmodel.reports.account_told import (
    RENEWAL,
    AccountTold,
    by_when,
    day,
    gained,
    looks_to_renewal,
    money,
    said,
)
from churnmodel.reports.section import UNKNOWN

SOON = (90, 180)
"""Within so many days the card says how likely it is to leave."""
NEARLY_ALL = 0.8
WORTH_SAYING = 0.01
LEFT, LEAVING = "left", "leaving"


def tag(told: AccountTold) -> str:
    """The band, or what stands in its place."""
    if told.gone_since is not None:
        return LEFT
    return str(told.account["band"]) if told.has_risk else LEAVING


def headline(told: AccountTold) -> tuple[str, str]:
    """The largest figure of the page, and what it says."""
    if told.gone_since is not None:
        first, last = day(told.as_of), day(told.gone_since)
        if told.as_of.year == told.gone_since.year:
            first = first.rsplit(" ", 1)[0]
        return "Left", f"between {first} and {last}"
    if not told.has_risk:
        on = day(told.account.get("leaving_on"))
        return "Leaving", f"on {on}. Notice was given, so there is no risk to estimate." if on != UNKNOWN else (
            "Notice was given, so there is no risk to estimate."
        )
    return percent(told.risk), f"risk of leaving {by_when(told.account, told.lead_days)}"


def last_risk(told: AccountTold) -> str:
    """Of an account that leaves or has left: the last risk it had; empty where it never had one."""
    last = told.last_risk
    if last is None or tag(told) not in (LEFT, LEAVING):
        return ""
    if told.gone_since is not None:
        return f"Last risk, {day(last.as_of)}: {percent(last.risk)} ({last.band})"
    return f"Last risk: {percent(last.risk)} on {day(last.as_of)}"


def how_soon(told: AccountTold) -> str:
    """How likely it is to leave before long, and whether nearly all of the risk is that of the renewal."""
    if not told.has_risk or told.gone_since is not None:
        return ""
    account, found = told.account, list[str]()
    for days in SOON:
        risk = account.get(f"risk_{days}")
        if risk is not None and pd.notna(risk) and days != account["risk_days"]:
            found.append(f"Within {days + told.lead_days} days: {percent(float(risk))}.")
    if looks_to_renewal(account, told.lead_days):
        edges = sorted(edge for edge in horizons(account) if edge < account["risk_days"])
        before = float(account[f"risk_{edges[-1]}"]) if edges else told.risk
        if 1 - before / told.risk >= NEARLY_ALL:
            found.append(f"Nearly all of it at the renewal, in {_days(float(account['days_to_renewal']))}.")
    return " ".join(found)


def facts(told: AccountTold) -> list[tuple[str, str]]:
    """What is known of it, name and value."""
    account, found, gone = told.account, list[tuple[str, str]](), told.gone_since is not None
    if pd.notna(account.get("mrr")):
        found.append(("MRR", money(account["mrr"], told.currency)))
    if pd.notna(account.get("mrr_at_risk")) and not gone:
        found.append(("MRR at risk", money(account["mrr_at_risk"], told.currency)))
    if not told.is_flat:
        leaves = tag(told) == LEAVING
        ends = account.get("leaving_on") if leaves else None
        ends = account.get("renews_at") if ends is None or pd.isna(ends) else ends
        ahead = (pd.Timestamp(ends) - pd.Timestamp(told.as_of)).days if ends is not None and pd.notna(ends) else 0
        near = f" (in {_days(ahead)})" if ahead > 0 and not gone else ""
        found.append(("Contract ends" if leaves else "Renewal", f"{day(ends)}{near}"))
    if told.has_risk and not gone:
        found.append(("Health", f"{float(account['health']):.0f} of 100"))
    for title, column in (("CSM", "csm"), ("Segment", "segment")):
        if text := said(account.get(column)):
            found.append((title, text))
    return found


def besides(told: AccountTold) -> str:
    """What the renewal adds, which is no reason among others; empty where that is next to nothing."""
    own = told.drivers[told.drivers["concept"] == RENEWAL]
    adds = float(pd.to_numeric(own["points"]).sum())
    if told.gone_since is not None or adds <= WORTH_SAYING:
        return ""
    return f"Besides the renewal on {day(told.account['renews_at'])} ({gained(adds)}), which cannot be changed."


def horizons(account: pd.Series) -> list[int]:
    """Within how many days the table gives a risk."""
    return [int(str(n)[5:]) for n in account.index if re.fullmatch(r"risk_[0-9]+", str(n))]


def _days(count: float) -> str:
    return f"{count:.0f} day{'' if round(count) == 1 else 's'}"
