"""Are the team's own scores judged beside the models on the same rows, and without having seen the future?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.backtest import Backtest, backtest
from churnmodel.evaluation.champion import choose_champion
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.evaluation.incumbents import competitors, covered, direction_of, incumbent_scores
from churnmodel.evaluation.verdict import Standing, Verdict, verdict_of
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.spec import ModelSpec
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database

UNTIL = pd.Timestamp("2025-07-01")
DAY = pd.Timedelta(days=1)
N = 160
SPECS = (ModelSpec("base_rate", "Base rate", "base_rate"), ModelSpec("logistic", "Logistic", "logistic"))
SIGNAL = Feature(
    "signal",
    "usage",
    "signal",
    "A signal.",
    "score",
    Wording("it is {signal}", unknown="it is not known"),
    raises_risk="high",
)


def ends_of() -> pd.DataFrame:
    """Accounts a000, a001, ... that begin in 2023 and leave by chance, those of high number sooner."""
    rng = np.random.default_rng(4)
    number = np.arange(N)
    begins = pd.Timestamp("2023-01-01") + rng.integers(0, 300, N) * DAY
    ends = begins + (rng.exponential(1500 * np.exp(-number / 60)).astype(int) + 40) * DAY
    return pd.DataFrame({"account_id": [f"a{i:03d}" for i in number], "begins": begins, "ends": ends})


def told_monthly(score_of) -> pd.DataFrame:
    """A score on the 20th of every month of each account in service: `score_of(accounts, day)`."""
    accounts = ends_of()
    parts = []
    for month in pd.date_range("2023-02-20", UNTIL, freq="MS") + 19 * DAY:
        here = accounts[(accounts["begins"] < month) & (accounts["ends"] > month)]
        parts.append(
            pd.DataFrame({"account_id": here["account_id"], "scored_at": month, "score": score_of(here, month)})
        )
    return pd.concat(parts, ignore_index=True).assign(source="health").dropna(subset="score")


@dataclass(frozen=True)
class Played:
    backtest: Backtest
    scores: pd.DataFrame

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.backtest, "logistic", scores=self.scores, draws=300)

    @property
    def standing(self) -> Standing:
        return self.verdict.standings[0]


def play(told: pd.DataFrame) -> Played:
    """A model that sees the account's number but for some noise, beside the score that was told."""
    accounts = ends_of()
    subscriptions = pd.DataFrame(
        {
            "subscription_id": accounts["account_id"],
            "account_id": accounts["account_id"],
            "started_at": accounts["begins"],
            "ended_at": accounts["ends"].where(accounts["ends"] < UNTIL),
            "mrr": 100.0,
        }
    )
    names = pd.DataFrame({"account_id": accounts["account_id"], "created_at": "2023-01-01"})
    frames = {"accounts": names, "subscriptions": subscriptions, "external_scores": told}
    db = Database.from_frames(frames, until=UNTIL)
    as_ofs = pd.date_range("2023-03-01", "2025-06-01", freq="MS")
    window = LabelWindow(horizon_days=90)
    cohort = build_cohort(db, as_ofs)
    number = cohort.index.get_level_values("account_id").str[1:].astype(float).to_numpy()
    signal = number + np.random.default_rng(7).normal(0, 15, len(cohort))
    X = pd.DataFrame({"signal": signal}, index=cohort.index)
    scores = incumbent_scores(db, cohort)
    folds = rolling_folds(as_ofs, window, UNTIL, n_folds=3)
    specs = [*SPECS, *competitors(SPECS, scores)]
    return Played(backtest(db, X.join(scores), cohort, specs, [SIGNAL], window, folds), scores)


def number_of(accounts: pd.DataFrame) -> pd.Series:
    return accounts["account_id"].str[1:].astype(float)


