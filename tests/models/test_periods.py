"""Does each period know which renewals lie in it, and does the headline look as far as the next one?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import BundleError
from churnmodel.models.periods import (
    EDGES,
    Stretch,
    bounds,
    edges_with,
    headline_days,
    outcomes_by_period,
    period_of,
    renewals,
    term_months,
)

NAN = np.nan
NOWHERE = [0.0] * 5
# periods: (0, 30], (30, 60], (60, 90], (90, 180], (180, 365]
ON_PAPER = {
    # (days_to_renewal, term_months, billing_period), where a long and where a short term ends, how far in
    "annual": ((45, 12, None), [0, 1, 0, 0, 0], NOWHERE, [NAN, 15 / 30, NAN, NAN, NAN]),
    "on a period's last day": ((60, 12, None), [0, 1, 0, 0, 0], NOWHERE, [NAN, 1.0, NAN, NAN, NAN]),
    "today": ((0, 12, None), [1, 0, 0, 0, 0], NOWHERE, [0.5 / 30, NAN, NAN, NAN, NAN]),
    "overdue": ((-3, 24, None), [1, 0, 0, 0, 0], NOWHERE, [0.5 / 30, NAN, NAN, NAN, NAN]),
    "monthly": (
        (10, 1, None),
        NOWHERE,
        [1, 1, 1, 1, 1],
        [10 / 30, 10.4375 / 30, 10.875 / 30, 11.3125 / 90, 12.625 / 185],
    ),
    "quarterly": ((20, 3, None), NOWHERE, [1, 0, 0, 1, 1], [20 / 30, NAN, NAN, 21.3125 / 90, 22.625 / 185]),
    "half a year": ((100, 6, None), [0, 0, 0, 1, 1], NOWHERE, [NAN, NAN, NAN, 10 / 90, 102.625 / 185]),
    "three years": ((700, 36, None), NOWHERE, NOWHERE, [NAN] * 5),
    "three years, soon over": ((80, 36, None), [0, 0, 1, 0, 0], NOWHERE, [NAN, NAN, 20 / 30, NAN, NAN]),
    "term not known": ((200, NAN, None), [0, 0, 0, 0, 1], NOWHERE, [NAN, NAN, NAN, NAN, 20 / 185]),
    "as it is billed": ((80, NAN, "Quarterly"), NOWHERE, [0, 0, 1, 1, 1], [NAN, NAN, 20 / 30, 81.3125 / 90, None]),
    "renewal not known": ((NAN, 12, "annual"), NOWHERE, NOWHERE, [NAN] * 5),
}


def accounts(*rows: tuple[float, float, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["days_to_renewal", "term_months", "billing_period"])


BOOK = accounts(*(row for row, *_ in ON_PAPER.values()))


@pytest.mark.parametrize("name", ON_PAPER)
def test_renewals_on_paper(name: str) -> None:
    row, long, short, place = ON_PAPER[name]
    found = renewals(accounts(row), EDGES)
    assert found.long[0].tolist() == long
    assert found.short[0].tolist() == short
    for where, paper in zip(found.place[0], place, strict=True):
        assert paper is None or where == pytest.approx(paper, nan_ok=True)
    assert found.known.tolist() == [not np.isnan(row[0])]


def test_a_lead_brings_every_renewal_nearer_and_those_within_it_into_the_first_period() -> None:
    later = BOOK.assign(days_to_renewal=BOOK["days_to_renewal"] + 14)
    here, there = renewals(BOOK, EDGES), renewals(later, EDGES, lead_days=14)
    soon = (BOOK["days_to_renewal"] < 1).to_numpy()  # half a day is the nearest there is
    for part in ("long", "short", "place"):
        assert np.array_equal(getattr(here, part)[~soon], getattr(there, part)[~soon], equal_nan=True)
    assert renewals(accounts((10.0, 12.0, None)), EDGES, lead_days=14).long[0].tolist() == [1, 0, 0, 0, 0]


def test_without_a_column_that_says_so_nobody_renews() -> None:
    found = renewals(BOOK.drop(columns="days_to_renewal"), EDGES)
    assert not found.known.any()
    assert not found.long.any() and not found.short.any() and np.isnan(found.place).all()


@given(
    st.floats(-400, 1500),
    st.sampled_from([NAN, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0]),
    st.sampled_from([EDGES, (7,), (10, 365), edges_with(45)]),
)
def test_a_renewal_is_long_or_short_and_lies_where_its_place_says(
    days: float, months: float, edges: tuple[int, ...]
) -> None:
    found = renewals(accounts((days, months, None)), edges)
    here = ~np.isnan(found.place[0])
    assert ((found.long + found.short)[0] == here).all()
    assert (found.place[0][here] > 0).all() and (found.place[0][here] <= 1).all()
    assert not (found.long.any() and found.short.any())
    first = period_of(np.array([max(days, 0.5)]), edges)[0]
    assert here[first] == (days <= edges[-1]) and not here[:first].any(), "the next renewal is the first"


def test_a_term_is_as_long_as_told_and_else_as_it_is_billed() -> None:
    X = accounts((1.0, 24.0, "monthly"), (1.0, NAN, "Annual"), (1.0, NAN, "weekly"), (1.0, NAN, None))
    assert term_months(X).tolist() == pytest.approx([24, 12, NAN, NAN], nan_ok=True)
    assert np.isnan(term_months(X[["days_to_renewal"]])).all()


def test_the_headline_looks_to_the_next_renewal_and_90_days_where_there_is_none_to_speak_of() -> None:
    asked = dict(zip(ON_PAPER, headline_days(BOOK, EDGES).tolist(), strict=True))
    assert asked == {
        "annual": 45,
        "on a period's last day": 60,
        "today": 1,
        "overdue": 1,
        "monthly": 90,
        "quarterly": 90,
        "half a year": 100,
        "three years": 365,
        "three years, soon over": 80,
        "term not known": 200,
        "as it is billed": 90,
        "renewal not known": 90,
    }
    assert headline_days(BOOK, EDGES, lead_days=14)[0] == 31
    assert headline_days(BOOK, (30, 60)).max() == 60
    assert set(headline_days(BOOK[["term_months"]], EDGES)) == {90.0}


def test_a_day_lies_in_the_period_that_ends_on_it_or_after() -> None:
    days = np.array([0.5, 30.0, 30.5, 90.0, 180.0, 181.0, 365.0, 400.0])
    assert period_of(days, EDGES).tolist() == [0, 0, 1, 2, 3, 4, 4, 4]


def test_a_horizon_of_ones_own_is_an_edge_and_comes_once() -> None:
    assert edges_with(400)[-1] == 400
    assert edges_with(90) == EDGES
    assert bounds(edges_with(10))[:2] == [(0, 10), (10, 30)]


def test_outcomes_by_period_tell_each_leaving_once_and_nothing_after_it() -> None:
    within = np.array(
        [
            [0, 0, 0, 0, 0],
            [0, 1, 1, 1, 1],
            [1, 1, 1, 1, 1],
            [0, 0, NAN, NAN, NAN],
            [0, 1, 1, NAN, NAN],
            [NAN] * 5,
        ],
        dtype=float,
    )
    told = [
        [0, 0, 0, 0, 0],
        [0, 1, NAN, NAN, NAN],
        [1, NAN, NAN, NAN, NAN],
        [0, 0, NAN, NAN, NAN],
        [0, 1, NAN, NAN, NAN],
        [NAN] * 5,
    ]
    assert np.array_equal(outcomes_by_period(within), np.array(told), equal_nan=True)


@given(st.integers(1, 8), st.integers(0, 8), st.integers(0, 8))
def test_outcomes_by_period_give_back_what_happened_within_each_edge(k: int, left_in: int, known: int) -> None:
    within = np.array([[float(j >= left_in) if j < known else NAN for j in range(k)]])
    found = outcomes_by_period(within)[0]
    stays = np.cumprod(1 - found[~np.isnan(found)])
    assert (1 - stays).tolist() == within[0, : len(stays)].tolist()
    assert np.nansum(found) == float(left_in < min(known, k))


def test_a_stretch_knows_the_renewals_of_its_own_periods() -> None:
    whole, far = renewals(BOOK, EDGES), Stretch(EDGES, 3, 2).renewals(BOOK)
    assert np.array_equal(far.long, whole.long[:, 3:])
    assert np.array_equal(far.place, whole.place[:, 3:], equal_nan=True)


def test_the_columns_of_a_stretch_are_marks_then_renewals_and_marks_alone_where_none_is_known() -> None:
    stretch = Stretch(EDGES, 0, 3)
    columns = stretch.columns(BOOK)
    assert columns.shape == (len(BOOK), 3, 2 + 3 + 1 + 1)
    annual = columns[list(ON_PAPER).index("annual")]
    assert annual.tolist() == [
        [0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 1, 0, 0, 0],  # 15 of 30 days into the period: its middle
        [0, 1, 0, 0, 0, 0, 0],
    ]
    monthly = columns[list(ON_PAPER).index("monthly")]
    assert monthly[:, 5].tolist() == [1, 1, 1]
    unknown = stretch.columns(BOOK.assign(days_to_renewal=NAN))
    assert unknown.shape == (len(BOOK), 3, 2)


def test_a_stretch_survives_json_and_a_damaged_one_is_refused() -> None:
    stretch = Stretch(EDGES, 3, 2, lead_days=14)
    good = stretch.to_json()
    assert Stretch.from_json(good) == stretch
    for wrong in (
        {"edges": [30, 30, 60, 90, 180]},
        {"edges": [0, 30, 60, 90, 180]},
        {"edges": [30.0, 60, 90, 180, 365]},
        {"edges": [True, 60, 90, 180, 365]},
        {"edges": None},
        {"edges": []},
        {"first": 4},
        {"first": -1},
        {"count": 0},
        {"count": "2"},
        {"lead_days": -1},
        {"lead_days": None},
    ):
        with pytest.raises(BundleError, match="its periods are damaged"):
            Stretch.from_json(good | wrong)
