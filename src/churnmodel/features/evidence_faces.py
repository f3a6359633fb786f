"""What is worth reading of a row of each table? (the columns that tell it, and what it is called)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from churnmodel.features.active_users import ACTIVE_USERS


@dataclass(frozen=True)
class Face:
    """How the rows of one table are told.

    Parameters
    ----------
    noun, nouns
        What one row is, and several.
    verb
        What happened at the row's own time: ``"opened"``.
    columns
        What names a row, and tells it whatever the feature reads.
    text
        The column with what somebody wrote; cut short wherever it is shown.
    is_series
        Whether its rows are read one after the other in time, so that no other order makes sense.
    """

    noun: str
    nouns: str
    verb: str
    columns: tuple[str, ...]
    text: str | None = None
    is_series: bool = False


FACES: Mapping[str, Face] = {
    "accounts": Face("account", "accounts", "created", ("created_at",)),
    "subscriptions": Face(
        "contract version",
        "contract versions",
        "begun",
        ("subscription_id", "started_at", "plan", "mrr"),
        is_series=True,
    ),
    "invoices": Face("invoice", "invoices", "issued", ("invoice_id", "issued_at", "due_at", "amount")),
    "usage_events": Face("usage event", "usage events", "", ()),
    ACTIVE_USERS: Face(
        "user",
        "users",
        "last seen",
        ("user_id", "last_seen", "events", "weeks", "role", "department", "champion", "has_left"),
    ),
    "users": Face("user", "users", "joined", ("user_id", "role", "department", "joined_at")),
    "tickets": Face("ticket", "tickets", "opened", ("ticket_id", "opened_at", "priority"), "text"),
    "incidents": Face("incident", "incidents", "begun", ("started_at", "ended_at", "severity")),
    "surveys": Face(
        "survey",
        "surveys",
        "answered or sent",
        ("respondent_id", "kind", "answered_at", "score"),
        "comment",
    ),
    "metrics": Face(
        "measurement", "measurements", "taken", ("measured_at", "metric", "value"), is_series=True
    ),
    "notes": Face("note", "notes", "written", ("written_at", "author"), "text"),
    "touchpoints": Face("touchpoint", "touchpoints", "", ("occurred_at", "kind", "contact_id")),
    "goals": Face("goal", "goals", "set", ("set_at", "metric", "target", "due_at", "reached_at")),
    "interventions": Face("intervention", "interventions", "", ("occurred_at", "play", "arm")),
    "external_scores": Face("score", "scores", "given", ("scored_at", "source", "score"), is_series=True),
}
"""Every table that a feature can be made from."""
