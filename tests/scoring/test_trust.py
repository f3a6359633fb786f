"""Is every doubt about a risk told, the worst first, and none invented?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.trust import FEW_CHURNERS, trust
from churnmodel.scoring.unlike import unlike
from scoring.small_company import AS_OF, book, bundle, feature_rows

X = feature_rows(60, seed=61)


@pytest.fixture(scope="module")
def scorer(tmp_path_factory) -> Scorer:
    return Scorer.load(bundle(tmp_path_factory.mktemp("trust") / "logistic", "logistic"))


def table(scorer: Scorer, X: pd.DataFrame = X, **more: object) -> ScoreTable:
    known = book(X)
    scores = known.join(scorer.score_features(X[(known["status"] != "leaving").to_numpy()]))
    scores = scores.assign(coverage="A", coverage_reason="all five families are known").assign(**more)
    return ScoreTable(AS_OF.date(), scorer.version, scores, pd.DataFrame(), X)


def trained(scorer: Scorer, **training: object) -> Scorer:
    """The same scorer whose manifest says otherwise of its training."""
    manifest = scorer.bundle.manifest
    told = manifest.model_copy(update={"training": manifest.training.model_copy(update=training)})
    return Scorer(replace(scorer.bundle, manifest=told))


def usual(scorer: Scorer, n: int = 5) -> pd.DataFrame:
    """Rows of nothing but medians."""
    middle = {name: seen["quantiles"]["0.50"] for name, seen in scorer.bundle.reference.items() if name != "plan"}
    return feature_rows(n).assign(**middle, plan="pro")


def test_nothing_speaks_against_a_usual_account_of_a_fresh_model(scorer):
    found = trust(scorer, table(scorer, usual(scorer)))
    assert found["grade"].tolist() == ["A"] * 3 + ["C"] and found["reasons"].tolist()[:3] == [()] * 3
    assert found["reasons"].iloc[3] == ("A young account: there is little history to go by",)
    assert found.index.tolist() == [f"acc-{i:05d}" for i in range(4)]  # the last is leaving, without a risk


def test_what_is_not_known_of_the_account_lowers_its_grade(scorer):
    rows = usual(scorer)
    grades = ["A", "B", "D", "C", "A"]
    silent = "usage not known since 13 December 2025: the feed is silent"
    found = trust(scorer, table(scorer, rows, coverage=grades, coverage_reason=silent))
    assert found["grade"].tolist() == ["A", "B", "D", "C"]
    assert found["reasons"].tolist()[:3] == [(), ("U" + silent[1:],), ("U" + silent[1:],)]
    assert len(found["reasons"].iloc[3]) == 2  # young too


@pytest.mark.parametrize("grade", [None, "", "E"])
def test_a_coverage_nobody_told_is_a_doubt_and_not_the_best_grade(scorer, grade):
    found = trust(scorer, table(scorer, usual(scorer), coverage=grade, coverage_reason=None))
    assert found["grade"].tolist()[:3] == ["C"] * 3
    assert found["reasons"].iloc[0] == ("How much is known about it was not told",)


@pytest.mark.parametrize(
    ("churners", "grade", "said"),
    [
        (0, "D", "only 0 snapshots"), (1, "D", "only 1 snapshot of"), (19, "D", "only 19 snapshots"),
        (20, "C", "only 20 snapshots"), (49, "C", "only 49 snapshots"), (50, "A", None),
    ],
)  # fmt: skip
def test_few_churners_in_training_are_a_doubt_about_everyone(scorer, churners, grade, said):
    found = trust(trained(scorer, churners=churners, churned_accounts=None), table(scorer, usual(scorer))).iloc[0]
    assert found["grade"] == grade
    assert [said in reason for reason in found["reasons"]] == ([True] if said else [])


def test_accounts_are_counted_where_the_bundle_knows_them(scorer):
    rows = table(scorer, usual(scorer))
    for n, said in ((1, "only 1 account that left"), (34, "only 34 accounts that left"), (50, None)):
        found = trust(trained(scorer, churners=200, churned_accounts=n), rows).iloc[0]
        assert [said in reason for reason in found["reasons"]] == ([True] if said else [])


def test_few_is_what_the_check_of_a_training_calls_few():
    from churnmodel.evaluation.checks.finding import FIRES_UNDER, WARNS_UNDER

    assert (FIRES_UNDER, WARNS_UNDER) == FEW_CHURNERS


@pytest.mark.parametrize(
    ("learned", "grade", "said"),
    [
        ("2026-03-01", "A", None), ("2025-12-01", "A", None), ("2025-11-30", "B", "91 days before, on 2025-11-30"),
        ("2025-09-02", "B", "180 days before"), ("2025-09-01", "C", "181 days before"),
        ("2025-02-28", "D", "366 days before"), ("2026-03-02", "C", "No forecast"),
    ],
)  # fmt: skip
def test_a_model_that_learned_long_ago_or_from_the_future_is_a_doubt(scorer, learned, grade, said):
    found = trust(trained(scorer, trained_until=learned), table(scorer, usual(scorer))).iloc[0]
    assert found["grade"] == grade
    assert [said in reason for reason in found["reasons"]] == ([True] if said else [])


def test_an_account_unlike_any_seen_is_told_by_how_many_inputs(scorer):
    rows = usual(scorer, 6)
    rows.iloc[0, rows.columns.get_loc("active_users_28d")] = 1e4
    rows.iloc[1, rows.columns.get_indexer(["active_users_28d", "overdue_amount"])] = [1e4, 1e7]
    rows.iloc[2, rows.columns.get_loc("plan")] = "gold"
    rows.iloc[2, rows.columns.get_indexer(["active_users_28d", "overdue_amount"])] = [np.nan, -1.0]
    assert unlike(scorer, rows)["outside"].tolist() == [1, 2, 2, 0, 0, 0]
    assert unlike(scorer, rows)["known"].tolist() == [7, 7, 6, 7, 7, 7]
    found = trust(scorer, table(scorer, rows))
    assert found["grade"].tolist()[:4] == ["A", "D", "D", "A"]
    assert found["reasons"].iloc[1] == (
        "Unlike any account seen: 2 of its 7 known inputs lie outside of what the model has seen",
    )


def test_the_rows_a_model_learned_from_are_never_outside_and_seldom_rare(scorer):
    from scoring.small_company import parts

    seen = unlike(scorer, parts("logistic").X)
    assert (seen["outside"] == 0).all() and (seen["rare"] <= seen["known"]).all()
    assert 0 < seen["rare"].sum() / seen["known"].sum() < 0.02


def test_three_rare_inputs_are_unlike_most(scorer):
    rows, reference = usual(scorer), scorer.bundle.reference
    for name in ("active_users_28d", "overdue_amount", "tenure_days"):
        rows.iloc[0, rows.columns.get_loc(name)] = reference[name]["quantiles"]["1.00"]
    found = trust(scorer, table(scorer, rows)).iloc[0]
    assert found["grade"] == "B"
    assert found["reasons"] == (
        "An unusual account: 3 of the 7 things known about it are rarer than in 99 of 100 accounts",
    )


def test_a_renewal_beyond_what_the_model_looks_at_is_told(scorer):
    rows = usual(scorer).assign(days_to_renewal=[365.0, 366.0, np.nan, 10.0, 10.0])
    found = trust(scorer, table(scorer, rows))
    assert found["grade"].tolist()[:3] == ["A", "B", "A"]
    assert found["reasons"].iloc[1] == ("The renewal lies further ahead than the 365 days the model looks",)


def test_the_worst_reason_comes_first(scorer):
    old = trained(scorer, trained_until="2025-11-01", churners=10, churned_accounts=None)
    rows = usual(scorer)
    found = trust(old, table(scorer, rows, coverage="C", coverage_reason="no source for support")).iloc[0]
    assert found["grade"] == "D"
    assert [reason.split()[0] for reason in found["reasons"]] == ["The", "No", "The"]
    assert "10 snapshots" in found["reasons"][0] and "120 days before" in found["reasons"][2]


def test_a_flat_table_s_caveat_is_a_doubt_about_everyone(scorer):
    manifest = scorer.bundle.manifest.model_copy(update={"caveat": "time order could not be proven"})
    flat = Scorer(replace(scorer.bundle, manifest=manifest))
    found = trust(flat, table(scorer, usual(scorer))).iloc[0]
    assert (found["grade"], found["reasons"]) == ("C", ("Time order could not be proven",))


def test_no_account_and_one_account(scorer):
    whole = table(scorer)
    assert trust(scorer, whole, []).empty and trust(scorer, whole, ["nobody"]).empty
    one = trust(scorer, whole, ["acc-00007"])
    pd.testing.assert_frame_equal(one, trust(scorer, whole).loc[["acc-00007"]])
