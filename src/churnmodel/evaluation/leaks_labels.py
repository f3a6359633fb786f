"""Does skill come from the labels, and only from those known in time? (labels shuffled, then mutated)

Two things are done to the labels, and the whole backtest is run again. *Shuffled*: within each ``as_of`` the
features are handed to other accounts, so that every label stands beside somebody else's features; whatever skill
is left did not come from what the features say. *Mutated*: from the cutoff of a late fold on, every account gets
the future of another one; folds up to that cutoff must predict the same to the last bit, for they may not know,
and from it on skill must fall, for that is what the figures are computed from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.backtest import Backtest, backtest
from churnmodel.evaluation.checks import Finding
from churnmodel.evaluation.folds import Fold
from churnmodel.evaluation.intervals import draw_accounts, percentile_interval
from churnmodel.evaluation.leaks_auroc import auroc_within
from churnmodel.snapshots.labels import churn_labels
from churnmodel.sources.database import snapshot_index

if TYPE_CHECKING:
    from churnmodel.features.feature import Feature
    from churnmodel.models.spec import ModelSpec
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.database import Database

CODE = "CHN001"
SHUFFLED, MUTATED = "Shuffled labels leave no skill", "Mutated labels lower skill where they are used"
FEWEST = 20
DRAWS = 300
Progress = Callable[[str, int, int], None]
CERTAIN = 3.5
"""So many standard errors above one half are skill and not luck (one proof in thousands errs)."""


@dataclass(frozen=True)
class Skill:
    """An AUROC within as_ofs, with its 95 % interval and standard error over accounts."""

    value: float
    low: float
    high: float
    error: float

    @property
    def is_certain(self) -> bool:
        """Whether it lies so far above one half that luck is no explanation."""
        return self.value - CERTAIN * self.error > 0.5

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"

    def to_json(self) -> list[float | None]:
        """Value, low, high."""
        return [None if np.isnan(v) else v for v in (self.value, self.low, self.high)]


@dataclass(frozen=True)
class Trial:
    """What is replayed: the arguments of `backtest`, with one model."""

    db: Database
    X: pd.DataFrame
    cohort: pd.DataFrame
    spec: ModelSpec
    features: Sequence[Feature]
    window: LabelWindow
    folds: Sequence[Fold]
    seed: int = 0

    def run(self, *, db: Database | None = None, X: pd.DataFrame | None = None) -> Backtest:
        """The backtest, with other tables or other features (ModelError as there)."""
        return backtest(
            db or self.db,
            self.X if X is None else X,
            self.cohort,
            [self.spec],
            self.features,
            self.window,
            self.folds,
            seed=self.seed,
            threads=1,
        )


def check_labels(trial: Trial, *, shuffles: int = 3, progress: Progress | None = None) -> tuple[Finding, Finding]:
    """CHN001: the two findings, shuffled and mutated.

    *Shuffled* fires where the interval of the AUROC lies above one half in every shuffle. *Mutated* fires where a
    prediction moved that was made before the labels changed, or where skill stayed.
    """
    step = progress or (lambda what, done, total: None)
    total = shuffles + 2
    try:
        step("labels: as they are", 0, total)
        plain = trial.run()
    except ModelError as refusal:
        why = f"Nothing could be learned here: {refusal}"
        return (
            Finding(CODE, SHUFFLED, "not applicable", why),
            Finding(CODE, MUTATED, "not applicable", why),
        )
    churners = plain.predictions[plain.predictions["churned"]]["account_id"].nunique()
    if churners < FEWEST:
        why = f"Only {churners} accounts churned in the judged folds; under {FEWEST} no fall in skill can be seen."
        return (
            Finding(CODE, SHUFFLED, "not applicable", why),
            Finding(CODE, MUTATED, "not applicable", why),
        )
    found = []
    for k in range(shuffles):
        step(f"labels: shuffled, {k + 1} of {shuffles}", k + 1, total)
        found.append(_skill(trial.run(X=_handed_around(trial.X, trial.seed + k)).predictions, trial.seed))
    step("labels: those of the last folds mutated", total - 1, total)
    mutated = _mutated(trial, plain)
    step("labels: done", total, total)
    return _told_shuffled(trial, plain, found), mutated


def _skill(said: pd.DataFrame, seed: int) -> Skill:
    as_of = pd.factorize(said["as_of"], sort=True)[0]
    churned = said["churned"].to_numpy(dtype=bool)
    margin = said["margin"].to_numpy(dtype=np.float64)
    draws = draw_accounts(said["account_id"].to_numpy(dtype=object), DRAWS, seed)
    drawn = auroc_within(as_of, margin, churned, draws.times[draws.codes])
    value = float(auroc_within(as_of, margin, churned)[0])
    return Skill(value, *percentile_interval(drawn), float(np.nanstd(drawn)))


def _handed_around(X: pd.DataFrame, seed: int) -> pd.DataFrame:
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


def _told_shuffled(trial: Trial, plain: Backtest, found: list[Skill]) -> Finding:
    before = _skill(plain.predictions, trial.seed)
    kept = all(skill.low > 0.5 for skill in found)
    looked = (
        f"{trial.spec.name} was backtested over {_judged(trial)} folds ({len(plain.predictions):,} predictions of "
        f"{plain.predictions['account_id'].nunique():,} accounts). AUROC within a day: {before} on the "
        f"true labels, {'; '.join(map(str, found))} on {len(found)} shuffles of them."
    )
    detail = {
        "true": before.to_json(),
        "shuffled": [skill.to_json() for skill in found],
        "predictions": len(plain.predictions),
    }
    if kept:
        more = " Skill that outlives its labels comes from somewhere else: the outcome reaches the predictions."
        return Finding(CODE, SHUFFLED, "fired", looked + more, detail)
    none = "" if before.low > 0.5 else " (There was no certain skill before either.)"
    return Finding(CODE, SHUFFLED, "silent", looked + " Nothing is left of it." + none, detail)


def _mutated(trial: Trial, plain: Backtest) -> Finding:
    judged = [f for f in trial.folds if not f.warm_up]
    moment = judged[len(judged) // 2].cutoff
    changed = trial.run(db=_other_futures(trial, moment))
    keys = ["account_id", "as_of"]
    before = plain.predictions.set_index(keys)
    after = changed.predictions.set_index(keys)
    number = max(f.number for f in judged if f.cutoff <= moment)
    early = [_margins_up_to(number, played) for played in (plain, changed)]
    both = early[0].index.intersection(early[1].index)
    bits = [e.loc[both].to_numpy(dtype=np.float64).view(np.int64) for e in early]
    differ = int((bits[0] != bits[1]).sum())
    shared = before.index.intersection(after.index)
    shared = shared[shared.get_level_values("as_of") >= moment]
    true = _skill(before.loc[shared].reset_index(), trial.seed)
    other = _skill(after.loc[shared].reset_index(), trial.seed)
    detail: dict[str, Any] = {
        "moment": f"{moment:%Y-%m-%d}",
        "predictions_before": len(both),
        "moved_before": differ,
        "predictions_from": len(shared),
        "true": true.to_json(),
        "mutated": other.to_json(),
    }
    if differ:
        message = (
            f"Labels from {moment:%Y-%m-%d} on were mutated, and {differ:,} of {len(both):,} predictions of "
            "models trained up to that day moved: they were trained on what was not known yet."
        )
        return Finding(CODE, MUTATED, "fired", message, detail)
    same = (
        f"From {moment:%Y-%m-%d} on every account was given the future of another one. All {len(both):,} "
        "predictions of models trained up to that day stayed the same to the last bit. "
    )
    fell = f"AUROC within a day from then on: {true} before, {other} after."
    if not true.low > 0.5:
        blind = " There was no certain skill there before, so no fall could be seen."
        return Finding(CODE, MUTATED, "silent", same + fell + blind, detail)
    if other.is_certain and other.value > (0.5 + true.value) / 2:
        stays = " Skill stayed although its outcomes were exchanged: the figures are not computed from them."
        return Finding(CODE, MUTATED, "fired", same + fell + stays, detail)
    return Finding(CODE, MUTATED, "silent", same + fell, detail)


def _margins_up_to(number: int, played: Backtest) -> pd.Series[float]:
    said = pd.concat([played.warm_up_predictions, played.predictions])
    return said[said["fold"] <= number].set_index(["account_id", "as_of"])["margin"]


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


def _judged(trial: Trial) -> int:
    return sum(not f.warm_up for f in trial.folds)

