"""Backtests written by hand: who churned, and what one model said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from churnmodel.evaluation.backtest import Backtest
from churnmodel.evaluation.checks import (
    Finding,
    check_beats_baseline,
    check_calibrated,
    check_enough_churners,
    check_even,
    check_future_data,
    check_stable,
    check_too_good,
)
from churnmodel.evaluation.leaks_columns import Probe
from churnmodel.evaluation.leaks_power import NEAR, Outcomes, Power
from churnmodel.evaluation.leaks_told import tell
from churnmodel.features.feature import Feature, Wording
from churnmodel.snapshots.labels import LabelWindow
from small_worlds import looks, version, world

SPEAKS = Wording("it is {it}", unknown="it is not known")
FIRST = pd.Timestamp("2025-01-01")


@dataclass(frozen=True)
class Played:
    """An honest world: the log-odds of churn of n accounts at each of some months, and who churned."""

    logit: np.ndarray
    churned: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        return expit(self.logit)


def honest(
    accounts: int = 400, months: int = 8, seed: int = 0, level: float = -2.0, spread: float = 1.2
) -> Played:
    """An account keeps its risk over the months, but for a little."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(level, spread, (accounts, 1)) + rng.normal(0, 0.2, (accounts, months))
    return Played(logit, rng.random(logit.shape) < expit(logit))


