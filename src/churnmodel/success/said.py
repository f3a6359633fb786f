"""What did customers say, and when? (tickets, comments of surveys, and what our people noted; row by row)"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churnmodel.sources.database import Database

TICKET, COMMENT, NOTE = "ticket", "comment", "note"
TABLES: Mapping[str, str] = {TICKET: "tickets", COMMENT: "surveys", NOTE: "notes"}
COLUMNS = {
    "source": "object", "account_id": "object", "said_at": "datetime64[us]", "known_at": "datetime64[us]",
    "text": "object", "category": "object", "contact_id": "object", "unresolved": "boolean",
}  # fmt: skip


def said_rows(db: Database, since: pd.Timestamp, as_of: pd.Timestamp) -> pd.DataFrame:
    """Everything said in ``[since, as_of)``, as known before `as_of`, the latest version of each row.

    Law: no row that became known at or after `as_of` changes any cell.

    Returns
    -------
    DataFrame
        source, account_id, said_at, known_at, text (None where there is none), category (of a ticket),
        contact_id (who answered a survey), unresolved (of a ticket: not resolved, or opened again; missing
        where the table does not tell when tickets are resolved); sorted by said_at, account_id, source and text.
    """
    parts = [_tickets(db, since, as_of), _comments(db, since, as_of), _notes(db, since, as_of)]
    kept = [part.reindex(columns=list(COLUMNS)).astype(COLUMNS) for part in parts if len(part)]
    if not kept:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    whole = pd.concat(kept, ignore_index=True)
    for name in ("text", "category", "contact_id"):
        whole[name] = whole[name].astype("object").where(whole[name].notna(), None)
    order = ["said_at", "account_id", "source", "text"]
    return whole.sort_values(order, ignore_index=True, key=lambda c: c if c.name == "said_at" else c.astype(str))


def _fetched(
    db: Database, table: str, columns: Mapping[str, str], since: pd.Timestamp, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Own name -> column of the table."""
    if not db.has(table):
        return pd.DataFrame(columns=list(columns))
    cut = db.cut(as_of)
    rows = cut.versions(table, since, as_of)
    if "superseded_at" in rows.columns:
        rows = rows.filter(rows.superseded_at.isnull())
    there = {own: name for own, name in columns.items() if name in rows.columns}
    return cut.run(rows.select(**there)).reindex(columns=list(columns))


def _tickets(db: Database, since: pd.Timestamp, as_of: pd.Timestamp) -> pd.DataFrame:
    names = {"account_id": "account_id", "said_at": "opened_at", "known_at": "known_at", "text": "text"}
    more = {"category": "category", "resolved_at": "resolved_at", "reopened_at": "reopened_at"}
    found = _fetched(db, "tickets", names | more, since, as_of)
    again = pd.to_datetime(found["reopened_at"]) > pd.to_datetime(found["resolved_at"])
    unresolved = (found["resolved_at"].isna() | again).astype("boolean")
    if db.has("tickets") and "resolved_at" in db.readings["tickets"].missing:  # unknown, not open
        unresolved = unresolved.where(found["resolved_at"].notna())
    return found.assign(source=TICKET, unresolved=unresolved)


def _comments(db: Database, since: pd.Timestamp, as_of: pd.Timestamp) -> pd.DataFrame:
    names = {"account_id": "account_id", "said_at": "answered_at", "known_at": "known_at", "text": "comment"}
    found = _fetched(db, "surveys", names | {"contact_id": "respondent_id"}, since, as_of)
    return found[found["text"].notna() & found["said_at"].notna()].assign(source=COMMENT)


def _notes(db: Database, since: pd.Timestamp, as_of: pd.Timestamp) -> pd.DataFrame:
    names = {"account_id": "account_id", "said_at": "written_at", "known_at": "known_at", "text": "text"}
    return _fetched(db, "notes", names, since, as_of).assign(source=NOTE)
