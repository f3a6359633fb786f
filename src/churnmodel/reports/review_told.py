"""What does a review for the customer rest on? (what they did and got; nothing of what we think of them)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pandas as pd

from churnmodel.reports.section import shortened

STEMS = (
    *("risk", "churn", "health", "sentiment", "attrition", "retention", "cancel", "detractor", "upsell"),
    *("winback", "escalat", "pulse", "complain", "leav", "probab", "likelihood", "propensity"),
)
WORDS = ("band", "bands", "driver", "drivers", "save", "saves", "csm", "rag")
INSIDE = ("churn", "health", "nps")
"""Found anywhere in a word: ``customerhealth``, ``NPSscore``."""


def is_internal(label: str) -> bool:
    """Whether a label out of the tables speaks of what is ours alone; such a row is not shown to a customer.

    >>> is_internal("churn_risk"), is_internal("healthScore"), is_internal("hours_saved"), is_internal("bandwidth")
    (True, True, False, False)
    """
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label).casefold())
    return any(w.startswith(STEMS) or w in WORDS or any(part in w for part in INSIDE) for w in words)


def plain_label(label: str) -> str:
    """A name out of a table as people write it.

    >>> plain_label("hours_saved")
    'Hours saved'
    """
    words = shortened(label.replace("_", " "))
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, eq=False)
class UseTold:
    """How an account used the product before `as_of`; people are users who did something themselves, not by API.

    Parameters
    ----------
    months
        Indexed by the first day of each whole month, at most twelve, earliest first: people, actions, complete
        (False where records of the month are missing).
    people
        Distinct people in [as_of - 28 days, as_of).
    complete
        Whether no records of those 28 days are missing.
    features
        Used in [as_of - 90 days, as_of), the most people first: feature (as in the tables), people, actions.
    """

    months: pd.DataFrame
    people: int
    complete: bool
    features: pd.DataFrame


@dataclass(frozen=True)
class SupportTold:
    """Tickets opened in [as_of - 365 days, as_of), and those open now; times in hours, NaN where there are none.

    Parameters
    ----------
    response_hours, resolution_hours
        Medians over the answered and over the resolved.
    csat, rated
        The mean rating from 1 to 5, of so many.
    dark_days
        On so many of those days no records came in.
    """

    opened: int
    answered: int
    resolved: int
    open_now: int
    response_hours: float
    resolution_hours: float
    csat: float
    rated: int
    dark_days: int


@dataclass(frozen=True)
class ContractTold:
    """What was agreed: numbers are NaN and texts empty where the tables do not say."""

    plan: str
    seats: float
    customer_since: date
    term_months: float
    billing_period: str
    term_ends: date | None


@dataclass(frozen=True, eq=False)
class ReviewTold:
    """One account as it may see itself at `as_of`.

    Parameters
    ----------
    people_with_access
        Who has joined and not left; NaN where no table says.
    use, support, goals
        None where the company has no such table. `goals`: metric (a label), baseline, target, now (NaN where not
        known), set_at, due_at, reached_at (NaT); reached ones first, by date.
    left_out
        Labels that were not shown because they speak of what is internal. Not for the page.
    lacking
        Columns (``tickets.resolved_at``) without which a section could not be told. Not for the page either.
    """

    company: str
    name: str
    account_id: str
    as_of: date
    contract: ContractTold
    people_with_access: float
    use: UseTold | None
    support: SupportTold | None
    goals: pd.DataFrame | None
    left_out: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
