"""What do random histories look like, and how may their future be changed?

One example is a database of many one-account histories, drawn from a seed: times that fall exactly on
``as_of``, equal stamps, missing cells, empty tables, rows learned long after they happened, and later columns
(paid_at, resolved_at, ...) on both sides of ``as_of``. The changes below touch only what was not known before
``as_of``: rows added, cells altered, rows removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.sources.columns import Column, Schema
from churnmodel.sources.schemas import CONTRACT

Tables = Mapping[str, pd.DataFrame]
DAY = 86_400

WORDS = {
    "segment": ["smb", "enterprise"],
    "industry": ["health", "steel"],
    "country": ["DE", "US"],
    "plan": ["basic", "pro", "scale"],
    "billing_period": ["monthly", "annual"],
    "feature": ["reports", "alerts", "export"],
    "channel": ["ui", "API", "mobile"],
    "user_id": ["u1", "u2", "u3", "u4"],
    "priority": ["low", "Urgent", "p1"],
    "kind": ["nps", "NPS", "csat"],
    "metric": ["weekly_users", "depth", "undeclared"],
    "reason": ["price", "acquired", "involuntary"],
}
LEAST = {"subscriptions": 1}
MOST = {"accounts": 1, "subscriptions": 4, "usage_events": 20, "metrics": 24, "exits": 1}
ROW_NAMES = ("subscription_id", "invoice_id", "ticket_id")


@dataclass(frozen=True)
class Shape:
    """What is drawn by hypothesis: everything else follows from the seed.

    Parameters
    ----------
    ties, missing, backfilled
        The share of times exactly at ``as_of``, of empty optional cells, of rows learned after they happened.
    empty
        Tables that are there without a row.
    """

    seed: int
    ties: float
    missing: float
    backfilled: float
    empty: frozenset[str]


class Draw:
    """Random rows of the contract's tables for one company."""

    def __init__(self, shape: Shape, as_of: pd.Timestamp) -> None:
        self.rng = np.random.default_rng(shape.seed)
        self.shape = shape
        self.as_of = as_of
        self._names = 0

    def times(self, n: int, lowest: int, highest: int) -> pd.Series:
        """Moments in [as_of + lowest, as_of + highest] days: most near it, some whole days, some exactly it."""
        seconds = self.rng.integers(lowest * DAY, highest * DAY, n, endpoint=True)
        near = self.rng.random(n) < 0.6
        low, high = max(lowest, -75), min(highest, 15)
        seconds[near] = self.rng.integers(low * DAY, high * DAY, int(near.sum()), endpoint=True)
        whole = self.rng.random(n) < 0.4
        seconds[whole] = seconds[whole] // DAY * DAY
        if lowest <= 0 <= highest:
            seconds[self.rng.random(n) < self.shape.ties] = 0
        return pd.Series(self.as_of + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us]")

    def cells(self, column: Column, n: int) -> pd.Series:
        """Values of one column that is not the table's own time."""
        rng = self.rng
        if column.kind == "time":
            values = self.times(n, -300, 200)
        elif column.kind == "boolean":
            values = pd.Series(rng.random(n) < 0.5, dtype="object")
        elif column.name in ROW_NAMES:
            values = pd.Series([f"{column.name}-{self._names + i}" for i in range(n)], dtype="object")
            self._names += n
        elif column.kind == "text":
            values = pd.Series(rng.choice(WORDS.get(column.name, ["x", "y"]), n), dtype="object")
        elif column.kind == "cents":
            values = pd.Series(rng.choice([0.0, 0.0, 99.5, 100.0, 1250.25, -20.0], n))
        else:
            values = pd.Series(rng.integers(0, 11, n).astype("float64"))
        if column.required:
            return values
        gone = rng.random(n) < (0.5 if column.is_later and column.kind == "time" else self.shape.missing)
        return values.mask(gone)

    def rows(self, schema: Schema, accounts: np.ndarray, lowest: int = -420, highest: int = 200) -> pd.DataFrame:
        """One row per entry of `accounts`, happening in [as_of + lowest, as_of + highest] days."""
        n = len(accounts)
        frame = pd.DataFrame({"account_id": accounts})
        for column in schema.columns:
            if column.name == schema.time:
                frame[column.name] = self.times(n, lowest, highest)
            elif column.name != "account_id":
                frame[column.name] = self.cells(column, n)
        late = self.rng.random(n) < self.shape.backfilled
        frame["known_at"] = self.times(n, -300, 200).where(late)
        return frame

    def company(self, accounts: int) -> dict[str, pd.DataFrame]:
        """All tables of `accounts` one-account histories."""
        names = np.array([f"a{i:03d}" for i in range(accounts)], dtype="object")
        tables = {}
        for name, schema in CONTRACT.items():
            if name == "accounts":
                each = np.ones(accounts, dtype=int)
            else:
                each = self.rng.integers(LEAST.get(name, 0), MOST.get(name, 6), accounts, endpoint=True)
                # a family without a row is a case of its own
                each[self.rng.random(accounts) < 0.15] = LEAST.get(name, 0)
            rows = self.rows(schema, np.repeat(names, each))
            if name == "accounts":
                rows["created_at"] = self.times(accounts, -420, 5)
            # equal stamps, as from a nightly load
            same = self.rng.random(len(rows)) < 0.15
            rows.loc[same, schema.time] = rows.loc[same, schema.time].dt.normalize()
            tables[name] = rows.iloc[:0] if name in self.shape.empty else rows
        return tables


