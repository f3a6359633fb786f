"""What does this project want? (churnmodel.toml as frozen, validated values)

A project is one TOML file. Every key has a default but ``project.data_until``; an unknown key is an error
that names the nearest known one. Paths are relative to the file they stand in.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from churnmodel.errors import SettingsError
from churnmodel.settings.adoption import AdoptionSettings
from churnmodel.settings.alerts import AlertSettings
from churnmodel.settings.expansion import ExpansionSettings
from churnmodel.settings.feedback import FeedbackSettings
from churnmodel.settings.flat import FlatSettings
from churnmodel.settings.health import HealthSettings
from churnmodel.settings.kpis import KpiSettings
from churnmodel.settings.money import MoneySettings
from churnmodel.settings.onboarding import OnboardingSettings
from churnmodel.settings.outcomes import OutcomeSettings
from churnmodel.settings.plays import PlaySettings
from churnmodel.settings.problems import first_problem
from churnmodel.settings.renewals import RenewalSettings
from churnmodel.settings.rollout import RolloutSettings
from churnmodel.settings.state import StateSettings
from churnmodel.settings.tiers import TierSettings
from churnmodel.settings.tune import TuneSettings
from churnmodel.settings.warehouse import WarehouseSettings
from churnmodel.settings.winback import WinbackSettings


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as cause:
        raise ValueError(f"no time zone {zone!r}; wanted a name such as 'UTC' or 'Europe/Berlin'") from cause
    return zone


def _as_moment(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive UTC is the package's time


def _no_number(value: object) -> object:
    if isinstance(value, int | float):  # it would be read as seconds since 1970
        raise ValueError("wanted a date, such as 2026-01-01")
    return value


Moment = Annotated[datetime | date, BeforeValidator(_no_number), AfterValidator(_as_moment)]


def _is_capacity(value: float) -> float:
    if not (0 < value < 1 or (value >= 2 and value.is_integer())):  # 1 would be all of it, or one account
        raise ValueError("wanted a share of the book below 1 (0.1), or a whole number of accounts (25)")
    return value


Capacity = Annotated[float, AfterValidator(_is_capacity)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProjectSettings(_Frozen):
    """Who this is, and until when its tables are complete."""

    name: str = "my company"
    data_until: Moment
    """Everything that happened before this moment is in the tables (exclusive; a date is its midnight)."""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """The zone in which times without one are read."""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"


PLACES = ("folder", "duckdb", "postgres", "spark")
"""The kinds of place the tables can be in: keys of ``[data]``, of which one is named."""


class DataSettings(_Frozen):
    """Where the tables are, and what the engine that reads them there may use.

    A folder of Parquet and CSV files, a DuckDB file, a PostgreSQL database, or a folder or database of Spark.
    """

    folder: Path | None = None
    duckdb: Path | None = None
    postgres: str | None = None
    """``postgresql://user@host:5432/database``; the password stands in PGPASSWORD or ~/.pgpass, never here."""
    postgres_schema: str = "public"
    spark: str | None = None
    """A folder, or ``database`` or ``catalog.database`` of the session that spark-defaults.conf describes."""
    memory_limit: str = "2GB"
    """Of DuckDB."""
    timeout_seconds: Annotated[int, Field(ge=0)] = 3600
    """The longest a statement may run in PostgreSQL; 0 is for ever."""

    @model_validator(mode="after")
    def _one_place(self) -> DataSettings:
        named = [place for place in PLACES if getattr(self, place) is not None]
        if len(named) > 1:
            quoted = " and ".join(f"'{place}'" for place in named)
            raise ValueError(f"wanted one of {', '.join(PLACES)}, got {quoted}; keep one")
        return self


class TableSettings(_Frozen):
    """How one table of the contract is made from the company's own.

    ``source`` and ``columns`` (canonical name = own name) rename; ``sql`` selects, over the source tables by
    their file names. Columns already named as in the contract need no mapping.
    """

    source: str | None = None
    columns: Mapping[str, str] = {}
    sql: str | None = None

    @model_validator(mode="after")
    def _sql_or_names(self) -> TableSettings:
        if self.sql is not None and (self.source is not None or self.columns):
            raise ValueError("wanted either 'sql' or 'source'/'columns', got both; name the columns in the SQL")
        return self


class MetricSettings(_Frozen):
    """A gauge in the ``metrics`` table that shall become level, change and slope features.

    ``label`` is how sentences call it; ``raises_risk`` says which end is bad news.
    """

    label: str
    family: Literal["usage", "support", "financial", "sentiment", "relationship"] = "usage"
    raises_risk: Literal["high", "low", "either"] = "low"
    actionable: bool = True


class SnapshotSettings(_Frozen):
    """When the book is looked at for training, and who is old enough to train on."""

    every: Literal["month", "week"] = "month"
    first: Moment | None = None
    min_tenure_days: Annotated[int, Field(ge=0)] = 30


