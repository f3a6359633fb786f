"""Labels by hand, with real dates; the laws over random histories are in test_labels_over_histories.py."""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.errors import ChurnmodelError
from churnmodel.snapshots.labels import LabelWindow, churn_labels, label_report
from small_worlds import looks, side_by_side, version, world

# Looked at on 1 January 2025 with horizon 90 and grace 30: the window ends on 1 April, the label matures on
# 1 May, and is known from tables complete to any moment after it.
JANUARY = "2025-01-01"
QUARTER = LabelWindow(horizon_days=90, grace_days=30, pause_days=90)


def labels(cases, window=QUARTER, *, until="2026-01-01", exits=None):
    """The label of each case, all looked at on 1 January 2025, by the case's name."""
    tables = {} if exits is None else {"exits": side_by_side(exits)}
    db = world(side_by_side(cases), until=until, **tables)
    return churn_labels(db, looks(JANUARY, accounts=list(cases)), window).droplevel("as_of")


def told(found):
    """True, False, or why the label is missing."""
    return {
        case: why if why is not None else bool(churned)
        for case, churned, why in zip(found.index, found["churned"], found["why_missing"], strict=True)
    }


def ends(*days):
    return {str(day): [version("2024-01-01", day)] for day in days}


def test_churn_counts_in_the_window_open_at_as_of_and_closed_at_its_end():
    assert told(labels(ends("2025-01-01", "2025-01-02", "2025-04-01", "2025-04-02", None))) == {
        "2025-01-01": "left in lead",  # at as_of: not in (as_of, as_of + 90]
        "2025-01-02": True,
        "2025-04-01": True,  # the window's last day
        "2025-04-02": False,  # a day too late
        "None": False,
    }


def test_a_lead_moves_the_window_and_hides_what_leaves_inside_it():
    window = LabelWindow(lead_days=14, horizon_days=90, grace_days=30)
    assert told(labels(ends("2025-01-15", "2025-01-16", "2025-04-15", "2025-04-16"), window)) == {
        "2025-01-15": "left in lead",  # exactly at the end of the lead
        "2025-01-16": True,
        "2025-04-15": True,  # 1 January + 14 + 90 days
        "2025-04-16": False,
    }


@pytest.mark.parametrize(
    ("until", "left", "stayed"),
    [
        ("2025-02-16", "not matured", "not matured"),
        ("2025-05-01", "not matured", "not matured"),
        ("2025-05-02", True, False),
        ("2026-01-01", True, False),
    ],
)
def test_leavers_and_stayers_alike_are_missing_never_false_until_window_and_grace_are_over(until, left, stayed):
    found = labels(ends("2025-02-15", None), until=until)
    assert told(found) == {"2025-02-15": left, "None": stayed}
    assert found["churned"].isna().tolist() == [left == "not matured"] * 2


def test_a_label_that_has_not_matured_says_nothing_of_what_became_of_it():
    found = labels(ends("2025-02-15"), until="2025-05-01").iloc[0]
    assert pd.isna(found.churned_at)
    assert pd.isna(found[["days_to_churn", "mrr_lost", "mrr_gained", "voluntary", "reason"]]).all()


def test_a_return_within_the_grace_is_a_late_renewal():
    returns = ("2025-02-15", "2025-03-17", "2025-03-18")  # 15 February + 30 days = 17 March
    cases = {day: [version("2024-01-01", "2025-02-15"), version(day)] for day in returns}
    assert list(told(labels(cases)).values()) == [False, False, True]


def test_a_return_on_the_last_day_of_grace_is_seen_before_the_label_is_told():
    # ends with the window on 1 April, back on 1 May: the label matures on 1 May and is told from 2 May on
    cases = {"back": [version("2024-01-01", "2025-04-01"), version("2025-05-01")]}
    assert told(labels(cases, until="2025-05-01")) == {"back": "not matured"}
    assert told(labels(cases, until="2025-05-02")) == {"back": False}


