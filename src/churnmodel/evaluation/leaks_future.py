"""Does a feature move when the future does? (rows learned later added and altered, or all of them taken away)

At each day two other worlds are made of the tables, alike in all that was known before that midnight. In the one
every row is there a second time, learned later and with other values, every row that was learned later is altered,
and every cell that was not revealed yet holds something else; in the other nothing learned later is left. A
feature that is not the same to the last bit in all three has looked past its ``as_of``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd

from churnmodel.evaluation.checks.finding import Finding, Status
from churnmodel.evaluation.leaks_columns import columns_read
from churnmodel.evaluation.leaks_worlds import ROWS, future_changed, future_gone, instant
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.same_bits import differs
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT

CODE, TITLE = "CHN001", "Features do not see the future"
FEWEST = 20
"""Under so many snapshots, that nothing moved says next to nothing."""
Progress = Callable[[str, int, int], None]


def check_features_against_future(
    db: Database,
    features: Sequence[Feature],
    snapshots: pd.MultiIndex,
    *,
    fewest: int = FEWEST,
    progress: Progress | None = None,
) -> Finding:
    """CHN001 on one's own tables: every feature at every as_of of `snapshots`, in three worlds.

    A feature that moves is named with the table, and with the column or rows, that moved it. It cannot see what an
    export overwrote before it came here: such a cell is the same in all worlds.

    Parameters
    ----------
    db
        A copy of a few accounts' tables (`only_accounts`): it is built again several times.
    snapshots
        All are built in one run first, so that no as_of can shine through to another either.
    fewest
        Under so many snapshots it fires where something moved, and is otherwise not applicable.
    """
    if len(snapshots) == 0 or not features:
        return Finding(CODE, TITLE, "not applicable", "There are no snapshots or no features to rebuild.")
    X = build_feature_matrix(db, snapshots, features)
    as_of = snapshots.get_level_values("as_of")
    days = as_of.unique().sort_values()
    moved: dict[str, dict[str, Any]] = {}
    rows = {"added": 0, "changed": 0}
    for done, day in enumerate(days):
        if progress:
            progress(f"the future of {day:%Y-%m-%d} changed", done, len(days))
        index = snapshots[as_of == day]
        for table in db.tables.values():
            # the rates of exchange have no accounts, and stay
            rows["added"] += db.raw.count(table) if "account_id" in table.columns else 0
            rows["changed"] += db.raw.count(table.filter(table.known_at >= instant(day)))
        for world, other in (("changed", future_changed(db, day)), ("gone", future_gone(db, day))):
            again = build_feature_matrix(other, index, features)
            for name, found in _moved(X.loc[index], again):
                moved.setdefault(name, {"feature": name, "as_of": f"{day:%Y-%m-%d}", "world": world, **found})
    for name, found in moved.items():
        feature = next(f for f in features if f.name == name)
        day = pd.Timestamp(found["as_of"])
        found["where"] = _moved_by(db, feature, snapshots[as_of == day], X, day)
    if progress:
        progress("the future changed", len(days), len(days))
    return _told(list(moved.values()), X, days, rows, fewest)


def _told(
    moved: list[dict[str, Any]], X: pd.DataFrame, days: pd.Index, rows: dict[str, int], fewest: int
) -> Finding:
    accounts = X.index.get_level_values("account_id").nunique()
    looked = (
        f"{X.shape[1]} features of {accounts:,} accounts at {', '.join(f'{d:%Y-%m-%d}' for d in days)} "
        f"({len(X):,} snapshots)"
    )
    detail = {
        "features": X.shape[1],
        "accounts": accounts,
        "snapshots": len(X),
        "as_ofs": [f"{d:%Y-%m-%d}" for d in days],
        "rows_added": rows["added"],
        "rows_changed_or_taken_away": rows["changed"],
        "moved": moved,
    }
    if not moved:
        enough = len(X) >= fewest
        status: Status = "silent" if enough else "not applicable"
        message = (
            f"{looked} stayed the same to the last bit when {rows['added']:,} rows learned later were added, the "
            f"{rows['changed']:,} that are there were altered and every cell not yet revealed was replaced; and "
            "when all of these were taken away."
        )
        if not enough:
            message += f" Under {fewest} snapshots that says next to nothing."
        return Finding(CODE, TITLE, status, message, detail)
    first = moved[0]
    others = [f"'{m['feature']}' ({', '.join(m['where']) or 'not narrowed down'})" for m in moved[1:]]
    message = (
        f"Feature '{first['feature']}' has seen the future through {', '.join(first['where']) or 'its tables'}: "
        f"at {first['as_of']} account {first['account_id']} has {first['value']}, and {first['value_then']} once "
        f"what was learned later is {first['world']} ({first['rows']} snapshots moved)."
    )
    also = f" Also: {'; '.join(others)}." if others else ""
    return Finding(CODE, TITLE, "fired", message + also, detail)


def _moved(before: pd.DataFrame, again: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    again = again.reindex(before.index)
    for name in before.columns:
        different = differs(before[name], again[name])
        if different.any():
            row = int(different.argmax())
            yield (
                str(name),
                {
                    "account_id": str(before.index[row][0]),
                    "value": _value(before[name].iloc[row]),
                    "value_then": _value(again[name].iloc[row]),
                    "rows": int(different.sum()),
                },
            )


def _value(cell: Any) -> float | str | None:
    return None if pd.isna(cell) else cell if isinstance(cell, str) else float(cell)


def _moved_by(
    db: Database, feature: Feature, index: pd.MultiIndex, X: pd.DataFrame, day: pd.Timestamp
) -> list[str]:
    """Which tables' rows or later columns move the feature, each altered alone."""
    tables = {column.partition(".")[0] for column in columns_read(feature)} | {"subscriptions"}
    found = []
    for table in sorted(tables & {*db.tables}):
        schema = CONTRACT[table]
        for what in (ROWS, *(c.name for c in schema.later)):
            for world in (future_changed(db, day, (table, what)), future_gone(db, day, (table, what))):
                again = build_feature_matrix(world, index, [feature])
                if any(True for _ in _moved(X.loc[index, [feature.name]], again)):
                    found.append(f"{table}: {what}" if what == ROWS else f"{table}.{what}")
                    break
    return found
