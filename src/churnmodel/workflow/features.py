"""What do the features of today's book look like? (builds a matrix and keeps it as Parquet)"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.scoring.atomic import unfinished_folder
from churnmodel.snapshots.cohort import build_book
from churnmodel.workflow.project import Progress, Project, silent


def build_features(
    project: Project, as_ofs: list[pd.Timestamp] | None = None, *, progress: Progress = silent
) -> tuple[pd.DataFrame, Path]:
    """The feature matrix of the book at `as_ofs` (by default data_until), and the Parquet file it is kept in."""
    rules = project.settings.labels
    book = build_book(
        project.db,
        as_ofs or [project.db.until.normalize()],
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=rules.grace_days,
        pause_days=rules.pause_days,
    )
    X = build_feature_matrix(project.db, book, project.features, progress=progress)
    last = X.index.get_level_values("as_of").max()
    place = project.home / "features" / f"as_of={pd.Timestamp(last).date()}.parquet"
    with unfinished_folder(beside=place) as unfinished:
        X.reset_index().to_parquet(unfinished / place.name, index=False)
        (unfinished / place.name).replace(place)
    return X, place
