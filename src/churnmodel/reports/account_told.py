"""What does the page of one account rest on? (one value that its words and its pictures read)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from churnmodel.explanation.formats import percent, print_date
from churnmodel.features.evidence import Evidence
from churnmodel.reports.section import shortened
from churnmodel.scoring.bands import Bands
from churnmodel.scoring.changed import Changed
from churnmodel.scoring.similar import Similar

RENEWAL = "renewal"
"""The concept that says only how near the renewal is: its date stands in the headline, so it is no main reason."""


@dataclass(frozen=True)
class LastRisk:
    """The last risk an account had, as it was published, and the main reasons of that day."""

    as_of: date
    risk: float
    band: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class AccountTold:
    """One account of a published score table.

    Parameters
    ----------
    account
        Its row of the table; a risk, band and health where it has one.
    drivers
        Every reason worth saying by rank, as `churnmodel.explanation.drivers`.
    changed
        Its change alone since an earlier score, or None.
    trust
        grade and reasons; None without a risk.
    suggestions, similar
        As `churnmodel.scoring.suggestions` and `similar`; None without a risk.
    history
        Indexed by as_of, one row per scored day since it was first in the book: version, risk (NaN under notice,
        and where the book did not have it), band.
    gone_since
        The first scored day on which the book no longer had it; None while it has.
    learned_until
        The model of `version` has learned from outcomes before this day.
    last_risk
        The last of `history`, with its reasons; None where it never had one.
    points
        Of every concept by its code, however small: with ``base_risk`` they are the risk. Empty without a risk.
    evidence
        Feature -> the rows of the tables behind its sentence. They stand under the reason that tells this feature,
        folded away on a screen; on paper those of the main reasons are open, and whatever the reader unfolded.
    written_over
        How many reasons rest on rows, or on a definition, that are no longer as they were when this was scored.
    rows_were_read
        Whether the tables could be looked into for rows; a flat table has none to look for.
    """

    project: str
    currency: str
    as_of: date
    version: str
    account_id: str
    account: pd.Series
    drivers: pd.DataFrame
    lead_days: int
    bands: Bands
    changed: Changed | None
    trust: pd.Series | None
    suggestions: pd.DataFrame | None
    similar: Similar | None
    history: pd.DataFrame
    learned_until: date
    gone_since: date | None = None
    last_risk: LastRisk | None = None
    is_flat: bool = False
    caveat: str = ""
    min_tenure_days: int = 30
    points: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"))
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    written_over: int = 0
    rows_were_read: bool = True

    @property
    def name(self) -> str:
        """What people call it: its name, else its id."""
        return said(self.account.get("name")) or self.account_id

    @property
    def has_risk(self) -> bool:
        """Whether there is a risk to speak of: an account under notice has none."""
        return bool(pd.notna(self.account["risk"]))

    @property
    def risk(self) -> float:
        """The headline risk, a share; NaN without one."""
        return float(self.account["risk"])


def said(value: object) -> str:
    """A name out of a table, cut where it is longer than any; empty where there is none."""
    return "" if value is None or value != value else shortened(str(value))


def day(moment: object) -> str:
    """A date as people write it, or a dash for none.

    >>> day(date(2026, 10, 14)), day(None), day(pd.NaT)
    ('14 October 2026', '-', '-')
    """
    stamp = pd.Timestamp(moment) if moment is not None else pd.NaT  # type: ignore[arg-type]
    return "-" if pd.isna(stamp) else print_date(stamp.to_pydatetime())


def money(amount: object, currency: str) -> str:
    """Whole currency units, or a dash where it is not known.

    >>> money(12345.6, "USD"), money(float("nan"), "USD")
    ('12,346 USD', '-')
    """
    known = amount is not None and amount == amount
    return f"{float(amount):,.0f} {currency}" if known else "-"  # type: ignore[arg-type]


def main_reasons(drivers: pd.DataFrame, count: int = 3) -> tuple[str, ...]:
    """The largest that raise the risk, but that the renewal is near."""
    raising = drivers[(drivers["direction"] == "raises") & (drivers["concept"] != RENEWAL)]
    return tuple(str(sentence) for sentence in raising["sentence"].head(count))


def gained(points: float) -> str:
    """Points of probability with their sign, in percent.

    >>> gained(0.0512), gained(-0.031), gained(0.0)
    ('+5.1', '−3.1', '0.0')
    """
    text = f"{100 * points:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def looks_to_renewal(account: Mapping[Any, Any] | pd.Series, lead_days: int) -> bool:
    """Whether the headline risk looks to the next renewal, and not so many days ahead."""
    ahead = account.get("days_to_renewal")
    if ahead is None or pd.isna(ahead):
        return False
    return bool(float(account["risk_days"]) == max(float(ahead) - lead_days, 1.0))


def by_when(account: Mapping[Any, Any] | pd.Series, lead_days: int) -> str:
    """Through when the headline risk runs: ``by the renewal on 14 October 2026``, ``within 90 days``."""
    if pd.isna(account["risk_days"]):
        return "(the table does not say how soon)"
    if looks_to_renewal(account, lead_days):
        return f"by the renewal on {day(account['renews_at'])}"
    return f"within {float(account['risk_days']) + lead_days:.0f} days"


def risks_words(before: float, after: float) -> str:
    """Two risks as people read them.

    >>> risks_words(0.41, 0.0834), risks_words(0.41, 0.4149)
    ('41% → 8.3%', '41%, as before')
    """
    then, now = percent(before), percent(after)
    return f"{then} → {now}" if then != now else f"{now}, as before"
