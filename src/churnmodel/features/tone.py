"""Which features do texts give? (the tone of tickets, survey comments and notes, and what they speak of)

The same features are made of each table with texts, so they are made by a function; `TONE` is the list. What a
text says is in the rows as columns (`churnmodel.features.text_columns`).
"""

from __future__ import annotations

from typing import Any

from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.changes import MeanChange
from churnmodel.features.feature import Feature, Unit, Wording
from churnmodel.features.measures import Level, Mean, Share
from churnmodel.features.text_columns import TEXTS, read_of
from churnmodel.sources.schemas import NUMBER_SCALE

_SPOKEN_OF = (
    ("cancel", "cancelling", 90),
    ("competitor", "a competitor", 180),
    ("price", "the price", 180),
    ("outage", "an outage", 90),
    ("champion_left", "a champion leaving", 180),
)
"""Each intent, in words, and over how many days it counts: what is pressing passes sooner."""


def text_features(table: str, stem: str, noun: str) -> tuple[Feature, ...]:
    """The features of one table's texts, called by `stem` in names and by `noun` in sentences.

    >>> [f.name for f in text_features("notes", "note", "note")][:3]
    ['note_tone_mean_90d', 'note_tone_mean_180d', 'note_tone_change_90d']
    """
    return (*_tones(table, stem, noun), *(_spoken(table, stem, noun, *intent) for intent in _SPOKEN_OF))


def _tones(table: str, stem: str, noun: str) -> tuple[Feature, ...]:
    mean_90, mean_180, change, worst, coverage = (
        *(f"{stem}_tone_mean_90d", f"{stem}_tone_mean_180d", f"{stem}_tone_change_90d"),
        *(f"{stem}_tone_worst_180d", f"{stem}s_readable_180d"),
    )
    scale = "on a scale from -1 to 1"
    written = f"{noun}s {'opened' if table == 'tickets' else 'written'}"
    reads = (read_of(table),)
    tone = Cell("tone", lambda t: t.tone, reads)
    readable = Cell("readable", lambda t: t.tone.notnull(), reads)

    def rows(since: int, until: int = 0, where: Cell | None = readable) -> Aggregate:
        return Aggregate(table, "count", None, since, until, where)

    def mean(since: int, until: int = 0) -> Mean:
        return Mean(Aggregate(table, "sum", tone, since, until, readable), rows(since, until), NUMBER_SCALE)

    def feature(name: str, meaning: str, wording: Wording, measure: Any, **more: Any) -> Feature:
        unit: Unit = more.pop("unit", "score")
        more = {"raises_risk": "low"} | more
        return Feature(name, "sentiment", f"tone of {noun}s", meaning, unit, wording, measure, **more)

    nothing = f"No recent {noun} to judge the tone by"
    text = "a comment we can read" if table == "surveys" else "a text we can read"
    return (
        feature(
            mean_90,
            f"Mean tone (-1 to 1) of the {written} in [as_of - 90 days, as_of).",
            Wording(f"Tone of the {noun}s of the last 90 days: {{{mean_90}:score}} {scale}", unknown=nothing),
            mean(90),
        ),
        feature(
            mean_180,
            f"Mean tone (-1 to 1) of the {written} in [as_of - 180 days, as_of).",
            Wording(f"Tone of the {noun}s of the last 180 days: {{{mean_180}:score}} {scale}", unknown=nothing),
            mean(180),
        ),
        feature(
            change,
            f"Mean tone of the {noun}s of the last 90 days less the mean of the 90 before.",
            Wording(
                f"Tone of the {noun}s moved against the 90 days before",
                rise=f"Tone of the {noun}s better than in the 90 days before[: {{{mean_90}:score}} {scale}]",
                fall=f"Tone of the {noun}s worse than in the 90 days before[: {{{mean_90}:score}} {scale}]",
                zero=f"Tone of the {noun}s as in the 90 days before",
                unknown=f"Too few {noun}s to say how their tone moves",
            ),
            MeanChange(mean(90), mean(180, 90)),
        ),
        feature(
            worst,
            f"Tone (-1 to 1) of the most negative of the {written} in [as_of - 180 days, as_of).",
            Wording(
                f"Most negative {noun} of the last 180 days: {{{worst}:score}} {scale}",
                rise=f"Even the most negative {noun} of the last 180 days: {{{worst}:score}} {scale}",
                unknown=nothing,
            ),
            Level(Aggregate(table, "min", tone, 180, 0, readable), NUMBER_SCALE),
            raises_risk="either",
        ),
        feature(
            coverage,
            f"Share of the {_counted(table, noun)} in [as_of - 180 days, as_of) with a text that can be read.",
            Wording(
                f"{{{coverage}:share}} of the {_counted(table, noun)} of the last 180 days came with {text}",
                zero=f"None of the {_counted(table, noun)} of the last 180 days came with {text}",
                unknown=f"No {noun} lately",
            ),
            Share(rows(180), rows(180, where=_CAN_SPEAK.get(table))),
            unit="share",
            raises_risk="either",
            actionable=False,
        ),
    )


_CAN_SPEAK = {"surveys": Cell("answered", lambda t: t.answered_at.notnull(), ("answered_at",))}
"""The rows that could hold a text, where that is not all."""


def _counted(table: str, noun: str) -> str:
    return "answered surveys" if table == "surveys" else f"{noun}s"


def _spoken(table: str, stem: str, noun: str, intent: str, of: str, days: int) -> Feature:
    name = f"{stem}s_on_{'cancelling' if intent == 'cancel' else intent}_{days}d"
    written = "opened" if table == "tickets" else "written"
    says = Cell(f"speaks of {of}", lambda t: t[f"says_{intent}"], (TEXTS[table],))
    return Feature(
        name,
        "sentiment",
        f"talk of {of}",
        f"Number of {noun}s {written} in [as_of - {days} days, as_of) that speak of {of}.",
        "count",
        Wording(
            f"{{{name}:n {noun}}} of the last {days} days spoke of {of}",
            zero=f"No {noun} of the last {days} days spoke of {of}",
            unknown=f"What the {noun}s speak of is not known",
        ),
        Level(Aggregate(table, "count", None, days, 0, says)),
        absent=0.0,
        raises_risk="high",
    )


TONE: tuple[Feature, ...] = (
    *text_features("tickets", "ticket", "ticket"),
    *text_features("surveys", "comment", "survey comment"),
    *text_features("notes", "note", "note"),
)
"""Every feature made of texts."""
