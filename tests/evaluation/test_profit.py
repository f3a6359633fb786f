"""Is a ranking worth what a CFO works out on paper?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import ModelError
from churnmodel.evaluation.intervals import draw_accounts
from churnmodel.evaluation.judged import Judged, columns
from churnmodel.evaluation.profit import (
    best_share,
    by_expected_loss,
    compare_profit,
    profit_curve,
    rounds,
    valued,
)
from churnmodel.evaluation.shared import SharedRows
from churnmodel.settings.money import MoneySettings, SaveRate

# one book of ten, two worked: one leaves with 1,000 of MRR, one with 200 stays
CHURNED = [1, 0, 1, 0, 0, 0, 0, 0, 0, 0]
RISK = [0.9, 0.8, 0.7, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
MRR = [1000.0, 200.0, 300.0, *[100.0] * 7]
TERMS = MoneySettings(
    contact_cost=400, incentive_share=0.1, save_rate=SaveRate(low=0.2, likely=0.5, high=0.8), value_months=12
)


def rows_of(churned=CHURNED, risk=RISK, mrr=MRR, capacity=0.2, **more):
    return Judged.of(churned, risk, mrr=mrr, capacity=capacity, **more)


def draws_of(n, draws=200):
    return draw_accounts([f"a{i:03d}" for i in range(n)], draws, 1)


def profit_of(rows, terms, save_rate=None):
    found = rounds(rows, columns(None, len(rows)))
    return float(found.profit(terms, save_rate or terms.save_rate.likely)[0])


def test_a_round_earns_what_is_saved_less_contacts_and_discounts():
    # saved 0.5 x 1,000 x 12 less a tenth; two contacts; the stayer takes a tenth of 200 x 12
    assert profit_of(rows_of(), TERMS) == pytest.approx(0.5 * 0.9 * 12_000 - 2 * 400 - 0.1 * 2_400)


def test_a_profit_is_of_one_round_and_not_added_up_over_books():
    once, twice = rows_of(), rows_of(CHURNED * 2, RISK * 2, MRR * 2, as_of=[1] * 10 + [2] * 10)
    assert profit_of(twice, TERMS) == pytest.approx(profit_of(once, TERMS))
    weighted = rounds(once, np.full((10, 1), 3.0)).profit(TERMS, 0.5)
    assert float(weighted[0]) == pytest.approx(3 * profit_of(once, TERMS))


def test_the_break_even_save_rate_is_where_a_round_earns_nothing():
    found = rounds(rows_of(), columns(None, 10))
    rate = float(found.break_even(TERMS)[0])
    assert rate == pytest.approx((2 * 400 + 240) / (0.9 * 12_000))
    assert profit_of(rows_of(), TERMS, rate) == pytest.approx(0)


def test_the_curve_starts_at_nothing_and_its_band_is_the_range_of_the_save_rate():
    curve = profit_curve(rows_of(), TERMS).set_index("share")
    assert curve.loc[0.0, ["worked", "profit", "at_worst", "at_best"]].tolist() == [0, 0, 0, 0]
    assert curve.loc[0.2, "profit"] == pytest.approx(profit_of(rows_of(), TERMS))
    assert curve.loc[0.2, "at_worst"] == pytest.approx(profit_of(rows_of(), TERMS, 0.2))
    assert curve.loc[0.2, "at_best"] == pytest.approx(profit_of(rows_of(), TERMS, 0.8))
    assert curve.loc[1.0, "worked"] == 10
    assert curve["low"].isna().all()  # no draws, no interval


def test_most_is_earned_where_the_next_account_costs_more_than_it_saves():
    # worked in order: +5,000, -640, +1,220, then stayers at -520 each
    share, most = best_share(profit_curve(rows_of(), TERMS))
    assert (share, most) == (0.3, pytest.approx(5_000 - 640 + 1_220))


def test_where_no_work_pays_the_best_is_to_work_nobody():
    dear = TERMS.model_copy(update={"contact_cost": 1e6})
    assert best_share(profit_curve(rows_of(), dear)) == (0.0, 0.0)


def test_ranked_by_risk_times_mrr_the_large_account_comes_first():
    rows = rows_of([0, 1], [0.5, 0.4], [10.0, 1000.0], capacity=0.5)
    assert profit_of(rows, TERMS) < 0 < profit_of(by_expected_loss(rows), TERMS)


def test_accounts_without_revenue_can_still_be_ranked():
    assert by_expected_loss(rows_of(mrr=[0.0] * 10)).risk.tolist() == [0.0] * 10


def compared(rankings, reference, n=300, terms=TERMS):
    return compare_profit(rankings, terms, draws_of(n), reference=reference)


def random_rows(seed=3, n=300):
    rng = np.random.default_rng(seed)
    risk = rng.random(n)
    return rows_of(rng.random(n) < risk**2, risk, rng.lognormal(6, 1, n), as_of=np.arange(n) % 3)


def ranked(rows, risk):
    return Judged(rows.churned, np.asarray(risk, dtype=float), rows.as_of, rows.mrr, rows.capacity)


def test_the_perfect_ranking_beats_the_model_and_the_model_beats_lots():
    rows = random_rows()
    lots, perfect = ranked(rows, np.full(len(rows), 0.5)), ranked(rows, rows.churned * rows.mrr / rows.mrr.max())
    found = compared({"model": rows, "lots": lots, "perfect": perfect}, "lots")
    assert found.loc["perfect", "profit"] > found.loc["model", "profit"] > found.loc["lots", "profit"]
    assert found.loc["model", "difference_low"] > 0
    assert found.loc["lots", ["difference", "difference_low", "difference_high"]].tolist() == [0, 0, 0]
    assert found.loc["model", "low"] < found.loc["model", "profit"] < found.loc["model", "high"]
    assert (found["at_worst"] < found["profit"]).all() and (found["profit"] < found["at_best"]).all()


def test_lots_earn_what_the_same_share_of_everything_earns():
    rows = random_rows()
    everybody = rounds(rows, columns(None, len(rows)), (1.0,)).profit(TERMS, 0.5)[0, 0]
    assert profit_of(ranked(rows, np.full(len(rows), 0.3)), TERMS) == pytest.approx(0.2 * everybody)


def test_nobody_churned_is_a_loss_with_a_reason_and_no_break_even():
    found = compared({"model": rows_of([0] * 10)}, "model", 10)
    line = found.loc["model"]
    assert line["profit"] == pytest.approx(-2 * 400 - 0.1 * 12 * 1200)
    assert np.isnan(line["break_even"])
    assert line["reason"] == "nobody churned among the 10 snapshots, so all work is cost"


def test_rankings_of_other_rows_or_without_the_reference_are_refused():
    with pytest.raises(ModelError, match="the same rows"):
        compared({"a": rows_of(), "b": rows_of([1] * 10)}, "a", 10)
    with pytest.raises(ModelError, match=r"no ranking 'c' to compare with \(has: a\)"):
        compared({"a": rows_of()}, "c", 10)
    with pytest.raises(ModelError, match="wanted judged snapshots, got none"):
        rounds(rows_of([], [], []), np.ones((0, 1)))


def test_stayers_bring_their_mrr_too_and_an_unknown_one_counts_as_none():
    facts = pd.DataFrame(
        {"as_of": [1, 1], "churned": [True, False], "mrr": [np.nan, 50.0], "mrr_lost": [10.0, 0.0]}
    )
    shared = SharedRows(facts, {"m": np.array([0.2, 0.1])}, 0.5)
    assert valued(shared, "m").mrr.tolist() == [0.0, 50.0]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 900)), min_size=1, max_size=25),
    st.integers(0, 10_000),
)
def test_the_order_of_the_rows_changes_no_profit(rows, seed):
    churned, risk, mrr = (np.array(column) for column in zip(*rows, strict=True))
    order = np.random.default_rng(seed).permutation(len(rows))
    one = profit_curve(rows_of(churned, risk / 5, mrr), TERMS)
    other = profit_curve(rows_of(churned[order], risk[order] / 5, mrr[order]), TERMS)
    assert other["profit"].to_numpy() == pytest.approx(one["profit"].to_numpy(), abs=1e-6)
