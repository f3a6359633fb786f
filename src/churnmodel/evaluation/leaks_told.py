"""What does each of many columns tell, and at which days of looking are they asked?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from churnmodel.evaluation.leaks_columns import Probe
from churnmodel.evaluation.leaks_power import (
    FAR,
    FEWEST,
    NEAR,
    SHOWN,
    TOO_GOOD,
    WINDOWS,
    Outcomes,
    Power,
    powers,
    with_interval,
)
from churnmodel.evaluation.leaks_sample import looks_of
from churnmodel.snapshots.labels import LabelWindow

CLOSE = 0.05
"""An AUROC so near its limit gets an interval, however many are stronger."""


def days_to_look(days: pd.DatetimeIndex, until: pd.Timestamp, window: LabelWindow) -> pd.DatetimeIndex:
    """At most a dozen of the days: some whose far future is known, some later ones whose near future is."""

    def matured(name: str) -> pd.Timestamp:
        return until - pd.Timedelta(days=WINDOWS[name][1] + window.grace_days + 1)

    return looks_of(days, matured(FAR), matured(NEAR))


def tell(
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
