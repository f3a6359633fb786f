"""How is a sentence template read, and filled from one row?

Reads the grammar of `churnmodel.explanation.wording` into frozen values once, so that filling 50,000
sentences parses each template one time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from string import Formatter

from churnmodel.errors import FeatureError
from churnmodel.explanation.direction import Movement
from churnmodel.explanation.formats import Format, Value, known, print_date, print_value, read_format, shifted

AS_OF = "as_of"

_CLAUSE = re.compile(r"\[([^\[\]]*)\]")
_SHIFT = re.compile(r"(before|after) (\d+)")


@dataclass(frozen=True)
class Field:
    """One ``{name:format}``; `shift` is the days from as_of where `name` is ``as_of``."""

    name: str
    form: Format
    shift: int = 0


Piece = str | Field


@dataclass(frozen=True)
class Clause:
    """A run of text and fields. `optional` ones stood in brackets; the second wording follows ``|``."""

    this: tuple[Piece, ...]
    that: tuple[Piece, ...] = ()
    optional: bool = False

    def fields(self) -> Iterator[Field]:
        """Every field, of both wordings."""
        return (piece for piece in self.this + self.that if isinstance(piece, Field))


Template = tuple[Clause, ...]


@lru_cache(maxsize=4096)
def read_template(text: str) -> Template:
    """The template's clauses in order.

    Raises
    ------
    FeatureError
        Where brackets or braces do not match, or a format is not known.

    >>> [clause.optional for clause in read_template("{n_users:n user} active[ of {seats:n}]")]
    [False, True]
    """
    clauses: list[Clause] = []
    for i, part in enumerate(_CLAUSE.split(text)):
        if i % 2 == 0:
            if "[" in part or "]" in part:
                raise FeatureError(f"template {text!r}: brackets do not match, or nest; write [...] [...]")
            if part:
                clauses.append(Clause(_pieces(part, text)))
            continue
        this, _, that = part.partition("|")
        clauses.append(Clause(_pieces(this, text), _pieces(that, text), optional=True))
    return tuple(clauses)


def _pieces(part: str, template: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    try:
        for literal, name, spec, conversion in Formatter().parse(part):
            if literal:
                pieces.append(literal)
            if name is not None:
                if conversion or not name.isidentifier():
                    raise FeatureError(f"{{{name}}} is no field; write {{feature_name:format}}")
                pieces.append(_field(name, spec or ""))
    except (ValueError, FeatureError) as cause:
        raise FeatureError(f"template {template!r}: {cause}") from cause
    return tuple(pieces)


def _field(name: str, spec: str) -> Field:
    if name != AS_OF:
        return Field(name, read_format(spec))
    match = _SHIFT.fullmatch(spec)
    if match is None and spec != "date":
        raise FeatureError(f"format {spec!r} of as_of: wanted date, 'before DAYS' or 'after DAYS'")
    days = int(match[2]) * (-1 if match[1] == "before" else 1) if match else 0
    return Field(AS_OF, Format("text"), days)


def fill(
    template: Template,
    owner: str,
    row: Mapping[str, object],
    as_of: datetime,
    currency: str | None,
    unsaid: Movement | None = None,
) -> str | None:
    """The template with the row's values, or None where a value outside every clause is unknown.

    Parameters
    ----------
    owner
        The feature whose wording it is: what ``from`` compares with.
    unsaid
        The movement no clause may tell: one that would is left out whole.
    """
    said: list[str] = []
    for clause in template:
        pieces, words = clause.this, _say(clause.this, owner, row, as_of, currency)
        if words is None and clause.optional:
            pieces, words = clause.that, _say(clause.that, owner, row, as_of, currency) or []
        if words is None:
            return None
        if not (clause.optional and unsaid and _tells(unsaid, pieces, words)):
            said += words
    return "".join(said)


def _tells(movement: Movement, pieces: tuple[Piece, ...], words: list[str]) -> bool:
    """Whether one of the comparisons was printed with that movement; `words` is empty where nothing was said."""
    return any(
        isinstance(piece, Field) and piece.form.prefix == "from" and word.startswith(f"{movement} from ")
        for piece, word in zip(pieces, words, strict=False)
    )


def _say(
    pieces: tuple[Piece, ...], owner: str, row: Mapping[str, object], as_of: datetime, currency: str | None
) -> list[str] | None:
    """The words of each piece, or None where a value is unknown."""
    said: list[str] = []
    for piece in pieces:
        words: str | None
        if isinstance(piece, str):
            words = piece
        elif piece.name == AS_OF:
            words = shifted(as_of, piece.shift) if piece.shift else print_date(as_of)
        else:
            now: Value = known(row.get(piece.form.other or owner)) if piece.form.prefix == "from" else None
            words = print_value(piece.form, known(row.get(piece.name)), now, as_of, currency)
        if words is None:
            return None
        said.append(words)
    return said