def known(table: pd.DataFrame, schema: Schema, as_of: pd.Timestamp) -> pd.Series:
    """Which rows were known before as_of, told again in plain pandas."""
    happened = table[schema.time]
    learned = table["known_at"].fillna(happened)
    return learned.where(learned > happened, happened) < as_of


def with_rows_added(tables: Tables, draw: Draw) -> dict[str, pd.DataFrame]:
    """More rows, each learned at or after as_of, whenever it happened."""
    out = {}
    for name, table in tables.items():
        schema = CONTRACT[name]
        accounts = np.repeat(tables["accounts"]["account_id"].to_numpy(dtype="object"), 3)
        later = draw.rows(schema, accounts)
        later["known_at"] = draw.times(len(later), 0, 200)
        out[name] = pd.concat([table, later], ignore_index=True)
    return out


def with_rows_removed(tables: Tables, draw: Draw) -> dict[str, pd.DataFrame]:
    """Every row that was learned at or after as_of gone."""
    return {name: t[known(t, CONTRACT[name], draw.as_of)] for name, t in tables.items()}


def with_cells_altered(tables: Tables, draw: Draw) -> dict[str, pd.DataFrame]:
    """Every cell that was revealed at or after as_of, or not yet, made another."""
    return {name: _altered(t, CONTRACT[name], draw) for name, t in tables.items()}


def _altered(table: pd.DataFrame, schema: Schema, draw: Draw) -> pd.DataFrame:
    before, out, n = known(table, schema, draw.as_of), table.copy(), len(table)
    for column in (c for c in schema.later if c.kind == "time"):
        not_yet = before & ~_revealed(table, column, draw.as_of)
        other = draw.times(n, 0, 200).set_axis(table.index).mask(draw.rng.random(n) < 0.3)
        out[column.name] = out[column.name].mask(not_yet, other)
    for column in (c for c in schema.later if c.kind != "time"):
        revealed = _revealed(table, column, draw.as_of)
        # an answer without a time of its own counts from another: do not change when it came to light
        moved = revealed != _revealed(out, column, draw.as_of)
        for by in column.revealed_by:
            out[by] = out[by].mask(moved, table[by])
        out[column.name] = out[column.name].mask(before & ~revealed, draw.cells(column, n).set_axis(table.index))
    # a row not yet known may become any other that is not yet known either
    fresh = draw.rows(schema, table["account_id"].to_numpy(dtype="object")).set_axis(table.index)
    fresh["known_at"] = draw.times(n, 0, 200).set_axis(table.index)
    for name in out.columns:
        out[name] = out[name].mask(~before, fresh[name])
    return out


def _revealed(table: pd.DataFrame, column: Column, as_of: pd.Timestamp) -> pd.Series:
    told = pd.Series(pd.NaT, index=table.index, dtype="datetime64[us]")
    for by in column.revealed_by:
        told = told.fillna(table[by])
    return told < as_of