def days_left(accounts: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    return (accounts["ends"] - day).dt.days.clip(upper=400).astype(float)


@pytest.fixture(scope="module")
def knows() -> Played:
    """A health score that is the number of days the account will still stay."""
    return play(told_monthly(days_left))


def test_a_score_that_knows_when_everybody_leaves_wins_and_the_verdict_says_so(knows):
    assert knows.standing.auroc.rival > 0.99
    assert knows.verdict.answer(knows.standing) == "worse"
    assert knows.standing.direction == "low is risky"


def test_it_is_never_champion_but_the_choice_names_it(knows):
    choice = choose_champion(knows.backtest, SPECS, draws=200, least_churners=5)
    assert choice.champion == "logistic" and choice.challenger != "incumbent:health"
    assert choice.reasons[-1].startswith("But your own health catches more churned MRR than it")


def test_the_same_score_the_other_way_round_is_read_the_other_way_round(knows):
    inverted = play(told_monthly(lambda accounts, day: -days_left(accounts, day)))
    assert inverted.standing.direction == "high is risky"
    assert inverted.standing.auroc.rival == pytest.approx(knows.standing.auroc.rival, abs=0.005)


def test_a_score_that_is_noise_loses():
    rng = np.random.default_rng(1)
    noise = play(told_monthly(lambda accounts, day: rng.uniform(0, 100, len(accounts))))
    assert noise.standing.auroc.rival < 0.6
    assert noise.verdict.answer(noise.standing) == "better"
    assert noise.standing.log_loss.chance > 0.9


def test_a_score_of_half_the_accounts_is_judged_on_all_rows_and_its_gaps_stand_at_the_base_rate():
    half = play(told_monthly(lambda accounts, day: days_left(accounts, day).where(number_of(accounts) % 2 == 0)))
    assert half.standing.coverage == pytest.approx(0.5, abs=0.1)
    said = half.backtest.predictions.set_index(["model", "account_id", "as_of"])["margin"]
    facts = half.backtest.predictions[half.backtest.predictions["model"] == "incumbent:health"]
    gaps = facts[~covered(facts, half.scores, "incumbent:health")]
    place = pd.MultiIndex.from_frame(gaps[["account_id", "as_of"]])
    assert len(place) > 100
    assert said["incumbent:health"][place].tolist() == pytest.approx(said["base_rate"][place].tolist())
    assert half.standing.held_where_scored.rival > half.standing.held_where_scored.model


def test_a_score_rewritten_after_the_churn_gains_nothing_by_it():
    def gut(accounts: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
        return (number_of(accounts) * 7919 + day.month * 104729) % 101  # tells nothing

    honest = told_monthly(gut).assign(event_id=lambda t: t["account_id"] + t["scored_at"].astype(str))
    gone = ends_of().set_index("account_id")["ends"].reindex(honest["account_id"]).to_numpy()
    near = (gone < UNTIL) & (gone - honest["scored_at"] < 120 * DAY)
    rewritten = honest[near].assign(score=-1000.0, known_at=gone[near] + DAY)
    assert len(rewritten) > 100
    told = pd.concat([honest.assign(known_at=honest["scored_at"]), rewritten], ignore_index=True)
    pd.testing.assert_frame_equal(
        play(told).backtest.predictions, play(honest.assign(known_at=honest["scored_at"])).backtest.predictions
    )
    # without the moment at which it became known nothing could tell: it would seem to know everything
    blind = play(pd.concat([honest[~near], rewritten], ignore_index=True).drop(columns=["known_at", "event_id"]))
    assert blind.standing.auroc.rival > 0.95


def test_what_a_score_says_before_a_cutoff_is_learned_from_nothing_after_it(knows):
    # the scores of the last year are turned round: earlier folds must not move
    told = told_monthly(days_left)
    last = knows.backtest.folds["cutoff"].iloc[-1]
    told.loc[told["scored_at"] >= last, "score"] *= -1
    turned = play(told)
    said = [p.backtest.predictions for p in (knows, turned)]
    before = [rows[rows["as_of"] < last].reset_index(drop=True) for rows in said]
    pd.testing.assert_frame_equal(*before)
    assert len(before[0]) > 100


def test_competitors_are_the_sources_and_a_twin_of_every_scorecard():
    rules = [{"feature": "signal", "worst": 100.0, "best": 0.0}]
    card = ModelSpec("our_health", "Our health", "scorecard", {"rules": rules})
    scores = pd.DataFrame({"external:gut": [1.0], "external:health": [2.0]})
    beside = competitors([*SPECS, card], scores)
    assert [spec.name for spec in beside] == ["incumbent:gut", "incumbent:health", "our_health_refit"]
    assert beside[2].parameters == {"rules": rules, "refit": True}
    assert [s.name for s in competitors([*SPECS, card, *beside], scores)] == []


def test_a_source_nobody_has_a_score_of_has_no_direction(knows):
    assert direction_of(knows.backtest, knows.scores * np.nan, "incumbent:health") == "unknown"
