"""Does the comparison see every bit, and let the unknown be the unknown?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.features.same_bits import differs

OTHER_NAN = float(np.array([0x7FF8000000000001], dtype=np.int64).view(np.float64)[0])


@pytest.mark.parametrize(
    ("before", "again", "other"),
    [
        (1.0, 1.0, False),
        (0.1 + 0.2, 0.3, True),
        (0.0, -0.0, True),
        (float("nan"), OTHER_NAN, False),
        (float("nan"), 0.0, True),
        ("a", "a", False),
        ("a", "b", True),
        ("a", None, True),
        (None, float("nan"), False),
        ("1", 1.0, True),
    ],
)
def test_two_cells_differ_in_a_bit_or_not(before, again, other):
    columns = [pd.Series([cell]) for cell in (before, again)]
    assert differs(*columns).tolist() == [other]
    assert differs(*columns[::-1]).tolist() == [other]
