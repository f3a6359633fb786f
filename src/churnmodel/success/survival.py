"""How long does it last, when many have not ended yet? (Kaplan-Meier, with a 95 % interval)

The estimate and Greenwood's variance are SciPy's (`scipy.stats.ecdf` of censored data); the interval is that of
log(-log S), which stays within 0 and 1. Kaplan and Meier (1958), J. Am. Stat. Assoc. 53; Greenwood (1926);
Kalbfleisch and Prentice (2002), section 1.4. The interval of a median: Brookmeyer and Crowley (1982).
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Survival:
    """The share that lasts longer than t days: a step function, constant from each of `days` to the next.

    Parameters
    ----------
    days, share, low, high
        At each day on which one ended or was last seen; an interval is NaN while nothing has ended.
    count, events
        How many were followed, and how many of them ended.
    exposure
        Days followed, summed over all.
    """

    days: Floats = field(repr=False)
    share: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    count: int
    events: int
    exposure: float

    @property
    def longest(self) -> float:
        """Up to how many days anyone was followed; nothing is known beyond."""
        return float(self.days[-1]) if len(self.days) else 0.0

    def at(self, days: float) -> tuple[float, float, float]:
        """The share that lasts longer than so many days, and its interval; NaN beyond what was followed."""
        if days > self.longest:
            return math.nan, math.nan, math.nan
        place = int(np.searchsorted(self.days, days, side="right")) - 1
        if place < 0:
            return 1.0, math.nan, math.nan
        return float(self.share[place]), float(self.low[place]), float(self.high[place])

    def median(self) -> tuple[float, float, float]:
        """The day by which half had ended, and its interval; NaN where a curve does not come down to one half."""
        return self._reaches(self.share), self._reaches(self.low), self._reaches(self.high)

    def _reaches(self, curve: Floats) -> float:
        with np.errstate(invalid="ignore"):
            down = np.flatnonzero(curve <= 0.5 + 1e-12)
        return float(self.days[down[0]]) if len(down) else math.nan


def kaplan_meier(days: ArrayLike, ended: ArrayLike) -> Survival:
    """The survival curve of durations (n,) of which those with `ended` (n,) False had not ended when last seen.

    >>> curve = kaplan_meier([6, 6, 6, 6, 7, 9, 10], [True, True, True, False, True, False, False])
    >>> round(curve.at(6)[0], 3), round(curve.at(8)[0], 3), curve.median()[0]   # 4/7; 4/7 x 2/3
    (0.571, 0.381, 7.0)
    """
    from scipy import stats

    spans, over = np.asarray(days, dtype=np.float64), np.asarray(ended, dtype=bool)
    if not len(spans):
        none = np.empty(0)
        return Survival(none, none, none, none, 0, 0, 0.0)
    found = stats.ecdf(stats.CensoredData(uncensored=spans[over], right=spans[~over])).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # it says that there is no interval where nothing or all has ended
        band = found.confidence_interval(confidence_level=0.95, method="log-log")
    return Survival(
        np.asarray(found.quantiles, dtype=np.float64),
        np.asarray(found.probabilities, dtype=np.float64),
        np.asarray(band.low.probabilities, dtype=np.float64),
        np.asarray(band.high.probabilities, dtype=np.float64),
        len(spans),
        int(over.sum()),
        float(spans.sum()),
    )
