"""What do the features of the book look like, day by day? (builds what is missing, and keeps each day as Parquet)

A day that was built stays as it is: what was known then does not change. So a further ``as_of`` costs that day
alone, and the kept days are what a full build would give, bit for bit, as long as rows that come late say so in
``known_at``. `moved_days` asks whether they did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.same_bits import differs
from churnmodel.scoring.atomic import unfinished_folder
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import SNAPSHOT
from churnmodel.version import VERSION
from churnmodel.workflow.project import Progress, Project, silent

MADE_BY = b"churnmodel"
"""Under this key a file says by which definitions its features were made."""


@dataclass(frozen=True)
class Built:
    """Feature matrices of the book.

    Parameters
    ----------
    X
        The features of all days asked for, indexed by snapshot.
    places
        The Parquet file of each day, in order.
    anew
        The days that were built now; the others had been built before.
    """

    X: pd.DataFrame
    places: tuple[Path, ...]
    anew: tuple[pd.Timestamp, ...]


def build_features(
    project: Project,
    as_ofs: Sequence[pd.Timestamp] | None = None,
    *,
    rebuild: bool = False,
    progress: Progress = silent,
) -> Built:
    """The feature matrix of the book at `as_ofs` (by default data_until), each day kept in a file of its own.

    A day kept before, made by the same definitions, is read; with `rebuild` it is built again.
    """
    days = [pd.Timestamp(a).normalize() for a in as_ofs or [project.db.until]]
    made_by = definitions(project)
    places = [place_of(project, day) for day in days]
    anew = [d for d, place in zip(days, places, strict=True) if rebuild or _made_by(place) != made_by]
    if anew:
        X = _build(project, anew, progress)
        for day in anew:
            _keep(X[X.index.get_level_values("as_of") == day], place_of(project, day), made_by)
    whole = pd.concat([_read(place) for place in places])
    return Built(whole, tuple(places), tuple(anew))


@dataclass(frozen=True)
class Moved:
    """Kept days beside the same days built today.

    Parameters
    ----------
    rows
        One row per day and feature that is not the same to the last bit. Columns: as_of, feature, accounts (how
        many of the day's accounts have other bits), of (how many there are).
    compared, others
        The days that were built again; the kept days made by other definitions, which cannot be compared.
    """

    rows: pd.DataFrame
    compared: tuple[pd.Timestamp, ...]
    others: tuple[pd.Timestamp, ...]


def moved_days(project: Project, *, progress: Progress = silent) -> Moved:
    """Where the past looks otherwise today than when it was kept.

    Rows that were back-dated without a known_at move the past; so do rows that were deleted.
    """
    made_by = definitions(project)
    kept = {_day_of(p): p for p in sorted((project.home / "features").glob("as_of=*.parquet"))}
    days = [day for day, place in kept.items() if _made_by(place) == made_by]
    rows = []
    if days:
        now = _build(project, days, progress)
        for day in days:
            then, today = _read(kept[day]), now[now.index.get_level_values("as_of") == day]
            both = then.index.union(today.index)
            then, today = then.reindex(both), today.reindex(both)
            for name in then:
                other = int(differs(then[name], today[name]).sum())
                if other:
                    rows.append((day, name, other, len(both)))
    return Moved(
        pd.DataFrame(rows, columns=["as_of", "feature", "accounts", "of"]),
        tuple(days),
        tuple(day for day in kept if day not in days),
    )


def place_of(project: Project, day: pd.Timestamp) -> Path:
    """The file of one day's features."""
    return project.home / "features" / f"as_of={day.date()}.parquet"


def definitions(project: Project) -> str:
    """A fingerprint of all that decides what a feature is: the catalog, the settings, a file of one's own."""
    settings = project.settings
    own = settings.features.own
    told = {
        "features": [(f.to_json(), repr(f.measure)) for f in project.features],
        "own": (settings.base / own).read_text(encoding="utf-8") if own else None,
        "tables": {name: t.model_dump(mode="json") for name, t in settings.tables.items()},
        "rules": [settings.labels.model_dump(mode="json"), settings.snapshots.model_dump(mode="json")],
        "project": [settings.project.timezone, settings.project.currency],
        "version": VERSION,
        "texts": project.reader.scorer.version,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _day_of(place: Path) -> pd.Timestamp:
    return pd.Timestamp(place.stem.removeprefix("as_of="))


def _build(project: Project, days: Sequence[pd.Timestamp], progress: Progress) -> pd.DataFrame:
    rules = project.settings.labels
    book = build_book(
        project.db,
        days,
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=rules.grace_days,
        pause_days=rules.pause_days,
    )
    return build_feature_matrix(project.db, book, project.features, reader=project.reader, progress=progress)


def _keep(X: pd.DataFrame, place: Path, made_by: str) -> None:
    table = pa.Table.from_pandas(X.reset_index(), preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), MADE_BY: made_by.encode()})
    with unfinished_folder(beside=place) as unfinished:
        pq.write_table(table, unfinished / place.name)
        (unfinished / place.name).replace(place)


def _made_by(place: Path) -> str | None:
    if not place.is_file():
        return None
    return ((pq.read_schema(place).metadata or {}).get(MADE_BY) or b"").decode()


def _read(place: Path) -> pd.DataFrame:
    X = pd.read_parquet(place)
    for name in X.columns.difference(SNAPSHOT):
        if X[name].dtype != "float64":  # a category: text or None, as the builder gives it
            X[name] = X[name].astype("object").where(X[name].notna(), None)
    X["as_of"] = X["as_of"].astype("datetime64[us]")
    return X.set_index(SNAPSHOT)
