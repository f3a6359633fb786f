"""What did a feature say before, and what does it say now, in one sentence?

``35% of seats used in the last 28 days, before 61%``: the feature's own wording, and the one number it is about as
it was. Where that number does not stand in the sentence ("Usage fell"), both sentences are said. The day of
"before" is named once, by what stands over the sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from churnmodel.explanation.direction import Direction, contradicts, contrary, is_movement
from churnmodel.explanation.formats import Format, Value, known, print_date, print_value, shifted
from churnmodel.explanation.templates import Field, read_template
from churnmodel.explanation.wording import chosen, sentence
from churnmodel.features.feature import Feature

OTHERWISE = "it weighs otherwise beside what else changed"
DATES = ("ago", "ahead")
_ALIKE = "about as before"
_LATER = {"ago": "it is longer ago now", "ahead": "it is nearer now"}


def before_and_now(
    feature: Feature,
    before: Mapping[str, object],
    now: Mapping[str, object],
    then: datetime,
    as_of: datetime,
    currency: str | None = None,
    direction: Direction | None = None,
) -> str:
    """What the feature says at `as_of`, and what it said `then`: one line, a capital letter first, no period.

    Parameters
    ----------
    before, now
        Feature name to value at either moment: the feature's own and those it quotes. A feature that is no key of
        `before` was not held by the earlier table, which is said.
    then, as_of
        The moments.
    currency, direction
        As for `churnmodel.explanation.wording.sentence`.

    >>> from churnmodel.features.feature import Wording
    >>> users = Feature("users", "usage", "active users", "Distinct users.", "count",
    ...     Wording("{users:n user} active[ of {seats:n seat}]", unknown="active users are not known",
    ...             zero="nobody was active"))
    >>> days = datetime(2025, 12, 1), datetime(2026, 1, 1)
    >>> before_and_now(users, {"users": 15.0}, {"users": 8.0, "seats": 20.0}, *days)
    '8 users active, before 15'
    >>> before_and_now(users, {"users": 15.0}, {"users": 0.0}, *days)
    'Nobody was active; before: 15 users'
    >>> before_and_now(users, {}, {"users": 8.0}, *days)
    '8 users active; the earlier table did not hold it'
    """
    full = sentence(feature, now, as_of, currency, direction)
    if feature.name not in before:
        return f"{full}; the earlier table did not hold it"
    was, value = (known(row.get(feature.name)) for row in (before, now))
    if was == value:
        return f"{full}, as before: {OTHERWISE}"
    form = own_format(feature, was, value)
    if form is not None and form.kind in DATES:
        dates = [print_value(form, v, None, at, currency) for v, at in ((was, then), (value, as_of))]
        if dates[0] == dates[1]:
            return f"{full}, as before: {_LATER[form.kind]}"
    elif form is not None:
        # its own number alone: a comparison with a third moment between the two would be taken for the earlier one
        said = [print_value(form, v, None, at, currency) for v, at in ((was, then), (value, as_of))]
        alone = sentence(feature, {feature.name: value}, as_of, currency, direction)
        return f"{alone}, {_ALIKE}" if said[0] == said[1] else f"{alone}, before {said[0]}"
    elif (counted := _counted(feature, was, value, as_of)) is not None:
        return f"{sentence(feature, {feature.name: value}, as_of, currency, direction)}; before: {counted}"
    if feature.wording.rise is None and feature.wording.fall is None:  # those live by the numbers they quote
        before, now = ({feature.name: v} for v in (was, value))
    said_now = sentence(feature, now, as_of, currency, direction)
    said_then = sentence(feature, before, then, currency)
    if said_then != said_now:
        return f"{said_now}; before: {said_then}"
    if isinstance(was, float) and isinstance(value, float) and is_movement(feature):
        # the words say which way it went, and not how far
        return f"{said_now}, {'more' if abs(value) > abs(was) else 'less'} so than before"
    return f"{said_now}, {_ALIKE}"


def is_telling(feature: Feature, was: object, value: object, direction: Direction, words: str) -> bool:
    """Whether `words`, of `before_and_now`, tell two states apart, and none that contradicts the direction.

    >>> from churnmodel.features.feature import Wording
    >>> users = Feature("users", "usage", "users", "Users.", "count", Wording("{users:n}", "a"), raises_risk="low")
    >>> [is_telling(users, 15.0, now, "raises", f"{now:.0f}, before 15") for now in (8.0, 18.0)]
    [True, False]
    >>> is_telling(users, 15.0, 15.0, "raises", "15, about as before")
    False
    """
    if words.endswith((OTHERWISE, _ALIKE, *_LATER.values())):
        return False
    then, now = known(was), known(value)
    if contradicts(feature, now, direction):
        return False
    moved = isinstance(then, float) and isinstance(now, float) and then != now
    return not moved or contrary(feature, direction) != ("up" if now > then else "down")  # type: ignore[operator]


def _counted(feature: Feature, was: Value, value: Value, as_of: datetime) -> str | None:
    """``none`` or ``15 users``: how many there were, where one of both is 0 and has a sentence of its own."""
    if feature.unit != "count" or is_movement(feature) or None in (feature.wording.zero, was, value):
        return None
    if 0 not in (was, value):
        return None
    form = said_format(feature, value if was == 0 else was)
    if form is None or not form.noun:  # its sentence does not say how many of what
        return None
    return "none" if was == 0 else print_value(form, was, None, as_of, None)


def own_format(feature: Feature, was: Value, value: Value) -> Format | None:
    """How the sentence prints its own number, without a noun; None where it does not say both values alike."""
    if was is None or value is None or chosen(feature, was) != chosen(feature, value):
        return None
    form = said_format(feature, value)
    return None if form is None else replace(form, noun="", nouns="")


def said_format(feature: Feature, value: Value) -> Format | None:
    """How the sentence prints its own number; None where it does not say it."""
    for clause in read_template(chosen(feature, value)):
        for piece in () if clause.optional else clause.this:
            if isinstance(piece, Field) and piece.name == feature.name and piece.form.prefix != "from":
                return piece.form
    return None


def renewal_words(before: object, now: object, then: datetime, as_of: datetime) -> str:
    """How the next renewal looked `then`, and how it looks at `as_of`: one line, no period.

    Parameters
    ----------
    before, now
        Days to the next renewal at either moment; missing where it is not known.

    >>> renewal_words(239.0, 208.0, datetime(2025, 12, 1), datetime(2026, 1, 1))
    'The renewal on 28 July 2026 is 31 days nearer'
    >>> renewal_words(10.0, 344.0, datetime(2025, 12, 1), datetime(2026, 1, 1))
    'The renewal of 11 December 2025 has passed; the next is on 11 December 2026'
    >>> renewal_words(90.0, 208.0, datetime(2025, 12, 1), datetime(2026, 1, 1))
    'The renewal moved from 1 March 2026 to 28 July 2026'
    >>> renewal_words(None, 1.0, datetime(2025, 12, 1), datetime(2026, 1, 1))
    'The next renewal is on 2 January 2026; on 1 December 2025 it was not known'
    """
    was, value = (v if isinstance(v, float) else None for v in (known(before), known(now)))
    day, passed = print_date(then), (as_of - then).total_seconds() / 86_400
    last = shifted(then, was) if was is not None else None
    following = shifted(as_of, value) if value is not None else None
    if last is None and following is None:
        return "The renewal is not known"
    if following is None or value is None:
        return f"The renewal is not known; on {day} it was to be on {last}"
    if last is None or was is None:
        return f"The next renewal is on {following}; on {day} it was not known"
    if last != following:
        gone = f"The renewal of {last} has passed; the next is on {following}"
        return gone if was <= passed else f"The renewal moved from {last} to {following}"
    if passed == 0:
        return f"The renewal is on {following}, as before"
    nearer = f"{passed:.0f} day{'' if round(passed) == 1 else 's'} nearer"
    return f"The renewal on {following} is {nearer}"


def risk_words(before: float, after: float) -> str:
    """Two risks as people read them.

    >>> risk_words(0.41, 0.0834), risk_words(0.41, 0.4149)
    ('41% -> 8.3%', '41%, as before')
    """
    said = [f"{risk:.1%}" if risk < 0.0995 else f"{risk:.0%}" for risk in (before, after)]
    return f"{said[0]} -> {said[1]}" if said[0] != said[1] else f"{said[1]}, as before"
