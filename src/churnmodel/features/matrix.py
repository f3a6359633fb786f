"""How do tables become a feature matrix? (the one builder)

`build_feature_matrix` collects the aggregates of all features, computes those of one table in a single grouped
query over rows cut at each snapshot's ``as_of``, and lets every measure do its row-wise arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import FeatureError
from churnmodel.features.active_users import FROM
from churnmodel.features.aggregate import DAY, Aggregate, Aggregates
from churnmodel.features.catalog import available
from churnmodel.features.event_aggregates import event_aggregates
from churnmodel.features.feature import Feature
from churnmodel.features.financial import OLDEST_START
from churnmodel.features.paired import paired_rows
from churnmodel.features.text_cache import TextReader
from churnmodel.features.text_columns import wants_tone
from churnmodel.features.unknown import blank_dark
from churnmodel.sources.database import SNAPSHOT, Database, snapshot_index
from churnmodel.sources.feeds import Feeds, read_feeds

Progress = Callable[[str, int, int], None]


def build_feature_matrix(
    db: Database,
    snapshots: pd.MultiIndex | pd.DataFrame,
    features: Sequence[Feature] | None = None,
    *,
    reader: TextReader | None = None,
    feeds: Feeds | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The feature matrix of some snapshots, each row as known before its ``as_of``.

    Parameters
    ----------
    db
        The tables.
    snapshots
        Which (account_id, as_of); a cohort or book is taken by its index.
    features
        What to build; by default every feature of the catalog whose tables are there.
    reader
        Scores the texts of tickets, comments and notes, and remembers them; by default one that forgets.
    feeds
        `churnmodel.sources.feeds.read_feeds` of `db`, where they were read already.
    progress
        Called with (table, done, total) before each table.

    Returns
    -------
    DataFrame
        Indexed by snapshot in the order given; float64 columns (NaN is unknown), text for categories.

    Raises
    ------
    FeatureError
        An ``as_of`` is not a midnight or lies after ``db.until``, a snapshot is repeated, or a feature's table
        is not there.
    """
    index = _checked(snapshot_index(snapshots), db.until)
    wanted = list(features) if features is not None else available(db)
    if index.empty:  # no day to look back from
        kinds = {f.name: "object" if f.is_category else "float64" for f in wanted}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()}, index)
    made = _aggregates(db, index, _needed(db, wanted), reader or TextReader(), progress)
    X = pd.DataFrame({f.name: _column(f, made) for f in wanted}, index=index)
    return blank_dark(X, wanted, feeds or read_feeds(db, index.get_level_values("as_of").max()))


def _checked(index: pd.MultiIndex, until: pd.Timestamp) -> pd.MultiIndex:
    if list(index.names) != SNAPSHOT:
        raise FeatureError(f"snapshots are indexed by {list(index.names)}; wanted {SNAPSHOT}. Use build_cohort.")
    if index.has_duplicates:
        raise FeatureError(f"snapshot {index[index.duplicated()][0]} stands twice; keep one")
    as_ofs = pd.DatetimeIndex(index.get_level_values("as_of"))
    late = as_ofs[as_ofs != as_ofs.normalize()]
    if len(late):
        raise FeatureError(f"as_of {late[0]} is not a midnight; wanted whole days, such as {late[0].date()}")
    if len(as_ofs) and as_ofs.max() > until:
        raise FeatureError(
            f"as_of {as_ofs.max().date()} lies after data_until {until.date()}: the tables cannot say what was "
            "known then. Look at an earlier day."
        )
    return index


def _needed(db: Database, features: Iterable[Feature]) -> dict[str, list[Aggregate]]:
    by_table: dict[str, dict[Aggregate, None]] = {"subscriptions": {OLDEST_START: None}}
    for feature in features:
        if feature.measure is None:
            raise FeatureError(
                f"feature {feature.name!r} has no measure: it was read from a bundle. Take it from the catalog."
            )
        for aggregate in feature.measure.needs:
            if not db.has(FROM.get(aggregate.table, aggregate.table)):
                raise FeatureError(f"feature {feature.name!r} needs table '{aggregate.table}', which is not there")
            if aggregate.everyone and aggregate.table != "usage_events":
                raise FeatureError(
                    f"feature {feature.name!r} asks '{aggregate.table}' about all accounts together; "
                    "wanted usage_events"
                )
            by_table.setdefault(aggregate.table, {})[aggregate] = None
    return {table: list(aggregates) for table, aggregates in by_table.items()}


def _aggregates(
    db: Database,
    index: pd.MultiIndex,
    needed: dict[str, list[Aggregate]],
    reader: TextReader,
    progress: Progress | None,
) -> Aggregates:
    snapshots = db.snapshots(index)
    as_ofs = pd.DatetimeIndex(index.get_level_values("as_of").unique()).sort_values()
    numbers: dict[Aggregate, NDArray[np.float64]] = {}
    texts: dict[Aggregate, NDArray[np.object_]] = {}
    for done, (table, aggregates) in enumerate(needed.items()):
        if progress:
            progress(table, done, len(needed))
        if table == "usage_events":
            numbers |= event_aggregates(db, index, aggregates)
            continue
        reads = {column for aggregate in aggregates for column in aggregate.reads}
        since = _furthest(a for a in aggregates if wants_tone(table, a.reads))
        rows = paired_rows(db, table, snapshots, as_ofs, reads=reads, texts_since=since, reader=reader)
        named = {f"a{i}": aggregate.expression(rows) for i, aggregate in enumerate(aggregates)}
        found = db.run(rows.group_by(SNAPSHOT).agg(**named))
        found["as_of"] = found["as_of"].astype("datetime64[us]")
        # from the left: the accounts without a row are the silent ones, and often the churners
        found = found.set_index(SNAPSHOT).reindex(index)
        for i, aggregate in enumerate(aggregates):
            column = found[f"a{i}"]
            if aggregate.how == "text":
                texts[aggregate] = column.astype("object").where(column.notna(), None).to_numpy()
            else:
                filled = column.astype("float64").fillna(aggregate.empty)
                numbers[aggregate] = np.asarray(filled, dtype=np.float64)
    if progress:
        progress("done", len(needed), len(needed))
    return Aggregates(numbers, texts, exposure=numbers[OLDEST_START] / DAY)


def _furthest(aggregates: Iterable[Aggregate]) -> int | None:
    """How many days back the widest window reaches; None where one looks at all history."""
    windows = [a.since for a in aggregates]
    return None if None in windows else max((w for w in windows if w is not None), default=0)


def _column(feature: Feature, made: Aggregates) -> NDArray[np.float64] | NDArray[np.object_]:
    if feature.measure is None:  # refused by _needed already; this tells the type checker
        raise FeatureError(f"feature {feature.name!r} has no measure")
    value = feature.measure.value(made)
    if feature.is_category or feature.absent != feature.absent:
        return value
    return np.where(np.isnan(value.astype("float64")), feature.absent, value)
