"""What does the audit say about the tables? (one finding, and the facts of one table)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Severity = Literal["fatal", "counted", "note"]
SEVERITIES: tuple[Severity, ...] = ("fatal", "counted", "note")
"""Fatal stops a run; counted is wrong but bearable; a note is no fault, only good to know."""


@dataclass(frozen=True)
class AuditFinding:
    """Something found in one table.

    Parameters
    ----------
    code
        A stable slug such as ``"orphans"``.
    severity
        ``"fatal"``, ``"counted"`` or ``"note"``.
    table, column
        Where; `column` is empty where the finding is about the table as a whole.
    count, share
        How many rows (or accounts, days, currencies: the message says which), and of those it was looked for
        in, which share (0 to 1).
    message
        What was wanted, what came, what to do, as one paragraph of plain words.
    examples
        Up to three rows, as column -> value, without free text.
    """

    code: str
    severity: Severity
    table: str
    column: str
    count: int
    share: float
    message: str
    examples: tuple[Mapping[str, str], ...] = ()

    @property
    def where(self) -> str:
        """``table.column``, or the table alone."""
        return f"{self.table}.{self.column}" if self.column else self.table

    @property
    def shown(self) -> str:
        """The examples in one line; empty where there are none.

        >>> AuditFinding("orphans", "counted", "tickets", "account_id", 1, 0.1, "...",
        ...              ({"ticket_id": "t1", "account_id": "gone"},)).shown
        "(ticket_id='t1', account_id='gone')"
        """
        rows = (", ".join(f"{name}={value!r}" for name, value in row.items()) for row in self.examples)
        return "; ".join(f"({row})" for row in rows)


@dataclass(frozen=True)
class TableFacts:
    """How one table was read.

    Parameters
    ----------
    rows, kept, set_aside
        Rows read, rows in use, and rows not in use because a required cell is missing or unreadable.
    earliest, latest
        The first and the last time in the table (its own time column, naive UTC); None where it has no rows.
    missing
        Columns of the contract that the table does not have.
    unused
        Columns of the table that the contract does not know.
    has_known_at, has_event_id
        Whether the table says when each row became known, and which rows are versions of one thing.
    superseded
        Rows that were read, whole, and are not in use because a later version of the same event_id is.
    """

    table: str
    rows: int
    kept: int
    set_aside: int
    earliest: pd.Timestamp | None
    latest: pd.Timestamp | None
    missing: tuple[str, ...]
    unused: tuple[str, ...]
    has_known_at: bool
    superseded: int = 0
    has_event_id: bool = False


def of(count: int, total: int, noun: str = "row") -> str:
    """``"3 of 120 rows (2.5 %)"``.

    >>> of(1, 3), of(2, 40_000, "account")
    ('1 of 3 rows (33.3 %)', '2 of 40,000 accounts (under 0.1 %)')
    """
    share = count / total if total else 0.0
    percent = "under 0.1 %" if 0 < share < 0.001 else f"{share:.1%}".replace("%", " %")
    return f"{count:,} of {total:,} {noun}{'' if total == 1 else 's'} ({percent})"
