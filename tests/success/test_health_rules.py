"""Does a rule mean what it reads, also where something is not known?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import SettingsError
from churnmodel.settings.conditions import AllOf, AnyOf, Compared, Known, Not, names_in, read_condition
from churnmodel.settings.health import DEFAULT_RULES, ExceptionRule
from churnmodel.success.health_rules import grounds, met, refuse_unknown_names, why
from churnmodel.workflow.health_asked import CATALOG, FACTS

NUMBERS = st.sampled_from([-1.0, 0.0, 0.5, 2.0])
LEAVES = st.one_of(
    st.builds(Compared, st.sampled_from("ab"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), NUMBERS),
    st.builds(Compared, st.just("plan"), st.sampled_from(["=", "!="]), st.sampled_from(["Pro", "it's", ""])),
    st.builds(Known, st.sampled_from(["a", "plan", "never"]), st.booleans()),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: AllOf(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"a": st.one_of(st.none(), NUMBERS), "b": st.one_of(st.none(), NUMBERS),
         "plan": st.one_of(st.none(), st.sampled_from(["pro", "it's", "free"]))}
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip


def written(condition) -> str:
    match condition:
        case Compared():
            value = condition.value
            return f"{condition.name} {condition.sign} " + (f'"{value}"' if isinstance(value, str) else f"{value}")
        case Known():
            return f"{condition.name} is {'known' if condition.known else 'unknown'}"
        case Not():
            return f"not ({written(condition.of)})"
        case AllOf() | AnyOf():
            word = " and " if isinstance(condition, AllOf) else " or "
            return word.join(f"({written(part)})" for part in condition.of)


def by_hand(condition, row) -> bool | None:
    """Kleene's logic, row by row: True, False, or None where it is not known."""
    match condition:
        case Known():
            return (row.get(condition.name) is not None) == condition.known
        case Compared():
            value, wanted = row.get(condition.name), condition.value
            if value is None:
                return None
            if isinstance(wanted, str):
                same = value.casefold() == wanted.casefold()
                return same if condition.sign == "=" else not same
            return {"=": value == wanted, "!=": value != wanted, "<": value < wanted, "<=": value <= wanted,
                    ">": value > wanted, ">=": value >= wanted}[condition.sign]  # fmt: skip
        case Not():
            inner = by_hand(condition.of, row)
            return None if inner is None else not inner
        case AllOf() | AnyOf():
            parts = [by_hand(part, row) for part in condition.of]
            decides = isinstance(condition, AnyOf)
            if decides in parts:
                return decides
            return None if None in parts else not decides


@given(CONDITIONS, ROWS)
def test_a_condition_is_met_where_three_valued_logic_says_so(condition, rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "plan"]).astype({"a": float, "b": float, "plan": object})
    assert met(condition, frame).tolist() == [by_hand(condition, row) is True for row in rows]


@given(CONDITIONS)
def test_what_is_written_is_what_is_read(condition):
    assert read_condition(written(condition)) == condition


@given(CONDITIONS, ROWS)
def test_a_rule_that_is_met_has_grounds_and_they_are_among_its_names(condition, rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "plan"]).astype({"a": float, "b": float, "plan": object})
    found = grounds(condition, frame)
    assert {name for name, _ in found} <= set(names_in(condition))
    because = np.logical_or.reduce([holds for _, holds in found])
    assert (because | ~met(condition, frame)).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "wanted the name of a feature or fact"),
        ("a >", "wanted a number or text in quotes after 'a >', got the end"),
        ("a > 'x'", "wanted a number (> compares numbers)"),
        ("a = 1 b", "wanted 'and', 'or' or the end after 'a = 1', got 'b'"),
        ("(a = 1", "wanted 'and', 'or' or ')'"),
        ("a is big", "wanted 'known' or 'unknown'"),
        ("a ~ 1", "wanted one of = != < <= > >= or 'is' after 'a', got '~'"),
        ("(" * 30 + "a = 1", "at most 20 brackets"),
        ("a = 1 or " * 100 + "a = 1", "at most 500 characters"),
        ("and = 1", "wanted the name of a feature or fact"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_place(text, says):
    with pytest.raises(ValueError) as refused:
        read_condition(text)
    assert says in str(refused.value)


def test_a_misspelt_name_is_told_with_the_nearest_known_one():
    rules = [ExceptionRule(name="late", when="overdue_oldest_day > 3")]
    with pytest.raises(SettingsError, match=r"rule 'late'.*'overdue_oldest_day'; is 'overdue_oldest_days' meant"):
        refuse_unknown_names(rules, {"overdue_oldest_days", "mrr"})


def test_a_number_is_not_compared_with_text():
    rows = pd.DataFrame({"mrr": [1.0], "plan": ["pro"]})
    for text in ("mrr = 'x'", "plan > 3", "plan = 3"):
        with pytest.raises(SettingsError, match=r"health\.exceptions"):
            met(read_condition(text), rows)


def test_the_page_tells_every_fact_and_every_supplied_rule():
    page = (Path(__file__).parents[2] / "docs" / "health.md").read_text(encoding="utf-8")
    assert all(f"| `{card.name}` |" in page for card in FACTS)
    assert all(rule.when in page and rule.never_better_than == "orange" for rule in DEFAULT_RULES)


def test_the_supplied_rules_ask_only_for_what_there_is_and_say_why():
    cards = {card.name: card for card in (*FACTS, *CATALOG)}
    refuse_unknown_names(DEFAULT_RULES, cards)
    unknown = {"champions_all_left": np.nan, "champions_now": np.nan}
    rows = pd.DataFrame(
        [
            {"champion_lost": 1.0, **unknown},
            {"champion_lost": 0.0, **unknown},
            {"champion_lost": 1.0, "champions_all_left": 0.0, "champions_now": 1.0},  # a successor is a user
            {"champion_lost": np.nan, "champions_all_left": 1.0, "champions_now": 0.0},
        ]
    )
    rule = DEFAULT_RULES[0]
    where = met(rule.condition, rows)
    said = why(rule, rows, where, cards, pd.Timestamp("2026-01-01").to_pydatetime())
    assert where.tolist() == [True, False, False, True]
    assert said[0] == "The champion left, and no successor is on record", "what is unknown is no reason"
    assert said[1].startswith("Every champion has left")


def test_that_something_is_not_known_is_told_where_it_is_the_only_reason():
    rule = ExceptionRule(name="never asked", when="nps_latest is unknown")
    rows = pd.DataFrame({"nps_latest": [np.nan]})
    said = why(rule, rows, met(rule.condition, rows), {}, pd.Timestamp("2026-01-01").to_pydatetime())
    assert said == ["nps_latest: not known"]
