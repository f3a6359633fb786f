"""What do the texts of a table say, row by row? (tone and intents as columns beside the rows)

`with_tone` reads the distinct texts of a table out of the engine in parts, scores each once, and joins the scores
to the rows by the hash of the text. The rows were cut at ``as_of`` before: where a text is not yet revealed it is
missing, and so is all that it says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from churnmodel.features.text import SCALE
from churnmodel.features.text_cache import TextReader
from churnmodel.features.text_intents import INTENTS
from churnmodel.sources.database import Database

TEXTS: Mapping[str, str] = {"tickets": "text", "surveys": "comment", "notes": "text"}
"""The tables with texts, and the column that holds them."""

SAYS = tuple(f"says_{intent}" for intent in INTENTS)
"""The columns of the intents."""

AT_ONCE = 20_000
"""About how many texts are held at one time."""


def read_of(table: str) -> str:
    """What a cell that looks at ``tone`` lists in its `reads`: the text, or a score of the company's own."""
    return f"{TEXTS[table]}|sentiment"


def wants_tone(table: str, reads: Collection[str] | None) -> bool:
    """Whether cells that read these columns of a table look at what its texts say; None is all there could be.

    >>> wants_tone("tickets", ["csat", "text|sentiment"]), wants_tone("tickets", ["csat"])
    (True, False)
    """
    if table not in TEXTS or reads is None:
        return table in TEXTS
    return any({TEXTS[table], "sentiment"} & set(read.split("|")) for read in reads)


def with_tone(
    db: Database, table: str, rows: Any, reader: TextReader | None = None, *, among: Any | None = None
) -> Any:
    """`rows` of a table, cut at their ``as_of``, with what their texts say.

    Parameters
    ----------
    db, table
        The table (one of `TEXTS`) whose texts are read; every text of `rows` is among them.
    rows
        The rows as an Ibis expression with the table's columns, a text blank where it is not revealed.
    reader
        What scores and remembers; by default one that forgets when this call is over.
    among
        The table's rows whose texts are read, where `rows` are asked for no others; a text that stands in none of
        them says nothing. By default all, with all versions.

    Returns
    -------
    Ibis expression
        The same rows with ``tone`` (int64, -10,000 to 10,000; null where there is no readable text) and a boolean
        per intent, ``says_cancel`` and so on. Where the row has a ``sentiment`` of the company's own, that is
        its tone, held to the same range.
    """
    import ibis

    texts, source = TEXTS[table], among if among is not None else db.tables.get(table)
    found = _scores(db, source, texts, reader or TextReader())
    names = {"text_key": "string", "read_tone": "int64"} | dict.fromkeys(SAYS, "boolean")
    scores = ibis.memtable(found, schema=ibis.schema(names))
    keyed = rows.mutate(text_key=_hash(rows[texts]))
    joined = keyed.left_join(scores, "text_key").drop("text_key_right")
    own = joined.sentiment.clip(lower=-SCALE, upper=SCALE)
    says = {name: joined[name].fill_null(False) for name in SAYS}
    return joined.mutate(tone=own.coalesce(joined.read_tone), **says).drop("text_key", "read_tone")


def _scores(db: Database, source: Any | None, name: str, reader: TextReader) -> pd.DataFrame:
    """A row per distinct text of `source` that says anything: its hash, its tone, its intents."""
    parts = [_read(pd.DataFrame({"text_key": [], "text": []}), reader)]
    if source is not None:
        column = source[name]
        texts = source.filter(column.notnull()).select(text_key=_hash(column), text=column).distinct()
        distinct = int(db.run(texts.aggregate(n=texts.count()))["n"].iloc[0])
        for first, last in _ranges(distinct):
            of_part = texts if first is None else texts.filter(texts.text_key >= first)
            of_part = of_part if last is None else of_part.filter(of_part.text_key < last)
            parts.append(_read(db.run(of_part), reader))
    return pd.concat(parts, ignore_index=True)


def _read(texts: pd.DataFrame, reader: TextReader) -> pd.DataFrame:
    scores = reader.read(texts["text"].tolist())
    says = {f"says_{intent}": [getattr(score, intent) for score in scores] for intent in INTENTS}
    tones = pd.array([score.sentiment for score in scores], dtype="Int64")
    read = pd.DataFrame({"text_key": texts["text_key"].tolist(), "read_tone": tones, **says})
    # of two texts with one hash the first stays, so that no row is ever doubled
    return read[read["read_tone"].notna()].drop_duplicates("text_key")


def _ranges(distinct: int) -> list[tuple[str | None, str | None]]:
    """Bounds on the hash that part the texts evenly: any engine filters by them, not every one has a cursor."""
    parts = max(1, -(-distinct // AT_ONCE))
    bounds = [None, *(f"{i * 16**8 // parts:08x}" for i in range(1, parts)), None]
    return list(pairwise(bounds))


def _hash(text: Any) -> Any:
    """The MD5 of a text as hexadecimal digits, which DuckDB, PostgreSQL and Spark each call ``md5``."""
    import ibis

    md5 = ibis.udf.scalar.builtin(lambda text: text, name="md5", signature=(("string",), "string"))
    return md5(text)
