"""Are bands and rules judged by what came? (counts that fit on paper)"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.scoring.bands import Bands
from churnmodel.settings.health import ExceptionRule
from churnmodel.success.clustered_share import clustered_share
from churnmodel.success.health_judged import AGAINST, ANY, EARNED, FEW, NEVER, UNSHOWN, judged_rules
from churnmodel.success.health_observed import bands_of, observed_by_band, observed_by_own_cuts, replayed_rows

SCALE = Bands(0.2, 0.4)
LOST = ExceptionRule(name="lost", when="champion_lost = 1")
LATE = ExceptionRule(name="late", when="mrr > 1", never_better_than="red")


def rows_of(*groups: tuple[int, float, float, bool]) -> tuple[pd.DataFrame, np.ndarray]:
    """Groups of (accounts, risk, share that leaves, whether the rule is met); one look each."""
    made, hit = [], []
    for g, (accounts, risk, share, is_met) in enumerate(groups):
        for k in range(accounts):
            left = float(k < round(share * accounts))
            made.append({"account_id": f"{g}-{k}", "as_of": pd.Timestamp("2025-01-01"), "segment": "smb",
                         "mrr": 10.0, "risk": risk, "churned": left})  # fmt: skip
            hit.append(is_met)
    return pd.DataFrame(made), np.array(hit)


def test_each_band_says_what_came_beside_what_was_said():
    rows, _ = rows_of((100, 0.1, 0.05, False), (40, 0.3, 0.25, False), (10, 0.5, 0.6, False))
    rows.loc[0, "mrr"] = 1000.0  # one that left
    found = observed_by_band(rows, bands_of(rows, SCALE))
    assert found["left"].tolist() == [5, 10, 6] and found["share"].tolist() == [0.05, 0.25, 0.6]
    assert found["said"].tolist() == pytest.approx([0.1, 0.3, 0.5])
    assert found.loc["green", "mrr_share"] == pytest.approx(1040 / 1990)
    assert (found["low"] < found["share"]).all() and (found["share"] < found["high"]).all()
    own = observed_by_own_cuts(rows, SCALE, {"smb": Bands(0.05, 0.3)})
    assert own.loc[("smb", "own", "red"), "rows"] == 50 and own.loc[("smb", "model", "red"), "rows"] == 10
    assert observed_by_own_cuts(rows, SCALE, {}).empty


def test_only_rows_whose_outcome_is_known_are_asked():
    said = pd.DataFrame({"account_id": list("abc"), "as_of": pd.Timestamp("2025-01-01"), "model": ["m", "m", "n"],
                         "risk_renewal": [0.1, 0.2, 0.3], "churned_renewal": [1.0, np.nan, 0.0]})  # fmt: skip
    assert replayed_rows(said, "m")[["account_id", "churned"]].values.tolist() == [["a", 1.0]]


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.5, EARNED), (0.05, UNSHOWN), (0.0, AGAINST)], ids=["more", "alike", "less"]
)
def test_a_rule_earns_its_place_by_those_it_lowers(share, verdict):
    rest = 0.05 if verdict != AGAINST else 0.3
    rows, hit = rows_of((40, 0.1, share, True), (400, 0.1, rest, False), (50, 0.3, 0.2, False))
    found = judged_rules(rows, bands_of(rows, SCALE), [LOST], [hit]).iloc[0]
    assert found["verdict"] == verdict and found["rows"] == 40 and found["per_look"] == 40
    assert found["share"] == share and found["band_share"] == rest and found["to_share"] == 0.2
    assert found["difference"] == pytest.approx(share - rest)


def test_who_stood_in_that_band_already_is_not_lowered_and_few_say_nothing():
    rows, hit = rows_of((9, 0.1, 1.0, True), (100, 0.1, 0.05, False), (50, 0.3, 0.2, True))
    found = judged_rules(rows, bands_of(rows, SCALE), [LOST], [hit]).iloc[0]
    assert found["rows"] == 9 and found["verdict"] == FEW
    never = judged_rules(rows, bands_of(rows, SCALE), [LOST], [np.zeros(len(rows), dtype=bool)]).iloc[0]
    assert never["verdict"] == NEVER and np.isnan(never["share"])


def test_a_rule_that_says_red_is_judged_from_green_and_from_orange_and_all_rules_together():
    rows, hit = rows_of((20, 0.1, 0.5, True), (99, 0.1, 0.05, False), (20, 0.3, 0.5, True), (99, 0.3, 0.2, False))
    band = bands_of(rows, SCALE)
    found = judged_rules(rows, band, [LOST, LATE], [hit & (band == "green"), hit])
    said = found.set_index(["rule", "from_band"])["rows"].to_dict()
    assert said == {("lost", "green"): 20, ("late", "green"): 20, ("late", "orange"): 20,
                    (ANY, "green"): 20, (ANY, "orange"): 20}  # fmt: skip
    # no rule lowers any of the rest
    assert found["band_rows"].tolist() == [99] * 5


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=40))
def test_the_interval_of_a_share_holds_it_and_kin_never_narrow_it(rows):
    account, churned = [r[0] for r in rows], [r[1] for r in rows]
    share = clustered_share(churned, account)
    if not rows:
        assert np.isnan(share.value) and share.rows == 0
        return
    assert 0 <= share.low <= share.value <= share.high <= 1 + 1e-12
    assert share.accounts == len(set(account)) and share.left == sum(churned)
    twice = clustered_share(churned * 2, account * 2)  # the same rows again say nothing new
    assert twice.value == share.value
    assert (twice.low, twice.high) == pytest.approx((share.low, share.high))
