"""Where do scores lie, so that a reader sees the whole old table or the whole new one?

``<folder>/as_of=2026-03-01/<version>/`` holds `scores`, `drivers` and `features` as Parquet with their
sha256 in `sums.json`. A published folder never changes again. `latest.json` points to the newest and is
replaced in one step, so a writer may be killed at any moment.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.atomic import only_writer, publish_folder, replace_json, unfinished_folder

TABLES = ("scores", "drivers", "features")
SUMS, LATEST = "sums.json", "latest.json"


@dataclass(frozen=True)
class ScoreTable:
    """One published table: each frame is indexed by snapshot."""

    as_of: date
    version: str
    scores: pd.DataFrame
    drivers: pd.DataFrame
    X: pd.DataFrame


def publish(
    folder: Path, scores: pd.DataFrame, drivers: pd.DataFrame, X: pd.DataFrame, as_of: date, version: str
) -> Path:
    """Publish one table and point to it; return its folder.

    A table of the same `as_of` and `version` that is there already stays as it is: history is never
    recomputed. The pointer never goes back to an earlier `as_of`, so filling in the past does not hide the
    present.

    Raises
    ------
    ScoreError
        Where a frame is not indexed by snapshots at `as_of`, or the disk refuses; what was published before
        is untouched.
    """
    day = pd.Timestamp(as_of)
    if not re.fullmatch("[0-9a-f]{12}", version):
        raise ScoreError(f"scores: wanted a version of 12 hex digits, got {version!r}. Take Scorer.version.")
    for name, frame in zip(TABLES, (scores, drivers, X), strict=True):
        _refuse_foreign_rows(name, frame, day)
    place = folder / f"as_of={day.date().isoformat()}" / version
    try:
        with only_writer(folder):
            if not place.exists():
                _write(place, folder, dict(zip(TABLES, (scores, drivers, X), strict=True)))
            latest = _pointer(folder)
            if latest is None or latest[0] <= day.date():
                replace_json(folder / LATEST, {"as_of": day.date().isoformat(), "version": version})
    except OSError as cause:
        raise ScoreError(f"scores: cannot publish {place}: {cause.strerror}. Nothing was changed.") from cause
    return place


def read_latest(folder: Path) -> ScoreTable:
    """The table `latest.json` points to.

    Raises
    ------
    ScoreError
        Where nothing was published yet, or a file is not what was published.
    """
    latest = _pointer(folder)
    if latest is None:
        raise ScoreError(f"scores: nothing was published in {folder} yet. Run `churnmodel score`.")
    return _read(folder, *latest)


def read_scores(folder: Path, as_of: date, version: str | None = None) -> ScoreTable:
    """The table of `as_of`: by `version`, or the one the pointer names, or the only one there is.

    Raises
    ------
    ScoreError
        Where there is none, or several and no version was named.
    """
    day = pd.Timestamp(as_of).date()
    versions = sorted(path.parent.name for path in folder.glob(f"as_of={day.isoformat()}/*/{SUMS}"))
    latest = _pointer(folder)
    if version is None and latest is not None and latest[0] == day:
        version = latest[1]
    if version is None and len(versions) == 1:
        version = versions[0]
    if version not in versions:
        asked = f"version {version} at" if version else "one version of"
        raise ScoreError(f"scores: wanted {asked} {day}, there are {versions or 'none'} in {folder}.")
    return _read(folder, day, version)


def published(folder: Path) -> tuple[tuple[date, str], ...]:
    """The (as_of, version) of every published table, the earliest first."""
    places = [path.parent for path in folder.glob(f"as_of=*/*/{SUMS}")]
    return tuple(sorted((date.fromisoformat(p.parent.name.removeprefix("as_of=")), p.name) for p in places))


def _write(place: Path, folder: Path, frames: dict[str, pd.DataFrame]) -> None:
    place.parent.mkdir(exist_ok=True)
    with unfinished_folder(beside=folder / "any") as unfinished:
        sums = {}
        for name, frame in frames.items():
            content = io.BytesIO()
            frame.reset_index().to_parquet(content, index=False, compression="zstd")
            (unfinished / f"{name}.parquet").write_bytes(content.getvalue())
            sums[f"{name}.parquet"] = hashlib.sha256(content.getvalue()).hexdigest()
        (unfinished / SUMS).write_text(json.dumps(sums, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        publish_folder(unfinished, place)


def _read(folder: Path, day: date, version: str) -> ScoreTable:
    place = folder / f"as_of={day.isoformat()}" / version
    frames = {}
    try:
        sums = json.loads((place / SUMS).read_text(encoding="utf-8"))
        for name in TABLES:
            content = (place / f"{name}.parquet").read_bytes()
            if hashlib.sha256(content).hexdigest() != sums[f"{name}.parquet"]:
                raise ScoreError(f"scores: {place / name}.parquet changed after it was published. Restore it.")
            frames[name] = pd.read_parquet(io.BytesIO(content)).set_index(["account_id", "as_of"])
    except (OSError, ValueError, KeyError) as cause:
        raise ScoreError(f"scores: {place} cannot be read: {cause}. Run `churnmodel score` again.") from cause
    return ScoreTable(day, version, frames["scores"], frames["drivers"], frames["features"])


def _pointer(folder: Path) -> tuple[date, str] | None:
    try:
        found = json.loads((folder / LATEST).read_text(encoding="utf-8"))
        day, version = date.fromisoformat(found["as_of"]), str(found["version"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise ScoreError(f"scores: {folder / LATEST} cannot be read. Remove it and score again.") from cause
    if not re.fullmatch("[0-9a-f]{12}", version):
        raise ScoreError(f"scores: {folder / LATEST} names {version!r}. Remove it and score again.")
    return day, version


def _refuse_foreign_rows(name: str, frame: pd.DataFrame, day: pd.Timestamp) -> None:
    if list(frame.index.names) != ["account_id", "as_of"]:
        raise ScoreError(f"scores: {name} wants the index (account_id, as_of), has {list(frame.index.names)}.")
    if not (frame.index.get_level_values("as_of") == day).all():
        raise ScoreError(f"scores: {name} holds rows of another day than {day.date()}. Publish days apart.")
    if name != "drivers" and frame.index.has_duplicates:
        raise ScoreError(f"scores: {name} holds an account twice. Give each account one row.")
