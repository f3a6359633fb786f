"""What is in a flat table? (one row per customer, ready made, instead of the tables a company works with)

Nothing in such a table says when a cell became known, so nothing can be cut through time: whatever is learned from
it has to be believed. Cells are read as text; `churnmodel.features.flat` says which of them are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.settings import Settings, TableSettings
from churnmodel.settings.flat import FlatSettings
from churnmodel.sources.audit.finding import AuditFinding, TableFacts, of
from churnmodel.sources.audit.run import Audit
from churnmodel.sources.conform import RESERVED, read_table
from churnmodel.sources.connect import open_frames
from churnmodel.sources.database import SNAPSHOT
from churnmodel.sources.moments import moment
from churnmodel.sources.places import open_place
from churnmodel.sources.printable import printable
from churnmodel.sources.raw_tables import RawTables
from churnmodel.sources.schemas import FLAT

LEFT, STAYED = ("true", "t", "yes", "y", "1", "1.0", "churned"), ("false", "f", "no", "n", "0", "0.0", "stayed")
_FLAGGED = ("true", "t", "yes", "y", "1", "1.0")


@dataclass(frozen=True)
class OneOutcome:
    """When a ready outcome counts: within `horizon_days` of looking, 0 where the table does not say.

    The other days are those of `churnmodel.snapshots.labels.LabelWindow`; a ready outcome has none of them.
    """

    horizon_days: int = 0
    lead_days: int = 0
    grace_days: int = 0
    pause_days: int = 0


@dataclass(frozen=True, eq=False)
class FlatTable:
    """The rows of a flat table that can be used, sorted by (as_of, account_id).

    Parameters
    ----------
    cells
        Indexed by snapshot: the columns beside account, day and outcome, as text, None where empty.
    churned
        1.0 left, 0.0 stayed, NaN not known: the cell is empty, or its horizon was not over at `until`.
    current
        The rows to be scored: those flagged; else those of which nobody knows yet; else all. Of the latest day.
    mrr
        Revenue of each row in currency units; NaN where no column says it.
    is_dated
        Whether rows say at which day they were looked at. Where not, it is `until` for all.
    audit
        What is wrong with the table.
    """

    cells: pd.DataFrame = field(repr=False)
    churned: pd.Series[float] = field(repr=False)
    current: pd.Series[bool] = field(repr=False)
    mrr: pd.Series[float] = field(repr=False)
    is_dated: bool
    until: pd.Timestamp
    outcome: OneOutcome
    audit: Audit = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> FlatTable:
        """The table that ``[tables.flat]`` and ``[flat]`` describe.

        Raises
        ------
        SourceError
            Another table is mapped beside it, or a place, table or column is not there, or an outcome cannot be
            read; says what there is.
        """
        others = [name for name in settings.tables if name != FLAT.table]
        if others:
            raise SourceError(
                f"[tables.flat] stands instead of all other tables, and [tables.{others[0]}] is mapped as well. "
                "Keep one of the two."
            )
        raw = open_place(settings.data, settings.base, threads=settings.training.threads)
        until, zone = moment(settings.project.data_until), settings.project.timezone
        return _read(raw, settings.tables[FLAT.table], settings.flat, until, zone)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, until: str, settings: FlatSettings | None = None) -> FlatTable:
        """The table in a pandas frame with columns account_id, churned, perhaps as_of, and any others.

        >>> table = FlatTable.from_frame(
        ...     pd.DataFrame({"account_id": ["b", "a"], "plan": ["pro", None], "churned": ["yes", "no"]}),
        ...     until="2026-01-01")
        >>> table.churned.tolist(), table.cells["plan"].tolist(), table.is_dated
        ([0.0, 1.0], [None, 'pro'], False)
        """
        raw, given = open_frames({"flat": frame}), settings or FlatSettings()
        return _read(raw, TableSettings(), given, moment(until), "UTC")


def _read(raw: RawTables, mapping: TableSettings, flat: FlatSettings, until: pd.Timestamp, zone: str) -> FlatTable:
    if mapping.source is None and mapping.sql is None and FLAT.table not in raw.names and len(raw.names) == 1:
        mapping = TableSettings(source=raw.names[0], columns=mapping.columns)  # the only file there is
    reading = read_table(raw, FLAT, mapping, zone)
    rows = raw.fetch(reading.cast)
    kept = [name for name in rows if not name.startswith("raw_") and name not in (*FLAT.names, *RESERVED)]
    for key, named in (("mrr", flat.mrr), ("current", flat.current)):
        if named is not None and named not in kept:
            raise SourceError(
                f"[flat] {key}: no column {named!r} (has: {printable(', '.join(kept))}). Correct it."
            )
    is_dated = bool(rows["looked_at"].notna().any())
    days = rows["looked_at"].astype("datetime64[us]").dt.normalize()
    rows = rows.assign(as_of=days if is_dated else until)
    fit = rows["account_id"].notna() & rows["as_of"].notna() & (rows["as_of"] <= until)
    findings = list(_findings(rows, fit, is_dated))
    rows = rows[fit].sort_values(["as_of", "account_id"], kind="stable").set_index(SNAPSHOT)
    churned = _outcomes(rows["churned"], flat.positive)
    if is_dated and flat.horizon_days:
        ends = rows.index.get_level_values("as_of") + pd.Timedelta(days=flat.horizon_days)
        churned = churned.mask(ends > until)  # who has not left by then may still
    findings += _unknown(churned)
    cells = rows[kept].astype("object")
    cells = cells.where(cells.notna(), None)
    mrr = _numbers(cells[flat.mrr]) if flat.mrr else pd.Series(np.nan, index=cells.index)
    seen = rows.index.get_level_values("as_of") if is_dated else pd.DatetimeIndex([])
    facts = TableFacts(
        FLAT.table,
        rows=len(fit),
        kept=len(rows),
        set_aside=len(fit) - len(rows),
        earliest=seen.min() if len(seen) else None,
        latest=seen.max() if len(seen) else None,
        missing=() if is_dated else ("as_of",),
        unused=(),
        has_known_at=False,
    )
    order = {"fatal": 0, "counted": 1, "note": 2}
    told = Audit(tuple(sorted(findings, key=lambda f: order[f.severity])), (facts,), until)
    current = _current(cells, churned, flat.current)
    return FlatTable(cells, churned, current, mrr, is_dated, until, OneOutcome(flat.horizon_days or 0), told)


def _outcomes(told: pd.Series[Any], positive: str | None) -> pd.Series[float]:
    words = told.astype("object")
    words = words.where(words.notna(), None)
    seen = sorted({str(word) for word in words if word is not None})
    shown = printable(", ".join(repr(word) for word in seen[:6])) + (", ..." if len(seen) > 6 else "")
    if positive is not None:
        if positive not in seen:
            raise SourceError(
                f"[flat] positive: no row of 'churned' says {positive!r} (found: {shown}). Correct it."
            )
        return words.map(lambda word: np.nan if word is None else float(word == positive)).astype("float64")
    if strange := [word for word in seen if word.lower() not in (*LEFT, *STAYED)]:
        raise SourceError(
            f"flat.churned: wanted true or false, yes or no, 1 or 0, found {printable(strange[0])!r} "
            f"(of {shown}). Say which value means that the customer left: [flat] positive."
        )
    return words.map(lambda word: np.nan if word is None else float(word.lower() in LEFT)).astype("float64")


def _current(cells: pd.DataFrame, churned: pd.Series[float], flag: str | None) -> pd.Series[bool]:
    asked = pd.Series(True, index=cells.index)
    if flag is not None:
        asked = cells[flag].map(lambda word: word is not None and str(word).lower() in _FLAGGED).astype(bool)
    elif churned.isna().any():
        asked = churned.isna()
    as_of = asked.index.get_level_values("as_of")
    return asked & (as_of == as_of[asked.to_numpy()].max())


def _findings(rows: pd.DataFrame, fit: pd.Series[bool], is_dated: bool) -> list[AuditFinding]:
    def found(code: str, severity: Any, column: str, bad: pd.Series[bool], message: str) -> list[AuditFinding]:
        n, total = int(bad.sum()), len(rows)
        shown = tuple({"account_id": printable(a)} for a in rows.loc[bad, "account_id"].dropna().head(3))
        told = message.format(of(n, total))
        return [AuditFinding(code, severity, FLAT.table, column, n, n / total, told, shown)] if n else []

    twice = fit & rows.duplicated(["account_id", "as_of"], keep=False)
    nobody = rows["account_id"].isna()
    one = "one row per account and as_of" if is_dated else "one row per account, or an as_of that tells them apart"
    return [
        *found("repeated", "fatal", "account_id", twice, f"{{}} share their key; wanted {one}. Drop the copies."),
        *found("no_account", "counted", "account_id", nobody, "{} have no account_id: set aside."),
        *found("no_day", "counted", "as_of", rows["as_of"].isna(), "{} have no as_of: set aside."),
        *found(
            "future", "counted", "as_of", fit.ne(True) & rows["as_of"].notna() & ~nobody,
            "{} lie after data_until: set aside.",
        ),
    ]  # fmt: skip


def _unknown(churned: pd.Series[float]) -> list[AuditFinding]:
    n, total = int(churned.isna().sum()), len(churned)
    left, stayed = int((churned == 1).sum()), int((churned == 0).sum())
    if not (left and stayed):
        message = f"{left:,} customers left and {stayed:,} stayed; wanted some of both. Look at the column."
        return [AuditFinding("one_outcome", "fatal", FLAT.table, "churned", total, 1.0, message)]
    if not n:
        return []
    message = f"{of(n, total)} do not say yet whether the customer left: nothing is learned from them."
    return [AuditFinding("not_known_yet", "note", FLAT.table, "churned", n, n / total, message)]


def _numbers(cells: pd.Series[Any]) -> pd.Series[float]:
    return pd.to_numeric(cells, errors="coerce").astype("float64").replace([np.inf, -np.inf], np.nan)
