"""Is the page of an account whole, true to its table, and safe to open?"""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pandas as pd
import pytest
from markupsafe import escape
from scored_project import GONE, HERE, HOSTILE, LEAVING, YOUNG, scored_project

from churnmodel.features.evidence import Evidence
from churnmodel.reports.account_page import account_page
from churnmodel.reports.bars import SHOWN_ROWS
from churnmodel.reports.section import share
from churnmodel.workflow.account_report import account_told

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return scored_project(tmp_path_factory.mktemp("account"))


@pytest.fixture(scope="module")
def told(project):
    return account_told(project, HERE)


@pytest.fixture(scope="module")
def page(told):
    return account_page(told)


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split("<body>")[1])).split())


def test_the_headline_is_the_table_s(told, page):
    top = words(page.split("<h2>")[0])
    assert told.name in top and share(told.risk) in top and str(told.account["band"]) in top
    assert f"{told.account['mrr']:,.0f} EUR" in top and f"Trust {told.trust['grade']}" in top


def test_the_main_reasons_are_the_largest_that_raise_the_risk_and_never_the_renewal(told, page):
    raising = told.drivers[(told.drivers["direction"] == "raises") & (told.drivers["concept"] != "renewal")]
    listed = re.findall(r"<li>(.*?)</li>", page.split('<ol class="main">')[1].split("</ol>")[0])
    assert [html.unescape(sentence) for sentence in listed] == raising["sentence"].tolist()[:3] and listed


def test_every_driver_stands_in_its_group_with_its_points(told, page):
    groups = page.split("What raises and lowers the risk</h2>")[1].split("They add up")[0].split("<h3>")[1:]
    bars = {g.split("</h3>")[0]: re.findall(r'<div class="says">(.*?)(?: <small>|</div>)', g) for g in groups}
    for row in told.drivers.to_dict("records"):
        acts = "and can be acted on" if row["actionable"] else "and is given"
        title = f"Raises the risk, {acts}" if row["direction"] == "raises" else "Lowers the risk"
        assert str(escape(row["sentence"])) in bars[title]
    widths = [float(w) for w in re.findall(r"width:([0-9.]+)%", "".join(groups))]
    assert max(widths) == 100.0 and len(widths) == len(told.drivers)


def test_the_sum_leaves_nothing_out(told, page):
    said = re.search(r"They add up: (\S+) %, .*?, (\S+) by what raises it, (\S+) by what lowers it, (\S+)", page)
    base, *parts = (float(part.replace("−", "-")) for part in said.groups())
    assert base + sum(parts) == pytest.approx(100 * told.risk, abs=0.7)  # each is rounded


def test_what_changed_adds_up_to_the_change(told, page):
    part = page.split("<h2>What changed since")[1].split("<h2>")[0]
    gained = [float(n.replace("−", "-")) for n in re.findall(r'<div class="n">(.*?)</div>', part)]
    change = told.changed.accounts["change"].iloc[0]
    assert sum(gained) == pytest.approx(100 * change, abs=0.05 * (len(gained) + 2))


def test_the_history_has_a_dot_for_every_score_and_each_is_what_was_published(told, page):
    dots = re.findall(r"<circle [^>]*><title>(.*?)</title>", page)
    assert [dot.split(": ")[1] for dot in dots] == [share(risk) for risk in told.history["risk"]]
    assert len(dots) == 3


def test_dots_of_another_model_are_hollow_and_said_to_be(told):
    other = told.history.assign(version=["0" * 12, told.version, told.version])
    page = account_page(replace(told, history=other))
    assert page.count('fill="#fff"') == 1 and "Hollow dots are of another model." in page
    assert "Hollow" not in account_page(told)


def test_an_account_that_left_keeps_its_last_score(project):
    told = account_told(project, GONE)
    page = words(account_page(told))
    assert told.as_of.isoformat() == "2026-01-30" and told.gone_since.isoformat() == "2026-03-01"
    assert "No longer a customer on 1 March 2026. This is its last score, of 30 January 2026" in page
    assert len(told.history) == 2


def test_an_account_under_notice_has_a_day_and_no_risk(project):
    page = words(account_page(account_told(project, LEAVING)))
    assert "Leaving on 31 May 2026" in page and "There was no risk for it" not in page
    assert "The main reasons" not in page and "nan" not in page.casefold().split()


def test_a_young_account_is_said_to_be(project):
    assert "Young: a customer for under 30 days" in words(account_page(account_told(project, YOUNG)))


def test_the_rows_behind_a_reason_stand_under_it_and_under_no_other(told):
    name = told.drivers.iloc[0]["feature"]
    rows = pd.DataFrame({"day": pd.to_datetime(["2026-02-01"] * 20), "text": HOSTILE[0], "n": 1.5})
    found = Evidence("tickets", rows, 31, "Tickets opened since 1 February 2026")
    page = account_page(replace(told, evidence={name: found}))
    part = page.split('<details class="rows">')
    assert len(part) == 2 and told.drivers.iloc[0]["sentence"] in html.unescape(part[0][-700:])
    assert part[1].count("<td>2026-02-01</td>") == SHOWN_ROWS and f"and {31 - SHOWN_ROWS} more" in part[1]
    assert "Tickets opened since" in page and "<script" not in page
    assert "<details" not in account_page(told) and "written over" not in page
    assert "2 reasons rest on rows that were written over" in account_page(replace(told, written_over=2))


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_of_others_are_only_text(tmp_path, name):
    page = account_page(account_told(scored_project(tmp_path, name), HERE))
    body = page.split("<body>")[1]
    assert not re.search(r"<(script|img|b>bold|iframe|link|a )", body)
    assert CONTROL.search(page.replace("\n", " ")) is None
    assert str(escape(name[:4])) in body and page.count("</style>") == 1


def test_a_name_longer_than_any_is_cut(tmp_path):
    page = account_page(account_told(scored_project(tmp_path, "W" * 10_000), HERE))
    assert "W" * 79 + "…" in page and "W" * 80 not in page


def test_the_page_needs_nothing_else_and_may_run_nothing(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert not re.findall(r"\b(?:src|href)=", page) and "url(" not in page and "@import" not in page


def test_the_same_table_gives_the_same_page(project, page):
    assert account_page(account_told(project, HERE)) == page
