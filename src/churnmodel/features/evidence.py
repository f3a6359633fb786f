"""From which rows of the company's own tables was a feature computed? (its evidence, as known at as_of)

A customer success manager who reads "2 urgent tickets, the oldest open since 3 June" can see these tickets. The
rows are found by the measures themselves (`churnmodel.features.evidence_rows`), over rows cut at ``as_of``: what
a feature was not allowed to see, its evidence does not show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from churnmodel.features.active_users import FROM
from churnmodel.features.evidence_listed import listed
from churnmodel.features.evidence_rows import narrowed, own_aggregates, rows_made_of, rows_seen
from churnmodel.features.evidence_usage import summed_up
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.text_cache import TextReader
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import Feeds, read_feeds


@dataclass(frozen=True)
class Evidence:
    """The rows behind one feature of one account.

    Parameters
    ----------
    table
        The table of the contract they stand in.
    rows
        Some of them, the most telling first, with the columns worth reading: money in currency units, times in
        UTC, texts cut short and without e-mail addresses. Of usage events not rows but a summary.
    total
        How many there are; of a summary, how many lines.
    words
        ``"3 of 12 tickets, opened from 3 June to 1 July 2025"``; says where it is a summary.
    """

    table: str
    rows: pd.DataFrame = field(repr=False)
    total: int
    words: str

    def to_json(self) -> dict[str, Any]:
        """The same as JSON types: times as ISO texts, what is not known as None."""
        rows = [{str(k): _plain(v) for k, v in row.items()} for row in self.rows.to_dict("records")]
        return {"table": self.table, "rows": rows, "total": self.total, "words": self.words}


def evidence_of(
    db: Database,
    account_id: str,
    as_of: pd.Timestamp,
    features: Sequence[Feature],
    limit: int | None = 5,
    *,
    values: Mapping[str, object] | None = None,
    reader: TextReader | None = None,
) -> dict[str, Evidence]:
    """The rows behind each feature of an account, as they were known at `as_of`.

    Parameters
    ----------
    db
        The tables. Only the rows that are told leave the engine, and their number.
    account_id, as_of
        The snapshot; `as_of` a midnight, UTC.
    features
        With their measures: from the catalog, or the project's own. One read back from a bundle, or a column of
        a flat table, has no measure and so no evidence.
    limit
        At most so many rows of each; None is all of them.
    values
        What the features are worth at the snapshot, by name, where that is known already; by default they are
        built.
    reader
        Scores texts, where a feature reads them; by default one that forgets.

    Returns
    -------
    dict
        By feature name. A feature has none where its value is unknown, and where it is made of no row: "no ticket
        opened" has no ticket to show.

    Raises
    ------
    FeatureError
        As `build_feature_matrix`, where the values are to be built.
    """
    index = pd.MultiIndex.from_arrays([[account_id], pd.DatetimeIndex([as_of]).as_unit("us")], names=SNAPSHOT)
    measured = [f for f in features if f.measure is not None]
    worth = _built(db, index, measured, reader) if values is None else values
    own = narrowed(db, account_id)
    by_table: dict[str, list[Feature]] = {}
    for feature in measured:
        if _is_known(worth.get(feature.name)) and (aggregates := own_aggregates(feature)):
            by_table.setdefault(aggregates[0].table, []).append(feature)
    found: dict[str, Evidence] = {}
    for table, of_table in by_table.items():
        needs = [a for f in of_table for a in own_aggregates(f)]
        seen = rows_seen(own, table, index, needs, reader)
        for feature in of_table:
            aggregates = own_aggregates(feature)
            made = rows_made_of(seen, aggregates)
            if table == "usage_events":
                rows, total, words = summed_up(own, made, aggregates, limit)
            else:
                rows, total, words = listed(own, made, feature, aggregates, limit)
            if total:
                found[feature.name] = Evidence(FROM.get(table, table), rows.reset_index(drop=True), total, words)
    return {f.name: found[f.name] for f in measured if f.name in found}


def _built(
    db: Database, index: pd.MultiIndex, features: Sequence[Feature], reader: TextReader | None
) -> Mapping[str, object]:
    """What the features are worth at the one snapshot of `index`."""
    X = values_at(db, index, features, reader=reader, feeds=read_feeds(db, index.levels[1][0]))
    return {str(name): value for name, value in X.iloc[0].items()}


def values_at(
    db: Database,
    index: pd.MultiIndex,
    features: Sequence[Feature],
    *,
    feeds: Feeds,
    reader: TextReader | None = None,
) -> pd.DataFrame:
    """`build_feature_matrix` of one account's snapshots, for which no other account's rows are read in vain."""
    account = str(index.get_level_values("account_id")[0])
    everyone = {a.table for f in features if f.measure for a in f.measure.needs if a.everyone}
    return build_feature_matrix(narrowed(db, account, everyone), index, features, reader=reader, feeds=feeds)


def _is_known(value: object) -> bool:
    return value is not None and value == value


def _plain(cell: Any) -> Any:
    if pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    return cell.item() if hasattr(cell, "item") else cell
