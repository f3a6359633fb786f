"""Is a small table, read once and kept, what it is read in place, file by file, for every question?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.cohort import build_book
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources import conform
from churnmodel.sources.audit import audit
from churnmodel.sources.database import Database
from churnmodel.sources.synthetic import Company

AS_OFS = ["2024-07-01", "2025-04-01"]


@pytest.fixture(scope="module")
def both(demo_company: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, Database]:
    """The demo company's files, kept and in place."""
    folder: Path = tmp_path_factory.mktemp("read") / "data"
    demo_company.write(folder)
    kept = Database.from_folder(folder, until=demo_company.until)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conform, "SMALL", 0)
        return kept, Database.from_folder(folder, until=demo_company.until)


def test_each_was_read_as_meant(both):
    told = [db.raw.connection.compile(db.table("usage_events")) for db in both]
    assert ["churnmodel_usage_events" in sql for sql in told] == [True, False]


def test_every_table_is_the_same_also_when_cut(both):
    kept, in_place = both
    assert [*kept.tables] == [*in_place.tables]
    for name in kept.tables:
        for a, b in (both, (kept.cut("2025-02-01"), in_place.cut("2025-02-01"))):
            one, other = (db.frame(name) for db in (a, b))
            columns = list(one.columns)
            pd.testing.assert_frame_equal(
                *(t[columns].sort_values(columns, ignore_index=True) for t in (one, other)), check_exact=True
            )


def test_book_labels_features_and_findings_are_the_same(both):
    made = []
    for db in both:
        book = build_book(db, AS_OFS)
        made.append([book, churn_labels(db, book, LabelWindow(horizon_days=90)), build_feature_matrix(db, book)])
    for one, other in zip(*made, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert len(made[0][0]) > 200
    assert audit(both[0]).to_json() == audit(both[1]).to_json()
