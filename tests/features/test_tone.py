from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest
from by_hand import AS_OF, Case, case, values

from churnmodel.explanation.wording import check_wording
from churnmodel.features.catalog import lacking
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.text_intents import INTENTS
from churnmodel.features.tone import TONE
from churnmodel.sources.database import Database
from small_worlds import looks, version

ROW = {
    "ticket": ("tickets", lambda at: {"opened_at": at}, "text"),
    "comment": ("surveys", lambda at: {"sent_at": "2024-10-01", "answered_at": at, "kind": "nps"}, "comment"),
    "note": ("notes", lambda at: {"written_at": at, "text": "4711"}, "text"),
}
"""Per stem: the table, a row written at a time without anything that can be read, and the column of the text."""

SPEAKS = {
    "cancelling_90d": "Please cancel our plan",
    "competitor_180d": "We are looking at a competitor",
    "price_180d": "It is too expensive",
    "outage_90d": "There was an outage",
    "champion_left_180d": "Our champion left",
}


def written(stem: str, at: str, tone: float | None = None, text: str | None = None, **more) -> dict:
    """A row whose tone the company has scored itself, or one with a text."""
    _, row, column = ROW[stem]
    return (
        row(at) | ({} if tone is None else {"sentiment": tone}) | ({} if text is None else {column: text}) | more
    )


def of(stem: str, feature: str, story: str, expected: float | None, *rows: Mapping) -> Case:
    table = ROW[stem][0]
    named = [{"ticket_id": f"t{i}"} | row for i, row in enumerate(rows)] if table == "tickets" else rows
    return case(feature, story, expected, **{table: named})


def of_tones(stem: str) -> list[Case]:
    mean_90, mean_180 = f"{stem}_tone_mean_90d", f"{stem}_tone_mean_180d"
    change, worst, readable = f"{stem}_tone_change_90d", f"{stem}_tone_worst_180d", f"{stem}s_readable_180d"

    def row(at: str, tone: float | None = None, **more) -> dict:
        return written(stem, at, tone, **more)

    return [
        of(stem, mean_90, "90 days before is inside", 0.25, row("2025-04-02", 0.5), row("2025-06-01", 0)),
        of(stem, mean_90, "a second earlier is outside", 0, row("2025-04-01 23:59:59", 0.5), row("2025-06-01", 0)),
        of(stem, mean_90, "at as_of is not known", -1, row("2025-07-01", 1), row("2025-06-30 23:59:59", -1)),
        of(stem, mean_90, "what cannot be read does not count", 0.5, row("2025-06-01", 0.5), row("2025-06-02")),
        of(stem, mean_90, "none that can be read", None, row("2025-06-01")),
        of(stem, mean_90, "none at all", None),
        of(stem, mean_90, "ten-thousandths are kept", 0.1234, row("2025-06-01", 0.12341)),
        of(stem, mean_180, "180 days before is inside", 0.75, row("2025-01-02", 1), row("2025-06-01", 0.5)),
        of(stem, mean_180, "a second earlier is outside", None, row("2025-01-01 23:59:59", 1)),
        of(
            *(stem, change, "from 0.75 to -0.5", -1.25, row("2025-04-02", -0.5)),
            *(row("2025-04-01 23:59:59", 1), row("2025-01-02", 0.5), row("2025-01-01 23:59:59", -1)),
        ),
        of(stem, change, "nothing before", None, row("2025-06-01", 1)),
        of(stem, change, "nothing now", None, row("2025-03-01", 1)),
        of(stem, worst, "the lowest, not the newest", -0.75, row("2025-01-02", -0.75), row("2025-06-01", 0.5)),
        of(
            stem, worst, "a second earlier is outside", 0.5, row("2025-01-01 23:59:59", -1), row("2025-06-01", 0.5)
        ),
        of(stem, worst, "none that can be read", None, row("2025-06-01")),
        of(
            *(stem, readable, "one of four, another too old", 0.25, row("2025-01-02", 0)),
            *(row("2025-06-01"), row("2025-06-02"), row("2025-06-03"), row("2025-01-01 23:59:59")),
        ),
        of(
            stem,
            readable,
            "a text in English can be read",
            0.5,
            *(row("2025-06-01", text=text) for text in ("The export is broken", "Der Export ist kaputt")),
        ),
        of(stem, readable, "none", None),
    ]


def of_intents(stem: str) -> list[Case]:
    cases = []
    for what, text in SPEAKS.items():
        name, days = f"{stem}s_on_{what}", int(what.rsplit("_", 1)[1][:-1])
        first, before = {90: ("2025-04-02", "2025-04-01 23:59:59"), 180: ("2025-01-02", "2025-01-01 23:59:59")}[
            days
        ]
        others = [written(stem, "2025-06-01", text=t) for t in SPEAKS.values() if t != text]
        cases += [
            of(
                stem,
                name,
                "two of three",
                2,
                *(written(stem, at, text=text) for at in (first, before, "2025-06-30")),
            ),
            of(stem, name, "other worries do not count", 0, *others),
            of(stem, name, "at as_of is not known", 0, written(stem, "2025-07-01", text=text)),
            of(stem, name, "none is none, not unknown", 0),
            of(stem, name, "whatever the company's own tone", 1, written(stem, "2025-06-01", 1, text=text)),
        ]
    return cases


CASES = [
    *(c for stem in ROW for c in (*of_tones(stem), *of_intents(stem))),
    of(
        "ticket",
        "ticket_tone_mean_90d",
        "learned at as_of",
        None,
        written("ticket", "2025-06-01", 1, known_at=AS_OF),
    ),
    of(
        *("comment", "comments_readable_180d", "an unanswered survey does not count", 1.0),
        *(written("comment", "2025-06-01", 0), {"sent_at": "2025-06-01", "kind": "nps"}),
    ),
    of(
        *("comment", "comment_tone_mean_180d", "counts from the answer, not from the sending", 0.5),
        {"sent_at": "2024-12-01", "answered_at": "2025-01-02", "kind": "csat", "sentiment": 0.5},
    ),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES, TONE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_tone_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_feature_made_of_texts_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in TONE}


def test_each_table_with_texts_has_the_same_features_and_every_intent_is_one():
    names = {stem: sorted(f.name.removeprefix(stem) for f in TONE if f.name.startswith(stem)) for stem in ROW}
    assert names["ticket"] == names["comment"] == names["note"]
    assert len(names["ticket"]) == 5 + len(INTENTS)
    assert {what.rsplit("_", 1)[0].replace("cancelling", "cancel") for what in SPEAKS} == set(INTENTS)


def test_the_sentences_keep_the_law_of_the_grammar():
    assert check_wording(TONE) == []


def test_a_company_that_scored_its_tickets_itself_needs_no_text_for_their_tone():
    frames = {
        "accounts": pd.DataFrame({"account_id": ["a"], "created_at": ["2024-01-01"]}),
        "subscriptions": pd.DataFrame([version("2024-01-01")]),
        "tickets": pd.DataFrame(
            {"ticket_id": ["t"], "account_id": ["a"], "opened_at": ["2025-06-01"], "sentiment": [-0.5]}
        ),
    }
    db = Database.from_frames(frames, until="2026-01-01", threads=1)
    of_tickets = [f for f in TONE if f.name.startswith("ticket")]
    there = [f for f in of_tickets if not lacking(db, f)]
    assert {f.name for f in of_tickets} - {f.name for f in there} == {f"tickets_on_{what}" for what in SPEAKS}
    built = build_feature_matrix(db, looks(AS_OF), there)
    assert built["ticket_tone_mean_90d"].item() == -0.5
