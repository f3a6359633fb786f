from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from churnmodel.features import text_lexicon
from churnmodel.features.text import MOST_CHARACTERS, SCALE, UNREAD, TextScore, VaderScorer, normalised

DATA = Path(__file__).parents[3] / "shared" / "data" / "text"
VADER = VaderScorer()

NEGATIVE = """
    please cancel our subscription
    I can't cancel my subscription in the settings
    We won't renew
    Our champion left
    the head of sales has moved on
    outage
    The platform is down
    It is not the first outage
    We cannot accept another outage
    it is too expensive
    We do not accept the price increase
    we are evaluating alternatives
    It does not work
    Still waiting for an answer
    we are fed up
    The dashboard keeps crashing
    The export is buggy and slow
    I can’t log in
    We get very little value out of it
    Honestly, it is useless for us like this
"""
POSITIVE = """
    We love it, the team uses it every day
    Very intuitive and reliable
    Great support, quick answers
    Happy to renew for another year!
    great value for money
    You are better than your competitors
    It saves us a lot of time
    Our champion is very happy
"""
PLAIN = """
    How do I add a user?
    Invoice 2291 attached, please pay it
    Dear support, please help me to share the report. Best regards
    How do I switch off notifications?
    Please cancel the meeting on Tuesday
    No outage this month
    We do not want to cancel
"""
FOREIGN = """
    Wir möchten unser Abo kündigen
    Die Software war super
    Der Export ist kaputt
    Danke
    Nous voulons annuler notre abonnement
    Le service est excellent
    Queremos cancelar la suscripción
    El producto es muy bueno
    No funciona
    Non funziona
    Não funciona
    We willen opzeggen
    Chcemy zrezygnować
    Хотим отменить подписку
    解約したいです
    とても良い😀
    نريد إلغاء الاشتراك
    4711
    n/a
    -
    asdf qwer
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def tone(text: str | None) -> int | None:
    return VADER.score([text])[0].sentiment


@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/text is not here")
@pytest.mark.parametrize(("file", "least"), [("yelp_labelled.txt", 0.89), ("amazon_cells_labelled.txt", 0.92)])
def test_the_tone_ranks_sentences_of_other_people_as_people_did(file, least):
    rows = [line.rsplit("\t", 1) for line in (DATA / file).read_text(encoding="utf-8").splitlines() if line]
    scores = VADER.score([text for text, _ in rows])
    # what cannot be read counts as neutral, so that leaving out the hard ones does not help
    assert roc_auc_score([int(label) for _, label in rows], [s.sentiment or 0 for s in scores]) >= least


@pytest.mark.parametrize("text", lines(NEGATIVE))
def test_bad_news_in_the_words_of_business_is_negative(text):
    assert tone(text) < -0.05 * SCALE


@pytest.mark.parametrize("text", lines(POSITIVE))
def test_good_news_is_positive(text):
    assert tone(text) > 0.05 * SCALE


@pytest.mark.parametrize("text", lines(PLAIN))
def test_questions_courtesies_and_what_is_denied_are_neither(text):
    assert abs(tone(text)) <= 0.1 * SCALE


def test_courtesies_do_not_make_a_cancellation_friendly():
    polite = "Dear support team, please cancel our subscription. Thank you in advance, kind regards, Ann"
    assert tone(polite) < -0.3 * SCALE
    assert VADER.score([polite])[0] == TextScore(tone(polite), cancel=True)


@pytest.mark.parametrize("text", lines(FOREIGN))
def test_what_cannot_be_read_is_unknown_and_not_neutral(text):
    assert VADER.score([text])[0] == UNREAD
    assert UNREAD.sentiment is None


@pytest.mark.parametrize("text", ["Outage", "Good", ":)", "👍", "Hi Müller, please cancel", "Is it a bug?", "OK"])
def test_a_short_english_text_can_be_read(text):
    assert tone(text) is not None


def test_an_english_text_with_a_foreign_signature_can_be_read():
    assert tone("We love the new reports, they save us time.\nMit freundlichen Grüßen") > 0


HOSTILE = {
    "no text": None,
    "a number": 3.5,
    "bytes": b"outage",
    "empty": "",
    "spaces": " \t\r\n ",
    "control characters": "\x00\x07\x1b[31m" * 500,
    "a megabyte of one letter": "a" * 1_000_000,
    "a megabyte of cancel": "cancel " * 150_000,
    "a megabyte of not": "not " * 250_000,
    "a megabyte of emoji": "😀😡" * 125_000,
    "a lone surrogate": "\ud800 outage",
    "marks of direction": "\u202eoutage\u202c",
    "letters that grow": "ﷺ" * 50_000,
    "braces": "{0} {x!r} %s %(a)s [outage|x]",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_scored_and_never_raises(text):
    (score,) = VADER.score([text])
    assert score.sentiment is None or -SCALE <= score.sentiment <= SCALE


def test_no_text_is_unread():
    assert VADER.score([None, "", 3.5, float("nan")]) == (UNREAD,) * 4


@given(st.text(max_size=300))
def test_any_text_has_one_score_within_its_range(text):
    first, alone = VADER.score([text, "We love it"])[0], VADER.score([text])[0]
    assert first == alone
    assert first.sentiment is None or (isinstance(first.sentiment, int) and abs(first.sentiment) <= SCALE)


@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing(text):
    assert normalised(normalised(text)) == normalised(text)


def test_a_sign_stands_four_times_at_most():
    assert normalised("Great!!!!!!!! --- 😀😀😀😀😀😀") == "Great!!!! --- 😀😀😀😀"


def test_only_the_beginning_of_a_text_counts():
    filler = "This is a plain line of a long mail. " * 100
    assert tone(filler + "It is terrible.") == tone(filler)
    assert len(normalised(filler)) <= MOST_CHARACTERS


def test_forms_of_one_character_are_one():
    assert tone("I can’t log in") == tone("I can't log in")
    assert VADER.score(["ｏｕｔａｇｅ"])[0].outage


def test_the_version_moves_with_the_lexicon(monkeypatch):
    before = VaderScorer().version
    monkeypatch.setitem(text_lexicon.WORDS, "clunky", -1.0)
    assert VaderScorer().version != before


def test_a_scorer_of_its_own_leaves_vader_as_it_is_for_others():
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    VADER.score(["outage"])
    assert "clunky" not in SentimentIntensityAnalyzer().lexicon


def test_scores_do_not_depend_on_the_seed_of_hashes():
    texts = [*lines(NEGATIVE), *lines(POSITIVE), *lines(FOREIGN)]
    code = f"from churnmodel.features.text import VaderScorer as V; v = V(); print(v.version, v.score({texts!r}))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_scoring_opens_no_connection(monkeypatch):
    def refused(*args, **more):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert VaderScorer().score(["There was an outage"])[0].outage
