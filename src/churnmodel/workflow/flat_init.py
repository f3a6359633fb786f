"""What does a project over one flat table start from? (a churnmodel.toml with its columns mapped)"""

from __future__ import annotations

import csv
import difflib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from churnmodel.errors import SettingsError

_TEXT = """\
# churnmodel: a project over one flat table, with a row per customer.
# Next: churnmodel check, then train, compare, score, explain ACCOUNT.
# Nothing in such a table says when a cell became known. So figures are those of rows the models had not learned
# from; that a column was filled before the customer left is yours to know, and nothing here can prove it.

[project]
name = {name}
data_until = 2026-01-01     # the day the table was made. CHANGE THIS.

[data]
folder = {folder}

{table}
[flat]
{positive}# horizon_days = 30         # within how many days of looking the outcome counts; left out: not stated
leave_out = []              # columns that were filled after customers left, or that must not be used
# trusted = []              # columns that tell nearly everything, and that you know were filled before
# mrr = "monthly_charges"   # the column of revenue, for churned MRR caught and MRR at risk
# current = "is_customer"   # the column that flags the rows to score; left out: rows without an outcome, else all
folds = 5                   # parts of the rows, each judged by models that learned from the others ...
repeats = 2                 # ... and how often they are dealt anew

[training]
models = ["base_rate", "logistic", "lightgbm", "blend"]

[output]
folder = "var"
"""


@dataclass(frozen=True)
class FlatStart:
    """A file, and which of its columns say who, whether they left, and when that was looked at."""

    file: Path
    target: str = "churned"
    positive: str | None = None
    id_column: str | None = None
    as_of: str | None = None


def write_flat_starter(folder: Path, start: FlatStart) -> Path:
    """Write a churnmodel.toml into `folder` that reads the flat table of `start`.

    Raises
    ------
    SettingsError
        There is a churnmodel.toml already (it is never replaced), or the file or a column is not there.
    """
    path = folder / "churnmodel.toml"
    if path.exists():
        raise SettingsError(f"{path} is there already; wanted a folder without one. Remove it or name another.")
    has = columns_of(start.file)
    for option, column in (("target", start.target), ("id", start.id_column), ("as-of", start.as_of)):
        if column is not None and column not in has:
            near = difflib.get_close_matches(column, has, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(has)}"
            raise SettingsError(f"--{option}: {start.file.name} has no column {column!r}; {hint}")
    folder.mkdir(parents=True, exist_ok=True)
    place = os.path.relpath(start.file.resolve().parent, folder.resolve())
    text = _TEXT.format(
        name=json.dumps(start.file.stem),
        folder=json.dumps(Path(place).as_posix()),
        table=_table(start),
        positive=f"positive = {json.dumps(start.positive)}\n" if start.positive else "",
    )
    path.write_text(text, encoding="utf-8")
    return path


def columns_of(file: Path) -> list[str]:
    """The columns of a CSV or Parquet file (SettingsError where it cannot be read)."""
    try:
        if file.suffix == ".parquet":
            import pyarrow.parquet as pq

            return list(pq.read_schema(file).names)
        with file.open(encoding="utf-8-sig", newline="") as lines:
            head = lines.readline()
        return next(csv.reader([head], csv.Sniffer().sniff(head, ",;\t|") if head.strip() else "excel"), [])
    except FileNotFoundError as cause:
        raise SettingsError(f"--flat {file}: there is no such file; wanted a CSV or Parquet file") from cause
    except (OSError, ValueError, csv.Error) as cause:
        raise SettingsError(f"--flat {file}: wanted a CSV or Parquet file with named columns: {cause}") from cause


def _table(start: FlatStart) -> str:
    source = start.file.stem
    named = {"churned": start.target, "as_of": start.as_of}
    if start.id_column is not None:
        columns = {"account_id": start.id_column, **named}
        told = ", ".join(f"{key} = {json.dumps(own)}" for key, own in columns.items() if own and own != key)
        renamed = f"columns = {{ {told} }}\n" if told else ""
        return f"[tables.flat]\nsource = {json.dumps(source)}\n{renamed}"
    # no column says who a row is about: they are numbered as they stand
    own = {key: column for key, column in named.items() if column and column != key}
    selected = ", ".join(f"{_quoted(column)} AS {key}" for key, column in own.items())
    rest = f"* EXCLUDE ({', '.join(_quoted(column) for column in own.values())})" if own else "*"
    query = f"SELECT 'row ' || row_number() OVER () AS account_id, {', '.join(p for p in (selected, rest) if p)}"
    head = "[tables.flat]             # rows are numbered: no column says who they are"
    return f"{head}\nsql = '''\n{query}\nFROM {_quoted(source)}\n'''\n"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
