"""How far ahead does the headline risk of each account look, and does it say so?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.models.periods import EDGES
from churnmodel.scoring.scorer import Scorer
from scoring.small_company import MODELS, ONE_OUTCOME, bundle, feature_rows

UNKNOWN = float("nan")


@pytest.fixture(scope="module", params=[name for name in MODELS if name != ONE_OUTCOME])
def scorer(request, tmp_path_factory) -> Scorer:
    return Scorer.load(bundle(tmp_path_factory.mktemp("headline") / request.param, request.param))


def accounts(to_renewal: float, term: float, n: int = 50) -> pd.DataFrame:
    return feature_rows(n, seed=31).assign(days_to_renewal=to_renewal, term_months=term)


@pytest.mark.parametrize(
    ("to_renewal", "term", "days", "edge"),
    [
        (45.0, 12.0, 45.0, 60),  # an annual account is asked about the period that holds its renewal
        (30.0, 12.0, 30.0, 30),
        (31.0, 12.0, 31.0, 60),
        (0.0, 12.0, 1.0, 30),  # it renews today, and is a customer still
        (150.0, 12.0, 150.0, 180),  # long before its renewal it already shows
        (20.0, 1.0, 90.0, 90),  # who renews every month is asked about the quarter
        (20.0, 3.0, 90.0, 90),
        (UNKNOWN, 12.0, 90.0, 90),
        (UNKNOWN, UNKNOWN, 90.0, 90),
        (45.0, UNKNOWN, 45.0, 60),  # a day is known, so it counts, however long the term
        (700.0, 36.0, 365.0, 365),  # nobody is asked about more than the last edge
    ],
)
def test_the_headline_is_the_risk_through_the_period_that_holds_the_renewal(scorer, to_renewal, term, days, edge):
    scores = scorer.score_features(accounts(to_renewal, term))
    assert set(scores["risk_days"]) == {days}
    assert scores["risk"].to_numpy().tobytes() == scores[f"risk_{edge}"].to_numpy().tobytes()


def test_every_headline_lies_between_the_risks_within_the_edges_around_its_day(scorer):
    scores = scorer.score_features(feature_rows(500, seed=32))
    assert scores["risk_days"].nunique() > 50
    for _, row in scores.iterrows():
        edge = next(edge for edge in EDGES if edge >= row["risk_days"])
        assert row["risk"] == row[f"risk_{edge}"]


def test_reasons_are_of_the_headline_and_count_from_its_own_base(scorer):
    near, far = (scorer.score_features(accounts(days, 24.0)) for days in (15.0, 300.0))
    assert (near["base_risk"].to_numpy() < far["base_risk"].to_numpy()).all()
    assert near["base_risk"].nunique() == far["base_risk"].nunique() == 1


def test_a_model_of_one_outcome_speaks_of_its_own_days_whenever_accounts_renew(tmp_path):
    scorer = Scorer.load(bundle(tmp_path / "bundle", ONE_OUTCOME))
    for X in (accounts(45.0, 12.0), accounts(UNKNOWN, 1.0), accounts(700.0, 36.0)):
        scores = scorer.score_features(X)
        assert set(scores["risk_days"]) == {90.0}
        assert scores["risk"].to_numpy().tobytes() == scores["risk_90"].to_numpy().tobytes()


def test_a_model_of_one_long_outcome_never_says_that_it_looks_but_90_days_ahead():
    from churnmodel.models.risk_curve import uncalibrated

    curve = uncalibrated((180,))
    said = curve.headline_days(pd.DataFrame({"days_to_renewal": [45.0, np.nan], "term_months": [12.0, 12.0]}))
    assert said.tolist() == [180.0, 180.0]
    no_ninety = uncalibrated((30, 180)).headline_days(pd.DataFrame({"days_to_renewal": [45.0, np.nan]}))
    assert no_ninety.tolist() == [45.0, 180.0]
