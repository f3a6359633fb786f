"""Do survey tools become surveys, and exported health scores external_scores, each on its own day?"""

from __future__ import annotations

import pytest

from churnmodel.sources.audit import audit

from .landed import STRIPE, project, rows, told

KINDS = ("parquet", "csv")
COLUMNS = "account_id respondent_id sent_at answered_at kind score comment"

DELIGHTED = {
    "delighted_survey_responses": rows(
        "id person survey_type score comment created_at updated_at person_properties",
        ("r1", "p1", "nps", 9, "Great", 1738368000, 1746057600, '{"account_id": "cus_a"}'),
        ("r2", "p2", "csat", 2, None, 1738454400, None, '{"account_id": "cus_b"}'),
    ),
}

TYPEFORM = {
    "typeform_responses": rows(
        "response_id form_id landed_at submitted_at hidden answers",
        (
            "r1",
            "abc123",
            "2025-02-01T00:00:00Z",
            "2025-02-01T00:05:00Z",
            '{"account_id": "cus_a"}',
            '[{"type": "text", "text": "Great", "field": {"type": "long_text"}},'
            ' {"type": "number", "number": 9, "field": {"type": "nps"}}]',
        ),
        ("r2", "abc123", "2025-02-02T00:00:00Z", "0001-01-01T00:00:00Z", '{"account_id": "cus_b"}', None),
    ),
}

WOOTRIC = {
    "wootric_end_users": rows(
        "id email properties",
        (1, "a@acme.io", '{"account_id": "cus_a"}'),
        (2, "b@bolt.io", '{"account_id": "cus_b"}'),
    ),
    "wootric_responses": rows("id end_user_id score text @created_at", (5, 1, 9, "Great", "2025-02-01")),
    "wootric_declines": rows("id end_user_id @created_at", (5, 2, "2025-02-02")),
}

GAINSIGHT = {
    "gainsight_health_history": rows(
        "company_external_id measure @snapshot_date score",
        ("cus_a", "Overall Score", "2025-02-01", 80.5),
        ("cus_a", "Support", "2025-02-01", 20),
        ("cus_a", "Overall Score", "2025-03-01", 60),
    ),
}

CHURNZERO = {
    "churnzero_score_history": rows(
        "account_external_id score_name @score_date score",
        ("cus_a", "ChurnScore", "2025-02-01", 80.5),
        ("cus_a", "Adoption", "2025-02-01", 20),
        ("cus_a", "ChurnScore", "2025-03-01", 60),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_delighted_answer_was_known_when_it_was_given(tmp_path, kind):
    db = project(tmp_path, "stripe,delighted", STRIPE | DELIGHTED, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "surveys", COLUMNS) == [
        ("cus_a", "p1", "2025-02-01", "2025-02-01", "nps", 9_0000, "Great"),
        ("cus_b", "p2", "2025-02-02", "2025-02-02", "csat", 2_0000, None),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_typeform_that_was_opened_and_not_submitted_is_a_survey_without_an_answer(tmp_path, kind):
    db = project(tmp_path, "stripe,typeform", STRIPE | TYPEFORM, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "surveys", COLUMNS) == [
        ("cus_a", None, "2025-02-01", "2025-02-01 00:05:00", "nps", 9_0000, "Great"),
        ("cus_b", None, "2025-02-02", None, "nps", None, None),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_declined_wootric_survey_is_one_without_an_answer(tmp_path, kind):
    db = project(tmp_path, "stripe,wootric", STRIPE | WOOTRIC, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "surveys", COLUMNS) == [
        ("cus_a", "1", "2025-02-01", "2025-02-01", "nps", 9_0000, "Great"),
        ("cus_b", "2", "2025-02-02", None, "nps", None, None),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("source", "raw"), [("gainsight", GAINSIGHT), ("churnzero", CHURNZERO)])
def test_a_health_score_is_that_of_its_day_and_only_the_overall_one(tmp_path, source, raw, kind):
    db = project(tmp_path, f"stripe,{source}", STRIPE | raw, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "external_scores", "account_id scored_at source score") == [
        ("cus_a", "2025-02-01", source, 80_5000),
        ("cus_a", "2025-03-01", source, 60_0000),
    ]
    assert len(told(db, "external_scores", "score", at="2025-03-01")) == 1
