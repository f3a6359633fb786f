"""Is the page of an account whole, true to its table, and safe to open?"""

from __future__ import annotations

import html
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from markupsafe import escape
from scored_project import GONE, HERE, HOSTILE, LEAVING, YOUNG, scored_project

from churnmodel.explanation.formats import percent
from churnmodel.features.evidence import Evidence
from churnmodel.reports.account_card import besides, how_soon
from churnmodel.reports.account_page import account_page
from churnmodel.reports.account_told import LastRisk
from churnmodel.reports.bars import SHOWN_ROWS
from churnmodel.reports.risk_line import risk_line
from churnmodel.scoring.similar import Similar
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
    assert told.name in top and percent(told.risk) in top and str(told.account["band"]) in top
    assert f"{told.account['mrr']:,.0f} EUR" in top and f"Trust {told.trust['grade']}" in top


def test_the_main_reasons_are_the_largest_that_raise_the_risk_and_never_the_renewal(told, page):
    raising = told.drivers[(told.drivers["direction"] == "raises") & (told.drivers["concept"] != "renewal")]
    listed = re.findall(r"<li>(.*?)</li>", page.split('<ol class="main">')[1].split("</ol>")[0])
    assert [html.unescape(sentence) for sentence in listed] == raising["sentence"].tolist()[:3] and listed


def test_every_driver_stands_in_its_group_with_its_points(told, page):
    groups = page.split("What raises and lowers the risk</h2>")[1].split("Start ")[0].split("<h3>")[1:]
    bars = {g.split("</h3>")[0]: re.findall(r'<div class="says">(.*?)(?: <small>|</div>)', g) for g in groups}
    for row in told.drivers.to_dict("records"):
        acts = "and can be acted on" if row["actionable"] else "and is given"
        title = f"Raises the risk, {acts}" if row["direction"] == "raises" else "Lowers the risk"
        assert str(escape(row["sentence"])) in bars[title]
    widths = [float(w) for w in re.findall(r"width:([0-9.]+)%", "".join(groups))]
    assert max(widths) == 100.0 and len(widths) == len(told.drivers)


def test_the_sum_leaves_nothing_out(told, page):
    one = r"Start (\d+\.\d)%, .*? Raising: (\+\d+\.\d).*? Lowering: (-\d+\.\d).*? Makes (\d+\.\d)%"
    said = re.search(one, page)
    base, raising, lowering, risk = (float(part) for part in said.groups())
    assert base + raising + lowering == pytest.approx(risk, abs=1e-9), "as printed, to the decimal"
    assert risk == pytest.approx(100 * told.risk, abs=0.05)


def test_what_changed_adds_up_to_the_change(told, page):
    part = page.split("<h2>What changed since")[1].split("<h2>")[0]
    gained = [float(n.replace("−", "-")) for n in re.findall(r'<div class="n">(.*?)</div>', part)]
    change = told.changed.accounts["change"].iloc[0]
    assert sum(gained) == pytest.approx(100 * change, abs=0.05 * (len(gained) + 2))


def test_the_history_has_a_dot_for_every_score_and_each_is_what_was_published(told, page):
    dots = re.findall(r"<circle [^>]*><title>(.*?)</title>", page)
    assert [dot.split(": ")[1] for dot in dots] == [percent(risk) for risk in told.history["risk"]]
    assert len(dots) == 3


def test_the_line_is_not_drawn_over_days_the_account_was_away(tmp_path):
    told = account_told(scored_project(tmp_path, away=HERE), HERE)
    assert told.history["risk"].isna().tolist() == [False, True, False]
    line = risk_line(told)
    assert line is not None and len(line.dots) == 2 and line.paths == ()


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
    last = f"Last risk, 30 January 2026: {percent(told.risk)} ({told.account['band']})"
    assert f"Left between 30 January and 1 March 2026 {last}" in page
    assert "Raised the risk" in page and "can be acted on" not in page and "(in " not in page.split("reasons")[0]
    assert "as usual" not in page and "Within a month" not in page


