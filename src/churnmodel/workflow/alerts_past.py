"""What would a project's alerts have said over its past, and whom would they have caught?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.errors import ModelError, SourceError
from churnmodel.snapshots.cohort import build_book
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources.database import SNAPSHOT
from churnmodel.sources.feeds import read_feeds
from churnmodel.success.alert import DAY
from churnmodel.success.alerts import find_candidates, with_scores
from churnmodel.success.alerts_judged import Judged, judge
from churnmodel.success.alerts_on_meetings import Agreed
from churnmodel.workflow.alerts_scores import replayed_history
from churnmodel.workflow.onboarding_watched import watched
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.tiers import tiers_on

TIERED_EVERY = 4
"""So many weekly looks lie between two looks at tiers, which move slowly."""


@dataclass(frozen=True)
class Replayed:
    """A replay, and what must be known to read it.

    Parameters
    ----------
    best
        The same with those rules alone whose alerts led to churn beyond luck (chosen with hindsight); None: none
        did.
    model
        Whose out-of-time scores were used.
    score_days
        On how many days there was a score; between them only rows move.
    between_models
        So many of these follow a day that another fold's model scored: no account's move was told then.
    unknown
        Weeks whose outcomes are not known yet: counted in alerts per week, not in what they caught.
    """

    judged: Judged
    best: Judged | None
    model: str
    score_days: int
    between_models: int
    unknown: int


def replay_alerts(project: Project, *, progress: Progress = silent) -> Replayed:
    """The rules of this project, run each week of the time for which out-of-time scores were kept.

    Raises
    ------
    ModelError
        There is no training yet, or its scores are of one day only.
    SourceError
        The project is a flat table.
    """
    if project.is_flat:
        raise SourceError("alerts follow rows and scores over time, which a flat table cannot tell.")
    progress("reading the scores of the backtest", 0, 4)
    scores, model = replayed_history(project)
    days = pd.DatetimeIndex(scores.index.get_level_values("as_of").unique()).sort_values()
    if len(days) < 2:
        raise ModelError(
            "the last training kept out-of-time scores of one day, and alerts are told of movement. "
            "Train with more folds (training.folds)."
        )
    last = min(days[-1] + 28 * DAY, project.until)
    looks = pd.date_range(days[0], last, freq="7D").as_unit("us")
    rules, labels = project.settings.alerts, project.settings.labels
    progress("looking at the book of every week", 1, 4)
    book = build_book(
        project.db,
        looks,
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
    )
    scores = _about(project, scores, book, days)
    progress("running the rules", 2, 4)
    candidates = find_candidates(
        project.db,
        book,
        scores,
        rules,
        lead_days=labels.lead_days,
        currency=project.settings.project.currency,
        agreed=Agreed(_tiers(project, looks), project.settings.tiers.cadence),
        feeds=read_feeds(project.db, looks.max()),
        watched=watched(project),
    )
    progress("looking at what became of the accounts", 3, 4)
    window = LabelWindow(0, labels.horizon_days, labels.grace_days, labels.pause_days)
    staying = with_scores(pd.DataFrame(book[book["status"] != "leaving"]), scores)
    outcomes = churn_labels(project.db, staying, window)
    judged = judge(candidates, staying, outcomes, looks, rules, labels.horizon_days)
    own = candidates[candidates["rule"].isin(judged.telling)]
    best = judge(own, staying, outcomes, looks, rules, labels.horizon_days) if len(own) else None
    progress("done", 4, 4)
    version = scores.groupby(level="as_of")["version"].first()
    unknown = sum(not window.matured(look, project.until) for look in looks)
    return Replayed(judged, best, model, len(days), int((version != version.shift(1)).sum()) - 1, unknown)


def _tiers(project: Project, looks: pd.DatetimeIndex) -> pd.Series:
    """The tier of every account at every look, as known at the look or, at most, `TIERED_EVERY` looks earlier."""
    places = range(0, len(looks), TIERED_EVERY)
    known = tiers_on(project, looks[:: TIERED_EVERY])
    parts = {
        look: known.xs(looks[place], level="as_of")
        for place in places
        for look in looks[place : place + TIERED_EVERY]
        if looks[place] in known.index.get_level_values("as_of")
    }
    return pd.concat(parts, names=SNAPSHOT[::-1]).swaplevel() if parts else known


def _about(project: Project, scores: pd.DataFrame, book: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The scores with csm, name and renewal as the book of their own day had them."""
    missing = days.difference(pd.DatetimeIndex(book.index.get_level_values("as_of").unique()))
    labels = project.settings.labels
    of_days = build_book(project.db, missing, grace_days=labels.grace_days, pause_days=labels.pause_days)
    known = pd.concat([book, of_days])
    known = known.reindex(scores.index)
    return scores.assign(**{name: known[name] for name in ("csm", "name", "days_to_renewal")})
