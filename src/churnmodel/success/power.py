"""Which effect could have been seen with so few accounts, and how many would a smaller one take?

Two shares, two-sided, without a correction for continuity: Fleiss, Levin and Paik (2003), Statistical Methods for
Rates and Proportions, 3rd edition, section 4.
"""

from __future__ import annotations

import math

from scipy.stats import norm


def power_of(rate: float, effect: float, given: float, held_out: float, error: float) -> float:
    """With which probability a fall from `rate` by `effect` shows, at an allowed error.

    >>> round(power_of(0.3, 0.15, 100, 100, 0.05), 2)
    0.72
    """
    low = rate - effect
    middle = (given * low + held_out * rate) / (given + held_out)
    by_chance = math.sqrt(middle * (1 - middle) * (1 / given + 1 / held_out))
    spread = math.sqrt(low * (1 - low) / given + rate * (1 - rate) / held_out)
    if spread == 0:
        return 1.0 if effect > 0 else 0.0
    return float(norm.cdf((effect - norm.ppf(1 - error / 2) * by_chance) / spread))


def detectable(rate: float, given: int, held_out: int, error: float, power: float) -> float:
    """The smallest fall from `rate` that shows with probability `power`; NaN where not even a fall to 0 would.

    >>> round(detectable(0.3, 100, 100, 0.05, 0.8), 3)
    0.163
    """
    if not (0 < rate < 1 and given and held_out) or power_of(rate, rate, given, held_out, error) < power:
        return float("nan")
    low, high = 0.0, rate
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(rate, middle, given, held_out, error) >= power else (middle, high)
    return high


def draws_needed(rate: float, effect: float, share: float, error: float, power: float) -> int | None:
    """So many accounts must be drawn, `share` of them held out, for a fall by `effect` to show; None: impossible.

    >>> draws_needed(0.3, 0.164, 0.5, 0.05, 0.8), draws_needed(0.3, 0.164, 0.1, 0.05, 0.8)
    (197, 484)
    """
    if not (0 < rate < 1 and 0 < share < 1) or effect > rate:
        return None
    low, high = 2, 4
    while power_of(rate, effect, high * (1 - share), high * share, error) < power:
        low, high = high, 2 * high
        if high > 10**9:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        seen = power_of(rate, effect, middle * (1 - share), middle * share, error) >= power
        low, high = (low, middle) if seen else (middle, high)
    return high
