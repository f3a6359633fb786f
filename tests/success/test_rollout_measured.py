"""Does the frozen roster reconcile to the cent, and is what was expected what the frozen risks say?"""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.success.renewals_spread import ALONE, learn_spread
from churnmodel.success.rollout_bridge import band_moves, became, bridge_of
from churnmodel.success.rollout_columns import BY_NAME, SECTIONS, as_markdown
from churnmodel.success.rollout_expected import expected_loss, read_risks, risk_within, write_risks
from success.rollout_world import DAY_0

EDGES = (30, 60, 90, 180, 365)
BOOK = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.integers(0, 10**7), st.booleans()), max_size=8
)


def books(then, now) -> tuple[pd.DataFrame, pd.DataFrame]:
    began = {account: DAY_0 + pd.Timedelta(days=5 if again else -400) for account, (_, again) in now.items()}
    was = pd.DataFrame({"mrr_cents": {a: cents for a, (cents, _) in then.items()}}, dtype="int64")
    is_now = pd.DataFrame({"mrr_cents": {a: cents for a, (cents, _) in now.items()}, "began_on": began})
    return was, is_now.astype({"mrr_cents": "int64", "began_on": "datetime64[us]"})


@settings(max_examples=60)
@given(BOOK, BOOK)
def test_every_cent_of_every_account_has_one_cause(then, now):
    was, is_now = books(then, now)
    found = became(was, is_now, DAY_0)
    gains, losses = found["expansion"] + found["back"], found["contraction"] + found["churn"]
    assert (found["opening"] + gains - losses == found["closing"]).all()
    assert (found[["expansion", "contraction", "churn", "back"]] >= 0).all(axis=None)
    sums = bridge_of(found)
    both = is_now["mrr_cents"].reindex([a for a in then if a in now]).sum()
    assert sums.closing == both and sums.opening == sum(cents for cents, _ in then.values())
    assert sums.left == sum(a not in now or now[a][1] for a in then)
    assert math.isnan(sums.kept) or 0 <= sums.kept <= min(1, sums.net)


@settings(max_examples=30)
@given(BOOK, BOOK)
def test_who_came_since_changes_nothing_of_the_roster(then, now):
    was, is_now = books(then, now)
    alone = is_now[is_now.index.isin(was.index)]
    pd.testing.assert_frame_equal(became(was, is_now, DAY_0), became(was, alone, DAY_0))


def test_bands_are_counted_once_per_account_and_whoever_left_is_in_the_last_column():
    then = pd.Series(["red", "red", "green", None])
    now = pd.Series(["green", "red", "green", "orange"])
    found = band_moves(then, now, pd.Series([True, False, True, True]))
    assert found.to_numpy().sum() == 4 and found.loc["red"].to_dict() == {
        "red": 0, "orange": 0, "green": 1, "no band": 0, "left": 1
    }  # fmt: skip
    assert found.loc["no band", "orange"] == 1


@settings(max_examples=40)
@given(st.lists(st.floats(0, 0.6), min_size=5, max_size=5), st.floats(0, 365), st.floats(0, 365))
def test_the_risk_between_two_edges_never_falls_and_meets_what_was_published_at_each(hazards, one, other):
    said = 1 - np.cumprod(1 - np.array(hazards))
    risks = pd.DataFrame([said], columns=list(EDGES))
    for edge, risk in zip(EDGES, said, strict=True):
        assert risk_within(risks, edge)[0] == pytest.approx(risk, abs=1e-8)
    low, high = sorted((one, other))
    assert risk_within(risks, low)[0] <= risk_within(risks, high)[0] + 1e-12


def test_risks_come_back_as_they_were_frozen():
    cells = pd.Series([write_risks({"risk_30": 0.1, "risk_365": 0.5, "risk_days": 9.0}), None], ["ada", "bob"])
    found = read_risks(cells)
    assert list(found.columns) == [30, 365] and found.loc["ada"].tolist() == [0.1, 0.5]
    assert found.loc["bob"].isna().all() and write_risks({"risk": 0.3}) is None


