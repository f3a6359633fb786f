"""Is what could be otherwise asked only of what can be, and answered exactly?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.what_if import NOT_A_PROMISE, what_if
from scoring.small_company import bundle, feature_rows

X = feature_rows(40, seed=51)
ROW = X.iloc[[3]]


@pytest.fixture(scope="module")
def logistic(tmp_path_factory) -> Scorer:
    return Scorer.load(bundle(tmp_path_factory.mktemp("what_if") / "logistic", "logistic"))


def test_the_answer_is_the_score_of_the_changed_row_and_its_effects_add_up(any_scorer):
    for place in range(len(X)):
        row = X.iloc[[place]]
        found = what_if(any_scorer, row, {"active_users_28d": 12.0, "overdue_amount": 0.0, "plan": "pro"})
        changed = row.assign(active_users_28d=12.0, overdue_amount=0.0, plan="pro")
        before, after = (any_scorer.score_features(rows)["risk"].iloc[0] for rows in (row, changed))
        assert (found.risk_before, found.risk_after) == (before, after)
        assert abs(found.effects["points"].sum() - (after - before)) < 1e-9
        assert found.effects.loc[list(found.moved), "after"].tolist() == [12.0, 0.0, "pro"]
        assert found.words.endswith(f"; {NOT_A_PROMISE}")


def test_an_additive_model_gives_points_to_nothing_that_stayed(logistic):
    found = what_if(logistic, ROW, {"active_users_28d": 12.0})
    assert found.effects.index.tolist() == ["active_users_28d"] and found.moved == ("active_users_28d",)
    assert found.effects["points"].iloc[0] == pytest.approx(found.risk_after - found.risk_before, abs=1e-12)


def test_asking_nothing_or_what_is_so_already_changes_nothing(any_scorer):
    for asked in ({}, {"active_users_28d": float(ROW["active_users_28d"].iloc[0])}):
        found = what_if(any_scorer, ROW, asked)
        assert found.risk_before == found.risk_after and found.words.endswith(f", as before; {NOT_A_PROMISE}")


def test_an_unknown_value_may_be_asked_to_be_known(logistic):
    row = ROW.assign(nps_latest=np.nan)
    found = what_if(logistic, row, {"nps_latest": 9.0})
    assert pd.isna(found.effects.loc["nps_latest", "before"])
    assert found.risk_after != found.risk_before


def test_a_concept_moves_by_its_name_or_its_code(logistic):
    usual = logistic.bundle.reference["overdue_amount"]["quantiles"]["0.50"]
    for name in ("overdue invoices", "financial.overdue_invoices"):
        for value, at in (("none", 0.0), ("usual", usual), (12.5, 12.5)):
            assert what_if(logistic, ROW, {name: value}).effects.loc["overdue_amount", "after"] == at


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"active_user_28d": 3.0}, "the model reads no 'active_user_28d'; did you mean 'active_users_28d'"),
        ({"active_users_previous_28d": 3.0}, "only quoted in sentences"),
        ({"tenure_days": 900.0}, "tenure_days cannot be acted upon"),
        ({"tenure": "usual"}, "nothing of 'tenure' can be acted upon"),
        ({"days_to_renewal": 90.0}, "says by when the risk is asked"),
        ({"active_users_28d": 1e6}, r"1000000.0 was not seen in training \(seen: \d+ to \d+\)"),
        ({"active_users_28d": -1.0}, "was not seen in training"),
        ({"active_users_28d": float("nan")}, "wants a finite number, got nan"),
        ({"active_users_28d": float("inf")}, "wants a finite number, got inf"),
        ({"active_users_28d": "many"}, "wants a finite number, got 'many'"),
        ({"plan": 3.0}, "wants text, got 3.0"),
        ({"plan": "gold"}, r"'gold' was not seen in training \(seen: basic, enterprise, pro\)"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(logistic, asked, told):
    with pytest.raises(FeatureError, match=told):
        what_if(logistic, ROW, asked)


@pytest.mark.parametrize("rows", [0, 2])
def test_one_account_is_asked_about_at_a_time(logistic, rows):
    with pytest.raises(FeatureError, match=f"wanted one account, got {rows} rows"):
        what_if(logistic, X.iloc[:rows], {"active_users_28d": 3.0})


def test_the_ends_of_the_range_seen_can_be_asked(logistic):
    at = logistic.bundle.reference["active_users_28d"]["quantiles"]
    risks = [what_if(logistic, ROW, {"active_users_28d": at[q]}).risk_after for q in ("0.00", "1.00")]
    assert risks[0] > risks[1]


def test_the_row_that_is_asked_about_is_left_as_it_is(logistic):
    row = ROW.copy()
    what_if(logistic, row, {"active_users_28d": 12.0})
    assert row.equals(ROW)
