"""How healthy is a project's book on one day? (`churnmodel success health`)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from churnmodel.errors import ModelError, ScoreError
from churnmodel.features.coverage import FAMILIES
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.baselines import ScorecardSettings
from churnmodel.models.rules import Rule
from churnmodel.models.spec import read_model_specs
from churnmodel.scoring.bands import Bands
from churnmodel.scoring.concept_points import concept_points, input_cards
from churnmodel.scoring.score_table import ScoreTable, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.stretch import RENEWED, stretches
from churnmodel.settings.conditions import names_in
from churnmodel.snapshots.cohort import build_book
from churnmodel.success.health import health_of, with_exceptions
from churnmodel.success.health_exceptions import Asked
from churnmodel.success.health_parts import family_points
from churnmodel.success.scorecard_health import health_by_weights
from churnmodel.workflow.health_asked import asked_of, asked_of_each
from churnmodel.workflow.health_driver import SCORECARD, Driver, driver_of, tables_before
from churnmodel.workflow.health_log import first_written
from churnmodel.workflow.project import Project, supplied_models
from churnmodel.workflow.score import trained_until


@dataclass(frozen=True)
class Health:
    """The book's health on one day.

    Parameters
    ----------
    frame
        `churnmodel.success.health.health_of`, and since the look before: band_before, health_before, renewed (it
        passed a renewal in between, so the two look over other stretches); reason (what raises its risk most);
        exception_since (the first day its exception was written down for).
    driver
        What it was told from.
    since
        The day of the look before; None where there was none.
    unasked
        Rule -> the tables or columns it lacks (it can then only be met by what else it asks).
    """

    as_of: date
    frame: pd.DataFrame = field(repr=False)
    driver: Driver
    since: date | None = None
    unasked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def in_hindsight(self) -> bool:
        """Whether the model has learned from outcomes after the day."""
        return self.driver.scorer is not None and self.as_of < trained_until(self.driver.scorer)


def project_health(project: Project, as_of: pd.Timestamp | None = None) -> Health:
    """The health of every account of the book at `as_of`, by default on the latest day that was scored.

    Scores and features are read as they were published; nothing is learned after `as_of`.

    Raises
    ------
    ScoreError
        That day was not scored (says which days were), or nobody was a customer then.
    SettingsError
        A rule asks for a name nobody knows.
    """
    driver = driver_of(project, as_of)
    if driver.table is None:
        return _by_weights(project, driver, as_of)
    table = driver.table
    earlier = tables_before(driver, project, pd.Timestamp(table.as_of))
    before = [read_scores(driver.folder, day.date(), version) for day, version in earlier[-1:]]
    asked, *asked_before = asked_of_each(project, [(t.X, segment_of(t)) for t in (table, *before)])
    frame = _of_table(project, table, asked, driver.scorer, parts=True).assign(reason=_reasons(table))
    frame["exception_since"] = first_written(project, frame, table.as_of)
    if not before:
        return Health(table.as_of, frame, driver, unasked=_unasked(project, asked))
    then = _of_table(project, before[0], asked_before[0], None, parts=False)
    lead = driver.scorer.lead_days if driver.scorer is not None else 0
    then = then[["band", "health"]].add_suffix("_before")
    then = then.join(passed_renewal(before[0], table, lead).rename("renewed"))
    frame = frame.join(then).astype({"renewed": "boolean"})
    return Health(table.as_of, frame, driver, before[0].as_of, _unasked(project, asked))


def health_of_tables(project: Project, tables: Sequence[ScoreTable]) -> list[pd.DataFrame]:
    """The health of earlier tables, by the rules of the settings now; without its parts."""
    asked = asked_of_each(project, [(table.X, segment_of(table)) for table in tables]) if tables else []
    return [_of_table(project, t, a, None, parts=False) for t, a in zip(tables, asked, strict=True)]


def own_cuts(project: Project) -> dict[str, Bands]:
    """The scales of segments that have one of their own."""
    return {
        name: Bands(cut.orange_from, cut.red_from) for name, cut in project.settings.health.cuts.items()
    }


def by_account(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of one day, indexed by account_id alone."""
    return rows.set_axis(pd.Index(rows.index.get_level_values("account_id").astype(str), name="account_id"))