def roster(**risks: tuple[int, dict[int, float] | None]) -> pd.DataFrame:
    rows = {
        account: {"mrr_cents": cents, "status": "at_risk", "leaving_on": pd.NaT,
                  "risks": None if said is None else json.dumps(said)}
        for account, (cents, said) in risks.items()
    }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def gone(rows: pd.DataFrame, *accounts: str) -> pd.DataFrame:
    now = pd.DataFrame({"mrr_cents": rows["mrr_cents"], "began_on": DAY_0 - pd.Timedelta(days=99)})
    return became(rows, now.drop(index=list(accounts)), DAY_0)


def test_what_was_expected_is_risk_times_money_and_scores_older_than_day_0_are_asked_of_who_was_still_here():
    rows = roster(ada=(10_000, {30: 0.2, 60: 0.36}), bob=(20_000, {30: 0.5, 60: 0.75}), cy=(7, None))
    on, day = DAY_0, DAY_0 + pd.Timedelta(days=30)
    found = expected_loss(rows, gone(rows, "bob", "cy"), on, on, day, ALONE)
    assert found is not None
    assert found.logos == pytest.approx(0.7) and found.cents == pytest.approx(2000 + 10_000)
    assert (found.left, found.churned, found.accounts, found.without, found.without_left) == (1, 20_000, 2, 1, 1)
    older = expected_loss(rows, gone(rows), on, on - pd.Timedelta(days=30), day, ALONE)
    assert older is not None and older.logos == pytest.approx(0.2 + 0.5), "the same hazard, a month on"
    assert expected_loss(rows, gone(rows), on, on, on + pd.Timedelta(days=61), ALONE) is None, "beyond every risk"
    assert expected_loss(rows, gone(rows), on, None, day, ALONE) is None


def test_the_lead_is_waited_for_and_who_was_under_notice_is_sure_to_leave_on_the_day_told():
    rows = roster(ada=(10_000, {30: 0.2, 60: 0.36}), bob=(500, None), cy=(300, None))
    rows.loc[["bob", "cy"], "status"] = "leaving"
    rows["leaving_on"] = pd.to_datetime([None, "2025-10-31", "2025-11-01"])
    day = DAY_0 + pd.Timedelta(days=30)
    found = expected_loss(rows, gone(rows), DAY_0, DAY_0, day, ALONE, lead_days=30)
    assert found is not None and found.logos == 1.0 and found.cents == 500 and found.sure == 1
    assert (found.logos_low, found.logos_high, found.cents_low, found.cents_high) == (1, 1, 500, 500)


def test_the_interval_holds_as_often_as_it_says_where_the_risks_are_true():
    rng, risk = np.random.default_rng(7), np.linspace(0.02, 0.4, 120)
    rows = pd.concat([roster(**{f"a{k}": (1000, {90: float(p)})}) for k, p in enumerate(risk)])
    day = DAY_0 + pd.Timedelta(days=90)
    said = expected_loss(rows, gone(rows), DAY_0, DAY_0, day, ALONE, level=0.8)
    assert said is not None
    came = (rng.random((2000, 120)) < risk).sum(axis=1)
    assert 0.78 <= ((came >= said.logos_low) & (came <= said.logos_high)).mean() <= 0.92
    wide = expected_loss(rows, gone(rows), DAY_0, DAY_0, day, learn_spread([], []), level=0.8)
    assert wide is not None and wide.cents_high - wide.cents_low > said.cents_high - said.cents_low


def test_every_figure_is_defined_once_and_the_page_tells_it():
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "rollout.md").read_text(encoding="utf-8")
    assert as_markdown() in page
    assert len({one.name for section in SECTIONS.values() for one in section}) == len(BY_NAME)
