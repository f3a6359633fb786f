"""How is something written down so that it can only grow? (one JSON line per entry, each entry once)

A writer holds the folder, reads what is there, appends what is new and flushes it to the disk. Half a line that a
killed writer left is no entry: readers leave it out, and the next writer begins a line of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from churnmodel.errors import ScoreError
from churnmodel.scoring.atomic import only_writer

Entry = Mapping[str, Any]


def read_lines(place: Path) -> list[dict[str, Any]]:
    """All entries, oldest first; none where the file is not there.

    Raises
    ------
    ScoreError
        It cannot be read.
    """
    try:
        whole = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as cause:
        raise ScoreError(f"{place} cannot be read: {cause}. Restore it, or move it away.") from cause
    return [entry for line in whole.split("\n") if (entry := _entry(line)) is not None]


def append_lines(place: Path, entries: Iterable[Entry], key: Sequence[str]) -> int:
    """Append the entries whose `key` fields are not there yet; how many those were.

    Raises
    ------
    ScoreError
        The disk refuses; what was there is untouched, or has whole entries more.
    """
    try:
        with only_writer(place.parent):
            known = {_key(entry, key) for entry in read_lines(place)}
            new = []
            for entry in entries:
                if (own := _key(entry, key)) not in known:
                    known.add(own)
                    # ASCII, so that half a line never ends in half a character
                    new.append(json.dumps(dict(entry), sort_keys=True, allow_nan=False))
            if new:
                _append(place, "".join(f"{line}\n" for line in new))
    except OSError as cause:
        raise ScoreError(f"cannot write {place}: {cause.strerror}. Free the disk, and run it again.") from cause
    return len(new)


def _append(place: Path, text: str) -> None:
    with place.open("ab+") as stream:
        size = stream.seek(0, os.SEEK_END)
        if size:
            stream.seek(size - 1)
            text = text if stream.read(1) == b"\n" else f"\n{text}"
        stream.write(text.encode("utf-8"))
        stream.flush()
        os.fsync(stream.fileno())


def _entry(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _key(entry: Entry, key: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(entry.get(name)) for name in key)