def test_a_reactivation_does_not_undo_churn_and_starts_a_tenure_of_its_own():
    db = world([version("2024-01-01", "2025-02-15"), version("2025-06-01", "2025-09-01")])
    first, second = churn_labels(db, looks(JANUARY, "2025-07-01"), QUARTER)["churned_at"]
    assert (first, second) == (pd.Timestamp("2025-02-15"), pd.Timestamp("2025-09-01"))


def test_an_account_with_two_subscriptions_leaves_with_the_last():
    one = version("2024-01-01", "2025-02-15")
    other = version("2024-06-01", subscription_id="t", mrr=40.0)
    found = labels({"one left": [one, other], "both left": [one, other | {"ended_at": "2025-03-01"}]})
    assert told(found) == {"one left": False, "both left": True}
    assert found.loc["both left", "churned_at"] == pd.Timestamp("2025-03-01")
    assert found["mrr_at_risk"].tolist() == [140.0, 140.0]


def test_a_pause_counts_as_service_up_to_pause_days():
    paid, window = version("2024-01-01", "2025-02-01"), LabelWindow(horizon_days=180, grace_days=30, pause_days=90)
    resumed = ("2025-05-02", "2025-06-01", "2025-06-02")
    cases = {day: [paid, version("2025-02-01", day, mrr=0.0), version(day)] for day in resumed}
    cases["never"] = [paid, version("2025-02-01", None, mrr=0.0)]
    found = labels(cases, window)
    assert told(found) == {
        "2025-05-02": False,  # a pause of 90 days from 1 February
        "2025-06-01": False,  # 90 days of pause and 30 of grace
        "2025-06-02": True,  # a day longer: service ended when the pause had used up its days
        "never": True,
    }
    assert found.loc[["2025-06-02", "never"], "churned_at"].tolist() == [pd.Timestamp("2025-05-02")] * 2


def test_the_end_of_a_pause_is_not_churn_before_its_grace_has_passed():
    # window to 2 May, told from 2 June on; the pause ends on 2 May and its grace on 1 June
    cases = {"paused": [version("2024-01-01", "2025-02-01"), version("2025-02-01", None, mrr=0.0)]}
    window = LabelWindow(horizon_days=121, grace_days=30, pause_days=90)
    assert told(labels(cases, window, until="2025-06-01")) == {"paused": "not matured"}
    assert told(labels(cases, window, until="2025-06-02")) == {"paused": True}


def test_a_trial_before_the_first_paid_version_is_no_tenure():
    rows = [version("2024-12-01", "2025-01-10", mrr=0.0), version("2025-01-10", "2025-02-20")]
    found = churn_labels(world(rows), looks("2025-01-20"), QUARTER).iloc[0]
    assert (bool(found.churned), found.days_to_churn) == (True, 31.0)


def test_an_acquired_account_has_neither_churned_nor_stayed():
    exits = {
        "that day": ("2025-02-15", "acquired"),
        "30 days before": ("2025-01-16", "acquired"),
        "30 days after": ("2025-03-17", "acquired"),
        "31 days before": ("2025-01-15", "acquired"),  # too far from the end of service to be about it
        "31 days after": ("2025-03-18", "acquired"),
        "for the price": ("2025-02-15", "price"),
        "runs on": ("2025-02-15", "acquired"),
    }
    cases = {name: [version("2024-01-01", "2025-02-15" if name != "runs on" else None)] for name in exits}
    rows = {name: [{"exited_at": at, "reason": reason}] for name, (at, reason) in exits.items()}
    assert list(told(labels(cases, exits=rows)).values()) == [
        "merged",
        "merged",
        "merged",
        True,
        True,
        True,
        False,
    ]


def test_a_contract_that_goes_on_under_another_account_has_not_churned():
    def moves_to_the_parent(day, subscription="s"):
        return [
            version("2024-01-01", "2025-02-15"),
            version(day, account_id="parent", subscription_id=subscription),
        ]

    cases = {
        "that day": moves_to_the_parent("2025-02-15"),
        "30 days later": moves_to_the_parent("2025-03-17"),
        "31 days later": moves_to_the_parent("2025-03-18"),
        "another contract": moves_to_the_parent("2025-02-15", subscription="t"),
    }
    assert list(told(labels(cases)).values()) == ["merged", "merged", True, True]


