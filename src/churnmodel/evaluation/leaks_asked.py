"""What does each column alone tell, over a whole project? (every feature and raw column, asked and judged)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.evaluation.checks.finding import Finding
from churnmodel.evaluation.leaks_columns import feature_probes, raw_probes
from churnmodel.evaluation.leaks_findings import power_findings
from churnmodel.evaluation.leaks_power import SHOWN, Power, outcomes
from churnmodel.evaluation.leaks_told import days_to_look, tell
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database


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
    looks = days_to_look(days, db.until, window)
    snapshots = index[index.get_level_values("as_of").isin(looks)]
    built = X.loc[snapshots] if X is not None else build_feature_matrix(db, snapshots, features)
    answers = outcomes(db, snapshots, window)
    probes = [*feature_probes(features, built), *raw_probes(db, snapshots, features)]
    told = tell(probes, answers, snapshots, seed)
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
