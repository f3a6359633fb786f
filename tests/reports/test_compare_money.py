"""Is the list that is judged told from the list that is printed, in the figures of the frames?"""

from __future__ import annotations

import html
import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel import charts
from churnmodel.reports.compare_money import sections_of_money
from churnmodel.reports.compare_page import compare_page
from churnmodel.reports.money_words import amount, expected_words, two_lists, worths
from churnmodel.reports.section import share
from churnmodel.settings import settings_from
from churnmodel.workflow.compare import compared
from churnmodel.workflow.money import money_of
from workflow.made_up import record

SETTINGS = settings_from({"project": {"data_until": "2026-01-01"}, "training": {"draws": 50}}, base=Path())
TERMS = SETTINGS.money.model_dump() | {"model": "able"}


@pytest.fixture(scope="module")
def kept():
    return record({"base_rate": 0.0, "able": 1.0, "incumbent:gut": 0.4})


@pytest.fixture(scope="module")
def money(kept) -> dict[str, pd.DataFrame]:
    played = kept.backtest
    ends = played.predictions.assign(ended_after=np.where(played.predictions["churned"], 40.0, np.nan))
    return money_of(replace(played, predictions=ends), SETTINGS, "able").tables()


@pytest.fixture(scope="module")
def page(kept, money) -> str:
    told = compared(kept)
    return compare_page(told, more=sections_of_money(told, money, TERMS))


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_list_that_score_prints_is_told_from_the_list_that_is_judged(money, page):
    profit = money["profit"].set_index("ranking")
    now, other = profit.loc["able", "profit"], profit.loc["able x MRR", "profit"]
    said = two_lists(money, "able", "USD")
    assert said.startswith(
        f"Ranked by risk x MRR a round earns {amount(other)} USD instead of {amount(now)} "
        f"(difference {amount(other - now)}, 95 % interval "
    )
    assert said.endswith("churnmodel score ranks that way, the figures above do not.")
    assert said in words(page)


def test_every_model_stands_once_with_both_lists_lowest_log_loss_first(kept, money, page):
    part = page[page.index("By risk, or by money at risk?") : page.index("And at the best length of list?")]
    named = [words(cell) for cell in re.findall(r'<td class="text">(.*?)</td>', part)]
    order = {"incumbent:gut": "your gut"}
    assert [n.replace(" ", "") for n in named] == [
        order.get(m, m).replace(" ", "") for m in compared(kept).by_loss
    ]
    assert re.search(r'<tr class="meant"><td class="text">able', part)
    for worth in worths(money, ["able"]):
        for line in (worth.by_risk, worth.by_mrr):
            assert f"{amount(line['profit'])}<small>{amount(line['low'])} to {amount(line['high'])}" in part


def test_the_expected_maximum_profit_stands_there_with_its_band_or_says_what_to_install(money, page):
    found = worths(money, ["able"])
    if importlib.util.find_spec("empulse") is None:
        assert "pip install churnmodel[profit]" in words(page)
        return
    line = found[0].by_risk
    assert line["expected_at_worst"] <= line["expected_profit"] <= line["expected_at_best"]
    worst, likely, best = (
        amount(line[c], 1) for c in ("expected_at_worst", "expected_profit", "expected_at_best")
    )
    assert f"{likely}<small>{worst} to {best}</small>" in page
    lacking = money["profit"].assign(expected_profit=np.nan, expected_reason="no empulse")
    assert expected_words(worths(money | {"profit": lacking}, ["able"]), "USD") == (
        "No expected maximum profit: no empulse."
    )


def test_how_early_is_said_in_the_figures_of_its_chart(money, page):
    leads = money["lead_time"].query("flagged_by == 'judged'")
    for days, part in zip(leads["days"], leads["share"], strict=True):
        assert f"{days} days before {share(part)}" in words(page)


def test_a_model_is_drawn_alike_in_every_chart_and_a_base_rate_in_none(kept):
    styles = compared(kept).styles
    assert styles["able"]["color"] not in {styles[m]["color"] for m in styles if m != "able"}
    table = pd.DataFrame({"able": [3.0, 2.0], "your gut": [2.0, 1.5]}, index=[0.1, 0.5])
    axes = charts.lift(table, "Lift", 0.1, "able", styles=styles).axes[0]
    colours = {line.get_label(): line.get_color() for line in axes.get_lines()}
    assert {name: colours[name] for name in table} == {name: styles[name]["color"] for name in table}
    assert {text.get_text() for text in axes.texts} == {"capacity", "able", "your gut"}


def test_no_two_of_twelve_models_look_the_same():
    styles = charts.model_styles([f"m{k}" for k in range(12)], "m3")
    assert len({(s["color"], str(s.get("linestyle"))) for s in styles.values()}) == 12


def test_without_money_there_is_no_section_and_no_sentence(kept):
    assert sections_of_money(compared(kept), {}, {}) == [] and two_lists({}, "able", "USD") == ""
