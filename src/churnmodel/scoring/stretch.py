"""Do two headline risks of an account look over the same stretch of time? (only then may they be compared)

A headline looks to the next renewal, or so many days ahead. One that looked to a renewal that has passed and one
that looks to the next are risks of two things: their difference says nothing of the customer.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from churnmodel.explanation.formats import percent, print_date
from churnmodel.models.periods import TO_RENEWAL

SAME, RENEWED, OTHER = "same", "renewed", "other"


def stretches(before: pd.DataFrame, after: pd.DataFrame, since: date, as_of: date, lead_days: int) -> pd.DataFrame:
    """What became of the stretch of each headline between two tables.

    Parameters
    ----------
    before, after
        Of the same accounts in one order: risk, risk_days and, where renewals are known, days_to_renewal.
    lead_days
        From so many days after the day of the table a headline counts.

    Returns
    -------
    DataFrame
        Indexed as `after`. stretch: ``"same"``, ``"renewed"`` (the renewal it looked to has passed) or
        ``"other"``; stretch_words: what either risk looked to, empty where the same; less_time: how near the
        renewal is that both looked to, empty where they looked to none.
    """
    rows = [
        _stretch(*each, (pd.Timestamp(since), pd.Timestamp(as_of)), lead_days)
        for each in zip(_looks(before), _looks(after), strict=True)
    ]
    return pd.DataFrame(rows, index=after.index, columns=["stretch", "stretch_words", "less_time"])


def _looks(table: pd.DataFrame) -> list[tuple[float, float, float]]:
    """risk, risk_days and days to the renewal, NaN where not known."""
    columns = ("risk", "risk_days", TO_RENEWAL)
    found = [table[c].astype("float64") if c in table else pd.Series(np.nan, index=table.index) for c in columns]
    return list(zip(*(column.tolist() for column in found), strict=True))


def _stretch(
    was: tuple[float, float, float], now: tuple[float, float, float], days: tuple[pd.Timestamp, ...], lead: int
) -> tuple[str, str, str]:
    (risk0, ahead0, _), (risk1, ahead1, renews1) = was, now
    to_renewal = [ahead == max(renews - lead, 1.0) for _, ahead, renews in (was, now)]
    ends = [
        day + pd.Timedelta(days=renews if at else ahead + lead)
        for day, at, (_, ahead, renews) in zip(days, to_renewal, (was, now), strict=True)
        if ahead == ahead
    ]
    # a fixed stretch may end on the renewal by chance, on one of the days
    if len(ends) < 2 or (ahead0 == ahead1 and not all(to_renewal)):
        return SAME, "", ""
    last, following = (print_date(end.to_pydatetime()) for end in ends)
    if all(to_renewal) and last == following:
        return SAME, "", _less_time(renews1, following)
    then, is_now = (percent(risk) for risk in (risk0, risk1))
    if to_renewal[0] and ends[0] <= days[1]:
        looks = f"up to the next, {following}" if to_renewal[1] else f"within {ahead1 + lead:.0f} days"
        return (
            RENEWED,
            f"It did not leave at its renewal of {last}. {then} was the risk up to that renewal, "
            f"{is_now} is the risk {looks}.",
            "",
        )
    return OTHER, f"{then} was the risk up to {last}, {is_now} is the risk up to {following}.", ""


def _less_time(days: float, renewal: str) -> str:
    if days < 1:
        return f"The renewal is due today, {renewal}, and no notice: less time left"
    left = f"{days:.0f} day{'' if round(days) == 1 else 's'}"
    return f"{left} to the renewal on {renewal} and no notice: less time left"
