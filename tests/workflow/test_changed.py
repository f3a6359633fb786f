"""Which earlier table is a score compared with?"""

from __future__ import annotations

import json

import pandas as pd
import pytest

from churnmodel.errors import ScoreError
from churnmodel.scoring.champion import keep_bundle
from churnmodel.scoring.score_table import ScoreTable, publish, published, read_latest, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.changed import book_changed, changed_since, earlier_table
from churnmodel.workflow.explain import explain_account
from churnmodel.workflow.project import Project
from scoring.small_company import AS_OF, book, bundle, feature_rows, project_home

WEEKS = [AS_OF - pd.Timedelta(weeks=weeks) for weeks in (2, 1)]


@pytest.fixture
def project(tmp_path) -> Project:
    """One table at `AS_OF`, scored by boosted trees."""
    project_home(tmp_path / "home", "lightgbm", n=60)
    settings = '[project]\nname = "small"\ndata_until = 2026-03-01\ncurrency = "EUR"\n[output]\nfolder = "home"\n'
    (tmp_path / "churnmodel.toml").write_text(settings, encoding="utf-8")
    return Project.open(tmp_path / "churnmodel.toml")


def scored(project: Project, day: pd.Timestamp, name: str = "lightgbm", n: int = 60) -> str:
    """Publish the book of a day, scored by a model; returns its version."""
    place = keep_bundle(project.home, bundle(project.home / f"made {name}", name))
    scorer, X = Scorer.load(place), feature_rows(n, 22, day)
    known = book(X)
    scores, drivers = scorer.score_and_explain(X[(known["status"] != "leaving").to_numpy()])
    publish(project.home / "scores", known.join(scores), drivers, X, day.date(), scorer.version)
    return scorer.version


def later(project: Project) -> ScoreTable:
    return read_latest(project.home / "scores")


def test_without_an_earlier_table_there_is_nothing_to_tell(project):
    assert earlier_table(project, later(project)) is None
    assert changed_since(project, later(project)) is None and book_changed(project, later(project)) is None
    assert explain_account(project, "acc-00003").changed is None


def test_the_latest_earlier_day_is_compared_with_unless_another_is_named(project):
    for day in WEEKS:
        scored(project, day)
    assert len(published(project.home / "scores")) == 3
    found = book_changed(project, later(project))
    assert (found.changed.since, found.changed.as_of) == (WEEKS[1].date(), AS_OF.date())
    assert book_changed(project, later(project), WEEKS[0]).changed.since == WEEKS[0].date()
    last_week, before = (read_scores(project.home / "scores", day.date()) for day in reversed(WEEKS))
    assert book_changed(project, last_week).changed.since == WEEKS[0].date()
    assert book_changed(project, before) is None


def test_the_table_of_the_same_model_is_preferred_then_of_the_one_in_use_last(project):
    scored(project, WEEKS[1], "logistic"), scored(project, WEEKS[1])
    assert book_changed(project, later(project)).changed.same_model
    other = scored(project, WEEKS[0], "logistic")
    blend = scored(project, WEEKS[0], "blend")
    reigns = [
        {"version": v, "model": "m", "how": "train", "training": "", "reason": "", "overruled": []}
        for v in (other, blend, other)
    ]
    place = project.home / "models" / "champions.json"
    place.write_text(json.dumps({"champions": reigns}), encoding="utf-8")
    assert earlier_table(project, later(project), WEEKS[0]).version == other
    place.write_text("damaged", encoding="utf-8")
    assert earlier_table(project, later(project), WEEKS[0]).version == max(other, blend)


def test_an_earlier_model_need_not_be_there_any_more(project):
    version = scored(project, WEEKS[1], "logistic")
    for path in (project.home / "models" / version).iterdir():
        path.unlink()
    found = book_changed(project, later(project))
    assert not found.changed.same_model and len(found.changed.accounts) == 59


def test_a_day_that_was_not_scored_or_is_not_earlier_is_refused(project):
    scored(project, WEEKS[1])
    with pytest.raises(ScoreError, match=r"scored on 2026-02-15 \(earlier days that were: 2026-02-22\)"):
        book_changed(project, later(project), WEEKS[0])
    for day in (AS_OF, AS_OF + pd.Timedelta(days=1)):
        with pytest.raises(ScoreError, match="is not before 2026-03-01"):
            book_changed(project, later(project), day)


def test_the_explanation_of_an_account_has_its_own_change_alone(project):
    scored(project, WEEKS[1], n=30)
    told = explain_account(project, "acc-00003").changed
    assert told.accounts.index.tolist() == ["acc-00003"] and set(told.drivers.index) == {"acc-00003"}
    assert told.accounts["risk_after"].iloc[0] == explain_account(project, "acc-00003").account["risk"]
    assert explain_account(project, "acc-00045").changed.accounts.empty  # it was no customer then
    assert explain_account(project, "acc-00029").changed.accounts.empty  # it was leaving then
