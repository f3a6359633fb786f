"""Is the page of a comparison whole, true to its figures, and safe to open?"""

from __future__ import annotations

import base64
import html
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from churnmodel.evaluation.compare import leaderboard
from churnmodel.evaluation.curves import mrr_per_month
from churnmodel.reports.compare_page import compare_page
from churnmodel.reports.section import Section
from churnmodel.workflow.compare import compared
from workflow.made_up import finding, record

EVIL = "<script>alert(1)</script>"
HOSTILE = (
    EVIL,
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}",
    "$\\frac{1}{0}$",
    "</style><b>",
    "javascript:alert(1)",
)


@pytest.fixture(scope="module")
def told():
    return compared(record(), in_use="twin 0123456789ab")


@pytest.fixture(scope="module")
def page(told) -> str:
    return compare_page(told)


def pictures(page: str) -> list[str]:
    found = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)"', page)
    return [base64.b64decode(data).decode() for data in found]


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("best", ["twin", None])
def test_without_a_champion_the_page_is_about_the_best_and_never_about_what_one_could_not_use(best):
    skills = {"base_rate": 0.0, "timid": 0.4, "twin": 0.9, "incumbent:csm": 1.0, "foreign": 1.0}
    about = {"champion": None, "challenger": None, "best": best, "not_servable": ["foreign"]}
    told = compared(record(skills, about))
    assert set(told.by_loss[:2]) == {"incumbent:csm", "foreign"}, "they have the lowest log loss"
    assert told.meant == "twin"
    assert compared(record(skills, {**about, "best": "timid"})).meant == "timid"


def test_every_section_is_there_once_and_in_the_order_of_reading(page):
    heads = re.findall(r"<h2>(.*?)</h2>", page)
    assert [html.unescape(h) for h in heads] == [
        "The models side by side",
        "More than luck?",
        "From one month to a year, and by the renewal",
        "Is a risk of 20 % a risk of 20 %?",
        "How much better than calling by lot?",
        "Fold by fold",
        "The same names?",
        "The folds in time",
        "New accounts, and accounts somebody acted on",
        "Checks",
        "What could not be said",
        "How the choice was made",
    ]
    assert len(pictures(page)) == 5


def test_the_verdict_stands_first_with_how_much_how_sure_and_the_money(told, page):
    top = words(page[: page.index("<h2>")])
    month = mrr_per_month(told.rows, "able")
    loss = told.figure("log_loss").loc["able", "value"]
    assert "able is chosen." in top and f"is {loss:.3f}." in top
    assert "more than luck" in top and "Against twin, the challenger, it could be luck" in top
    assert f"{month.caught:,.0f} of the {month.lost:,.0f} USD MRR that left within the next 90 days" in top
    assert "the riskiest 10 % of each date's book, about 30 accounts" in top
    assert "in use now: twin 0123456789ab" in top
    assert "do not add them up" in top and "able was chosen on these very folds" in top


def test_a_month_s_money_is_what_left_and_what_was_on_the_list(told):
    rows, facts = told.rows, told.rows.facts
    lost = caught = 0.0
    for _, part in facts.assign(risk=rows.risks["able"]).groupby("as_of"):
        lost += part["mrr_lost"].sum() / 4
        caught += part.nlargest(30, "risk")["mrr_lost"].sum() / 4
    month = mrr_per_month(rows, "able")
    assert (month.lost, month.caught, month.accounts) == pytest.approx((lost, caught, 30))


def test_every_figure_of_the_table_is_the_leaderboard_s(told, page):
    for model in told.by_loss:
        value, low, high = told.figure("auroc").loc[model]
        assert f"{value:.3f}<small>{low:.3f} to {high:.3f}</small>" in page


def test_without_a_champion_the_page_says_so_and_why(page):
    none = compared(record(about={"champion": None, "challenger": None, "reasons": ["No champion: it rained."]}))
    top = words(compare_page(none).split("<h2>")[0])
    assert "No model earned the title." in top and "it rained" in top and "is chosen" not in top


def test_without_a_hold_out_every_risk_is_one_under_today_s_practice(page):
    assert "risk under today's practice" not in words(page) and "where a lot decided" in words(page)
    unplayed = words(compare_page(compared(record(plays=False))))
    assert "risk under today's practice" in unplayed and "nobody was held out" in unplayed


def test_treated_held_out_and_untreated_stand_apart_with_their_numbers(page):
    for cohort in ("treated", "held out", "untreated"):
        assert re.search(rf'<td class="text">{cohort}</td><td class="number">400</td>', page), cohort
    assert re.search(r'<td class="text">accounts never met</td><td class="number">240</td>', page)


def test_what_fired_is_said(page):
    fired = compared(
        record(about={"findings": [finding("CHN004", "fired", "Risks are half of what they should be.")]})
    )
    said = compare_page(fired)
    assert "Risks are half of what they should be." in said and '<td class="text bad">fired</td>' in said


def test_a_section_made_elsewhere_stands_after_the_models_figures(told):
    page = compare_page(told, more=[Section("Profit", ("It pays.",))])
    heads = re.findall(r"<h2>(.*?)</h2>", page)
    assert heads.index("Profit") == heads.index("Fold by fold") - 1 and "It pays." in page


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_of_others_are_only_text_in_page_and_pictures(name):
    skills = {"base_rate": 0.0, name: 1.0, "twin": 1.0}
    about = {
        "project": name,
        "champion": name,
        "reasons": [name],
        "titles": dict.fromkeys(skills, name),
        "findings": [finding("CHN003", "fired", name)],
        "currency": name,
    }
    page = compare_page(compared(record(skills, about), in_use=name))
    assert (
        "<script" not in page.lower() and "onerror=alert(1)>" not in page and "<b>" not in page.split("<main>")[0]
    )
    assert html.escape(name, quote=False) in page.replace("&#34;", '"').replace("&#39;", "'")
    for drawn in pictures(page):
        tags = {e.tag.split("}")[-1] for e in ElementTree.fromstring(drawn).iter()}
        assert tags <= {"svg", "defs", "style", "g", "path", "use", "clipPath", "rect", "metadata", "RDF", "Work",
                        "type", "format", "title"}, tags  # fmt: skip


def test_the_page_needs_nothing_else_and_may_run_nothing(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert not re.findall(r'(?:src|href)="(?!data:)', page) and "http" not in page.replace("http-equiv", "")
    assert "@import" not in page and "url(" not in page


def test_the_same_training_gives_the_same_page(told, page):
    assert compare_page(compared(record(), in_use="twin 0123456789ab")) == page


def test_no_account_is_on_the_page():
    page = compare_page(compared(record(names="secret-{}")))
    assert "secret-" not in page and all("secret-" not in drawn for drawn in pictures(page))


def test_one_fold_and_unknown_outcomes_leave_a_page_with_its_gaps_named():
    told = compared(record())
    one = told.backtest.predictions.assign(fold=1, churned_30=np.nan)
    played = replace(told.backtest, predictions=one, folds=told.backtest.folds.loc[[1]])
    page = compare_page(replace(told, backtest=played, leaderboard=leaderboard(played, draws=50)))
    assert "within 30 days: no outcome is known yet" in words(page)
