"""Which published table is read where several models scored a day, and whose page where a name has moved?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.errors import NoAccountError, ScoreError
from churnmodel.scoring.champion import set_champion
from churnmodel.scoring.score_table import publish
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.account_report import account_told
from churnmodel.workflow.project import Project
from churnmodel.workflow.scored_day import table_of_day
from scoring.small_company import AS_OF, book, bundle, feature_rows

SETTINGS = '[project]\nname = "small"\ndata_until = 2026-03-01\ncurrency = "EUR"\n[output]\nfolder = "home"\n'
BEFORE = AS_OF - pd.Timedelta(days=30)


@pytest.fixture
def project(tmp_path) -> Project:
    (tmp_path / "churnmodel.toml").write_text(SETTINGS, encoding="utf-8")
    return Project.open(tmp_path / "churnmodel.toml")


def scored(project: Project, day: pd.Timestamp, kind: str = "logistic", names: dict[str, str] | None = None):
    """The version that published a table of that day, with other `names` for some accounts."""
    made = set_champion(project.home, bundle(project.home / f"made-{kind}", kind))
    scorer = Scorer.load(made)
    X = feature_rows(40, 0, day)
    known = book(X)
    ids = known.index.get_level_values("account_id")
    known["name"] = [(names or {}).get(a, str(n)) for a, n in zip(ids, known["name"], strict=True)]
    scores, drivers = scorer.score_and_explain(X[(known["status"] != "leaving").to_numpy()])
    table = known.join(scores).assign(mrr_at_risk=lambda t: t["mrr"] * t["risk"])
    publish(project.home / "scores", table, drivers, X, day.date(), scorer.version)
    return scorer.version


def test_of_two_models_that_scored_a_day_the_one_in_use_last_is_read(project):
    first, second = scored(project, BEFORE, "logistic"), scored(project, BEFORE, "lightgbm")
    latest = scored(project, AS_OF, "lightgbm")
    assert first != second == latest
    assert table_of_day(project, BEFORE).version == second
    assert table_of_day(project, None).as_of == AS_OF.date()


def test_a_day_that_was_not_scored_is_refused_with_those_that_were(project):
    scored(project, AS_OF)
    with pytest.raises(ScoreError, match=rf"2020-01-01 was not scored \(scored: {AS_OF.date()}\)"):
        table_of_day(project, pd.Timestamp("2020-01-01"))


def test_a_name_that_two_bear_today_is_refused_though_one_bore_it_once(project):
    scored(project, BEFORE, names={"acc-00005": "Acme"})
    scored(project, AS_OF, names={"acc-00005": "Acme", "acc-00006": "Acme"})
    with pytest.raises(ScoreError, match="2 accounts are called 'Acme': name one by its id, acc-00005, acc-00006"):
        account_told(project, "Acme")


def test_an_account_that_bears_another_name_today_is_told_by_today(project):
    scored(project, BEFORE, names={"acc-00005": "Acme"})
    scored(project, AS_OF, names={"acc-00005": "Beta"})
    told = account_told(project, "Acme")
    assert (told.account_id, told.name, told.as_of) == ("acc-00005", "Beta", AS_OF.date())
    with pytest.raises(NoAccountError):
        account_told(project, "nobody at all")
