"""A further day costs that day alone, and is what a full build gives."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.features.aggregate import Aggregate
from churnmodel.features.event_cells import USER
from churnmodel.features.event_sets import _seen
from churnmodel.features.events import events_of
from churnmodel.features.segments import day_number, segments_of
from churnmodel.sources import conform
from churnmodel.workflow import features as act
from churnmodel.workflow.features import build_features, moved_days
from churnmodel.workflow.project import Project

DAY = pd.Timedelta(days=1)
SECOND = pd.Timedelta(seconds=1)
MONTHS = list(pd.date_range("2025-02-01", "2025-07-01", freq="MS"))


def write_company(folder: Path, *, late: bool = True, until: str = "2025-07-01") -> None:
    """Twenty accounts with events in monthly files; some rows come weeks after they happened, and say so."""
    rng = np.random.default_rng(3)
    names = [f"a{i:02d}" for i in range(20)]
    accounts = pd.DataFrame({"account_id": names, "created_at": pd.Timestamp("2024-06-01")})
    versions = accounts.assign(subscription_id=accounts["account_id"], started_at="2024-06-01", mrr=100.0)
    versions["renews_at"] = "2026-06-01"
    events = pd.DataFrame(
        {
            "account_id": rng.choice(names, 4000),
            "user_id": rng.choice(["u1", "u2", "u3"], 4000),
            "occurred_at": pd.Timestamp("2024-07-01") + rng.integers(0, 365 * 86_400, 4000) * SECOND,
            "feature": rng.choice(["x", "y"], 4000),
        }
    )
    delay = pd.to_timedelta(np.where(rng.random(4000) < 0.2, rng.integers(0, 40, 4000), 0), unit="D")
    events["known_at"] = events["occurred_at"] + delay
    events = events[events["known_at"] < until]
    (folder / "data" / "usage_events").mkdir(parents=True, exist_ok=True)
    accounts.to_parquet(folder / "data" / "accounts.parquet")
    versions.drop(columns="created_at").to_parquet(folder / "data" / "subscriptions.parquet")
    shown = events if late else events.drop(columns="known_at")
    for month, rows in shown.groupby(shown["occurred_at"].dt.strftime("%Y-%m")):
        rows.sort_values("occurred_at").to_parquet(folder / "data" / "usage_events" / f"{month}.parquet")
    (folder / "churnmodel.toml").write_text(f'[project]\ndata_until = "{until}"\n[data]\nfolder = "data"\n')


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_company(tmp_path)
    return Project.open(tmp_path / "churnmodel.toml")


def test_day_by_day_gives_the_bits_of_a_full_build(project, tmp_path):
    for day in MONTHS:
        assert build_features(project, [day]).anew == (day,)
    by_day = build_features(project, MONTHS)
    assert by_day.anew == ()
    whole = build_features(project, MONTHS, rebuild=True)
    assert whole.anew == tuple(MONTHS)
    pd.testing.assert_frame_equal(by_day.X, whole.X, check_exact=True)


def test_a_day_built_before_its_late_rows_came_is_what_a_build_today_gives(tmp_path):
    write_company(tmp_path, until="2025-05-01")
    early = build_features(Project.open(tmp_path / "churnmodel.toml"), MONTHS[:4])
    write_company(tmp_path)
    today = Project.open(tmp_path / "churnmodel.toml")
    again = build_features(today, MONTHS[:4], rebuild=True)
    pd.testing.assert_frame_equal(early.X, again.X, check_exact=True)
    found = moved_days(today)
    assert found.rows.empty
    assert (found.compared, found.others) == (tuple(MONTHS[:4]), ())


def test_rows_that_came_late_and_do_not_say_so_are_found(tmp_path):
    write_company(tmp_path, late=False, until="2025-05-01")
    build_features(Project.open(tmp_path / "churnmodel.toml"), MONTHS[:4])
    write_company(tmp_path, late=False)
    moved = moved_days(Project.open(tmp_path / "churnmodel.toml")).rows
    days = moved.loc[moved["feature"] == "events_28d", "as_of"].tolist()
    assert MONTHS[3] in days and MONTHS[0] not in days
    assert "mrr" not in set(moved["feature"])


def test_days_of_other_definitions_are_counted_and_not_compared(project, tmp_path):
    assert moved_days(project).compared == ()
    build_features(project, MONTHS[:2])
    config = tmp_path / "churnmodel.toml"
    config.write_text(config.read_text() + '[features]\nexclude = ["events_7d"]\n')
    other = Project.open(config)
    build_features(other, MONTHS[2:3])
    found = moved_days(other)
    assert (found.compared, found.others) == ((MONTHS[2],), tuple(MONTHS[:2]))


def test_only_the_asked_day_is_built(project, monkeypatch):
    build_features(project, MONTHS[:2])
    asked = []
    monkeypatch.setattr(act, "build_feature_matrix", lambda db, book, *_, **__: asked.append(book) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build_features(project, MONTHS[:3])
    assert asked[0].index.get_level_values("as_of").unique().tolist() == [MONTHS[2]]


def test_other_definitions_build_a_kept_day_again(project, tmp_path):
    build_features(project, MONTHS[:1])
    config = tmp_path / "churnmodel.toml"
    config.write_text(config.read_text() + '[features]\nexclude = ["events_7d"]\n')
    built = build_features(Project.open(config), MONTHS[:1])
    assert built.anew == (MONTHS[0],)
    assert "events_7d" not in built.X


@pytest.fixture
def in_place(project, monkeypatch) -> Project:
    """The same, its events too many to be kept: each question reads the files."""
    monkeypatch.setattr(conform, "SMALL", 0)
    return project


def test_one_as_of_reads_only_the_files_of_its_days(in_place):
    project = in_place
    (segments,) = segments_of([day_number(MONTHS[-1])], [(30, 0)])
    events = events_of(project.db, segments)
    plan = _seen(events, events.on_time, ["account_id"], USER, None)
    connection = project.db.raw.connection
    told = connection.raw_sql(f"EXPLAIN ANALYZE {connection.compile(plan)}").fetchall()[0][1]
    scanned, among = map(int, re.search(r"Row Groups Scanned: (\d+) / (\d+)", told).groups())
    assert among == 12
    assert scanned == 2  # June, and the last day of May: a zone may move a moment by less than a day


@pytest.mark.parametrize("read", ["project", "in_place"])
def test_no_window_is_cut_short_by_what_is_not_read(read, request):
    from churnmodel.features.event_aggregates import event_aggregates

    project = request.getfixturevalue(read)
    events = project.db.frame("usage_events")
    index = pd.MultiIndex.from_product([["a03"], MONTHS], names=["account_id", "as_of"])
    found = event_aggregates(project.db, index, [Aggregate("usage_events", "count", None, 90)])
    mine = events[events["account_id"] == "a03"]
    by_hand = [
        int(((mine["occurred_at"] >= m - 90 * DAY) & (mine["occurred_at"] < m) & (mine["known_at"] < m)).sum())
        for m in MONTHS
    ]
    assert next(iter(found.values())).tolist() == by_hand
