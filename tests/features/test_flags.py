"""Each yes or no on numbers given by hand."""

from __future__ import annotations

import numpy as np
import pytest

from churnmodel.features.aggregate import Aggregate, Aggregates
from churnmodel.features.flags import AllGone, Holds, Never, NotSince, OnlyOne
from churnmodel.features.rhythm import Pace, Silence

NAN = float("nan")
A, B, C = (Aggregate("tickets", "count", since=days) for days in (1, 2, 3))


def made(**numbers: list[float]) -> Aggregates:
    named = {"a": A, "b": B, "c": C}
    columns = {named[k]: np.array(v, dtype="float64") for k, v in numbers.items()}
    return Aggregates(columns, {}, exposure=np.zeros(len(next(iter(columns.values())))))


@pytest.mark.parametrize(
    ("measure", "numbers", "expected"),
    [
        (Holds(A), {"a": [0, 1, 3]}, [0, 1, 1]),
        (Never(A), {"a": [0, 1, 3]}, [1, 0, 0]),
        (OnlyOne(A), {"a": [0, 1, 2]}, [NAN, 1, 0]),
        (AllGone(A, B), {"a": [0, 2, 2, 0], "b": [0, 0, 1, 1]}, [NAN, 1, 0, 0]),
        (NotSince(A, B), {"a": [NAN, NAN, 9, 9, 9, 9], "b": [NAN, 5, NAN, 5, 9, 20]}, [0, 0, 1, 0, 0, 1]),
        (Silence(A, B), {"a": [0, 0, 2], "b": [0, 7, 7]}, [0, 7, 0]),
        # three days over 20: a gap of 10, and it has been 30; under three days there is no usual gap
        (Pace(A, B, C), {"a": [30, 30, NAN], "b": [50, 50, NAN], "c": [3, 2, 0]}, [3, NAN, NAN]),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, dict | list) else "",
)
def test_yes_no_and_unknown(measure, numbers, expected):
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(measure.value(made(**numbers)), expected)
    assert set(measure.needs) == set(made(**numbers).numbers)
