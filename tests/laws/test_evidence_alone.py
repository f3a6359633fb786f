"""The law of evidence: a feature over the rows shown for it alone is what it is over all rows.

For every feature each of its aggregates is built again, over random histories, from only the rows that are its
evidence; it must come out as the builder of features has it. And what is shown of an account knows nothing of the
future: its tables are changed from as_of on, and no cell, number or word may move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pandas as pd
import pytest
from random_histories import Draw, Shape, with_cells_altered, with_rows_added
from test_no_future import FEATURES, database_of, differences

from churnmodel.features.active_users import ACTIVE_USERS
from churnmodel.features.aggregate import Aggregate
from churnmodel.features.evidence import Evidence, evidence_of
from churnmodel.features.evidence_rows import own_aggregates, rows_made_of, rows_seen
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.measures import Category, Level
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.schemas import CONTRACT

AS_OF = pd.Timestamp("2025-03-30")
DRAW = Draw(Shape(11, 0.1, 0.2, 0.3, frozenset()), AS_OF)
COMPANY = DRAW.company(40)
ACCOUNTS = COMPANY["accounts"]["account_id"].tolist()
INDEX = pd.MultiIndex.from_product([ACCOUNTS, [AS_OF]], names=SNAPSHOT)
TOLD = ("a003",)
"""The accounts whose evidence is read: a query per feature each."""
TABLES = ("usage_events", ACTIVE_USERS, *CONTRACT)
BY_NAME = {f.name: f for f in FEATURES}


def each_alone(aggregates: Sequence[Aggregate]) -> list[Feature]:
    """A feature per aggregate, which is the aggregate."""
    words = Wording("it", unknown="it")
    return [
        Feature(
            *(f"a{i}", "usage", "it", "It."),
            unit="category" if a.how == "text" else "number",
            wording=words,
            measure=Category(a) if a.how == "text" else Level(a),
        )
        for i, a in enumerate(aggregates)
    ]


@pytest.fixture(scope="module")
def db() -> Database:
    return database_of(COMPANY)


@pytest.fixture(scope="module")
def values(db: Database) -> pd.DataFrame:
    return build_feature_matrix(db, INDEX, FEATURES)


@pytest.fixture(scope="module")
def over_all(db: Database) -> dict[Aggregate, pd.Series]:
    """Every aggregate as the builder of features has it."""
    every = list(dict.fromkeys(a for f in FEATURES for a in own_aggregates(f)))
    X = build_feature_matrix(db, INDEX, each_alone(every))
    return {a: X[f"a{i}"] for i, a in enumerate(every)}


@pytest.fixture(scope="module")
def seen() -> Callable[[str], Any]:
    """The rows of a table as evidence sees them, those of all accounts at once."""
    db = database_of(COMPANY)  # of its own: what is kept in the engine belongs to the last that asked
    reads = {t: [a for f in FEATURES for a in own_aggregates(f) if a.table == t] for t in TABLES}
    return cache(lambda table: (db, rows_seen(db, table, INDEX, reads[table])))


def over(seen: Any, own: Sequence[Aggregate]) -> pd.DataFrame:
    """The aggregates over no other rows than those they are said to be made of."""
    db, rows = seen(own[0].table)
    made = rows_made_of(rows, own)
    found = db.run(made.group_by(SNAPSHOT).agg(**{f"a{i}": a.expression(made) for i, a in enumerate(own)}))
    found["as_of"] = found["as_of"].astype("datetime64[us]")
    found = found.set_index(SNAPSHOT).reindex(INDEX)
    for i, a in enumerate(own):
        cells = found[f"a{i}"]
        found[f"a{i}"] = cells if a.how == "text" else cells.astype("float64").fillna(a.empty)
    return found


def over_and_whole(seen: Any, over_all: Any, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    own = own_aggregates(BY_NAME[name])
    whole = pd.DataFrame({f"a{i}": over_all[a] for i, a in enumerate(own)})
    return whole, over(seen, own)


@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_feature_over_its_evidence_alone_is_what_it_is_over_all_rows(name, seen, over_all):
    assert list(differences(*over_and_whole(seen, over_all, name), "evidence alone")) == []


@pytest.mark.parametrize("name", ["tickets_opened_90d", "events_28d", "overdue_amount", "nps_mean_365d"])
def test_a_row_left_out_is_caught(name, seen, over_all, monkeypatch):
    honest = Aggregate.made_of
    monkeypatch.setattr(Aggregate, "made_of", lambda a, rows: honest(a, rows) & (rows.ago > 9 * 86_400))
    assert list(differences(*over_and_whole(seen, over_all, name), "left out"))


@pytest.mark.parametrize(
    "name", ["tickets_urgent_share_90d", "csat_latest", "response_change_90d", "oldest_open_ticket_days"]
)
def test_a_company_that_has_no_other_tickets_has_the_same_feature(name, seen, values):
    db, rows = seen("tickets")
    shown = db.run(rows_made_of(rows, own_aggregates(BY_NAME[name])))["ticket_id"]
    left = COMPANY["tickets"][COMPANY["tickets"]["ticket_id"].isin(shown)]
    assert 0 < len(left) < len(COMPANY["tickets"])
    X = build_feature_matrix(database_of(COMPANY | {"tickets": left}), INDEX, [BY_NAME[name]])
    assert list(differences(values[[name]], X, "no other tickets")) == []


@pytest.fixture(scope="module")
def told(db: Database) -> dict[str, dict[str, Evidence]]:
    return {account: evidence_of(db, account, AS_OF, FEATURES, None) for account in TOLD}


@pytest.mark.parametrize("account", TOLD)
def test_there_is_evidence_where_there_is_anything_to_be_seen(account, told, values, over_all):
    row, seen = values.loc[(account, AS_OF)], told[account]
    assert len(seen) > 60
    unknown = {name for name in row.index if pd.isna(row[name])}
    assert unknown and not unknown & set(seen)
    for name in sorted(set(row.index) - unknown - set(seen)):
        for aggregate in own_aggregates(BY_NAME[name]):
            value = over_all[aggregate][(account, AS_OF)]
            assert value == aggregate.empty or pd.isna(value), f"{name} is {row[name]}, and no row is shown"


@pytest.mark.parametrize("account", TOLD)
def test_of_what_is_counted_there_are_so_many_rows(account, told, values):
    checked = 0
    for name, evidence in told[account].items():
        measure = BY_NAME[name].measure
        if isinstance(measure, Level) and measure.what.how == "count" and evidence.table != "usage_events":
            assert evidence.total == len(evidence.rows) == values.loc[(account, AS_OF), name]
            checked += 1
        if isinstance(measure, Level) and measure.what.how == "count" and measure.what.table == "usage_events":
            assert evidence.rows["events"].sum() == values.loc[(account, AS_OF), name]
    assert checked > 4


@pytest.mark.parametrize("account", TOLD)
def test_evidence_knows_nothing_of_the_future(account, told):
    changed = with_rows_added(with_cells_altered(COMPANY, DRAW), DRAW)
    for_later = evidence_of(database_of(changed), account, AS_OF, FEATURES, None)
    assert list(for_later) == list(told[account])
    for name, evidence in told[account].items():
        assert (for_later[name].words, for_later[name].total) == (evidence.words, evidence.total)
        pd.testing.assert_frame_equal(for_later[name].rows, evidence.rows, obj=name)


def test_a_summary_of_users_has_as_many_as_the_feature_counts(told, values):
    for account in TOLD:
        for name, evidence in told[account].items():
            measure = BY_NAME[name].measure
            if isinstance(measure, Level) and measure.what.table == ACTIVE_USERS and measure.what.how == "count":
                assert evidence.total == values.loc[(account, AS_OF), name]