class LabelSettings(_Frozen):
    """What counts as churn, and how far ahead (days)."""

    lead_days: Annotated[int, Field(ge=0)] = 0
    horizon_days: Annotated[int, Field(ge=1, le=1095)] = 180
    grace_days: Annotated[int, Field(ge=0)] = 30
    pause_days: Annotated[int, Field(ge=0)] = 90


class FeatureSettings(_Frozen):
    """Which features of the catalog are built: globs over their names."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    """Attributes of ``accounts`` that never change and may become features (``["segment"]``)."""
    own: Path | None = None
    """A Python file of the project with a list ``FEATURES`` of further features."""


class TrainingSettings(_Frozen):
    """Which models are compared, and how."""

    models: tuple[str, ...] = ("base_rate", "scorecard", "logistic", "lightgbm", "blend")
    models_folder: Path | None = None
    """Where more ``<model>.toml`` files are; the supplied ones are always there."""
    folds: Annotated[int, Field(ge=1, le=60)] = 4
    capacity: Capacity = 0.1
    """How much of the book the team can work in one period, a share or a number of accounts: the k of every
    top-k metric."""
    draws: Annotated[int, Field(ge=50, le=5000)] = 300
    seed: int = 0
    threads: Annotated[int, Field(ge=1)] = 2


class TrackingSettings(_Frozen):
    """Where MLflow keeps runs; by default a SQLite file in the output folder."""

    uri: str | None = None
    experiment: str | None = None


class OutputSettings(_Frozen):
    """Where churnmodel writes: features, models, scores, runs."""

    folder: Path = Path("var")


class Settings(_Frozen):
    """A whole churnmodel.toml. `base` is the folder it stands in."""

    project: ProjectSettings
    data: DataSettings = DataSettings()
    tables: Mapping[str, TableSettings] = {}
    metrics: Mapping[str, MetricSettings] = {}
    snapshots: SnapshotSettings = SnapshotSettings()
    labels: LabelSettings = LabelSettings()
    features: FeatureSettings = FeatureSettings()
    training: TrainingSettings = TrainingSettings()
    flat: FlatSettings = FlatSettings()
    tune: TuneSettings = TuneSettings()
    money: MoneySettings = MoneySettings()
    kpis: KpiSettings = KpiSettings()
    renewals: RenewalSettings = RenewalSettings()
    plays: PlaySettings = PlaySettings()
    rollout: RolloutSettings = RolloutSettings()
    outcomes: OutcomeSettings = OutcomeSettings()
    state: StateSettings = StateSettings()
    warehouse: WarehouseSettings = WarehouseSettings()
    alerts: AlertSettings = AlertSettings()
    tiers: TierSettings = TierSettings()
    health: HealthSettings = HealthSettings()
    winback: WinbackSettings = WinbackSettings()
    onboarding: OnboardingSettings = OnboardingSettings()
    adoption: AdoptionSettings = AdoptionSettings()
    expansion: ExpansionSettings = ExpansionSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    tracking: TrackingSettings = TrackingSettings()
    output: OutputSettings = OutputSettings()
    base: Path = Path()

    @property
    def home(self) -> Path:
        """The absolute output folder."""
        return (self.base / self.output.folder).resolve()


def read_settings(path: Path, *, data: Path | None = None, horizon_days: int | None = None) -> Settings:
    """The settings in the file at `path`, with the options of a command line put over them.

    Parameters
    ----------
    path
        A churnmodel.toml.
    data
        A folder or DuckDB file that takes the place of the one in ``[data]``.
    horizon_days
        Takes the place of ``labels.horizon_days``.

    Raises
    ------
    SettingsError
        The file is missing, is not TOML, or holds an unknown key or an impossible value; says which.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise SettingsError(
            f"no settings at {path}: wanted a churnmodel.toml. 'churnmodel init' writes one to start from."
        ) from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise SettingsError(f"{path} is not valid TOML: {cause}") from cause
    if data is not None and isinstance(raw.get("data", {}), dict):
        place = "duckdb" if data.suffix in (".duckdb", ".db") else "folder"
        rest = {k: v for k, v in raw.get("data", {}).items() if k not in PLACES}
        raw["data"] = {place: str(data.resolve()), **rest}
    if horizon_days is not None and isinstance(raw.get("labels", {}), dict):
        raw["labels"] = {**raw.get("labels", {}), "horizon_days": horizon_days}
    return settings_from(raw, base=path.resolve().parent, origin=path.name)


def settings_from(raw: Mapping[str, Any], *, base: Path, origin: str = "settings") -> Settings:
    """Settings from parsed TOML.

    >>> settings_from({"project": {"data_untill": "2026-01-01"}}, base=Path("."))
    Traceback (most recent call last):
    churnmodel.errors.SettingsError: settings: unknown key 'project.data_untill'; did you mean 'data_until'?
    """
    if "base" in raw:
        raise SettingsError(f"{origin}: unknown key 'base'; paths are relative to the file they stand in")
    try:
        return Settings.model_validate({**raw, "base": base})
    except ValidationError as cause:
        raise SettingsError(f"{origin}: {first_problem(cause, Settings)}") from cause
