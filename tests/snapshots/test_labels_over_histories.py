"""The laws of labels over random histories, against a day loop in plain Python."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
from day_by_day import FIRST, by_the_day, database_of, draw_histories
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.snapshots.labels import LabelWindow, churn_labels
from small_worlds import looks

AS_OFS = ("2024-09-01", "2025-01-01", "2025-03-01")
FEWER = max(1, settings().max_examples // 12)

windows = st.builds(
    LabelWindow,
    lead_days=st.sampled_from([0, 14]),
    horizon_days=st.sampled_from([30, 90, 180]),
    grace_days=st.sampled_from([30, 0, 1]),
    pause_days=st.sampled_from([90, 0, 30]),
)
untils = st.integers(300, 760).map(lambda day: FIRST + timedelta(days=day))


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), window=windows, until=untils)
def test_labels_equal_a_loop_over_days(seed, window, until):
    histories = draw_histories(seed)
    found = churn_labels(database_of(histories, until), looks(*AS_OFS, accounts=list(histories)), window)
    for (account, as_of), row in found.iterrows():
        expected, gone = by_the_day(histories[account], as_of.date(), window, until)
        if expected is None:
            continue  # never served before as_of: not in any book
        label = row.why_missing if row.why_missing is not None else bool(row.churned)
        assert (label, None if gone is None else pd.Timestamp(gone)) == (
            expected,
            None if pd.isna(row.churned_at) else row.churned_at,
        ), f"{account} at {as_of.date()}, {window}, until {until}: {histories[account]}"


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), window=windows, until=st.tuples(untils, untils).map(sorted))
def test_shrinking_the_data_never_changes_a_kept_label(seed, window, until):
    histories = draw_histories(seed)
    db, asked = database_of(histories, "2027-01-01"), looks(*AS_OFS, accounts=list(histories))
    early, late = (churn_labels(db.cut(str(moment)), asked, window) for moment in until)
    settled = early["why_missing"] != "not matured"
    columns = [c for c in early.columns if c != "days_observed"]  # it grows with what was seen
    pd.testing.assert_frame_equal(early.loc[settled, columns], late.loc[settled, columns])


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), window=windows, until=untils)
def test_the_labels_of_a_database_are_those_of_its_tables_cut_at_their_end(seed, window, until):
    histories = draw_histories(seed)
    asked = looks(*AS_OFS, accounts=list(histories))
    beyond = database_of(histories, until)  # rows after `until` lie in its tables
    within = database_of(histories, "2027-01-01").cut(str(until))
    pd.testing.assert_frame_equal(churn_labels(beyond, asked, window), churn_labels(within, asked, window))


def test_the_random_histories_hold_every_outcome():
    histories = draw_histories(5)
    found = churn_labels(
        database_of(histories, "2026-01-01"), looks(*AS_OFS, accounts=list(histories)), LabelWindow(lead_days=14)
    )
    told = found["churned"].astype("object").map({True: "churned", False: "stayed"})
    outcomes = found["why_missing"].fillna(told)
    assert set(outcomes) >= {"churned", "stayed", "left in lead", "merged"}
