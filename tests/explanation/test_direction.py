from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from churnmodel.explanation.direction import Direction, contradicts
from churnmodel.explanation.wording import sentence
from churnmodel.features.feature import Feature, RaisesRisk, Wording

AS_OF = pd.Timestamp("2026-01-01")
UNKNOWN = float("nan")

USERS = Feature("users", "usage", "active users", "Distinct users.", "count", Wording("a", unknown="b"))
CHANGE = replace(USERS, name="users_change", unit="change")


def with_text(text: str, **others: str) -> Feature:
    return replace(USERS, wording=Wording(text, **({"unknown": "not known"} | others)))


@pytest.mark.parametrize(
    ("raises_risk", "direction", "rise_is_told", "fall_is_told"),
    [
        ("low", "raises", False, True),
        ("low", "lowers", True, False),
        ("high", "raises", True, False),
        ("high", "lowers", False, True),
        ("either", "raises", True, True),
        ("either", "lowers", True, True),
        ("low", None, True, True),
        ("high", None, True, True),
    ],
)
def test_a_comparison_that_contradicts_the_direction_is_left_out(
    raises_risk: RaisesRisk, direction: Direction | None, rise_is_told: bool, fall_is_told: bool
) -> None:
    text = "{users:n user}[, {users_before:from n} before][ of {seats:n}]"
    feature = replace(with_text(text), raises_risk=raises_risk)

    def told(before: float) -> str:
        return sentence(feature, {"users": 8.0, "users_before": before, "seats": 20.0}, AS_OF, None, direction)

    assert told(7.0) == ("8 users, up from 7 before of 20" if rise_is_told else "8 users of 20")
    assert told(15.0) == ("8 users, down from 15 before of 20" if fall_is_told else "8 users of 20")
    assert told(8.0) == "8 users, also 8 before of 20"
    assert told(UNKNOWN) == "8 users of 20"


@pytest.mark.parametrize("direction", ["raises", "lowers"])
def test_values_that_print_alike_contradict_no_direction(direction: Direction) -> None:
    score = replace(with_text("{users:score}[, {users_before:from score}]"), unit="score", raises_risk="low")
    for before in (7.51, 7.49):
        row = {"users": 7.5, "users_before": before}
        assert sentence(score, row, AS_OF, direction=direction) == "7.5, also 7.5"


def test_the_direction_holds_for_the_sentence_of_zero_too() -> None:
    bad = replace(with_text("{users:n}", zero="nobody[, {users_before:from n}]"), raises_risk="high")
    row = {"users": 0.0, "users_before": 4.0}
    assert sentence(bad, row, AS_OF, direction="raises") == "Nobody"
    assert sentence(bad, row, AS_OF, direction="lowers") == "Nobody, down from 4"


def test_a_clause_goes_whole_where_its_comparison_contradicts() -> None:
    # what stands after | speaks of an unknown value, and nothing is unknown here
    text = "{users:n user}[, {users_before:from n} before|, not measured before]"
    low = replace(with_text(text), raises_risk="low")
    assert sentence(low, {"users": 8.0, "users_before": 7.0}, AS_OF, direction="raises") == "8 users"
    assert sentence(low, {"users": 8.0}, AS_OF, direction="raises") == "8 users, not measured before"
    second = replace(with_text("{users:n user}[ of {seats:n}|, {users_before:from n}]"), raises_risk="low")
    assert sentence(second, {"users": 8.0, "users_before": 7.0}, AS_OF, direction="raises") == "8 users"
    assert (
        sentence(second, {"users": 8.0, "users_before": 9.0}, AS_OF, direction="raises") == "8 users, down from 9"
    )
    two = replace(with_text("{users:n user}[, {users_before:from n}, {seats:from n}]"), raises_risk="low")
    row = {"users": 8.0, "users_before": 9.0, "seats": 7.0}
    assert sentence(two, row, AS_OF, direction="raises") == "8 users"


def test_only_a_comparison_is_left_out_not_words_that_look_like_one() -> None:
    low = replace(with_text("up from {users:n}[, up from {seats:n} seats]"), raises_risk="low")
    words = sentence(low, {"users": 8.0, "seats": 2.0}, AS_OF, direction="raises")
    assert words == "Up from 8, up from 2 seats"


def test_a_sentence_that_was_only_a_contradiction_leaves_the_shortest_true_one() -> None:
    low = replace(with_text("[{users_before:from n}]"), raises_risk="low")
    row = {"users": 8.0, "users_before": 7.0}
    assert sentence(low, row, AS_OF) == "Up from 7"
    assert sentence(low, row, AS_OF, direction="raises") == "Active users: 8"


@pytest.mark.parametrize(
    ("raises_risk", "direction", "value", "against"),
    [
        ("low", "raises", 0.3, True), ("low", "raises", -0.3, False),
        ("low", "lowers", 0.3, False), ("low", "lowers", -0.3, True),
        ("high", "raises", 0.3, False), ("high", "raises", -0.3, True),
        ("high", "lowers", 0.3, True), ("high", "lowers", -0.3, False),
        ("either", "raises", 0.3, False), ("either", "lowers", -0.3, False),
        ("low", "raises", 0.0, False), ("low", "lowers", -0.0, False),
        ("low", "raises", None, False), ("low", "raises", "up", False),
    ],
)  # fmt: skip
def test_which_movement_contradicts_follows_from_raises_risk(
    raises_risk: RaisesRisk, direction: Direction, value: float | str | None, against: bool
) -> None:
    assert contradicts(replace(CHANGE, raises_risk=raises_risk), value, direction) is against


def test_a_difference_in_another_unit_is_a_movement_and_a_level_is_none() -> None:
    low = replace(USERS, raises_risk="low")
    difference = replace(low, wording=Wording("moved", unknown="b", rise="won", fall="lost"))
    one_sided = replace(low, wording=Wording("level", unknown="b", fall="under zero"))
    assert contradicts(difference, 5.0, "raises")
    assert contradicts(replace(low, unit="slope"), 5.0, "raises")
    assert not contradicts(low, 5.0, "raises")
    assert not contradicts(one_sided, -5.0, "lowers")
