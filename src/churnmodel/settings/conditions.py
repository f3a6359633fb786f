"""What can a rule of the settings ask? (a small language: ``overdue_oldest_days > 60 and segment = 'enterprise'``)

::

    condition  = all { "or" all }            all = one { "and" one }
    one        = "not" one | "(" condition ")" | name test
    test       = ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value | "is" ( "known" | "unknown" )
    value      = a number, or text in quotes, which is only asked for by "=" and "!="

``and`` binds before ``or``. What a name is, who asks knows: here it is only a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

NUMBERS, EITHER = ("<", "<=", ">", ">="), ("=", "!=")
WORDS = ("and", "or", "not", "is", "known", "unknown")
LONGEST, DEEPEST = 500, 20
_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[^\W\d]\w*)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<sign><=|>=|!=|=|<|>|\(|\)))"
)


@dataclass(frozen=True)
class Compared:
    """A name beside a value; unknown where the name has none."""

    name: str
    sign: str
    value: float | str


@dataclass(frozen=True)
class Known:
    """Whether a name has a value at all."""

    name: str
    known: bool


@dataclass(frozen=True)
class Not:
    """The opposite; unknown stays unknown."""

    of: Condition


@dataclass(frozen=True)
class AllOf:
    """Every one of them."""

    of: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of them."""

    of: tuple[Condition, ...]


Condition: TypeAlias = Compared | Known | Not | AllOf | AnyOf


def names_in(condition: Condition) -> tuple[str, ...]:
    """The names it asks about, each once, in order.

    >>> names_in(read_condition("a > 1 and (b = 'x' or not a is unknown)"))
    ('a', 'b')
    """
    match condition:
        case Compared() | Known():
            return (condition.name,)
        case Not():
            return names_in(condition.of)
        case AllOf() | AnyOf():
            return tuple(dict.fromkeys(name for part in condition.of for name in names_in(part)))


def read_condition(text: str) -> Condition:
    """The condition a text says.

    Raises
    ------
    ValueError
        It says none; tells what was wanted, and where.

    >>> read_condition("champion_lost = 1")
    Compared(name='champion_lost', sign='=', value=1.0)
    >>> read_condition("seats > and mrr < 5")
    Traceback (most recent call last):
    ValueError: wanted a number or text in quotes after 'seats >', got 'and'
    """
    if len(text) > LONGEST:
        raise ValueError(f"wanted a condition of at most {LONGEST} characters, got {len(text)}; make it two rules")
    reader = _Reader(text)
    condition = reader.any_of(0)
    if reader.kind != "end":
        raise reader.wanted("'and', 'or' or the end")
    return condition


class _Reader:
    """One token after the other, with the place in the text for what must be said of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kind, self.token = "", ""
        self.start = self.end = 0
        self.next()

    def next(self) -> None:
        self.start = self.end
        rest = self.text[self.end :]
        found = _TOKEN.match(rest)
        if found is None:
            word = rest.split()
            self.kind, self.token = ("odd", word[0]) if word else ("end", "the end")
            return
        self.kind, self.token = str(found.lastgroup), found.group(str(found.lastgroup))
        self.end += found.end()

    def wanted(self, what: str) -> ValueError:
        before = self.text[: self.start].strip()
        after = f" after {before!r}" if before else ""
        got = self.token if self.kind == "end" else repr(self.token)
        return ValueError(f"wanted {what}{after}, got {got}")

    def takes(self, token: str) -> bool:
        if self.kind in ("word", "sign") and self.token == token:
            self.next()
            return True
        return False

    def any_of(self, depth: int) -> Condition:
        parts = [self.all_of(depth)]
        while self.takes("or"):
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all_of(self, depth: int) -> Condition:
        parts = [self.one(depth)]
        while self.takes("and"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def one(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise ValueError(f"wanted at most {DEEPEST} brackets and 'not' within each other")
        if self.takes("not"):
            return Not(self.one(depth + 1))
        if self.takes("("):
            inner = self.any_of(depth + 1)
            if not self.takes(")"):
                raise self.wanted("'and', 'or' or ')'")
            return inner
        if self.kind != "word" or self.token in WORDS:
            raise self.wanted("the name of a feature or fact, 'not' or '('")
        name = self.token
        self.next()
        return self.test(name)

    def test(self, name: str) -> Condition:
        if self.takes("is"):
            for word, known in (("known", True), ("unknown", False)):
                if self.takes(word):
                    return Known(name, known)
            raise self.wanted("'known' or 'unknown'")
        sign = self.token
        if self.kind != "sign" or sign not in (*NUMBERS, *EITHER):
            raise self.wanted(f"one of {' '.join((*EITHER, *NUMBERS))} or 'is'")
        self.next()
        if self.kind == "number":
            value: float | str = float(self.token)
        elif self.kind == "text":
            value = self.token[1:-1]
            if sign in NUMBERS:
                raise self.wanted(f"a number ({sign} compares numbers)")
        else:
            raise self.wanted("a number or text in quotes")
        self.next()
        return Compared(name, sign, value)
