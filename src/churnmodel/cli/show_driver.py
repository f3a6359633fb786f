"""Whose bands and risks does an answer go by? (said once, in every part of the layer that leans on them)"""

from __future__ import annotations

from datetime import date

import pandas as pd


def driver_words(instead: str, scored_on: date | None, as_of: pd.Timestamp, without: str) -> list[str]:
    """Sentences for the foot of an answer; none where a champion scored that very day.

    Parameters
    ----------
    instead
        Why it is not a champion that speaks (`churnmodel.workflow.health_driver.Driver`); empty where it is.
    scored_on
        The day of the scores that are used; None where none had been published by `as_of`.
    without
        What follows where there are none.

    >>> day = pd.Timestamp("2025-07-01")
    >>> driver_words("", None, day, "no band is shown")
    ['No scores were published by then, so no band is shown: churnmodel score.']
    >>> driver_words("", date(2025, 6, 1), day, ""), driver_words("", date(2025, 7, 1), day, "")
    (['Bands are those published on 2025-06-01, the latest by then.'], [])
    >>> driver_words("So the scorecard speaks.", date(2025, 7, 1), day, "")
    ['Bands: So the scorecard speaks.']
    """
    said = [f"Bands: {instead}"] if instead else []
    if scored_on is None:
        said.append(f"No scores were published by then, so {without}: churnmodel score.")
    elif scored_on != as_of.date():
        said.append(f"Bands are those published on {scored_on}, the latest by then.")
    return said
