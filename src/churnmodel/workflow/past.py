"""What does everyone who learns from a project's past start from? (sound tables, the cohort, features, folds)"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.evaluation.folds import Fold, rolling_folds
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.sources.audit import Audit, audit
from churnmodel.workflow.project import Progress, Project, silent


@dataclass(frozen=True, eq=False)
class Past:
    """The snapshots that train and are judged, and what was known of them.

    Parameters
    ----------
    cohort
        From `build_cohort`, at the project's as_ofs.
    X
        Features by snapshot, context included.
    features
        What was built, less the columns that hold no value at all (`never_filled`).
    folds
        Where the past is replayed.
    """

    cohort: pd.DataFrame
    X: pd.DataFrame
    features: tuple[Feature, ...]
    never_filled: tuple[str, ...]
    folds: tuple[Fold, ...]


def checked(project: Project, progress: Progress = silent) -> Audit:
    """The audit of the project's tables (AuditError, with the line to change, where they are not fit)."""
    progress("checking the tables", 0, 1)
    found = audit(project.db)
    with project.telling_lines():
        found.raise_if_fatal()
    return found


def cohort_of(project: Project, progress: Progress = silent) -> pd.DataFrame:
    """The cohort at the project's as_ofs, by its own rules."""
    progress("looking at the book", 0, 1)
    rules = project.settings.labels
    return build_cohort(
        project.db,
        project.as_ofs(),
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=rules.grace_days,
        pause_days=rules.pause_days,
    )


def look_back(project: Project, progress: Progress = silent) -> Past:
    """The project's past, ready to be replayed (ModelError where there is not enough of it for the folds)."""
    cohort = cohort_of(project, progress)
    X = build_feature_matrix(
        project.db,
        cohort,
        project.features,
        reader=project.reader,
        progress=lambda table, k, n: progress(f"features: {table}", k, n),
    )
    # a source may be there and never say this: such a feature can teach nothing and explain nothing
    filled = X.notna().any()
    as_ofs = cohort.index.get_level_values("as_of").unique()
    return Past(
        cohort=cohort,
        X=X,
        features=tuple(f for f in project.features if filled[f.name]),
        never_filled=tuple(f.name for f in project.features if not filled[f.name]),
        folds=rolling_folds(as_ofs, project.window, project.db.until, n_folds=project.settings.training.folds),
    )
