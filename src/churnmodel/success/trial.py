"""What is known of the trial of one play? (its draws, how honest they were, who got it anyway)"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from churnmodel.settings.outcomes import OutcomeSettings
from churnmodel.success.honest_draws import Honest, honest_draws
from churnmodel.success.trials import draws_of, got_it_anyway


@dataclass(frozen=True)
class Trial:
    """The draws of one play, and what can be said of the lot itself.

    Parameters
    ----------
    units
        From `churnmodel.success.trials.draws_of`, but for those that were no customers at the draw
        (`no_customers`).
    got_same, got_other
        The held-out accounts that were given the play anyway, or another, within the longest horizon of their
        draw.
    nothing_done
        Of accounts given the play here: those of which no task was ever done. None where tasks are not known.
    per_month
        Draws in 30 days, from the first to the day of looking.
    """

    play: str
    units: pd.DataFrame = field(repr=False)
    no_customers: int
    honest: Honest
    got_same: tuple[str, ...]
    got_other: tuple[str, ...]
    nothing_done: int | None
    per_month: float

    @property
    def held_out(self) -> int:
        """How many were held out."""
        return int(self.units["held_out"].sum())


def trial_of(
    log: pd.DataFrame,
    play: str,
    facts: Mapping[int, pd.DataFrame],
    rules: OutcomeSettings,
    as_of: pd.Timestamp,
    seed: int,
    done: Collection[str] | None,
) -> Trial:
    """The draws of one play in a log; the parameters are those of `churnmodel.success.outcomes.judge`."""
    units = draws_of(log, play)
    customers = [facts_of_units(units, found)["customer"].to_numpy(dtype=bool) for found in facts.values()]
    customer = np.logical_and.reduce(customers)
    out = int((~customer).sum())
    units = units[customer].reset_index(drop=True)
    same, other = got_it_anyway(units, log, play, rules.horizons[-1])
    held = units["held_out"].to_numpy(dtype=bool)
    idle = None
    if done is not None:
        begun = units[~held & units["start_id"].notna().to_numpy()]
        idle = int((~begun["start_id"].isin(done)).sum()) if len(begun) else None
    days = (as_of - units["drawn_on"].min()).days if len(units) else 0
    per_month = 30 * len(units) / max(days, 30) if len(units) else 0.0
    got_same, got_other = (
        tuple(units.loc[held & got.to_numpy(), "account_id"].astype(str)) for got in (same, other)
    )
    return Trial(play, units, out, honest_draws(units, seed), got_same, got_other, idle, per_month)


def facts_of_units(units: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Of each unit, on the day of its draw, what became of it."""
    keys = pd.MultiIndex.from_arrays([units["account_id"], units["drawn_on"]], names=["account_id", "as_of"])
    return facts.reindex(keys).set_axis(units.index)
