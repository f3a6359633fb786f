"""How does a risk add up, in one line? (where it starts, all that raises it, all that lowers it)"""

from __future__ import annotations

import math
from collections.abc import Sequence

RENEWAL_CODE = "financial.renewal"
"""The driver that says only how near the renewal is."""


def added_up(base: float, points: Sequence[float], renewal: float = 0.0) -> str:
    """Start, raising, lowering and what they make, in percent and points that add up as they are printed.

    Parameters
    ----------
    base
        The risk where nothing speaks for or against.
    points
        Of every reason, those too small to be named included: `base` and their sum are the risk.
    renewal
        The points among them that the renewal itself has.

    >>> added_up(0.0035, [0.318, -0.0556], 0.318).split(". ")[1:]
    ['Raising: +31.8, of it the renewal +31.8', 'Lowering: -5.6', 'Makes 26.6%.']
    >>> added_up(0.2, [])
    'Start 20.0%, where nothing speaks for or against. Makes 20.0%.'
    """
    up, down = (math.fsum(p for p in points if p * sign > 0) for sign in (1, -1))
    risk = float(f"{(base + up + down) * 100:.1f}")
    start, raised, lowered = apportioned([base * 100, up * 100, down * 100], risk)
    said = [f"Start {start:.1f}%, where nothing speaks for or against."]
    for name, amount, side in (("Raising", raised, 1), ("Lowering", lowered, -1)):
        if amount:
            is_here = abs(renewal) >= 0.0005 and renewal * side > 0
            own = f", of it the renewal {renewal * 100:+.1f}" if is_here else ""
            said.append(f"{name}: {amount:+.1f}{own}.")
    return " ".join([*said, f"Makes {risk:.1f}%."])


def apportioned(parts: Sequence[float], total: float) -> list[float]:
    """`parts` to one decimal so that they sum to `total`, itself of one decimal: the largest remainders round up.

    >>> apportioned([0.35, 57.91, -5.56], 52.7)
    [0.4, 57.9, -5.6]
    """
    tenths = [math.floor(part * 10) for part in parts]
    missing = round(total * 10) - sum(tenths)
    by_remainder = sorted(range(len(parts)), key=lambda i: tenths[i] - parts[i] * 10)
    for i in by_remainder[:missing]:
        tenths[i] += 1
    return [tenth / 10 for tenth in tenths]
