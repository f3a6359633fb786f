"""Which rows and cells were known at a moment? (the one place where that is decided)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.sources.columns import Schema


def reveal(table: Any, schema: Schema, moment: pd.Timestamp | None = None) -> Any:
    """Only what was known before `moment`: later rows dropped, later columns blanked.

    Without a `moment` every row is cut at its own ``as_of``, and of each thing only the version that held then
    stays; with one all versions known before it stay, so that earlier moments can still be asked. A row whose
    ``known_at``, or a cell whose revealing time, *equals* the moment is not yet known.
    """
    import ibis

    def before(time: Any) -> Any:
        return time < (table["as_of"] if moment is None else ibis.timestamp(moment.isoformat()))

    blanked = {}
    for column in schema.later:
        cell = table[column.name]
        revealed_at = ibis.coalesce(*(table[by] for by in column.revealed_by))
        blanked[column.name] = ibis.ifelse(before(revealed_at), cell, ibis.null(cell.type()))
    keep = before(table["known_at"])
    if "superseded_at" in table.columns:
        if moment is None:
            keep &= ~before(table["superseded_at"]).fill_null(False)
        else:
            over = table["superseded_at"]
            blanked["superseded_at"] = ibis.ifelse(before(over), over, ibis.null(over.type()))
    known = table.filter(keep)
    known = known.mutate(**blanked) if blanked else known
    return known.drop("superseded_at") if moment is None and "superseded_at" in known.columns else known
