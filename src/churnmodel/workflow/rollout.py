"""How far has a company come with its customer success? (the checklist, day 0, the plan; `success rollout`)"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pandas as pd

from churnmodel.errors import ModelError, SourceError, StateError
from churnmodel.settings import Settings
from churnmodel.snapshots.cohort import build_book
from churnmodel.state.database import open_state
from churnmodel.state.rollouts import Frozen, begin_rollout, frozen_rollout, refuse_second
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.renewals_spread import Spread, learn_spread
from churnmodel.success.rollout_board import board_candidates
from churnmodel.success.rollout_checklist import Line, checklist, checklist_score
from churnmodel.success.rollout_expected import write_risks
from churnmodel.success.rollout_figures import book_figures
from churnmodel.success.rollout_plan import PLAN, follow_plan, make_plan, phase_of
from churnmodel.success.rollout_stand import Stand
from churnmodel.success.rollout_tasks import ROLES
from churnmodel.workflow.health import Health
from churnmodel.workflow.plays import state_if_there
from churnmodel.workflow.project import Project
from churnmodel.workflow.renewals import Renewals
from churnmodel.workflow.rollout_marks import marks_of
from churnmodel.workflow.rollout_stand import project_stand

OF_RULES = ("labels", "tiers", "health", "alerts", "plays", "renewals", "rollout", "kpis", "onboarding")
"""Sections of the settings by whose rules the figures are made."""


@dataclass(frozen=True)
class Rollout:
    """A company on a day, and the rollout that runs.

    Parameters
    ----------
    figures
        From `churnmodel.success.rollout_figures.book_figures`, of the day.
    frozen
        Day 0; None where none had begun by that day.
    tasks
        The plan as it stands; before day 0 the one it would be if today were day 0.
    """

    stand: Stand
    lines: tuple[Line, ...]
    score: float | None
    figures: pd.DataFrame = field(repr=False)
    frozen: Frozen | None
    tasks: pd.DataFrame = field(repr=False)
    health: Health | None = field(default=None, repr=False)
    renewals: Renewals | None = field(default=None, repr=False)

    @property
    def day(self) -> int | None:
        """The day of the rollout; None before day 0."""
        return None if self.frozen is None else (self.stand.as_of - self.frozen.begun_on).days

    def checklist_table(self) -> pd.DataFrame:
        """A row per line: line, title, status, score, weight, words, do; on day 0 its status and score."""
        rows = [
            {"as_of": self.stand.as_of, "line": one.name, "title": one.title, "status": one.status,
             "score": one.score, "weight": getattr(self.stand.rules.weights, one.name), "words": one.words,
             "do": one.do}
            for one in self.lines
        ]  # fmt: skip
        found = pd.DataFrame(rows).astype({"score": "float64"})
        if self.frozen is None:
            return found
        then = self.frozen.lines[["status", "score"]].reindex(found["line"])
        return found.assign(status_day_0=then["status"].to_numpy(), score_day_0=then["score"].to_numpy())

    def plan_table(self) -> pd.DataFrame:
        """A row per task."""
        found = self.tasks.assign(as_of=self.stand.as_of)
        return found if self.frozen is None else found.assign(begun_on=self.frozen.begun_on)

    def board_table(self) -> pd.DataFrame:
        """A row per candidate for the board, and per account that lacks one thing."""
        return board_candidates(self.stand).assign(as_of=self.stand.as_of)


def project_rollout(project: Project, as_of: pd.Timestamp | None = None) -> Rollout:
    """The rollout of a project as known on a day (data_until by default). Nothing is written.

    Raises
    ------
    SourceError
        The project is a flat table, the day lies after data_until, or nobody was a customer then.
    """
    stand, health, renewals = project_stand(project, as_of)
    state = state_if_there(project)
    frozen = None if state is None else frozen_rollout(state, stand.as_of.date())
    lines = checklist(stand)
    score = checklist_score(lines, stand.rules)
    figures = book_figures(stand, _ledger(project, stand.as_of), score)
    day_0 = stand.as_of if frozen is None else frozen.begun_on
    plan = make_plan(stand, day_0, people(project.settings)) if frozen is None else plan_of(frozen, project)
    tasks = follow_plan(plan, stand, day_0, marks_of(state, frozen, stand.as_of))
    return Rollout(stand, lines, score, figures, frozen, tasks, health, renewals)


def begin(
    project: Project, on: pd.Timestamp | None = None, *, by: str, at: datetime, again: bool = False
) -> Rollout:
    """Freeze day 0: the roster, the figures, the checklist and the plan, as known on that day.

    Raises
    ------
    StateError
        A rollout runs and `again` is not said, nobody is named, or the day is ahead.
    SourceError
        Nobody was a customer on that day.
    """
    if not by.strip():
        raise StateError("--begin: wanted who begins; --by is empty.")
    day = (project.until if on is None else on).normalize()
    if day > project.until:
        raise StateError(
            f"--on {day.date()}: the tables go to {project.until.date()}, and what is not known yet cannot be "
            "frozen. Name a day not after it, or leave --on away."
        )
    state = open_state(project.settings)
    if not again:
        refuse_second(state, day.date())
    found = project_rollout(project, day)
    stand, scored = found.stand, found.stand.scored
    plan = make_plan(stand, day, people(project.settings))
    spread = _spread(found)
    about: dict[str, Any] = {
        "begun_on": day.date(), "by": by, "at": at, "currency": stand.currency, "score": found.score,
        "scored_on": None if scored.on is None else scored.on.date(), "model": scored.model,
        "model_version": scored.version, "in_hindsight": scored.in_hindsight, "lead_days": scored.lead_days,
        "spread": json.dumps({"weights": list(spread.weights), "months": spread.months}),
        "settings": json.dumps(fingerprint(project.settings), sort_keys=True),
    }  # fmt: skip
    lines = pd.DataFrame(
        [(one.name, k, one.status, one.score, one.words) for k, one in enumerate(found.lines)],
        columns=["line", "place", "status", "score", "words"],
    )
    begin_rollout(
        state, about, roster(found), found.figures, lines, plan.assign(place=range(len(plan))), again=again
    )
    frozen = frozen_rollout(state, day.date())
    return replace(found, frozen=frozen, tasks=follow_plan(plan, stand, day, marks_of(state, frozen, day)))


def refuse_without_day_0(project: Project, as_of: pd.Timestamp | None = None) -> None:
    """StateError where no day 0 had been frozen by then, before any work."""
    state, day = state_if_there(project), project.until if as_of is None else as_of
    if state is None or frozen_rollout(state, day.date()) is None:
        raise StateError(
            f"no day 0 by {day.date()}, so there is nothing to measure against. Freeze one: churnmodel success "
            "rollout --begin"
        )


def roster(found: Rollout) -> pd.DataFrame:
    """What is frozen of each account of the book."""
    accounts = found.stand.accounts
    rows = accounts.reindex(
        columns=["name", "tier", "high_value", "account_manager", "status", "leaving_on", "band", "health", "risk"]
    )
    rows["mrr_cents"] = (accounts["mrr"] * 100).round().astype("int64")
    rows["csm"] = found.stand.owner.reindex(accounts.index)
    rows["risks"] = None
    table = None if found.health is None else found.health.driver.table
    if table is not None:
        scores = table.scores.droplevel("as_of")
        told = {str(account): write_risks(row) for account, row in scores.to_dict("index").items()}  # type: ignore[arg-type]
        rows["risks"] = [told.get(str(account)) for account in rows.index]
    return rows.rename_axis("account_id").reset_index()


def books_at(project: Project, days: Sequence[pd.Timestamp]) -> list[pd.DataFrame]:
    """The book of each day as the bridge reads it: mrr_cents, began_on; empty where nobody was a customer."""
    labels = project.settings.labels
    found = build_book(
        project.db,
        days,
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
    ).reset_index("as_of")
    cents = (found["mrr"] * 100).round().astype("int64")
    began = found["as_of"] - pd.to_timedelta(found["tenure_days"], unit="D")
    book = pd.DataFrame({"as_of": found["as_of"], "mrr_cents": cents, "began_on": began})
    return [book[book["as_of"] == day].drop(columns="as_of") for day in days]


def plan_of(frozen: Frozen, project: Project) -> pd.DataFrame:
    """The frozen tasks in the form of a plan."""
    rows = frozen.tasks.reset_index()
    who = people(project.settings)
    days = (rows["due"] - frozen.begun_on).dt.days
    rows["phase"] = [phase_of(int(day)) for day in days]
    rows["owner"] = [who.get(role, ROLES.get(role, role)) for role in rows["role"]]
    return rows.astype({"left": "Int64"})[PLAN]


def people(settings: Settings) -> Mapping[str, str]:
    """Who stands for a role of the plan."""
    return {**{str(k): v for k, v in settings.plays.roles.items()}, **settings.rollout.roles}


def fingerprint(settings: Settings) -> dict[str, str]:
    """Section of the settings -> a fingerprint of its rules."""
    told = {name: getattr(settings, name) for name in OF_RULES if hasattr(settings, name)}
    return {
        name: hashlib.sha256(json.dumps(rules.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:16]
        for name, rules in told.items()
    }


def _spread(found: Rollout) -> Spread:
    """How far all risks may be off together, as the renewals before the day said it."""
    if found.renewals is None:
        return learn_spread([], [])
    try:
        backtest = found.renewals.backtest
    except (ModelError, SourceError):
        backtest = None
    prior = found.renewals.project.settings.renewals.shared_effect
    return learn_spread([], [], prior) if backtest is None else backtest.spread


def _ledger(project: Project, day: pd.Timestamp) -> Any:
    labels = project.settings.labels
    try:
        return mrr_ledger(
            project.db,
            day,
            grace_days=labels.grace_days,
            pause_days=labels.pause_days,
            timezone=project.settings.project.timezone,
        )
    except SourceError:
        return None
