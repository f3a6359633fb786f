"""What did each column say at as_of, and which columns does a feature read? (the columns that are questioned)

A *probe* is one column beside the snapshots, as known before each ``as_of``: every feature, and of every raw
table the newest row's cells (per metric, kind or source where a table holds several things), and whether each
was filled.
Raw columns are questioned whether or not a feature reads them: an outside score is only judged later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from churnmodel.features.active_users import FROM
from churnmodel.features.feature import Feature
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.exchange import told_columns
from churnmodel.sources.schemas import CONTRACT, NUMBER_SCALE

Kind = Literal["feature", "cell", "filled"]
LEVELS = 40
"""Text with more values than this says who, not what: only whether it is filled is questioned."""
LEFT_OUT = ("usage_events", "exits", "rates")
"""Events are too many for single cells (their features are questioned); exits are the outcome itself."""
SCALES = {"cents": 100.0, "number": float(NUMBER_SCALE)}
SEVERAL = {"metrics": "metric", "surveys": "kind", "external_scores": "source"}


@dataclass(frozen=True, eq=False)
class Probe:
    """One column beside snapshots.

    Parameters
    ----------
    name
        The feature, or ``table.column`` (``table.column [source]`` where a table holds several things).
    columns
        The columns it stands for or is made of, as ``table.column``.
    values
        By snapshot: float64, or text.
    is_used
        Whether a feature is made of it. An unused attribute of an account cannot harm.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    values: pd.Series[Any] = field(repr=False)
    concept: str = ""
    is_used: bool = True

    @property
    def of_calendar(self) -> bool:
        """Whether it says when the term ends: near the end it may well tell who can leave at all."""
        return "subscriptions.renews_at" in self.columns


def feature_probes(features: Sequence[Feature], X: pd.DataFrame) -> Iterator[Probe]:
    """The columns of the feature matrix."""
    for feature in features:
        yield Probe(feature.name, "feature", columns_read(feature), X[feature.name], feature.concept)


def columns_read(feature: Feature) -> tuple[str, ...]:
    """The columns of the contract a feature is made of, as ``table.column``.

    >>> from churnmodel.features.catalog import CATALOG
    >>> columns_read(next(f for f in CATALOG if f.name == "mrr"))
    ('subscriptions.ended_at', 'subscriptions.mrr')
    """
    found: set[str] = set()
    for aggregate in feature.measure.needs if feature.measure else ():
        # a derived table is told by the one it is made from
        own = FROM.get(aggregate.table, aggregate.table)
        said: list[tuple[str, str]] = []
        for cell in (aggregate.of, aggregate.where):
            for read in (*cell.reads, *cell.spares, *_named_by(cell.of)) if cell is not None else ():
                # a column of another table comes with its name, and one of several with a bar between
                table, _, names = read.rpartition(".")
                said += [(table or own, name) for name in names.split("|")]
        known = {f"{table}.{name}" for table, name in said if name in CONTRACT[table].names}
        found |= known or {f"{own}.{CONTRACT[own].time}"}
    return tuple(sorted(found))


def _named_by(cell: Any) -> list[str]:
    """The columns a cell's function asks its rows for, found by asking it with none."""
    import ibis
    from ibis.common.exceptions import IbisError

    try:
        said = repr(cell(ibis._))
    except (TypeError, ValueError, AttributeError, IbisError):
        # a cell may look at its rows' types: then only what it declares is known
        return []
    names = [a or b for a, b in re.findall(r"_\.([a-z_]+)|_\[['\"](\w+)['\"]\]", said)]
    of_running = ["ended_at"] if {"running", "main"} & {*names} else []
    return [*names, *of_running]


def raw_probes(db: Database, snapshots: pd.MultiIndex, features: Sequence[Feature]) -> Iterator[Probe]:
    """The newest known row of each raw table, column by column: what it says, and whether it says anything."""
    used = {column for feature in features for column in columns_read(feature)}
    for table in db.tables:
        if table not in LEFT_OUT:
            for thing, rows in _newest(db, table, snapshots):
                yield from _of_rows(table, thing, rows, used)


def _newest(db: Database, table: str, snapshots: pd.MultiIndex) -> Iterator[tuple[str, pd.DataFrame]]:
    import ibis

    schema, several = CONTRACT[table], SEVERAL.get(table)
    rows = db.paired(table, db.snapshots(snapshots))
    keys = [*SNAPSHOT, *([several] if several else [])]
    ours = {*SNAPSHOT, "known_at", *told_columns(schema)}  # not of the company's table
    rows = rows.select(*SNAPSHOT, "known_at", *(c for c in rows.columns if c not in ours))
    cells = [c for c in rows.columns if c not in ours]
    # where several rows share a time, always the same one
    order = [rows[schema.time].desc(), *(rows[c].desc() for c in cells if c != schema.time)]
    place = ibis.row_number().over(ibis.window(group_by=[rows[k] for k in keys], order_by=order))
    newest = rows.mutate(place=place)
    found = db.run(newest.filter(newest.place == 0).drop("place", "known_at"))
    found["as_of"] = found["as_of"].astype("datetime64[us]")
    things = found.groupby(several) if several else [("", found)]
    for thing, part in things:
        part = part.drop(columns=[several]) if several else part
        yield str(thing), part.set_index(SNAPSHOT).reindex(snapshots)


def _of_rows(table: str, thing: str, rows: pd.DataFrame, used: set[str]) -> Iterator[Probe]:
    schema = CONTRACT[table]
    as_of = rows.index.get_level_values("as_of").to_series(index=rows.index)
    kinds = {c.name: c.kind for c in schema.columns}
    for name in rows.columns:
        cells, kind = rows[name], kinds.get(str(name), "text")
        column = f"{table}.{name}"
        said = f"{column} [{thing}]" if thing else column
        # an attribute that the contract does not know becomes no feature by itself
        is_used = column in used or str(name) in schema.names
        values: pd.Series[Any]
        if kind == "time":
            values = (cells.astype("datetime64[us]") - as_of).dt.total_seconds() // 86_400
        elif kind == "text":
            values = cells.astype("object").where(cells.notna(), None)
        else:
            values = cells.astype("float64") / SCALES.get(kind, 1.0)
        if kind != "text" or values.nunique() <= LEVELS:
            yield Probe(said, "cell", (column,), values, is_used=is_used)
        filled = cells.notna()
        if filled.any() and not filled.all():
            yield Probe(said, "filled", (column,), filled.astype("float64"), is_used=is_used)
