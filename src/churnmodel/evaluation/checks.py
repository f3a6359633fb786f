"""Which of the known ways to fool oneself apply here? (coded findings)

Each check fires, stays silent, or says that it is not applicable; its message is a sentence with the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.paired import PairedDifference, paired_differences
from churnmodel.evaluation.shared import shared_rows
from churnmodel.features.same_bits import differs

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest
    from churnmodel.features.feature import Feature
    from churnmodel.sources.database import Database

Status = Literal["fired", "silent", "not applicable"]
Build: TypeAlias = "Callable[[Database, pd.MultiIndex], pd.DataFrame]"

FIRES_UNDER, WARNS_UNDER = 20, 50


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Parameters
    ----------
    code, title
        ``"CHN001"`` and its name.
    status
        ``"fired"``, ``"silent"`` or ``"not applicable"``.
    message
        One or two plain sentences with the numbers.
    detail
        The same as JSON types.
    """

    code: str
    title: str
    status: Status
    message: str
    detail: Mapping[str, Any] = field(default_factory=dict)


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
    title = "Future data"
    if len(snapshots) == 0 or not features:
        return Finding("CHN001", title, "not applicable", "There are no snapshots or no features to rebuild.")
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
        return Finding("CHN001", title, "silent", message, {"snapshots": compared})
    worst = moved[0]
    more = sorted({m["feature"] for m in moved} - {worst["feature"]})
    also = f" Also: {', '.join(more)}." if more else ""
    message = (
        f"Feature '{worst['feature']}' has seen the future: at {worst['as_of']} account "
        f"{worst['account_id']} has {worst['value']}, but {worst['value_when_cut']} from tables cut at that "
        f"moment ({worst['rows']} snapshots differ there).{also}"
    )
    return Finding("CHN001", title, "fired", message, {"snapshots": compared, "moved": moved})


def check_beats_baseline(
    backtest: Backtest,
    model: str,
    *,
    base_rate: str = "base_rate",
    scorecard: str = "scorecard",
    draws: int = 300,
    seed: int = 0,
) -> Finding:
    """CHN003: is the model better than the base rate, and than the hand-set scorecard?

    Fires unless the paired interval of the log loss lies below 0 against each baseline that was backtested.
    """
    title = "Not better than a baseline"
    rows = shared_rows(backtest)
    baselines = [b for b in (base_rate, scorecard) if b in rows.risks and b != model]
    if model not in rows.risks or not baselines:
        lacking = "no baseline was backtested beside it" if model in rows.risks else "it has no predictions"
        return Finding("CHN003", title, "not applicable", f"{model} could not be compared: {lacking}.")
    if rows.churned_accounts < FIRES_UNDER:
        few = f"only {rows.churned_accounts} accounts churned in the judged folds"
        return Finding("CHN003", title, "not applicable", f"{model} could not be compared: {few}.")
    pairs = [paired_differences(rows, model, b, "log_loss", draws=draws, seed=seed) for b in baselines]
    lost = [p for p in pairs if not p.a_is_better]
    detail = {p.b: _numbers(p) for p in pairs}
    if not lost:
        message = f"{model} beats {' and '.join(baselines)}: {'; '.join(map(str, pairs))}."
        return Finding("CHN003", title, "silent", message, detail)
    message = f"{model} is not better than {' or '.join(p.b for p in lost)}: {'; '.join(map(str, lost))}."
    return Finding("CHN003", title, "fired", message, detail)


def check_enough_churners(backtest: Backtest, model: str, *, draws: int = 300, seed: int = 0) -> Finding:
    """CHN007: did enough accounts churn in the judged folds for the figures to mean anything?

    Fires under 20 churned accounts; under 50 it is silent but warns (``detail["warning"]``) in words.
    """
    title = "Too few churners"
    rows = shared_rows(backtest)
    if model not in rows.risks:
        return Finding("CHN007", title, "not applicable", f"{model} has no predictions to judge.")
    churned = rows.churned_accounts
    judged = rows.judged(model)
    auroc = float(figures(judged, names=["auroc"])["auroc"][0])
    accounts = draw_accounts(rows.account_ids, draws, seed)
    low, high = percentile_interval(bootstrap(judged, accounts, ["auroc"])["auroc"])
    known = f"AUROC of {model} is {auroc:.3f}, but could as well be anything from {low:.3f} to {high:.3f}"
    if np.isnan(low):
        known = f"AUROC of {model} has no interval"
    detail = {
        "churned_accounts": churned,
        "churned_snapshots": int(judged.churned.sum()),
        "auroc": [None if np.isnan(v) else v for v in (auroc, low, high)],
        "warning": churned < WARNS_UNDER,
    }
    count = f"{churned} accounts churned in the judged folds"
    if churned < FIRES_UNDER:
        message = f"Only {count}; under {FIRES_UNDER} every figure is mostly luck. {known}."
        return Finding("CHN007", title, "fired", message, detail)
    if churned < WARNS_UNDER:
        return Finding("CHN007", title, "silent", f"{count}, which is few. {known}.", detail)
    return Finding("CHN007", title, "silent", f"{count}.", detail)


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


def _numbers(pair: PairedDifference) -> dict[str, float | None]:
    numbers = {"difference": pair.value, "low": pair.low, "high": pair.high}
    return {name: None if np.isnan(value) else value for name, value in numbers.items()}
