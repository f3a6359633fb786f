"""What does a page show that a test can hold it to? (its fenced blocks, by the comment above them)

The conventions of README.md::

    <!-- tour -->            the python block below is run in a folder that holds var/demo
    <!-- tour prints -->     what it prints
    <!-- demo prints -->     what `churnmodel demo` prints on a terminal of 80 columns
    <!-- curl -->            a console block: lines "$ curl ...", each followed by the answer

``...`` in what is printed stands for anything, also for several lines.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ELLIPSIS = "..."
FENCE, COMMENT = re.compile(r"^ *```(\w*) *$"), re.compile(r"^ *<!-- *(.*?) *--> *$")
STRING_OR_SPACE = re.compile(r'"(?:\\.|[^"\\])*"|\s+')


@dataclass(frozen=True)
class Block:
    """A fenced block: the comment above it ("" if none), its language ("" if none), its text."""

    mark: str
    language: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A command of a console block, its continuation lines joined, and what is printed below it."""

    command: str
    answer: str


def blocks(page: str) -> list[Block]:
    """Every fenced block in order; blank lines may stand between a comment and its block."""
    found: list[Block] = []
    mark, language, lines = "", "", None
    for line in page.splitlines():
        fence = FENCE.match(line)
        if lines is not None:
            if fence:
                found.append(Block(mark, language, "\n".join(lines)))
                mark, lines = "", None
            else:
                lines.append(line)
        elif fence:
            language, lines = fence.group(1), []
        elif comment := COMMENT.match(line):
            mark = comment.group(1)
        elif line.strip():
            mark = ""
    assert lines is None, "a block is not closed"
    return found


def marked(page: str, mark: str) -> list[Block]:
    return [block for block in blocks(page) if block.mark == mark]


def asked(console: str) -> list[Asked]:
    """The commands of a console block."""
    found: list[Asked] = []
    unfinished = False
    for line in console.splitlines():
        if unfinished:
            whole = found[-1].command.removesuffix("\\").rstrip() + " " + line.strip()
            found[-1] = Asked(whole, "")
        elif line.startswith("$ "):
            found.append(Asked(line[2:].strip(), ""))
        elif found:
            found[-1] = Asked(found[-1].command, f"{found[-1].answer}{line}\n")
        unfinished = bool(found) and found[-1].command.endswith("\\") and not found[-1].answer
    return found


def prints_alike(printed: str, came: str) -> bool:
    """Whether a page says what came: spaces at line ends aside, and with ``...`` for anything.

    >>> prints_alike("risk ...\\nend", "risk 0.1\\nof 9\\nend  \\n"), prints_alike("risk ...", "a risk of 1")
    (True, False)
    """
    wanted, got = (re.sub(r"[ \t]+$", "", text.strip(), flags=re.MULTILINE) for text in (printed, came))
    return _fits(wanted, got)


def answers_alike(printed: str, came: str) -> bool:
    """Whether a page says the JSON that came: number by number, however it is indented; ``...`` for anything.

    >>> answers_alike('{"risk": 0.25,\\n "b": 1}', '{"risk":0.25,"b":1}'), answers_alike("[0.25]", "[0.250001]")
    (True, False)
    >>> answers_alike('{"a": {...}, "b": "x..."}', '{"a": {"c": 1}, "b": "xyz"}')
    True
    """
    if ELLIPSIS not in printed:
        return bool(json.loads(printed) == json.loads(came))
    compact = json.dumps(json.loads(came), ensure_ascii=False, separators=(",", ":"))
    return _fits(STRING_OR_SPACE.sub(lambda m: m[0] if m[0].startswith('"') else "", printed.strip()), compact)


def _fits(wanted: str, got: str) -> bool:
    assert wanted.replace(ELLIPSIS, "").strip(), "nothing is printed but an ellipsis"
    return re.fullmatch(".*?".join(map(re.escape, wanted.split(ELLIPSIS))), got, re.DOTALL) is not None


def links(page: str) -> set[str]:
    """Every relative link outside blocks, without its anchor."""
    return set(re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", _prose(page)))


def paths(page: str) -> set[str]:
    """What is written as a path of the repository: in backticks, or in a map with a slash at its end.

    Left out is what a user has and the repository does not: ``.venv/``, ``var/``, URLs, ``<...>`` and ``NAME/``.
    """
    quoted = {word for code in re.findall(r"`([^`\n]+)`", _prose(page)) for word in code.split() if "/" in word}
    drawn = {
        word
        for block in blocks(page)
        if block.language == ""
        for word in re.findall(r"(?<![\w./-])([\w.-]+/[\w./-]*)(?=\s|$)", block.text)
    }
    ours = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
    foreign = re.compile(r"(\.venv|var)(/|$)|.*\.{2}|[A-Z_]+/")
    return {word for word in quoted | drawn if ours.fullmatch(word) and not foreign.match(word)}


def exists(root: Path, path: str) -> bool:
    """Whether it lies there; a map speaks of rooms by their last name, wherever they are below src or tests."""
    rooms = (root / tree for tree in ("src", "tests"))
    return (root / path).exists() or any(True for room in rooms for _ in room.rglob(path.rstrip("/")))


def acts(page: str, program: str) -> list[list[str]]:
    """The arguments of each ``$ program ...`` line of a console block."""
    lines = [a.command for b in blocks(page) if b.language == "console" for a in asked(b.text)]
    words = [shlex.split(line, comments=True) for line in lines]
    return [w[1:] for w in words if w and Path(w[0]).name == program]


def _prose(page: str) -> str:
    for block in blocks(page):
        page = page.replace(block.text, "") if block.text else page
    return page
