"""Is the page of the book whole, true to its table, and safe to open?"""

from __future__ import annotations

import html
import re
from dataclasses import replace

import numpy as np
import pytest
from markupsafe import escape
from scored_project import HOSTILE, scored_project

from churnmodel.reports.account_told import gained
from churnmodel.reports.book_lists import riskiest
from churnmodel.reports.book_page import book_page
from churnmodel.workflow.book_report import book_told


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return book_told(scored_project(tmp_path_factory.mktemp("book")), top=5)


@pytest.fixture(scope="module")
def page(told):
    return book_page(told)


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split("<body>")[1])).split())


def test_the_totals_are_the_table_s(told, page):
    scores, top = told.scores, words(page.split("By band")[0])
    assert f"{len(scores)} accounts" in top and f"{scores['mrr'].sum():,.0f} EUR MRR" in top
    assert f"{scores['mrr_at_risk'].sum():,.0f} EUR MRR at risk" in top
    assert "leaving under notice (1 account)" in top


def test_the_bands_hold_every_account_that_has_a_risk(told, page):
    rows = re.findall(r'<span class="pill (\w+)">\w+</span></td><td>.*?</td><td class="number">(\d+)</td>', page)
    counts = told.scores["band"].value_counts()
    assert {band: int(n) for band, n in rows} == {b: counts.get(b, 0) for b in ("red", "orange", "green")}


def test_the_riskiest_accounts_are_ranked_by_mrr_at_risk(told, page):
    ranked = told.scores.sort_values("mrr_at_risk", ascending=False).head(5)
    part = page.split("The most MRR at risk</h2>")[1].split("</table>")[0]
    assert re.findall(r"<td class=\"number\">\d</td><td><b>(.*?)</b>", part) == ranked["name"].tolist()
    for line in riskiest(told):
        own = told.table.drivers.xs(line.account_id, level="account_id").sort_values("rank")
        own = own[(own["direction"] == "raises") & (own["concept"] != "renewal")]
        assert line.why == (own["sentence"].iloc[0] if len(own) else "nothing that could be named")


def test_who_turned_red_is_named_with_what_moved_it(told, page):
    red = told.moves.new_to_red
    part = html.unescape(page.split("<h2>Since")[1].split("<h2>")[0])
    assert len(red) and f"{len(red)} new to red" in part
    for _, row in red.iterrows():
        assert row["name"] in part and f"{row['cause_words']} ({gained(row['cause_points'])})" in part


def test_the_reasons_are_told_for_all_by_segment_and_by_csm(told, page):
    top = told.reasons.of(top=1, without=("renewal",)).iloc[0]
    part = page.split("The reasons for the MRR at risk</h2>")[1]
    assert f"{top['mrr_raised']:+,.0f}" in part.split("By segment")[0]
    assert ">mid</b>" in part.split("By segment")[1] and ">kim</b>" in part.split("By CSM")[1]


def test_trust_counts_every_risk(told, page):
    part = page.split("How far to trust it</h2>")[1]
    counts = [int(n) for n in re.findall(r'<td class="number">(\d+)</td>', part)]
    assert len(counts) == 4 and sum(counts) == told.scores["risk"].notna().sum()


def test_a_first_score_has_nothing_to_compare_with(told):
    page = book_page(replace(told, changed=None, moves=None))
    assert "<h2>Since" not in page and "beside" not in page.split("</h1>")[1].split("<h2>")[0]


def test_without_revenue_the_page_speaks_of_risk_alone(told):
    table = replace(told.table, scores=told.scores.assign(mrr=np.nan, mrr_at_risk=np.nan))
    said = words(book_page(replace(told, table=table, changed=None, moves=None)))
    assert "The highest risk" in said and "EUR" not in said and "nan" not in said.split()


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_of_others_are_only_text(tmp_path, name):
    page = book_page(book_told(scored_project(tmp_path, name)))
    body = page.split("<body>")[1]
    assert not re.search(r"<(script|img|b>bold|iframe|link|a )", body)
    assert not re.search(r"[\u200b-\u200f\u202a-\u202e\x00\x1b]", page) and page.count("</style>") == 1
    assert body.count(str(escape(name[:4]))) > 5


def test_a_name_longer_than_any_is_cut(tmp_path):
    page = book_page(book_told(scored_project(tmp_path, "W" * 10_000)))
    assert "W" * 79 + "…" in page and "W" * 80 not in page


def test_the_page_needs_nothing_else_and_may_run_nothing(page):
    assert "default-src 'none'; style-src 'unsafe-inline'\"" in page
    assert not re.findall(r"\b(?:src|href)=", page) and "url(" not in page and "@import" not in page
