"""What does every act of a project start from? (its settings, tables, features and places)"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from churnmodel.errors import SettingsError, SourceError
from churnmodel.explanation.wording import check_wording
from churnmodel.features.catalog import available, lacking, project_features
from churnmodel.features.feature import Feature
from churnmodel.features.flat import FlatColumns, flat_columns
from churnmodel.features.text_cache import TextReader
from churnmodel.models.spec import ModelSpec, read_model_specs
from churnmodel.settings import Settings, read_settings
from churnmodel.settings.flat import FlatSettings
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database
from churnmodel.sources.flat import FlatTable
from churnmodel.sources.moments import moment
from churnmodel.sources.schemas import FLAT
from churnmodel.workflow.mapping_lines import told_with_lines

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how many steps are done, how many there are)."""


def silent(step: str, done: int, total: int) -> None:
    """The progress of a notebook or a test: none."""


@dataclass(frozen=True)
class Project:
    """A settings file, and what follows from it.

    Parameters
    ----------
    settings
        What the file says.
    config
        Where the file is, so that a refused mapping can say the line to change (None: settings made in code).
    tables
        An open database to be used in the place of the one the settings describe: frames of a notebook.
    """

    settings: Settings
    config: Path | None = None
    tables: Database | None = field(default=None, repr=False)

    @classmethod
    def open(cls, config: Path | str, *, data: Path | None = None, horizon_days: int | None = None) -> Project:
        """The project of a churnmodel.toml, with command-line options put over it (SettingsError)."""
        project = cls(read_settings(Path(config), data=data, horizon_days=horizon_days), Path(config))
        if horizon_days is not None and project.is_flat:
            raise SettingsError(
                "--horizon: the outcomes of a flat table are ready made. Say within how many days they count as "
                "[flat] horizon_days."
            )
        return project

    def on(self, day: pd.Timestamp) -> Project:
        """The same project on an earlier day, which is then the last its tables are complete for.

        What is read or told of that day is so as it was known before it; home, scores and state are the same.
        """
        about = self.settings.project.model_copy(update={"data_until": day.to_pydatetime()})
        return replace(self, settings=self.settings.model_copy(update={"project": about}))

    @property
    def home(self) -> Path:
        """Where churnmodel writes for this project."""
        return self.settings.home

    @property
    def is_flat(self) -> bool:
        """Whether one ready table stands instead of the tables a company works with (SettingsError if half so)."""
        if FLAT.table in self.settings.tables:
            return True
        if self.settings.flat != FlatSettings():
            raise SettingsError("[flat] describes a flat table, and no [tables.flat] says where it is. Add it.")
        return False

    @property
    def until(self) -> pd.Timestamp:
        """Everything that happened before this moment is in the tables."""
        return moment(self.settings.project.data_until)

    @property
    def window(self) -> LabelWindow:
        """Where an outcome counts, if it is made from tables (that of a flat table is ready made)."""
        labels = self.settings.labels
        return LabelWindow(labels.lead_days, labels.horizon_days, labels.grace_days, labels.pause_days)

    @cached_property
    def db(self) -> Database:
        """The tables; opened once (SourceError says the line of the settings to change)."""
        if self.is_flat:
            raise SourceError(
                "this act looks at tables as they were at earlier moments, which a flat table cannot tell. "
                "check, train, compare, promote, reproduce, score, explain and serve go without."
            )
        if self.tables is not None:
            return replace(self.tables, until=min(self.until, self.tables.until))
        with self.telling_lines():
            return Database.from_settings(self.settings)

    @cached_property
    def flat(self) -> FlatTable:
        """The flat table; opened once (SourceError as `db`)."""
        with self.telling_lines():
            return FlatTable.from_settings(self.settings)

    @cached_property
    def flat_columns(self) -> FlatColumns:
        """What is learned from of the flat table, and what is left out."""
        flat = self.settings.flat
        return flat_columns(self.flat, flat.leave_out, flat.current)

    def telling_lines(self) -> AbstractContextManager[None]:
        """Inside, a SourceError or AuditError about a mapped table says the line of the settings to change."""
        return told_with_lines(self.config)

    @cached_property
    def reader(self) -> TextReader:
        """Scores texts, and keeps the scores (never the texts) in the output folder."""
        return TextReader(self.home)

    @cached_property
    def features(self) -> list[Feature]:
        """The catalog as far as this company's tables go, or the columns of its flat table."""
        if self.is_flat:
            return list(self.flat_columns.features)
        return available(self.db, self._wanted)

    @cached_property
    def _wanted(self) -> list[Feature]:
        return project_features(self.settings, check=check_wording)

    @cached_property
    def absent_features(self) -> dict[str, tuple[str, ...]]:
        """Features that cannot be built here, and the tables or columns they lack."""
        if self.is_flat:
            return {}
        return {f.name: gone for f in self._wanted if (gone := lacking(self.db, f))}

    @cached_property
    def specs(self) -> tuple[ModelSpec, ...]:
        """The models to train and compare, by name, from the project's folder or the supplied one."""
        training = self.settings.training
        folders = [supplied_models()]
        if training.models_folder is not None:
            folders.insert(0, self.settings.base / training.models_folder)
        specs: list[ModelSpec] = []
        for name in training.models:
            holding = [folder for folder in folders if (folder / f"{name}.toml").is_file()]
            if not holding:
                known = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
                raise SettingsError(f"training.models: no model {name!r} (there are: {', '.join(known)})")
            specs.extend(read_model_specs(holding[0], [name]))
        return tuple(specs)

    def as_ofs(self) -> pd.DatetimeIndex:
        """The midnights at which the book is looked at for training, up to data_until."""
        from churnmodel.snapshots.cohort import month_starts

        first = self.settings.snapshots.first
        if first is None:
            versions = self.db.table("subscriptions")
            earliest = self.db.run(versions.aggregate(first=versions.started_at.min()))["first"].iloc[0]
            first = pd.Timestamp(earliest) + pd.Timedelta(days=self.settings.snapshots.min_tenure_days)
        return month_starts(pd.Timestamp(first), self.db.until, self.settings.snapshots.every)


def supplied_models() -> Path:
    """The folder of the models that come with the package: in the wheel, or ``models/`` of a source tree."""
    packaged = Path(__file__).parents[1] / "supplied_models"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "models"
