from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from churnmodel.features.catalog import CATALOG
from churnmodel.features.dictionary import dictionary_page, needs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "features.md"
BY_NAME = {f.name: f for f in CATALOG}


def test_the_page_in_docs_is_the_catalog_of_today():
    assert PAGE.read_text(encoding="utf-8") == dictionary_page(CATALOG), "'make docs' writes it again"


def test_every_feature_has_one_row_under_its_family_and_concept():
    page = dictionary_page(CATALOG)
    for feature in CATALOG:
        row = f"| `{feature.name}` | {feature.meaning}"
        assert page.count(row) == 1, feature.name
        before = page[: page.index(row)]
        assert before.rpartition("\n## ")[2].startswith(f"{feature.family}\n"), feature.name
        assert before.rpartition("\n### ")[2].startswith(f"{feature.concept}\n"), feature.name


def test_no_cell_of_the_page_breaks_its_table():
    rows = [line for line in dictionary_page(CATALOG).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {7}


def test_what_a_feature_needs_is_told_by_table_and_column():
    assert needs(BY_NAME["seat_utilisation_28d"]) == "usage_events (user_id), subscriptions (seats)"
    assert needs(BY_NAME["active_champions_28d"]) == "usage_events (user_id), users (champion)"
    assert needs(BY_NAME["mrr"]) == "subscriptions"
    assert needs(replace(BY_NAME["mrr"], measure=None)) == ""
