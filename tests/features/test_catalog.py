from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.features.catalog import CATALOG, available, dictionary, lacking, project_features
from churnmodel.features.feature import Family
from churnmodel.settings import settings_from
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from small_worlds import version, world

BY_NAME = {f.name: f for f in CATALOG}
TABLES = {"usage_events", "tickets", "invoices", "surveys"}


def settings(**sections):
    return settings_from({"project": {"data_until": "2026-01-01"}, **sections}, base=Path())


def database_without(table=None, column=None):
    """A company with every table and column, but one."""
    rows = {
        "subscriptions": [version("2024-01-01")],
        "accounts": [{"account_id": "a", "created_at": "2024-01-01"}],
    }
    rows |= {name: [] for name in TABLES}
    frames = {
        name: pd.DataFrame(of, columns=list(CONTRACT[name].names))
        for name, of in rows.items()
        if name != table or column
    }
    if column:
        frames[table] = frames[table].drop(columns=column)
    return Database.from_frames(frames, until="2026-01-01", threads=1)


def gone(db):
    return {f.name for f in CATALOG} - {f.name for f in available(db)}


def test_no_two_features_have_one_name():
    assert [name for name, n in Counter(f.name for f in CATALOG).items() if n > 1] == []


def test_every_family_but_relationship_has_features():
    assert {f.family for f in CATALOG} == set(get_args(Family)) - {"relationship"}


def test_a_company_with_all_tables_has_all_features():
    assert gone(database_without()) == set()


@pytest.mark.parametrize("table", sorted(TABLES))
def test_an_absent_table_takes_its_features_with_it_and_no_others(table):
    readers = {f.name for f in CATALOG if any(a.table == table for a in f.measure.needs)}
    db = database_without(table)
    assert readers and gone(db) == readers
    assert {lacking(db, BY_NAME[name]) for name in readers} == {(table,)}


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("subscriptions", "seats", {"seats", "seats_change_180d", "seat_utilisation_28d"}),
        ("subscriptions", "list_mrr", {"discount_share"}),
        ("subscriptions", "renews_at", {"days_to_renewal"}),
        ("subscriptions", "plan", {"plan"}),
        ("subscriptions", "auto_renews", {"auto_renews"}),
        ("invoices", "failed_at", {"failed_unpaid_count", "failed_share_365d"}),
        ("invoices", "due_at", {"overdue_count", "overdue_amount", "overdue_oldest_days", "days_late_mean_180d"}),
        ("usage_events", "channel", {"api_share_28d"}),
        ("usage_events", "feature", {"breadth_28d", "breadth_previous_28d"}),
        ("tickets", "priority", {"tickets_urgent_share_90d"}),
        ("tickets", "csat", {"csat_mean_180d"}),
        ("tickets", "reopened_at", {"reopened_180d"}),  # without it an open ticket is one not resolved
        ("usage_events", "quantity", set()),
    ],
)
def test_a_missing_optional_column_takes_the_features_that_read_it_and_no_others(table, column, expected):
    db = database_without(table, column)
    assert gone(db) == expected
    assert all(f"{table}.{column}" in lacking(db, BY_NAME[name]) for name in expected)


def test_a_cell_says_every_optional_column_that_its_code_names():
    # without ended_at everything runs; without reopened_at an open ticket is one not resolved
    can_do_without = {"ended_at", "reopened_at"}
    for feature in CATALOG:
        for aggregate in feature.measure.needs:
            optional = {c.name for c in CONTRACT[aggregate.table].columns if not c.required}
            for cell in (aggregate.of, aggregate.where):
                if cell is not None:
                    named = optional & set(cell.of.__code__.co_names)
                    assert named - can_do_without <= set(cell.reads), f"{feature.name}: {cell.text}"


def test_the_project_chooses_by_globs_and_adds_its_metrics_and_attributes():
    chosen = project_features(
        settings(
            metrics={"depth": {"label": "depth"}},
            features={"include": ["mrr*", "depth_*", "segment"], "exclude": ["*_180d"], "static": ["segment"]},
        )
    )
    assert [f.name for f in chosen] == [
        *("mrr", "depth_mean_28d", "depth_mean_previous_28d", "depth_change_28d", "depth_slope_90d", "segment")
    ]


@pytest.mark.parametrize("where", ["include", "exclude"])
def test_a_glob_that_matches_nothing_is_refused_by_name(where):
    with pytest.raises(FeatureError, match=r"no feature matches 'active_user_\*'.*churnmodel features"):
        project_features(settings(features={where: ["active_user_*"]}))


def test_two_metrics_that_would_be_one_feature_are_refused():
    with pytest.raises(FeatureError, match="two features are named 'depth_score_change_28d'"):
        project_features(settings(metrics={"depth score": {"label": "a"}, "depth-score": {"label": "b"}}))


def test_the_dictionary_has_a_row_and_a_meaning_for_every_feature():
    rows = dictionary()
    assert rows.index.tolist() == [f.name for f in CATALOG]
    assert (rows["meaning"].str.len() > 10).all()


def test_a_window_in_a_name_is_the_window_in_its_meaning():
    for feature in CATALOG:
        window = feature.name.rsplit("_", 1)[-1]
        if window.endswith("d") and window[:-1].isdigit():
            assert window[:-1] in feature.meaning, feature.name


def test_a_company_of_two_tables_still_has_features():
    names = {f.name for f in available(world([version("2024-01-01")]))}
    assert names == {f.name for f in CATALOG if {a.table for a in f.measure.needs} == {"subscriptions"}}
