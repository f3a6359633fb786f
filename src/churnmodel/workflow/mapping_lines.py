"""Which line of churnmodel.toml is to be changed? (a mapping that failed, told with file and line)

TOML is read without its lines, so they are looked up in the text: the ``[tables.X]`` entry an error speaks of, and
in it the line of SQL the engine stopped at, or the word that was not found.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from churnmodel.errors import AuditError, ChurnmodelError, SourceError
from churnmodel.sources.printable import printable
from churnmodel.sources.schemas import CONTRACT

_HEADER = re.compile(r"^\s*\[+\s*([\w.\"' -]+?)\s*\]+\s*(#.*)?$")
_TEXT_ENDS = re.compile("\"{3}|'{3}")
_SQL = re.compile(r"^\s*sql\s*=\s*(\"\"\"|'''|\"|')(.*)$")


@dataclass(frozen=True)
class Entry:
    """One ``[tables.X]`` entry of a settings file.

    Parameters
    ----------
    table
        X.
    first
        The number of the line with its header, from 1.
    lines
        The header and all lines up to the next one.
    """

    table: str
    first: int
    lines: tuple[str, ...]

    def line_of_sql(self, nth: int) -> int | None:
        """The number of the `nth` line of the entry's SQL (None where it has none, or not so many)."""
        for place, line in enumerate(self.lines):
            if told := _SQL.match(line):
                # TOML drops a line break right after the opening quotes
                place += (nth - 1) if told[2] else nth
                return self.first + place if place < len(self.lines) else None
        return None

    def line_of_join_key(self) -> int | None:
        """The number of the line that says under a comment ``-- JOIN KEY`` what an account_id is."""
        marked = (place for place, line in enumerate(self.lines) if re.search(r"--\s*JOIN KEY\b", line))
        return next((self.first + place for place in marked), None)

    def line_of_word(self, *patterns: str) -> int | None:
        """The number of the first line under the header that has the first of the patterns that any has."""
        for pattern in patterns:
            for place, line in enumerate(self.lines[1:], 1):
                if re.search(pattern, re.sub(r"(^|\s)(#|--).*", "", line), re.IGNORECASE):
                    return self.first + place
        return None


def entries(text: str) -> dict[str, Entry]:
    """The ``[tables.X]`` entries of a settings file, by X.

    >>> entry = entries("[data]\\n[tables.notes]\\nsql = \\"SELECT 1\\"\\n")["notes"]
    >>> entry.first, entry.line_of_sql(1)
    (2, 3)
    """
    lines = text.splitlines()
    heads: list[tuple[int, str]] = []
    inside = False  # a text over several lines, in which a bracket opens no entry
    for number, line in enumerate(lines, 1):
        if not inside and (told := _HEADER.match(line)):
            heads.append((number, told[1]))
        inside ^= len(_TEXT_ENDS.findall(line)) % 2 == 1
    ends = [number for number, _ in heads[1:]] + [len(lines) + 1]
    found: dict[str, Entry] = {}
    for (first, name), end in zip(heads, ends, strict=True):
        parts = [part.strip().strip("\"'") for part in name.split(".")]
        if parts[0] == "tables" and len(parts) == 2:
            found[parts[1]] = Entry(parts[1], first, tuple(lines[first - 1 : end - 1]))
    return found


@contextmanager
def told_with_lines(config: Path | None) -> Iterator[None]:
    """Whatever is refused about a mapping inside says the line of `config` to change.

    Raises
    ------
    SourceError
        The same refusal, of the same kind, with ``churnmodel.toml line 41:`` before it where a line was found.
    """
    try:
        yield
    except SourceError as refusal:
        told = located(refusal, config) if config is not None else None
        if told is None:
            raise
        raise type(refusal)(told) from refusal


