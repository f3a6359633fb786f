"""Are two columns the same to the last bit? (the one comparison that every proof and every kept day uses)"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def differs(before: pd.Series[Any], again: pd.Series[Any]) -> NDArray[np.bool_]:
    """Where two columns of the same rows, in the same order, differ in a bit.

    Unknown equals unknown, whatever bits it is written with; 0.0 is not -0.0, and no number equals a text.

    Returns
    -------
    NDArray[np.bool_]
        One answer per row.

    >>> differs(pd.Series([1.0, float("nan"), 0.0]), pd.Series([1.0, float("nan"), -0.0])).tolist()
    [False, False, True]
    """
    unknown = before.isna().to_numpy(dtype=bool), again.isna().to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(before) and pd.api.types.is_numeric_dtype(again):
        bits = [np.ascontiguousarray(c.to_numpy(dtype=np.float64)).view(np.int64) for c in (before, again)]
        same = bits[0] == bits[1]
    else:
        same = before.to_numpy(dtype=object) == again.to_numpy(dtype=object)
    return np.asarray(~np.where(unknown[0] | unknown[1], unknown[0] & unknown[1], same), dtype=np.bool_)