def test_contraction_and_expansion_compare_the_end_of_the_window_with_as_of():
    changes = {
        "fell": [version("2025-02-01", mrr=70.0)],
        "rose": [version("2025-02-01", mrr=160.0)],
        "rose at the window's last moment": [version("2025-04-01", mrr=160.0)],
        "rose a day too late": [version("2025-04-02", mrr=160.0)],
        "fell, then rose": [version("2025-02-01", "2025-03-01", mrr=70.0), version("2025-03-01", mrr=120.0)],
        "paused to the end": [version("2025-02-01", None, mrr=0.0)],
    }
    found = labels({n: [version("2024-01-01", later[0]["started_at"]), *later] for n, later in changes.items()})
    assert set(told(found).values()) == {False}
    assert set(found["mrr_at_risk"]) == {100.0}
    assert found["mrr_lost"].tolist() == [30.0, 0.0, 0.0, 0.0, 0.0, 100.0]
    assert found["mrr_gained"].tolist() == [0.0, 60.0, 60.0, 0.0, 20.0, 0.0]


def test_a_churner_loses_all_and_gains_nothing_even_if_it_returns_dearer():
    found = labels({"back": [version("2024-01-01", "2025-02-01"), version("2025-03-10", mrr=900.0)]}).iloc[0]
    assert (bool(found.churned), found.mrr_lost, found.mrr_gained) == (True, 100.0, 0.0)


def test_renewable_means_that_a_term_ends_inside_the_window():
    terms = {
        "renewed at as_of": ({"renews_at": "2025-01-01"}, False),  # not in (as_of, as_of + 90]
        "the first day": ({"renews_at": "2025-01-02"}, True),
        "the last day": ({"renews_at": "2025-04-01"}, True),
        "a day late": ({"renews_at": "2025-04-02", "billing_period": "annual", "term_months": 12}, False),
        "by the month": ({"renews_at": "2025-04-02", "term_months": 1}, True),
        "billed by the month": ({"billing_period": "monthly"}, True),
        "only billed so": ({"billing_period": "monthly", "term_months": 12, "renews_at": "2025-12-01"}, False),
        "says nothing": ({}, False),
    }
    cases = {name: [version("2024-01-01", **columns)] for name, (columns, _) in terms.items()}
    cases["an earlier version's term"] = [version("2024-01-01", "2024-12-01", renews_at="2025-02-01"),
                                          version("2024-12-01")]  # fmt: skip
    expected = {name: renewable for name, (_, renewable) in terms.items()} | {"an earlier version's term": False}
    assert labels(cases)["renewable"].to_dict() == expected


def test_leaving_is_voluntary_after_notice_or_a_stated_reason_unless_involuntary():
    facts = {
        "notice": ("2025-02-01", None, True),
        "reason": (None, "price", True),
        "cut off": (None, "involuntary", False),
        "cut off after notice": ("2025-02-01", "involuntary", False),
        "silent": (None, None, None),
    }
    cases = {name: [version("2024-01-01", "2025-02-15", cancelled_at=at)] for name, (at, _, _) in facts.items()}
    exits = {n: [{"exited_at": "2025-02-16", "reason": why}] if why else [] for n, (_, why, _) in facts.items()}
    found = labels(cases, exits=exits)
    voluntary = found["voluntary"].astype("object").where(found["voluntary"].notna(), None)
    assert voluntary.to_dict() == {name: expected for name, (_, _, expected) in facts.items()}
    assert found["reason"].to_dict() == {name: reason for name, (_, reason, _) in facts.items()}


def test_a_stayer_has_no_reason_and_was_neither_voluntary_nor_not():
    exits = {"wavered": [{"exited_at": "2025-02-16", "reason": "price"}]}
    found = labels({"wavered": [version("2024-01-01", cancelled_at="2025-02-01")]}, exits=exits).iloc[0]
    assert (bool(found.churned), found.reason, found.voluntary is pd.NA) == (False, None, True)


