"""Does skill fall where outcomes are exchanged, and nowhere before? (labels mutated from a day on)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnmodel.evaluation.checks.finding import Finding
from churnmodel.evaluation.leaks_trial import CODE, Trial, skill_of
from churnmodel.features.same_bits import differs
from churnmodel.snapshots.labels import churn_labels
from churnmodel.sources.database import snapshot_index

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.database import Database

MUTATED = "Mutated labels lower skill where they are used"


def check_mutated(trial: Trial, plain: Backtest) -> Finding:
    """CHN001: fires where a prediction moved that was made before the labels changed, or where skill stayed.

    Parameters
    ----------
    plain
        The backtest of `trial` on the labels as they are.
    """
    judged = trial.judged
    moment = judged[len(judged) // 2].cutoff
    changed = trial.run(db=_other_futures(trial, moment))
    keys = ["account_id", "as_of"]
    before = plain.predictions.set_index(keys)
    after = changed.predictions.set_index(keys)
    number = max(f.number for f in judged if f.cutoff <= moment)
    early = [_margins_up_to(number, played) for played in (plain, changed)]
    both = early[0].index.intersection(early[1].index)
    columns = early[0].columns.union(early[1].columns)  # a period only one of the two speaks of has moved
    one, two = (said.reindex(index=both, columns=columns) for said in early)
    moved = int(np.any([differs(one[c], two[c]) for c in columns], axis=0).sum())
    shared = before.index.intersection(after.index)
    shared = shared[shared.get_level_values("as_of") >= moment]
    true = skill_of(before.loc[shared].reset_index(), trial.seed)
    other = skill_of(after.loc[shared].reset_index(), trial.seed)
    detail: dict[str, Any] = {
        "moment": f"{moment:%Y-%m-%d}",
        "predictions_before": len(both),
        "moved_before": moved,
        "predictions_from": len(shared),
        "true": true.to_json(),
        "mutated": other.to_json(),
    }
    if moved:
        message = (
            f"Labels from {moment:%Y-%m-%d} on were mutated, and {moved:,} of {len(both):,} predictions of "
            "models trained up to that day moved: they were trained on what was not known yet."
        )
        return Finding(CODE, MUTATED, "fired", message, detail)
    if not len(both):
        none = f"No model was trained up to {moment:%Y-%m-%d} under both: there are no predictions to compare."
        return Finding(CODE, MUTATED, "not applicable", none, detail)
    same = (
        f"From {moment:%Y-%m-%d} on every account was given the future of another one. All {len(both):,} "
        "predictions of models trained up to that day stayed the same to the last bit. "
    )
    fell = f"AUROC within a day from then on: {true} before, {other} after."
    if not true.low > 0.5:
        blind = " There was no certain skill there before, so no fall could be seen."
        return Finding(CODE, MUTATED, "not applicable", same + fell + blind, detail)
    if other.is_certain and other.value > (0.5 + true.value) / 2:
        stays = " Skill stayed although its outcomes were exchanged: the figures are not computed from them."
        return Finding(CODE, MUTATED, "fired", same + fell + stays, detail)
    return Finding(CODE, MUTATED, "silent", same + fell, detail)


def _margins_up_to(number: int, played: Backtest) -> pd.DataFrame:
    """What was said within the judged horizon, and in each period."""
    said = pd.concat([played.warm_up_predictions, played.predictions])
    return said[said["fold"] <= number].set_index(["account_id", "as_of"]).filter(like="margin")


def _other_futures(trial: Trial, moment: pd.Timestamp) -> Database:
    """The tables with what happens from `moment` on exchanged among the accounts that are served then."""
    import ibis

    db, at = trial.db, ibis.timestamp(moment.isoformat())
    index = snapshot_index(trial.cohort)
    here = index[index.get_level_values("as_of") == moment]
    wide = replace(trial.window, lead_days=0, horizon_days=_days_left(db, trial.window, moment))
    ends = churn_labels(db, here, wide)["churned_at"].to_numpy()
    order = np.random.default_rng(trial.seed).permutation(len(here))
    accounts = here.get_level_values("account_id")
    # whoever is not looked at that day, or comes later, stays from then on
    others = pd.DataFrame({"account_id": accounts.to_numpy(), "their_end": ends[order]})
    others["their_end"] = others["their_end"].astype("datetime64[us]")
    taken = ibis.memtable(others, schema=ibis.schema({"account_id": "string", "their_end": "timestamp(6)"}))
    rows = db.versions("subscriptions")
    rows = rows.filter(rows.started_at < at).left_join(taken, "account_id").drop("account_id_right")
    open_then = rows.ended_at.isnull() | (rows.ended_at >= at)
    rows = rows.mutate(
        ended_at=ibis.ifelse(open_then, rows.their_end, rows.ended_at),
        cancelled_at=ibis.ifelse(rows.cancelled_at >= at, ibis.null("timestamp(6)"), rows.cancelled_at),
    ).drop("their_end")
    tables = {**db.tables, "subscriptions": db.raw.kept("churnmodel_mutated_subscriptions", rows)}
    if "exits" in tables:
        exits = db.versions("exits")
        tables["exits"] = exits.filter(exits.exited_at < at)
    return replace(db, tables=tables)


def _days_left(db: Database, window: LabelWindow, moment: pd.Timestamp) -> int:
    return max(1, (db.until - moment).days - window.grace_days - 1)
