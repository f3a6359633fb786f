import pytest

from churnmodel.sources.audit import audit
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT

INTENDED = {"feed_outage"}
"""What an audit is to find in the demo company, beside notes."""


@pytest.fixture(scope="module")
def found(demo_company):
    return audit(Database.from_frames(demo_company.tables, until=demo_company.until))


def test_all_tables_of_the_contract_are_there_and_no_row_is_set_aside(found):
    assert [t.table for t in found.tables] == list(CONTRACT)
    assert all(t.kept > 10 for t in found.tables)
    assert {t.table: t.set_aside for t in found.tables if t.set_aside} == {}


def test_an_audit_finds_what_was_put_in_and_nothing_else(found):
    assert found.fatal == ()
    assert {f.code for f in found.findings if f.severity == "counted"} == INTENDED
    wrong = {"unreadable_cells", "missing_cells", "orphans", "impossible_times", "after_until", "before_account"}
    assert not wrong & {f.code for f in found.findings}
