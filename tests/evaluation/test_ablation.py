"""Is what a family buys the difference between the model with and without it, on the same rows?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError
from churnmodel.evaluation.ablation import ALL, ASKED, PROFIT, ablation, family_variants, glob_variants
from churnmodel.evaluation.backtest import Backtest, backtest
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.evaluation.paired import paired_differences
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.spec import ModelSpec
from churnmodel.reports.ablation_words import sentence, verdict
from churnmodel.settings.money import MoneySettings
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database

TERMS = MoneySettings(contact_cost=10)
SPEC = ModelSpec("logistic", "Logistic", "logistic", exclude=("csat_old",))


def feature(name, family, role="input"):
    return Feature(
        name, family, name, "A signal.", "score", Wording("it is {" + name + "}", unknown="?"), role=role
    )


FEATURES = (
    feature("signal", "usage"),
    feature("signal_again", "sentiment"),
    feature("nps_latest", "sentiment"),
    feature("csat_old", "support"),
    feature("quoted", "financial", "context"),
)


def test_each_family_the_model_has_is_left_out_and_alone():
    variants = family_variants(SPEC, FEATURES)
    assert [v.spec.name for v in variants] == [
        ALL, "without usage", "without sentiment", "only usage", "only sentiment",
    ]  # fmt: skip
    seen = {v.spec.name: [f.name for f in v.spec.choose(FEATURES)] for v in variants}
    assert seen[ALL] == ["signal", "signal_again", "nps_latest"]
    assert seen["without sentiment"] == seen["only usage"] == ["signal"]
    assert seen["only sentiment"] == ["signal_again", "nps_latest"]
    assert [v.features for v in variants] == [3, 1, 2, 1, 2]


def test_a_glob_leaves_out_what_it_matches_and_a_misspelt_one_is_refused():
    variants = glob_variants(SPEC, FEATURES, ["nps*", "nps*", "signal*"])
    assert [v.spec.name for v in variants] == [ALL, "without nps*", "without signal*"]
    assert [f.name for f in variants[1].spec.choose(FEATURES)] == ["signal", "signal_again"]
    for glob in ("npx*", "csat*", "quoted"):  # misspelt, not the model's, no input
        with pytest.raises(ModelError, match=r"none of the 3 features of 'logistic' matches"):
            glob_variants(SPEC, FEATURES, [glob])


def test_what_leaves_nothing_to_learn_from_is_told_before_any_fit():
    assert glob_variants(SPEC, FEATURES, ["*"])[1].refused == "no feature is left to learn from"
    rules = {"rules": [{"feature": "nps*", "worst": 0.0, "best": 10.0}]}
    card = ModelSpec("scorecard", "Scorecard", "scorecard", rules)
    assert glob_variants(card, FEATURES, ["nps*"])[1].refused == "no rule of the scorecard is left"


def judged(risks, churned, capacity=0.25):
    """A backtest of those risks: one book, accounts of 100 MRR each."""
    n = len(churned)
    parts = [
        pd.DataFrame(
            {
                "account_id": [f"a{i:03d}" for i in range(n)],
                "as_of": pd.Timestamp("2025-01-01"),
                "model": model,
                "fold": 1,
                "risk": risk,
                "churned": churned,
                "mrr": 100.0,
                "mrr_lost": np.where(churned, 100.0, 0.0),
                "renewable": True,
                "segment": None,
            }
        )
        for model, risk in risks.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return Backtest(table, table.iloc[:0], pd.DataFrame(), {}, {}, (), capacity, LabelWindow(), tuple(risks))


CHURNED = np.arange(80) % 4 == 0
GOOD = np.where(CHURNED, 0.7, 0.1)
FLAT = np.full(80, 0.25)


@pytest.fixture(scope="module")
def table():
    risks = {
        ALL: GOOD,
        "without usage": FLAT,
        "without sentiment": GOOD,
        "only usage": GOOD,
        "only sentiment": FLAT,
    }
    return ablation(judged(risks, CHURNED), family_variants(SPEC, FEATURES), TERMS, draws=100)


def of(table, variant, metric):
    return table[(table["variant"] == variant) & (table["metric"] == metric)].iloc[0]


def test_the_difference_is_paired_on_the_same_rows(table):
    caught = of(table, "without usage", "mrr_caught_at_capacity")
    assert (caught["of_all"], caught["value"], caught["difference"]) == (1, 0.25, -0.75)
    earned = of(table, "without usage", PROFIT)  # 20 worked: all 20 churners, or 5 of them
    assert earned["of_all"] == pytest.approx(20 * 0.3 * 1200 - 200)
    assert earned["difference"] == pytest.approx(-15 * 0.3 * 1200)
    both = judged({ALL: GOOD, "without usage": FLAT}, CHURNED)
    same = paired_differences(both, "without usage", ALL, "log_loss", draws=100)
    loss = of(table, "without usage", "log_loss")
    assert (loss["difference"], loss["low"], loss["high"]) == pytest.approx((same.value, same.low, same.high))


def test_worse_is_said_in_the_direction_of_each_figure(table):
    for metric in (*ASKED, PROFIT):
        assert of(table, "without usage", metric)["verdict"] == "worse"
        assert of(table, "without sentiment", metric)["verdict"] == "no difference beyond luck"
        assert pd.isna(of(table, ALL, metric)["verdict"])
    assert set(table["churned_accounts"]) == {20}


def test_a_better_variant_is_said_to_be_better():
    risks = {ALL: FLAT, "without usage": GOOD}
    variants = [v for v in family_variants(SPEC, FEATURES) if v.spec.name in risks]
    found = ablation(judged(risks, CHURNED), variants, TERMS, draws=100)
    assert {of(found, "without usage", m)["verdict"] for m in (*ASKED, PROFIT)} == {"better"}


def test_the_sentences_say_what_is_missed_and_what_could_be_luck(table):
    told = sentence(table, "without usage", "EUR")
    assert told.startswith(
        "Without usage (what users do), 1 feature: 75.0 points less of the churned MRR is caught"
    )
    assert "a round earns 5,400 EUR less" in told
    assert told.endswith("Both the catch and the truth of the risks are worse, beyond luck.")
    told = sentence(table, "without sentiment", "EUR")
    assert "as much of the churned MRR is caught" in told and told.endswith("The difference could be luck.")
    assert "25% of the churned MRR is caught, against 100% with everything" in sentence(
        table, "only sentiment", "EUR"
    )
    assert verdict(table) == "Missed when left out: usage; what sentiment buys could be luck."


def test_nobody_churned_is_a_reason_and_not_a_sentence_of_nan():
    risks = {ALL: GOOD, "without usage": FLAT}
    variants = [v for v in family_variants(SPEC, FEATURES) if v.spec.name in risks]
    found = ablation(judged(risks, np.zeros(80, dtype=bool)), variants, TERMS, draws=20)
    assert of(found, "without usage", "auroc")["reason"] == "nobody churned among the 80 snapshots"
    assert "not known, nobody churned among the 80 snapshots." in sentence(found, "without usage", "EUR")
    assert verdict(found[found["metric"] != "log_loss"]).startswith("Nothing that was left out is missed")


def test_a_refused_variant_says_why_and_the_whole_model_must_be_there():
    variants = glob_variants(SPEC, FEATURES, ["*"])
    found = ablation(judged({ALL: GOOD}, CHURNED), variants, TERMS, draws=20)
    assert set(found[found["variant"] == "without *"]["reason"]) == {"no feature is left to learn from"}
    assert sentence(found, "without *", "EUR").endswith("not known, no feature is left to learn from.")
    others = found.assign(reason=found["reason"].where(found["variant"] == "without *"))  # as read from a file
    assert "not known" not in sentence(others, ALL, "EUR")
    with pytest.raises(ModelError, match="nothing can be compared"):
        ablation(judged({"without *": GOOD}, CHURNED), variants, TERMS)


def test_in_a_replayed_company_the_signal_is_missed_and_the_noise_is_not():
    rng = np.random.default_rng(4)
    number = np.arange(300)
    begins = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 300, 300), unit="D")
    ends = begins + pd.to_timedelta(rng.exponential(3000 * np.exp(-number / 60)).astype(int) + 40, unit="D")
    until = pd.Timestamp("2025-07-01")
    ids = [f"a{i:03d}" for i in number]
    subscriptions = pd.DataFrame(
        {
            "subscription_id": [f"s-{i}" for i in ids],
            "account_id": ids,
            "started_at": begins,
            "ended_at": pd.Series(ends).where(ends < until),
            "mrr": 100.0,
        }
    )
    accounts = pd.DataFrame({"account_id": ids, "created_at": "2023-01-01"})
    db = Database.from_frames({"accounts": accounts, "subscriptions": subscriptions}, until=until)
    as_ofs = pd.date_range("2023-03-01", "2025-06-01", freq="MS")
    window = LabelWindow(horizon_days=90)
    cohort = build_cohort(db, as_ofs)
    height = cohort.index.get_level_values("account_id").str[1:].astype(float).to_numpy()
    X = pd.DataFrame({"signal": height, "nps_latest": rng.random(len(cohort))}, index=cohort.index)
    features = [f for f in FEATURES if f.name in X]
    variants = family_variants(ModelSpec("logistic", "Logistic", "logistic"), features)
    folds = rolling_folds(as_ofs, window, until, n_folds=2)
    played = backtest(db, X, cohort, [v.spec for v in variants], features, window, folds, threads=1)
    found = ablation(played, variants, TERMS, draws=100)
    assert of(found, "without usage", "log_loss")["verdict"] == "worse"
    assert of(found, "without sentiment", "log_loss")["verdict"] != "worse"
    assert verdict(found) == "Missed when left out: usage; what sentiment buys could be luck."
    # what the replay tells of the ends agrees with what it tells of churn
    said = played.predictions
    told = (said["ended_after"] <= 90).to_numpy()
    assert (told == said["churned"].to_numpy()).all()
    assert said["churned"].any()
