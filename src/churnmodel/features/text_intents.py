"""Does a text speak of cancelling, a competitor, the price, an outage, or a champion who leaves?

Each intent is a list of patterns (`text_intent_patterns`) over lower-case text. A match counts unless it is
denied: a "no", "not", "never" or "without" stands up to five words before it in the same clause ("no outage this
month", "we do not want to cancel"). A denied match is told all the same, because its words say nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from churnmodel.features.text_intent_patterns import PARTS, PATTERNS, compiled

INTENTS = tuple(PATTERNS)
"""The names of the intents."""

_FOUND = compiled()
_CLAUSE = re.compile(r"[.!?;:()\n]+(?=\s|$)|\n|[()]|\s[-–—]+\s")
_DENIES = frozenset("no not never cannot without neither nor zero none hardly".split())  # noqa: SIM905
_ENDS_DENIAL = frozenset(
    """
    and but because so since if whether when then therefore which who until unless although though yet why how only
    another first again just unfortunately please we'll we're we've we'd about on before after during regarding
    following from despite due accept tolerate stand understand like appreciate justify explain fix fixed resolve
    resolved solve solved announce communicate forget handle excuse
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Words between a denial and a mention over which it does not reach: "no answer about the outage"."""
_DENIES_STILL = frozenset("think thinks believe expect suppose see that says said".split())  # noqa: SIM905
_PRONOUNS = frozenset("i we you he she they it".split())  # noqa: SIM905
_HARMLESS = {
    "competitor": re.compile(
        r"(?:(?:better|easier|faster|nicer|cheaper|stronger|superior|ahead|preferable) (?:than|of|to)|you over|"
        r"(?:switched|moved|came|migrated|coming|moving|switching) (?:\w+ ){0,2}from) (?:[\w']+ ){0,3}$"
    ),
}
"""What stands before a mention that is good news: "better than your competitors"."""
_REACH = 5
_WORD = re.compile(r"[\w'%-]+|,")


@dataclass(frozen=True)
class Mention:
    """Where a text speaks of an intent; a denied one does not count."""

    intent: str
    start: int
    end: int
    is_denied: bool


def mentions(text: str) -> Iterator[Mention]:
    """Every place in a text (any case) that speaks of an intent, denied or not.

    >>> [(m.intent, m.is_denied) for m in mentions("Please cancel our plan, it is too expensive")]
    [('cancel', False), ('price', False)]
    >>> [(m.intent, m.is_denied) for m in mentions("No outage this month")]
    [('outage', True)]
    """
    lower = text.lower()
    if len(lower) != len(text):  # a few letters change their length; the places must stay those of the text
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    starts = [0, *(m.end() for m in _CLAUSE.finditer(lower))]
    for intent, pattern in _FOUND.items():
        for match in pattern.finditer(lower):
            begin = max(s for s in starts if s <= match.start())
            before = lower[max(begin, match.start() - 120) : match.start()]
            harmless = _HARMLESS.get(intent)
            denied = _is_denied(_WORD.findall(before), intent) or bool(harmless and harmless.search(before))
            yield Mention(intent, match.start(), match.end(), denied)


def denied_at(lower: str, start: int) -> bool:
    """Whether a denial in the same clause reaches what stands at `start` of a lower-case text.

    >>> denied_at("it is not slow", 10), denied_at("it is slow", 6)
    (True, False)
    """
    begin = max((m.end() for m in _CLAUSE.finditer(lower) if m.end() <= start), default=0)
    return _is_denied(_WORD.findall(lower[max(begin, start - 120) : start]), "")


def _is_denied(before: list[str], intent: str) -> bool:
    """Whether a denial among the words before a mention reaches it."""
    for reach, place in enumerate(range(len(before) - 1, max(-1, len(before) - 1 - _REACH), -1)):
        word, earlier = before[place], before[:place]
        if word in _DENIES or word.endswith("n't"):
            return before[place + 1 : place + 2] not in (["only"], ["just"], [","])
        in_list = reach == 0 and any(w in ("no", "zero", "without") for w in earlier[-3:])
        if word in (",", "or", "and") and in_list:
            continue  # "no outages, downtime or bugs" denies them all, "not happy, cancel it" does not
        if word in _PRONOUNS and earlier[-1:] and earlier[-1] in _DENIES_STILL:
            continue  # "I do not think we will"
        if word == "," or word in _PRONOUNS or word in _ENDS_DENIAL or (word == "for" and intent != "cancel"):
            return False
    return False


def rules() -> str:
    """All that decides what `mentions` finds, for the version of a scorer."""
    words = (sorted(_DENIES), sorted(_ENDS_DENIAL), sorted(_DENIES_STILL), sorted(_PRONOUNS), _REACH)
    harmless = sorted((name, pattern.pattern) for name, pattern in _HARMLESS.items())
    return repr((dict(PARTS), dict(PATTERNS), words, harmless, _CLAUSE.pattern, _WORD.pattern))
