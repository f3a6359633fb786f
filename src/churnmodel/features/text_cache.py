"""Was this text scored before? (scores by the content of the text, never the text itself)

A score is kept under a hash of the scorer's version and the normalised text, in memory and, where a folder is
given, in one SQLite file there. A scorer of another version finds nothing of the old one. The file is only ever
a help: where it cannot be read or written, texts are scored again and nothing else changes.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from churnmodel.errors import FeatureError
from churnmodel.features.text import SCALE, UNREAD, TextScore, TextScorer, VaderScorer, normalised

FILE = "text_scores.sqlite"
_IN_ONE_QUERY = 500
_WAIT_SECONDS = 10.0
_Answer = TypeVar("_Answer")


@dataclass
class TextReader:
    """A scorer that remembers what it has read.

    Parameters
    ----------
    folder
        Where the scores are kept between runs; None keeps them in memory alone.
    scorer
        Any `TextScorer`; VADER with the words of business by default.
    trouble
        Why the file could not be used, in one line; None while all is well.

    >>> reader = TextReader()
    >>> [score.outage for score in reader.read(["There was an outage", None, "There  was an outage"])]
    [True, False, True]
    >>> reader.scored
    1
    """

    folder: Path | None = None
    scorer: TextScorer = field(default_factory=VaderScorer)
    trouble: str | None = field(default=None, init=False)
    scored: int = field(default=0, init=False)
    """How many texts the scorer was asked for: each distinct one once."""
    _memory: dict[bytes, TextScore] = field(default_factory=dict, init=False, repr=False)

    def read(self, texts: Sequence[str | None]) -> list[TextScore]:
        """One score per text, in their order.

        Raises
        ------
        FeatureError
            The scorer gave another number of scores than it got texts, or a sentiment outside [-10,000, 10,000].
        """
        plain = [normalised(text) for text in texts]
        version = self.scorer.version
        keys = [_key(version, text) for text in plain]
        wanted = {key: text for key, text in zip(keys, plain, strict=True) if text}
        known = self._kept(list(wanted))
        fresh = {key: text for key, text in wanted.items() if key not in known}
        if fresh:
            new = dict(zip(fresh, _checked(self.scorer, list(fresh.values())), strict=True))
            self.scored += len(fresh)
            self._keep(new)
            known |= new
        return [known.get(key, UNREAD) for key in keys]

    def _kept(self, keys: Sequence[bytes]) -> dict[bytes, TextScore]:
        def found(file: sqlite3.Connection) -> dict[bytes, TextScore]:
            out: dict[bytes, TextScore] = {}
            for start in range(0, len(keys), _IN_ONE_QUERY):
                some = keys[start : start + _IN_ONE_QUERY]
                marks = ",".join("?" * len(some))
                for key, sentiment, *flags in file.execute(f"SELECT * FROM scores WHERE key IN ({marks})", some):
                    score = TextScore(sentiment, *(flag == 1 for flag in flags))
                    if _is_fair(score):
                        out[key] = score
            return out

        nothing: dict[bytes, TextScore] = {}
        return {k: self._memory[k] for k in keys if k in self._memory} | self._with_file(found, nothing)

    def _keep(self, new: dict[bytes, TextScore]) -> None:
        rows = [(key, *astuple(score)) for key, score in new.items()]

        def written(file: sqlite3.Connection) -> bool:
            with file:  # all of them or none
                file.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            return True

        if not self._with_file(written, False):
            self._memory |= new

    def _with_file(self, use: Callable[[sqlite3.Connection], _Answer], otherwise: _Answer) -> _Answer:
        if self.folder is None or self.trouble:
            return otherwise
        try:
            with _opened(self.folder) as file:
                return use(file)
        except (sqlite3.Error, OSError) as cause:
            self.trouble = f"{self.folder / FILE} cannot be used ({cause}); texts are scored anew. Delete it."
            return otherwise


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    folder.mkdir(parents=True, exist_ok=True)
    file = sqlite3.connect(folder / FILE, timeout=_WAIT_SECONDS)
    try:
        file.execute(
            "CREATE TABLE IF NOT EXISTS scores (key BLOB PRIMARY KEY, sentiment INTEGER, cancel INTEGER,"
            " competitor INTEGER, price INTEGER, outage INTEGER, champion_left INTEGER) WITHOUT ROWID"
        )
        yield file
    finally:
        file.close()


def _key(version: str, text: str) -> bytes:
    return blake2b(f"{version}\n{text}".encode(errors="surrogatepass"), digest_size=16).digest()


def _checked(scorer: TextScorer, texts: list[str]) -> Sequence[TextScore]:
    scores = scorer.score(texts)
    if len(scores) != len(texts):
        raise FeatureError(
            f"text scorer {scorer.version}: wanted a score for each of {len(texts)} texts, got {len(scores)}"
        )
    for score in scores:
        if not _is_fair(score):
            raise FeatureError(
                f"text scorer {scorer.version}: wanted a sentiment from -{SCALE} to {SCALE} or None, got "
                f"{score.sentiment!r}. Scale it."
            )
    return scores


def _is_fair(score: TextScore) -> bool:
    tone = score.sentiment
    return tone is None or (isinstance(tone, int) and abs(tone) <= SCALE)
