"""Does a score table say when it is old, when it is no forecast, and when there is nobody to score?"""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from churnmodel.errors import ScoreError, TrackingError
from churnmodel.scoring.scorer import Scorer
from churnmodel.settings import TrackingSettings
from churnmodel.workflow.project import Project
from churnmodel.workflow.score import score
from churnmodel.workflow.train import train


@pytest.fixture
def copy(done, tmp_path) -> Project:
    shutil.copytree(done.project.settings.base, tmp_path / "demo")
    return Project.open(tmp_path / "demo" / "churnmodel.toml")


def test_a_day_scored_from_other_tables_is_refused_and_what_was_published_stays(done, copy):
    place = copy.home / done.scored.place.relative_to(done.project.home)
    before = {p.name: p.read_bytes() for p in place.iterdir()}
    path = copy.settings.base / "data" / "subscriptions.parquet"
    subscriptions = pd.read_parquet(path)
    subscriptions["mrr"] *= 10
    subscriptions.to_parquet(path)
    with pytest.raises(ScoreError, match="from other tables"):
        score(copy)
    assert {p.name: p.read_bytes() for p in place.iterdir()} == before


def test_a_day_the_model_learned_beyond_is_marked_as_no_forecast(done, copy):
    assert score(copy, pd.Timestamp("2025-02-01")).in_sample
    assert not done.scored.in_sample


def test_each_account_of_the_book_is_asked_about_its_own_renewal(done):
    scores = done.scored.table.scores.dropna(subset=["risk"])
    terms = done.scored.table.X.loc[scores.index, "term_months"]
    long = (terms > 3) & scores["days_to_renewal"].between(1, 365)
    assert long.sum() > 20 and (scores["risk_days"] == scores["days_to_renewal"])[long].all()
    monthly = terms <= 3
    assert monthly.sum() > 20 and set(scores.loc[monthly, "risk_days"]) == {90.0}
    edges = done.scored.scorer.edges
    for _, row in scores.iterrows():
        assert row["risk"] == next(row[f"risk_{edge}"] for edge in edges if edge >= row["risk_days"])


def test_a_day_without_customers_publishes_nothing(copy):
    tables = list((copy.home / "scores").glob("as_of=*"))
    with pytest.raises(ScoreError, match="no paying account on 2010-01-01"):
        score(copy, pd.Timestamp("2010-01-01"))
    assert list((copy.home / "scores").glob("as_of=*")) == tables


def test_a_lost_mlflow_costs_the_runs_and_not_the_champion(copy):
    shutil.rmtree(copy.home / "models")
    nowhere = TrackingSettings(uri="http://127.0.0.1:9")
    few = copy.settings.training.model_copy(update={"models": ("base_rate", "logistic")})
    settings = copy.settings.model_copy(update={"tracking": nowhere, "training": few})
    with pytest.raises(TrackingError, match="is published, but MLflow"):
        train(Project(settings))
    assert Scorer.champion(copy.home).answers_as_trained()
