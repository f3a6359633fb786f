from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import FeatureError
from churnmodel.explanation.templates import read_template
from churnmodel.explanation.wording import check_wording, quoted, sentence
from churnmodel.features.feature import Feature, Wording

AS_OF = pd.Timestamp("2026-01-01")
UNKNOWN = float("nan")

SEATS = Feature(
    "seats", "financial", "seats", "Seats.", "count",
    Wording("{seats:n seat}", unknown="seats are not known"), role="context",
)  # fmt: skip
BEFORE = replace(SEATS, name="users_before", wording=Wording("a", unknown="b"))
USERS = Feature(
    "users", "usage", "active users", "Distinct users.", "count",
    Wording(
        "[{users:n} of {seats:n seat}|{users:n user}] active since {as_of:before 28}[, {users_before:from n}]",
        unknown="active users are not known",
        zero="nobody active since {as_of:before 28}[, {users_before:from n user}]",
    ),
)  # fmt: skip
SEATS_CHANGE = Feature(
    "seats_change", "financial", "seats", "Change of seats.", "change",
    Wording(
        "seats unchanged",
        unknown="the change of seats is not known",
        rise="bought {seats_change:n seat}",
        fall="gave up {seats_change:size n seat}",
    ),
)  # fmt: skip
CHAMPION_LEFT = Feature(
    "champion_left", "relationship", "champion", "1 if the champion left.", "flag",
    Wording("the champion left", unknown="champions are not known", zero="the champion is still there"),
)  # fmt: skip
PLAN = Feature(
    "plan", "financial", "plan", "Plan.", "category",
    Wording("on the {plan:text} plan", unknown="the plan is not known"),
)  # fmt: skip

ALL = [USERS, SEATS, BEFORE, SEATS_CHANGE, CHAMPION_LEFT, PLAN]


def with_text(text: str, **others: str) -> Feature:
    return replace(USERS, wording=Wording(text, **({"unknown": "not known"} | others)))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"users": 8.0, "seats": 20.0, "users_before": 15.0},
         "8 of 20 seats active since 4 December 2025, down from 15"),
        ({"users": 1.0, "seats": UNKNOWN, "users_before": 0.0}, "1 user active since 4 December 2025, up from 0"),
        ({"users": 8.0, "seats": 20.0, "users_before": None}, "8 of 20 seats active since 4 December 2025"),
        ({"users": 8.0}, "8 users active since 4 December 2025"),
        ({"users": 0.0, "users_before": 4.0}, "Nobody active since 4 December 2025, down from 4 users"),
        ({"users": -0.0}, "Nobody active since 4 December 2025"),
        ({"users": UNKNOWN, "seats": 20.0, "users_before": 15.0}, "Active users are not known"),
        ({"users": float("inf")}, "Active users are not known"),
        ({"users": pd.NA}, "Active users are not known"),
        ({"users": "8"}, "Active users are not known"),
        ({}, "Active users are not known"),
    ],
)  # fmt: skip
def test_a_sentence_says_what_is_known_and_nothing_else(row: dict[str, object], words: str) -> None:
    assert sentence(USERS, row, AS_OF) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5.0, "Bought 5 seats"),
        (-1.0, "Gave up 1 seat"),
        (0.0, "Seats unchanged"),
        (UNKNOWN, "The change of seats is not known"),
    ],
)
def test_the_sign_picks_the_sentence(value: float, words: str) -> None:
    assert sentence(SEATS_CHANGE, {"seats_change": value}, AS_OF) == words


def test_rise_and_fall_fall_back_to_text() -> None:
    only_text = replace(SEATS_CHANGE, wording=Wording("seats: {seats_change:signed}", unknown="not known"))
    assert sentence(only_text, {"seats_change": -0.25}, AS_OF) == "Seats: -25%"
    assert sentence(only_text, {"seats_change": 0.0}, AS_OF) == "Seats: 0%"


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.0, "The champion left"), (True, "The champion left"), (0.0, "The champion is still there"),
     (False, "The champion is still there"), (None, "Champions are not known")],
)  # fmt: skip
def test_a_flag_says_both_its_states(value: object, words: str) -> None:
    assert sentence(CHAMPION_LEFT, {"champion_left": value}, AS_OF) == words


def test_a_value_missing_outside_every_clause_leaves_the_shortest_true_sentence() -> None:
    careless = with_text("{users:n user} of {seats:n}")
    assert sentence(careless, {"users": 8.0, "seats": UNKNOWN}, AS_OF) == "Active users: 8"
    ago = replace(careless, unit="days", wording=Wording("last seen on {users:ago}", unknown="never seen"))
    assert sentence(ago, {"users": 36_525_000.0}, AS_OF) == "Active users: about 100,000 years"
    # half a sentence is no sentence: what stands before a clause is not said without what stands after it
    halves = with_text("{users:n user}[, {users_before:from n},] of {seats:n seat}")
    assert sentence(halves, {"users": 8.0, "users_before": 9.0}, AS_OF) == "Active users: 8"
    empty = with_text("[{seats:n seat}]")
    assert sentence(empty, {"users": 8.0}, AS_OF) == "Active users: 8"


