"""How are sets kept as bits put together? (the one aggregate that Ibis does not know in every engine)"""

from __future__ import annotations

from typing import Any


def union_of(words: Any, where: Any = None) -> Any:
    """The bits that any of the `words` has, as an Ibis aggregate over integers; missing where there is no row."""
    import ibis

    # each engine has it under this name; Ibis's own bit_or lacks Spark
    bit_or = ibis.udf.agg.builtin(_bit_or, name="bit_or", signature=(("int64",), "int64"))
    return bit_or(words) if where is None else bit_or(words, where=where)


def _bit_or(word: Any) -> Any: ...
