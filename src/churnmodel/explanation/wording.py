"""What does a feature's value say to a customer success manager?

`sentence(feature, row, as_of)` picks one of the feature's `Wording` templates by the value and fills it:

=========  =======================================================================================
`unknown`  the value is missing (NaN, None, infinite, or not in the row)
`zero`     the value is exactly 0 and the template exists
`rise`     the value is above 0 and the template exists
`fall`     the value is below 0 and the template exists
`text`     everything else, and every category
=========  =======================================================================================

**The template grammar.** Plain text with *fields* and *clauses*::

    {active_users_28d:n user} active in 28 days[, {active_users_previous_28d:from n} in the 28 before]
    -> 8 users active in 28 days, down from 15 in the 28 before

A **field** is ``{name:format}``. `name` is a feature of the same row (input or context), or ``as_of``.

==============================  =====================================================================
format                          prints
==============================  =====================================================================
``n``                           ``8``, ``1,234``, ``12.5``, ``-3``, ``0.034``: no ``.0``, thousands marked
``n user``                      ``0 users``, ``1 user``, ``8 users``; the last word takes the plural
                                (``n open ticket`` -> ``2 open tickets``; -y and -s, -x, -ch are known)
``n person/people``             any other plural, written out; no noun may hold ``{ } [ ] : | !``
``share``                       0.372 -> ``37%``; no false ``0%`` or ``100%``: ``under 1%``, ``over 99%``
``change``                      a relative change without its sign, -0.47 -> ``47%``: the words say which way
                                (``rise="... up {x:change}"``, ``fall="... down {x:change}"``)
``signed``                      a relative change with its sign: ``-47%``, ``+12%``, ``0%``
``money``                       ``€1,234``, ``CHF 1,234``, ``€9.50``, ``-€120``; without a currency ``1,234``
``days``                        ``1 day``, ``45 days``; above 120 ``about 5 months``, from 3 years
                                ``about 4 years``. (``n day`` prints days whatever their number)
``months``                      ``1 month``, ``18 months``
``score``                       one decimal at most, two below 1: ``8``, ``7.5``, ``-0.35``
``ago``                         days before as_of -> the date, ``3 June 2026`` (write the "on" or "since").
                                The value is ``as_of - moment`` in days with its fraction, or a difference
                                of dates
``ahead``                       days after as_of -> the date, ``31 January 2027``
``text``                        a category, cleaned of control characters and cut at 60 characters
``{as_of:date}``                as_of itself, ``1 January 2026``
``{as_of:before 28}``           28 days before it, ``4 December 2025``
``{as_of:after 180}``           180 days after it
==============================  =====================================================================

Two words may stand before any of ``n``, ``n noun``, ``share``, ``money``, ``days``, ``months``, ``score``:

``size FORMAT``
    without the sign: ``fall="Lost {seats_change_90d:size n seat} in 90 days"``.
``from FORMAT`` and ``from FORMAT vs OTHER``
    ``up from 3``, ``down from 15``, or ``also 8`` where both would print alike. Said of an *earlier* value;
    compares the feature this wording belongs to (or OTHER) with it.

**Direction.** Told as a reason that ``"raises"`` or ``"lowers"`` the risk, a sentence leaves out every clause
whose ``from`` moves against it by the wording's own `raises_risk` - under ``"low"``, ``up from`` when it raises
and ``down from`` when it lowers; under ``"high"`` the reverse; under ``"either"`` none. A low level may be rising
and still be a reason to worry, but "up from 7" reads as good news. ``also 8`` goes with both, and without a
direction everything is said. The clause goes whole, its ``|that]`` too: give a comparison a clause of its own.

``No NPS answer since {x:ago}`` tells a long silence. Under `LONG_AGO` days, or told as a reason that ``"lowers"``
the risk, a template of just that form reads ``Last NPS answer on {x:ago}``.

A **clause** is ``[...]``, said only when every value in it is known; ``[this|that]`` says `that` instead of
an unknown `this` (and nothing where `that` is unknown too). Clauses do not nest. *A field of any other
feature than the wording's own stands inside a clause*, since it may be unknown in some row; `check_wording`
holds that. If a value is missing nevertheless, the shortest true sentence stands in: ``Active users: 8``.

The rest of the law, held by `check_wording`: `unknown` has no field, no clause and no digit; a flag has a
`zero` and quotes itself nowhere; formats fit units; no template ends with a period (sentences are listed). A
capital letter is set in front by `sentence`, so a template may begin with a field or in lower case.

Text that came from an account (categories) is put in after the template is read, so braces and brackets in it
are only characters. It is not escaped for HTML: pages do that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from churnmodel.errors import FeatureError
from churnmodel.explanation.direction import Direction, contrary
from churnmodel.explanation.formats import Format, Value, known, print_value
from churnmodel.explanation.templates import AS_OF, Field, fill, read_template
from churnmodel.features.feature import Feature, Unit

_FITS: dict[Unit, tuple[str, ...]] = {
    "count": ("n",),
    "share": ("share",),
    "days": ("days", "n", "ago", "ahead"),
    "months": ("months", "n"),
    "money": ("money",),
    "score": ("score", "n"),
    "change": ("change", "signed", "n", "money", "score", "days"),
    "slope": ("n", "change", "signed", "money", "score", "days"),
    "category": ("text",),
    "flag": (),
    "number": ("n",),
}
LONG_AGO = 90
_NONE_SINCE = re.compile(r"^No ([^\[\]{}]+) since (\{\w+:ago\})$")
_SIGNLESS = "prints {name} without its sign; use 'signed', or have both rise and fall say which way"


def sentence(
    feature: Feature,
    row: Mapping[str, object],
    as_of: datetime,
    currency: str | None = None,
    direction: Direction | None = None,
) -> str:
    """What the feature's value says: one sentence, a capital letter first, no period.

    Parameters
    ----------
    row
        Feature name to value (float, str, None or NaN): the feature's own and those it quotes. A name that is
        not there is unknown.
    currency
        ISO code (``"EUR"``) or sign in front of amounts; None for bare numbers.
    direction
        Of the reason the sentence is told for; None tells every comparison.

    >>> from churnmodel.features.feature import Wording
    >>> users = Feature("users", "usage", "active users", "Distinct users.", "count",
    ...     Wording("{users:n user} active[ of {seats:n seat}][, {users_before:from n} in the 28 before]",
    ...             unknown="active users are not known", zero="nobody was active"))
    >>> sentence(users, {"users": 8.0, "seats": 20.0, "users_before": 15.0}, datetime(2026, 1, 1))
    '8 users active of 20 seats, down from 15 in the 28 before'
    >>> sentence(users, {"users": 1.0, "users_before": float("nan")}, datetime(2026, 1, 1))
    '1 user active'
    >>> sentence(users, {"users": None}, datetime(2026, 1, 1))
    'Active users are not known'
    """
    value = _value(feature, row)
    text = chosen(feature, value)
    if direction == "lowers" or (isinstance(value, float) and value < LONG_AGO):
        text = _NONE_SINCE.sub(r"Last \1 on \2", text)
    template = read_template(text)
    words = fill(template, feature.name, row, as_of, currency, contrary(feature, direction))
    words = " ".join((words or "").split())
    if not words:
        words = _plainly(feature, value, as_of, currency)
    return words[:1].upper() + words[1:]


def quoted(feature: Feature) -> tuple[str, ...]:
    """The features its sentences look at, itself first."""
    names = [feature.name]
    for _, text in _templates(feature):
        for clause in read_template(text):
            for field in clause.fields():
                names += [field.name] if field.name != AS_OF else []
                names += [field.form.other] if field.form.other else []
    return tuple(dict.fromkeys(names))


def check_wording(features: Sequence[Feature]) -> list[str]:
    """What breaks the law of the template grammar, one line each; empty where all is well.

    Parameters
    ----------
    features
        All that may be quoted: inputs and context together.
    """
    by_name = {feature.name: feature for feature in features}
    return [
        f"{feature.name}.{part}: {problem}"
        for feature in features
        for part, problem in _problems(feature, by_name)
    ]


def _value(feature: Feature, row: Mapping[str, object]) -> Value:
    value = known(row.get(feature.name))
    return value if isinstance(value, str) == feature.is_category else None


def chosen(feature: Feature, value: Value) -> str:
    """The template that is said at this value."""
    wording = feature.wording
    if value is None:
        return wording.unknown
    if isinstance(value, str):
        return wording.text
    narrower = wording.zero if value == 0 else wording.rise if value > 0 else wording.fall
    return wording.text if narrower is None else narrower


def _plainly(feature: Feature, value: Value, as_of: datetime, currency: str | None) -> str:
    """The shortest true sentence, for a template that needed a value which is not there."""
    if feature.unit == "flag" and value is not None:
        words: str | None = "yes" if value else "no"
    else:
        kinds = {"change": "signed", "flag": "n"}
        kind = kinds.get(feature.unit) or _FITS[feature.unit][0]
        words = print_value(Format(kind), value, None, as_of, currency)  # type: ignore[arg-type]
    return f"{feature.concept}: {words or 'not known'}"


def _templates(feature: Feature) -> Iterator[tuple[str, str]]:
    for part in ("text", "unknown", "zero", "rise", "fall"):
        text = getattr(feature.wording, part)
        if text is not None:
            yield part, text


def _problems(feature: Feature, by_name: Mapping[str, Feature]) -> Iterator[tuple[str, str]]:
    wording = feature.wording
    if feature.unit == "flag" and wording.zero is None:
        yield "zero", "a flag that is off needs its own sentence; add zero"
    for part, text in _templates(feature):
        if feature.is_category and part in ("zero", "rise", "fall"):
            yield part, "a category is never 0, above or below it; remove it"
        if text.rstrip() != text or text.endswith(".") or not text.strip():
            yield part, "wanted a sentence without period or spaces at its end"
        try:
            template = read_template(text)
        except FeatureError as error:
            yield part, str(error)
            continue
        fields = [(field, clause.optional) for clause in template for field in clause.fields()]
        if part == "unknown":
            if fields or "[" in text or any(character.isdigit() for character in text):
                yield part, "wanted no field, clause or digit: what is unknown has no number"
            continue
        for field, optional in fields:
            if field.name != AS_OF:
                yield from ((part, problem) for problem in _misfits(feature, part, field, optional, by_name))


def _misfits(
    feature: Feature, part: str, field: Field, optional: bool, by_name: Mapping[str, Feature]
) -> Iterator[str]:
    for name in (field.name, field.form.other):
        if name and name not in by_name:
            yield f"no feature is named {name!r}; name one, or add it as context"
    if field.name != feature.name and not optional:
        yield f"{field.name} may be unknown where {feature.name} is not; put it in [...]"
    quoted_feature = by_name.get(field.name)
    if quoted_feature is None:
        return
    if field.form.kind not in _FITS[quoted_feature.unit]:
        fits = ", ".join(_FITS[quoted_feature.unit]) or "none: say it in words"
        yield f"format {field.form.kind!r} does not fit {field.name} ({quoted_feature.unit}); fitting: {fits}"
    if (field.form.kind == "change" or field.form.prefix == "size") and (
        field.name != feature.name or (part == "text" and None in (feature.wording.rise, feature.wording.fall))
    ):
        yield _SIGNLESS.format(name=field.name)
