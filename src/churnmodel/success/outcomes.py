"""Did the outreach work? (the effect of each play where a lot decided, and where it cannot be told)

A comparison is one play within one horizon, judged by churn alone; MRR kept, green and risk stand beside it. It is
judged when 40, 80, 160, ... accounts (``[outcomes] first_look``) were drawn and are over. At the k-th look ``1 /
(k (k + 1))`` of the error is spent, so that over all looks there ever will be no more than 5 % is; Holm's (1979,
Scandinavian Journal of Statistics 6:65) adjustment counts all comparisons of all plays. What is claimed is what
the look said that claims it; where the last look does not bear it out, the verdict says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.settings.outcomes import OutcomeSettings
from churnmodel.success.at_looks import STRONGEST, AtLooks, at_looks
from churnmodel.success.power import detectable, draws_needed
from churnmodel.success.randomised import Difference, difference_of_shares
from churnmodel.success.trial import Trial, facts_of_units, trial_of
from churnmodel.success.trial_facts import MEASURES
from churnmodel.success.trials import looks_of, randomised_plays, strata_of

ERROR = 0.05
FEWER, MORE, NOT_SHOWN, SO_FAR, ONE_ARM = "fewer left", "more left", "not shown", "so far", "one arm"
FEWER_ONCE, MORE_ONCE = "fewer left, no longer", "more left, no longer"
"""Shown at an earlier look; at the last one the effect points the other way, or its interval holds 0."""
EFFECTS = (
    "play", "horizon_days", "measure", "look", "drawn_until", "accounts", "given", "held_out", "not_over",
    "missing", "given_value", "held_out_value", "effect", "low", "high", "level", "p", "p_any_look",
    "p_adjusted", "comparisons", "verdict", "effect_adjusted", "low_adjusted", "high_adjusted", "detectable",
    "draws_needed", *STRONGEST,
)  # fmt: skip
_COUNTS = (
    "horizon_days", "look", "accounts", "given", "held_out", "not_over", "missing", "strongest_look",
    "strongest_given", "strongest_held_out",
)  # fmt: skip
KINDS = {name: "int64" if name in _COUNTS else "float64" for name in EFFECTS} | {
    "play": "object", "measure": "object", "verdict": "object", "drawn_until": "datetime64[us]",
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """All that can be told: `trials` by play, `effects` (`EFFECTS`), and what cannot."""

    trials: Mapping[str, Trial]
    effects: pd.DataFrame = field(repr=False)
    refused: pd.DataFrame = field(repr=False)

    @property
    def comparisons(self) -> int:
        """How many there are: plays times horizons."""
        return int((self.effects["measure"] == "churn").sum())


def judge(
    log: pd.DataFrame,
    facts: Mapping[int, pd.DataFrame],
    rules: OutcomeSettings,
    as_of: pd.Timestamp,
    *,
    seed: int = 0,
    done: Collection[str] | None = None,
    never: Collection[str] = (),
    asks_back: Collection[str] = (),
) -> Judged:
    """Judge every play of a log by the accounts that a lot divided.

    Parameters
    ----------
    log
        From `churnmodel.success.intervention_log.intervention_log`, with ``risk`` at the draw where it is known.
    facts
        By horizon, of every account and day of the log, from `churnmodel.success.trial_facts.facts_of`.
    done
        start_ids of plays of which a task was done; None: not known.
    never
        Plays nobody is ever held out of.
    asks_back
        Plays for accounts that have left: churn cannot tell what they do.
    """
    trials = {name: trial_of(log, name, facts, rules, as_of, seed, done) for name in randomised_plays(log)}
    rows = [
        row
        for trial in trials.values()
        for days in rules.horizons
        for row in _compared(trial, days, facts[days], rules)
    ]
    effects = pd.DataFrame(rows, columns=list(EFFECTS))
    refused = _refused(log, trials, facts[rules.horizons[-1]], never, asks_back)
    return Judged(trials, _adjusted(effects, trials, rules), refused)


def _compared(trial: Trial, days: int, facts: pd.DataFrame, rules: OutcomeSettings) -> list[dict[str, Any]]:
    units, of = trial.units, facts_of_units(trial.units, facts)
    over = of["over"].astype(bool)
    looks = looks_of(units["drawn_on"], over, rules.first_look)
    taken = units["drawn_on"] <= looks[-1].last_day if looks else over
    level = 1 - ERROR * (looks[-1].spends if looks else 1.0)
    rows = []
    for measure in MEASURES:
        own = taken & of[measure].notna()
        told = _difference(measure, units[own], of[own], level)
        counts = {True: int(units.loc[own, "held_out"].sum())}
        given = int(own.sum()) - counts[True]
        row: dict[str, Any] = {
            "play": trial.play, "horizon_days": days, "measure": measure,
            "look": looks[-1].number if looks else 0,
            "drawn_until": units.loc[taken, "drawn_on"].max() if taken.any() else pd.NaT,
            "accounts": int(taken.sum()), "given": given, "held_out": counts[True], "not_over": int((~over).sum()),
            "missing": int((taken & ~own).sum()), "given_value": told.given, "held_out_value": told.held_out,
            "effect": told.value, "low": told.low, "high": told.high, "level": level,
        }  # fmt: skip
        row |= asdict(at_looks(units, of["churn"], looks) if measure == "churn" else AtLooks())
        if measure != "mrr":
            beside = own & units["risk"].notna()
            if beside.any():
                near = _difference(measure, units[beside], of[beside], level, beside=True)
                row |= {"effect_adjusted": near.value, "low_adjusted": near.low, "high_adjusted": near.high}
        rows.append(row)
    return rows


def _difference(
    measure: str, units: pd.DataFrame, of: pd.DataFrame, level: float, *, beside: bool = False
) -> Difference:
    return difference_of_shares(
        of[measure],
        units["held_out"],
        strata_of(units["share"]),
        weight=of["mrr_at_draw"] if measure == "mrr" else None,
        beside=units["risk"] if beside else None,
        level=level,
    )


def holm(p: pd.Series) -> pd.Series:
    """Holm's adjusted p-values; what is not judged yet counts as 1.

    >>> holm(pd.Series([0.01, 0.04, float("nan")])).tolist()
    [0.03, 0.08, 1.0]
    """
    whole = p.fillna(1.0)
    order = whole.sort_values(kind="stable").index
    times = np.arange(len(whole), 0, -1)
    found = np.minimum(np.maximum.accumulate(whole[order].to_numpy() * times), 1.0)
    return pd.Series(found, index=order).reindex(p.index)


def _adjusted(effects: pd.DataFrame, trials: Mapping[str, Trial], rules: OutcomeSettings) -> pd.DataFrame:
    """With what only all comparisons together can say: adjusted p-values, verdicts, what could have been seen."""
    churn = effects["measure"] == "churn"
    count = int(churn.sum())
    effects = effects.astype({name: kind for name, kind in KINDS.items() if name in effects})
    if not count:
        return effects
    at_looks = effects.loc[churn, "p_any_look"]
    judged = holm(at_looks).where(at_looks.notna())
    effects = effects.assign(comparisons=count, p_adjusted=judged)
    told = [_seen(row, trials[str(row["play"])], rules, count) for row in effects[churn].to_dict("records")]
    seen = pd.DataFrame(told, index=effects.index[churn], columns=["verdict", "detectable", "draws_needed"])
    return effects.drop(columns=list(seen)).join(seen)[list(EFFECTS)]


def _seen(row: dict[Any, Any], trial: Trial, rules: OutcomeSettings, count: int) -> tuple[str, float, float]:
    """The verdict, the smallest fall that could have shown at this look, and the draws that `effect` takes."""
    n, held = int(row["given"]), int(row["held_out"])
    if not (n and held):
        return ONE_ARM, np.nan, np.nan
    number = int(row["look"]) or 1
    error = ERROR / (number * (number + 1)) / count
    rate = (row["given_value"] * n + row["held_out_value"] * held) / (n + held)
    wanted = draws_needed(rate, rules.effect, float(trial.units["share"].mean()), error, rules.power)
    seen = detectable(rate, n, held, error, rules.power)
    return _verdict(row), seen, np.nan if wanted is None else float(wanted)


def _verdict(row: Mapping[Any, Any]) -> str:
    if not row["look"]:
        return SO_FAR
    claimed = row["strongest_effect"]
    if not row["p_adjusted"] <= ERROR or not claimed:
        return NOT_SHOWN
    still = row["strongest_look"] == row["look"] or (row["high"] < 0 if claimed < 0 else row["low"] > 0)
    if claimed < 0:
        return FEWER if still else FEWER_ONCE
    return MORE if still else MORE_ONCE


def _refused(
    log: pd.DataFrame,
    trials: Mapping[str, Trial],
    facts: pd.DataFrame,
    never: Collection[str],
    asks_back: Collection[str],
) -> pd.DataFrame:
    """Plays no lot decided: accounts given, gone, left, not over, and why nothing can be told. No difference."""
    rows = []
    for play, part in log.groupby("play"):
        if play in trials:
            continue
        given = part[part["arm"] == "treated"].drop_duplicates("account_id")
        of = facts_of_units(given.rename(columns={"occurred_at": "drawn_on"}), facts)
        named = int(part.loc[part["arm"] == "hold_out", "account_id"].nunique())
        why = "not told" if named else "never" if play in never else "nobody"
        customer = of["customer"].astype(bool)
        rows.append(
            {
                "play": play, "accounts": len(given), "left": int((of["churn"] == 1).sum()),
                "gone": int((~customer).sum()), "not_over": int((customer & ~of["over"].astype(bool)).sum()),
                "held_out": named, "risk": float(given["risk"].mean()),
                "why": "returns" if play in asks_back else why,
            }
        )  # fmt: skip
    columns = ["play", "accounts", "left", "gone", "not_over", "held_out", "risk", "why"]
    return pd.DataFrame(rows, columns=columns).sort_values(["accounts", "play"], ascending=[False, True])
