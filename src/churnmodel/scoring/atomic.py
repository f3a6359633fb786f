"""How does a folder or a file appear on disk whole, or not at all?

Everything is written beside its place under a name that starts with ``.tmp-``, flushed to the disk, and then
renamed: a rename within one file system is all or nothing, also through ``kill -9`` and a power cut.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from churnmodel.scoring.json_text import json_text

UNFINISHED = ".tmp-"


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold `folder` (made if missing) for one writer at a time; what a killed writer left behind is swept.

    The hold is a kernel lock, so it ends with its process, however that ends. Readers need no hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{UNFINISHED}*"):  # nobody else can be writing: these are ruins
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
        yield


@contextmanager
def unfinished_folder(beside: Path) -> Iterator[Path]:
    """A new empty folder on the file system of `beside`, removed at the end unless it was renamed away."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=beside.parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish_folder(unfinished: Path, place: Path) -> bool:
    """Rename `unfinished` to `place`, its files flushed first. False where `place` is taken already."""
    for path in sorted(unfinished.iterdir()):
        _flush(path)
    _flush(unfinished)
    try:
        unfinished.rename(place)
    except OSError:
        if place.is_dir():
            return False
        raise
    _flush(place.parent)
    return True


def replace_json(place: Path, value: Mapping[str, Any]) -> None:
    """Make the file `place` hold `value` as JSON; a reader sees the old text or the new one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=place.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(json_text(value))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)
    _flush(place.parent)


def replace_text(place: Path, text: str) -> Path:
    """Make the file `place` hold `text`; a reader sees the old text or the new one."""
    with unfinished_folder(beside=place) as unfinished:
        (unfinished / place.name).write_text(text, encoding="utf-8")
        (unfinished / place.name).replace(place)
    return place


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
