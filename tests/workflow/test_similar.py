"""Does the past tell only what was known, and stay where it belongs?"""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from churnmodel.scoring.score_table import read_latest
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import record_folder
from churnmodel.workflow.score import score
from churnmodel.workflow.similar import PAST, similar_accounts, thinned

EARLIER = pd.Timestamp("2025-08-01")


@pytest.fixture(scope="module")
def config(trained_project, tmp_path_factory):
    return trained_project.copy(tmp_path_factory.mktemp("similar") / "copy").config


def some_rows(project: Project, as_of: pd.Timestamp | None = None) -> pd.DataFrame:
    """The features of five accounts with a risk, on data_until or an earlier day."""
    table = read_latest(project.home / "scores") if as_of is None else score(project, as_of).table
    return table.X.loc[table.scores.index[table.scores["risk"].notna()][::30][:5]]


def test_ten_past_accounts_are_found_and_none_is_the_account_itself(config):
    project = Project.open(config)
    scorer = Scorer.champion(project.home)
    rows = some_rows(project)
    for i in range(5):
        row = rows.iloc[[i]]
        found = similar_accounts(project, scorer, row)
        assert len(found.rows) == 10 and found.rows["distance"].is_monotonic_increasing
        assert row.index[0][0] not in found.rows.index.get_level_values("account_id")
        assert found.days == 180 and 0 < found.left_of_all < 1


def test_the_answer_of_an_earlier_day_is_the_same_where_nothing_later_is_in_the_tables(config, tmp_path):
    project = Project.open(config)
    scorer, rows = Scorer.champion(project.home), some_rows(project, EARLIER)
    shutil.copytree(config.parent, tmp_path / "then")
    then = tmp_path / "then" / config.name
    text = then.read_text(encoding="utf-8")
    assert "data_until = 2026-01-01" in text
    then.write_text(text.replace("data_until = 2026-01-01", f"data_until = {EARLIER.date()}"), encoding="utf-8")
    before = Project.open(then)
    for i in range(len(rows)):
        now, known = (similar_accounts(p, scorer, rows.iloc[[i]]) for p in (project, before))
        pd.testing.assert_frame_equal(now.rows, known.rows, check_exact=True)
        assert (now.accounts, now.left_of_all) == (known.accounts, known.left_of_all)
        # 180 days and 30 of grace had passed
        assert (now.rows.index.get_level_values("as_of") + pd.Timedelta(days=210) < EARLIER).all()
        assert len(now.rows) == 10


def test_outcomes_are_those_of_the_labels(config):
    from churnmodel.snapshots.labels import churn_labels

    project = Project.open(config)
    found = similar_accounts(project, Scorer.champion(project.home), some_rows(project).iloc[[0]], k=200)
    labels = churn_labels(project.db, found.rows.index, project.window)
    assert labels["churned"].astype(bool).tolist() == found.rows["left"].tolist() and found.left > 5


def test_the_points_are_made_once_and_made_anew_where_the_file_is_damaged(config):
    project = Project.open(config)
    scorer, row = Scorer.champion(project.home), some_rows(project).iloc[[0]]
    first = similar_accounts(project, scorer, row)
    place = record_folder(project.home) / f"past_points_{scorer.version}.parquet"
    stamp = place.stat().st_mtime_ns
    again = similar_accounts(project, scorer, row)
    assert place.stat().st_mtime_ns == stamp
    place.write_bytes(b"damaged")
    for other in (again, similar_accounts(project, scorer, row)):
        pd.testing.assert_frame_equal(other.rows, first.rows, check_exact=True)
    assert place.read_bytes() != b"damaged"


def test_what_cannot_be_told_is_said_with_its_reason(config, tmp_path):
    project = Project.open(config)
    scorer, row = Scorer.champion(project.home), some_rows(project).iloc[[0]]
    shutil.copytree(config.parent, tmp_path / "copy")
    copy = Project.open(tmp_path / "copy" / config.name)
    folder = record_folder(copy.home)
    for path in folder.glob("past_points_*"):
        path.unlink()
    past = pd.read_parquet(folder / PAST)
    past.drop(columns="events_28d").to_parquet(folder / PAST, index=False)
    assert "no column 'events_28d'" in similar_accounts(copy, scorer, row).words
    (folder / PAST).unlink()
    assert similar_accounts(copy, scorer, row).words == "Not known: the last training kept no past snapshots"
    shutil.rmtree(copy.home / "training")
    assert similar_accounts(copy, scorer, row).words == "Not known: the last training kept no past snapshots"


def test_a_damaged_past_does_not_stop_an_explanation(config, tmp_path):
    shutil.copytree(config.parent, tmp_path / "damaged")
    project = Project.open(tmp_path / "damaged" / config.name)
    scorer, folder = Scorer.champion(project.home), record_folder(project.home)
    (folder / PAST).write_bytes((folder / PAST).read_bytes()[:1000])
    for made in folder.glob("past_points_*"):
        made.unlink()
    found = similar_accounts(project, scorer, some_rows(project).iloc[[0]])
    assert len(found.rows) == 0 and "damaged" in found.words


def test_tables_that_cannot_be_read_do_not_stop_an_explanation(config, tmp_path):
    from churnmodel.workflow.explain import explain_account

    shutil.copytree(config.parent, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "data")
    project = Project.open(tmp_path / "copy" / config.name)
    account = read_latest(project.home / "scores").scores["risk"].idxmax()[0]
    told = explain_account(project, account)
    assert told.similar.rows.empty and told.similar.words.startswith("Not known: ") and not told.drivers.empty


def test_the_past_is_kept_beside_the_record_and_not_in_mlflow(trained_project):
    kept = [path.relative_to(trained_project.folder) for path in trained_project.folder.rglob(PAST)]
    assert [path.parts[0] for path in kept] == ["training"]
    past = pd.read_parquet(trained_project.folder / kept[0])
    assert {"account_id", "as_of", "days_to_renewal"} <= set(past.columns) and len(past) > 1000


@pytest.mark.parametrize(("most", "kept"), [(60, 6), (59, 3), (30, 3), (29, 2), (10, 1), (3, 1)])
def test_a_large_past_keeps_every_nth_as_of_from_the_latest_back(most, kept):
    days = pd.date_range("2025-01-01", periods=6, freq="MS")
    index = pd.MultiIndex.from_product([[f"a{i}" for i in range(10)], days], names=["account_id", "as_of"])
    X = pd.DataFrame({"x": np.arange(60.0)}, index=index)
    found = thinned(X, most).index.get_level_values("as_of").unique()
    assert len(found) == kept and days[-1] in found
