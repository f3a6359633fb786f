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

_SAID = [
    *("please cancel our subscription", "an outage again, this is terrible", "it is too expensive", "ok"),
    *("great, thank you", "we are looking at a competitor", "our champion left the company", "das ist kaputt"),
]
WORDS = {
    "segment": ["smb", "enterprise"],
    "industry": ["health", "steel"],
    "country": ["DE", "US"],
    "plan": ["basic", "pro", "scale"],
    "billing_period": ["monthly", "annual"],
    "currency": ["USD", "usd", "EUR"],
    "feature": ["reports", "alerts", "export"],
    "channel": ["ui", "API", "mobile"],
    "user_id": ["u1", "u2", "u3", "u4"],
    "department": ["sales", "finance"],
    "contact_id": ["c1", "c2", "c3"],
    "respondent_id": ["c1", "c2", "c3"],
    "priority": ["low", "Urgent", "p1"],
    "category": ["login", "billing"],
    "severity": ["minor", "SEV-1", "critical"],
    "surveys.kind": ["nps", "NPS", "csat"],
    "touchpoints.kind": [
        *("check_in", "Check-in", "training", "executive_review", "kickoff", "first_value", "workshop"),
        *("integration_added", "integration_removed", "champion_left", "champion_joined"),
    ],
    "metrics.metric": ["weekly_users", "depth", "undeclared"],
    "reason": ["price", "acquired", "involuntary"],
    "text": _SAID,
    "comment": _SAID,
}
"""What texts say, by column or by table and column."""
FURTHER = {"accounts": ["tier"]}
"""Columns that only this company has."""
REACH = {"subscriptions": 900, "invoices": 800}
"""How many days back the rows of a table reach; else 420."""
LEAST = {"subscriptions": 1}
MOST = {"accounts": 1, "subscriptions": 5, "usage_events": 60, "metrics": 24, "touchpoints": 12, "exits": 1}
ROW_NAMES = ("invoice_id", "ticket_id")
OF_EVERYONE = 0.04
"""The share of incidents that belong to no account, and so to all."""


@dataclass(frozen=True)
class Shape:
    """What is drawn by hypothesis: everything else follows from the seed.

    Parameters
    ----------
    ties, missing, backfilled, corrected
        The share of times exactly at ``as_of``, of empty optional cells, of rows learned after they happened, of
        rows that are versions of others.
    empty
        Tables that are there without a row.
    """

    seed: int
    ties: float
    missing: float
    backfilled: float
    empty: frozenset[str]
    corrected: float = 0.2


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

    def cells(self, table: str, column: Column, n: int) -> pd.Series:
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
            words = WORDS.get(f"{table}.{column.name}", WORDS.get(column.name, ["x", "y"]))
            values = pd.Series(rng.choice(words, n), dtype="object")
        elif column.name == "sentiment":
            values = pd.Series(rng.choice([-1.0, -0.25, 0.0, 0.8], n)).mask(rng.random(n) < 0.7)
        elif column.kind == "cents":
            values = pd.Series(rng.choice([0.0, 0.0, 99.5, 100.0, 1250.25, -20.0], n))
        else:
            values = pd.Series(rng.integers(0, 11, n).astype("float64"))
        if column.required:
            return values
        gone = rng.random(n) < (0.5 if column.is_later and column.kind == "time" else self.shape.missing)
        return values.mask(gone)

    def rows(self, schema: Schema, accounts: np.ndarray, highest: int = 200) -> pd.DataFrame:
        """One row per entry of `accounts`, happening in [as_of - `REACH`, as_of + highest] days."""
        n, lowest = len(accounts), -REACH.get(schema.table, 420)
        frame = pd.DataFrame({"account_id": accounts})
        for column in schema.columns:
            if column.name == schema.time:
                frame[column.name] = self.times(n, lowest, highest)
            elif column.name != "account_id":
                frame[column.name] = self.cells(schema.table, column, n)
        for name in FURTHER.get(schema.table, []):
            frame[name] = pd.Series(self.rng.choice(["gold", "tin"], n), dtype="object")
        own_time = schema.column(schema.time)
        if own_time.instead:
            frame[schema.time] = frame[schema.time].mask(self.rng.random(n) < self.shape.missing)
        if schema.of_account and not schema.column("account_id").required:
            frame["account_id"] = frame["account_id"].mask(self.rng.random(n) < OF_EVERYONE)
        if schema.table == "subscriptions":  # few, so that most are versions of one another
            frame["subscription_id"] = frame["account_id"] + self.rng.choice(["-s1", "-s1", "-s2"], n)
        late = self.rng.random(n) < self.shape.backfilled
        frame["known_at"] = self.times(n, -300, 200).where(late)
        if not schema.once:
            versions = pd.Series(self.rng.choice(["-e1", "-e2"], n), dtype="object")
            named = self.rng.random(n) < self.shape.corrected
            frame["event_id"] = (frame["account_id"] + versions).where(named)
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
            if name == "subscriptions":  # two versions begun at one moment contradict each other
                rows = rows.drop_duplicates(["subscription_id", "started_at"], ignore_index=True)
            tables[name] = rows.iloc[:0] if name in self.shape.empty else rows
        return tables


def known(table: pd.DataFrame, schema: Schema, as_of: pd.Timestamp) -> pd.Series:
    """Which rows were known before as_of, told again in plain pandas."""
    happened, instead = table[schema.time], schema.column(schema.time).instead
    happened = happened.fillna(table[instead]) if instead else happened
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
        out[column.name] = out[column.name].mask(
            before & ~revealed, draw.cells(schema.table, column, n).set_axis(table.index)
        )
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
