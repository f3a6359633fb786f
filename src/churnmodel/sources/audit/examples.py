"""Which rows show a finding, and how is a cell told? (the first few, as text, without free text)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.sources.columns import Schema
from churnmodel.sources.printable import printable
from churnmodel.sources.schemas import NUMBER_SCALE

if TYPE_CHECKING:
    from churnmodel.sources.database import Database


def examples_of(
    db: Database, rows: Any, schema: Schema, names: Sequence[str], n: int = 3
) -> tuple[Mapping[str, str], ...]:
    """The first `n` rows as text, by account, time and `names`: always the same ones, whatever order they came in.

    A ``raw_`` name is the cell as the company wrote it, told under its plain name. Texts are cut after 40
    characters, so that a free text mapped by mistake is not spread, and told without control characters.
    """
    wanted = dict.fromkeys(("account_id", schema.time, *_SAYS_WHAT.get(schema.table, ()), *names))
    raw = {name.removeprefix("raw_") for name in wanted if name.startswith("raw_")}
    chosen = [name for name in wanted if name in rows.columns and name not in raw]
    cells = {c: rows[c].cast("string") if c.startswith("raw_") else rows[c] for c in chosen}
    top = db.run(rows.select(**cells).order_by(chosen).limit(n))
    kinds = {c.name: c.kind for c in schema.columns}
    return tuple(
        {_TOLD.get(c, c.removeprefix("raw_")): cell_text(row[c], kinds.get(c, "text")) for c in chosen}
        for _, row in top.astype("object").iterrows()
    )


_SAYS_WHAT = {"metrics": ("metric",), "surveys": ("kind",), "touchpoints": ("kind",)}
_TOLD = {
    "account_since": "accounts.created_at",
    "next_started_at": "next started_at",
    "running_since": "subscriptions.started_at",
    "subscribed_at": "first subscriptions.started_at",
    "served_to": "last subscriptions.ended_at",
    "there_to": "left_at",
}


def cell_text(value: Any, kind: str) -> str:
    """A cell of that kind as people write it; empty where it is missing."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if kind == "cents":
        return f"{value / 100:.2f}"
    if kind == "number":
        return f"{value / NUMBER_SCALE:g}"
    # pandas widens a column of integers to floats where one of them is missing
    return f"{value:g}" if isinstance(value, float) else printable(str(value)[:40])
