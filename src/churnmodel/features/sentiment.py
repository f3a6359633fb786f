"""Which features do survey scores give?"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import (
    Level,
    Mean,
    MeanChange,
)
from churnmodel.sources.schemas import NUMBER_SCALE

_AGO = Cell("seconds ago", lambda t: t.ago)
_SCORE = Cell("score", lambda t: t.score)
_NPS = Cell("nps", lambda t: t.kind.lower() == "nps")
_NEWEST_NPS = Cell("the newest nps", lambda t: (t.kind.lower() == "nps") & t.newest)
_CSAT = Cell("csat survey", lambda t: t.kind.lower() == "csat")


def _mean(where: Cell, since: int, until: int = 0) -> Mean:
    answers = Aggregate("surveys", "count", None, since, until, where)
    return Mean(Aggregate("surveys", "sum", _SCORE, since, until, where), answers, NUMBER_SCALE)


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
        "nps_days_since",
        "sentiment",
        "survey response",
        "Days since the newest NPS answer.",
        "days",
        Wording(
            "Last NPS answer on {nps_days_since:ago}",
            unknown="Has never answered an NPS survey",
        ),
        Level(Aggregate("surveys", "min", _AGO, where=_NPS), DAY),
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
)
