from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.explanation.wording import check_wording
from churnmodel.features.active_users import FROM
from churnmodel.features.catalog import CATALOG, available, dictionary, lacking, project_features
from churnmodel.features.feature import Family
from churnmodel.features.rehearsal import NEVER_FEATURES, problems
from churnmodel.settings import settings_from
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from small_worlds import version, world

BY_NAME = {f.name: f for f in CATALOG}


def tables_of(feature):
    """The tables of the contract a feature is made from."""
    of_cells = {read.rpartition(".")[0] for a in feature.measure.needs for read in a.reads}
    return {FROM.get(a.table, a.table) for a in feature.measure.needs} | of_cells - {""}


TABLES = sorted({t for f in CATALOG for t in tables_of(f)} - {"accounts", "subscriptions"})


def settings(**sections):
    return settings_from({"project": {"data_until": "2026-01-01"}, **sections}, base=Path())


@pytest.fixture(scope="module")
def whole():
    """A company with every table and column, and few rows."""
    rows = {
        "subscriptions": [version("2024-01-01")],
        "accounts": [{"account_id": "a", "created_at": "2024-01-01"}],
    }
    frames = {
        name: pd.DataFrame(rows.get(name, []), columns=list(CONTRACT[name].names)) for name in [*rows, *TABLES]
    }
    return Database.from_frames(frames, until="2026-01-01", threads=1)


def without(db, table, column=None):
    """The same company where a table, or a column of it, is not there."""
    readings = {name: reading for name, reading in db.readings.items() if name != table or column}
    if column:
        readings[table] = replace(readings[table], missing=(column,))
    return replace(db, readings=readings, tables={name: r.table for name, r in readings.items()})


def gone(db):
    return {f.name for f in CATALOG} - {f.name for f in available(db)}


def test_no_two_features_have_one_name():
    assert [name for name, n in Counter(f.name for f in CATALOG).items() if n > 1] == []


def test_every_family_has_features():
    assert {f.family for f in CATALOG} == set(get_args(Family))


def test_every_table_that_features_may_read_is_read():
    # interventions are what we did about a risk, external scores are judged beside ours, metrics are declared
    silent = {"accounts", "interventions", "external_scores", "metrics"}
    assert {t for f in CATALOG for t in tables_of(f)} == set(CONTRACT) - set(NEVER_FEATURES) - silent


def test_a_company_with_all_tables_has_all_features(whole):
    assert gone(whole) == set()


@pytest.mark.parametrize("table", TABLES)
def test_an_absent_table_takes_its_features_with_it_and_no_others(table, whole):
    readers = {f.name for f in CATALOG if table in tables_of(f)}
    db = without(whole, table)
    assert readers and gone(db) == readers
    assert {lacking(db, BY_NAME[name]) for name in readers} == {(table,)}


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        (
            "subscriptions",
            "seats",
            {
                *("seats", "seats_change_90d", "seats_change_180d", "seat_utilisation_28d"),
                *("tickets_per_100_seats_90d", "price_rise_365d"),
            },
        ),
        ("subscriptions", "list_mrr", {"discount_share", "discounts_deepened"}),
        ("subscriptions", "renews_at", {"days_to_renewal", "renewals_survived"}),
        ("subscriptions", "plan", {"plan"}),
        ("subscriptions", "auto_renews", {"auto_renews"}),
        ("subscriptions", "cancelled_at", {"notice_share"}),
        ("subscriptions", "ended_at", set()),  # then every version runs
        ("invoices", "failed_at", {"failed_unpaid_count", "failed_share_365d"}),
        (
            "invoices",
            "due_at",
            {
                *("overdue_count", "overdue_amount", "overdue_oldest_days"),
                *("days_late_mean_180d", "days_late_worst_365d", "days_late_latest"),
            },
        ),
        ("tickets", "priority", {"tickets_urgent_share_90d", "tickets_urgent_90d"}),
        ("tickets", "csat", {"csat_mean_180d", "csat_latest", "csat_change_180d"}),
        ("tickets", "csat_at", set()),  # a rating is then known as the ticket is resolved
        ("tickets", "reopened_at", {"reopened_180d"}),  # without it an open ticket is one not resolved
        ("tickets", "sla_due_at", {"sla_missed_180d", "sla_missed_share_180d"}),
        ("touchpoints", "contact_id", {"contacts_180d", "single_threaded_180d"}),
        (
            "users",
            "champion",
            {
                *("champions_now", "champions_all_left", "days_since_champion_left", "active_champions_28d"),
            },
        ),
        ("goals", "due_at", {"goals_overdue", "goals_reached_share"}),
        ("incidents", "severity", {"severe_incidents_90d"}),
        ("incidents", "account_id", set()),  # then they are everyone's
        (
            "usage_events",
            "quantity",
            {"usage_quantity_28d", "usage_quantity_previous_28d", "usage_quantity_change_28d"},
        ),
    ],
)
def test_a_missing_optional_column_takes_the_features_that_read_it_and_no_others(table, column, expected, whole):
    db = without(whole, table, column)
    assert gone(db) == expected
    assert all(f"{table}.{column}" in lacking(db, BY_NAME[name]) for name in expected)


@pytest.mark.parametrize("feature", CATALOG, ids=lambda f: f.name)
def test_a_feature_can_be_computed_and_says_every_optional_column_it_looks_at(feature):
    assert list(problems(feature)) == []


def test_a_feature_whose_bad_end_is_known_can_say_which_way_it_moved():
    for feature in CATALOG:
        moves = feature.unit in ("change", "slope") or feature.name.split("_")[-2:-1] == ["change"]
        if moves:
            assert feature.wording.rise and feature.wording.fall and feature.wording.zero, feature.name


def test_the_project_chooses_by_globs_and_adds_its_metrics_and_attributes():
    chosen = project_features(
        settings(
            metrics={"depth": {"label": "depth"}},
            features={"include": ["mrr*", "depth_*", "segment"], "exclude": ["mrr_*"], "static": ["segment"]},
        )
    )
    assert [f.name for f in chosen] == [
        *("mrr", "depth_mean_28d", "depth_mean_previous_28d", "depth_change_28d", "depth_slope_90d", "segment")
    ]


@pytest.mark.parametrize("where", ["include", "exclude"])
def test_a_glob_that_matches_nothing_is_refused_by_name(where):
    with pytest.raises(FeatureError, match=r"no feature matches 'active_user_\*'.*churnmodel features"):
        project_features(settings(features={where: ["active_user_*"]}))


def test_a_sentence_that_cannot_be_said_is_refused_with_what_is_wrong_with_it():
    badly = settings(metrics={"depth": {"label": "depth [of use"}})
    assert "depth_mean_28d" in [f.name for f in project_features(badly)]
    with pytest.raises(FeatureError, match=r"cannot be said: depth_mean_28d.text: .*brackets do not match"):
        project_features(badly, check=check_wording)


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
    assert names == {f.name for f in CATALOG if tables_of(f) == {"subscriptions"}}
