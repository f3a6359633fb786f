"""Does one sentence say truly what was and what is?"""

from __future__ import annotations

import re
from itertools import product

import pandas as pd
import pytest

from churnmodel.explanation.changed_words import OTHERWISE, before_and_now, is_telling, renewal_words
from churnmodel.features.catalog import CATALOG

from .conftest import OVERDUE, PLAN, PREVIOUS, RENEWAL, UNKNOWN, USERS, USERS_CHANGE

THEN, NOW = pd.Timestamp("2025-12-01"), pd.Timestamp("2026-01-01")
IN = "active in the last 28 days"
U, P, C, R = USERS.name, PREVIOUS.name, USERS_CHANGE.name, RENEWAL.name


@pytest.mark.parametrize(
    ("feature", "before", "now", "said"),
    [
        # the number as it was, and no comparison with a third moment
        (USERS, {U: 15.0}, {U: 8.0, P: 15.0}, "8 users active in the last 28 days, before 15"),
        (USERS, {U: 1.0}, {U: 8.0}, "8 users active in the last 28 days, before 1"),
        (USERS, {U: 8.0}, {U: 1.0}, "1 user active in the last 28 days, before 8"),
        (OVERDUE, {OVERDUE.name: 300.0}, {OVERDUE.name: 1250.0}, "€1,250 overdue, before €300"),
        # zero and unknown have sentences of their own
        (USERS, {U: 15.0}, {U: 0.0}, f"Nobody was {IN}; before: 15 users"),
        (USERS, {U: UNKNOWN}, {U: 8.0}, f"8 users {IN}; before: Active users are not known"),
        (USERS, {U: 8.0}, {U: UNKNOWN}, f"Active users are not known; before: 8 users {IN}"),
        (USERS, {U: UNKNOWN}, {U: UNKNOWN}, f"Active users are not known, as before: {OTHERWISE}"),
        (USERS, {}, {U: 8.0}, "8 users active in the last 28 days; the earlier table did not hold it"),
        # a value that stayed
        (USERS, {U: 8.0}, {U: 8.0}, f"8 users active in the last 28 days, as before: {OTHERWISE}"),
        (OVERDUE, {OVERDUE.name: 1250.2}, {OVERDUE.name: 1250.3}, "€1,250 overdue, about as before"),
        # movements, categories, dates
        (USERS_CHANGE, {C: 0.3}, {C: -0.47}, "Active users down 47%; before: Active users up 30%"),
        (USERS_CHANGE, {C: -0.1}, {C: -0.47}, "Active users down 47%, before 10%"),
        (PLAN, {"plan": "team"}, {"plan": "starter"}, "On the starter plan, before team"),
        (RENEWAL, {R: 61.0}, {R: 30.0}, "Renews on 31 January 2026, as before: it is nearer now"),
        (RENEWAL, {R: 10.0}, {R: 30.0}, "Renews on 31 January 2026; before: Renews on 11 December 2025"),
    ],
)  # fmt: skip
def test_a_sentence_says_what_is_and_what_was(feature, before, now, said) -> None:
    assert before_and_now(feature, before, now, THEN, NOW, "EUR") == said


@pytest.mark.parametrize("direction", ["raises", "lowers", None])
@pytest.mark.parametrize("feature", CATALOG, ids=lambda feature: feature.name)
def test_every_feature_says_what_was_and_what_is(feature, direction) -> None:
    values = ("team", "pro", None) if feature.is_category else (0.0, 1.0, 0.4, 3.0, -0.5, 250.0, UNKNOWN)
    if feature.unit == "flag":
        values = (0.0, 1.0, UNKNOWN)
    for was, now in product(values, values):
        said = before_and_now(feature, {feature.name: was}, {feature.name: now}, THEN, NOW, "EUR", direction)
        assert "before" in said and said == " ".join(said.split()) and said[0] == said[0].upper()
        assert not set("{}[]|") & set(said) and "nan" not in said.lower().split()
        told_apart = is_same(was, now) == said.endswith(OTHERWISE)
        assert told_apart, said


