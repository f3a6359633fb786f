"""At which moments is the past replayed, and what may each replay learn from?

A *fold* stands at a moment T (its cutoff) and does what would have been done then: it trains on what was known
of earlier snapshots before T, and predicts the snapshots that came after. What happened within h days is known
``lead + h + grace`` days after a snapshot, for leavers and stayers alike; so of the last snapshots before T only
near periods are learned from, and of the very last none, a gap which no honest backtest can close.

::

    as_of     1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 | until
    fold -1   t  t  t  n  n  .  .  T  w  w                                            | warm-up: predicts,
    fold  0   t  t  t  t  t  t  n  n  .  .  T  w  w  w                                |   is not judged
    fold  1   t  t  t  t  t  t  t  t  t  t  n  n  .  .  T  x  x                       | trains (t), predicts
    fold  2   t  t  t  t  t  t  t  t  t  t  t  t  t  n  n  .  .  T  x  x              |   (x) and is judged
    n  only near periods known at T   .  nothing known yet   (here the judged horizon takes four and a half steps)
                                                                               21 to 24: not yet known now

The cutoff T is itself the first predicted as_of. Predictions of earlier folds calibrate later ones once their
outcomes are known (*prequential* calibration), so a judged fold needs predictions that are one more gap old:
those are what the warm-up folds are for. They have numbers 0, -1, ... and no figure is ever computed on them.
Of the earlier folds only comparable ones calibrate: see `churnmodel.evaluation.prequential`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.models.periods import edges_with

if TYPE_CHECKING:
    from churnmodel.snapshots.labels import LabelWindow

_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Fold:
    """One replay of the past.

    Parameters
    ----------
    number
        1, 2, ... in time for the judged folds; 0, -1, ... back in time for the warm-up folds.
    cutoff
        The moment T. Everything learned from was known before it (``<``).
    train_as_ofs
        Every as_of of which something could be learned by T: its first period (30 days, or a shorter horizon) had
        matured. What happened later than was known at T is not learned.
    test_as_ofs
        The as_ofs in [T, next cutoff) whose labels have matured by now.
    warm_up
        Whether the fold only predicts, to calibrate later folds.
    """

    number: int
    cutoff: pd.Timestamp
    train_as_ofs: tuple[pd.Timestamp, ...]
    test_as_ofs: tuple[pd.Timestamp, ...]
    warm_up: bool = False

    def spans(self, window: LabelWindow) -> dict[str, pd.Timestamp | None]:
        """The fold as it lies in time: trains_from, whole_until, near_until, predicts_from, predicts_until.

        Up to `whole_until` the judged horizon of an as_of was known at the cutoff (None: of none), up to
        `near_until` only nearer periods. All are as_ofs, the last of each stretch included.
        """
        gap = window.days_to_mature * _DAY
        whole = [a for a in self.train_as_ofs if a + gap < self.cutoff]
        return {
            "trains_from": self.train_as_ofs[0] if self.train_as_ofs else None,
            "whole_until": whole[-1] if whole else None,
            "near_until": self.train_as_ofs[-1] if self.train_as_ofs else None,
            "predicts_from": self.test_as_ofs[0],
            "predicts_until": self.test_as_ofs[-1],
        }


def rolling_folds(
    as_ofs: Iterable[pd.Timestamp],
    window: LabelWindow,
    until: str | pd.Timestamp,
    *,
    n_folds: int = 4,
    min_train_as_ofs: int = 3,
    warm_up_as_ofs: int = 3,
) -> tuple[Fold, ...]:
    """Rolling-origin folds, warm-up folds first, in time.

    The judged folds share the later half of the as_ofs that could be predicted; they begin later still where
    that lets `warm_up_as_ofs` earlier as_ofs mature before the first judged cutoff. Where time does not allow
    as many, fewer are taken, and last none: then the first folds are judged uncalibrated.

    Parameters
    ----------
    as_ofs
        Any order, repeats allowed.
    window
        Gives the gap ``lead + horizon + grace``.
    until
        The end of the data: a label is known if it matured before it.
    n_folds
        Judged folds; each has at least one as_of.
    min_train_as_ofs
        The first fold of all trains on at least so many as_ofs.
    warm_up_as_ofs
        How many predicted as_ofs should have matured before the first judged cutoff.

    Raises
    ------
    ModelError
        There is not enough time; says how many days of history are needed and are there.

    Examples
    --------
    A label of 90 days with 30 days of grace is known after 120 days. The third label, of 2023-03-01, is known
    on 2023-06-29, so the first fold that has three stands at 2023-07-01; of two more months the first 30 days are
    known by then.

    >>> from churnmodel.snapshots.labels import LabelWindow
    >>> months = pd.date_range("2023-01-01", "2025-06-01", freq="MS")
    >>> folds = rolling_folds(months, LabelWindow(horizon_days=90), "2025-07-01", n_folds=3)
    >>> for f in folds:
    ...     print(f"{f.number:2d} T={f.cutoff:%Y-%m-%d} trains to {f.train_as_ofs[-1]:%Y-%m-%d}, "
    ...           f"predicts {f.test_as_ofs[0]:%Y-%m-%d} to {f.test_as_ofs[-1]:%Y-%m-%d}")
    -2 T=2023-07-01 trains to 2023-05-01, predicts 2023-07-01 to 2023-09-01
    -1 T=2023-10-01 trains to 2023-08-01, predicts 2023-10-01 to 2023-12-01
     0 T=2024-01-01 trains to 2023-11-01, predicts 2024-01-01 to 2024-04-01
     1 T=2024-05-01 trains to 2024-03-01, predicts 2024-05-01 to 2024-07-01
     2 T=2024-08-01 trains to 2024-06-01, predicts 2024-08-01 to 2024-11-01
     3 T=2024-12-01 trains to 2024-10-01, predicts 2024-12-01 to 2025-03-01

    The label of 2025-03-01 is known on 2025-06-29, before the data end; that of 2025-04-01 is not.
    """
    if min(n_folds, min_train_as_ofs) < 1:
        raise ModelError(
            f"folds: wanted at least 1 fold and 1 training as_of, got n_folds={n_folds}, "
            f"min_train_as_ofs={min_train_as_ofs}"
        )
    moments = tuple(sorted({pd.Timestamp(a) for a in as_ofs}))
    end, gap = pd.Timestamp(until), window.days_to_mature * _DAY
    shortest = edges_with(window.horizon_days)[0]
    first_gap = (window.lead_days + shortest + window.grace_days) * _DAY
    # An as_of can be predicted if enough as_ofs matured before it, and its own outcome is known by the end.
    enough = moments[min_train_as_ofs - 1 :][:1]
    candidates = [a for a in moments if a + gap < end and any(b + gap < a for b in enough)]
    if len(candidates) < n_folds:
        raise ModelError(_too_short(moments, gap, end, n_folds, min_train_as_ofs, len(candidates)))
    first = _first_judged(candidates, gap, n_folds, warm_up_as_ofs)
    judged = _split(candidates[first:], n_folds)
    per_fold = max(1, round(len(candidates[first:]) / n_folds))
    warm = _split(candidates[:first], min(n_folds, -(-first // per_fold)))
    numbered = [(j - len(warm) + 1, part) for j, part in enumerate(warm + judged)]
    return tuple(
        Fold(
            number=number,
            cutoff=part[0],
            train_as_ofs=tuple(a for a in moments if a + first_gap < part[0]),
            test_as_ofs=tuple(part),
            warm_up=number < 1,
        )
        for number, part in numbered
    )


def _first_judged(candidates: Sequence[pd.Timestamp], gap: pd.Timedelta, n_folds: int, wanted: int) -> int:
    """The position of the first judged cutoff among the candidates."""
    latest = len(candidates) - n_folds
    for warm in range(wanted, 0, -1):
        matured = (i for i, a in enumerate(candidates) if warm <= i and candidates[warm - 1] + gap < a)
        position = max(next(matured, latest + 1), len(candidates) // 2)
        if position <= latest:
            return position
    # No earlier prediction could mature in time: nothing is gained by judging less.
    return 0


def _split(as_ofs: Sequence[pd.Timestamp], parts: int) -> list[Sequence[pd.Timestamp]]:
    """`as_ofs` in `parts` runs of nearly equal length; the last are the longer ones."""
    if parts == 0:
        return []
    edges = [i * len(as_ofs) // parts for i in range(parts + 1)]
    return [as_ofs[a:b] for a, b in pairwise(edges)]


def _too_short(
    moments: Sequence[pd.Timestamp],
    gap: pd.Timedelta,
    end: pd.Timestamp,
    n_folds: int,
    min_train: int,
    fits: int,
) -> str:
    if not moments:
        return "folds: wanted as_ofs to replay, got none; the cohort is empty"
    steps = [b - a for a, b in pairwise(moments)]
    step = sorted(steps)[len(steps) // 2] if steps else 30 * _DAY
    needed = (2 * gap + (min_train + n_folds - 1) * step) // _DAY + 1
    there = (end - moments[0]) // _DAY
    fewer = f", or ask for {fits} fold{'s' if fits > 1 else ''}, which fit" if fits else ""
    return (
        f"folds: {n_folds} folds with at least {min_train} training as_ofs need about {needed} days of "
        f"history (labels are known {gap // _DAY} days after their as_of, once before training and once "
        f"before judging); there are {there} days from the first as_of {moments[0]:%Y-%m-%d} to "
        f"{end:%Y-%m-%d} ({len(moments)} as_ofs). Use a shorter horizon or start earlier{fewer}."
    )
