"""What does each column of onboarding mean? (its formula and source; docs/onboarding.md prints these)"""

from __future__ import annotations

from churnmodel.success.common_columns import AS_OF
from churnmodel.success.definitions import Definition

_KM = "Kaplan and Meier (1958), JASA 53; interval: Brookmeyer and Crowley (1982), Biometrics 38"

ONBOARDING_COLUMNS: tuple[Definition, ...] = (
    AS_OF,
    Definition("account_id", "account", "an account in onboarding, not under notice", "text", "accounts"),
    Definition(
        "began",
        "first day",
        "the first day of its tenure; a return after it had left begins another",
        "text",
        "subscriptions",
    ),
    Definition("day", "day of its onboarding", "as_of - began; the first day is 0", "days"),
    Definition("tenure", "which tenure", "1 for the first, 2 after a return, ...", "count", "subscriptions"),
    Definition(
        "standing",
        "standing",
        "behind: a milestone is late; on track; not known: none of its milestones can be told",
        "text",
    ),
    Definition("done", "reached", "milestones of its tier's template that were reached", "count"),
    Definition("asked", "of", "milestones of the template, without passed and not known ones", "count"),
    Definition("late", "late", "milestones that are late", "count"),
    Definition(
        "days_late",
        "days late",
        "of the milestone that is late by most days; 0 if none is, empty if not known",
        "days",
    ),
    Definition(
        "at_stake",
        "MRR x days late",
        "mrr x days_late: those with most are turned to first; empty if not known",
        "money",
    ),
    Definition("owner", "owner", "the CSM, else the account manager", "text", "accounts"),
    Definition("late_milestone", "begin with", "the milestone that is late by most days", "text"),
    Definition("why", "why", "that milestone, by how much, and by when accounts that stayed had it", "text"),
    Definition("next_milestone", "next", "the first milestone that is neither reached nor late", "text"),
    Definition(
        "next_action",
        "next action",
        "what its settings say to do (`do`) for late_milestone, else next",
        "text",
    ),
    Definition("open_play", "open play", "a play begun for it that is not over", "text", "state database"),
)

MILESTONE_COLUMNS: tuple[Definition, ...] = (
    Definition("milestone", "milestone", "its name in [onboarding.milestones]", "text"),
    Definition("due_day", "due by day", "of the tenure, by the template of the account's tier", "days"),
    Definition("due_on", "due on", "began + due_day; late from the day after", "text"),
    Definition(
        "status",
        "status",
        "done; late; open; passed (what it leads to was reached without it); not known: its table is "
        "absent, nobody ever wrote such a row, the account began before the table did, or the feed was down "
        "for as many days as it is late",
        "text",
    ),
    Definition(
        "reached_at",
        "reached at",
        "the moment its rule was first met by rows of this tenure (of a first one: of any time before too), "
        "or the day it was ticked, if that is earlier",
        "text",
    ),
    Definition("day_reached", "on day", "reached_at - began in whole days, at least 0", "days"),
    Definition("so_far", "so far", "how many of how many, where something is counted", "text"),
    Definition("told", "can be told", "whether the tables could tell of it for this account at all", "text"),
    Definition("words", "in words", "the status with its evidence", "text"),
)

PACE_COLUMNS: tuple[Definition, ...] = (
    Definition(
        "median",
        "half by day",
        "by which day half of the accounts that stayed reached it (first tenures that lasted longer than "
        "onboarding.retained_days and began so long, and the grace, before as_of); who did not waited as "
        "long as it was followed",
        "days",
        _KM,
    ),
    Definition("low", "interval, low", "of the median, 95 %", "days", _KM),
    Definition("high", "interval, high", "of the median, 95 %; missing: it may never come to half", "days", _KM),
    Definition("accounts", "accounts that stayed", "how many they were; under 20 nothing is told", "count"),
    Definition(
        "share_stayed",
        "in time: stayed",
        "reached by due_day (the latest of any tier) / accounts",
        "share",
    ),
    Definition(
        "share_left",
        "in time: left",
        "the same of accounts that left within retained_days, but not before due_day",
        "share",
    ),
    Definition("left", "accounts that left", "how many those were", "count"),
)
