"""What does each column alone tell, over a whole project? (every feature and raw column, asked and judged)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.evaluation.checks import Finding
from churnmodel.evaluation.leaks_columns import Probe, feature_probes, raw_probes
from churnmodel.evaluation.leaks_findings import power_findings
from churnmodel.evaluation.leaks_power import (
    FAR,
    FEWEST,
    NEAR,
    SHOWN,
    TOO_GOOD,
    WINDOWS,
    Outcomes,
    Power,
    outcomes,
    powers,
    with_interval,
)
from churnmodel.evaluation.leaks_sample import looks_of
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database

CLOSE = 0.05
"""An AUROC so near its limit gets an interval, however many are stronger."""


@dataclass(frozen=True)
class Asked:
    """The answers of all columns.

    Parameters
    ----------
    findings
        Features, raw columns, outside scores.
    strongest
        The columns that tell most, by window.
    as_ofs, snapshots, columns
        The days of looking, and how many snapshots and columns there were.
    accounts_left
        By window, how many accounts left in it.
    """

    findings: tuple[Finding, Finding, Finding]
    strongest: tuple[Power, ...]
    as_ofs: tuple[pd.Timestamp, ...]
    snapshots: int
    columns: int
    accounts_left: Mapping[str, int]


def ask_columns(
    db: Database,
    features: Sequence[Feature],
    index: pd.MultiIndex,
    window: LabelWindow,
    *,
    X: pd.DataFrame | None = None,
    seed: int = 0,
) -> Asked:
    """Ask every feature, and every column of every table, who leaves.

    Parameters
    ----------
    db
        Best a copy of some accounts' tables (`only_accounts`).
    index
        Snapshots of a cohort; a dozen of its days are taken.
    window
        Its grace and pause say what leaving is.
    X
        Features at these snapshots, where they are built already.
    """
    days = pd.DatetimeIndex(index.get_level_values("as_of")).unique().sort_values()
    looks = _looks(days, db.until, window)
    snapshots = index[index.get_level_values("as_of").isin(looks)]
    built = X.loc[snapshots] if X is not None else build_feature_matrix(db, snapshots, features)
    answers = outcomes(db, snapshots, window)
    probes = [*feature_probes(features, built), *raw_probes(db, snapshots, features)]
    told = _told(probes, answers, snapshots, seed)
    compared = [t for t in told if not np.isnan(t.auroc)]
    left = {name: answer.accounts_left for name, answer in answers.items()}
    return Asked(
        power_findings(told, probes, left, len(looks)),
        tuple(p for name in answers for p in [t for t in compared if t.window == name][:SHOWN]),
        tuple(looks),
        len(snapshots),
        len(probes),
        left,
    )


def _looks(days: pd.DatetimeIndex, until: pd.Timestamp, window: LabelWindow) -> pd.DatetimeIndex:
    def matured(name: str) -> pd.Timestamp:
        return until - pd.Timedelta(days=WINDOWS[name][1] + window.grace_days + 1)

    return looks_of(days, matured(FAR), matured(NEAR))


def _told(
    probes: Iterable[Probe], answers: Mapping[str, Outcomes], snapshots: pd.MultiIndex, seed: int
) -> list[Power]:
    """What each column tells of each window, the most first; with an interval where it matters."""
    accounts = snapshots.get_level_values("account_id")
    codes = pd.factorize(accounts, sort=True)[0]
    halves = np.random.default_rng(seed).permutation(len(accounts.unique()))[codes] % 2 == 1
    enough = [a for a in answers.values() if a.accounts_left >= FEWEST]
    found = [power for probe in probes for power in powers(probe, enough, snapshots, halves)]
    # where nobody can be compared within a day there is no AUROC: such a column comes last, and breaks no order
    found.sort(key=lambda p: (np.isnan(p.auroc), -np.nan_to_num(p.auroc), p.probe.name, p.probe.kind))
    place = dict.fromkeys(answers, 0)
    out = []
    for power in found:
        near_the_top = place[power.window] < SHOWN and not np.isnan(power.auroc)
        place[power.window] += 1
        if near_the_top or power.auroc > TOO_GOOD[power.window] - CLOSE:
            power = with_interval(power, answers[power.window], snapshots, halves, seed)
        out.append(power)
    return out
