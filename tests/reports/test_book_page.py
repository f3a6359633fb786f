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
from churnmodel.scoring.band_moves import band_moves
from churnmodel.scoring.expected_loss import expected_mrr_lost
from churnmodel.scoring.score_table import published, read_scores
from churnmodel.workflow.book_report import book_told


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return scored_project(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def told(project):
    return book_told(project, top=5)


@pytest.fixture(scope="module")
def moved(project, told):
    """As if every second account had kept their renewal."""
    accounts = told.changed.accounts
    kept = accounts.assign(stretch=np.where(np.arange(len(accounts)) % 2, "renewed", "same"))
    changed = replace(told.changed, accounts=kept.assign(stretch_words="It did not leave then."))
    [earlier] = [t for t in published(project.home / "scores") if t[0] == changed.since]
    moves = band_moves(changed, read_scores(project.home / "scores", *earlier), told.table)
    return replace(told, changed=changed, moves=moves)


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


def test_the_bands_and_who_is_leaving_sum_to_the_book(told, page):
    part = page.split("<h2>By band</h2>")[1].split("</table>")[0]
    rows = re.findall(
        r"<td><(?:span|b)[^>]*>([\w ]+)</(?:span|b)></td><td>.*?</td>"
        r'<td class="number">(\d+)</td><td class="number">(.*?)</td><td class="number">(.*?)</td>',
        part,
    )
    counts = told.scores["band"].value_counts()
    assert {name: int(n) for name, n, *_ in rows} == {
        **{band: counts.get(band, 0) for band in ("red", "orange", "green")},
        "leaving": 1,
        "the book": len(told.scores),
    }
    mrr = [float(paid.replace(",", "")) for *_, paid, _ in rows]
    assert sum(mrr[:-1]) == pytest.approx(mrr[-1], abs=3) and mrr[-1] == round(told.scores["mrr"].sum())
    assert rows[-2][3] == "-" and rows[-1][3] == f"{told.scores['mrr_at_risk'].sum():,.0f}"


def test_who_is_leaving_is_named_with_the_day_and_the_csm(told, page):
    part = words("<body>" + page.split("<h2>Leaving under notice</h2>")[1].split("</section>")[0])
    row = told.scores[told.scores["status"] == "leaving"].iloc[0]
    assert part.endswith(f"{row['name']} acc-00039 {row['mrr']:,.0f} 31 May 2026 {row['csm']}")


def test_the_expected_loss_says_why_it_is_more_than_the_mrr_at_risk(told, page):
    at_risk = told.scores["mrr_at_risk"].sum()
    lost = expected_mrr_lost(told.scores)["mrr_lost_by_then"].iloc[-1]
    assert lost > at_risk and f"{lost:,.0f} EUR in 365 days. That is more than the MRR at risk, " in words(page)
    small = told.scores.assign(**{n: 0.0 for n in told.scores if re.fullmatch("risk_[0-9]+", n)})
    less = words(book_page(replace(told, table=replace(told.table, scores=small))))
    assert "That is more" not in less and "Who is leaving under notice comes on top." in less


def test_the_riskiest_accounts_are_ranked_by_mrr_at_risk(told, page):
    ranked = told.scores.sort_values("mrr_at_risk", ascending=False).head(5)
    part = page.split("The most MRR at risk</h2>")[1].split("</table>")[0]
    assert re.findall(r"<td class=\"number\">\d</td><td><b>(.*?)</b>", part) == ranked["name"].tolist()
    for line in riskiest(told):
        own = told.table.drivers.xs(line.account_id, level="account_id").sort_values("rank")
        own = own[(own["direction"] == "raises") & (own["concept"] != "renewal")]
        assert line.why == (own["sentence"].iloc[0] if len(own) else "nothing that could be named")


def test_every_move_is_listed_by_mrr_with_what_moved_it_and_summed(moved):
    page = book_page(moved)
    part = html.unescape(page.split("<h2>Since")[1].split("<h2>")[0])
    moves, said = moved.moves, words("<body>" + part)
    lists = {"New to red": moves.new_to_red, "new to orange": moves.new_to_orange, "better": moves.better,
             "renewed since": moves.renewed}  # fmt: skip
    assert all(len(rows) for rows in lists.values()), {what: len(rows) for what, rows in lists.items()}
    for what, rows in lists.items():
        assert f"{what} {len(rows)} ({rows['mrr'].sum():,.0f} EUR)" in said
        assert rows["mrr"].is_monotonic_decreasing
        for _, row in rows.head(10).iterrows():
            cause = f"{row['cause_words']} ({gained(row['cause_points'])})" if "cause_words" in row else None
            assert row["name"] in part and (cause or row["stretch_words"]) in part
    gone = f"gone {len(moves.gone)} ({moves.gone_mrr:,.0f} EUR)"
    assert moves.gone == ("acc-00003",) and gone in said
    assert "Renewed since, so the risk now looks to the next renewal" in said and "cardlong" not in page


def test_a_figure_has_one_name(page):
    assert words(page).count("MRR x risk") == 1  # where it is explained
    assert not re.search(r"[0-9]\s%", words(page))


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
