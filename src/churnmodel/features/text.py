"""What is the tone of a text, and what does it speak of? (offline, for tickets, comments and notes)

`VaderScorer` is VADER (Hutto and Gilbert 2014, a lexicon with rules for negation, emphasis and "but"), taught
the words of business (`text_lexicon`), beside flags for what a customer speaks of (`text_intents`). Any other
scorer joins by the protocol `TextScorer`. Everything here is a function of the text alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

from churnmodel.features import text_intents, text_language, text_lexicon
from churnmodel.features.text_intents import INTENTS, mentions

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]

SCALE = 10_000
"""A tone of 1 is kept as this many parts, like every number of the contract."""

MOST_CHARACTERS = 2_000
"""A text is judged by its beginning; what is quoted below it is often another's."""

INTENT_RATINGS: Mapping[str, float] = {
    "cancel": -2.8,
    "competitor": -1.6,
    "price": -2.0,
    "outage": -2.4,
    "champion_left": -2.2,
}
"""What speaking of an intent does to the tone, as a rating among words (-4 to 4)."""

_RULES = 1
"""Counted up with every change of the code below that moves a score."""

_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})


@dataclass(frozen=True, slots=True)
class TextScore:
    """What a text says.

    Parameters
    ----------
    sentiment
        Its tone in [-10,000, 10,000] (-1 to 1 in ten-thousandths); None where the scorer cannot read it.
    cancel, competitor, price, outage, champion_left
        Whether it speaks of cancelling, of a competitor, of the price as too high, of an outage, of a champion
        who leaves.
    """

    sentiment: int | None = None
    cancel: bool = False
    competitor: bool = False
    price: bool = False
    outage: bool = False
    champion_left: bool = False


UNREAD = TextScore()
"""The score of what is no text, or none that can be read."""


class TextScorer(Protocol):
    """How texts are scored. A score depends on its text and on nothing else."""

    @property
    def version(self) -> str:
        """Names the scorer and its state: two that score any text differently have different versions."""
        ...

    def score(self, texts: Sequence[str | None]) -> tuple[TextScore, ...]:
        """One score per text, in their order."""
        ...


class VaderScorer:
    """VADER with the words of business between companies; English only, other languages come out as unread.

    >>> vader = VaderScorer()
    >>> [score.sentiment > 0 for score in vader.score(["We love it", "Our champion left"])]
    [True, False]
    >>> vader.score(["Please cancel our subscription"])[0].cancel
    True
    >>> vader.score([None, "", "Wir kündigen"]) == (UNREAD, UNREAD, UNREAD)
    True
    """

    @cached_property
    def version(self) -> str:
        """VADER's version and a digest of every list and rule beside it."""
        told = (_RULES, MOST_CHARACTERS, dict(INTENT_RATINGS), text_lexicon.WORDS, text_lexicon.PHRASES)
        words = (sorted(text_language.ENGLISH), sorted(text_language.ELSEWHERE), text_language.KNOWN_SHARE)
        digest = blake2b(repr((told, words, text_intents.rules())).encode(), digest_size=6).hexdigest()
        return f"vader-{version('vaderSentiment')}-{digest}"

    def score(self, texts: Sequence[str | None]) -> tuple[TextScore, ...]:
        """One score per text, in their order; whatever is no readable text is `UNREAD`."""
        return tuple(self._scored(normalised(text)) for text in texts)

    def _scored(self, text: str) -> TextScore:
        spoken = dict.fromkeys(INTENTS, False)
        # what is recognised stands in the text as one word with a rating of its own
        spans: list[tuple[int, int, str]] = []
        for mention in mentions(text):
            spoken[mention.intent] |= not mention.is_denied
            word = _NEUTRAL if mention.is_denied else f"{_APART} {_word(mention.intent)}"
            spans.append((mention.start, mention.end, word))
        for phrase in self._phrases.finditer(text):
            spans.append((phrase.start(), phrase.end(), str(phrase.lastgroup)))
        told = _with_words(text, spans)
        if not text_language.is_readable(told, self._rated):
            return UNREAD
        compound = self._vader.polarity_scores(told)["compound"]
        return TextScore(round(compound * SCALE), **spoken)

    @cached_property
    def _vader(self) -> SentimentIntensityAnalyzer:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        vader = SentimentIntensityAnalyzer()
        vader.lexicon |= text_lexicon.WORDS
        vader.lexicon |= {_word(name): rating for name, rating in INTENT_RATINGS.items()} | {_NEUTRAL: 0.0}
        vader.lexicon |= {_phrase(i): rating for i, (rating, _) in enumerate(text_lexicon.PHRASES)}
        return vader

    @cached_property
    def _rated(self) -> frozenset[str]:
        return frozenset(self._vader.lexicon) | frozenset(self._vader.emojis) | frozenset("👍👎")

    @cached_property
    def _phrases(self) -> re.Pattern[str]:
        groups = (f"(?P<{_phrase(i)}>{'|'.join(parts)})" for i, (_, parts) in enumerate(text_lexicon.PHRASES))
        return re.compile(rf"(?<![\w])(?:{'|'.join(groups)})(?![\w])", re.IGNORECASE)


_NEUTRAL = "churnmodelneutral"
_APART = "~ ~ ~"  # VADER lets a "not" reach over three words; whether an intent is denied was decided already


def _word(intent: str) -> str:
    return f"churnmodel{intent.replace('_', '')}"


def _phrase(place: int) -> str:
    return f"churnmodelphrase{chr(ord('a') + place)}"  # letters only: that is what a word is


def _with_words(text: str, spans: list[tuple[int, int, str]]) -> str:
    """The text with each span replaced by its word; of spans that overlap the first of the list stays."""
    taken: list[tuple[int, int, str]] = []
    for start, end, word in spans:
        if all(end <= s or e <= start for s, e, _ in taken):
            taken.append((start, end, word))
    pieces, at = [], 0
    for start, end, word in sorted(taken):
        pieces += [text[at:start], f" {word} "]
        at = end
    return "".join([*pieces, text[at:]])


def normalised(text: object) -> str:
    """A text as it is scored and as its content is told: one form per character, plain quotes, single spaces.

    Control characters count as spaces, line ends stay, a sign is repeated four times at most ("!!!!"), and only
    the first `MOST_CHARACTERS` are kept. What is not text is the empty text. Applied twice it changes nothing.

    >>> normalised("We  can\\u2019t\\x00log in \\r\\n\\n at all")
    "We can't log in\\nat all"
    """
    if not isinstance(text, str):
        return ""
    plain = unicodedata.normalize("NFKC", text[: 2 * MOST_CHARACTERS]).translate(_QUOTES)
    plain = _REPEATED.sub(r"\1\1\1\1", plain)
    lines = (" ".join(_UNPRINTED.sub(" ", line).split()) for line in plain.splitlines())
    return "\n".join(line for line in lines if line)[:MOST_CHARACTERS].strip()


_REPEATED = re.compile(r"([^\w\s])\1{4,}")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]")
