"""Is each suggestion the fall of risk it says, by something that can be acted upon?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.features.feature import Feature, Wording
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.suggestions import LEAST_FALL, _words, suggestions
from churnmodel.scoring.what_if import NOT_A_PROMISE, what_if
from scoring.small_company import bundle, feature_rows

X = feature_rows(60, seed=52)


@pytest.fixture(scope="module", params=["logistic", "lightgbm", "blend"])
def scorer(request, tmp_path_factory) -> Scorer:
    return Scorer.load(bundle(tmp_path_factory.mktemp("suggestions") / request.param, request.param))


def test_a_suggestion_is_what_asking_for_it_answers(scorer):
    found = suggestions(scorer, X, top=9)
    assert len(found) > 40 and set(found["concept"]) <= {"active users", "overdue invoices", "NPS"}
    usual = {name: seen["quantiles"]["0.50"] for name, seen in scorer.bundle.reference.items() if name != "plan"}
    for (account, as_of), row in found.iterrows():
        asked = {name: usual[name] for name in row["features"].split(", ")}
        answer = what_if(scorer, X.loc[[(account, as_of)]], asked)
        assert (row["risk_before"], row["risk_after"]) == (answer.risk_before, answer.risk_after)
        assert row["sentence"].endswith(answer.words) and NOT_A_PROMISE in row["sentence"]


def test_only_falls_worth_saying_are_suggested_the_largest_first(scorer):
    found = suggestions(scorer, X, top=2)
    fall = found["risk_before"] - found["risk_after"]
    assert (fall >= LEAST_FALL).all() and found["rank"].max() == 2
    for _, rows in fall.groupby(level=0):
        assert rows.is_monotonic_decreasing
    assert found.index.get_level_values("account_id").is_monotonic_increasing


def test_an_account_at_its_usual_best_gets_none_and_so_does_no_account(scorer):
    best = X.iloc[[0]].assign(active_users_28d=15.0, overdue_amount=0.0, nps_latest=10.0)
    assert suggestions(scorer, best).empty and suggestions(scorer, X.iloc[:0]).empty


def test_what_is_unknown_is_not_made_better(scorer):
    unknown = X.assign(active_users_28d=np.nan, overdue_amount=np.nan, nps_latest=np.nan)
    assert suggestions(scorer, unknown).empty


def test_what_cannot_be_acted_upon_is_not_suggested(scorer):
    fixed = tuple(replace(feature, actionable=False) for feature in scorer.features)
    assert suggestions(Scorer(replace(scorer.bundle, features=fixed)), X).empty


def test_a_number_of_unknown_direction_moves_only_while_it_raises_the_risk(scorer):
    free = tuple(replace(f, raises_risk="either") for f in scorer.features)
    found = suggestions(Scorer(replace(scorer.bundle, features=free)), X, top=9)
    users = found[found["concept"] == "active users"]
    usual = scorer.bundle.reference["active_users_28d"]["quantiles"]["0.50"]
    assert len(users) and (X.loc[users.index, "active_users_28d"] < usual).all()


def test_a_sentence_says_what_is_usual_and_what_is(scorer):
    row = X.iloc[[0]].assign(active_users_28d=1.0, overdue_amount=0.0, nps_latest=np.nan, days_to_renewal=60.0)
    usual = scorer.bundle.reference["active_users_28d"]["quantiles"]["0.50"]
    said = suggestions(scorer, row)["sentence"].tolist()
    assert len(said) == 1 and said[0].startswith(f"{usual:.0f} users active in 28 days (now 1): ")
    nobody = suggestions(scorer, row.assign(active_users_28d=0.0))["sentence"].iloc[0]
    assert f"{usual:.0f} users active in 28 days (now: Nobody was active in 28 days): " in nobody


NPS_AGO = Feature(
    "nps_days_since", "sentiment", "survey response", "Days since the newest NPS answer.", "days",
    Wording("No NPS answer since {nps_days_since:ago}", unknown="Has never answered"),
)  # fmt: skip
NOTES = Feature(
    "notes", "sentiment", "notes", "Notes.", "count",
    Wording("{notes:n note} spoke of cancelling", zero="No note spoke of cancelling", unknown="Not known"),
    raises_risk="high",
)  # fmt: skip
OPEN = Feature(
    "open_days", "support", "waiting", "Days.", "days",
    Wording("Open since {open_days:ago}, unanswered", unknown="Not known"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("feature", "was", "usual", "said"),
    [
        (NPS_AGO, 511.0, 76.0, "Last NPS answer 76 days ago (now about 17 months)"),
        (NPS_AGO, 90.0, 1.0, "Last NPS answer 1 day ago (now 90 days)"),
        (NOTES, 1.0, 0.0, "No note spoke of cancelling (now 1 note)"),
        (NOTES, 3.0, 0.0, "No note spoke of cancelling (now 3 notes)"),
        (NOTES, 3.0, 1.0, "1 note spoke of cancelling (now 3)"),
        (OPEN, 4.0, 1.0, "Open since 31 December 2025, unanswered (now: Open since 28 December 2025, unanswered)"),
    ],
)
def test_a_suggestion_calls_no_date_usual_and_says_how_it_is_now(scorer, feature, was, usual, said):
    assert _words(feature, was, usual, pd.Timestamp("2026-01-01"), scorer) == said


def test_an_account_gets_the_same_alone_as_among_others(scorer):
    whole = suggestions(scorer, X)
    alone = pd.concat([suggestions(scorer, X.iloc[[i]]) for i in range(len(X))])
    pd.testing.assert_frame_equal(alone, whole, check_exact=True)
