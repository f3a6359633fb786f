from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.features import text_columns
from churnmodel.features.aggregate import Aggregate
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.paired import paired_rows
from churnmodel.features.sentiment import SENTIMENT
from churnmodel.features.text import SCALE, TextScore
from churnmodel.features.text_cache import TextReader
from churnmodel.features.text_columns import SAYS, TEXTS, wants_tone, with_tone
from churnmodel.features.tone import TONE
from churnmodel.sources.schemas import CONTRACT
from small_worlds import looks, side_by_side, version, world

PAYING = [version("2024-01-01")]
OUTAGE = "There was an outage"


class Lengths:
    """A scorer whose tone is the length of the text."""

    version = "lengths"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, texts):
        self.asked += texts
        return tuple(TextScore(len(text), cancel="c" in text) for text in texts)


def said(table: str, rows: list[dict], reader: TextReader | None = None, as_of: str = "2025-07-01", **more):
    """The paired rows with what they say, as known at as_of, in the order of their text."""
    db = world(PAYING, **{table: rows})
    snapshots = db.snapshots(looks(as_of))
    paired = paired_rows(db, table, snapshots, pd.DatetimeIndex([as_of]), reader=reader, **more)
    return db.run(paired.order_by(paired[TEXTS[table]])), db


def ticket(text: str | None, opened_at: str = "2025-06-01", **more) -> dict:
    return {"opened_at": opened_at, "text": text} | more


def test_a_row_carries_what_its_text_says():
    rows, _ = said(
        "tickets", [ticket("Please cancel our plan"), ticket("We love it"), ticket("Der Export ist weg")]
    )
    assert rows["says_cancel"].tolist() == [False, True, False]
    assert rows["tone"].isna().tolist() == [True, False, False]
    assert (rows["tone"][1] < 0, rows["tone"][2] > 0) == (True, True)


@pytest.mark.parametrize("table", TEXTS)
def test_the_columns_are_there_and_typed_in_every_table_with_texts_even_without_a_row(table):
    db = world(PAYING, **{table: []})
    rows = paired_rows(db, table, db.snapshots(looks("2025-07-01")), pd.DatetimeIndex(["2025-07-01"]))
    types = {name: str(rows[name].type()) for name in ("tone", *SAYS)}
    assert types == {"tone": "int64"} | dict.fromkeys(SAYS, "boolean")
    assert len(db.run(rows)) == 0


def test_the_tables_with_texts_are_those_of_the_contract():
    kinds = {name: {c.name: c.kind for c in schema.columns} for name, schema in CONTRACT.items()}
    assert {name for name, columns in kinds.items() if "sentiment" in columns} == set(TEXTS)
    assert all(kinds[table][column] == "text" for table, column in TEXTS.items())


def test_a_score_of_the_companys_own_wins_over_the_scorer():
    rows, _ = said("tickets", [ticket("We love it", sentiment=-0.25), ticket(None, sentiment=0.5)])
    assert rows["tone"].tolist() == [-2500, 5000]


def test_a_score_of_the_companys_own_is_held_to_the_range_and_its_text_still_speaks():
    rows, _ = said("tickets", [ticket("Please cancel", sentiment=-7), ticket("We love it", sentiment=80)])
    assert rows["tone"].tolist() == [-SCALE, SCALE]
    assert rows["says_cancel"].tolist() == [True, False]


def test_each_distinct_text_is_scored_once_for_all_rows_and_all_as_ofs(monkeypatch):
    reader, out_of_the_engine = TextReader(scorer=Lengths()), []
    honest = reader.read
    monkeypatch.setattr(reader, "read", lambda texts: (out_of_the_engine.extend(texts), honest(texts))[1])
    db = world(PAYING, tickets=[ticket("abc"), ticket("abc", "2025-05-01"), ticket("de")])
    as_ofs = ["2025-06-15", "2025-07-01"]
    rows = paired_rows(db, "tickets", db.snapshots(looks(*as_ofs)), pd.DatetimeIndex(as_ofs), reader=reader)
    found = db.run(rows)
    assert sorted(found["tone"].tolist()) == [2, 2, 3, 3, 3, 3]
    assert sorted(out_of_the_engine) == sorted(reader.scorer.asked) == ["abc", "de"]


def test_texts_come_out_of_the_engine_in_parts_that_leave_none_out(monkeypatch):
    monkeypatch.setattr(text_columns, "AT_ONCE", 10)
    reader, sizes = TextReader(scorer=Lengths()), []
    honest = reader.read
    monkeypatch.setattr(reader, "read", lambda texts: (sizes.append(len(texts)), honest(texts))[1])
    texts = [f"text {'x' * i}" for i in range(95)]
    rows, _ = said("tickets", [ticket(text) for text in texts], reader)
    assert rows["tone"].tolist() == [len(text) for text in rows["text"]]
    assert sum(sizes) == 95
    assert max(sizes) < 30


def test_no_row_is_doubled_or_lost():
    texts = ["We love it", "We love it", None, OUTAGE, "Ümläut 😀 'quoted' \\ % _", "We  love it"]
    rows, _ = said("tickets", [ticket(text) for text in texts])
    assert len(rows) == len(texts)
    assert rows["tone"].notna().sum() == 4


class Forbidden:
    version = "forbidden"

    def score(self, texts):
        raise AssertionError("a text was scored")