def test_days_observed_end_with_the_churn_or_the_last_day_a_churn_would_be_known():
    # tables to 1 June, grace 30: an end of service up to 2 May would be known
    left, stayed, perhaps = labels(ends("2025-02-15", None, "2025-05-20"), until="2025-06-01")["days_observed"]
    assert (left, stayed) == (45.0, 121.0)
    assert perhaps == 121.0, "it may still return within its grace"


def test_labels_keep_the_order_they_were_asked_in_and_answer_several_days_at_once():
    db = world([version("2024-01-01", "2025-02-15"), version("2024-01-01", account_id="b", subscription_id="t")])
    asked = looks("2025-02-01", JANUARY, accounts=("b", "a"))
    found = churn_labels(db, asked, QUARTER)
    assert found.index.equals(asked)
    assert found["churned"].tolist() == [False, False, True, True]


def test_rows_learned_at_or_after_data_until_do_not_make_a_label():
    rows = [version("2024-01-01", "2025-02-15", known_at=None), version("2025-03-01", known_at="2025-06-01")]
    assert told(labels({"renewed": rows}, until="2025-06-01")) == {"renewed": True}
    assert told(labels({"renewed": rows}, until="2025-06-02")) == {"renewed": False}


def test_without_grace_a_label_does_not_change_with_what_is_stated_after_it_has_matured():
    window, cases = LabelWindow(horizon_days=90, grace_days=0), {"sold": [version("2024-01-01", "2025-04-01")]}
    for stated, expected in (("2025-04-01", "merged"), ("2025-04-02", True)):
        exits = {"sold": [{"exited_at": stated, "reason": "acquired"}]}
        for until in ("2025-04-02", "2025-04-03"):
            assert told(labels(cases, window, until=until, exits=exits)) == {"sold": expected}


def test_the_one_exception_what_is_learned_late_changes_a_kept_label_when_it_is_learned():
    """Only a row whose known_at says that it came after the label had matured can do so."""
    exits = {"sold": [{"exited_at": "2025-02-15", "reason": "acquired", "known_at": "2025-05-31"}]}
    cases = {"sold": [version("2024-01-01", "2025-02-15")]}
    assert told(labels(cases, until="2025-05-31", exits=exits)) == {"sold": True}
    assert told(labels(cases, until="2025-06-01", exits=exits)) == {"sold": "merged"}


@pytest.mark.parametrize("wrong", [{"horizon_days": 0}, {"lead_days": -1}, {"grace_days": -1}, {"pause_days": -1}])
def test_an_impossible_window_is_refused(wrong):
    with pytest.raises(ChurnmodelError, match="at least 1 day"):
        LabelWindow(**wrong)


def test_the_report_counts_every_snapshot_once():
    ended = {"left": "2025-03-01", "lead": "2025-01-05", "sold": "2025-03-01", "stay": None}
    rows = side_by_side({account: [version("2024-01-01", day)] for account, day in ended.items()})
    exits = [{"account_id": "sold", "exited_at": "2025-03-01", "reason": "acquired"}]
    window = LabelWindow(lead_days=14, horizon_days=90, grace_days=30)
    asked = looks(JANUARY, "2025-11-01", accounts=("left", "lead", "sold", "stay"))
    report = label_report(churn_labels(world(rows, exits=exits), asked, window))
    counts = ["snapshots", "churned", "stayed", "not_matured", "left_in_lead", "merged"]
    assert report.loc["2025-01-01", counts].tolist() == [4, 1, 1, 0, 1, 1]
    assert report.loc["2025-11-01", "not_matured"] == 4
    assert report.loc["all", counts].tolist() == [8, 1, 1, 4, 1, 1]
    assert report.loc["2025-01-01", ["churn_rate", "mrr_lost"]].tolist() == [0.5, 100.0]
    assert pd.isna(report.loc["2025-11-01", "churn_rate"])
