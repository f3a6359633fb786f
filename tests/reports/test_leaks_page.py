"""Is the page of a leak proof whole, plain and safe to open?"""

from __future__ import annotations

import html
import json
import re

import pandas as pd
import pytest

from churnmodel import __version__
from churnmodel.evaluation.checks import Finding
from churnmodel.evaluation.leaks import Drawn, LeakProof
from churnmodel.evaluation.leaks_columns import Probe
from churnmodel.evaluation.leaks_power import Power
from churnmodel.reports.leaks_page import leaks_page, verdict
from churnmodel.reports.leaks_page_words import LIMITS, WORDS
from churnmodel.snapshots.labels import LabelWindow

EVIL = "<script>alert(1)</script>"
OF = (pd.Timestamp("2025-07-01"), LabelWindow(14, 120, 31, 92), "logistic", ("accounts", "subscriptions"))
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
    return LeakProof(findings, (power,), Drawn(7, 10, 20, 30, DAYS, DAYS, 100, 5, 9, left, *OF))


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


def test_a_proof_that_could_ask_little_is_not_told_as_clean():
    silent = list(WORDS)[:2]
    little = proof({title: "not applicable" for title in WORDS if title not in silent})
    assert verdict(little).startswith("Not proven: too little could be asked")
    assert "2 questions; 7 could not be asked." in verdict(little)
    assert 'class="card verdict counted"' in leaks_page(little, "acme")
    most = proof(dict.fromkeys(list(WORDS)[:4], "not applicable"))
    assert verdict(most) == "No leak found: 5 questions were asked; 4 could not be asked."
    assert 'class="card verdict clean"' in leaks_page(most, "acme")


def test_what_fired_outweighs_what_could_not_be_asked():
    titles = list(WORDS)
    fired = proof(dict.fromkeys(titles[1:], "not applicable") | {titles[0]: "fired"})
    assert verdict(fired) == "Leaks: 1 of 1 questions fired; 8 could not be asked."
    assert 'class="card verdict fatal"' in leaks_page(fired, "acme")


def test_the_page_and_its_json_say_of_what_they_are_a_proof():
    page = " ".join(html.unescape(re.sub("<[^>]+>", " ", leaks_page(proof(), "acme"))).split())
    assert "accounts, subscriptions; complete up to 2025-07-01" in page
    assert "within 120 days, counted from 14 days after" in page and "up to 31 days" in page
    assert "up to 92 days" in page and "logistic" in page and f"churnmodel {__version__}" in page
    told = proof().to_json()
    assert told["window"] == {"lead_days": 14, "horizon_days": 120, "grace_days": 31, "pause_days": 92}
    assert (told["data_until"], told["model"], told["churnmodel"]) == ("2025-07-01", "logistic", __version__)
    assert "2025-01-02 (100 snapshots)" in page


def test_the_proof_is_json_without_the_values_of_accounts():
    told = json.loads(json.dumps(proof().to_json()))
    assert told["strongest"][0]["columns"] == ["a.b"]
    assert "values" not in told["strongest"][0]
