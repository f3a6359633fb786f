"""Is a project on an earlier day the one that stood that day, and does it ask the tables it was given?"""

from __future__ import annotations

import pandas as pd

from churnmodel.settings import settings_from
from churnmodel.workflow.project import Project
from small_worlds import version, world

INVOICES = [
    {"invoice_id": "early", "issued_at": "2025-02-01", "amount": 1},
    {"invoice_id": "late", "issued_at": "2025-04-01", "amount": 1},
]
DAY = pd.Timestamp("2025-03-01")


def project(tmp_path, until="2025-06-01"):
    settings = settings_from({"project": {"data_until": pd.Timestamp(until).date()}}, base=tmp_path)
    return Project(settings, tables=world([version("2024-01-01")], invoices=INVOICES))


def test_its_tables_end_on_that_day_and_its_home_stays(tmp_path):
    whole = project(tmp_path)
    then = whole.on(DAY)
    assert then.until == then.db.until == DAY and whole.until == pd.Timestamp("2025-06-01")
    assert then.home == whole.home and then.tables is whole.tables
    assert len(whole.db.frame("invoices")) == 2
    assert then.db.cut(then.until).frame("invoices")["invoice_id"].tolist() == ["early"]


def test_tables_that_end_before_the_project_says_so_are_not_thought_complete(tmp_path):
    assert Project(project(tmp_path).settings, tables=project(tmp_path).tables.cut(DAY)).db.until == DAY


def test_settled_tables_are_the_same_and_are_cut_alike(tmp_path):
    db = project(tmp_path).db
    settled = db.settled()
    for name in db.tables:
        for a, b in ((db, settled), (db.cut(DAY), settled.cut(DAY))):
            pd.testing.assert_frame_equal(a.frame(name), b.frame(name))
