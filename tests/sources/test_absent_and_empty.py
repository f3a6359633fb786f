"""A table that is not there and one without a row are the same to all that is computed from both."""

from __future__ import annotations

import pandas as pd
import pytest
from every_table import ACCOUNTS, AS_OFS, company, database

from churnmodel.features.catalog import available
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.cohort import build_book
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources.exchange import told_columns
from churnmodel.sources.schemas import CONTRACT
from small_worlds import looks

OPTIONAL = [name for name, schema in CONTRACT.items() if not schema.required]
ASKED = looks(*AS_OFS, accounts=ACCOUNTS)
WHOLE = company(bob="USD")
BARE = {name: rows for name, rows in WHOLE.items() if name not in OPTIONAL}


def made(db):
    labels = churn_labels(db, ASKED, LabelWindow(horizon_days=60))
    return build_book(db, AS_OFS), labels, build_feature_matrix(db, ASKED)


@pytest.fixture(scope="module")
def absent():
    db = database(BARE)
    return db, made(db)


@pytest.fixture(scope="module")
def empty():
    db = database(BARE | {name: [] for name in OPTIONAL})
    return db, made(db)


def test_book_and_labels_are_the_same_and_so_is_every_feature_that_both_have(absent, empty):
    (_, (book, labels, X)), (_, (other_book, other_labels, other_X)) = absent, empty
    pd.testing.assert_frame_equal(book, other_book, check_exact=True)
    pd.testing.assert_frame_equal(labels, other_labels, check_exact=True)
    pd.testing.assert_frame_equal(X, other_X[X.columns], check_exact=True)
    assert len(X.columns) < len(other_X.columns), "a table without a row is a source all the same"


@pytest.mark.parametrize("table", OPTIONAL)
def test_the_table_itself_is_the_same(table, absent, empty):
    one, other = (db.table(table) for db, _ in (absent, empty))
    told = told_columns(CONTRACT[table])  # these follow from the rates, which one has and the other has not
    assert dict(one.schema().items()) == {n: kind for n, kind in other.schema().items() if n not in told}
    assert len(absent[0].frame(table)) == len(empty[0].frame(table)) == 0


@pytest.mark.parametrize("table", [name for name in OPTIONAL if CONTRACT[name].of_account])
def test_no_row_stands_beside_a_snapshot(table, absent, empty):
    for db, _ in (absent, empty):
        assert db.raw.count(db.paired(table, db.snapshots(ASKED))) == 0


@pytest.mark.parametrize("table", ["exits", "rates"])
def test_one_table_less_is_that_table_empty_beside_all_the_others(table):
    without = {name: rows for name, rows in WHOLE.items() if name != table}
    gone, none = database(without), database(without | {table: []})
    wanted = [f for f in available(gone) if f.family in ("financial", "sentiment")]
    one, other = (
        (build_book(db, AS_OFS), churn_labels(db, ASKED, LabelWindow(horizon_days=60)),
         build_feature_matrix(db, ASKED, wanted))
        for db in (gone, none)
    )  # fmt: skip
    for a, b in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
