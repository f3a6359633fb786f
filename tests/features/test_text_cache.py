from __future__ import annotations

import sqlite3

import pytest

from churnmodel.errors import FeatureError
from churnmodel.features.text import UNREAD, TextScore, VaderScorer
from churnmodel.features.text_cache import FILE, TextReader


class Counting:
    """A scorer that counts letters, and what it was asked for."""

    def __init__(self, version: str = "1", unit: int = 1) -> None:
        self.version, self.unit, self.asked = version, unit, []

    def score(self, texts):
        self.asked += texts
        return tuple(TextScore(self.unit * len(text), outage="!" in text) for text in texts)


def test_a_text_is_scored_once_however_often_it_stands():
    scorer = Counting()
    reader = TextReader(scorer=scorer)
    assert [s.sentiment for s in reader.read(["abc", "de", "abc"])] == [3, 2, 3]
    assert [s.sentiment for s in reader.read(["de", "f"])] == [2, 1]
    assert scorer.asked == ["abc", "de", "f"]
    assert reader.scored == 3


def test_no_text_is_not_sent_to_the_scorer():
    scorer = Counting()
    assert TextReader(scorer=scorer).read([None, "", "  ", float("nan")]) == [UNREAD] * 4
    assert scorer.asked == []


def test_the_scorer_gets_the_normalised_text_and_forms_of_it_share_a_score():
    scorer = Counting()
    TextReader(scorer=scorer).read(["can’t  log\x00in", "can't log in "])
    assert scorer.asked == ["can't log in"]


def test_scores_outlive_the_run_in_the_folder(tmp_path):
    texts = ["There was an outage", "Der Export ist kaputt", "We love it"]
    first = TextReader(tmp_path / "out").read(texts)
    scorer = Counting(version=VaderScorer().version)
    assert TextReader(tmp_path / "out", scorer).read(texts) == first
    assert scorer.asked == []
    assert first[0].outage and first[1] == UNREAD and first[2].sentiment > 0


def test_a_scorer_of_another_version_finds_nothing_of_the_old_one(tmp_path):
    old, new = Counting("1"), Counting("2", unit=10)
    assert TextReader(tmp_path, old).read(["abc"])[0].sentiment == 3
    assert TextReader(tmp_path, new).read(["abc"])[0].sentiment == 30
    assert TextReader(tmp_path, old).read(["abc"])[0].sentiment == 3
    assert old.asked == ["abc"]


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TextReader(scorer=Counting()).read(["abc"])
    assert list(tmp_path.iterdir()) == []


def test_the_file_holds_no_text(tmp_path):
    secret = "Kilimanjaro terrible breakdown yesterday"
    assert TextReader(tmp_path).read([secret])[0].sentiment < 0
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(held) > 0
    assert not [word for word in secret.split() if len(word) > 6 and word.encode() in held]


def test_more_texts_than_fit_into_one_query_are_all_found(tmp_path):
    texts = [f"text {i}" for i in range(1_234)]
    TextReader(tmp_path, Counting()).read(texts)
    again = Counting()
    assert [s.sentiment for s in TextReader(tmp_path, again).read(texts)] == [len(t) for t in texts]
    assert again.asked == []


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b""], ids=["another file", "an empty file"])
def test_a_damaged_file_costs_time_and_not_the_scores(tmp_path, damage):
    (tmp_path / FILE).write_bytes(damage)
    reader = TextReader(tmp_path, Counting())
    assert [s.sentiment for s in reader.read(["abc", "de"])] == [3, 2]
    assert [s.sentiment for s in reader.read(["abc"])] == [3]
    assert reader.scored == 2
    assert (reader.trouble is None) == (damage == b"")
    if damage:
        assert str(tmp_path / FILE) in reader.trouble and "Delete it" in reader.trouble


@pytest.mark.parametrize("sentiment", [99_999, "high", 0.5])
def test_a_score_out_of_range_in_the_file_is_scored_again(tmp_path, sentiment):
    TextReader(tmp_path, Counting()).read(["abc"])
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("UPDATE scores SET sentiment = ?", (sentiment,))
    file.close()
    assert TextReader(tmp_path, Counting()).read(["abc"])[0].sentiment == 3


def test_a_folder_that_cannot_be_made_costs_time_and_not_the_scores(tmp_path):
    (tmp_path / "file").write_text("")
    reader = TextReader(tmp_path / "file" / "folder", Counting())
    assert reader.read(["abc"])[0].sentiment == 3
    assert reader.trouble is not None


def test_two_readers_share_one_file(tmp_path):
    one, two = (TextReader(tmp_path, Counting()) for _ in range(2))
    one.read(["abc"])
    two.read(["abc", "de"])
    one.read(["de"])
    assert (one.scored, two.scored) == (1, 1)


class Wrong(Counting):
    def score(self, texts):
        return tuple(TextScore(10_001) for _ in texts)


class Short(Counting):
    def score(self, texts):
        return ()


@pytest.mark.parametrize(("scorer", "said"), [(Wrong("w"), "from -10000 to 10000"), (Short("s"), "got 0")])
def test_a_scorer_that_breaks_its_word_is_refused_by_name(scorer, said):
    with pytest.raises(FeatureError, match=f"text scorer {scorer.version}: .*{said}"):
        TextReader(scorer=scorer).read(["abc"])
