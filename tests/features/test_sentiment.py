from __future__ import annotations

import pandas as pd
import pytest
from by_hand import Case, case, values

from churnmodel.explanation.wording import check_wording
from churnmodel.features.catalog import lacking
from churnmodel.features.sentiment import SENTIMENT
from churnmodel.sources.database import Database
from small_worlds import version


def answer(answered_at: str, score: float, kind: str = "nps", **more) -> dict:
    return {"answered_at": answered_at, "score": score, "kind": kind} | more


def sent(sent_at: str, answered_at: str | None = None, kind: str = "nps", **more) -> dict:
    score = {} if answered_at is None else {"score": 9}
    return {"sent_at": sent_at, "answered_at": answered_at, "kind": kind} | score | more


def of(feature: str, story: str, expected: float | None, *answers: dict) -> Case:
    return case(feature, story, expected, surveys=answers)


CASES = [
    of("nps_latest", "the newest, not the best", 3.0, answer("2025-05-01", 9), answer("2025-06-01", 3)),
    of("nps_latest", "the mean of two at one time", 8.5, answer("2025-06-01", 10), answer("2025-06-01", 7)),
    of("nps_latest", "nps is NPS", 3.0, answer("2025-05-01", 9, "nps"), answer("2025-06-01", 3, "NPS")),
    of("nps_latest", "at as_of is not known", 9.0, answer("2025-05-01", 9), answer("2025-07-01", 3)),
    of(
        "nps_latest",
        "learned at as_of is not known",
        9.0,
        answer("2025-05-01", 9),
        answer("2025-06-01", 3, known_at="2025-07-01"),
    ),
    of("nps_latest", "another kind does not count", 9.0, answer("2025-05-01", 9), answer("2025-06-01", 3, "csat")),
    of("nps_latest", "365 days before", 6.0, answer("2024-07-01", 6)),
    of("nps_latest", "a second more: unknown", None, answer("2024-06-30 23:59:59", 6)),
    of("nps_latest", "zero is an answer", 0.0, answer("2025-06-01", 0)),
    of("nps_latest", "no answer is unknown, not zero", None),
    of("nps_latest", "one not yet answered does not hide it", 9.0, answer("2025-05-01", 9), sent("2025-06-01")),
    of(
        "nps_latest",
        "one answered at as_of does not hide it",
        9.0,
        answer("2025-05-01", 9),
        answer("2025-07-01", 1, sent_at="2025-06-01"),
    ),
    of(
        "nps_latest",
        "newest by the answer, not by the sending",
        3.0,
        answer("2025-06-20", 3, sent_at="2025-04-01"),
        answer("2025-06-01", 9, sent_at="2025-05-31"),
    ),
    of(
        "nps_mean_365d",
        "three answers, one too old",
        7.0,
        *[
            answer(day, score)
            for day, score in [("2025-06-01", 9), ("2025-01-01", 8), ("2024-07-01", 4), ("2024-06-30", 0)]
        ],
    ),
    of("nps_mean_365d", "none", None, answer("2025-06-01", 9, "csat")),
    of("nps_mean_365d", "one not answered is no zero", 9.0, answer("2025-06-01", 9), sent("2025-06-02")),
    of(
        "nps_mean_365d",
        "nor is one answered without a score",
        9.0,
        answer("2025-06-01", 9),
        answer("2025-06-02", None),
    ),
    of("nps_detractor_share_365d", "6 is one, 7 is none", 0.5, answer("2025-06-01", 6), answer("2025-06-02", 7)),
    of("nps_detractor_share_365d", "half a point above 6 is none", 0.0, answer("2025-06-01", 6.5)),
    of(
        "nps_detractor_share_365d",
        "other kinds, old answers and none do not count",
        1.0,
        *(answer("2024-07-01", 0), answer("2024-06-30 23:59:59", 9), answer("2025-06-01", 5, "csat")),
        *(sent("2025-06-01"), answer("2025-07-01", 9)),
    ),
    of("nps_detractor_share_365d", "none", None, sent("2025-06-01")),
    of("nps_change_180d", "from 8 to 5", -3.0, answer("2025-01-02", 5), answer("2025-01-01 23:59:59", 8)),
    of(
        "nps_change_180d",
        "before the half year before does not count",
        None,
        answer("2025-06-01", 5),
        answer("2024-07-05 23:59:59", 8),
    ),
    of(
        "nps_change_180d",
        "the half year before begins 360 days before",
        -3.0,
        answer("2025-06-01", 5),
        answer("2024-07-06", 8),
    ),
    of("nps_days_since", "the newest", 10.5, answer("2025-06-20 12:00", 5), answer("2025-01-01", 5)),
    of("nps_days_since", "however long ago", 1277.0, answer("2022-01-01", 5)),
    of("nps_days_since", "never", None),
    of("nps_days_since", "one not answered is no answer", 30.0, answer("2025-06-01", 5), sent("2025-06-20")),
    of("survey_non_response_365d", "one of two", 0.5, sent("2025-05-01", "2025-05-02"), sent("2025-06-01")),
    of("survey_non_response_365d", "14 days is time enough", 1.0, sent("2025-06-17")),
    of("survey_non_response_365d", "a second less is not", None, sent("2025-06-17 00:00:01")),
    of(
        "survey_non_response_365d",
        "an early answer does not count before its time",
        None,
        sent("2025-06-20", "2025-06-21"),
    ),
    of("survey_non_response_365d", "365 days before is inside", 1.0, sent("2024-07-01")),
    of("survey_non_response_365d", "a second more is not", None, sent("2024-06-30 23:59:59")),
    of("survey_non_response_365d", "sent longer ago and answered since", None, sent("2024-06-01", "2025-06-01")),
    of("survey_non_response_365d", "answered at as_of is not known", 1.0, sent("2025-06-01", "2025-07-01")),
    of("survey_non_response_365d", "answered a second before is", 0.0, sent("2025-06-01", "2025-06-30 23:59:59")),
    of("survey_non_response_365d", "however late the answer", 0.0, sent("2024-08-01", "2025-06-01")),
    of(
        "survey_non_response_365d",
        "every kind counts",
        0.5,
        sent("2025-06-01", kind="csat"),
        sent("2025-05-01", "2025-05-02"),
    ),
    of("survey_non_response_365d", "known only as an answer: nothing to tell from", None, answer("2025-05-01", 9)),
    of("survey_non_response_365d", "none sent", None),
    of(
        "surveys_sent_365d",
        "three, of which one too late",
        2.0,
        sent("2025-06-01"),
        sent("2025-05-01", "2025-05-02"),
        sent("2025-06-20"),
    ),
    of("surveys_sent_365d", "answers without a sending are none", 0.0, answer("2025-05-01", 9)),
    of("surveys_sent_365d", "none", 0.0),
    of(
        "survey_csat_latest",
        "the newest, not the best",
        2.0,
        answer("2025-05-01", 5, "csat"),
        answer("2025-06-01", 2, "CSAT"),
    ),
    of(
        "survey_csat_latest",
        "an nps answer does not count",
        5.0,
        answer("2025-05-01", 5, "csat"),
        answer("2025-06-01", 2),
    ),
    of("survey_csat_latest", "365 days before, and not more", 4.0, answer("2024-07-01", 4, "csat")),
    of("survey_csat_latest", "a second more", None, answer("2024-06-30 23:59:59", 4, "csat")),
    of(
        "survey_csat_change_180d",
        "from 4.5 to 3",
        -1.5,
        answer("2025-01-02", 3, "csat"),
        *(answer(at, score, "csat") for at, score in [("2025-01-01 23:59:59", 4), ("2024-07-06", 5)]),
        *(answer("2024-07-05 23:59:59", 1, "csat"), answer("2025-06-01", 9), sent("2025-06-01", kind="csat")),
    ),
    of("survey_csat_change_180d", "nothing before", None, answer("2025-06-01", 3, "csat")),
    of(
        "survey_csat_mean_180d",
        "two of three",
        4.5,
        answer("2025-06-01", 5, "csat"),
        answer("2025-01-02", 4, "CSAT"),
        answer("2025-01-01", 1, "csat"),
    ),
    of("survey_csat_mean_180d", "half points are kept", 4.5, answer("2025-06-01", 4.5, "csat")),
    of("survey_csat_mean_180d", "none", None, answer("2025-06-01", 5)),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES, SENTIMENT)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_sentiment_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_the_sentences_keep_the_law_of_the_grammar():
    assert check_wording(SENTIMENT) == []


def test_every_sentiment_feature_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in SENTIMENT}


def test_a_company_that_does_not_say_when_surveys_were_sent_has_no_share_of_silence():
    frames = {
        "accounts": pd.DataFrame({"account_id": ["a"], "created_at": ["2024-01-01"]}),
        "subscriptions": pd.DataFrame([version("2024-01-01")]),
        "surveys": pd.DataFrame([{"account_id": "a"} | answer("2025-06-01", 9)]),
    }
    db = Database.from_frames(frames, until="2026-01-01", threads=1)
    gone = {f.name: lacking(db, f) for f in SENTIMENT if lacking(db, f)}
    assert gone == dict.fromkeys(["survey_non_response_365d", "surveys_sent_365d"], ("surveys.sent_at",))
