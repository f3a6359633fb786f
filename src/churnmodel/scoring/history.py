"""How did one account's risk move over the days that were scored? (read as published, never computed)"""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date
from pathlib import Path

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.score_table import SUMS, published

COLUMNS = ("risk", "band", "status")


def risk_history(folder: Path, account_id: str, until: date | None = None) -> pd.DataFrame:
    """What every published table up to `until` (by default all) says of an account.

    After it left no table has a row of it: the history ends with its last score, which stays as it was published.

    Returns
    -------
    DataFrame
        Indexed by (as_of, version) of *every* table, earliest first: risk (NaN under notice and where the table
        has no row of it), band and status (None there), in_book (whether the table has a row of it). An as_of
        that several models scored has several rows.

    Raises
    ------
    ScoreError
        A table cannot be read, or is not what was published.
    """
    tables = [(day, version) for day, version in published(folder) if until is None or day <= until]
    rows = [_row(folder, day, version, account_id) for day, version in tables]
    index = pd.MultiIndex.from_tuples(tables, names=["as_of", "version"]) if tables else _NONE
    found = pd.DataFrame(rows, columns=[*COLUMNS, "in_book"], index=index)
    return found.astype({"risk": "float64", "band": "object", "status": "object", "in_book": "bool"})


_NONE = pd.MultiIndex.from_arrays([[], []], names=["as_of", "version"])


def _row(folder: Path, day: date, version: str, account_id: str) -> tuple[object, ...]:
    place = folder / f"as_of={day.isoformat()}" / version / "scores.parquet"
    try:
        content = place.read_bytes()
        if hashlib.sha256(content).hexdigest() != json.loads((place.parent / SUMS).read_bytes())[place.name]:
            raise ScoreError(f"scores: {place} changed after it was published. Restore it.")
        wanted = [("account_id", "==", account_id)]
        found = pd.read_parquet(io.BytesIO(content), filters=wanted)
    except (OSError, ValueError, KeyError) as cause:
        raise ScoreError(f"scores: {place} cannot be read: {cause}. Restore it.") from cause
    if found.empty:
        return float("nan"), None, None, False
    said = [found[name].iloc[0] if name in found else None for name in COLUMNS]
    return *(None if value is None or value != value else value for value in said), True


def account_names(folder: Path, as_of: date, version: str) -> pd.Series:
    """The name of every account in a published table, indexed by account_id; None where the table has no names.

    Raises
    ------
    ScoreError
        The table cannot be read.
    """
    place = folder / f"as_of={as_of.isoformat()}" / version / "scores.parquet"
    import pyarrow.parquet as pq

    try:
        named = "name" in pq.read_schema(place).names
        found = pd.read_parquet(place, columns=["account_id", *(["name"] if named else [])])
    except (OSError, ValueError) as cause:
        raise ScoreError(f"scores: {place} cannot be read: {cause}. Restore it.") from cause
    names = found["name"].astype("object") if named else pd.Series(None, index=found.index, dtype="object")
    return pd.Series(names.to_numpy(), index=pd.Index(found["account_id"], name="account_id"), dtype="object")
