"""How are usage events written down by hand?"""

from __future__ import annotations

from by_hand import Case, case


def used(*moments: str, user: str | None = "u1", **more) -> list[dict]:
    return [{"occurred_at": moment, "user_id": user, **more} for moment in moments]


def of(feature: str, story: str, expected: float | None, events: list[dict], **more) -> Case:
    return case(feature, story, expected, usage_events=events, **more)
