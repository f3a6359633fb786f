"""CHN002: does a feature, or the model, tell who leaves better than anything honest can?

Every feature is asked alone, by the rule of `churnmodel check --leaks` (`leaks_power`): so `train` and the proof
never contradict each other. A leak that is spread over many features shows in none alone; the model that learned
from all of them is therefore asked as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnmodel.evaluation.checks.finding import FIRES_UNDER, Finding
from churnmodel.evaluation.clustered import Estimate, auroc_estimate
from churnmodel.evaluation.leaks_columns import feature_probes
from churnmodel.evaluation.leaks_power import Power, outcomes
from churnmodel.evaluation.leaks_sample import draw_from
from churnmodel.evaluation.leaks_told import days_to_look, tell
from churnmodel.evaluation.leaks_words import in_words, strangest_of_each, strongest_in_words
from churnmodel.evaluation.shared import SharedRows, shared_rows
from churnmodel.sources.database import snapshot_index

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest
    from churnmodel.features.feature import Feature
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.database import Database

MODEL_TOO_GOOD = 0.95
"""An AUROC whose interval lies above is not believed of a model, among accounts that can leave.

Were the log-odds of leavers and stayers normal with the same spread, 0.95 puts their means 2.3 spreads apart: all
but one in eight leavers would have to be told from all but one in eight stayers, months ahead.
"""
NAMED = 3


def feature_powers(
    db: Database,
    features: Sequence[Feature],
    X: pd.DataFrame,
    window: LabelWindow,
    *,
    accounts: int = 1_500,
    seed: int = 0,
) -> list[Power]:
    """What each feature alone tells of who leaves within 90 days, 180 to 545 days later, and ever.

    Parameters
    ----------
    X
        Of a cohort, by snapshot; a dozen of its days are looked at.
    accounts
        At most so many accounts are, drawn by `seed`: more say nothing else.
    """
    index = snapshot_index(X)
    days = pd.DatetimeIndex(index.get_level_values("as_of")).unique().sort_values()
    here = index[index.get_level_values("as_of").isin(days_to_look(days, db.until, window))]
    account = here.get_level_values("account_id")
    here = here[account.isin(draw_from(account.unique(), accounts, seed))]
    learned_from = [f for f in features if f.role == "input"]
    return tell(feature_probes(learned_from, X.loc[here]), outcomes(db, here, window), here, seed)


def check_too_good(backtest: Backtest, model: str, told: Sequence[Power]) -> Finding:
    """CHN002: fires where one feature alone, or the model, tells more than is believed.

    Of a feature: as `churnmodel check --leaks` does. Of the model: where the interval of its AUROC, within days of
    looking, lies above 0.95 among the accounts whose term ends within the horizon (of all, where no term is
    known): an account in mid-term hardly can leave, and to know that is no skill.

    Parameters
    ----------
    told
        From `feature_powers`.
    """
    rows = shared_rows(backtest)
    power, who = _of_model(rows, model, backtest.window.horizon_days)
    if power is None and not told:
        few = f"under {FIRES_UNDER} accounts left, so power and luck cannot be told apart"
        return Finding.of("CHN002", "not applicable", f"Nothing could be asked: {few}.")
    strange = strangest_of_each([t for t in told if t.is_too_good or t.is_too_certain])
    detail: dict[str, Any] = {"features": [t.to_json() for t in strange], "model": None}
    said, model_fires = f"{model} could not be asked", False
    if power is not None:
        low, high = power.interval()
        high = min(high, 1.0)
        model_fires = low > MODEL_TOO_GOOD
        detail["model"] = {"auroc": power.value, "low": low, "high": high, "bound": MODEL_TOO_GOOD}
        said = f"{model} reaches an AUROC of {power.value:.3f} ({low:.3f} to {high:.3f}) among {who}"
    if strange:
        named = "; ".join(in_words(t) for t in strange[:NAMED])
        more = f"; and {len(strange) - NAMED} more" if len(strange) > NAMED else ""
        also = f" ({said}.)" if model_fires else ""
        message = f"Not to be believed of one feature: {named}{more}.{also} {_DO}"
        return Finding.of("CHN002", "fired", message, detail)
    if model_fires:
        message = f"{said}; above {MODEL_TOO_GOOD} is not believed. {_suspects(told)}{_DO}"
        return Finding.of("CHN002", "fired", message, detail)
    bound = f", {MODEL_TOO_GOOD} would not be believed" if power is not None else ""
    return Finding.of("CHN002", "silent", f"{strongest_in_words(told)} {said}{bound}.", detail)


_DO = "Leave out what was written or changed once an account had left; 'churnmodel check --leaks' looks for it."


def _of_model(rows: SharedRows, model: str, horizon: int) -> tuple[Estimate | None, str]:
    """Its AUROC within days of looking among those who can leave, and who these are."""
    if model not in rows.risks:
        return None, ""
    churned = rows.facts["churned"].to_numpy(dtype=bool)
    ends = rows.facts["renewable"].to_numpy(dtype=bool)
    here, who = np.ones(len(churned), dtype=bool), "all accounts"
    if len(set(rows.account_ids[churned & ends])) >= FIRES_UNDER:
        here, who = ends, f"accounts whose term ends within {horizon} days"
    if len(set(rows.account_ids[churned & here])) < FIRES_UNDER or churned[here].all():
        return None, ""
    account, names = pd.factorize(rows.account_ids[here], sort=True)
    as_of = pd.factorize(rows.facts["as_of"].to_numpy()[here], sort=True)[0].astype(np.int64)
    risk = rows.risks[model][here]
    return auroc_estimate(churned[here], risk, account.astype(np.int64), len(names), as_of), who


def _suspects(told: Sequence[Power]) -> str:
    """The features that tell most alone: where to look first."""
    best: dict[str, str] = {}
    for t in sorted(told, key=lambda t: -np.nan_to_num(t.auroc)):
        best.setdefault(t.probe.name, f"'{t.probe.name}' ({', '.join(t.probe.columns)})")
    named = list(best.values())[:NAMED]
    return f"The features that tell most alone: {'; '.join(named)}. " if named else ""
