"""CHN001: does any feature hold what was not known before its as_of?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.evaluation.checks.finding import Finding
from churnmodel.features.same_bits import differs

if TYPE_CHECKING:
    from churnmodel.features.feature import Feature
    from churnmodel.sources.database import Database

Build: TypeAlias = "Callable[[Database, pd.MultiIndex], pd.DataFrame]"


def check_future_data(
    db: Database,
    features: Sequence[Feature],
    snapshots: pd.MultiIndex,
    X: pd.DataFrame,
    build: Build | None = None,
    *,
    n_as_ofs: int = 3,
) -> Finding:
    """CHN001: does any feature of X hold what was not known before its as_of?

    At a few as_ofs, spread over the snapshots, the features are built again from the database cut there.
    Whatever moves by a bit (NaN equals NaN) had looked past its as_of. It cannot see what an export overwrote or
    back-dated before it came here: such a cell is the same on both sides.

    Parameters
    ----------
    snapshots
        Where to look; X must hold them.
    build
        How X was built; by default `build_feature_matrix` with `features`.
    n_as_ofs
        How many as_ofs are rebuilt: the first, the last, and between.
    """
    if len(snapshots) == 0 or not features:
        return Finding.of("CHN001", "not applicable", "There are no snapshots or no features to rebuild.")
    rebuild = build or _builder(features)
    names = [f.name for f in features]
    as_of = snapshots.get_level_values("as_of")
    moments = as_of.unique().sort_values()
    chosen = moments[np.unique(np.linspace(0, len(moments) - 1, n_as_ofs).round().astype(int))]
    moved: list[dict[str, Any]] = []
    compared = 0
    for moment in chosen:
        index = snapshots[as_of == moment]
        again, before = rebuild(db.cut(moment), index).reindex(index), X.reindex(index)
        compared += len(index)
        for name in names:
            other = _other(before, again, name)
            if other.any():
                first = int(np.flatnonzero(other)[0])
                moved.append(
                    {
                        "feature": name,
                        "as_of": f"{moment:%Y-%m-%d}",
                        "account_id": str(index[first][0]),
                        "value": _value(before, name, first),
                        "value_when_cut": _value(again, name, first),
                        "rows": int(other.sum()),
                    }
                )
    looked = f"{len(names)} features at {', '.join(f'{m:%Y-%m-%d}' for m in chosen)} ({compared:,} snapshots)"
    if not moved:
        message = f"Built again from tables cut at each as_of, {looked} came out the same to the last bit."
        return Finding.of("CHN001", "silent", message, {"snapshots": compared})
    worst = moved[0]
    more = sorted({m["feature"] for m in moved} - {worst["feature"]})
    also = f" Also: {', '.join(more)}." if more else ""
    message = (
        f"Feature '{worst['feature']}' has seen the future: at {worst['as_of']} account "
        f"{worst['account_id']} has {worst['value']}, but {worst['value_when_cut']} from tables cut at that "
        f"moment ({worst['rows']} snapshots differ there).{also} "
        "Let it read only what was known before as_of, or leave it out."
    )
    return Finding.of("CHN001", "fired", message, {"snapshots": compared, "moved": moved})


def _builder(features: Sequence[Feature]) -> Build:
    from churnmodel.features.matrix import build_feature_matrix

    return lambda db, snapshots: build_feature_matrix(db, snapshots, features)


def _other(before: pd.DataFrame, again: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """Where a column differs in a bit; one that a side lacks differs everywhere."""
    if name not in before or name not in again:
        return np.ones(len(before), dtype=bool)
    return differs(before[name], again[name])


def _value(X: pd.DataFrame, name: str, row: int) -> float | str | None:
    if name not in X or pd.isna(X[name].iloc[row]):
        return None
    value = X[name].iloc[row]
    return value if isinstance(value, str) else float(value)
