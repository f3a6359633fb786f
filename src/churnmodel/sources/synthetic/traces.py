"""In which of the things a company can see does each cause show?

Read off the law, not off any model: a cause shows where the tables are written from *its own* part of the hidden
state. A departed champion also lowers value, and so use; but whoever reads "use fell" has not been told that the
champion left. Only the causes that are themselves a fall of value show in what value writes.

Fixed before any reason was scored against it. Concepts are named by their codes
(`explanation.drivers.driver_code`).
"""

from __future__ import annotations

from collections.abc import Mapping

_USE = (
    "usage.active_departments",
    "usage.active_users",
    "usage.adoption",
    "usage.breadth_of_use",
    "usage.depth_of_use",
    "usage.integration",
    "usage.lost_and_new_users",
    "usage.movement_of_use",
    "usage.power_users",
    "usage.quantity_used",
    "usage.regularity",
    "usage.seat_utilisation",
    "usage.silence",
    "usage.stickiness",
    "usage.volume_of_use",
)
"""Written from value by `usage` and by the gauge in `sentiment`."""

_ESTEEM = (
    "sentiment.net_promoter_score",
    "sentiment.survey_response",
    "sentiment.tone_of_notes",
    "sentiment.tone_of_survey_comments",
    "sentiment.tone_of_tickets",
)
"""What people say of the product, or that they say nothing: written from value by `sentiment` and `speech`."""

TRACES: Mapping[str, tuple[str, ...]] = {
    "value_loss": (
        *_USE,
        *_ESTEEM,
        "sentiment.talk_of_a_competitor",  # said where the need is gone
        "relationship.integrations",  # taken out where the need is gone
        "relationship.goals",
    ),
    "champion_leaves": (
        "relationship.champion",
        "usage.active_champions",
        "sentiment.talk_of_a_champion_leaving",
    ),
    "payment_trouble": (
        "financial.overdue_invoices",
        "financial.failed_payments",
        "financial.late_payment",
    ),
    "support_friction": (
        "support.missed_commitments",
        "support.open_tickets",
        "support.speed_of_support",
        "support.ticket_volume",
        "support.urgent_tickets",
        "sentiment.satisfaction_with_support",
        "sentiment.talk_of_an_outage",
        "sentiment.tone_of_tickets",  # mood falls with friction
        "usage.downtime_suffered",
    ),
    "poor_onboarding": (
        "relationship.onboarding",
        "relationship.training",
        "usage.adoption",
        "usage.seat_utilisation",  # users of badly started accounts join late
    ),
    "price_rise": (
        "financial.price_rise",
        "sentiment.talk_of_the_price",
    ),
    "random_exit": (),  # nothing foretells it, so no reason can be right
    "redesign": (*_USE, *_ESTEEM),
}
"""Cause -> codes of the concepts that tell it. By no name of a feature: how a concept is measured may change."""
