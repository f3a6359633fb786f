"""What did each score the team already has say of an account at that moment?

The score of a source is the latest one that stood in ``external_scores`` before ``as_of``: written for a moment
before it, known before it, in the version that held then. A score that was written, or rewritten, after the
account had left cannot be read back into the time before.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from churnmodel.sources.database import SNAPSHOT, Database, snapshot_index
from churnmodel.sources.schemas import NUMBER_SCALE

MAX_AGE_DAYS = 100
"""A score set once a quarter, and a week late, still speaks; an older one is taken for none."""
PREFIX = "external:"


def incumbent_scores(
    db: Database, snapshots: pd.MultiIndex | pd.DataFrame, *, max_age_days: int = MAX_AGE_DAYS
) -> pd.DataFrame:
    """The latest score of every source at each snapshot.

    Parameters
    ----------
    max_age_days
        How old a score may be at ``as_of``, in days since it was set (``scored_at``).

    Returns
    -------
    DataFrame
        Indexed like `snapshots`, one float column per source, named ``external:<source>`` and sorted; NaN where
        the source has said nothing, or nothing in the last `max_age_days`. A source that never spoke has no
        column. Of two scores set at one moment the one learned last holds, of two learned together the higher.

    Examples
    --------
    The health of February was rewritten in April, after the account had gone:

    >>> db = Database.from_frames({
    ...     "accounts": pd.DataFrame({"account_id": ["a"], "created_at": ["2025-01-01"]}),
    ...     "subscriptions": pd.DataFrame({"subscription_id": ["s"], "account_id": ["a"],
    ...                                    "started_at": ["2025-01-01"], "mrr": [99.5]}),
    ...     "external_scores": pd.DataFrame({"account_id": ["a", "a"], "source": ["health", "health"],
    ...         "scored_at": ["2025-02-01", "2025-02-01"], "known_at": ["2025-02-01", "2025-04-01"],
    ...         "score": [82.5, 5.0], "event_id": ["h1", "h1"]}),
    ... }, until="2026-01-01")
    >>> looks = pd.MultiIndex.from_product([["a"], pd.to_datetime(["2025-03-01", "2025-05-01", "2025-08-01"])],
    ...                                    names=["account_id", "as_of"])
    >>> incumbent_scores(db, looks)["external:health"].tolist()
    [82.5, 5.0, nan]
    """
    index = snapshot_index(snapshots)
    if not db.has("external_scores") or len(index) == 0:
        return pd.DataFrame(index=index)
    said = db.run(_latest(db.paired("external_scores", db.snapshots(index)), max_age_days))
    said["as_of"] = said["as_of"].astype("datetime64[us]")
    wide = said.pivot(index=SNAPSHOT, columns="source", values="score").astype("float64") / NUMBER_SCALE
    wide = wide.reindex(columns=sorted(wide.columns)).rename(columns=lambda source: f"{PREFIX}{source}")
    place = pd.MultiIndex.from_arrays(
        [index.get_level_values("account_id"), index.get_level_values("as_of").astype("datetime64[us]")]
    )
    return wide.reindex(place).set_axis(index, axis=0).rename_axis(columns=None)


def _latest(rows: Any, max_age_days: int) -> Any:
    """Of paired rows, one per snapshot and source: account_id, as_of, source, score."""
    import ibis

    oldest = rows.as_of - ibis.interval(days=max_age_days)
    rows = rows.filter(rows.scored_at < rows.as_of, rows.scored_at >= oldest, rows.score.notnull())
    newest = ibis.window(
        group_by=[*(rows[key] for key in SNAPSHOT), rows.source],
        order_by=[rows.scored_at.desc(), rows.known_at.desc(), rows.score.desc()],
    )
    rows = rows.mutate(place=ibis.row_number().over(newest))
    return rows.filter(rows.place == 0).select(*SNAPSHOT, "source", "score")
