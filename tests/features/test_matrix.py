from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from by_hand import AS_OF, PAYING

from churnmodel.errors import ChurnmodelError, FeatureError
from churnmodel.features.aggregate import Aggregate
from churnmodel.features.catalog import CATALOG
from churnmodel.features.feature import Feature
from churnmodel.features.gauges import metric_features
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.measures import Level
from churnmodel.settings import MetricSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import FEED_TABLES
from churnmodel.sources.schemas import CONTRACT
from small_worlds import looks, version, world

DAY = pd.Timedelta(days=1)
OF_SUBSCRIPTIONS = {
    f.name for f in CATALOG if f.measure and {a.table for a in f.measure.needs} == {"subscriptions"}
}
DEPTH = metric_features({"depth_score": MetricSettings(label="depth")})


def same_bytes(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    for name in one.select_dtypes("float64"):
        assert one[name].to_numpy().tobytes() == other[name].to_numpy().tobytes(), name


@pytest.fixture(scope="module")
def demo_days(demo_company):
    return [demo_company.until - 200 * DAY, demo_company.until]


@pytest.fixture(scope="module")
def demo(demo_company, demo_days):
    db = Database.from_frames(demo_company.tables, until=demo_company.until, threads=1)
    book = build_book(db, demo_days)
    return db, build_feature_matrix(db, book, [*CATALOG, *DEPTH])


def test_the_order_of_the_rows_and_the_threads_change_no_bit(demo_company, demo):
    _, one = demo
    shuffled = {name: t.sample(frac=1.0, random_state=11) for name, t in demo_company.tables.items()}
    two = Database.from_frames(shuffled, until=demo_company.until, threads=2)
    same_bytes(one, build_feature_matrix(two, one.index, [*CATALOG, *DEPTH]))


def test_a_row_is_the_same_alone_in_another_order_and_in_company(demo):
    db, X = demo
    asked = X.index[[250, 3, 77]]
    same_bytes(build_feature_matrix(db, asked, [*CATALOG, *DEPTH]), X.loc[asked])


def test_a_feature_is_the_same_built_alone(demo):
    db, X = demo
    alone = [f for f in CATALOG if f.name in ("plan", "days_since_last_activity", "overdue_amount")]
    some = X.index[::40]
    same_bytes(build_feature_matrix(db, some, alone), X.loc[some, [f.name for f in alone]])


def in_force(table, as_of):
    """Of the versions of one thing the latest that was known; other rows as they are."""
    if "event_id" not in table:
        return table
    time = next(c for c in ("opened_at", "issued_at", "sent_at", "occurred_at") if c in table)
    known = table["known_at"].fillna(table[time]) if "known_at" in table else table[time]
    held = table.assign(held_from=known)[known < as_of].sort_values("held_from")
    return held.drop_duplicates("event_id", keep="last")


def by_pandas(tables, account, as_of):
    """A handful of features again, for one account, by filters over the raw frames."""
    own = {name: t[t["account_id"] == account] for name, t in tables.items() if "account_id" in t}
    mine = {name: in_force(t, as_of) for name, t in own.items()}
    use = mine["usage_events"]
    use = use[(use["known_at"].fillna(use["occurred_at"]) < as_of) & (use["occurred_at"] < as_of)]
    lately = use[use["occurred_at"] >= as_of - 28 * DAY]
    before = use[(use["occurred_at"] >= as_of - 56 * DAY) & (use["occurred_at"] < as_of - 28 * DAY)]
    subs = mine["subscriptions"]
    subs = subs[subs["started_at"] < as_of]
    runs = subs[~(subs["ended_at"] < as_of)]
    bills = mine["invoices"]
    bills = bills[bills["issued_at"] < as_of]
    owed = bills[(bills["due_at"] < as_of) & ~(bills["paid_at"] < as_of) & (bills["amount"] > 0)]
    tickets = mine["tickets"]
    tickets = tickets[tickets["opened_at"] < as_of]
    solved = tickets["resolved_at"] < as_of
    back = (tickets["reopened_at"] < as_of) & (tickets["reopened_at"] > tickets["resolved_at"])
    recent = tickets[tickets["opened_at"] >= as_of - 90 * DAY]
    took = recent["resolved_at"].where(recent["resolved_at"] < as_of, as_of) - recent["opened_at"]
    nps = mine["surveys"]
    nps = nps[(nps["kind"] == "nps") & (nps["answered_at"] < as_of)]
    year = nps[nps["answered_at"] >= as_of - 365 * DAY]
    gauge = mine["metrics"]
    gauge = gauge[(gauge["metric"] == "depth_score") & (gauge["measured_at"] < as_of)]
    month = gauge[gauge["measured_at"] >= as_of - 28 * DAY]
    last = use.loc[use["occurred_at"] >= as_of - 180 * DAY, "occurred_at"].max()
    age = (as_of - subs["started_at"].min()) / DAY
    return {
        "active_users_28d": lately["user_id"].nunique(),
        "events_28d": len(lately),
        "active_days_28d": lately["occurred_at"].dt.normalize().nunique(),
        "breadth_previous_28d": before["feature"].nunique(),
        "lost_users_28d": len(set(before["user_id"]) - set(lately["user_id"])),
        "api_share_28d": (lately["channel"] == "api").mean(),
        "days_since_last_activity": min(180.0, age) if pd.isna(last) else (as_of - last.normalize()) / DAY,
        "mrr": runs["mrr"].sum(),
        "seats": runs["seats"].sum(),
        "seat_utilisation_28d": min(lately["user_id"].nunique() / runs["seats"].sum(), 2.0),
        "tenure_days": age,
        "overdue_count": len(owed),
        "overdue_amount": owed["amount"].sum(),
        "tickets_open": int((~solved | back).sum()),
        "resolution_days_90d": (took / DAY).mean(),
        "nps_mean_365d": year["score"].mean(),
        "nps_days_since": (as_of - nps["answered_at"].max()) / DAY,
        "depth_score_mean_28d": month["value"].mean(),
    }


def test_the_demo_companys_features_equal_those_made_by_pandas(demo_company, demo):
    _, X = demo
    versions = demo_company.tables["subscriptions"]
    own_money = set(versions.loc[versions["currency"] == "USD", "account_id"])  # the others are converted
    some = X.index[X.index.get_level_values("account_id").isin(own_money)][::3]
    expected = pd.DataFrame([by_pandas(demo_company.tables, *at) for at in some], index=some).astype("float64")
    np.testing.assert_array_equal(X.loc[some, expected.columns].isna(), expected.isna())
    # a gauge is kept in ten-thousandths, times in whole seconds
    pd.testing.assert_frame_equal(X.loc[some, expected.columns], expected, rtol=1e-9, atol=6e-5, check_exact=False)
    assert (expected.nunique() > 1).all(), "a column that is one number everywhere shows nothing"


def test_numbers_are_floats_and_categories_text_or_none():
    db = world([version("2024-01-01"), version("2024-01-01", account_id="b", subscription_id="t", plan="pro")])
    X = build_feature_matrix(db, looks(AS_OF, accounts=("a", "b")))
    assert {str(X[f.name].dtype) for f in CATALOG if f.name in X and not f.is_category} == {"float64"}
    assert X["plan"].fillna("unknown").tolist() == ["unknown", "pro"]


def test_an_account_with_a_source_but_no_rows_is_zero_where_it_counts_and_unknown_where_it_measures():
    tables = [name for name, schema in CONTRACT.items() if not schema.required and schema.of_account]
    # a feed without a row of anyone has not begun, so each has one of another account
    cells = {"account_id": "b", "kind": "call", "metric": "depth", "value": 1.0, "amount": 1.0, "text": "Hello"}
    others = {name: [cells | {CONTRACT[name].time: "2024-01-01"}] for name in FEED_TABLES}
    row = build_feature_matrix(world(PAYING, **{name: [] for name in tables} | others), looks(AS_OF)).iloc[0]
    counts = [f.name for f in CATALOG if f.unit == "count" and f.absent == 0.0 and f.name not in OF_SUBSCRIPTIONS]
    assert len(counts) > 10 and set(row[counts]) == {0.0}
    assert row[[f.name for f in CATALOG if f.family == "sentiment" and f.unit == "score"]].isna().all()


def test_an_account_nobody_has_heard_of_gets_a_row_of_absent_values():
    row = build_feature_matrix(world(PAYING), looks(AS_OF, accounts=("nobody",))).iloc[0]
    assert row["mrr"] == 0.0 and pd.isna(row["seats"])
    assert pd.isna(row["tenure_days"]) and pd.isna(row["days_to_renewal"])


def test_no_snapshots_give_a_matrix_without_rows_and_with_all_columns():
    db = world(PAYING)
    empty = build_feature_matrix(db, looks(AS_OF)[:0])
    assert len(empty) == 0 and empty.columns.tolist() == build_feature_matrix(db, looks(AS_OF)).columns.tolist()


def test_a_metric_too_large_for_exact_sums_does_not_stop_the_others():
    days = pd.date_range("2025-04-02", "2025-06-30").strftime("%Y-%m-%d")
    rows = [{"measured_at": day, "metric": "depth_score", "value": 8e11} for day in days]
    X = build_feature_matrix(world(PAYING, metrics=rows), looks(AS_OF), [*DEPTH, *CATALOG[:0]])
    assert X["depth_score_mean_28d"].item() == pytest.approx(8e11)


def test_an_as_of_that_is_no_midnight_is_refused():
    with pytest.raises(FeatureError, match=r"2025-07-01 09:00:00 is not a midnight.*2025-07-01"):
        build_feature_matrix(world(PAYING), looks("2025-07-01 09:00"))


def test_a_snapshot_that_stands_twice_is_refused():
    with pytest.raises(FeatureError, match=r"stands twice"):
        build_feature_matrix(world(PAYING), looks(AS_OF, AS_OF))


def test_an_index_of_other_names_is_refused():
    with pytest.raises(ChurnmodelError, match=r"wanted \['account_id', 'as_of'\]"):
        build_feature_matrix(world(PAYING), looks(AS_OF).swaplevel())


def test_a_feature_whose_table_is_not_there_is_refused_by_name():
    wanted = [f for f in CATALOG if f.name == "nps_latest"]
    with pytest.raises(FeatureError, match=r"'nps_latest' needs table 'surveys'"):
        build_feature_matrix(world(PAYING), looks(AS_OF), wanted)


def test_a_feature_read_back_from_a_bundle_cannot_be_built():
    spoken = [Feature.from_json(CATALOG[0].to_json())]
    with pytest.raises(FeatureError, match=rf"'{CATALOG[0].name}' has no measure"):
        build_feature_matrix(world(PAYING), looks(AS_OF), spoken)


def test_only_usage_is_added_up_over_all_accounts():
    tickets = Level(Aggregate("tickets", "count", since=90, everyone=True))
    wanted = replace(next(f for f in CATALOG if f.name == "tickets_opened_90d"), measure=tickets)
    with pytest.raises(FeatureError, match=r"asks 'tickets' about all accounts together; wanted usage_events"):
        build_feature_matrix(world(PAYING, tickets=[]), looks(AS_OF), [wanted])


def test_progress_names_each_table_and_ends_with_done():
    heard = []
    build_feature_matrix(world(PAYING, tickets=[]), looks(AS_OF), progress=lambda *what: heard.append(what))
    assert heard == [("subscriptions", 0, 2), ("tickets", 1, 2), ("done", 2, 2)]
