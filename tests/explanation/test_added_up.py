"""Does the line that adds a risk up add up as it is printed, whatever is rounded?"""

from __future__ import annotations

import re

import numpy as np
import pytest

from churnmodel.explanation.added_up import added_up


def printed(name: str, line: str) -> int:
    """A number of the line, in tenths."""
    found = re.search(rf"{name}:? ([+-]?\d+\.\d)", line)
    return round(float(found[1]) * 10) if found else 0


@pytest.mark.parametrize("seed", range(300))
def test_what_is_printed_adds_up_to_the_printed_risk(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base, risk = rng.uniform(0, 1, 2)
    points = rng.normal(0, 0.05, rng.integers(1, 60))
    points += (risk - base - points.sum()) / len(points)
    line = added_up(base, points.tolist())
    start, raised, lowered = (printed(name, line) for name in ("Start", "Raising", "Lowering"))
    assert start + raised + lowered == printed("Makes", line)
    assert f"Makes {risk:.1%}." in line
    for told, true in ((start, base), (raised, points[points > 0].sum()), (lowered, points[points < 0].sum())):
        assert abs(told - 1000 * true) < 1.001, "no further off than to the next decimal"


def test_the_renewal_is_told_on_its_own_side() -> None:
    assert "Raising: +20.0, of it the renewal +5.0. Lowering" in added_up(0.1, [0.15, 0.05, -0.1], 0.05)
    assert "Lowering: -10.0, of it the renewal -10.0. Makes" in added_up(0.1, [0.2, -0.1], -0.1)
    assert "renewal" not in added_up(0.1, [0.2, -0.1])


def test_a_side_with_nothing_on_it_is_not_told() -> None:
    assert added_up(0.1, [0.05]) == "Start 10.0%, where nothing speaks for or against. Raising: +5.0. Makes 15.0%."
