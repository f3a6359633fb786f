"""Each measure's arithmetic on numbers given by hand; windows and cuts are in the tests of the families."""

from __future__ import annotations

import numpy as np
import pytest

from churnmodel.features.aggregate import Aggregate, Aggregates, Cell
from churnmodel.features.changes import Change, Difference, MeanChange, RelativeChange, Slope
from churnmodel.features.measures import Capped, Category, Discount, Level, Part, Share

NAN = float("nan")
A, B, C, D, E = (Aggregate("tickets", "count", since=days) for days in (1, 2, 3, 4, 5))


def made(exposure=NAN, **numbers):
    named = {"a": A, "b": B, "c": C, "d": D, "e": E}
    columns = {named[k]: np.atleast_1d(np.asarray(v, dtype="float64")) for k, v in numbers.items()}
    n = len(next(iter(columns.values())))
    return Aggregates(columns, {}, exposure=np.broadcast_to(np.asarray(exposure, dtype="float64"), n))


def test_a_level_is_divided_by_its_scale():
    assert Level(A, 100.0).value(made(a=[12345, 0])).tolist() == [123.45, 0.0]


def test_a_share_of_nothing_is_unknown_not_zero():
    shares = Share(A, B).value(made(a=[1, 0, 0], b=[4, 4, 0]))
    np.testing.assert_array_equal(shares, [0.25, 0.0, NAN])


def test_a_share_is_capped_after_it_is_scaled():
    assert Share(A, B, scale=10.0, most=2.0).value(made(a=[30, 10], b=[1, 1])).tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(10, 30, -20 / 60), (30, 10, 20 / 60), (0, 0, 0.0), (0, 80, -0.8), (1, 0, 1 / 21)],
)
def test_a_change_is_symmetric_bounded_and_padded(now, before, expected):
    assert Change(A, B, pad=20, lived=42).value(made(exposure=42, a=now, b=before)).item() == expected


def test_a_change_is_unknown_until_the_account_has_lived_through_the_window_before():
    change = Change(A, B, pad=1, lived=42).value(made(exposure=[41.99, 42.0, NAN], a=[1, 1, 1], b=[1, 1, 1]))
    np.testing.assert_array_equal(change, [NAN, 0.0, NAN])


def test_a_change_of_credits_stays_in_bounds():
    change = Change(A, B, pad=0, lived=0).value(made(exposure=1, a=[-5, 5, -5], b=[5, -5, -5]))
    assert change.tolist() == [-1.0, 1.0, 0.0]


def test_a_difference_is_scaled_and_waits_like_a_change():
    moved = Difference(A, B, scale=2.0, lived=10).value(made(exposure=[9, 10], a=[7, 7], b=[1, 1]))
    np.testing.assert_array_equal(moved, [NAN, 3.0])


def test_a_difference_is_never_under_its_least():
    left = Difference(A, B, scale=2.0, least=0.0).value(made(exposure=1, a=[3, 1], b=[1, 3]))
    assert left.tolist() == [1.0, 0.0]


def test_a_part_is_of_itself_and_the_rest_and_unknown_of_nothing():
    np.testing.assert_array_equal(Part(A, B).value(made(a=[1, 0, 0], b=[3, 4, 0])), [0.25, 0.0, NAN])


def test_a_discount_without_a_list_price_is_unknown():
    np.testing.assert_allclose(Discount(A, B).value(made(a=[80, 120, 0], b=[100, 100, 0])), [0.2, -0.2, NAN])


def test_a_change_of_means_wants_both():
    change = MeanChange(Share(A, B), Share(C, D))
    found = change.value(made(a=[8, 8, 0], b=[2, 2, 0], c=[9, 0, 9], d=[3, 0, 3]))
    np.testing.assert_array_equal(found, [1.0, NAN, NAN])


def test_a_relative_change_is_zero_only_where_both_means_are_known_to_be():
    change = RelativeChange(Share(A, B), Share(C, D))
    found = change.value(made(a=[3, 0, 0, 1], b=[1, 1, 0, 1], c=[1, 0, 0, 0], d=[1, 1, 1, 0]))
    np.testing.assert_array_equal(found, [0.5, 0.0, NAN, NAN])


def test_never_is_capped_or_the_age_of_the_account():
    days = Capped(Level(A), most=180.0).value(made(exposure=[500, 10, NAN, 500], a=[NAN, NAN, NAN, 200]))
    assert days.tolist() == [180.0, 10.0, 180.0, 180.0]


@pytest.mark.parametrize(
    ("days_ago", "values", "expected"),
    [
        ([30, 20, 10], [10, 12, 14], 5.6),
        ([30, 20, 10], [14, 12, 10], -5.6),
        ([9, 9, 9], [1, 2, 3], NAN),
        ([9, 1], [1, 2], NAN),
    ],
)
def test_a_slope_is_the_least_squares_trend_forward_in_time(days_ago, values, expected):
    x, y = np.array(days_ago), np.array(values)
    sums = made(a=len(x), b=x.sum(), c=y.sum(), d=(x * y).sum(), e=(x * x).sum())
    assert Slope(A, B, C, D, E, scale=1.0).value(sums).item() == pytest.approx(expected, nan_ok=True)


def test_a_slope_equals_numpys_fit():
    rng = np.random.default_rng(4)
    x, y = rng.integers(0, 90, 12), rng.integers(0, 100_000, 12)
    sums = made(a=len(x), b=x.sum(), c=y.sum(), d=(x * y).sum(), e=(x * x).sum())
    expected = -np.polyfit(x, y / 10_000, 1)[0] * 28
    assert Slope(A, B, C, D, E, scale=10_000).value(sums).item() == pytest.approx(expected, rel=1e-9)


def test_a_category_is_the_text_or_none():
    texts = Aggregates({}, {A: np.array(["pro", None], dtype="object")}, exposure=np.zeros(2))
    assert Category(A).value(texts).tolist() == ["pro", None]


def test_a_count_of_nothing_is_zero_and_an_extreme_of_nothing_unknown():
    assert [Aggregate("tickets", how).empty for how in ("count", "sum", "distinct")] == [0.0, 0.0, 0.0]
    assert all(np.isnan(Aggregate("tickets", how).empty) for how in ("min", "max"))


def test_two_cells_are_one_when_their_text_is():
    one, same, other = (
        Cell("seats", lambda t: t.seats),
        Cell("seats", lambda t: t.seats),
        Cell("mrr", lambda t: t.mrr),
    )
    assert Aggregate("subscriptions", "sum", one) == Aggregate("subscriptions", "sum", same)
    assert Aggregate("subscriptions", "sum", one) != Aggregate("subscriptions", "sum", other)


def test_no_two_cells_of_the_catalog_share_a_text_and_mean_different_code():
    from churnmodel.features.catalog import CATALOG

    code: dict[tuple[str, str], set[bytes]] = {}
    for feature in CATALOG:
        for aggregate in feature.measure.needs:
            for cell in (aggregate.of, aggregate.where):
                if cell is not None:
                    names = cell.of.__code__.co_names + tuple(map(str, cell.of.__code__.co_consts))
                    inner = [
                        c.cell_contents
                        for c in cell.of.__closure__ or ()
                        if isinstance(c.cell_contents, int | str)
                    ]
                    code.setdefault((aggregate.table, cell.text), set()).add(repr((names, inner)).encode())
    assert [key for key, bodies in code.items() if len(bodies) > 1] == []