def located(refusal: SourceError, config: Path) -> str | None:
    """The refusal's text with the line of `config` it is about (None where no line is to be found)."""
    try:
        text = config.read_text(encoding="utf-8")
    except OSError:
        return None
    message, mapped = str(refusal), entries(text)
    entry = _entry(message, mapped)
    if entry is None:
        return None
    engine = _engine(refusal)
    line = (_line_by_engine(entry, engine) if engine else _line_by_message(entry, message)) or entry.first
    if not engine:
        told = f"{config.name} line {line}: {message}{_nearest(message)}"
        shown = isinstance(refusal, AuditError) and line != entry.first
        return f"{told} The line reads: {_said(entry, line)}" if shown else told
    has = re.search(r" \(has: .*?\)", message) if re.search(r"Table .* does not exist", engine) else None
    said = f"[tables.{entry.table}] sql: {_offer(engine)}{has[0] if has else ''}"
    return f"{config.name} line {line}: {said}. The line reads: {_said(entry, line)}"


def _entry(message: str, mapped: dict[str, Entry]) -> Entry | None:
    """The entry that a refusal speaks of: the one it names, else the one with the source it did not find."""
    named = re.search(r"^\[tables\.(\w+)\]", message) or re.search(r"^(\w+)(?:\.\w+)?: ", message)
    if named and (named[1] in CONTRACT or message.startswith("[")):
        return mapped.get(named[1])
    source = re.match(r"no table '(.+?)' in ", message)
    if not source:
        return None
    mention = rf"source\s*=\s*[\"']{re.escape(source[1])}[\"']"
    return next((entry for entry in mapped.values() if entry.line_of_word(mention)), None)


def _line_by_message(entry: Entry, message: str) -> int | None:
    if near := _near(message):
        return entry.line_of_word(rf"\bAS {re.escape(near)}\b", rf"\b{re.escape(near)}\b")
    if own := re.search(r"no column '(.+?)' for '", message):
        return entry.line_of_word(rf"[\"']{re.escape(own[1])}[\"']")
    if unknown := re.search(r"columns\.(\w+): the contract has", message):
        return entry.line_of_word(rf"\b{unknown[1]}\b")
    if source := re.match(r"no table '(.+?)' in ", message):
        return entry.line_of_word(rf"[\"']{re.escape(source[1])}[\"']")
    if re.match(r"\w+\.account_id: |\w+: the table is empty", message) and (key := entry.line_of_join_key()):
        return key
    if cell := re.match(r"\w+\.(\w+): ", message):
        return entry.line_of_word(rf"\bAS {cell[1]}\b", rf"\b{cell[1]}\s*=", rf"\b{cell[1]}\b")
    return None


def _near(message: str) -> str | None:
    """The column that is there, where a required one is missing and this one is called nearly the same."""
    told = re.search(r"no column '(\w+)' \(has: (.*?)\)", message)
    found = difflib.get_close_matches(told[1], told[2].split(", "), n=1, cutoff=0.8) if told else []
    return found[0] if found else None


def _nearest(message: str) -> str:
    near = _near(message)
    return f" Is {near!r} meant?" if near else ""


def _line_by_engine(entry: Entry, engine: str) -> int | None:
    if at := re.search(r"^LINE (\d+):", engine, re.MULTILINE):
        return entry.line_of_sql(int(at[1]))
    word = re.search(r"[\"'`](\w+)[\"'`]", engine)
    return entry.line_of_word(rf"\b{word[1]}\b") if word else None


def _engine(refusal: BaseException) -> str:
    """What the engine itself said, whole; empty where it was not asked."""
    cause = refusal.__cause__
    while isinstance(cause, ChurnmodelError):
        cause = cause.__cause__
    return str(cause).strip() if cause is not None else ""


def _offer(engine: str) -> str:
    """The engine's message and what it offers instead (candidates, a near name) in one line, without the SQL."""
    told = [line.strip().replace(": :", ":") for line in engine.split("\nLINE ")[0].splitlines() if line.strip()]
    comma = " (a comma missing at the end of the line before?)" if "syntax error at or near" in engine else ""
    return printable(" ".join(told)).rstrip(".") + comma


def _said(entry: Entry, line: int) -> str:
    return printable(entry.lines[line - entry.first].strip())