def test_an_account_under_notice_has_a_day_and_no_risk(project):
    page = words(account_page(account_told(project, LEAVING)))
    assert "Leaving on 31 May 2026" in page and "There was no risk for it" not in page
    assert "Contract ends 31 May 2026 (in 91 days)" in page and "Renewal" not in page and "Last risk" not in page
    assert "The main reasons" not in page and "nan" not in page.casefold().split()


def test_a_young_account_is_said_to_be(project):
    assert "Young: a customer for under 30 days" in words(account_page(account_told(project, YOUNG)))


def test_the_rows_behind_a_reason_stand_under_it_and_under_no_other(told):
    name = told.drivers.iloc[0]["feature"]
    rows = pd.DataFrame({"day": pd.to_datetime(["2026-02-01"] * 20), "text": HOSTILE[0], "n": 1.5})
    found = Evidence("tickets", rows, 31, "Tickets opened since 1 February 2026")
    page = account_page(replace(told, evidence={name: found}))
    part = re.split('<details class="rows[^"]*">', page)
    assert len(part) == 2 and told.drivers.iloc[0]["sentence"] in html.unescape(part[0][-700:])
    assert len(re.findall("<td[^>]*>2026-02-01</td>", part[1])) == SHOWN_ROWS
    assert f"and {31 - SHOWN_ROWS} more" in part[1]
    assert "Tickets opened since" in page and "<script" not in page
    assert "<details" not in account_page(told) and "definition that changed" not in page
    assert "could not be read when this was written" in account_page(told), "this project has no tables"
    over = account_page(replace(told, written_over=2, rows_were_read=True))
    assert "2 reasons rest on rows or a definition that changed" in over


def test_money_behind_a_reason_adds_up_on_the_page_and_names_its_currency(told):
    name = told.drivers.iloc[0]["feature"]
    rows = pd.DataFrame({"due_at": pd.to_datetime(["2026-01-01"] * 2), "amount": [999.99, 49.99]})
    page = account_page(replace(told, evidence={name: Evidence("invoices", rows, 2, "2 invoices")}))
    assert all(re.search(f"<td[^>]*>{cell}</td>", page) for cell in ("999.99", "49.99"))
    assert "amount (EUR)" in page


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


def test_an_account_that_gave_notice_keeps_its_last_risk_and_the_reasons_of_then(told):
    account = told.account.copy()
    account[["risk", "status", "leaving_on"]] = np.nan, "leaving", pd.Timestamp("2026-04-30")
    changed = replace(told.changed, accounts=told.changed.accounts.iloc[:0])
    last = LastRisk(told.as_of, 0.634, "red", ("Depth of use fell", "Nobody answered"))
    page = words(account_page(replace(told, account=account, changed=changed, trust=None, last_risk=last)))
    then = told.changed.then.loc[told.account_id]
    assert "Contract ends 30 April 2026 (in 60 days)" in page
    assert "Last risk: 63% on 1 March 2026 Depth of use fell Nobody answered" in page
    assert f"On 30 January 2026 its risk was {percent(then['risk'])} ({then['band']}). It has given notice" in page
    assert "There was no risk for it" not in page


def test_the_last_risk_is_of_its_own_table_with_its_own_reasons(project, told):
    assert told.last_risk.as_of == told.as_of and told.last_risk.risk == told.risk
    raising = told.drivers[(told.drivers["direction"] == "raises") & (told.drivers["concept"] != "renewal")]
    assert told.last_risk.reasons == tuple(raising["sentence"].head(3)) and told.last_risk.reasons
    assert account_told(project, LEAVING).last_risk is None


def of(told, **facts):
    return replace(told, account=pd.Series({**told.account.to_dict(), **facts}))


