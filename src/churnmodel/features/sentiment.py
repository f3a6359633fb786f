"""Which features do surveys give? (scores, and whether anybody answers)"""

from __future__ import annotations

from typing import Any

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import MeanChange
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level, Mean, Share
from churnmodel.features.paired import seconds_between
from churnmodel.sources.schemas import NUMBER_SCALE

DETRACTOR = 6 * NUMBER_SCALE
"""The best NPS answer (0-10) of a detractor, as the industry counts them."""

TIME_TO_ANSWER = 14
"""A survey sent fewer days ago than this may still be answered."""

_READS = ("score", "answered_at")


def _gave(kind: str) -> Any:
    """Whether a row is an answer of that kind with a score: one not yet answered has none."""
    return lambda t: (t.kind.lower() == kind) & t.score.notnull()


_AGO = Cell("seconds ago", lambda t: t.ago)
_SCORE = Cell("score", lambda t: t.score, _READS)
_NPS = Cell("an nps score", _gave("nps"), _READS)
_NEWEST_NPS = Cell("the newest nps score", lambda t: _gave("nps")(t) & t.newest, _READS)
_DETRACTOR = Cell("an nps score of a detractor", lambda t: _gave("nps")(t) & (t.score <= DETRACTOR), _READS)
_CSAT = Cell("a csat score", _gave("csat"), _READS)
_NEWEST_CSAT = Cell("the newest csat score", lambda t: _gave("csat")(t) & t.newest, _READS)


def _mean(where: Cell, since: int, until: int = 0) -> Mean:
    answers = Aggregate("surveys", "count", None, since, until, where)
    return Mean(Aggregate("surveys", "sum", _SCORE, since, until, where), answers, NUMBER_SCALE)


def _due(t: Any) -> Any:
    """Sent 14 to 365 days ago. A row that does not say when it was sent carries the time of its answer."""
    since_sent = seconds_between(t.sent_at, t.as_of)
    in_time = (since_sent >= TIME_TO_ANSWER * DAY) & (since_sent <= 365 * DAY)
    return in_time & (t.answered_at.isnull() | (t.answered_at != t.sent_at))


_SENT = ("sent_at", "answered_at")
_DUE = Cell("sent 14 to 365 days ago", _due, _SENT)
_NOT_ANSWERED = Cell("sent 14 to 365 days ago, no answer", lambda t: _due(t) & t.answered_at.isnull(), _SENT)


def _sent(where: Cell) -> Aggregate:
    return Aggregate("surveys", "count", None, 365, 0, where)


SENTIMENT: tuple[Feature, ...] = (
    Feature(
        "nps_latest",
        "sentiment",
        "net promoter score",
        "The newest NPS answer (0-10) in [as_of - 365 days, as_of); the mean of several at one time.",
        "score",
        Wording(
            "Latest NPS answer {nps_latest:score} of 10[, given on {nps_days_since:ago}]",
            unknown="No NPS answer in the last year",
        ),
        _mean(_NEWEST_NPS, 365),
        raises_risk="low",
    ),
    Feature(
        "nps_mean_365d",
        "sentiment",
        "net promoter score",
        "Mean NPS answer (0-10) in [as_of - 365 days, as_of).",
        "score",
        Wording(
            "NPS answers of the last 12 months average {nps_mean_365d:score} of 10",
            unknown="No NPS answer in the last year",
        ),
        _mean(_NPS, 365),
        raises_risk="low",
    ),
    Feature(
        "nps_change_180d",
        "sentiment",
        "net promoter score",
        "Mean NPS of the last 180 days less the mean of the 180 before.",
        "score",
        Wording(
            "NPS moved against the half year before",
            rise="NPS up by {nps_change_180d:size score} on the half year before",
            fall="NPS down by {nps_change_180d:size score} on the half year before",
            zero="NPS as in the half year before",
            unknown="Too few NPS answers to say how it moves",
        ),
        MeanChange(_mean(_NPS, 180), _mean(_NPS, 360, 180)),
        raises_risk="low",
    ),
    Feature(
        "nps_detractor_share_365d",
        "sentiment",
        "net promoter score",
        "Share of the NPS answers in [as_of - 365 days, as_of) that were 6 of 10 or less.",
        "share",
        Wording(
            "{nps_detractor_share_365d:share} of the NPS answers of the last 12 months were 6 or less",
            zero="No NPS answer of the last 12 months was 6 or less",
            unknown="No NPS answer in the last year",
        ),
        Share(_sent(_DETRACTOR), _sent(_NPS)),
        raises_risk="high",
    ),
    Feature(
        "nps_days_since",
        "sentiment",
        "survey response",
        "Days since the newest NPS answer.",
        "days",
        Wording(
            "No NPS answer since {nps_days_since:ago}",
            unknown="Has never answered an NPS survey",
        ),
        Level(Aggregate("surveys", "min", _AGO, where=_NPS), DAY),
    ),
    Feature(
        "survey_non_response_365d",
        "sentiment",
        "survey response",
        "Share of the surveys sent in [as_of - 365 days, as_of - 14 days] that were not answered before as_of.",
        "share",
        Wording(
            "Left unanswered: {survey_non_response_365d:share} of [{surveys_sent_365d:n survey}|the surveys] sent"
            " in the last 12 months",
            zero="Every survey sent in the last 12 months answered[ ({surveys_sent_365d:n survey} sent)]",
            unknown="No survey sent in the last year that had time to be answered",
        ),
        Share(_sent(_NOT_ANSWERED), _sent(_DUE)),
        raises_risk="high",
    ),
    Feature(
        "surveys_sent_365d",
        "sentiment",
        "survey response",
        "Surveys sent in [as_of - 365 days, as_of - 14 days], answered or not.",
        "count",
        Wording(
            "{surveys_sent_365d:n survey} sent in the last 12 months",
            zero="No survey sent in the last 12 months",
            unknown="Whether surveys were sent is not known",
        ),
        Level(_sent(_DUE)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "survey_csat_latest",
        "sentiment",
        "satisfaction in surveys",
        "The newest satisfaction (1-5) in surveys answered in [as_of - 365 days, as_of); the mean of several at"
        " one time.",
        "score",
        Wording(
            "Latest satisfaction survey answered with {survey_csat_latest:score} of 5",
            unknown="No satisfaction survey answered in the last year",
        ),
        _mean(_NEWEST_CSAT, 365),
        raises_risk="low",
    ),
    Feature(
        "survey_csat_mean_180d",
        "sentiment",
        "satisfaction in surveys",
        "Mean satisfaction (1-5) in surveys answered in [as_of - 180 days, as_of).",
        "score",
        Wording(
            "Satisfaction surveys of the last 180 days average {survey_csat_mean_180d:score} of 5",
            unknown="No satisfaction survey answered lately",
        ),
        _mean(_CSAT, 180),
        raises_risk="low",
    ),
    Feature(
        "survey_csat_change_180d",
        "sentiment",
        "satisfaction in surveys",
        "Mean satisfaction (1-5) in surveys of the last 180 days less the mean of the 180 before.",
        "score",
        Wording(
            "Satisfaction in surveys moved against the half year before",
            rise="Satisfaction in surveys up by {survey_csat_change_180d:size score} on the half year before",
            fall="Satisfaction in surveys down by {survey_csat_change_180d:size score} on the half year before",
            zero="Satisfaction in surveys as in the half year before",
            unknown="Too few satisfaction surveys to say how they move",
        ),
        MeanChange(_mean(_CSAT, 180), _mean(_CSAT, 360, 180)),
        raises_risk="low",
    ),
)
