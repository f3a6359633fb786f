"""Is the churned MRR at the top of a list, and its precision week by week, counted as on paper?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import ModelError
from churnmodel.evaluation.capture import PERFECT, capture_area, capture_curve, perfect, precision_by_week
from churnmodel.evaluation.intervals import draw_accounts
from churnmodel.evaluation.judged import Judged

# ten accounts in their order; 300 of MRR leave first, 100 fifth
CHURNED = [1, 0, 0, 0, 1, 0, 0, 0, 0, 0]
MRR = [300.0, 50, 50, 50, 100, 50, 50, 50, 50, 50]
RISK = np.arange(10, 0, -1) / 10


def rows_of(churned=CHURNED, risk=RISK, mrr=MRR, **more):
    return Judged.of(churned, risk, mrr=mrr, **more)


def caught(rows, share, ranking="model"):
    found = capture_curve({"model": rows}).set_index(["ranking", "share"])
    return found.loc[(ranking, share), "caught"]


def test_the_curve_climbs_by_what_each_account_lost():
    assert [caught(rows_of(), s) for s in (0.0, 0.1, 0.4, 0.5, 1.0)] == pytest.approx([0, 0.75, 0.75, 1, 1])
    assert caught(rows_of(), 0.05) == pytest.approx(0.375)  # half of the first account's work


def test_the_area_is_one_less_the_mean_place_of_what_was_lost():
    # 300 in the middle of the first tenth, 100 in that of the fifth
    area = capture_area({"model": rows_of()}).loc["model", "area"]
    assert area == pytest.approx(1 - (300 * 0.05 + 100 * 0.45) / 400)


def test_the_area_is_that_under_the_curve():
    rng = np.random.default_rng(5)
    rows = rows_of(rng.random(200) < 0.2, rng.random(200), rng.random(200), as_of=np.arange(200) % 2)
    shares, share = np.linspace(0, 1, 101), capture_curve({"m": rows}).query("ranking == 'm'")
    under = np.trapezoid(np.interp(shares, share["share"], share["caught"]), shares)
    assert capture_area({"m": rows}).loc["m", "area"] == pytest.approx(under, abs=0.01)


def test_lots_catch_the_share_they_work_and_have_half_the_area():
    lots = rows_of(risk=[0.4] * 10)
    for share in (0.0, 0.03, 0.5, 1.0):
        assert caught(lots, share) == pytest.approx(share)
    assert capture_area({"lots": lots}).loc["lots", "area"] == pytest.approx(0.5)


def test_the_perfect_ranking_takes_the_largest_churner_first():
    assert caught(rows_of(risk=[0.5] * 10), 0.1, PERFECT) == pytest.approx(0.75)
    assert caught(rows_of(risk=[0.5] * 10), 0.2, PERFECT) == pytest.approx(1.0)
    assert perfect(rows_of([0] * 10)).risk.tolist() == [0.0] * 10


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (rows_of([0] * 10), "nobody churned among the 10 snapshots"),
        (rows_of(mrr=[0.0] * 10), "the 2 churned snapshots had no recurring revenue"),
        (rows_of([], [], []), "there are no snapshots"),
    ],
)
def test_where_nothing_was_lost_the_reason_stands_and_no_figure(rows, reason):
    for found in (capture_curve({"model": rows}), capture_area({"model": rows})):
        assert set(found["reason"]) == {reason}
        assert found[[c for c in ("caught", "area") if c in found]].isna().all(axis=None)


def test_intervals_hold_the_value_and_a_ranking_without_draws_has_none():
    rng = np.random.default_rng(6)
    rows = rows_of(rng.random(300) < 0.2, rng.random(300), rng.random(300))
    accounts = draw_accounts([f"a{i}" for i in range(300)], 200, 0)
    area = capture_area({"model": rows}, accounts).loc["model"]
    assert area["low"] < area["area"] < area["high"]
    curve = capture_curve({"model": rows}, accounts).query("0 < share < 1 and ranking == 'model'")
    assert ((curve["low"] <= curve["caught"]) & (curve["caught"] <= curve["high"])).all()
    assert capture_curve({"model": rows})["low"].isna().all()


def test_no_ranking_is_refused():
    with pytest.raises(ModelError, match="at least one ranking"):
        capture_curve({})


def test_each_week_works_its_part_of_the_capacity():
    # half of ten are worked in two weeks: 2.5 each, the second churner is the fifth of the list
    found = precision_by_week(rows_of(capacity=0.5), weeks=2)
    assert found["week"].tolist() == [1, 2]
    assert found["worked"].tolist() == [2.5, 2.5]
    assert found["churners"].tolist() == [1.0, 1.0]
    assert found["precision"].tolist() == [0.4, 0.4]
    assert set(found["by_lot"]) == {0.2}


def test_the_weeks_add_up_to_the_capacity_of_a_mean_round():
    rows = rows_of(CHURNED * 3, np.tile(RISK, 3), MRR * 3, as_of=np.repeat([1, 2, 3], 10), capacity=0.4)
    found = precision_by_week(rows, draw_accounts([f"a{i % 10}" for i in range(30)], 100, 0))
    assert found["worked"].sum() == pytest.approx(4)
    assert found["churners"].sum() == pytest.approx(1)
    assert (found["low"] <= found["precision"]).all()


def test_weeks_of_nobody_who_churned_say_so():
    found = precision_by_week(rows_of([0] * 10))
    assert found["precision"].tolist() == [0.0] * 4
    assert set(found["reason"]) == {"nobody churned among the 10 snapshots"}
    assert set(precision_by_week(rows_of([], [], []))["reason"]) == {"there are no snapshots"}
    with pytest.raises(ModelError, match="at least 1 week"):
        precision_by_week(rows_of(), weeks=0)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(1, 99)), min_size=1, max_size=30))
def test_no_ranking_is_above_the_perfect_one_and_the_curve_never_falls(rows):
    churned, risk, mrr = (np.array(column) for column in zip(*rows, strict=True))
    if not churned.any():
        churned[0] = True
    found = capture_curve({"m": rows_of(churned, risk / 4, mrr)}).pivot(
        index="share", columns="ranking", values="caught"
    )
    assert (found["m"] <= found[PERFECT] + 1e-9).all()
    assert (found.diff().dropna() >= -1e-9).all(axis=None)
    assert found.iloc[[0, -1]]["m"].tolist() == pytest.approx([0, 1])