def test_the_card_says_how_soon_and_when_nearly_all_of_it_is_the_renewal(told):
    soon = {"risk": 0.29, "risk_days": 123.0, "days_to_renewal": 123.0, "risk_90": 0.012, "risk_180": 0.3}
    for name in ("risk_30", "risk_60"):
        soon[name] = 0.01
    assert told.lead_days == 0
    said = how_soon(of(told, **soon))
    assert said == "Within 90 days: 1.2%. Within 180 days: 30%. Nearly all of it at the renewal, in 123 days."
    assert said in words(account_page(of(told, **soon)))
    assert "Nearly" not in how_soon(of(told, **(soon | {"risk_90": 0.1})))  # a third of it comes before
    monthly = how_soon(of(told, **(soon | {"risk_days": 90.0})))
    assert monthly == "Within 180 days: 30%."  # the headline itself looks 90 days ahead


def test_what_the_renewal_adds_is_said_once_and_not_called_a_reason(told):
    renewal = told.drivers.iloc[[0]].assign(concept="renewal", points=0.094, direction="raises")
    others = told.drivers[told.drivers["concept"] != "renewal"]
    page = words(account_page(replace(told, drivers=pd.concat([renewal, others]))))
    day = f"{told.account['renews_at'].day} {told.account['renews_at']:%B %Y}"
    assert f"Besides the renewal on {day} (+9.4), which cannot be changed." in page
    assert besides(replace(told, drivers=pd.concat([renewal.assign(points=0.01), others]))) == ""


def test_similar_accounts_are_compared_with_the_risk_over_their_own_stretch(told):
    rows = pd.DataFrame(
        {"distance": [0.1], "left": [False], "left_after": [np.nan]},
        index=pd.MultiIndex.from_tuples([("x", pd.Timestamp("2025-01-01"))], names=["account_id", "as_of"]),
    )
    found = replace(of(told, risk=0.29, risk_180=0.037), similar=Similar(rows, 180, 1, 0.1))
    day = f"{told.account['renews_at'].day} {told.account['renews_at']:%B %Y}"
    said = f"own risk within 180 days, 3.7%, not with the 29%, which looks to {day}."
    assert f"Compare this with its {said}" in words(account_page(found))
    assert "Compare this" not in words(account_page(of(found, risk_days=180.0)))


def test_dots_filled_in_later_are_not_called_scores_of_then(told):
    days = list(told.history.index)
    late = words(account_page(replace(told, learned_until=days[-1])))
    said = "Dots up to 30 January 2026 were filled in later by a model that had learned from what came next"
    assert said in late and "as it was published then" not in late
    early = words(account_page(replace(told, learned_until=days[0])))
    assert "as it was published then" in early and "filled in later" not in early
    hindsight = words(account_page(replace(told, changed=replace(told.changed, in_hindsight=True))))
    before = percent(told.changed.accounts["risk_before"].iloc[0])
    assert f"The {before} of 30 January 2026 was worked out afterwards, knowing later outcomes." in hindsight


def test_the_chart_names_its_zones_and_the_days_that_were_scored(told, page):
    zones = re.findall(r'class="axis zone"[^>]*>(.*?)<', page)
    cuts = {"red": told.bands.red_from, "orange": told.bands.orange_from}
    assert zones and all(zone == f"{zone.split()[0]} from {percent(cuts[zone.split()[0]])}" for zone in zones)
    assert re.findall(r'text-anchor="middle">(.*?)<', page) == ["31 Dec 25", "30 Jan 26", "1 Mar 26"]
    assert len(re.findall(r'class="axis between"', page)) == 1  # every second day has no room on a phone
    assert not re.search(r"[0-9]\s%", words(page))


def test_a_renewal_that_passed_is_told_beside_the_change(told):
    accounts = told.changed.accounts.assign(stretch="renewed", stretch_words="It did not leave at its renewal.")
    page = words(account_page(replace(told, changed=replace(told.changed, accounts=accounts))))
    assert "It did not leave at its renewal." in page
