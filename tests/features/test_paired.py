"""What a row knows: when it was, and what stood beside it, as of the moment asked."""

from __future__ import annotations

import pandas as pd

from churnmodel.features.paired import paired_rows
from small_worlds import looks, version, world

PAYING = [version("2024-01-01")]
DAY = 86_400


def rows_of(db, table, *as_ofs):
    index = looks(*as_ofs)
    moments = pd.DatetimeIndex(index.get_level_values("as_of"))
    return db.run(paired_rows(db, table, db.snapshots(index), moments))


def test_a_survey_counts_from_its_answer_once_that_is_known_and_from_its_sending_before():
    surveys = [
        {"kind": "nps", "sent_at": "2025-06-01", "answered_at": "2025-06-21", "score": 9, "respondent_id": "ada"},
        {"kind": "nps", "sent_at": "2025-06-11", "answered_at": None, "score": None, "respondent_id": "bob"},
        {"kind": "nps", "sent_at": None, "answered_at": "2025-06-16", "score": 3, "respondent_id": "eve"},
        {"kind": "nps", "sent_at": "2025-06-16", "answered_at": None, "respondent_id": "joe"},
        {"kind": "nps", "sent_at": "2025-06-20", "answered_at": None, "respondent_id": "kim"},
    ]
    db = world(PAYING, surveys=surveys)
    rows = rows_of(db, "surveys", "2025-06-21", "2025-07-01").sort_values(["as_of", "respondent_id"])
    days = (rows.ago / DAY).tolist()
    # at the moment of the answer it is not known yet
    assert list(zip(rows.respondent_id, days, rows.newest, strict=True)) == [
        *(
            ("ada", 20.0, False),
            ("bob", 10.0, False),
            ("eve", 5.0, True),
            ("joe", 5.0, False),
            ("kim", 1.0, False),
        ),
        *(
            ("ada", 10.0, True),
            ("bob", 20.0, False),
            ("eve", 15.0, False),
            ("joe", 15.0, False),
            ("kim", 11.0, False),
        ),
    ]


def test_the_newest_answer_is_the_newest_of_its_kind():
    surveys = [
        {"kind": kind, "sent_at": day, "answered_at": day, "score": 5}
        for kind, day in [("nps", "2025-06-01"), ("NPS", "2025-06-02"), ("csat", "2025-06-01")]
    ]
    rows = rows_of(world(PAYING, surveys=surveys), "surveys", "2025-07-01").sort_values(["kind", "answered_at"])
    assert dict(zip(rows.kind, rows.newest, strict=True)) == {"NPS": True, "csat": True, "nps": False}


def test_a_version_knows_the_one_before_it_and_that_one_is_not_known_from_another_subscription():
    steps = [
        version("2024-01-01", "2024-06-01", mrr=10.0, seats=1, plan="a"),
        version("2024-06-01", "2025-01-01", mrr=0.0, seats=2, plan="b"),
        version("2025-01-01", mrr=30.0, seats=3, plan="c"),
        version("2024-09-01", mrr=99.0, subscription_id="other"),
    ]
    rows = rows_of(world(steps), "subscriptions", "2025-07-01").sort_values("started_at").set_index("started_at")
    told = rows[["before_mrr", "before_seats", "before_plan", "paid_before", "follows", "followed"]]
    expected = [
        [None, None, None, None, False, True],
        [1000, 1, "a", 1000, True, True],
        [None, None, None, None, False, False],
        [0, 2, "b", 1000, True, False],
    ]
    assert [[None if pd.isna(v) else v for v in row] for row in told.values.tolist()] == expected


def test_a_version_not_yet_known_follows_nothing():
    steps = [
        version("2024-01-01", "2024-06-01"),
        version("2024-06-01", known_at="2025-03-01"),
    ]
    rows = rows_of(world(steps), "subscriptions", "2025-03-01", "2025-03-02")
    assert sorted(zip(rows.as_of.dt.day, rows.followed, strict=True)) == [(1, False), (2, False), (2, True)]
