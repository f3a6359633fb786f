"""How is one value printed for a person?

The formats of the template grammar (`churnmodel.explanation.wording` lists them). A value that cannot be
printed truthfully prints as None, and the sentence does without it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from churnmodel.errors import FeatureError

Value = float | str | None
Kind = Literal["n", "share", "change", "signed", "money", "days", "months", "score", "ago", "ahead", "text"]

LONGEST_TEXT = 60
LONGEST_IN_DAYS = 120
LONGEST_IN_MONTHS = 3 * 365

# not strftime's or calendar's names: those follow the locale of the machine
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
_KINDS = ("n", "share", "change", "signed", "money", "days", "months", "score", "ago", "ahead", "text")
_PREFIXED = ("n", "share", "money", "days", "months", "score")
_ENDLESS = 1e15  # above this a float no longer holds every integer, and separators help nobody


@dataclass(frozen=True)
class Format:
    """One format of the grammar, read: ``from n person/people vs seats`` and the like."""

    kind: Kind
    noun: str = ""
    nouns: str = ""
    prefix: Literal["", "size", "from"] = ""
    other: str = ""


def read_format(spec: str) -> Format:
    """The format a field asks for.

    Raises
    ------
    FeatureError
        Where the grammar knows no such format.

    >>> read_format("size n reply/replies")
    Format(kind='n', noun='reply', nouns='replies', prefix='size', other='')
    """
    body, prefix, other = spec.strip(), "", ""
    for word in ("size", "from"):
        if body.startswith(word + " "):
            prefix, body = word, body.removeprefix(word).strip()
    if prefix == "from" and " vs " in body:
        body, other = (part.strip() for part in body.rsplit(" vs ", 1))
    kind, _, noun = body.partition(" ")
    noun, _, nouns = noun.strip().partition("/")
    fits = kind in (_PREFIXED if prefix else _KINDS) and (not noun or kind == "n")
    if not fits or (other and not other.isidentifier()):
        raise FeatureError(
            f"format {spec!r}: wanted one of {', '.join(_KINDS)} (a noun after n; size or from before "
            f"{', '.join(_PREFIXED)}); see churnmodel.explanation.wording"
        )
    return Format(cast(Kind, kind), noun, nouns or _plural(noun), cast(Literal["", "size", "from"], prefix), other)


def known(value: object) -> Value:
    """The value as a finite float or a clean text, or None where it is unknown.

    >>> known(float("nan")), known(float("inf")), known(True), known("a\\x00b"), known("  ")
    (None, None, 1.0, 'a b', None)
    """
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value) or None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None  # pandas.NA and whatever else is neither number nor text
    return number if math.isfinite(number) else None


def clean(text: str) -> str:
    """Text from outside on one line, without control, bidi or invisible characters, at most 60 long.

    >>> clean("pro\\u202e\\n plan")
    'pro plan'
    """
    # read no more than could be kept: an account may have written a megabyte
    kept = (_visible(character) for character in text[: LONGEST_TEXT * 20])
    line = " ".join("".join(kept).split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1].rstrip() + "…"


def print_date(moment: datetime) -> str:
    """The day of a moment, ``3 June 2026``, in no locale but this one."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def shifted(as_of: datetime, days: float) -> str | None:
    """The date so many days after `as_of` (before it, if negative); None where the calendar ends."""
    midnight = datetime(as_of.year, as_of.month, as_of.day, as_of.hour, as_of.minute, as_of.second)  # noqa: DTZ001
    try:
        return print_date(midnight + timedelta(days=days))
    except OverflowError:
        return None


def print_value(form: Format, value: Value, now: Value, as_of: datetime, currency: str | None) -> str | None:
    """The value in the asked format, or None where it is unknown or does not fit.

    Parameters
    ----------
    value
        What is quoted.
    now
        What ``from`` compares it with: the later value.
    """
    if form.prefix == "from":
        plain = Format(form.kind, form.noun, form.nouns)
        before, after = (print_value(plain, v, None, as_of, currency) for v in (value, now))
        if before is None or after is None:
            return None
        rose = cast(float, now) > cast(float, value)
        return f"also {before}" if before == after else f"{'up' if rose else 'down'} from {before}"
    if form.kind == "text":
        return value if isinstance(value, str) else None
    if not isinstance(value, float):
        return None
    if form.kind in ("ago", "ahead"):
        return shifted(as_of, -value if form.kind == "ago" else value)
    number = abs(value) if form.prefix == "size" else value
    if form.kind == "n":
        return _count(number, form.noun, form.nouns) if form.noun else _plain(number)
    if form.kind == "money":
        return _money(number, currency)
    return _PRINTERS[form.kind](number)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category.startswith("C") else character


