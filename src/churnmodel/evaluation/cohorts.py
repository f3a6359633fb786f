"""Does the model also hold for accounts it has never met, and for those somebody acted on?

Folds go forward in time, so most judged accounts are old acquaintances: an earlier snapshot of them was learned
from. The *account-disjoint* figures are those of the others. They stand beside the time-forward figures, because
they answer another question: how good is a risk of a customer who came after training?
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.shared import SharedRows
from churnmodel.evaluation.treated import ARMS

EVERYONE, MET, NEW = "all judged", "accounts met before", "accounts never met"
ARM_NAMES = dict(zip(ARMS, ("treated", "held out", "untreated"), strict=True))
ASKED = ("auroc", "log_loss", "observed_over_expected")


def cohort_masks(rows: SharedRows) -> dict[str, NDArray[np.bool_]]:
    """Which rows belong to each cohort; only those about which the backtest knows something."""
    masks = {EVERYONE: np.ones(len(rows.facts), dtype=bool)}
    if "new_account" in rows.facts:
        new = rows.facts["new_account"].to_numpy(dtype=bool)
        masks |= {MET: ~new, NEW: new}
    if "arm" in rows.facts and rows.facts["arm"].notna().any():
        masks |= {ARM_NAMES[arm]: (rows.facts["arm"] == arm).to_numpy(dtype=bool) for arm in ARMS}
    return masks


def has_hold_out(rows: SharedRows) -> bool:
    """Whether any judged account was held out of a play: without one, risks are those of today's practice."""
    return bool(cohort_masks(rows).get(ARM_NAMES["hold_out"], np.zeros(1, dtype=bool)).any())


def cohort_figures(rows: SharedRows, model: str, *, draws: int = 300, seed: int = 0) -> pd.DataFrame:
    """What the model said of each cohort, and what happened there.

    Returns
    -------
    DataFrame
        Indexed by cohort: snapshots, accounts, churned_accounts, said (mean risk), happened (share churned), and
        for auroc, log_loss and observed_over_expected the value with <name>_low and <name>_high (95 % interval
        over accounts); NaN where the cohort does not allow it.
    """
    accounts = draw_accounts(rows.account_ids, draws, seed)
    judged = rows.judged(model)
    table = {}
    for cohort, mask in cohort_masks(rows).items():
        here = np.flatnonzero(mask)
        part = judged.take(here)
        ids = rows.account_ids[here]
        line: dict[str, float] = {
            "snapshots": len(here),
            "accounts": len(set(ids)),
            "churned_accounts": len(set(ids[part.churned])),
            "said": float(part.risk.mean()) if len(here) else np.nan,
            "happened": float(part.churned.mean()) if len(here) else np.nan,
        }
        values = figures(part, names=ASKED)
        drawn = bootstrap(part, accounts.take(here), ASKED) if len(here) else {}
        for name in ASKED:
            line[name] = float(values[name][0])
            known = np.isfinite(line[name]) and bool(drawn)
            line[f"{name}_low"], line[f"{name}_high"] = (
                percentile_interval(drawn[name]) if known else (np.nan, np.nan)
            )
        table[cohort] = line
    counts = ["snapshots", "accounts", "churned_accounts"]
    return pd.DataFrame.from_dict(table, orient="index").astype(dict.fromkeys(counts, int)).rename_axis("cohort")
