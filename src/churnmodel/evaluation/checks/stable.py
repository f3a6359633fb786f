"""CHN005: does the model stay as good as it was, and does its list of accounts hold from month to month?

Three questions. Does the AUROC fall from fold to fold? Do folds differ (in AUROC, or in happened / said) by more
than their accounts explain? And of the accounts a team was told to work, how many are on the list again at the
next look, said by the same model? Folds share accounts, so what luck explains comes from all folds together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, isfinite, sqrt
from typing import TYPE_CHECKING, Any

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
LUCK = 0.01
"""A fall, or a difference between folds, that luck alone explains less often than this is none."""
LEAST_KEPT, LONGEST_DAYS = 0.5, 45
"""Of the listed accounts at least so many are on the list again at a next look no later than so many days."""


@dataclass(frozen=True)
class Answer:
    """One of the questions, answered: did it fire, the numbers in words, and as JSON types."""

    name: str
    fired: bool
    said: str
    numbers: dict[str, Any]


def check_stable(backtest: Backtest, model: str) -> Finding:
    """CHN005: fires on a fall, on folds that differ, or on a list that does not hold.

    *Fall* (three folds or more): the straight line through the AUROCs loses 0.05 or more from the first to the
    last fold, and the 98 % interval of that lies below 0. *Differ*: Wald's test that all folds are alike has
    p < 0.01, and they lie 0.10 apart (AUROC), or 1.5 times (happened / said). *List*: the interval of the share
    of listed accounts kept at the next look lies below one half; accounts that left or whose term ended before
    that look are not counted.
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
    detail = {a.name: {"fired": a.fired, **a.numbers} for a in answers}
    fired = [a for a in answers if a.fired]
    by_fold = ", ".join(f"{value:.3f}" for value in detail.get("auroc_by_fold", {}).get("values", ()))
    told = f" (AUROC by fold {by_fold})" if by_fold else ""
    if fired:
        message = f"{model} is unstable{told}: {'; '.join(a.said for a in fired)}. {_what_to_do(fired)}"
        return Finding.of("CHN005", "fired", message, detail)
    said = "; ".join(a.said for a in answers)
    return Finding.of("CHN005", "silent", f"{model} is as stable as luck allows{told}: {said}.", detail)


def _over_folds(rows: SharedRows, model: str) -> list[Answer]:
    judged = rows.judged(model)
    code, names = pd.factorize(rows.account_ids, sort=True)
    account, n = code.astype(np.int64), len(names)
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
    answers = [_fall(aurocs, fewest - 1)] if len(folds) > 2 else []
    low, high = min(a.value for a in aurocs), max(a.value for a in aurocs)
    p = _luck(aurocs, fewest - 1)
    answers.append(
        Answer(
            "auroc_by_fold",
            p < LUCK and high - low >= DIFFERS_BY,
            f"AUROCs lie {high - low:.3f} apart, by luck as far {_often(p)}",
            {"folds": folds, "values": [a.value for a in aurocs], "p": p},
        )
    )
    values, p = [exp(r.value) for r in ratios], _luck(ratios, fewest - 1)
    answers.append(
        Answer(
            "happened_over_said_by_fold",
            p < LUCK and max(values) >= TIMES * min(values),
            f"happened / said {', '.join(f'{v:.2f}' for v in values)}, by luck as far apart {_often(p)}",
            {"folds": folds, "values": values, "p": p},
        )
    )
    return answers


def _fall(aurocs: Sequence[Estimate], freedom: int) -> Answer:
    """The straight line through the folds, from the first to the last."""
    place = np.arange(len(aurocs)) - (len(aurocs) - 1) / 2
    weights = place / (place @ place) * (len(aurocs) - 1)
    change = float(weights @ np.array([a.value for a in aurocs]))
    far = float(t_distribution.ppf(1 - LUCK, freedom)) * sqrt(float(weights @ covariance(aurocs) @ weights))
    low, high = change - far, change + far
    way = "fell" if change < 0 else "rose"
    said = f"AUROC {way} over {len(aurocs)} folds by {abs(change):.3f} ({low:.3f} to {high:.3f})"
    numbers = {"change": change, "low": low, "high": high}
    return Answer("fall", change <= -FALLS_BY and high < 0, said, numbers)


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
