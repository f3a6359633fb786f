"""Does the audit tell an outage from a gap, a late start from a silence, and a stale table by its own rhythm?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from sources.audited_world import Frames, clean, of, the

Plant = Callable[[Frames], Frames]


def many_events(*down: tuple[str, str]) -> Plant:
    def plant(world: Frames) -> Frames:
        days = pd.Series(pd.date_range("2025-01-01", "2025-12-31"))
        up = ~pd.concat([days.between(a, b) for a, b in down], axis=1).any(axis=1) if down else days.notna()
        return {**world, "usage_events": pd.DataFrame({"account_id": "a", "occurred_at": days[up].repeat(30)})}

    return plant


def test_an_outage_is_told_with_its_days_and_what_follows_from_it() -> None:
    found = of(many_events(("2025-05-03", "2025-05-09"), ("2025-12-27", "2025-12-31"))(clean()), "usage_events")
    finding = the(found, "feed_outage", "usage_events")
    assert (finding.count, finding.severity) == (2, "counted")
    assert "2025-05-03 to 2025-05-09 (about 210 rows)" in finding.message
    assert "2025-12-27 to 2025-12-31 (about 150 rows, not over)" in finding.message
    assert finding.share == pytest.approx(12 / 365)
    assert "feed_gaps" not in [f.code for f in found.findings], "an outage is told once"


def test_a_long_outage_is_no_gap_of_a_small_company_as_well() -> None:
    found = of(many_events(("2025-05-03", "2025-06-09"))(clean()), "usage_events")
    assert [f.code for f in found.findings if f.code in ("feed_outage", "feed_gaps")] == ["feed_outage"]


def test_a_feed_that_was_switched_on_long_after_the_first_subscription_is_told() -> None:
    late = the(of(many_events()(clean()), "usage_events"), "begins_late", "usage_events")
    assert late.count == 306  # from 1 March 2024
    assert "usage_events begins on 2025-01-01, 306 days after the first contract" in late.message
    assert "3 of 3 accounts" in late.message
    december = clean()["subscriptions"].iloc[3:].assign(started_at="2024-12-04")
    early = of({**many_events()(clean()), "subscriptions": december}, "usage_events")
    assert "begins_late" not in [f.code for f in early.findings]


def test_a_table_is_called_stale_against_its_own_rhythm() -> None:
    def stale(column: str, table: str, days: Any) -> bool:
        frame = pd.DataFrame({"account_id": "a", column: days, "kind": "check_in", "metric": "m", "value": 1.0})
        frame = frame.assign(currency="EUR", rate=1.1)
        return ("stale", table) in [(f.code, f.table) for f in of({**clean(), table: frame}, table).findings]

    assert stale("occurred_at", "touchpoints", pd.date_range("2025-01-01", "2025-11-01", freq="7D"))
    assert not stale("occurred_at", "touchpoints", pd.date_range("2025-01-01", "2025-11-01", freq="45D"))
    assert stale("valid_from", "rates", pd.date_range("2024-06-01", "2025-05-01", freq="MS"))
    assert not stale("valid_from", "rates", pd.date_range("2024-06-01", "2025-12-01", freq="MS"))
