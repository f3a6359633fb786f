"""The first law: no feature sees what was not known before as_of.

Per example a database of `HISTORIES` one-account histories is built, its future is changed in four ways, and
every feature must come out with the same bits. One run of the law serves a test per feature, so that a failure
names the feature. The planted leaks below show that the law can fail, and for every feature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_histories import (
    Draw,
    Shape,
    Tables,
    with_cells_altered,
    with_rows_added,
    with_rows_removed,
)

from churnmodel.features.active_users import FROM
from churnmodel.features.catalog import CATALOG
from churnmodel.features.feature import Feature
from churnmodel.features.gauges import metric_features, static_features
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.settings import MetricSettings
from churnmodel.sources import database
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.schemas import CONTRACT

HISTORIES = 80
FEATURES: tuple[Feature, ...] = (
    *CATALOG,
    *metric_features({name: MetricSettings(label=name) for name in ("weekly_users", "depth")}),
    *static_features(["segment", "industry", "country", "strategic", "tier"]),
)
NAMES = [f.name for f in FEATURES]


def tables_of(feature: Feature) -> set[str]:
    """The tables of the contract a feature is made from."""
    needs = feature.measure.needs if feature.measure else ()
    of_cells = {read.rpartition(".")[0] for a in needs for read in a.reads}
    return {FROM.get(a.table, a.table) for a in needs} | of_cells - {""}


OF_USAGE = {f.name for f in FEATURES if "usage_events" in tables_of(f)}
CHANGES = {
    "rows added": with_rows_added,
    "cells altered": with_cells_altered,
    "rows removed": with_rows_removed,
}
OPTIONAL = sorted(set(CONTRACT) - {"accounts", "subscriptions"})

shapes = st.builds(
    Shape,
    seed=st.integers(0, 2**32 - 1),
    ties=st.sampled_from([0.1, 0.0, 0.5]),
    missing=st.sampled_from([0.2, 0.0, 0.6]),
    backfilled=st.sampled_from([0.3, 0.0, 0.7]),
    empty=st.frozensets(st.sampled_from(OPTIONAL), max_size=2),
    corrected=st.sampled_from([0.2, 0.0, 0.5]),
)
days = st.sampled_from(["2025-03-30", "2024-02-29", "2025-01-01", "2025-10-26"]).map(pd.Timestamp)


def features_at(
    db: Database, as_of: pd.Timestamp, accounts: Sequence[str], features: Sequence[Feature], *, beside: bool
) -> pd.DataFrame:
    """The features at as_of; `beside` builds a later snapshot in the same run, which may not shine through."""
    moments = [as_of, as_of + pd.Timedelta(days=61)] if beside else [as_of]
    index = pd.MultiIndex.from_product([list(accounts), moments], names=SNAPSHOT)
    return build_feature_matrix(db, index, features).xs(as_of, level="as_of")


def database_of(tables: Tables) -> Database:
    return Database.from_frames(tables, until="2030-01-01", threads=1)


def differences(before: pd.DataFrame, after: pd.DataFrame, what: str) -> Iterator[tuple[str, str]]:
    """(feature, sentence) for each feature with other bits; NaN equals NaN, None equals None."""
    for name in before:
        old, new = before[name], after[name]
        if old.dtype == "float64":
            same = (old.to_numpy().view("int64") == new.to_numpy().view("int64")) | (old.isna() & new.isna())
        else:
            same = (old == new) | (old.isna() & new.isna())
        if not same.all():
            account = same.index[~same.to_numpy(dtype=bool)][0]
            yield str(name), f"{what}: {account} had {old[account]!r}, now {new[account]!r}"


def leaks(
    shape: Shape, as_of: pd.Timestamp, changes: Sequence[str] = tuple(CHANGES), histories: int = HISTORIES
) -> dict[str, str]:
    """The law on one example: the features that a change of the future, or the cut, moved, with how."""
    draw = Draw(shape, as_of)
    company = draw.company(histories)
    accounts = company["accounts"]["account_id"].tolist()
    db = database_of(company)
    before = features_at(db, as_of, accounts, FEATURES, beside=True)
    found = dict(differences(before, features_at(db.cut(as_of), as_of, accounts, FEATURES, beside=False), "cut"))
    for change in changes:
        changed = database_of(CHANGES[change](company, draw))
        found |= dict(differences(before, features_at(changed, as_of, accounts, FEATURES, beside=True), change))
    return found


def examples(of_the_profile: int) -> int:
    """An example holds `HISTORIES` of them, so a twentieth of the profile's number is enough."""
    return max(1, of_the_profile // 20)


@pytest.fixture(scope="module")
def moved_by_the_future() -> dict[str, str]:
    """Every violation in all examples of the law, by feature."""
    found: dict[str, str] = {}

    @settings(max_examples=examples(settings().max_examples))
    @given(shape=shapes, as_of=days)
    def law(shape: Shape, as_of: pd.Timestamp) -> None:
        moved = leaks(shape, as_of)
        found.update({name: f"{shape}, {as_of.date()}: {how}" for name, how in moved.items() if name not in found})

    law()
    return found


@pytest.mark.parametrize("feature", NAMES)
def test_no_feature_sees_what_was_not_known_before_as_of(feature, moved_by_the_future):
    assert feature not in moved_by_the_future, moved_by_the_future[feature]


def test_the_proof_takes_at_least_two_thousand_histories():
    assert examples(settings.get_profile("proof").max_examples) * HISTORIES >= 2000


# ---- planted leaks: the same law, on code with a hole in it ----

READERS = {
    ("subscriptions", "ended_at"): {
        *("mrr", "mrr_change_90d", "mrr_change_180d", "mrr_change_365d", "seats", "seats_change_90d"),
        *("seats_change_180d", "discount_share", "days_to_renewal", "term_months", "auto_renews", "plan"),
        *("billing_period", "subscriptions_running", "paused_now", "notice_share", "days_since_contract_change"),
        *("seat_utilisation_28d", "tickets_per_100_seats_90d"),
    },
    ("subscriptions", "cancelled_at"): {"notice_share"},
    ("invoices", "paid_at"): {
        *("overdue_count", "overdue_amount", "overdue_oldest_days", "failed_unpaid_count"),
        *("days_late_mean_180d", "days_late_worst_365d", "days_late_latest"),
    },
    ("invoices", "failed_at"): {"failed_unpaid_count", "failed_share_365d"},
    ("tickets", "first_response_at"): {"response_days_90d", "response_change_90d", "tickets_unanswered"},
    ("tickets", "resolved_at"): {
        *("response_days_90d", "response_change_90d"),
        *("tickets_open", "oldest_open_ticket_days", "resolution_days_90d", "tickets_unanswered"),
        *("sla_missed_180d", "sla_missed_share_180d"),
    },
    ("tickets", "reopened_at"): {
        *("reopened_180d", "tickets_open", "oldest_open_ticket_days", "resolution_days_90d"),
    },
    ("tickets", "csat"): {"csat_mean_180d", "csat_latest", "csat_change_180d"},
    ("surveys", "answered_at"): {"survey_non_response_365d", "surveys_sent_365d"},
    ("surveys", "score"): {
        *("nps_mean_365d", "nps_change_180d", "nps_days_since", "nps_detractor_share_365d"),
        *("survey_csat_mean_180d", "survey_csat_change_180d"),
    },
    ("surveys", "comment"): {
        *(f"comment_tone_{what}" for what in ("mean_90d", "mean_180d", "change_90d", "worst_180d")),
        *("comments_readable_180d", "comments_on_cancelling_90d", "comments_on_competitor_180d"),
        *("comments_on_price_180d", "comments_on_outage_90d", "comments_on_champion_left_180d"),
    },
    ("surveys", "sentiment"): {
        *(f"comment_tone_{what}" for what in ("mean_90d", "mean_180d", "change_90d", "worst_180d")),
        "comments_readable_180d",
    },
    ("users", "left_at"): {
        *("champions_now", "champions_all_left", "days_since_champion_left"),
        *("users_left_90d", "users_left_share_90d", "active_champions_28d"),
    },
    ("incidents", "ended_at"): {"downtime_hours_28d", "downtime_hours_90d"},
    ("goals", "reached_at"): {"goals_overdue", "goals_reached_share"},
}
"""The features that read each later column: those, and no others, must be reported when it is left open."""
BESIDE = {"subscriptions": {"tickets", "usage_events"}, "users": {"usage_events"}}
"""Tables without which some of the readers cannot be built."""
REVEALING = {("tickets", "csat_at")}
"""It reveals another column, and no feature reads it where that one is blank."""


def test_every_later_column_of_a_table_with_features_has_a_planted_leak():
    of_features = {table for f in FEATURES for table in tables_of(f)}
    later = {(t, c.name) for t in of_features for c in CONTRACT[t].later}
    assert later - set(READERS) == REVEALING


@pytest.mark.parametrize(("table", "column"), list(READERS))
def test_a_later_column_left_open_is_caught_in_every_feature_that_reads_it(table, column, monkeypatch):
    as_of = pd.Timestamp("2025-03-30")
    draw = Draw(Shape(7, 0.1, 0.1, 0.2, frozenset()), as_of)
    kept = {"accounts", "subscriptions", table} | BESIDE.get(table, set())
    company = {name: rows for name, rows in draw.company(250).items() if name in kept}
    altered = company | {table: with_cells_altered(company, draw)[table]}
    features = [f for f in FEATURES if tables_of(f) <= kept]
    accounts = company["accounts"]["account_id"].tolist()

    def reported() -> set[str]:
        two = [features_at(database_of(t), as_of, accounts, features, beside=False) for t in (company, altered)]
        return {name for name, _ in differences(*two, "cells altered")}

    assert reported() == set()
    schema = CONTRACT[table]
    left_open = tuple(replace(c, revealed_by=()) if c.name == column else c for c in schema.columns)
    monkeypatch.setitem(CONTRACT, table, replace(schema, columns=left_open))
    assert reported() == READERS[table, column]


def test_rows_that_came_late_and_are_taken_as_if_they_had_not_are_caught_in_every_feature(monkeypatch):
    honest = database.read_table

    def forgetful(raw, schema, *how):
        reading = honest(raw, schema, *how)
        return replace(reading, table=reading.table.mutate(known_at=reading.table[schema.time]))

    monkeypatch.setattr(database, "read_table", forgetful)
    found = leaks(Shape(3, 0.1, 0.1, 0.3, frozenset()), pd.Timestamp("2025-03-30"), ["rows added"], 250)
    assert [name for name in NAMES if name not in found] == []


def test_a_cut_that_lets_the_moment_itself_in_is_caught_in_every_feature(monkeypatch):
    honest = database.reveal

    def late_by_a_second(table, schema, moment=None):
        if moment is not None:
            return honest(table, schema, moment)
        cut = honest(table.mutate(as_of=table.as_of + ibis.interval(seconds=1)), schema)
        return cut.mutate(as_of=cut.as_of - ibis.interval(seconds=1))

    monkeypatch.setattr(database, "reveal", late_by_a_second)
    found = leaks(Shape(3, 0.5, 0.1, 0.3, frozenset()), pd.Timestamp("2025-03-30"), ["rows added"], 250)
    # usage events are cut where they are rolled up, not by `reveal`
    assert [name for name in NAMES if name not in found and name not in OF_USAGE] == []