def _plural(noun: str) -> str:
    if not noun:
        return ""
    if noun[-1] == "y" and noun[-2:-1] not in tuple("aeiou"):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _trimmed(digits: str) -> str:
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits in ("-0", "") else digits


def _plain(value: float) -> str:
    size = abs(value)
    if size >= _ENDLESS:
        return f"{value:.3g}"
    if size < 1:
        return f"{value:.2g}" if size >= 1e-4 else "0"
    return _trimmed(f"{value:,.0f}" if size >= 100 else f"{value:,.1f}")


def _count(value: float, noun: str, nouns: str) -> str:
    digits = _plain(value)
    return f"{digits} {noun if digits in ('1', '-1') else nouns}"


def _whole(value: float) -> float:
    """Nearest integer, halves up: `round` would print half a percent as 0 and one and a half as 2."""
    return float(math.floor(value + 0.5)) if abs(value) < _ENDLESS else value


def _share(value: float) -> str:
    if 0 < value < 0.005:
        return "under 1%"
    if 0.995 <= value < 1:
        return "over 99%"
    return _plain(math.copysign(_whole(abs(value) * 100), value)) + "%"


def _signed(value: float) -> str:
    size = abs(value)
    percent = min(_whole(size * 100), 99) if size < 1 else _whole(size * 100)
    digits = _trimmed(f"{size * 100:.1f}") if size < 0.005 else _plain(percent)
    return "0%" if digits == "0" else f"{'-' if value < 0 else '+'}{digits}%"


def _money(value: float, currency: str | None) -> str:
    size = abs(value)
    cents = round(size, 2) if size < _ENDLESS else size
    if size >= _ENDLESS:
        digits = _plain(size)
    else:
        digits = f"{cents:,.0f}" if cents >= 100 or cents == int(cents) else f"{cents:,.2f}"
    sign = "-" if value < 0 and digits != "0" else ""
    name = clean(currency) if currency else ""
    mark = _SYMBOLS.get(name, name)
    return f"{sign}{mark}{' ' if len(mark) > 1 else ''}{digits}"


def _days(value: float) -> str:
    if 0 < abs(value) < 0.5:
        return "less than a day"
    if value <= LONGEST_IN_DAYS:
        return _count(math.copysign(_whole(abs(value)), value), "day", "days")
    if value < LONGEST_IN_MONTHS:
        return "about " + _count(_whole(value / 30.4375), "month", "months")
    return "about " + _count(_whole(value / 365.25), "year", "years")


def _months(value: float) -> str:
    if 0 < abs(value) < 0.5:
        return "less than a month"
    return _count(math.copysign(_whole(abs(value)), value), "month", "months")


def _score(value: float) -> str:
    if abs(value) >= _ENDLESS:
        return f"{value:.3g}"
    return _trimmed(f"{value:,.2f}" if abs(value) < 1 else f"{value:,.1f}")


_PRINTERS: dict[str, Callable[[float], str]] = {
    "share": _share,
    "change": lambda value: _share(abs(value)),
    "signed": _signed,
    "days": _days,
    "months": _months,
    "score": _score,
}


def percent(risk: float) -> str:
    """A risk, or a share of accounts, as people read it: a small one is not rounded to none.

    >>> percent(0.0834), percent(0.634), percent(0.0), percent(float("nan"))
    ('8.3%', '63%', '0%', '-')
    """
    if risk != risk:
        return "-"
    return f"{risk:.1%}" if 0 < risk < 0.0995 else f"{risk:.0%}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number of things as people say it: ``1 account``, ``23 accounts``.

    >>> counted(1, "account"), counted(1200, "play"), counted(2, "has no CSM", "have no CSM")
    ('1 account', '1,200 plays', '2 have no CSM')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
