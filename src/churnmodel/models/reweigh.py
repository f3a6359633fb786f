"""Which weights should the rules of a scorecard have, judged by who left?

The rules stay as the team set them: the same values score worst and best. Only what each counts for is fitted,
and drawn towards what it counts for now, so that a rule moves as far as the outcomes carry it. Weights come out
as whole percent that sum to 100, because that is what a health score is typed into.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churnmodel.errors import ModelError
from churnmodel.features.feature import Feature
from churnmodel.models.calibration import fit_line
from churnmodel.models.encoding import numbers
from churnmodel.models.held_coefficients import fit_coefficients
from churnmodel.models.logistic import FEW_CHURNERS
from churnmodel.models.rules import Rule, followers
from churnmodel.models.training_rows import TrainingRows

PRIOR_SD = 0.12
"""How far a rule may move, in log-odds per standard deviation of its score; half of it under 20 churned accounts.

Set beforehand, and not tuned. A coefficient of the logistic has a prior of its own, shared out among its features.
"""
_SLOPE_PRIOR, _MIN_SLOPE, _MAX_SLOPE = (3.0, 3.0), 1.0, 20.0
# a scorecard that told nothing so far still says what its team holds for important: its relations are the middle
_MAX_ITERATIONS = 2000


@dataclass(frozen=True)
class Reweighed:
    """A rule, what it counts for now, and what the outcomes say it should.

    Parameters
    ----------
    rule
        As the team set it.
    features
        Those that follow it, and share its weight; none where no feature here fits it.
    now
        Its share of the weight of all rules that apply, in percent (0 where it does not apply).
    percent
        The fitted one, a whole number; 0 takes the rule out.
    """

    rule: Rule
    features: tuple[str, ...]
    now: float
    percent: int


def reweigh(
    rows: TrainingRows, features: Sequence[Feature], rules: Sequence[Rule], *, sd: float = PRIOR_SD
) -> tuple[Reweighed, ...]:
    """The rules with fitted weights, in their order.

    Maximises the likelihood of who left in which period, where each rule adds ``coefficient * score``,
    coefficients are held at 0 or above, and each has a normal prior around what the present scorecard gives it
    (its weight times the fitted slope of the whole, at least 1). An account that
    leaves counts once, however many snapshots tell of it; those of accounts that stay count in full.

    Parameters
    ----------
    rows
        Training rows with the outcomes of any periods.
    sd
        Of the prior, per standard deviation of the rule's score; the smaller, the more the present weights are
        kept.

    Raises
    ------
    ModelError
        No rule fits any feature, or a rule names a category.
    """
    of_rule = followers(rules, features)
    apply = [i for i, names in enumerate(of_rule) if names]
    if not apply:
        raise ModelError(f"scorecard: none of its {len(rules)} rules fits any of the {len(features)} features.")
    scores = np.stack([_score(rows, rules[i], of_rule[i]) for i in apply], axis=1)
    total = math.fsum(rules[i].weight for i in apply)
    present = np.array([rules[i].weight / total for i in apply])
    spread = scores.std(axis=0)
    telling = spread > 1e-9  # less is rounding
    outcome = rows.churned.astype(np.float64)
    _, slope = fit_line(
        scores @ present, outcome, rows.votes, lowest=_MIN_SLOPE, highest=_MAX_SLOPE, prior=_SLOPE_PRIOR
    )
    marks = np.zeros((*rows.outcomes.shape, rows.outcomes.shape[1] - 1))
    for j in range(1, rows.outcomes.shape[1]):
        marks[:, j, j - 1] = 1.0
    centered = (scores - scores.mean(axis=0))[:, telling] / spread[telling]
    middle = slope * present
    _, found, _ = fit_coefficients(
        centered,
        (1,) * int(telling.sum()),
        rows.outcomes,
        rows.votes,
        sd / 2 if rows.churners < FEW_CHURNERS else sd,
        _MAX_ITERATIONS,
        marks,
        centers=(middle * spread)[telling].tolist(),
    )
    fitted = middle.copy()  # a rule that scores everybody alike can teach nothing: it stays
    fitted[telling] = np.array(found) / spread[telling]
    percent = dict(zip(apply, whole_percent(fitted if fitted.sum() > 0 else present), strict=True))
    now = dict(zip(apply, (100 * present).tolist(), strict=True))
    return tuple(
        Reweighed(rule, tuple(names), now.get(i, 0.0), percent.get(i, 0))
        for i, (rule, names) in enumerate(zip(rules, of_rule, strict=True))
    )


def reweighed_rules(found: Sequence[Reweighed]) -> tuple[Rule, ...]:
    """The rules of a scorecard with the fitted weights, less those that count for nothing."""
    return tuple(Rule(r.rule.feature, r.rule.worst, r.rule.best, float(r.percent)) for r in found if r.percent)


def taken_out(found: Sequence[Reweighed]) -> tuple[str, ...]:
    """Features whose rule counts for nothing: they must not fall to a later rule instead."""
    return tuple(name for r in found if not r.percent for name in r.features)


def whole_percent(shares: NDArray[np.float64]) -> list[int]:
    """Shares as whole percent that sum to 100: rounded down, and the largest rests get one more.

    >>> whole_percent(np.array([1.0, 1.0, 1.0]))
    [34, 33, 33]
    >>> whole_percent(np.array([0.004, 0.996]))
    [0, 100]
    """
    exact = 100 * shares / shares.sum()
    down = np.floor(exact + 1e-9)
    missing = round(100 - float(down.sum()))
    first = np.argsort(-(exact - down), kind="stable")[:missing]
    down[first] += 1
    return [int(whole) for whole in down]


def _score(rows: TrainingRows, rule: Rule, names: Sequence[str]) -> NDArray[np.float64]:
    """(n,) The mean score of the features that follow the rule."""
    return np.asarray(np.mean([rule.score(numbers(rows.X, name)) for name in names], axis=0))