def is_same(was: object, now: object) -> bool:
    return was == now or (pd.isna(was) and pd.isna(now))


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (-0.1, -0.47, "Usage fell, more so than before"),
        (-0.47, -0.1, "Usage fell, less so than before"),
        (0.2, 0.3, "Usage rose, more so than before"),
        (0.2, -0.3, "Usage fell; before: Usage rose"),
    ],
)
def test_a_movement_that_is_told_without_its_number_says_whether_it_is_more_so(before, now, said) -> None:
    change = next(feature for feature in CATALOG if feature.name == "events_change_28d")
    assert before_and_now(change, {change.name: before}, {change.name: now}, THEN, NOW) == said


@pytest.mark.parametrize(
    ("feature", "was", "now", "direction", "telling"),
    [
        (USERS, 15.0, 8.0, "raises", True),
        (USERS, 15.0, 8.0, "lowers", False),
        (USERS, 8.0, 15.0, "raises", False),
        (USERS, 8.0, 8.0, "raises", False),
        (OVERDUE, 1250.2, 1250.3, "raises", False),
        (USERS_CHANGE, 0.1, 0.3, "raises", False),
        (USERS_CHANGE, -0.3, -0.1, "raises", False),
        (USERS, UNKNOWN, 8.0, "raises", True),
        (PLAN, "team", "starter", "raises", True),
    ],
)
def test_only_a_change_that_shows_and_fits_its_direction_is_telling(feature, was, now, direction, telling):
    row = {feature.name: was}, {feature.name: now}
    said = before_and_now(feature, *row, THEN, NOW, "EUR", direction)
    assert is_telling(feature, was, now, direction, said) is telling, said


def test_how_many_there_were_is_told_in_a_word_where_there_are_none_now_or_were_none():
    known = (0.0, 2.0, f"2 users {IN}; before: none"), (1.0, 0.0, f"Nobody was {IN}; before: 1 user")
    for was, now, said in known:
        assert before_and_now(USERS, {U: was}, {U: now}, THEN, NOW) == said


def test_where_a_sentence_does_not_say_how_many_none_is_not_said_either():
    for feature in CATALOG:
        said = before_and_now(feature, {feature.name: 0.0}, {feature.name: 2.0}, THEN, NOW)
        if said.endswith("; before: none"):
            assert re.search(r"\b2\b", said.removesuffix("none")), said
            assert not said.startswith("No "), said


def test_a_hostile_category_is_only_characters() -> None:
    said = before_and_now(PLAN, {"plan": "{x}\x1b[2J"}, {"plan": "[y|{z}]\n"}, THEN, NOW)
    assert said == "On the [y|{z}] plan, before {x} [2J"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (40.0, 9.0, "The renewal on 10 January 2026 is 31 days nearer"),
        (0.0, 334.0, "The renewal of 1 December 2025 has passed; the next is on 1 December 2026"),
        (31.0, 365.0, "The renewal of 1 January 2026 has passed; the next is on 1 January 2027"),
        (32.0, 400.0, "The renewal moved from 2 January 2026 to 5 February 2027"),
        (400.0, 30.0, "The renewal moved from 5 January 2027 to 31 January 2026"),
        (UNKNOWN, UNKNOWN, "The renewal is not known"),
        (5.0, UNKNOWN, "The renewal is not known; on 1 December 2025 it was to be on 6 December 2025"),
        (UNKNOWN, 5.0, "The next renewal is on 6 January 2026; on 1 December 2025 it was not known"),
    ],
)
def test_the_renewal_is_told_by_its_dates(before, now, said) -> None:
    assert renewal_words(before, now, THEN, NOW) == said


def test_one_day_is_singular_and_no_day_is_none() -> None:
    tomorrow = pd.Timestamp("2025-12-02")
    assert renewal_words(40.0, 39.0, THEN, tomorrow) == "The renewal on 10 January 2026 is 1 day nearer"
    assert renewal_words(40.0, 40.0, THEN, THEN) == "The renewal is on 10 January 2026, as before"