def test_an_amount_is_said_in_the_currency_given() -> None:
    overdue = replace(USERS, unit="money", wording=Wording("{users:money} overdue", unknown="not known"))
    assert sentence(overdue, {"users": 1250.0}, AS_OF, "EUR") == "€1,250 overdue"
    assert sentence(overdue, {"users": 1250.0}, AS_OF) == "1,250 overdue"


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ("pro", "On the pro plan"),
        ("{users:n}[0]", "On the {users:n}[0] plan"),
        ("{0.__class__}", "On the {0.__class__} plan"),
        ("a\nb\x00", "On the a b plan"),
        ("", "The plan is not known"),
        ("\u200b", "The plan is not known"),
        (3.0, "The plan is not known"),
        ("nan", "On the nan plan"),  # somebody may have called it so
    ],
)
def test_text_an_account_wrote_is_only_text(plan: object, words: str) -> None:
    assert sentence(PLAN, {"plan": plan, "users": 8.0}, AS_OF) == words


@given(
    st.fixed_dictionaries(
        {},
        optional={
            feature.name: st.one_of(st.none(), st.floats(), st.text(), st.sampled_from([pd.NA, pd.NaT, True]))
            for feature in ALL
        },
    )
)
def test_no_row_whatever_makes_a_sentence_break_or_speak_of_nan(row: dict[str, object]) -> None:
    for feature in ALL:
        words = sentence(feature, row, AS_OF, "EUR")
        assert words
        assert words.isprintable()
        assert not any(odd in words for odd in ("None", "<NA>", "inf ", "{", "  ")) or feature is PLAN
        assert "nan" not in words.lower() or feature is PLAN


def test_dates_are_english_in_any_type_of_moment() -> None:
    renewal = with_text("renews on {users:ahead}, seen from {as_of:date}")
    for moment in (AS_OF, AS_OF.to_pydatetime()):
        assert sentence(renewal, {"users": 60.0}, moment) == "Renews on 2 March 2026, seen from 1 January 2026"


def test_an_earlier_value_is_compared_with_the_feature_named_after_vs() -> None:
    change = replace(SEATS_CHANGE, wording=Wording("a[, {users_before:from n vs users}]", unknown="b"))
    assert sentence(change, {"seats_change": 99.0, "users": 8.0, "users_before": 15.0}, AS_OF) == "A, down from 15"


def test_quoted_names_every_feature_a_sentence_may_need() -> None:
    assert quoted(USERS) == ("users", "seats", "users_before")
    assert quoted(with_text("{users:n}[ {users_before:from n vs seats}]")) == ("users", "users_before", "seats")


def test_lawful_wordings_have_no_finding() -> None:
    assert check_wording(ALL) == []


@pytest.mark.parametrize(
    ("feature", "finding"),
    [
        (with_text("{user:n}"), "no feature is named 'user'"),
        (with_text("[{users_before:from n vs user}]"), "no feature is named 'user'"),
        (with_text("{users:n} of {seats:n}"), "put it in [...]"),
        (with_text("{users:share}"), "'share' does not fit users (count); fitting: n"),
        (with_text("{users:d}"), "wanted one of n"),
        (with_text("{users}"), "wanted one of n"),
        (with_text("{users.real:n}"), "is no field"),
        (with_text("{users!r:n}"), "is no field"),
        (with_text("{users:n"), "template '{users:n': "),
        (with_text("{users:n} [of [many]]"), "brackets do not match"),
        (with_text("{users:n} of many]"), "brackets do not match"),
        (with_text("since {as_of:n}"), "of as_of: wanted date"),
        (with_text("{users:n user} active."), "without period"),
        (with_text(""), "wanted a sentence"),
        (with_text("{users:size n user} lost"), "without its sign"),
        (with_text("a[ {seats_change:change}]"), "without its sign"),
        (with_text("a", unknown="no users in 28 days"), "wanted no field, clause or digit"),
        (with_text("a", unknown="{users:n} unknown"), "wanted no field, clause or digit"),
        (replace(CHAMPION_LEFT, wording=Wording("left", unknown="not known")), "needs its own sentence"),
        (replace(CHAMPION_LEFT, wording=Wording("left {champion_left:n}", "b", zero="c")), "say it in words"),
        (replace(PLAN, wording=Wording("on {plan:text}", unknown="b", zero="c")), "never 0"),
    ],
)
def test_an_unlawful_wording_is_found(feature: Feature, finding: str) -> None:
    others = [other for other in ALL if other.name != feature.name]
    found = check_wording([feature, *others])
    assert found
    assert all(line.startswith(feature.name + ".") for line in found)
    assert any(finding in line for line in found), found


def test_a_template_that_cannot_be_read_is_refused_when_it_is_said() -> None:
    with pytest.raises(FeatureError, match=r"template '\{users:d\}'"):
        sentence(with_text("{users:d}"), {"users": 8.0}, AS_OF)


def test_bracketed_and_plain_parts_keep_their_order() -> None:
    clauses = read_template("a[b]c[d|e]")
    assert [(clause.this, clause.that, clause.optional) for clause in clauses] == [
        (("a",), (), False), (("b",), (), True), (("c",), (), False), (("d",), ("e",), True),
    ]  # fmt: skip
