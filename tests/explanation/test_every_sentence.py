"""Does every feature say something right, at every kind of value and told as either kind of reason?

All sentences of the catalog and of a declared gauge are read here, as a customer success manager would read them.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.explanation.direction import contradicts
from churnmodel.explanation.wording import check_wording, quoted, sentence
from churnmodel.features.active_users import FROM
from churnmodel.features.catalog import CATALOG, project_features
from churnmodel.features.feature import Feature
from churnmodel.settings import settings_from

AS_OF = pd.Timestamp("2026-01-01")
GAUGE = {
    "project": {"data_until": "2026-01-01"},
    "metrics": {"depth": {"label": "depth of use", "raises_risk": "low"}},
}
FEATURES = tuple(project_features(settings_from(GAUGE, base=Path())))
NAMES = [f.name for f in FEATURES]
VALUES: dict[str, tuple[object, ...]] = {
    "count": (0.0, 1.0, 2.0, 1234.0),
    "share": (0.0, 0.004, 0.37, 1.0),
    "days": (0.0, 0.3, 1.0, 45.0, 400.0, 1500.0),
    "months": (1.0, 12.0),
    "money": (0.0, 1.0, 9.5, 1234.0),
    "score": (0.0, 1.0, 0.35, 7.25),
    "number": (0.0, 1.0, 3.2),
    "change": (-0.47, 0.0, 0.3),
    "slope": (-0.2, 0.0, 0.2),
    "flag": (0.0, 1.0),
    "category": ("pro", "10 seats"),
}
DIRECTIONS = (None, "raises", "lowers")
# words that only a table can teach, and the tables that do
TAUGHT_BY = {
    r"\bNPS\b|survey": {"surveys"},
    r"\bticket|\bSLA\b|[Ss]upport (last )?rated": {"tickets"},
    r"\binvoice|(?<!goal )overdue|paid|payment": {"invoices"},
    r"\bincident": {"incidents"},
    r"\bnote(s)?\b": {"notes"},
    r"\bgoal": {"goals"},
    r"touchpoint|check-in|executive review|\btraining|kickoff|integration": {"touchpoints"},
    r"[Cc]hampion": {"users", "touchpoints", "tickets", "surveys", "notes"},
    r"\bevents?\b|[Uu]sage|product feature|In use": {"usage_events"},
    r"\bMRR\b|\bseats?\b|renew|discount|list price|[Cc]ontract": {"subscriptions"},
}


def tables_of(feature: Feature) -> set[str]:
    needs = feature.measure.needs if feature.measure else ()
    of_cells = {read.rpartition(".")[0] for a in needs for read in a.reads}
    return {FROM.get(a.table, a.table) for a in needs} | of_cells - {""}


def values_of(feature: Feature) -> tuple[object, ...]:
    if feature.unit in ("change", "slope", "flag", "category"):
        return VALUES[feature.unit]
    own = VALUES[feature.unit]
    moves = feature.wording.rise is not None and feature.wording.fall is not None
    return (*own, *(-value for value in own if value)) if moves else own  # type: ignore[operator]


def rows(feature: Feature) -> list[dict[str, object]]:
    """Its value beside others that are few, many or not known."""
    others = [f for f in FEATURES if f.name in quoted(feature) and f is not feature]
    found = []
    for value, turn in product((*values_of(feature), float("nan"), None), range(4)):
        row: dict[str, object] = {feature.name: value}
        for other in others:
            ladder = (*VALUES[other.unit], float("nan"))
            row[other.name] = ladder[min(turn, len(ladder) - 2)] if turn < 3 else float("nan")
        found.append(row)
    return found


def said(feature: Feature) -> list[tuple[dict[str, object], str | None, str]]:
    return [
        (row, direction, sentence(feature, row, AS_OF, "USD", direction))  # type: ignore[arg-type]
        for row in rows(feature)
        for direction in DIRECTIONS
    ]


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_a_sentence_is_a_sentence(feature):
    for row, _, words in said(feature):
        assert words[:1] == words[:1].upper() and words == words.strip(), row
        assert not words.endswith((".", ",", ":")), (row, words)
        assert not re.search(r"\bnan\b|\bNone\b(?! of)|\binf\b|[{}\[\]|]|  | ,|\(\)| :", words), (row, words)
        assert len(words) <= 140, words


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_one_is_singular_and_all_else_plural(feature):
    plural = r"\b1 (users|seats|events|days|months|years|tickets|invoices|touchpoints|goals|units|notes|surveys)\b"
    nouns = "user|seat|event|day|month|year|ticket|invoice|unit|note|survey"
    single = rf"(?<![.,\d])\b(?:[02-9]|\d{{2,}}|\d+\.\d+) ({nouns})\b(?! comment)"
    for row, _, words in said(feature):
        assert not re.search(plural, words), (row, words)
        assert not re.search(single + r"(?! half)", words), (row, words)


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_what_is_not_known_is_said_so_without_a_number(feature):
    for row, _, words in said(feature):
        if row[feature.name] is None or row[feature.name] != row[feature.name]:
            assert not re.search(r"\d", words), (row, words)
            assert words != sentence(feature, {feature.name: values_of(feature)[0]}, AS_OF)


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_a_known_value_is_told_with_what_it_is(feature):
    """Two values that differ widely read differently, and money, days and dates carry their unit."""
    told = {sentence(feature, {feature.name: value}, AS_OF, "USD") for value in values_of(feature)}
    assert len(told) >= 2
    for value in values_of(feature):
        words = sentence(feature, {feature.name: value}, AS_OF, "USD")
        if feature.unit == "money" and value:
            assert "$" in words, words
        if feature.unit == "days" and value:
            assert re.search(r"\bdays?\b|months?|years?| 20\d\d|today", words), words
        if feature.unit == "share" and value == 0.37 and feature.wording.rise is None:
            assert "37%" in words, words


@pytest.mark.parametrize("feature", [f for f in FEATURES if f.raises_risk != "either"], ids=lambda f: f.name)
def test_no_reason_tells_a_movement_against_its_direction(feature):
    """But a value that is a movement itself, which `drivers` tells by another feature where it can."""
    good, bad = ("up from", "down from") if feature.raises_risk == "low" else ("down from", "up from")
    for row, direction, words in said(feature):
        value = row[feature.name]
        if direction is None or (isinstance(value, float) and contradicts(feature, value, direction)):
            continue
        assert (good if direction == "raises" else bad) not in words, (row, direction, words)


@pytest.mark.parametrize("feature", CATALOG, ids=lambda f: f.name)
def test_nothing_is_said_of_a_table_the_feature_is_not_made_of(feature):
    """So a project without surveys never reads of NPS: what is quoted from other tables stands in a clause of its
    own, and is gone where they are."""
    alone = [
        sentence(feature, {feature.name: value}, AS_OF, "USD")
        for value in (*values_of(feature), float("nan"))
    ]
    for words, (pattern, tables) in product(alone, TAUGHT_BY.items()):
        assert not re.search(pattern, words) or tables & tables_of(feature), (words, pattern)


def test_the_grammar_holds_for_all():
    assert check_wording(FEATURES) == []


def test_no_two_features_of_one_concept_say_the_same_of_their_windows():
    """Else a list of details would repeat itself."""
    of: dict[tuple[str, str], list[str]] = {}
    for feature in FEATURES:
        value = values_of(feature)[-1] if feature.unit != "flag" else 1.0
        words = sentence(feature, {feature.name: value}, AS_OF, "USD")
        of.setdefault((feature.concept, words), []).append(feature.name)
    assert [names for names in of.values() if len(names) > 1] == []


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("survey_non_response_365d", {"surveys_sent_365d": 1.0},
         "Left unanswered: 100% of 1 survey sent in the last 12 months"),
        ("survey_non_response_365d", {}, "Left unanswered: 100% of the surveys sent in the last 12 months"),
        ("tickets_per_100_seats_90d", {"tickets_opened_90d": 10.0, "seats": 7.0},
         "10 tickets in the last 90 days, with 7 seats under contract"),
        ("tickets_per_100_seats_90d", {}, "1 ticket per 100 seats in the last 90 days"),
        ("events_slope_90d", {"events_28d": 33.0, "events_previous_28d": 40.0},
         "Usage rising over the last 90 days: 33 events in the last 28, down from 40 in the 28 before"),
        ("events_change_90d", {"events_90d": 33.0},
         "More usage in the last 90 days than in the 90 before: 33 events"),
        ("csat_change_180d", {"csat_mean_180d": 3.5},
         "Ratings of support up by 1 on the half year before, to 3.5 of 5"),
        ("tickets_change_28d", {"tickets_opened_28d": 7.0, "tickets_previous_28d": 3.0},
         "More tickets in the last 28 days than in the 28 before: 7, after 3"),
        ("silence_against_rhythm", {"silence_against_rhythm": 4.2, "last_use_days": 40.0},
         "Last used on 22 November 2025, 4.2 times as long ago as is usual between days of use"),
        ("touchpoint_pace_365d", {"touchpoint_pace_365d": 4.2},
         "4.2 times as long ago as is usual between touchpoints"),
        ("events_28d", {"events_28d": 0.0, "events_previous_28d": 0.0},
         "No usage in the last 28 days, also 0 in the 28 before"),
        ("events_28d", {"events_28d": 0.0, "events_previous_28d": 7.0},
         "No usage in the last 28 days, down from 7 in the 28 before"),
        ("mrr", {}, "Contract worth $1 MRR"),
    ],
)  # fmt: skip
def test_sentences_as_they_are_printed(name, row, words):
    feature = next(f for f in FEATURES if f.name == name)
    assert sentence(feature, {name: np.float64(1.0), **row}, AS_OF, "USD") == words


@pytest.mark.parametrize(
    ("name", "noun", "unknown"),
    [
        ("nps_days_since", "NPS answer", "Has never answered an NPS survey"),
        ("days_since_executive_review", "executive review", "No executive review on record"),
    ],
)
def test_a_long_silence_worries_by_its_none_since_and_a_recent_answer_comforts(name, noun, unknown):
    feature = next(f for f in FEATURES if f.name == name)
    row = {name: 511.0}
    for direction in (None, "raises"):
        assert sentence(feature, row, AS_OF, "USD", direction) == f"No {noun} since 8 August 2024"
    assert sentence(feature, row, AS_OF, "USD", "lowers") == f"Last {noun} on 8 August 2024"
    for days, recent in ((0.0, "1 January 2026"), (17.0, "15 December 2025")):
        said = {sentence(feature, {name: days}, AS_OF, "USD", direction) for direction in DIRECTIONS}
        assert said == {f"Last {noun} on {recent}"}
    assert {sentence(feature, {name: None}, AS_OF, "USD", d) for d in DIRECTIONS} == {unknown}


def test_usage_through_the_api_at_no_usage_and_at_nothing_known():
    feature = next(f for f in FEATURES if f.name == "api_share_28d")
    said = [sentence(feature, {feature.name: share}, AS_OF) for share in (0.73, 0.0, None)]
    assert said == [
        "73% of usage in the last 28 days came through the API",
        "No usage through the API in the last 28 days",
        "No recent usage to tell the share of the API from",
    ]
