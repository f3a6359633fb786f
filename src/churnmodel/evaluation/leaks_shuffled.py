"""Is skill left when every label stands beside somebody else's features? (labels shuffled within each day)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.evaluation.checks.finding import Finding
from churnmodel.evaluation.leaks_trial import CODE, Skill, Trial, skill_of

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

SHUFFLED = "Shuffled labels leave no skill"


def handed_around(X: pd.DataFrame, seed: int) -> pd.DataFrame:
    """X with each row given to another account of the same as_of, the same one at every as_of if it is there."""
    accounts = X.index.get_level_values("account_id").unique().sort_values()
    order = np.random.default_rng(seed).permutation(len(accounts))
    # a ring in random order: everybody's features come from the next one who is there
    place = pd.Series(order, index=accounts)
    rows = pd.DataFrame({"row": np.arange(len(X)), "as_of": X.index.get_level_values("as_of")})
    rows["place"] = place.loc[X.index.get_level_values("account_id")].to_numpy()
    rows = rows.sort_values(["as_of", "place"])
    grouped = rows.groupby("as_of")["row"]
    source = grouped.shift(-1)
    source = source.fillna(grouped.transform("first")).astype(int)
    taken = np.empty(len(X), dtype=int)
    taken[rows["row"].to_numpy()] = source.to_numpy()
    return X.iloc[taken].set_axis(X.index)


def told_shuffled(trial: Trial, plain: Backtest, found: Sequence[Skill]) -> Finding:
    """CHN001: what the skill of each shuffle says; fires where the interval of every one lies above one half."""
    before = skill_of(plain.predictions, trial.seed)
    above = sum(skill.low > 0.5 for skill in found)
    looked = (
        f"{trial.spec.name} was backtested over {len(trial.judged)} folds ({len(plain.predictions):,} "
        f"predictions of {plain.predictions['account_id'].nunique():,} accounts). AUROC within a day: {before} on "
        f"the true labels, {'; '.join(map(str, found))} on {len(found)} shuffles of them."
    )
    detail = {
        "true": before.to_json(),
        "shuffled": [skill.to_json() for skill in found],
        "predictions": len(plain.predictions),
    }
    if above == len(found):
        more = " Skill that outlives its labels comes from somewhere else: the outcome reaches the predictions."
        return Finding(CODE, SHUFFLED, "fired", looked + more, detail)
    if not before.low > 0.5:
        none = " There was no certain skill before, so that none could vanish."
        return Finding(CODE, SHUFFLED, "not applicable", looked + none, detail)
    tail = " Nothing is left of it."
    if above:
        tail = f" {above} of {len(found)} lie above one half, as luck may have it."
    return Finding(CODE, SHUFFLED, "silent", looked + tail, detail)
