"""What did the published scores say of accounts on a day? (each table read once; none made in hindsight)"""

from __future__ import annotations

from datetime import date

import pandas as pd

from churnmodel.scoring.score_table import published, read_scores
from churnmodel.workflow.changed import preferred_version
from churnmodel.workflow.learned_until import learned_until
from churnmodel.workflow.project import Project

DAY = pd.Timedelta(days=1)


class ScoresAt:
    """Published scores by the day they are asked for.

    A table by a model that had learned from outcomes after its day is left out: its risk knows what it foretells.

    Parameters
    ----------
    until
        No later day is read.

    Attributes
    ----------
    days
        With scores that may be used, earliest first.
    in_hindsight
        How many days were scored in hindsight alone.
    """

    def __init__(self, project: Project, until: pd.Timestamp) -> None:
        self.project = project
        tables = [(day, version) for day, version in published(project.home / "scores") if day <= until.date()]
        learned = {version: learned_until(project, version) for version in {version for _, version in tables}}
        self._versions: dict[pd.Timestamp, list[str]] = {}
        for day, version in tables:
            last: date | None = learned[version]
            if last is None or day >= last:
                self._versions.setdefault(pd.Timestamp(day), []).append(version)
        self.days = pd.DatetimeIndex(sorted(self._versions))
        self.in_hindsight = len({day for day, _ in tables}) - len(self.days)
        self._read: dict[pd.Timestamp, pd.DataFrame] = {}

    def of_day(self, day: pd.Timestamp) -> pd.DataFrame:
        """risk, band and status by account_id; where several models scored it, by the one that was in use last."""
        if day not in self._read:
            version = preferred_version(self.project, self._versions[day], "")
            table = read_scores(self.project.home / "scores", day.date(), version)
            self._read[day] = table.scores.droplevel("as_of").reindex(columns=["risk", "band", "status"])
        return self._read[day]

    def at(self, looks: pd.MultiIndex, after: int, within: int) -> pd.DataFrame:
        """Of the last table in ``(day + after - within, day + after]`` of each look: risk, band, status (missing
        where the account is not in it), scored (whether there is such a table)."""
        found = pd.DataFrame({"risk": float("nan"), "band": None, "status": None, "scored": False}, index=looks)
        found = found.astype({"band": "object", "status": "object"})
        wanted = pd.DatetimeIndex(looks.get_level_values("as_of")) + after * DAY
        place = self.days.searchsorted(wanted, side="right") - 1
        for at in sorted(set(place[place >= 0])):
            near = (place == at) & (self.days[at] > wanted - within * DAY)
            if near.any():
                rows = self.of_day(self.days[at]).reindex(looks[near].get_level_values("account_id"))
                found.loc[near, rows.columns] = rows.to_numpy()
                found.loc[near, "scored"] = True
        return found.astype({"risk": "float64"})

    def book_risk(self) -> float:
        """The mean risk in the latest table."""
        return float(self.of_day(self.days[-1])["risk"].mean()) if len(self.days) else float("nan")
