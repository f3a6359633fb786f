"""How does a cell of the company's own tables read? (units, and what is not for everybody's eyes)"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import pandas as pd

from churnmodel.features.text_intents import mentions
from churnmodel.sources.columns import Kind, Schema
from churnmodel.sources.schemas import CONTRACT

LONGEST = 120
"""Characters of a text that are shown: enough to know it again."""
NO_ADDRESS = "[e-mail]"
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+")
_SENTENCE_END = re.compile(r"[.!?…]\s+")
_BESIDE: dict[str, Kind] = {"owed": "cents", "tone": "number", "mrr_at_one_rate": "cents"}
_SCALES = {"cents": 100.0, "number": 10_000.0}


def readable(frame: pd.DataFrame, schema: Schema | None, intents: Collection[str] = ()) -> pd.DataFrame:
    """`frame` with money in currency units, numbers as they were told, and texts `shortened`.

    Of a text the part is shown that speaks of one of the `intents`, where one is asked for.
    """
    kinds = {str(name): _kind_of(str(name), schema) for name in frame}
    return pd.DataFrame({name: _column(frame[name], kind, intents) for name, kind in kinds.items()})


def is_money(name: str, table: str) -> bool:
    """Whether a column of evidence of `table` is an amount in the project's currency.

    >>> is_money("before_mrr", "subscriptions"), is_money("score", "surveys")
    (True, False)
    """
    return _kind_of(name, CONTRACT.get(table)) == "cents"


def _kind_of(name: str, schema: Schema | None) -> Kind | None:
    kinds = {c.name: c.kind for c in schema.columns} if schema is not None else {}
    return _BESIDE.get(name) or kinds.get(name.removeprefix("before_"))


def _column(cells: pd.Series[Any], kind: Kind | None, intents: Collection[str]) -> pd.Series[Any]:
    if kind in _SCALES:
        return cells.astype("float64") / _SCALES[kind]
    if pd.api.types.is_string_dtype(cells) or cells.dtype == object:
        return cells.map(lambda c: shortened(c, intents) if isinstance(c, str) else c).astype("object")
    return cells


def shortened(text: str, intents: Collection[str] = (), longest: int = LONGEST) -> str:
    r"""`text` on one line, without e-mail addresses or anything a terminal would obey, cut to `longest`.

    >>> shortened("Please call\n\x1b[31m Ada, ada@example.com")
    'Please call [31m Ada, [e-mail]'
    >>> shortened("No reply so far. We may as well cancel the plan, I fear.", ["cancel"], longest=27)
    '…We may as well cancel the…'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = _ADDRESS.sub(NO_ADDRESS, line)
    if len(line) <= longest:
        return line
    start = _start(line, intents, longest)
    cut = line[start : start + longest - (2 if start else 1)]
    over = start + len(cut) < len(line)
    return ("…" if start else "") + (cut.rstrip() + "…" if over else cut)


def _start(line: str, intents: Collection[str], longest: int) -> int:
    """Where to begin so that the first mention of an intent is shown: with its sentence, if that fits."""
    found = [m for m in mentions(line) if m.intent in intents and not m.is_denied] if intents else []
    if not found:
        return 0
    first = min(found, key=lambda m: m.start)
    sentence = max((end.end() for end in _SENTENCE_END.finditer(line, 0, first.start)), default=0)
    if first.end - sentence < longest - 2:
        return sentence
    return max(line.rfind(" ", 0, first.end - longest // 2) + 1, 0)