def test_no_text_is_scored_unless_a_cell_reads_it():
    forbidden = TextReader(scorer=Forbidden())
    rows, _ = said("tickets", [ticket(OUTAGE)], forbidden, reads=["csat", "resolved_at"])
    assert "tone" not in rows
    with pytest.raises(AssertionError, match="a text was scored"):
        said("tickets", [ticket(OUTAGE)], forbidden, reads=["csat", "text|sentiment"])


def test_every_feature_made_of_texts_says_that_it_reads_them_and_no_survey_score_does():
    def wants(aggregate: Aggregate) -> bool:
        return wants_tone(aggregate.table, aggregate.reads)

    # coverage counts all rows as well, so one of a feature's aggregates is enough
    assert [f.name for f in TONE if not any(wants(a) for a in f.measure.needs)] == []
    assert [f.name for f in SENTIMENT if any(wants(a) for a in f.measure.needs)] == []


# ---- what was not known before as_of ----

HIDDEN = {
    "a ticket learned at as_of": ("tickets", ticket("We hate it", known_at="2025-07-01")),
    "a comment given at as_of": (
        "surveys",
        {"sent_at": "2025-06-01", "answered_at": "2025-07-01", "kind": "nps", "comment": "We hate it", "score": 1},
    ),
    "a score of a comment given at as_of": (
        "surveys",
        {"sent_at": "2025-06-01", "answered_at": "2025-07-01", "kind": "nps", "sentiment": -1},
    ),
    "a note written at as_of": ("notes", {"written_at": "2025-07-01", "text": "We hate it"}),
    "a note learned at as_of": (
        "notes",
        {"written_at": "2025-06-01", "known_at": "2025-07-01", "text": "There was an outage, they cancel"},
    ),
}


def earlier(row: dict) -> dict:
    """The same row, known a second before as_of."""
    return {key: "2025-06-30 23:59:59" if value == "2025-07-01" else value for key, value in row.items()}


def without_text(row: dict) -> list[dict]:
    """What is left of a row before its text is known: of a survey that it was sent, of the others nothing."""
    return [{key: row[key] for key in ("sent_at", "kind")}] if "sent_at" in row else []


@pytest.fixture(scope="module")
def three_worlds() -> pd.DataFrame:
    """Per hidden text an account in which it never is, one in which it comes later, one in which it is known."""
    rows: dict[str, dict[str, list[dict]]] = {table: {} for table in TEXTS}
    for story, (table, row) in HIDDEN.items():
        rows[table] |= {f"{story}: never": without_text(row), f"{story}: later": [row]}
        rows[table] |= {f"{story}: known": [earlier(row)]}
    names = [name for of_table in rows.values() for name in of_table]
    tables = {table: side_by_side(of_table) for table, of_table in rows.items()}
    db = world(side_by_side(dict.fromkeys(names, PAYING)), **tables)
    return build_feature_matrix(db, looks("2025-07-01", accounts=names), TONE).droplevel("as_of")


@pytest.mark.parametrize("story", HIDDEN)
def test_a_text_revealed_at_as_of_moves_no_feature_and_a_second_earlier_it_does(story, three_worlds):
    never, later, known = (three_worlds.loc[f"{story}: {which}"] for which in ("never", "later", "known"))
    pd.testing.assert_series_equal(later, never, check_names=False)
    assert not known.equals(never)


@pytest.mark.parametrize("story", ["a comment given at as_of", "a score of a comment given at as_of"])
def test_a_comment_not_yet_given_says_nothing_where_its_survey_stands(story):
    rows, _ = said(*(HIDDEN[story][0], [HIDDEN[story][1]]))
    assert len(rows) == 1
    assert rows["tone"].isna().all()
    assert not rows[list(SAYS)].any(axis=None)


def test_a_corrected_text_says_what_it_said_at_each_as_of():
    first = ticket("We love it", "2025-05-01", event_id="e", known_at="2025-05-01")
    second = ticket("We hate it", "2025-05-01", event_id="e", known_at="2025-06-10")
    db = world(PAYING, tickets=[first, second])
    as_ofs = ["2025-06-01", "2025-07-01"]
    rows = paired_rows(db, "tickets", db.snapshots(looks(*as_ofs)), pd.DatetimeIndex(as_ofs))
    found = db.run(rows.order_by("as_of"))
    assert [tone > 0 for tone in found["tone"]] == [True, False]


def test_a_table_that_is_not_there_says_nothing():
    db = world(PAYING)
    rows = with_tone(db, "notes", db.paired("notes", db.snapshots(looks("2025-07-01"))))
    assert len(db.run(rows)) == 0


def test_only_texts_that_an_as_of_knows_and_a_window_reaches_are_scored():
    told = [{"written_at": day, "text": f"We met on {day}"} for day in ("2024-01-01", "2025-05-01", "2025-06-15")]
    late = {"written_at": "2025-05-02", "known_at": "2025-07-02", "text": "We met and said so later"}
    db = world(PAYING, notes=[*told, late])
    tone = [f for f in TONE if {a.table for a in f.measure.needs} == {"notes"}]
    reader, whole = TextReader(), TextReader()
    alone = build_feature_matrix(db, looks("2025-06-01"), tone, reader=reader)
    assert reader.scored == 1, "that of May; what was said or became known after 1 June is not read"
    both = build_feature_matrix(db, looks("2025-06-01", "2025-07-10"), tone, reader=whole)
    assert whole.scored == 3, "no window reaches back to January 2024"
    pd.testing.assert_frame_equal(alone, both.iloc[:1], check_exact=True)
