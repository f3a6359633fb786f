"""Which features does the volume of use give? (events, and how they move)"""

from __future__ import annotations

from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.changes import Change
from churnmodel.features.event_cells import DAYS_AGO, QUANTITY
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level
from churnmodel.features.trend import AgainstBook, DailyTrend, WeekAgainst


def events(since: int, until: int = 0, where: Cell | None = None, *, everyone: bool = False) -> Aggregate:
    """Usage events in ``[as_of - since, as_of - until)`` days."""
    return Aggregate("usage_events", "count", None, since, until, where, everyone)


def quantity(since: int, until: int = 0) -> Aggregate:
    """What the events in ``[as_of - since, as_of - until)`` days say together; one that says none adds nothing."""
    return Aggregate("usage_events", "sum", QUANTITY, since, until)


USAGE: tuple[Feature, ...] = (
    Feature(
        "events_7d",
        "usage",
        "volume of use",
        "Usage events in [as_of - 7 days, as_of).",
        "count",
        Wording(
            "{events_7d:n event} in the last 7 days",
            zero="No usage in the last 7 days",
            unknown="Usage is not known",
        ),
        Level(events(7)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "events_28d",
        "usage",
        "volume of use",
        "Usage events in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{events_28d:n event} in the last 28 days[, {events_previous_28d:from n} in the 28 before]",
            zero="No usage in the last 28 days[, {events_previous_28d:from n} in the 28 before]",
            unknown="Usage is not known",
        ),
        Level(events(28)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "events_previous_28d",
        "usage",
        "volume of use",
        "Usage events in [as_of - 56 days, as_of - 28 days).",
        "count",
        Wording("{events_previous_28d:n event} in the 28 days before the last 28", unknown="Usage is not known"),
        Level(events(56, 28)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "events_90d",
        "usage",
        "volume of use",
        "Usage events in [as_of - 90 days, as_of).",
        "count",
        Wording(
            "{events_90d:n event} in the last 90 days",
            zero="No usage in the last 90 days",
            unknown="Usage is not known",
        ),
        Level(events(90)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "events_change_28d",
        "usage",
        "movement of use",
        "Events of the last 28 days against the 28 before: (now - before) / (now + before + 20).",
        "change",
        Wording(
            "Usage moved[: {events_28d:n event} in the last 28 days, {events_previous_28d:n} in the 28 before]",
            rise="Usage rose[: {events_28d:n event} in the last 28 days,"
            " {events_previous_28d:n} in the 28 before]",
            fall="Usage fell[: {events_28d:n event} in the last 28 days,"
            " {events_previous_28d:n} in the 28 before]",
            zero="As much usage as in the 28 days before[: {events_28d:n event}]",
            unknown="Too early to say how usage moves",
        ),
        Change(events(28), events(56, 28), pad=20, lived=56),
        raises_risk="low",
    ),
    Feature(
        "events_change_90d",
        "usage",
        "movement of use",
        "Events of the last 90 days against the 90 before: (now - before) / (now + before + 60).",
        "change",
        Wording(
            "Usage of the last 90 days moved against the 90 before",
            rise="More usage in the last 90 days than in the 90 before[: {events_90d:n event}]",
            fall="Less usage in the last 90 days than in the 90 before[: {events_90d:n event}]",
            zero="As much usage in the last 90 days as in the 90 before",
            unknown="Too early to say how usage moves over a quarter",
        ),
        Change(events(90), events(180, 90), pad=60, lived=180),
        raises_risk="low",
    ),
    Feature(
        "events_against_weekdays_7d",
        "usage",
        "movement of use",
        "Events of the last 7 days against the same weekdays of the 28 days before them:"
        " (now - before / 4) / (now + before / 4 + 5).",
        "change",
        Wording(
            "Usage of the last 7 days moved against the four weeks before",
            rise="More usage in the last 7 days than on the same weekdays of the four weeks before"
            "[: {events_7d:n event}]",
            fall="Less usage in the last 7 days than on the same weekdays of the four weeks before"
            "[: {events_7d:n event}]",
            zero="As much usage in the last 7 days as on the same weekdays of the four weeks before",
            unknown="Too early to say how the last week's usage compares",
        ),
        WeekAgainst(events(7), events(35, 7), weeks=4, pad=5, lived=35),
        raises_risk="low",
    ),
    Feature(
        "events_against_book_28d",
        "usage",
        "movement of use",
        "events_change_28d less the same change over all accounts together: what is left after a season or an"
        " outage that everyone had.",
        "change",
        Wording(
            "Usage moved against all accounts together over the last 28 days",
            rise="Usage did better than that of all accounts together over the last 28 days"
            "[: {events_28d:n event}][, {events_previous_28d:from n vs events_28d} in the 28 before]",
            fall="Usage did worse than that of all accounts together over the last 28 days"
            "[: {events_28d:n event}][, {events_previous_28d:from n vs events_28d} in the 28 before]",
            zero="Usage moved like that of all accounts together over the last 28 days",
            unknown="Too early to say how usage moves against all accounts",
        ),
        AgainstBook(
            Change(events(28), events(56, 28), pad=20, lived=56),
            Change(events(28, everyone=True), events(56, 28, everyone=True), pad=20, lived=0),
        ),
        raises_risk="low",
    ),
    Feature(
        "events_slope_90d",
        "usage",
        "movement of use",
        "Least-squares trend of daily events over [as_of - 90 days, as_of): change over 28 days, as a share of the"
        " mean 28 days (and 20 events).",
        "slope",
        Wording(
            "Usage moving over the last 90 days",
            rise="Usage rising over the last 90 days[: {events_28d:n event} in the last 28]"
            "[, {events_previous_28d:from n vs events_28d} in the 28 before]",
            fall="Usage falling over the last 90 days[: {events_28d:n event} in the last 28]"
            "[, {events_previous_28d:from n vs events_28d} in the 28 before]",
            zero="Usage steady over the last 90 days",
            unknown="Too early to tell the trend of usage",
        ),
        DailyTrend(events(90), Aggregate("usage_events", "sum", DAYS_AGO, 90), days=90, pad=20, lived=90),
        raises_risk="low",
    ),
    Feature(
        "usage_quantity_28d",
        "usage",
        "quantity used",
        "Sum of the quantity of usage events in [as_of - 28 days, as_of), whatever the company counts there: rows"
        " exported, calls made.",
        "count",
        Wording(
            "{usage_quantity_28d:n unit} used in the last 28 days"
            "[, {usage_quantity_previous_28d:from n} in the 28 before]",
            zero="No quantity used in the last 28 days",
            unknown="The quantity used is not known",
        ),
        Level(quantity(28)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "usage_quantity_previous_28d",
        "usage",
        "quantity used",
        "Sum of the quantity of usage events in [as_of - 56 days, as_of - 28 days).",
        "count",
        Wording(
            "{usage_quantity_previous_28d:n unit} used in the 28 days before the last 28",
            unknown="The quantity used is not known",
        ),
        Level(quantity(56, 28)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "usage_quantity_change_28d",
        "usage",
        "quantity used",
        "Quantity of the last 28 days against the 28 before: (now - before) / (now + before + 20).",
        "change",
        Wording(
            "The quantity used moved[: {usage_quantity_28d:n unit} in the last 28 days,"
            " {usage_quantity_previous_28d:n} in the 28 before]",
            rise="More used than before[: {usage_quantity_28d:n unit} in the last 28 days,"
            " {usage_quantity_previous_28d:n} in the 28 before]",
            fall="Less used than before[: {usage_quantity_28d:n unit} in the last 28 days,"
            " {usage_quantity_previous_28d:n} in the 28 before]",
            zero="As much used as in the 28 days before[: {usage_quantity_28d:n unit}]",
            unknown="Too early to say how the quantity used moves",
        ),
        Change(quantity(28), quantity(56, 28), pad=20, lived=56),
        raises_risk="low",
    ),
)
