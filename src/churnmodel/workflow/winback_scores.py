"""What did the published scores say of accounts before they left? (read as published, never recomputed)"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.bands import GREEN, ORANGE, RED
from churnmodel.scoring.score_table import published
from churnmodel.settings.winback import WinbackSettings
from churnmodel.success.play_choice import RENEWAL
from churnmodel.success.seen_coming import LOOKS, bands_before, last_scores, top_drivers
from churnmodel.workflow.changed import preferred_version
from churnmodel.workflow.health_driver import SCORECARD_SPEAKS, has_no_champion
from churnmodel.workflow.learned_until import learned_until
from churnmodel.workflow.project import Project

BANDS = (RED, ORANGE, GREEN)
BEFORE_THE_CHAMPION = "They are the scorecard's, weights set by hand: the champion has scored nothing yet."
DRIVERS = ("account_id", "as_of", "rank", "family", "concept", "points", "sentence")


@dataclass(frozen=True)
class ScoresBefore:
    """The days that were scored, and what they said of each departure.

    Parameters
    ----------
    days
        Every scored day up to the day of looking, earliest first.
    frame
        Indexed as the departures: last_scores, top_drivers and bands_before of `churnmodel.success.seen_coming`.
    book
        By day: accounts (with a band), red, orange, green, of the whole book.
    instead
        Why these are not a champion's scores, in a sentence; empty where they are.
    """

    days: tuple[date, ...]
    frame: pd.DataFrame = field(repr=False)
    book: pd.DataFrame = field(repr=False)
    instead: str = ""

    def share(self, band: str, since: pd.Timestamp) -> float:
        """Which share of the book was in a band on the scored days since then; NaN where there are none."""
        rows = self.book[self.book.index >= since]
        accounts = float(rows["accounts"].sum())
        return float(rows[band].sum()) / accounts if accounts else float("nan")


def scores_before(
    project: Project, left: pd.DataFrame, as_of: pd.Timestamp, rules: WinbackSettings
) -> ScoresBefore:
    """What was published before each departure of `left` (account_id, began_at, left_at).

    Where several models scored a day: the one that was in use last. Without a champion: the scorecard's scores.

    Raises
    ------
    ScoreError
        A table cannot be read.
    """
    folder, instead = project.home / "scores", ""
    if not published(folder):
        folder = project.home / "health" / "scores"
        instead = SCORECARD_SPEAKS if has_no_champion(project) else BEFORE_THE_CHAMPION
    by_day: dict[date, list[str]] = {}
    for day, version in published(folder):
        if day <= as_of.date():
            by_day.setdefault(day, []).append(version)
    chosen = {day: preferred_version(project, versions, "") for day, versions in by_day.items()}
    last_day = left["left_at"].max()
    useful = {day: version for day, version in chosen.items() if pd.Timestamp(day) < last_day}
    learned = {version: learned_until(project, version) for version in set(useful.values())}
    wanted = set(left["account_id"])
    parts, book = [], {}
    for day, version in useful.items():
        rows = _columns(folder, day, version, "scores", ("account_id", "as_of", "risk", "band", "status"))
        bands = rows["band"].value_counts()
        of_band = {band: int(bands.get(band, 0)) for band in BANDS}
        book[pd.Timestamp(day)] = {"accounts": int(bands.sum()), **of_band}
        rows = rows[rows["account_id"].isin(wanted)]
        until = learned[version]
        parts.append(rows.assign(version=version, hindsight=until is not None and day < until))
    none = [pd.DataFrame(columns=list(LOOKS))]
    looks = pd.concat([part for part in parts if len(part)] or none, ignore_index=True)
    looks = looks.astype({"risk": "float64", "as_of": "datetime64[us]", "hindsight": "bool"})
    last = last_scores(left, looks)
    drivers = []
    for (scored_on, by), rows in last[last["scored_on"].notna()].groupby(["scored_on", "version"]):
        day = pd.Timestamp(str(scored_on)).date()
        own = _columns(folder, day, str(by), "drivers", (*DRIVERS, "direction", "code"))
        own = own[own["account_id"].isin(left.loc[rows.index, "account_id"])]
        own = own[(own["direction"] == "raises") & (own["code"] != RENEWAL)]
        drivers.append(own[list(DRIVERS)].assign(version=str(by)))
    whole = pd.concat([part for part in drivers if len(part)] or [pd.DataFrame(columns=[*DRIVERS, "version"])])
    whole = whole.astype({"as_of": "datetime64[us]"})
    found = last.join(top_drivers(last, left, whole)).join(bands_before(left, looks, rules.look_back_days))
    found = found.rename(columns={"risk": "last_risk", "band": "last_band", "hindsight": "in_hindsight"})
    found["in_hindsight"] = found["in_hindsight"].fillna(False).astype(bool)
    counted = pd.DataFrame.from_dict(book, orient="index", columns=["accounts", *BANDS])
    counted = counted.set_axis(pd.DatetimeIndex(counted.index))
    return ScoresBefore(tuple(sorted(by_day)), found, counted, instead if by_day else "")


def _columns(folder: Path, day: date, version: str, table: str, names: tuple[str, ...]) -> pd.DataFrame:
    place = folder / f"as_of={day.isoformat()}" / version / f"{table}.parquet"
    import pyarrow.parquet as pq

    try:
        there = set(pq.read_schema(place).names)
        found = pd.read_parquet(place, columns=[name for name in names if name in there])
    except (OSError, ValueError) as cause:
        raise ScoreError(f"scores: {place} cannot be read: {cause}. Restore it.") from cause
    return found.reindex(columns=list(names)).assign(account_id=lambda rows: rows["account_id"].astype(str))
