"""How does a table leave for a spreadsheet or a warehouse? (CSV whose cells only say things, or Parquet)"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from churnmodel.scoring.atomic import replace_text, unfinished_folder

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def inert(cell: object) -> object:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; anything else as it is.

    OWASP, "CSV Injection". Numbers stay numbers: only text out of somebody's tables can be a formula.

    >>> inert("=HYPERLINK(1)"), inert(" @x"), inert("Acme"), inert(-3)
    ("'=HYPERLINK(1)", "' @x", 'Acme', -3)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_STARTS) else cell


def to_csv(table: pd.DataFrame) -> str:
    """The table as CSV with inert cells, an empty one where a value is missing."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].astype(object).map(inert, na_action="ignore")
    return str(safe.rename(columns=lambda name: inert(name)).to_csv(index=False))


def write_table(table: pd.DataFrame, place: Path) -> Path:
    """Write it as Parquet where the file's name ends so, else as CSV: whole or not at all. Its folder is made."""
    if place.suffix != ".parquet":
        return replace_text(place, to_csv(table))
    with unfinished_folder(beside=place) as unfinished:
        table.to_parquet(unfinished / place.name, index=False)
        (unfinished / place.name).replace(place)
    return place
