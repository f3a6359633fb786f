from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from day_by_day import database_of, draw_histories, served_days
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.errors import SourceError
from churnmodel.snapshots.cohort import build_book, build_cohort, month_starts
from small_worlds import side_by_side, version, world

MARCH = "2025-03-01"
FEWER = max(1, settings().max_examples // 12)


def book(cases, as_of=MARCH, **rules):
    """The book over the cases side by side, by the case's name."""
    return build_book(world(side_by_side(cases)), [as_of], **rules).droplevel("as_of")


def test_the_book_holds_who_was_known_to_be_running_before_as_of():
    cases = {
        "runs": [version("2024-01-01")],
        "ended before": [version("2024-01-01", "2025-02-28")],
        "ends at as_of": [version("2024-01-01", "2025-03-01")],  # not known yet
        "ends later": [version("2024-01-01", "2025-03-02")],
        "starts before": [version("2025-02-28")],
        "starts at as_of": [version("2025-03-01")],  # not known yet
        "learned at as_of": [version("2025-01-01", known_at="2025-03-01")],
        "learned before": [version("2025-01-01", known_at="2025-02-28")],
        "learned late, ended": [version("2025-01-01", "2025-02-01", known_at="2025-02-28")],
    }
    expected = ["ends at as_of", "ends later", "learned before", "runs", "starts before"]
    assert book(cases).index.tolist() == expected


def test_the_hour_matters_up_to_midnight():
    cases = {"late in the evening": [version("2025-02-28 23:59:59")], "midnight": [version("2025-03-01 00:00:00")]}
    assert book(cases).index.tolist() == ["late in the evening"]


def test_a_paused_account_is_in_the_book_at_zero_mrr_until_its_pause_is_used_up():
    def paused_on(day):
        return [version("2024-01-01", day), version(day, None, mrr=0.0)]

    cases = {
        "89 days": paused_on("2024-12-02"),
        "90 days": paused_on("2024-12-01"),
        "in trial": [version("2025-02-01", mrr=0.0)],
    }
    found = book(cases)
    assert found["mrr"].to_dict() == {"89 days": 0.0}


def test_several_subscriptions_are_one_row_with_their_mrr_together():
    rows = [
        version("2024-01-01", mrr=100.0, plan="basic", billing_period="annual", renews_at="2026-01-01"),
        version("2024-06-01", mrr=40.5, subscription_id="addon", plan="addon", renews_at="2025-06-01"),
        version("2024-07-01", "2025-01-01", mrr=999.0, subscription_id="gone", plan="gone"),
    ]
    found = book({"ada": rows})
    assert found.index.tolist() == ["ada"]
    row = found.loc["ada"]
    assert (row.mrr, row["plan"], row.billing_period) == (140.5, "basic", "annual")
    assert (row.renews_at, row.days_to_renewal) == (pd.Timestamp("2025-06-01"), 92.0)
    assert row.tenure_days == 425.0  # from 1 January 2024: 366 + 59


def test_a_renewal_that_has_passed_is_not_the_next_one():
    rows = [version("2024-01-01", renews_at="2025-02-28")]
    found = book({"stale": rows, "at as_of": [version("2024-01-01", renews_at="2025-03-01")]})
    assert pd.isna(found.loc["stale", "renews_at"])
    assert found.loc["at as_of", "days_to_renewal"] == 0.0


def test_who_has_given_notice_for_all_it_has_is_leaving_and_not_before():
    term = {"renews_at": "2025-06-01"}
    cases = {
        "notice": [version("2024-01-01", cancelled_at="2025-02-28", **term)],
        "notice at as_of": [version("2024-01-01", cancelled_at="2025-03-01", **term)],
        "notice for one of two": [
            version("2024-01-01", cancelled_at="2025-02-01", **term),
            version("2024-01-01", subscription_id="t"),
        ],
        "notice for one, the other ended": [
            version("2024-01-01", cancelled_at="2025-02-01", **term),
            version("2024-01-01", "2025-02-15", subscription_id="t"),
        ],
    }
    found = book(cases)
    assert found["status"].to_dict() == {
        "notice": "leaving",
        "notice at as_of": "at_risk",
        "notice for one of two": "at_risk",
        "notice for one, the other ended": "leaving",
    }
    assert found["leaving_on"].dropna().to_dict() == {
        "notice": pd.Timestamp("2025-06-01"),
        "notice for one, the other ended": pd.Timestamp("2025-06-01"),
    }


def test_the_leaving_keep_their_full_mrr_in_the_book():
    found = book({"notice": [version("2024-01-01", cancelled_at="2025-02-01", mrr=250.0)]})
    assert found["mrr"].item() == 250.0


def test_an_account_is_young_for_its_first_thirty_days():
    cases = {"29 days": [version("2025-01-31")], "30 days": [version("2025-01-30")]}
    assert book(cases)["status"].to_dict() == {"29 days": "young", "30 days": "at_risk"}


def test_a_reactivated_account_is_young_again_and_a_late_renewal_is_not():
    left = version("2024-01-01", "2025-01-15")
    cases = {"reactivated": [left, version("2025-02-15")], "late": [left, version("2025-02-14")]}
    found = book(cases)
    assert found["status"].to_dict() == {"late": "at_risk", "reactivated": "young"}
    assert found["tenure_days"].to_dict() == {"late": 425.0, "reactivated": 14.0}


def test_the_cohort_is_the_book_without_the_leaving_and_the_young():
    cases = {
        "at risk": [version("2024-01-01")],
        "leaving": [version("2024-01-01", cancelled_at="2025-02-01")],
        "young": [version("2025-02-15")],
    }
    db = world(side_by_side(cases))
    assert build_cohort(db, [MARCH]).index.get_level_values("account_id").tolist() == ["at risk"]
    assert build_cohort(db, [MARCH], min_tenure_days=10).droplevel("as_of").index.tolist() == ["at risk", "young"]


def test_a_book_beyond_the_end_of_the_data_is_refused():
    db = world([version("2024-01-01")], until=MARCH)
    assert len(build_book(db, [MARCH])) == 1
    with pytest.raises(SourceError, match=r"as_of 2025-03-02 lies after data_until 2025-03-01.*move data_until"):
        build_book(db, ["2025-01-01", "2025-03-02"])


def test_rows_are_sorted_by_day_then_account_and_none_stands_twice():
    db = world(side_by_side({"b": [version("2024-01-01")], "a": [version("2024-01-01")]}))
    found = build_book(db, ["2025-03-01", "2025-02-01", "2025-03-01"])
    assert found.index.names == ["account_id", "as_of"]
    assert [f"{a} {d:%m-%d}" for a, d in found.index] == ["a 02-01", "b 02-01", "a 03-01", "b 03-01"]


def test_an_account_that_accounts_do_not_list_is_in_the_book_without_a_name():
    db = world([version("2024-01-01")], accounts=[{"account_id": "z", "created_at": "2024-01-01"}])
    assert build_book(db, [MARCH])["name"].isna().tolist() == [True]


def test_a_name_learned_later_is_not_in_the_book():
    accounts = [{"account_id": "a", "created_at": "2024-01-01", "segment": "smb", "known_at": "2025-03-01"}]
    found = build_book(world([version("2024-01-01")], accounts=accounts), [MARCH, "2025-03-02"])
    assert found["segment"].fillna("not known").tolist() == ["not known", "smb"]


def test_a_book_of_no_days_is_empty_and_has_its_columns():
    db = world([version("2024-01-01")])
    assert build_book(db, []).columns.equals(build_book(db, [MARCH]).columns)


def test_month_starts_lie_in_the_closed_interval():
    first, last = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-03-01")
    assert month_starts(first, last).strftime("%m-%d").tolist() == ["01-01", "02-01", "03-01"]
    assert month_starts(pd.Timestamp("2025-01-01 09:00"), last).strftime("%m-%d").tolist() == ["02-01", "03-01"]
    mondays = month_starts(first, pd.Timestamp("2025-01-20"), "week")
    assert mondays.strftime("%m-%d").tolist() == ["01-06", "01-13", "01-20"]


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), as_of=st.dates(date(2024, 3, 1), date(2025, 3, 1)))
def test_the_book_is_whom_the_days_before_as_of_show_as_served(seed, as_of):
    histories = draw_histories(seed)
    db = database_of(histories, "2027-01-01")
    found = build_book(db, [str(as_of)])
    expected = []
    for account, history in histories.items():
        # as known before as_of: what ends later runs on, so who runs then is served on the day itself
        if as_of in served_days(history, 90, as_of):
            expected.append(account)
    assert found.index.get_level_values("account_id").tolist() == expected
    pd.testing.assert_frame_equal(found, build_book(db.cut(str(as_of)), [str(as_of)]))


def test_a_book_is_looked_at_on_utc_midnights_whatever_zone_the_day_came_in():
    db = world([version("2024-01-01")], until=MARCH)
    zoned = ["2025-02-28T23:00:00-02:00", pd.Timestamp("2025-03-01 00:30", tz="Europe/Berlin")]
    assert build_book(db, zoned).index.get_level_values("as_of").tolist() == [
        pd.Timestamp("2025-02-28"),
        pd.Timestamp("2025-03-01"),
    ]
    with pytest.raises(SourceError, match=r"wanted a day or a time, got 'next month'"):
        build_book(db, ["next month"])
