"""Is every figure defined, once, and told alike in docs/kpis.md?"""

from __future__ import annotations

from pathlib import Path

from churnmodel.success.definitions import BY_NAME, DEFINITIONS, as_markdown
from churnmodel.success.kpis import kpis
from churnmodel.success.ledger import mrr_ledger
from small_worlds import version, world

PAGE = Path(__file__).parents[2] / "docs" / "kpis.md"


def test_the_page_tells_the_definitions_as_they_are():
    """Written again by ``python -c "from churnmodel.success.definitions import *; print(as_markdown())"``."""
    assert as_markdown() in PAGE.read_text(encoding="utf-8")
    assert len(BY_NAME) == len(DEFINITIONS)


def test_every_figure_in_the_table_is_defined():
    used = [{"account_id": "a", "occurred_at": "2025-12-31", "user_id": "u", "feature": "f"}]
    db = world([version("2024-01-01")], usage_events=used)
    assert set(kpis(db, mrr_ledger(db, db.until)).table()["figure"]) <= set(BY_NAME)
