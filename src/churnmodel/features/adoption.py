"""Which features does the breadth of use give? (product features, the API)"""

from __future__ import annotations

from churnmodel.features.aggregate import Aggregate
from churnmodel.features.changes import Change, Difference, MeanChange
from churnmodel.features.event_cells import BY_API, EVENT_DAYS, FEATURE
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level, Share
from churnmodel.features.usage import events


def breadth(since: int, until: int = 0, *, everyone: bool = False) -> Aggregate:
    """Distinct product features used in the window."""
    return Aggregate("usage_events", "distinct", FEATURE, since, until, None, everyone)


def _by_api(since: int, until: int = 0) -> Share:
    return Share(events(since, until, where=BY_API), events(since, until))


ADOPTION: tuple[Feature, ...] = (
    Feature(
        "breadth_28d",
        "usage",
        "breadth of use",
        "Distinct product features used in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{breadth_28d:n product feature} used in the last 28 days"
            "[, {breadth_previous_28d:from n} in the 28 before]",
            zero="No product feature used in the last 28 days",
            unknown="Product features used are not known",
        ),
        Level(breadth(28)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "breadth_previous_28d",
        "usage",
        "breadth of use",
        "Distinct product features used in [as_of - 56 days, as_of - 28 days).",
        "count",
        Wording(
            "{breadth_previous_28d:n product feature} used in the 28 days before the last 28",
            unknown="Product features used are not known",
        ),
        Level(breadth(56, 28)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "breadth_90d",
        "usage",
        "breadth of use",
        "Distinct product features used in [as_of - 90 days, as_of).",
        "count",
        Wording(
            "{breadth_90d:n product feature} used in the last 90 days",
            zero="No product feature used in the last 90 days",
            unknown="Product features used are not known",
        ),
        Level(breadth(90)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "breadth_change_28d",
        "usage",
        "breadth of use",
        "Product features used in the last 28 days against the 28 before: (now - before) / (now + before + 2).",
        "change",
        Wording(
            "Breadth of use moved[: {breadth_28d:n product feature} now, {breadth_previous_28d:n} before]",
            rise="More product features in use[: {breadth_28d:n} in the last 28 days,"
            " {breadth_previous_28d:n} in the 28 before]",
            fall="Fewer product features in use[: {breadth_28d:n} in the last 28 days,"
            " {breadth_previous_28d:n} in the 28 before]",
            zero="As many product features in use as in the 28 days before[: {breadth_28d:n}]",
            unknown="Too early to say how the breadth of use moves",
        ),
        Change(breadth(28), breadth(56, 28), pad=2, lived=56),
        raises_risk="low",
    ),
    Feature(
        "features_dropped_28d",
        "usage",
        "breadth of use",
        f"Product features used in [as_of - {EVENT_DAYS} days, as_of - 28 days) and not since.",
        "count",
        Wording(
            "{features_dropped_28d:n product feature} of the last six months not used in the last 28 days",
            zero="No product feature of the last six months given up in the last 28 days",
            unknown="Product features used are not known",
        ),
        Difference(breadth(EVENT_DAYS), breadth(28)),
        absent=0.0,
    ),
    Feature(
        "features_new_28d",
        "usage",
        "breadth of use",
        f"Product features used in [as_of - 28 days, as_of) and not in [as_of - {EVENT_DAYS} days,"
        " as_of - 28 days).",
        "count",
        Wording(
            "{features_new_28d:n product feature} taken up in the last 28 days",
            zero="No further product feature taken up in the last 28 days",
            unknown="Product features used are not known",
        ),
        Difference(breadth(EVENT_DAYS), breadth(EVENT_DAYS, 28)),
        absent=0.0,
    ),
    Feature(
        "adoption_share_90d",
        "usage",
        "adoption",
        "Product features used in [as_of - 90 days, as_of), over those that any account used then.",
        "share",
        Wording(
            "{adoption_share_90d:share} of the product's features used in the last 90 days[ ({breadth_90d:n})]",
            zero="None of the product's features used in the last 90 days",
            unknown="Product features used are not known",
        ),
        Share(breadth(90), breadth(90, everyone=True)),
        raises_risk="low",
    ),
    Feature(
        "api_share_28d",
        "usage",
        "integration",
        "Share of events that came through the API in [as_of - 28 days, as_of).",
        "share",
        Wording(
            "{api_share_28d:share} of usage in the last 28 days came through the API",
            zero="No usage through the API in the last 28 days",
            unknown="No recent usage to tell the share of the API from",
        ),
        _by_api(28),
    ),
    Feature(
        "api_share_change_28d",
        "usage",
        "integration",
        "Share of events through the API in the last 28 days less the share in the 28 before.",
        "share",
        Wording(
            "Usage through the API moved against the 28 days before",
            rise="The API's share of usage is higher than in the 28 days before[, now {api_share_28d:share}]",
            fall="The API's share of usage is lower than in the 28 days before[, now {api_share_28d:share}]",
            zero="The API's share of usage is as in the 28 days before",
            unknown="Too little usage to tell how the API's share moves",
        ),
        MeanChange(_by_api(28), _by_api(56, 28)),
    ),
)
