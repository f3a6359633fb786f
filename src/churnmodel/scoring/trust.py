"""How far is each account's risk to be believed? (a grade from A to D, and one sentence per reason)

Every doubt has a grade of its own; the worst is the account's. A: nothing known speaks against the figure. B:
believe it, knowing this. C: take it as a hint. D: do not act on the figure alone.

What cannot be told: whether a risk lies where the calibration was not tested, since a bundle keeps no distribution
of risks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from churnmodel.scoring.manifest import Training
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.unlike import unlike

GRADES = "ABCD"
FEW_CHURNERS = (20, 50)
"""Under so many no risk is better than a D, a C: as the check CHN007 has it."""
STALE_DAYS = (90, 180, 365)
"""Days since the model last learned, above which no risk is better than a B, a C, a D."""
RARE_SHARE, RARE_LEAST = 0.05, 3
"""From this share of an account's known inputs, and so many, in the outer 1% on: unlike most, a B."""
UNTOLD = 2
"""The grade where nobody says how much is known of an account: a C."""
OUTSIDE_SHARES, OUTSIDE_LEAST = (0.03, 0.10), 2
"""The same for inputs outside of anything seen: a C, a D."""


@dataclass(frozen=True)
class _Doubt:
    """A grade per account (0 is A) and its sentence, read only where the grade is not A."""

    degree: np.ndarray
    words: Sequence[str]


def trust(scorer: Scorer, table: ScoreTable, accounts: Sequence[str] | None = None) -> pd.DataFrame:
    """Grade and reasons (a tuple, worst first) of the accounts of `table` that have a risk, by account_id.

    Doubts: what is not known of the account (its coverage); a young account; an account unlike those seen
    (`churnmodel.scoring.unlike`); a renewal further ahead than the model looks; few churners in training; a model
    that learned long ago, or from what came after the day of the table; the caveat of a flat table.

    Parameters
    ----------
    scorer
        Of the table's model.
    accounts
        Only these; None for all.

    Raises
    ------
    FeatureError
        The table lacks an input of the model.
    """
    scores = table.scores[table.scores["risk"].notna()]
    if accounts is not None:
        scores = scores[scores.index.get_level_values("account_id").isin(list(accounts))]
    doubts = list(_doubts(scorer, table.as_of, scores, table.X.loc[scores.index]))
    grades, reasons = [], []
    for row in range(len(scores)):
        own = sorted((d for d in doubts if d.degree[row] > 0), key=lambda d: -int(d.degree[row]))
        grades.append(GRADES[int(own[0].degree[row])] if own else GRADES[0])
        reasons.append(tuple(d.words[row] for d in own))
    index = pd.Index(scores.index.get_level_values("account_id").astype(str), name="account_id")
    return pd.DataFrame(
        {"grade": pd.Series(grades, dtype="str"), "reasons": pd.Series(reasons, dtype="object")}
    ).set_index(index)


def _doubts(scorer: Scorer, as_of: date, scores: pd.DataFrame, X: pd.DataFrame) -> Iterator[_Doubt]:
    n, manifest = len(scores), scorer.bundle.manifest
    if "coverage" in scores:
        yield _Doubt(
            *_of_coverage(scores),
        )
    yield from _of_likeness(scorer, X)
    if "status" in scores:
        young = (scores["status"] == "young").to_numpy()
        yield _Doubt(np.where(young, 2, 0), ["A young account: there is little history to go by"] * n)
    yield _of_horizon(scorer, scores)
    yield _everywhere(n, *_of_churners(manifest.training))
    yield _everywhere(n, *_of_age(date.fromisoformat(manifest.training.trained_until), as_of))
    yield _everywhere(n, 2 if manifest.caveat else 0, _sentence(manifest.caveat))


def _of_coverage(scores: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """A table without a grade, or with one there is none of, says nothing: that is a doubt, not an A."""
    degrees = {grade: degree for degree, grade in enumerate(GRADES)}
    degree = [degrees.get(grade, UNTOLD) for grade in scores["coverage"]]
    words = [
        _sentence(str(reason)) if grade in degrees else "How much is known about it was not told"
        for grade, reason in zip(scores["coverage"], scores["coverage_reason"], strict=True)
    ]
    return np.array(degree, dtype=int), words


def _everywhere(n: int, degree: int, words: str) -> _Doubt:
    return _Doubt(np.full(n, degree), [words] * n)


def _of_likeness(scorer: Scorer, X: pd.DataFrame) -> Iterator[_Doubt]:
    found = unlike(scorer, X)
    known, rare, outside = (found[name].to_numpy() for name in ("known", "rare", "outside"))
    share = np.divide(outside, known, out=np.zeros(len(X)), where=known > 0)
    enough = outside >= OUTSIDE_LEAST
    degree = np.where(enough & (share >= OUTSIDE_SHARES[0]), 2, 0) + (enough & (share >= OUTSIDE_SHARES[1]))
    yield _Doubt(
        degree,
        [
            f"Unlike any account seen: {o} of its {k} known inputs lie outside of what the model has seen"
            for o, k in zip(outside, known, strict=True)
        ],
    )
    share = np.divide(rare, known, out=np.zeros(len(X)), where=known > 0)
    yield _Doubt(
        np.where((degree == 0) & (rare >= RARE_LEAST) & (share >= RARE_SHARE), 1, 0),
        [
            f"An unusual account: {r} of the {k} things known about it are rarer than in 99 of 100 accounts"
            for r, k in zip(rare, known, strict=True)
        ],
    )


def _of_horizon(scorer: Scorer, scores: pd.DataFrame) -> _Doubt:
    edges = scorer.edges
    if len(edges) < 2 or "days_to_renewal" not in scores:
        return _everywhere(len(scores), 0, "")
    with np.errstate(invalid="ignore"):
        beyond = scores["days_to_renewal"].to_numpy(dtype=np.float64) > edges[-1] + scorer.lead_days
    words = f"The renewal lies further ahead than the {edges[-1]} days the model looks"
    return _Doubt(np.where(beyond, 1, 0), [words] * len(scores))


def _of_churners(training: Training) -> tuple[int, str]:
    """By accounts; by snapshots where an older bundle does not count accounts, which then are fewer still."""
    by_account = training.churned_accounts is not None
    n = training.churned_accounts if training.churned_accounts is not None else training.churners
    degree = 3 if n < FEW_CHURNERS[0] else 2 if n < FEW_CHURNERS[1] else 0
    accounts = "account" if n == 1 else "accounts"
    snapshots = "snapshot" if n == 1 else "snapshots"
    what = f"{n} {accounts} that left" if by_account else f"{n} {snapshots} of accounts that left"
    return degree, f"The model learned from only {what}"


def _of_age(learned: date, as_of: date) -> tuple[int, str]:
    days = (as_of - learned).days
    if days < 0:
        return 2, f"No forecast: the model has learned from outcomes up to {learned}, after this day"
    degree = sum(days > limit for limit in STALE_DAYS)
    return degree, f"The model last learned {days} days before, on {learned}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
