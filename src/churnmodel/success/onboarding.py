"""Who is being onboarded, who is behind, and whom to turn to first? (ordered by MRR x lateness)"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churnmodel.settings.onboarding import OnboardingSettings
from churnmodel.success.milestones import DONE, LATE, OPEN, PASSED, UNKNOWN

DAY = pd.Timedelta(days=1)
BEHIND, ON_TRACK, NOT_KNOWN = "behind", "on track", "not known"
TOLD = {
    "standing": "object", "done": "int64", "asked": "int64", "late": "int64", "days_late": "Int64",
    "late_milestone": "object", "why": "object", "next_milestone": "object", "next_action": "object",
}  # fmt: skip
"""What the milestones of an account say of it, also where there is no account."""
ACCOUNT_COLUMNS = [
    "name", "segment", "plan", "tier", "touch", "csm", "account_manager", "mrr", "status", "band", "risk",
    "began", "day", "tenure", "standing", "done", "asked", "late", "days_late", "at_stake", "owner",
    "late_milestone", "why", "next_milestone", "next_action",
]  # fmt: skip


def onboarded(
    book: pd.DataFrame, started: pd.DataFrame, as_of: pd.Timestamp, rules: OnboardingSettings
) -> pd.Index:
    """The accounts of the book whose tenure is young enough, late ones included; not those under notice.

    Parameters
    ----------
    book
        Indexed by account_id, with status.
    started
        From `churnmodel.success.milestone_starts.starts`.
    """
    young = started[(as_of - started["began"]).dt.days <= rules.days + rules.behind_days]
    staying = book.index[book["status"] != "leaving"]
    return pd.Index(young["account_id"][young["account_id"].isin(staying)], name="account_id")


def onboarding_accounts(
    book: pd.DataFrame,
    started: pd.DataFrame,
    milestones: pd.DataFrame,
    as_of: pd.Timestamp,
    rules: OnboardingSettings,
    pace: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per account in onboarding: first those behind, by MRR x days late, then the others by MRR.

    An account older than ``rules.days`` with nothing late is through and not in it.

    Parameters
    ----------
    book
        Indexed by account_id: name, segment, plan, tier, touch, csm, account_manager, mrr, status, and band where
        known.
    started, milestones
        Of the accounts of `onboarded`.
    pace
        From `churnmodel.success.onboarding_pace.pace`.

    Returns
    -------
    DataFrame
        Indexed by account_id. day (of its tenure, the first is 0), done and asked (milestones reached, of those
        its template has and can be told), late (how many), days_late (of the longest; whole days), at_stake (MRR x
        days_late), standing (``"behind"``, ``"on track"``, ``"not known"`` where no milestone can be told: then
        days_late and at_stake are missing), late_milestone (what to begin with), why, next_milestone, next_action.
    """
    first = started.set_index("account_id")
    found = book.loc[book.index.isin(milestones["account_id"])].copy()
    found["began"], found["tenure"] = first["began"].reindex(found.index), first["tenure"].reindex(found.index)
    found["day"] = (as_of - found["began"]).dt.days
    of = {str(account): rows for account, rows in milestones.groupby("account_id", sort=False)}
    has = pace is not None and not pace.empty
    medians = {} if pace is None or not has else dict(zip(pace["milestone"], pace["median"], strict=True))
    told = [_told(str(account), row, of[str(account)], rules, medians) for account, row in found.iterrows()]
    found = found.join(pd.DataFrame(told, index=found.index, columns=list(TOLD)).astype(TOLD))
    found["at_stake"] = found["mrr"] * found["days_late"].to_numpy("float64", na_value=float("nan"))
    found["owner"] = [_owner(row) for row in found.to_dict("records")]
    through = (found["day"] > rules.days) & (found["late"] == 0)
    found = found[~through]
    keys = found.assign(behind=-(found["standing"] == BEHIND).astype(int), id=found.index.astype(str))
    keys["at_stake"] = keys["at_stake"].fillna(0.0)
    order = keys.sort_values(["behind", "at_stake", "mrr", "id"], ascending=[True, False, False, True]).index
    return found.loc[order].reindex(columns=[c for c in ACCOUNT_COLUMNS if c in found.columns])


def _told(
    account: str,
    row: Mapping[str, object] | pd.Series,
    milestones: pd.DataFrame,
    rules: OnboardingSettings,
    medians: Mapping[str, float],
) -> dict[str, object]:
    status = milestones["status"]
    late, still = milestones[status == LATE], milestones[status == OPEN]
    asked = int((~status.isin([UNKNOWN, PASSED])).sum())
    begin = late.sort_values(["days_late", "due_day"], ascending=[False, True], kind="stable")
    first = begin.iloc[0] if len(begin) else None
    coming = still.iloc[0] if len(still) else None
    turn = first if first is not None else coming
    action = "" if turn is None else next_action(str(turn["milestone"]), account, rules)
    return {
        "standing": BEHIND if len(late) else ON_TRACK if asked else NOT_KNOWN,
        "done": int((status == DONE).sum()),
        "asked": asked,
        "late": len(late),
        "days_late": int(late["days_late"].max()) if len(late) else 0 if asked else pd.NA,
        "late_milestone": None if first is None else str(first["milestone"]),
        "why": _why(int(str(row["day"])), begin, medians) if len(begin) else "",
        "next_milestone": None if coming is None else str(coming["milestone"]),
        "next_action": action,
    }


def next_action(milestone: str, account: str, rules: OnboardingSettings) -> str:
    """What to do for a milestone that is missing."""
    one = rules.milestones[milestone]
    said = one.do or f"Get it done: {one.title}."
    return said.replace("{account}", account)


def _why(day: int, late: pd.DataFrame, medians: Mapping[str, float]) -> str:
    """Day 47: kickoff 26 days late (accounts that stayed had it by day 8); also goal set, first users in."""
    first = late.iloc[0]
    so_far = f", {first['so_far']}" if first["so_far"] else ""
    said = f"day {day}: {first['title']} {_days(first['days_late'])} late{so_far}"
    median = medians.get(str(first["milestone"]), float("nan"))
    if median == median:
        said += f" (half of those that stayed had it by day {median:.0f})"
    rest = [f"{row['title']} {_days(row['days_late'])}" for row in late.iloc[1:].to_dict("records")]
    return said + (f"; also late: {', '.join(rest)}" if rest else "")


def _owner(row: Mapping[object, object]) -> str | None:
    for name in ("csm", "account_manager"):
        if isinstance(row.get(name), str) and row[name]:
            return str(row[name])
    return None


def _days(count: object) -> str:
    number = int(float(str(count)))
    return f"{number} day{'s' * (number != 1)}"
