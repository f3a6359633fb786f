"""Are the rows behind a score those it was made of, and is it said where they are not any more?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from churnmodel.workflow.evidence import FLAT, rows_behind
from churnmodel.workflow.features import build_features
from churnmodel.workflow.project import Project

AS_OF = pd.Timestamp("2025-07-01")
TICKETS = pd.DataFrame(
    {
        "ticket_id": ["t1", "t2", "t3"],
        "account_id": ["a", "a", "b"],
        "opened_at": ["2025-06-03", "2025-06-20", "2025-06-21"],
        "priority": ["urgent", "low", "urgent"],
    }
)
NAMES = ["tickets_opened_28d", "tickets_urgent_90d", "mrr", "tickets_change_90d"]


def write(folder: Path, tickets: pd.DataFrame, until: str = "2025-07-01") -> Project:
    (folder / "data").mkdir(exist_ok=True)
    accounts = pd.DataFrame({"account_id": ["a", "b"], "created_at": "2024-01-01"})
    accounts.to_parquet(folder / "data" / "accounts.parquet")
    versions = accounts.rename(columns={"created_at": "started_at"}).assign(subscription_id=["s", "r"], mrr=100.0)
    versions.to_parquet(folder / "data" / "subscriptions.parquet")
    tickets.to_parquet(folder / "data" / "tickets.parquet")
    (folder / "churnmodel.toml").write_text(f'[project]\ndata_until = "{until}"\n[data]\nfolder = "data"\n')
    return Project.open(folder / "churnmodel.toml")


@pytest.fixture
def scored(tmp_path: Path) -> pd.DataFrame:
    X = build_features(write(tmp_path, TICKETS), [AS_OF]).X
    return X[X.index.get_level_values("account_id") == "a"]


def test_the_rows_are_those_of_the_account_as_of_the_day_of_the_score(tmp_path, scored):
    later = pd.concat([TICKETS, TICKETS.assign(ticket_id=["t4", "t5", "t6"], opened_at="2025-07-20")])
    behind = rows_behind(write(tmp_path, later, until="2025-08-01"), scored, NAMES)
    assert behind.evidence["tickets_opened_28d"].rows["ticket_id"].tolist() == ["t2", "t1"]
    assert behind.evidence["tickets_urgent_90d"].rows["ticket_id"].tolist() == ["t1"]
    assert (behind.moved, behind.gone, behind.why_none) == ({}, (), None)
    assert behind.of_driver({"feature": "mrr"}).rows["mrr"].tolist() == [100.0]
    assert behind.of_driver({"feature": "nps_latest"}) is None


def test_where_the_past_was_written_over_no_rows_are_shown_and_both_values_are(tmp_path, scored):
    behind = rows_behind(write(tmp_path, TICKETS.assign(priority="urgent")), scored, NAMES)
    assert behind.moved == {"tickets_urgent_90d": (1.0, 2.0)}
    assert "tickets_urgent_90d" not in behind.evidence and "tickets_opened_28d" in behind.evidence


def test_a_feature_that_the_project_does_not_build_any_more_is_named(tmp_path, scored):
    X = scored.assign(of_old=1.0)
    assert rows_behind(write(tmp_path, TICKETS), X, ["of_old", "mrr"]).gone == ("of_old",)


def test_what_was_unknown_when_scored_has_no_rows(tmp_path, scored):
    X = scored.assign(tickets_opened_28d=float("nan"))
    assert rows_behind(write(tmp_path, TICKETS), X, ["tickets_opened_28d"]).evidence == {}


def test_tables_that_cannot_be_read_are_told_and_nothing_breaks(tmp_path, scored):
    project = write(tmp_path, TICKETS)
    (tmp_path / "data" / "accounts.parquet").unlink()
    behind = rows_behind(Project.open(project.config), scored, NAMES)
    assert "accounts" in behind.why_none and behind.evidence == {}


def test_a_score_of_a_day_the_tables_do_not_reach_is_told(tmp_path, scored):
    assert "lies after data_until" in rows_behind(write(tmp_path, TICKETS, "2025-06-25"), scored, NAMES).why_none


def test_a_flat_table_is_its_own_evidence(tmp_path, scored, monkeypatch):
    project = write(tmp_path, TICKETS)
    monkeypatch.setattr(Project, "is_flat", True)
    assert rows_behind(project, scored, NAMES).why_none == FLAT