def _of_table(
    project: Project, table: ScoreTable, asked: Asked, scorer: Scorer | None, *, parts: bool
) -> pd.DataFrame:
    points = None
    if parts and scorer is not None:
        scored = table.scores["risk"].notna().to_numpy()
        families = {card.family for card in input_cards(scorer)} & set(FAMILIES)
        points = by_account(family_points(concept_points(scorer, table.X[scored]), sorted(families)))
    frame = health_of(
        by_account(table.scores),
        table.as_of,
        bands=None if scorer is None else scorer.bundle.bands,
        points=points,
        cuts=own_cuts(project),
        rules=project.settings.health.exceptions,
        asked=asked,
        currency=project.settings.project.currency,
    )
    if "mrr_at_risk" not in frame and "mrr" in frame:
        frame["mrr_at_risk"] = frame["mrr"].astype("float64") * frame["risk"]
    return frame


def passed_renewal(before: ScoreTable, now: ScoreTable, lead_days: int) -> pd.Series:
    """Whether the renewal an account's risk looked to has passed between two tables; of those in both."""
    was, is_now = by_account(before.scores), by_account(now.scores)
    both = was.index.intersection(is_now.index)
    both = both[(was["risk"].reindex(both).notna() & is_now["risk"].reindex(both).notna()).to_numpy()]
    found = stretches(was.loc[both], is_now.loc[both], before.as_of, now.as_of, lead_days)
    return found["stretch"] == RENEWED


def _by_weights(project: Project, driver: Driver, as_of: pd.Timestamp | None) -> Health:
    day = (project.until if as_of is None else as_of).normalize()
    rules = project.settings.labels
    book = build_book(
        project.db,
        [day],
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=rules.grace_days,
        pause_days=rules.pause_days,
    )
    if book.empty:
        raise ScoreError(f"no paying account on {day.date()}. Look at another day.")
    X = build_feature_matrix(project.db, book, project.features, reader=project.reader)
    frame = health_by_weights(by_account(book), X, project.features, _weights(project))
    asked = asked_of(project, X, book["segment"])
    frame = with_exceptions(
        frame, project.settings.health.exceptions, asked, day.date(), project.settings.project.currency
    )
    frame["exception_since"] = first_written(project, frame, day.date())
    return Health(day.date(), frame, driver, unasked=_unasked(project, asked))


def _weights(project: Project) -> Sequence[Rule]:
    """The rules of the project's scorecard, else of the supplied one."""
    for spec in (*project.specs, *read_model_specs(supplied_models(), [SCORECARD])):
        if isinstance(spec.settings, ScorecardSettings):
            return spec.settings.rules
    raise ModelError("no scorecard: wanted models/scorecard.toml, which comes with the package. Install it again.")


def _unasked(project: Project, asked: Asked) -> dict[str, tuple[str, ...]]:
    found = {}
    for rule in project.settings.health.exceptions:
        gone = [gap for name in names_in(rule.condition) for gap in asked.lacking.get(name, ())]
        if gone:
            found[rule.name] = tuple(dict.fromkeys(gone))
    return found


def segment_of(table: ScoreTable) -> pd.Series | None:
    """What the accounts of a table were said to be; None where it says nothing of segments."""
    return table.scores.get("segment")


def _reasons(table: ScoreTable) -> pd.Series:
    """What raises each account's risk most, the nearness of its renewal apart; as it was published."""
    drivers = table.drivers[(table.drivers["direction"] == "raises") & (table.drivers["concept"] != "renewal")]
    first = by_account(drivers.sort_values("rank", kind="stable"))
    return first.loc[~first.index.duplicated(), "sentence"]


