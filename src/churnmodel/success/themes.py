"""Which themes does a text speak of, and which words does no theme have?

Words are met in any case and whole; ``slow*`` meets every word that begins so; several are a phrase. A word
that is denied in its clause ("no bugs this time", `churnmodel.features.text_intents`) does not count. Each
distinct text is looked at once. Nothing here is logged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from churnmodel.features.text import normalised
from churnmodel.features.text_intents import denied_at, mentions
from churnmodel.settings.feedback import FeedbackSettings, Theme

TAGS = {"row": "int64", "theme": "object", "start": "int64", "end": "int64"}
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_COMMON = frozenset(
    """
    the and for that this with you your yours our ours from have has had was were are not but they them their
    there what when which who why how can could would should will shall may might must been being does did doing
    done its it's i'm we're we've we'd don't didn't doesn't can't won't isn't aren't wasn't just also very much
    many more most some any all both each few other another such only own same than too now then here out off
    over under again once about into onto upon after before between during through until while because since
    still even ever never always get got gets let lets make made makes take took takes see saw seen know knows
    known think thinks say says said want wants wanted need needs needed like use used using please thanks thank
    hello dear regards best kind one two three first last next new day days week weeks month months year years
    time times today yesterday tomorrow his her him she he'd she'd may'be us me my mine able back well way lot
    bit few off per via etc
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Words that say nothing of a theme."""


def compiled(theme: Theme) -> re.Pattern[str] | None:
    """The words of a theme as one pattern over lower-case text; None where it has none.

    >>> bool(compiled(Theme(words=("slow*",))).search("it runs slower")), compiled(Theme(intents=("price",)))
    (True, None)
    """
    if not theme.words:
        return None


    def met(word: str) -> str:
        return re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "")

    parts = (r"\s+".join(met(word) for word in phrase.split()) for phrase in theme.words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def tagged(rows: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Which row speaks of which theme: row (its place), theme, start and end (in the normalised text).

    A row may speak of several. Where only the category of a ticket says so, start and end are -1.
    """
    patterns = {name: compiled(theme) for name, theme in themes.items()}
    wanted = {intent for theme in themes.values() for intent in (*theme.intents, *theme.unless)}
    read: dict[object, tuple[dict[str, tuple[int, int]], set[str]]] = {}
    found: list[tuple[int, str, int, int]] = []
    of_category: dict[str, list[str]] = {}
    for name, theme in themes.items():
        for category in theme.categories:
            of_category.setdefault(_plain(category), []).append(name)
    for place, (text, category) in enumerate(zip(rows["text"], rows["category"], strict=True)):
        if text not in read:
            read[text] = _spoken(text, themes, patterns, bool(wanted))
        spoken, barred = read[text]
        own = dict(spoken)
        for name in of_category.get(_plain(category), []) if isinstance(category, str) else []:
            if name not in barred:
                own.setdefault(name, (-1, -1))
        found.extend((place, name, *own[name]) for name in themes if name in own)
    return pd.DataFrame(found, columns=list(TAGS)).astype(TAGS)


def quote(text: object, start: int, end: int, length: int) -> str:
    """A short piece of a text around what was met, on one line; what was left out is told by dots.

    >>> quote("We like it. But the export is very slow since Monday, and nobody helps.", 35, 39, 24)
    '... is very slow since ...'
    """
    whole = " ".join(normalised(text).split("\n"))
    if len(whole) <= length:
        return whole
    first = 0 if start < 0 else max(0, min(start - (length - (end - start)) // 2, len(whole) - length))
    piece = whole[first : first + length]
    if first:
        piece = "... " + piece.split(" ", 1)[-1].lstrip()
    if first + length < len(whole):
        piece = piece.rsplit(" ", 1)[0].rstrip() + " ..."
    return piece


def untold_words(rows: pd.DataFrame, rules: FeedbackSettings, most: int = 12) -> pd.DataFrame:
    """The words and pairs of words that most of `rows` (without a theme) have: words, rows, accounts.

    Of a word that nearly always stands in one pair only the pair is told.
    """
    read: dict[object, tuple[set[str], set[str]]] = {}
    count: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    accounts: dict[str, set[object]] = {}
    for text, account in zip(rows["text"], rows["account_id"], strict=True):
        if text not in read:
            read[text] = _tokens(text)
        alone, double = read[text]
        count.update(alone)
        pairs.update(double)
        for word in alone | double:
            accounts.setdefault(word, set()).add(account)
    ignored = set(rules.ignore)
    told = {pair: n for pair, n in pairs.items() if n >= rules.least_rows and pair not in ignored}
    covered = {word for pair, n in told.items() for word in pair.split() if n >= 0.8 * count[word]}
    single = {word: n for word, n in count.items() if n >= rules.least_rows}
    told |= {word: n for word, n in single.items() if word not in covered and word not in ignored}
    order = sorted(told.items(), key=lambda one: (-one[1], -len(one[0].split()), one[0]))[:most]
    rows_of = [(words, n, len(accounts[words])) for words, n in order]
    return pd.DataFrame(rows_of, columns=["words", "rows", "accounts"])


def _spoken(
    text: object, themes: Mapping[str, Theme], patterns: Mapping[str, re.Pattern[str] | None], intents: bool
) -> tuple[dict[str, tuple[int, int]], set[str]]:
    """Where a text speaks of which theme, and the themes it is not about, whatever else it says."""
    plain = normalised(text)
    if not plain:
        return {}, set()
    lower = plain.lower()
    if len(lower) != len(plain):  # the places must stay those of the text
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)
    meant: dict[str, tuple[int, int]] = {}
    if intents:
        for mention in mentions(plain):
            if not mention.is_denied:
                meant.setdefault(mention.intent, (mention.start, mention.end))
    barred = {name for name, theme in themes.items() if not meant.keys().isdisjoint(theme.unless)}
    found: dict[str, tuple[int, int]] = {}
    for name, theme in themes.items():
        if name in barred:
            continue
        pattern = patterns[name]
        hits = (m for m in pattern.finditer(lower) if not denied_at(lower, m.start())) if pattern else iter(())
        hit = next(hits, None)
        if hit is not None:
            found[name] = (hit.start(), hit.end())
        else:
            spoken = [meant[intent] for intent in theme.intents if intent in meant]
            if spoken:
                found[name] = min(spoken)
    return found, barred


def _tokens(text: object) -> tuple[set[str], set[str]]:
    words = [word.lower() for word in _TOKEN.findall(normalised(text))]
    tells = [len(word) > 2 and word not in _COMMON for word in words]
    single = {word for word, is_told in zip(words, tells, strict=True) if is_told}
    double = {
        f"{words[i]} {words[i + 1]}" for i in range(len(words) - 1) if tells[i] and tells[i + 1]
    }
    return single, double


def _plain(category: str) -> str:
    return category.strip().lower().replace("_", " ").replace("-", " ")
