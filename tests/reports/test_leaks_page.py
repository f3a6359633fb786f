"""Is the page of a leak proof whole, plain and safe to open?"""

from __future__ import annotations

import html
import json
import re

import pandas as pd
import pytest

from churnmodel.evaluation.checks import Finding
from churnmodel.evaluation.leaks import Drawn, LeakProof
from churnmodel.evaluation.leaks_columns import Probe
from churnmodel.evaluation.leaks_power import Power
from churnmodel.reports.leaks_page import leaks_page, verdict
from churnmodel.reports.leaks_page_words import LIMITS, WORDS

EVIL = "<script>alert(1)</script>"
DAYS = tuple(pd.date_range("2025-01-01", periods=2))


def proof(statuses: dict[str, str] | None = None, group: str = "1") -> LeakProof:
    """Every question silent, but for those named; one strong column."""
    findings = tuple(
        Finding("CHN002", title, (statuses or {}).get(title, "silent"), f"said of {title}", {"columns": ["a.b"]})
        for title in WORDS
    )
    probe = Probe("it", "cell", ("a.b",), pd.Series(dtype=float))
    power = Power(probe, "near", 100, 30, 0.7, 0.6, 0.8, group, 0.5, 0.4, 40, 0.1)
    left = {"near": 30, "far": 20, "ever": 40}
    return LeakProof(findings, (power,), Drawn(7, 10, 20, 30, DAYS, DAYS, 100, 5, 9, left))


def test_every_question_says_what_was_done_what_came_out_and_where_it_ends():
    page = html.unescape(leaks_page(proof(), "acme"))
    for title, words in WORDS.items():
        assert title in page and f"said of {title}" in page
        assert words.done in page and words.cannot in page
    assert all(limit in page for limit in LIMITS)
    assert "20 of 30" in page and "<dd>7</dd>" in page and "2025-01-02" in page


def test_what_fired_stands_first_with_its_columns():
    title = next(iter(WORDS))
    page = leaks_page(proof({title: "fired"}), "acme")
    top = page[: page.index("What was looked at")]
    assert "1 of 9 questions fired" in top and "a.b" in top and title in top
    assert "No leak found" in leaks_page(proof(), "acme")


@pytest.mark.parametrize("hole", ["project", "group"])
def test_texts_out_of_the_data_are_only_text(hole):
    page = leaks_page(proof(group=EVIL if hole == "group" else "1"), EVIL if hole == "project" else "acme")
    assert "<script" not in page.lower() and "&lt;script&gt;" in page


def test_the_page_needs_nothing_else():
    page = leaks_page(proof(), "acme")
    assert not re.search(r"(?:src|href)=|url\(|@import", page)


def test_questions_that_could_not_be_asked_are_counted_apart():
    titles = list(WORDS)
    said = verdict(proof({titles[0]: "fired", titles[1]: "not applicable"}))
    assert said == "Leaks: 1 of 8 questions fired; 1 could not be asked."


def test_the_proof_is_json_without_the_values_of_accounts():
    told = json.loads(json.dumps(proof().to_json()))
    assert told["strongest"][0]["columns"] == ["a.b"]
    assert "values" not in told["strongest"][0]
