"""How do rows of an export come a second time? (a correction is a later version, a replay an exact copy)"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from churnmodel.sources.synthetic.causes import Days, Flags

_REPLAYED = 0.004


def with_versions(
    table: pd.DataFrame,
    *,
    event_id: pd.Series,
    time: str,
    wrong: Mapping[str, ArrayLike],
    corrected_after: Days,
    u: ArrayLike,
    until: pd.Timestamp,
) -> pd.DataFrame:
    """`table` with ``event_id`` and ``known_at``; corrected rows follow their wrong first version.

    Parameters
    ----------
    wrong
        Per column what the first version said where it was corrected later.
    corrected_after
        Seconds from the row's time (or its own `known_at`) to its correction, 0 where it was right at once.
    u
        Uniform numbers; a few of the rows are told twice, in all the same words.
    until
        Versions that became known at or after this moment are left out.
    """
    said = table["known_at"] if "known_at" in table else pd.Series(pd.NaT, index=table.index)
    table = table.assign(event_id=event_id, known_at=said.astype("datetime64[us]"))
    changed = np.asarray(corrected_after) > 0
    first, second = table.copy(), table[changed].copy()
    for column, cells in wrong.items():
        first[column] = first[column].mask(changed, pd.Series(np.asarray(cells), index=table.index))
    later = pd.to_timedelta(np.asarray(corrected_after)[changed], unit="s").as_unit("us")
    second["known_at"] = second["known_at"].fillna(second[time]) + later
    again: Flags = np.asarray(u) < _REPLAYED
    order = pd.concat([first, second, first[again]]).sort_index(kind="stable")
    return order[~(order["known_at"].fillna(order[time]) >= until)].reset_index(drop=True)
