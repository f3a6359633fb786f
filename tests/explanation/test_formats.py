from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import FeatureError
from churnmodel.explanation.formats import LONGEST_TEXT, clean, known, print_value, read_format

AS_OF = pd.Timestamp("2026-01-01")


def printed(spec: str, value: object, now: object = None, currency: str | None = None) -> str | None:
    return print_value(read_format(spec), known(value), known(now), AS_OF, currency)


@pytest.mark.parametrize(
    ("spec", "value", "words"),
    [
        ("n", 8.0, "8"),
        ("n", 0.0, "0"),
        ("n", -0.0, "0"),
        ("n", -3.0, "-3"),
        ("n", 1234.0, "1,234"),
        ("n", 12.5, "12.5"),
        ("n", 12.04, "12"),
        ("n", 0.034, "0.034"),
        ("n", -1e-9, "0"),
        ("n", 1e300, "1e+300"),
        ("n user", 1.0, "1 user"),
        ("n user", 0.0, "0 users"),
        ("n user", 8.0, "8 users"),
        ("n user", -1.0, "-1 user"),
        ("n open ticket", 2.0, "2 open tickets"),
        ("n reply", 2.0, "2 replies"),
        ("n day", 2.0, "2 days"),
        ("n SLA miss", 2.0, "2 SLA misses"),
        ("n person/people", 1.0, "1 person"),
        ("n person/people", 1200.0, "1,200 people"),
        ("size n seat", -5.0, "5 seats"),
        ("size n seat", -1.0, "1 seat"),
        ("share", 0.372, "37%"),
        ("share", 0.0, "0%"),
        ("share", 0.001, "under 1%"),
        ("share", 0.005, "1%"),
        ("share", 0.999, "over 99%"),
        ("share", 1.0, "100%"),
        ("share", 1.2, "120%"),
        ("share", -0.001, "0%"),
        ("share", -0.3, "-30%"),
        ("share", -0.05, "-5%"),
        ("change", -0.47, "47%"),
        ("change", 0.12, "12%"),
        ("change", 11.0, "1,100%"),
        ("signed", -0.47, "-47%"),
        ("signed", 0.12, "+12%"),
        ("signed", 0.0, "0%"),
        ("signed", 0.001, "+0.1%"),
        ("signed", -0.999, "-99%"),
        ("signed", -1.0, "-100%"),
        ("days", 1.0, "1 day"),
        ("days", 0.2, "less than a day"),
        ("days", 0.0, "0 days"),
        ("days", 45.0, "45 days"),
        ("days", 120.0, "120 days"),
        ("days", 152.0, "about 5 months"),
        ("days", 1400.0, "about 4 years"),
        ("days", -3.0, "-3 days"),
        ("months", 1.0, "1 month"),
        ("months", 18.0, "18 months"),
        ("score", 8.0, "8"),
        ("score", 7.46, "7.5"),
        ("score", -0.351, "-0.35"),
        ("score", -0.001, "0"),
        ("ago", 212.0, "3 June 2025"),
        ("ago", 0.4, "31 December 2025"),
        ("ahead", 30.0, "31 January 2026"),
        ("ahead", -1.0, "31 December 2025"),
        ("text", "Enterprise", "Enterprise"),
    ],
)  # fmt: skip
def test_a_value_is_printed_as_a_person_would(spec: str, value: object, words: str) -> None:
    assert printed(spec, value) == words


@pytest.mark.parametrize(
    ("value", "currency", "words"),
    [
        (1234.0, "EUR", "€1,234"),
        (1234.0, "USD", "$1,234"),
        (1234.0, "CHF", "CHF 1,234"),
        (1234.0, "€", "€1,234"),
        (1234.0, None, "1,234"),
        (9.5, "GBP", "£9.50"),
        (99.999, "EUR", "€100"),
        (0.0, "EUR", "€0"),
        (-120.0, "EUR", "-€120"),
        (-0.001, "EUR", "€0"),
        (1_234_567.89, "EUR", "€1,234,568"),
    ],
)
def test_money_is_printed_in_its_currency(value: float, currency: str | None, words: str) -> None:
    assert printed("money", value, currency=currency) == words


@pytest.mark.parametrize(
    ("spec", "before", "now", "words"),
    [
        ("from n", 15.0, 8.0, "down from 15"),
        ("from n", 3.0, 8.0, "up from 3"),
        ("from n", 8.0, 8.0, "also 8"),
        ("from n", 100.4, 100.1, "also 100"),  # not "down from 100" to 100
        ("from n user", 1.0, 8.0, "up from 1 user"),
        ("from share", 0.8, 0.5, "down from 80%"),
        ("from n", 8.0, None, None),
        ("from n", None, 8.0, None),
    ],
)
def test_an_earlier_value_is_compared_as_it_prints(
    spec: str, before: object, now: object, words: str | None
) -> None:
    assert printed(spec, before, now) == words


@pytest.mark.parametrize("spec", ["n", "share", "money", "days", "ago", "ahead", "signed", "from n", "size n day"])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "eight"])
def test_what_is_no_number_prints_nothing(spec: str, value: object) -> None:
    assert printed(spec, value, now=1.0) is None


@pytest.mark.parametrize("spec", ["ago", "ahead"])
def test_a_date_beyond_the_calendar_prints_nothing(spec: str) -> None:
    assert printed(spec, 1e9) is None
    assert printed(spec, -1e300) is None


@pytest.mark.parametrize(
    "spec",
    ["", ".2f", "users", "share user", "size signed", "from ago", "size", "n user vs seats vs", "from n vs 1a"],
)
def test_an_unknown_format_is_refused_unless_it_reads_as_a_noun(spec: str) -> None:
    if spec.startswith("n "):
        assert read_format(spec).noun == "user vs seats vs"
    else:
        with pytest.raises(FeatureError, match="wanted one of n, share"):
            read_format(spec)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["n user", "share", "change", "signed"]))
def test_no_number_prints_as_nan_or_minus_zero_or_an_essay(value: float, spec: str) -> None:
    words = printed(spec, value)
    assert words is not None
    assert "nan" not in words
    assert len(words) < 40
    assert words.split()[0] not in ("-0", "-0%", "+0%")


@given(st.text())
def test_text_from_outside_is_one_short_visible_line(text: str) -> None:
    got = clean(text)
    assert len(got) <= LONGEST_TEXT
    assert got.isprintable()
    assert got == " ".join(got.split())


def test_hostile_text_loses_its_tricks() -> None:
    assert clean("a\x1b[31m\x00\r\nb") == "a [31m b"
    assert clean("safe\u202egnp.exe\u2066") == "safegnp.exe"
    assert clean("x" * 1_000_000) == "x" * (LONGEST_TEXT - 1) + "…"
