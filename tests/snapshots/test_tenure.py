from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.snapshots.tenure import FAR, served, tenures
from small_worlds import version, world

FOREVER = FAR
KEY = ["account_id"]


def service(rows, pause_days=90):
    db = world(rows)
    found = db.run(served(db.table("subscriptions"), KEY, pause_days).order_by("began_at"))
    return [(f"{r.began_at:%Y-%m-%d}", f"{r.over_at:%Y-%m-%d}") for r in found.itertuples()]


def stays(rows, grace_days=30, pause_days=90):
    db = world(rows)
    intervals = served(db.table("subscriptions"), KEY, pause_days)
    found = db.run(tenures(intervals, KEY, grace_days).order_by("account_id", "tenure_from"))
    return [(f"{r.tenure_from:%Y-%m-%d}", f"{r.tenure_to:%Y-%m-%d}") for r in found.itertuples()]


def test_a_paying_version_serves_from_its_start_to_its_end():
    assert service([version("2025-01-10", "2025-03-01")]) == [("2025-01-10", "2025-03-01")]


def test_a_running_version_serves_without_an_end():
    assert service([version("2025-01-10")]) == [("2025-01-10", FOREVER)]


def test_a_trial_before_the_first_paid_version_serves_nobody():
    rows = [version("2025-01-01", "2025-01-15", mrr=0.0), version("2025-01-15")]
    assert service(rows) == [("2025-01-15", FOREVER)]


def test_a_trial_of_a_second_product_does_not_serve_after_the_first_is_gone():
    rows = [version("2025-01-01", "2025-02-01"), version("2025-01-20", mrr=0.0, subscription_id="other")]
    assert service(rows) == [("2025-01-01", "2025-02-01")]


@pytest.mark.parametrize(
    ("ended_at", "over"),
    [
        ("2025-02-11", "2025-02-11"),  # a pause of ten days ends by itself
        ("2025-05-02", "2025-05-02"),  # exactly 90 days
        ("2025-05-03", "2025-05-02"),  # a day longer: it served 90 days only
        (None, "2025-05-02"),  # never resumed
    ],
)
def test_a_pause_serves_up_to_pause_days(ended_at, over):
    rows = [version("2025-01-01", "2025-02-01"), version("2025-02-01", ended_at, mrr=0.0)]
    assert service(rows) == [("2025-01-01", "2025-02-01"), ("2025-02-01", over)]


def test_a_pause_in_two_versions_is_measured_from_its_first_day():
    rows = [
        version("2025-01-01", "2025-02-01"),
        version("2025-02-01", "2025-04-01", mrr=0.0, seats=5),
        version("2025-04-01", "2025-06-01", mrr=0.0, seats=3),
    ]
    assert service(rows)[-1] == ("2025-04-01", "2025-05-02")


def test_a_second_pause_after_paying_again_is_measured_anew():
    rows = [
        version("2025-01-01", "2025-02-01"),
        version("2025-02-01", "2025-03-01", mrr=0.0),
        version("2025-03-01", "2025-04-01"),
        version("2025-04-01", None, mrr=0.0),
    ]
    assert service(rows)[-1] == ("2025-04-01", "2025-06-30")


def test_a_version_that_ends_as_it_starts_serves_nobody():
    assert service([version("2025-01-01", "2025-01-01")]) == []


def test_a_gap_of_exactly_the_grace_is_one_tenure_and_a_day_more_is_two():
    first = version("2025-01-01", "2025-02-01")
    assert stays([first, version("2025-03-03")]) == [("2025-01-01", FOREVER)]
    assert stays([first, version("2025-03-04")]) == [("2025-01-01", "2025-02-01"), ("2025-03-04", FOREVER)]


def test_without_grace_only_a_seamless_renewal_joins():
    first = version("2025-01-01", "2025-02-01")
    assert stays([first, version("2025-02-01")], grace_days=0) == [("2025-01-01", FOREVER)]
    assert len(stays([first, version("2025-02-02")], grace_days=0)) == 2


def test_a_short_subscription_inside_a_long_one_does_not_end_the_tenure():
    rows = [
        version("2025-01-01", "2025-12-01"),
        version("2025-02-01", "2025-03-01", subscription_id="addon"),
        version("2025-12-10", subscription_id="new"),
    ]
    assert stays(rows) == [("2025-01-01", FOREVER)]


def test_tenures_of_two_accounts_do_not_touch():
    rows = [
        version("2025-01-01", "2025-02-01"),
        version("2025-02-10", subscription_id="t", account_id="b"),
    ]
    assert stays(rows) == [("2025-01-01", "2025-02-01"), ("2025-02-10", FOREVER)]


def test_service_known_before_as_of_has_no_end_that_came_after():
    db = world([version("2025-01-01", "2025-02-01")]).cut("2025-02-01")
    intervals = served(db.table("subscriptions"), KEY, 90)
    assert db.run(intervals)["over_at"].item() == pd.Timestamp(FAR)
