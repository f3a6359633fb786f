"""Into which stretches of days is the time ahead cut, and where in them does each account renew?

A model says, for each *period* ``(edge before, edge]`` after ``as_of + lead``, how likely an account in service
at its start leaves in it. What tells one period of an account from another is the period itself and the renewal:
few leave in the middle of a long term, and most of those who leave do so at its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError

EDGES = (30, 60, 90, 180, 365)
"""Days at which the periods end."""
NEAR_UP_TO = 90
"""Periods up to here are learned apart from later ones: what moves the next quarter fades over a year."""
UNKNOWN_TERM_DAYS = 90
"""How far the headline looks where the renewal is unknown, or so frequent that the next one says little."""
SHORT_TERM_MONTHS = 3.0
"""Terms up to this long renew so often that a renewal is nothing special."""
DAYS_PER_MONTH = 365.25 / 12
AT_LONG_END, AT_SHORT_END = 2.0, 1.0
"""By how much the log-odds of leaving usually rise in a period in which a long, or a short, term ends. Few leave
in the middle of a contract: a model that has seen few ends starts from here and not from "no difference"."""

TO_RENEWAL, TERM, BILLING = "days_to_renewal", "term_months", "billing_period"
RENEWAL_FEATURES = (TO_RENEWAL, TERM, BILLING)
"""Features that say when an account renews; without the first, no period knows of renewals."""
_MONTHS_OF = {"monthly": 1.0, "quarterly": 3.0, "semiannual": 6.0, "annual": 12.0, "yearly": 12.0}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Renewals:
    """Where each account renews, period by period.

    Parameters
    ----------
    long, short
        (n, k) 1.0 where a long, or short, term of the account ends inside the period, else 0.0.
    place
        (n, k) How far into the period that is, above 0 up to 1; NaN where no term ends in it.
    known
        (n,) Whether the renewal is known at all.
    """

    long: Floats
    short: Floats
    place: Floats
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class Stretch:
    """Some periods, one after the other, of which a part of a model speaks.

    Parameters
    ----------
    edges
        Days at which *all* periods of the model end, ascending.
    first, count
        The first period of the stretch, and how many there are in it.
    lead_days
        From how many days after ``as_of`` on churn counts.
    """

    edges: tuple[int, ...]
    first: int
    count: int
    lead_days: int = 0

    @property
    def here(self) -> slice:
        """The periods of the stretch among all."""
        return slice(self.first, self.first + self.count)

    def to_json(self) -> dict[str, Any]:
        """The stretch as JSON types."""
        return {**self.__dict__, "edges": list(self.edges)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Stretch:
        """The stretch `to_json` wrote; BundleError where it is damaged."""
        edges = body.get("edges")
        numbers = [body.get(key) for key in ("first", "count", "lead_days")]
        if isinstance(edges, list) and all(type(v) is int for v in [*edges, *numbers]):
            first, count, lead_days = (int(v) for v in numbers if v is not None)
            rising = edges == sorted(set(edges)) and all(edge > 0 for edge in edges)
            if rising and count >= 1 and first >= 0 and first + count <= len(edges) and lead_days >= 0:
                return cls(tuple(edges), first, count, lead_days)
        raise BundleError("model file: its periods are damaged. Train the model again.")

    def renewals(self, X: pd.DataFrame) -> Renewals:
        """Where the accounts of X renew, in the periods of the stretch."""
        found = renewals(X, self.edges, self.lead_days)
        long, short, place = (part[:, self.here] for part in (found.long, found.short, found.place))
        return Renewals(long, short, place, found.known)

    def usual(self, X: pd.DataFrame) -> Floats:
        """(m,) What the coefficients of `columns` usually are, where nothing is known yet of this company."""
        return _usual(self.count, bool(self.renewals(X).known.any()))

    def columns(self, X: pd.DataFrame) -> Floats:
        """(n, k, m) What differs between the periods of a row, for an additive model.

        In order: a mark for each period but the first, one for a long term that ends in each, one for a short
        one, and where in the period a long one ends (-0.5 to 0.5). Only the marks where no renewal is known.
        """
        found, k = self.renewals(X), self.count
        marks, long = np.zeros((len(X), k, k - 1)), np.zeros((len(X), k, k))
        for j in range(k):
            if j:
                marks[:, j, j - 1] = 1.0
            long[:, j, j] = found.long[:, j]
        if not found.known.any():
            return marks
        place = np.where(found.long > 0, np.nan_to_num(found.place) - 0.5, 0.0)
        return np.concatenate([marks, long, found.short[:, :, np.newaxis], place[:, :, np.newaxis]], axis=2)


def _usual(k: int, known: bool) -> Floats:
    own = [0.0] * (k - 1)
    return np.array([*own, *[AT_LONG_END] * k, AT_SHORT_END, 0.0] if known else own)


def edges_with(horizon_days: int) -> tuple[int, ...]:
    """The edges, and a horizon of one's own among them.

    >>> edges_with(180), edges_with(45)
    ((30, 60, 90, 180, 365), (30, 45, 60, 90, 180, 365))
    """
    return tuple(sorted({*EDGES, horizon_days}))


def bounds(edges: tuple[int, ...]) -> list[tuple[int, int]]:
    """The periods as ``(edge before, edge]``.

    >>> bounds((30, 90))
    [(0, 30), (30, 90)]
    """
    return list(pairwise((0, *edges)))


def renewals(X: pd.DataFrame, edges: tuple[int, ...], lead_days: int = 0) -> Renewals:
    """Where the accounts of `X` renew; (n,) rows, one column per period.

    A term that ends is taken to be followed by terms of the same length. A renewal on ``as_of`` itself lies in
    the first period: the account is in service still.

    >>> X = pd.DataFrame({"days_to_renewal": [45.0, 20.0, np.nan], "term_months": [12.0, 1.0, 12.0]})
    >>> found = renewals(X, (30, 60, 90))
    >>> found.long.tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    >>> found.short.tolist()
    [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    >>> found.place[0, 1], found.known.tolist()
    (np.float64(0.5), [True, True, False])
    """
    shape = (len(X), len(edges))
    if TO_RENEWAL not in X:
        none = np.zeros(shape)
        return Renewals(none, none, np.full(shape, np.nan), np.zeros(len(X), dtype=bool))
    first = np.maximum(_numbers(X, TO_RENEWAL) - lead_days, 0.5)
    months = term_months(X)
    step = np.where(np.isnan(months), np.inf, np.maximum(months, 0.25) * DAYS_PER_MONTH)
    is_short = months <= SHORT_TERM_MONTHS
    long, short, place = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    for k, (start, end) in enumerate(bounds(edges)):
        with np.errstate(invalid="ignore"):
            ahead = np.where(first > start, 0.0, np.floor((start - first) / step) + 1.0)
            at = np.where(ahead > 0, first + ahead * step, first)
            inside = (at > start) & (at <= end)
        long[:, k] = inside & ~is_short
        short[:, k] = inside & is_short
        place[:, k] = np.where(inside, (at - start) / (end - start), np.nan)
    return Renewals(long, short, place, ~np.isnan(first))


def term_months(X: pd.DataFrame) -> Floats:
    """(n,) Length of the term in months: as told, else as the billing period suggests, else NaN."""
    months = _numbers(X, TERM) if TERM in X else np.full(len(X), np.nan)
    if BILLING not in X:
        return months
    billed = np.array([_MONTHS_OF.get(str(b).lower(), np.nan) for b in X[BILLING]], dtype=np.float64)
    return np.where(np.isnan(months), billed, months)


def headline_days(X: pd.DataFrame, edges: tuple[int, ...], lead_days: int = 0) -> Floats:
    """(n,) How many days ahead the headline risk of each account looks: to its next renewal.

    Accounts on short terms, and those whose renewal is unknown, are asked about the next 90 days (the first edge
    from there on). Nobody is asked about more than the last of `edges`; where there is only one, all are about it.

    >>> X = pd.DataFrame({"days_to_renewal": [45.0, 20.0, np.nan, 700.0], "term_months": [12.0, 1, 12, 36]})
    >>> headline_days(X, EDGES).tolist()
    [45.0, 90.0, 90.0, 365.0]
    """
    if len(edges) == 1:
        return np.full(len(X), float(edges[0]))
    unknown = next((edge for edge in edges if edge >= UNKNOWN_TERM_DAYS), edges[-1])
    to_renewal = _numbers(X, TO_RENEWAL) if TO_RENEWAL in X else np.full(len(X), np.nan)
    with np.errstate(invalid="ignore"):
        asked = np.isnan(to_renewal) | (term_months(X) <= SHORT_TERM_MONTHS)
    days = np.where(asked, float(unknown), np.maximum(to_renewal - lead_days, 1.0))
    return np.minimum(days, float(edges[-1]))


def period_of(days: Floats, edges: tuple[int, ...]) -> NDArray[np.int64]:
    """(n,) The period that holds the day, the last one for what lies beyond.

    >>> period_of(np.array([1.0, 30.0, 31.0, 999.0]), (30, 60)).tolist()
    [0, 0, 1, 1]
    """
    return np.minimum(np.searchsorted(np.array(edges, dtype=np.float64), days), len(edges) - 1).astype(np.int64)


def outcomes_by_period(within: Floats) -> Floats:
    """From "churned within each edge" (1, 0, NaN unknown) to "left in this period", in service at its start.

    1 where service ended in the period, 0 where it lasted through it, NaN where that is not known or the account
    had left before.

    >>> outcomes_by_period(np.array([[0.0, 1.0, 1.0], [0.0, 0.0, np.nan]])).tolist()
    [[0.0, 1.0, nan], [0.0, 0.0, nan]]
    """
    before = np.concatenate([np.zeros((len(within), 1)), within[:, :-1]], axis=1)
    return np.where(before == 0.0, within, np.nan)


def _numbers(X: pd.DataFrame, name: str) -> Floats:
    return np.asarray(X[name].to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
