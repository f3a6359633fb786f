"""Does one look at the ends of service answer every horizon as the labels of that horizon would?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from day_by_day import FIRST, database_of, draw_histories
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.snapshots.ends import churned_within, service_ends
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from small_worlds import looks, side_by_side, version, world

AS_OFS = ("2024-09-01", "2025-01-01", "2025-03-01")
FEWER = max(1, settings().max_examples // 12)
LONGEST = 365
HORIZONS = (1, 29, 30, 31, 60, 90, 180, LONGEST)

windows = st.builds(
    LabelWindow,
    lead_days=st.sampled_from([0, 14]),
    grace_days=st.sampled_from([30, 1, 7]),
    pause_days=st.sampled_from([90, 0, 30]),
)
untils = st.integers(300, 1000).map(lambda day: FIRST + timedelta(days=day))


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), window=windows, until=untils, horizon=st.sampled_from(HORIZONS))
def test_the_outcome_at_any_horizon_is_the_label_of_that_horizon(seed, window, until, horizon):
    histories = draw_histories(seed)
    db, asked = database_of(histories, until), looks(*AS_OFS, accounts=list(histories))
    ends = service_ends(db, asked, window, LONGEST)
    # one horizon that hypothesis picks, and the two that matter most: the shortest of a model and the longest
    for days in {horizon, 30, LONGEST}:
        label = churn_labels(db, asked, replace(window, horizon_days=days))["churned"]
        found = pd.Series(churned_within(ends, days), index=asked)
        pd.testing.assert_series_equal(found, label.astype("Float64").astype(float), check_names=False)


@settings(max_examples=FEWER)
@given(seed=st.integers(0, 2**32 - 1), window=windows, until=st.tuples(untils, untils).map(sorted))
def test_an_outcome_once_known_is_never_taken_back(seed, window, until):
    histories = draw_histories(seed)
    db, asked = database_of(histories, "2027-01-01"), looks(*AS_OFS, accounts=list(histories))
    early, late = (
        churned_within(service_ends(db.cut(str(moment)), asked, window, LONGEST), [HORIZONS]) for moment in until
    )
    known = ~np.isnan(early)
    assert (early[known] == late[known]).all()
    assert (np.diff(known.astype(int), axis=1) <= 0).all(), "what is known within a year is known within a month"


def test_the_random_histories_hold_every_outcome_at_every_horizon():
    histories = draw_histories(5)
    asked = looks(*AS_OFS, accounts=list(histories))
    ends = service_ends(database_of(histories, "2026-01-01"), asked, LabelWindow(lead_days=14), LONGEST)
    found = churned_within(ends, [HORIZONS])
    assert all({0.0, 1.0} <= set(column) and np.isnan(column).any() for column in found.T[1:])
    assert ends["merged"].any()
    assert (ends["ended_after"] <= 14).any(), "somebody left within the lead"


def outcomes_on(until: str, days) -> dict[str, list[float]]:
    """Six accounts looked at on 1 January 2025 with lead 10 and grace 30, as known at `until`."""
    stays = {"leaver": "2025-03-01", "in_lead": "2025-01-08", "on_the_edge": "2025-02-10", "stayer": None}
    cases = {name: [version("2024-01-01", end)] for name, end in stays.items()}
    cases["acquired"] = [version("2024-01-01", "2025-03-01")]
    # the contract goes on under the account that bought it
    cases["moved"] = [version("2024-01-01", "2025-03-01"), version("2025-03-01", account_id="buyer")]
    exits = [{"account_id": "acquired", "exited_at": "2025-03-02", "reason": "acquired"}]
    db = world(side_by_side(cases), exits=exits, until=until)
    asked = looks("2025-01-01", accounts=sorted(cases))
    found = churned_within(service_ends(db, asked, LabelWindow(lead_days=10), 365), [days])
    return {account: row.tolist() for (account, _), row in zip(asked, found, strict=True)}


def test_six_accounts_on_paper():
    nan = pytest.approx(np.nan, nan_ok=True)
    # 1 March is day 59, 10 February day 40: inside lead + horizon from 49 and 30 days on
    assert outcomes_on("2026-06-01", (29, 30, 48, 49, 365)) == {
        "acquired": [0.0, 0.0, 0.0, nan, nan],
        "in_lead": [nan] * 5,
        "leaver": [0.0, 0.0, 0.0, 1.0, 1.0],
        "moved": [0.0, 0.0, 0.0, nan, nan],
        "on_the_edge": [0.0, 1.0, 1.0, 1.0, 1.0],
        "stayer": [0.0] * 5,
    }


def test_leavers_and_stayers_mature_on_the_same_day():
    # lead 10, horizon 60 and grace 30 have passed after day 100, 11 April: known from tables complete beyond it
    for until, known in (("2025-04-11", False), ("2025-04-12", True)):
        found = outcomes_on(until, [60])
        assert [np.isfinite(found[who][0]) for who in ("leaver", "on_the_edge", "stayer")] == [known] * 3, until


def test_each_row_may_be_asked_about_days_of_its_own():
    ends = pd.DataFrame(
        {"ended_after": [45.0, 45.0, np.nan, 45.0], "settled_days": 100.0, "merged": False, "lead_days": 0.0}
    )
    own = np.array([44.0, 45.0, 99.0, 100.0])
    assert churned_within(ends, own)[:3].tolist() == [0.0, 1.0, 0.0]
    assert np.isnan(churned_within(ends, own)[3]), "not matured, though it has left"
    table = np.stack([own, own + 1], axis=1)
    both = churned_within(ends, table)
    assert both.shape == (4, 2)
    for column, days in zip(both.T, table.T, strict=True):
        assert np.array_equal(column, churned_within(ends, days), equal_nan=True)
    assert churned_within(ends.iloc[:0], []).shape == (0,)
