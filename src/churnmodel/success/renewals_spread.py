"""How far is a forecast off for all accounts at once? (learned from renewals whose outcome was known)

Each account renews by itself with its own chance: then losses of a month scatter as a Poisson binomial. In truth
all of a forecast may be off together (a price rise, a rival, a model that has grown old). So on the log-odds of
every account lies one shared effect, normal around 0 with spread s. How large s is, the past says: the likelihood
of what happened, integrated over the effect, on a grid of s; before it has said anything a half-normal prior
holds.

Forecasts of one renewal month that were made on several days are of the same accounts. Each counts by one over
their number, so that a month speaks once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit, logsumexp

Floats = NDArray[np.float64]
GRID = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0])
"""The spreads that are thought of."""
_EFFECTS = np.linspace(-6.0, 6.0, 121)
DRAWS = 2000
LEAST = 1e-6


@dataclass(frozen=True)
class Spread:
    """How likely each spread of `GRID` is (weights sum to 1), and how many renewal months have said so."""

    weights: tuple[float, ...]
    months: int = 0

    @property
    def mean(self) -> float:
        """The expected spread, in log-odds."""
        return float(np.dot(GRID, self.weights))


ALONE = Spread((1.0, *[0.0] * (len(GRID) - 1)))
"""No shared effect at all: every account by itself."""


def evidence(risk: Floats, left: Floats) -> Floats:
    """Log-likelihood of what became of some accounts, at each spread of `GRID`.

    >>> said = np.full(20, 0.1)
    >>> as_said, off = evidence(said, np.repeat([1.0, 0.0], [2, 18])), evidence(said, np.ones(20))
    >>> int(np.argmax(as_said)), int(np.argmax(off)) == len(GRID) - 1
    (0, True)
    """
    margins = logit(np.clip(np.asarray(risk, dtype=np.float64), LEAST, 1 - LEAST))
    at = margins[:, np.newaxis] + _EFFECTS[np.newaxis, :]
    gone = np.asarray(left, dtype=np.float64)[:, np.newaxis]
    likelihood = (gone * log_expit(at) + (1.0 - gone) * log_expit(-at)).sum(axis=0)
    found = np.empty(len(GRID))
    for k, spread in enumerate(GRID):
        if spread == 0.0:
            found[k] = likelihood[len(_EFFECTS) // 2]
        else:
            density = -0.5 * (_EFFECTS / spread) ** 2
            found[k] = logsumexp(likelihood + density) - logsumexp(density)
    return found


def learn_spread(evidences: Sequence[Floats], months: Sequence[Hashable], scale: float = 0.7) -> Spread:
    """What the past says of the spread.

    Parameters
    ----------
    evidences
        From `evidence`, one per forecast of a renewal month.
    months
        Which month each is of.
    scale
        Of the half-normal prior.
    """
    weights = -0.5 * (GRID / scale) ** 2 + np.log(np.gradient(GRID))
    counts = Counter(months)
    for said, month in zip(evidences, months, strict=True):
        weights = weights + said / counts[month]
    weights = np.exp(weights - logsumexp(weights))
    return Spread(tuple(float(w) for w in weights), len(counts))


def draw_renewed(risk: Floats, spread: Spread, seed: int, draws: int = DRAWS) -> NDArray[np.bool_]:
    """(draws, n) Who renews: one shared effect for all accounts of a draw, and each one's own chance."""
    rng = np.random.default_rng(seed)
    shared = rng.choice(GRID, size=draws, p=np.array(spread.weights)) * rng.standard_normal(draws)
    margins = logit(np.clip(np.asarray(risk, dtype=np.float64), LEAST, 1 - LEAST))
    stays = expit(-(margins[np.newaxis, :] + shared[:, np.newaxis]))
    return np.asarray(rng.random(stays.shape) < stays, dtype=np.bool_)


def interval(amounts: Floats, level: float) -> tuple[float, float]:
    """The middle `level` of the amounts; a quantile is one that was drawn, so that a whole month can be met."""
    tail = (1.0 - level) / 2
    low = np.quantile(amounts, tail, method="inverted_cdf")
    high = np.quantile(amounts, 1 - tail, method="inverted_cdf")
    return float(low), float(high)
