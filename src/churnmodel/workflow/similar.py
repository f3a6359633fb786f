"""Which past accounts were like one of today, and how did they end? (keeps the past, and looks into it)

Beside the record of a training lie the features of its snapshots (`PAST`): rows of accounts, which stay in the
output folder and never enter MLflow. What became of them is asked of the tables, cut at the as_of of the account
that is looked at, so no later outcome can be met. The points of a model are computed once and kept beside them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.errors import FeatureError, ModelError, SourceError
from churnmodel.models.risk_curve import NOT_STATED
from churnmodel.scoring.atomic import unfinished_folder
from churnmodel.scoring.concept_points import concept_points
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.similar import NO_RECORD, Similar, none_similar, similar
from churnmodel.snapshots.ends import churned_within, service_ends
from churnmodel.sources.database import SNAPSHOT
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import record_folder

PAST = "past.parquet"
MOST_KEPT = 200_000
"""So many snapshots are kept at most; of a larger past every second, third, ... as_of, from the latest back."""


def keep_past(X: pd.DataFrame, folder: Path) -> None:
    """Keep the features of a training's snapshots (indexed by snapshot) in `folder`, thinned to `MOST_KEPT`."""
    thinned(X, MOST_KEPT).reset_index().to_parquet(folder / PAST, index=False, compression="zstd")


def thinned(X: pd.DataFrame, most: int) -> pd.DataFrame:
    """The rows of every n-th as_of, from the latest back, with the smallest n that leaves at most `most` rows.

    A single as_of is kept whole, however many rows it has.
    """
    as_ofs = X.index.get_level_values("as_of")
    days = sorted(as_ofs.unique(), reverse=True)
    for step in range(1, len(days) + 1):
        kept = X[as_ofs.isin(days[::step])]
        if len(kept) <= most:
            return kept
    return X[as_ofs.isin(days[:1])]


def similar_accounts(project: Project, scorer: Scorer, row: pd.DataFrame, k: int = 10) -> Similar:
    """The `k` past accounts most like that of `row` (one snapshot with its features), and how they ended.

    Where that cannot be told - no past was kept, it lacks an input of the model, the tables cannot be read, a flat
    table has no past - the answer has no rows and says why.

    Raises
    ------
    FeatureError
        `row` lacks an input of the model.
    """
    days = scorer.horizon_days
    if project.is_flat or days == NOT_STATED:
        return none_similar("a flat table says nothing of the past", days)
    points = concept_points(scorer, row)
    as_of = row.index.get_level_values("as_of")[0]
    try:
        past = _past_points(project, scorer)
        past = past[past.index.get_level_values("as_of") < as_of]
        ends = service_ends(project.db.cut(as_of), past, project.window, days)
    except (ModelError, FileNotFoundError):
        return none_similar(NO_RECORD, days)
    except (FeatureError, SourceError) as cause:
        return none_similar(str(cause), days)
    within = churned_within(ends, np.full(len(past), float(days)))
    return similar(points, past, ends, within, days + scorer.lead_days, k)  # people count from the day itself


def _past_points(project: Project, scorer: Scorer) -> pd.DataFrame:
    """The points by concept of every kept snapshot, from the file beside them where it is of this model."""
    folder = record_folder(project.home)
    place = folder / f"past_points_{scorer.version}.parquet"
    try:
        return _indexed(pd.read_parquet(place))
    except (OSError, ValueError, KeyError):  # not there yet, or not whole: made anew
        points = concept_points(scorer, _past(folder / PAST))
    try:
        with unfinished_folder(beside=place) as unfinished:
            points.reset_index().to_parquet(unfinished / place.name, index=False, compression="zstd")
            (unfinished / place.name).replace(place)
    except OSError:  # a folder that cannot be written costs time at the next look, and nothing else
        pass
    return points


def _past(place: Path) -> pd.DataFrame:
    try:
        return _indexed(pd.read_parquet(place))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError) as cause:
        raise SourceError(f"what the last training kept of the past is damaged ({place.name})") from cause


def _indexed(table: pd.DataFrame) -> pd.DataFrame:
    table["as_of"] = table["as_of"].astype("datetime64[us]")
    return table.set_index(SNAPSHOT)
