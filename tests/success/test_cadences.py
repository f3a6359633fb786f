"""Who has not been met for too long, and of whom can nobody say?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.settings.tiers import Cadences
from churnmodel.sources.outages import Outage
from churnmodel.success.cadences import cadences

AS_OF = pd.Timestamp("2026-01-01")
RULES = Cadences(platinum={"executive_review": 90, "check_in": 14}, gold={"check_in": 30})


def met(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "last_at"])
    frame["last_at"] = pd.to_datetime(frame["last_at"], format="ISO8601").astype("datetime64[us]")
    return frame.assign(first_at=frame["last_at"])


def look(
    touchpoints: pd.DataFrame, tier: dict[str, str], began: str = "2025-01-01", **more: object
) -> pd.DataFrame:
    start = pd.Series(pd.Timestamp(began), index=pd.Index(list(tier)))
    return cadences(touchpoints, pd.Series(tier), start, AS_OF, RULES, **more).set_index(["account_id", "kind"])


def test_a_meeting_is_due_so_many_days_after_the_last_and_an_executive_review_is_a_check_in_too():
    touchpoints = met(
        ("old", "check_in", "2024-12-01"),
        ("ada", "check_in", "2025-12-10 15:00"),
        ("ada", "executive_review", "2025-12-20 09:00"),
        ("bob", "check_in", "2025-12-18 23:59"),
        ("cy", "check_in", "2025-11-30"),
    )
    tier = {"ada": "platinum", "bob": "platinum", "cy": "gold", "dan": "gold", "eva": "standard"}
    found = look(touchpoints, tier)
    assert found["status"].to_dict() == {
        ("ada", "check_in"): "due",  # 20 December + 14 days
        ("ada", "executive_review"): "fine",
        ("bob", "check_in"): "due",  # today
        ("bob", "executive_review"): "overdue",  # never, a customer since 1 January 2025
        ("cy", "check_in"): "overdue",
        ("dan", "check_in"): "overdue",
    }
    assert found.loc[("cy", "check_in"), "words"] == "check-in overdue by 2 days: last on 30 November 2025"
    assert found.loc[("bob", "check_in"), "words"] == "check-in due today: last on 18 December 2025"
    none = "executive review overdue by 275 days: none since it became a customer on 1 January 2025"
    assert found.loc[("bob", "executive_review"), "words"] == none


def test_what_was_never_written_down_is_unknown_and_starts_with_the_first_touchpoint_of_anybody():
    touchpoints = met(("cy", "check_in", "2025-12-30"), ("dan", "qbr", "2025-12-10"))
    found = look(touchpoints, {"ada": "platinum", "bob": "gold"}, began="2023-01-01")
    assert found.loc[("ada", "executive_review"), "status"] == "unknown"
    assert "none is on record of any account" in found.loc[("ada", "executive_review"), "words"]
    assert found.loc[("bob", "check_in"), "due_on"] == pd.Timestamp("2026-01-09")  # 10 December + 30 days
    assert "touchpoints were first written down on 10 December 2025" in found.loc[("bob", "check_in"), "words"]
    nothing = look(met(), {"ada": "platinum"})
    assert (nothing["status"] == "unknown").all()


@dataclass(frozen=True)
class Silent:
    """Feeds with one outage."""

    start: str
    end: str

    def outages(self, table: str, as_of: pd.Timestamp) -> tuple[Outage, ...]:
        return (Outage(pd.Timestamp(self.start), pd.Timestamp(self.end), 90, True),)


def test_days_on_which_the_feed_was_down_make_nobody_overdue():
    touchpoints = met(("ada", "check_in", "2025-11-30"), ("bob", "check_in", "2025-10-01"))
    tier = {"ada": "gold", "bob": "gold"}
    found = look(touchpoints, tier, feeds=Silent("2025-12-01", "2025-12-20"))
    assert found["status"].droplevel("kind").to_dict() == {"ada": "unknown", "bob": "overdue"}
    assert "so it may have been met" in found.loc[("ada", "check_in"), "words"]
    before = look(touchpoints, tier, feeds=Silent("2025-11-01", "2025-11-20"))
    assert before.loc[("ada", "check_in"), "status"] == "overdue"


@given(st.integers(0, 400), st.integers(1, 400), st.integers(0, 60))
def test_overdue_is_more_days_than_the_cadence_and_nothing_else(ago, every, within):
    touchpoints = met(("a", "check_in", str(AS_OF - pd.Timedelta(days=ago))))
    rules = Cadences(platinum={}, gold={"check_in": every}, standard={})
    start = pd.Series({"a": pd.Timestamp("2020-01-01")})
    found = cadences(touchpoints, pd.Series({"a": "gold"}), start, AS_OF, rules, due_within=within).iloc[0]
    assert found["days_over"] == ago - every
    assert (found["status"] == "overdue") == (ago > every)
    assert (found["status"] == "fine") == (ago <= every and every - ago >= within) or ago == every
