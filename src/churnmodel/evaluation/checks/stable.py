"""CHN005: does the model stay as good as it was, and does its list of accounts hold from month to month?

Three questions. Does the AUROC fall from fold to fold, or does happened / said drift? Do folds differ (in either)
by more than their accounts explain? And of the accounts a team was told to work, how many are on the list again at
the next look, said by the same model? Folds share accounts, so what luck explains comes from all folds together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, isfinite, log, sqrt
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from churnmodel.evaluation.checks.finding import FIRES_UNDER, Finding
from churnmodel.evaluation.clustered import (
    Estimate,
    auroc_estimate,
    covariance,
    happened_over_said,
    ratio_of_sums,
)
from churnmodel.evaluation.judged import Floats
from churnmodel.evaluation.ranking import chance_of_work
from churnmodel.evaluation.shared import SharedRows, shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

FALLS_BY, DIFFERS_BY, TIMES = 0.05, 0.10, 1.5
"""What matters: an AUROC lower by so much at the end, folds so far apart, happened / said so many times apart."""
LUCK, WATCH = 0.01, 0.05
"""What luck alone explains less often than the first is none; less often than the second, it is to be watched."""
RATIO = "happened / said"
LEAST_KEPT, LONGEST_DAYS = 0.5, 45
"""Of the listed accounts at least so many are on the list again at a next look no later than so many days."""


@dataclass(frozen=True)
class Answer:
    """One of the questions, answered: did it fire, the numbers in words, and as JSON types.

    `watched` is a warning in words, where it did not fire and yet luck seldom makes it; else empty.
    """

    name: str
    fired: bool
    said: str
    numbers: dict[str, Any]
    watched: str = ""


def check_stable(backtest: Backtest, model: str) -> Finding:
    """CHN005: fires on a fall, on folds that differ, or on a list that does not hold.

    *Fall* (three folds or more): the straight line through the AUROCs loses 0.05 or more from the first to the
    last fold, and the 98 % interval of that lies below 0. *Drift* (likewise): that through happened / said changes
    1.5 times or more, either way, and its 99 % interval does not hold 1. *Differ*: Wald's test that all folds are
    alike has p < 0.01, and they lie 0.10 apart (AUROC), or 1.5 times (happened / said). *List*: the interval of
    the share of listed accounts kept at the next look lies below one half; accounts that left or whose term ended
    before that look are not counted.

    Where it matters as much, and would be luck in 1 to 5 % of cases, it is silent but warns
    (``detail["warning"]``) in words.
    """
    rows = shared_rows(backtest)
    if model not in rows.risks:
        return Finding.of("CHN005", "not applicable", f"{model} has no predictions to judge.")
    answers = [a for a in (*_over_folds(rows, model), _list_kept(rows, model)) if a is not None]
    if not answers:
        why = (
            f"there are no two folds with {FIRES_UNDER} churned accounts each, nor two looks of one fold within "
            f"{LONGEST_DAYS} days with {FIRES_UNDER} accounts listed"
        )
        return Finding.of("CHN005", "not applicable", f"{model} could not be followed over time: {why}.")
    fired, watched = [a for a in answers if a.fired], [a for a in answers if a.watched]
    detail: dict[str, Any] = {a.name: {"fired": a.fired, **a.numbers} for a in answers}
    detail["warning"] = bool(watched)
    by_fold = ", ".join(f"{value:.3f}" for value in detail.get("auroc_by_fold", {}).get("values", ()))
    told = f" (AUROC by fold {by_fold})" if by_fold else ""
    if fired:
        message = f"{model} is unstable{told}: {'; '.join(a.said for a in fired)}. {_what_to_do(fired)}"
        return Finding.of("CHN005", "fired", message, detail)
    said = "; ".join(a.said for a in answers if not a.watched)
    if watched:
        warning = "; ".join(a.watched for a in watched)
        return Finding.of("CHN005", "silent", f"{model} {warning}; watch it{told}. Else: {said}.", detail)
    return Finding.of("CHN005", "silent", f"{model} is as stable as luck allows{told}: {said}.", detail)


def _over_folds(rows: SharedRows, model: str) -> list[Answer]:
    judged = rows.judged(model)
    account, n = rows.accounts
    fold = rows.facts["fold"].to_numpy()
    together = np.zeros(len(judged), dtype=np.int64)
    folds, aurocs, ratios, fewest = [], [], [], n
    for number in sorted(set(fold)):
        here = np.flatnonzero(fold == number)
        churned, risk, who = judged.churned[here], judged.risk[here], account[here]
        events = min(len(set(who[churned])), len(set(who[~churned])))
        if events < FIRES_UNDER:
            continue
        fewest = min(fewest, events)
        folds.append(int(number))
        aurocs.append(auroc_estimate(churned, risk, who, n, together[here]))
        ratios.append(happened_over_said(churned, risk, who, n))
    if len(folds) < 2:
        return []
    lines = [_trend(aurocs, fewest - 1, "fall"), _trend(ratios, fewest - 1, "drift")] if len(folds) > 2 else []
    ways = (("auroc_by_fold", aurocs, DIFFERS_BY), ("happened_over_said_by_fold", ratios, log(TIMES)))
    return [*lines, *(_apart(name, folds, values, fewest - 1, matters) for name, values, matters in ways)]


def _apart(name: str, folds: list[int], estimates: Sequence[Estimate], freedom: int, matters: float) -> Answer:
    """Whether folds differ by more than luck explains, and by as much as matters."""
    p, values = _luck(estimates, freedom), [e.value for e in estimates]
    far = max(values) - min(values)
    if name == "auroc_by_fold":
        said = f"AUROCs lie {far:.3f} apart, by luck as far {_often(p)}"
    else:
        values = [exp(v) for v in values]
        said = f"{RATIO} {', '.join(f'{v:.2f}' for v in values)}, by luck as far apart {_often(p)}"
    numbers = {"folds": folds, "values": values, "p": p}
    watched = f"differs from fold to fold: {said}" if LUCK <= p < WATCH and far >= matters else ""
    return Answer(name, p < LUCK and far >= matters, said, numbers, watched)


def _trend(estimates: Sequence[Estimate], freedom: int, name: Literal["fall", "drift"]) -> Answer:
    """The straight line through the folds, from the first to the last: of AUROCs, or of happened / said.

    Only an AUROC that falls is trouble; happened / said is trouble either way, so luck has two ways to make it.
    """
    place = np.arange(len(estimates)) - (len(estimates) - 1) / 2
    weights = place / (place @ place) * (len(estimates) - 1)
    change = float(weights @ np.array([e.value for e in estimates]))
    error = sqrt(float(weights @ covariance(estimates) @ weights))
    ways, matters = (1, FALLS_BY) if name == "fall" else (2, log(TIMES))
    far = float(t_distribution.ppf(1 - LUCK / ways, freedom)) * error
    low, high = change - far, change + far
    much = -change if name == "fall" else abs(change)
    p = ways * float(t_distribution.sf(much / error, freedom)) if error > 0 else float("nan")
    way = f"{'fell' if change < 0 else 'rose'} over {len(estimates)} folds"
    if name == "fall":
        said = f"AUROC {way} by {abs(change):.3f} ({low:.3f} to {high:.3f})"
        numbers = {"change": change, "low": low, "high": high, "p": p}
    else:
        said = f"{RATIO} {way} {exp(change):.2f} times ({exp(low):.2f} to {exp(high):.2f})"
        numbers = {"times": exp(change), "low": exp(low), "high": exp(high), "p": p}
    is_watched = LUCK <= p < WATCH and much >= matters
    watched = f"{name}s: {said}, which would be luck {_often(p)}" if is_watched else ""
    return Answer(name, p < LUCK and much >= matters, said, numbers, watched)


def _luck(estimates: Sequence[Estimate], freedom: int) -> float:
    """How often figures that are alike would lie so far apart: Wald's test over accounts.

    The errors are known from so many churners only; hence F and not chi-squared.
    """
    values = np.array([e.value for e in estimates])
    k = len(values)
    steps = np.eye(k)[1:] - np.eye(k)[:-1]
    apart = steps @ values
    spread = steps @ covariance(estimates) @ steps.T
    wald = float(apart @ np.linalg.pinv(spread) @ apart)
    return float(f_distribution.sf(wald / (k - 1), k - 1, freedom))


def _often(p: float) -> str:
    return "in under 0.1 % of cases" if p < 0.001 else f"in {p:.1%} of cases"


def _list_kept(rows: SharedRows, model: str) -> Answer | None:
    """The share of listed accounts that are listed again at the next look, by the same model."""
    looks = rows.facts[["account_id", "as_of", "fold"]].copy()
    looks["listed"] = chance_of_work(rows.judged(model))
    if not ((looks["listed"] == 0) | (looks["listed"] == 1)).any():
        return None  # all risks alike: there is no list
    looks["ends_in"] = rows.facts.get("headline_days", pd.Series(np.inf, index=looks.index)).to_numpy(np.float64)
    parts = []
    for _, fold in looks.groupby("fold"):
        by_account = fold.set_index("account_id")
        for before, after in pairwise(pd.DatetimeIndex(fold["as_of"].unique()).sort_values()):
            gap = (after - before).days
            if gap <= LONGEST_DAYS:
                then, now = (by_account[by_account["as_of"] == day] for day in (before, after))
                both = then.join(now[["listed"]].add_suffix("_again"), how="inner")
                # a term that ended is a reason to leave the list
                parts.append(both[(both["ends_in"] > gap) & (both["listed"] > 0)])
    if not parts:
        return None
    pairs = pd.concat(parts)
    code, names = pd.factorize(pairs.index, sort=True)
    if len(names) < FIRES_UNDER:
        return None
    listed = pairs["listed"].to_numpy(dtype=np.float64)
    again: Floats = listed * pairs["listed_again"].to_numpy(dtype=np.float64)
    kept = ratio_of_sums(again, listed, code.astype(np.int64), len(names))
    low, high = kept.interval()
    if not isfinite(low):
        return None
    low, high = max(low, 0.0), min(high, 1.0)
    said = f"{kept.value:.0%} ({low:.0%} to {high:.0%}) of the accounts to work are listed again at the next look"
    return Answer("list_kept", high < LEAST_KEPT, said, {"kept": kept.value, "low": low, "high": high})


def _what_to_do(fired: Sequence[Answer]) -> str:
    names = {a.name for a in fired}
    if names == {"list_kept"}:
        return "Work a list for a month before taking the next, and look for features that jump from look to look."
    return "Train again often, and look at 'churnmodel compare --by-fold' for the fold from which it changed."
