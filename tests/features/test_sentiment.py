from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.sentiment import SENTIMENT


def answer(answered_at: str, score: float, kind: str = "nps", **more) -> dict:
    return {"answered_at": answered_at, "score": score, "kind": kind} | more


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
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_sentiment_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_sentiment_feature_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in SENTIMENT}