def replayed(churned: np.ndarray, risk: np.ndarray, folds: int = 4, **more: Any) -> Backtest:
    """A backtest of the model "logistic": (accounts, months) arrays; `more` are further columns, or models.

    A column is one value for all, (accounts,), (months,) or (accounts, months); a further model is given by its
    name and a (accounts, months) array of risks, in a dict `others`.
    """
    n, months = churned.shape
    others = more.pop("others", {})

    def column(values: Any) -> np.ndarray:
        given = np.asarray(values, dtype=object if np.asarray(values).dtype.kind in "OU" else None)
        given = given[:, None] if given.ndim == 1 and len(given) == n else given
        return np.broadcast_to(given, (n, months)).ravel()

    mrr = column(more.pop("mrr", 100.0)).astype(float)
    facts = pd.DataFrame(
        {
            "account_id": np.repeat([f"a{i:04d}" for i in range(n)], months),
            "as_of": np.tile(pd.date_range(FIRST, periods=months, freq="MS"), n),
            "fold": np.tile(1 + np.arange(months) * folds // months, n),
            "margin": 0.0,
            "churned": churned.ravel(),
            "mrr": mrr,
            "mrr_lost": np.where(churned.ravel(), mrr, 0.0),
            "renewable": column(more.pop("renewable", True)).astype(bool),
            "segment": column(more.pop("segment", None)),
            **{name: column(values) for name, values in more.items()},
        }
    )
    said = {"logistic": risk, **others}
    parts = [facts.assign(model=name, risk=np.broadcast_to(r, (n, months)).ravel()) for name, r in said.items()]
    predictions = pd.concat(parts).sort_values(["model", "as_of", "account_id"], ignore_index=True)
    return Backtest(
        predictions=predictions,
        warm_up_predictions=predictions.iloc[:0],
        folds=pd.DataFrame(),
        curves={},
        final_curves={},
        refusals=(),
        capacity=0.1,
        window=LabelWindow(),
        models=tuple(said),
    )


def told_of(values: np.ndarray, churned: np.ndarray, window: str = NEAR, name: str = "it") -> list[Power]:
    """What a feature of these (accounts, months) values, made of notes, tells of a window."""
    n, months = churned.shape
    index = looks(
        *(str(day) for day in pd.date_range(FIRST, periods=months, freq="MS")),
        accounts=[f"a{i:04d}" for i in range(n)],
    )
    left = churned.ravel()
    answer = Outcomes(window, np.ones(len(index), dtype=bool), left, int(churned.any(axis=1).sum()))
    probe = Probe(name, "feature", ("notes.text",), pd.Series(values.ravel(), index=index))
    return tell([probe], {window: answer}, index, seed=0)


def one_feature(code: str) -> tuple[Any, ...]:
    """The arguments of CHN001 for a count of versions: of all that are there, or only of those known by then."""
    db = world([version("2025-01-01", "2025-06-01"), version("2025-06-01", mrr=80.0)])
    feature = Feature("versions", "financial", "versions", "How many versions.", "count", SPEAKS)
    index = looks("2025-03-01", "2025-09-01") if code != "none" else looks()

    def counted(at: Any, snapshots: pd.MultiIndex) -> pd.DataFrame:
        return pd.DataFrame({"versions": float(len(at.frame("subscriptions")))}, index=snapshots)

    days = index.get_level_values("as_of")
    in_time = [counted(db.cut(day), index[days == day]) for day in days]
    X = counted(db, index) if code == "late" or not in_time else pd.concat(in_time)
    return db, [feature], index, X, counted


def answers() -> dict[tuple[str, str], Callable[[], Finding]]:
    """For each code: a world where it fires, one where it does not, one where it does not apply."""
    usual, few = honest(), honest(accounts=60, months=2, level=-4.0)
    noise = np.random.default_rng(9).normal(size=usual.logit.shape)
    base = np.full(usual.truth.shape, usual.churned.mean())
    segment = np.where(np.arange(400) % 2 == 0, "smb", "enterprise")
    unseen = expit(np.where((np.arange(400) % 2 == 0)[:, None], usual.logit.mean() + 1.2 * noise, usual.logit))
    fades = expit(usual.logit.mean() + np.linspace(1, 0, 8) * (usual.logit - usual.logit.mean()) + 0.5 * noise)
    honest_told = told_of(usual.logit + 2 * noise, usual.churned)
    knows = told_of(4.0 * usual.churned + noise, usual.churned)
    plain = replayed(usual.churned, usual.truth)
    none = replayed(few.churned, few.truth, folds=1, as_of_gap=0)
    return {
        ("CHN001", "fired"): lambda: check_future_data(*one_feature("late")),
        ("CHN001", "silent"): lambda: check_future_data(*one_feature("in time")),
        ("CHN001", "not applicable"): lambda: check_future_data(*one_feature("none")),
        ("CHN002", "fired"): lambda: check_too_good(plain, "logistic", knows),
        ("CHN002", "silent"): lambda: check_too_good(plain, "logistic", honest_told),
        ("CHN002", "not applicable"): lambda: check_too_good(none, "logistic", []),
        ("CHN003", "fired"): lambda: check_beats_baseline(
            replayed(usual.churned, expit(-2 + noise), others={"base_rate": base}), "logistic"
        ),
        ("CHN003", "silent"): lambda: check_beats_baseline(
            replayed(usual.churned, usual.truth, others={"base_rate": base}), "logistic"
        ),
        ("CHN003", "not applicable"): lambda: check_beats_baseline(plain, "logistic"),
        ("CHN004", "fired"): lambda: check_calibrated(replayed(usual.churned, usual.truth / 2), "logistic"),
        ("CHN004", "silent"): lambda: check_calibrated(plain, "logistic"),
        ("CHN004", "not applicable"): lambda: check_calibrated(none, "logistic"),
        ("CHN005", "fired"): lambda: check_stable(replayed(usual.churned, fades), "logistic"),
        ("CHN005", "silent"): lambda: check_stable(plain, "logistic"),
        ("CHN005", "not applicable"): lambda: check_stable(none, "logistic"),
        ("CHN006", "fired"): lambda: check_even(replayed(usual.churned, unseen, segment=segment), "logistic"),
        ("CHN006", "silent"): lambda: check_even(
            replayed(usual.churned, usual.truth, segment=segment), "logistic"
        ),
        ("CHN006", "not applicable"): lambda: check_even(plain, "logistic"),
        ("CHN007", "fired"): lambda: check_enough_churners(none, "logistic"),
        ("CHN007", "silent"): lambda: check_enough_churners(plain, "logistic"),
        ("CHN007", "not applicable"): lambda: check_enough_churners(plain, "lightgbm"),
    }
