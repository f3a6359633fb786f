"""What is an amount worth in the project's currency? (at the rate of the row's own day, never a later one)"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from churnmodel.sources.columns import Schema

MONEY_TIME = {"subscriptions": "started_at", "invoices": "issued_at"}
"""The tables with a currency of their own, and the time whose rate converts a row."""

TOLD = {"subscriptions": ("mrr", "list_mrr"), "invoices": ("amount",)}
"""The amounts that are compared between rows of different days, so that a row keeps them as they were told too."""

_LARGEST = 9.0e15  # beyond this a float no longer holds whole cents


@dataclass(frozen=True)
class Exchange:
    """Converts money at the latest rate that was valid, and known, when the row began.

    So an amount never changes again: a rate learned afterwards converts later rows only, whatever day it is
    meant for, and so does the correction of one. A rate for days before those of a rate known already changes
    nothing.

    Parameters
    ----------
    rates
        The conformed table ``rates``: units of `into` for one unit of ``currency``, from ``valid_from`` on.
        One without a row knows no rate, so that only amounts in the project's currency are left.
    into
        The project's currency, whose own rate is 1. An amount that says no currency is in it.
    """

    rates: Any = field(repr=False)
    into: str

    def converts(self, schema: Schema) -> bool:
        """Whether the table's rows say a currency."""
        return schema.table in MONEY_TIME

    def converted(self, cast: Any, schema: Schema) -> Any:
        """`cast` with its cents in `into`, `told_columns`, and ``no_rate``; an amount without a rate is missing.

        Amounts are rounded to whole cents, halves away from zero, so that a credit cancels its invoice.
        """
        import ibis

        if not self.converts(schema):
            return cast
        spans = self._spans()
        currency = cast.currency.upper().fill_null(self.into)
        rows = cast.mutate(told_currency=currency, at=cast[MONEY_TIME[schema.table]])
        rows = rows.left_join(
            spans,
            [
                rows.told_currency == spans.of,
                rows.told_currency != self.into,
                rows.at >= spans.known_from,
                spans.known_to.isnull() | (rows.at < spans.known_to),
            ],
        )
        at_home = rows.told_currency == self.into
        cells = {
            c.name: ibis.ifelse(at_home, rows[c.name], _worth(rows[c.name], rows.rate))
            for c in schema.columns
            if c.kind == "cents"
        }
        told = {f"told_{name}": rows[name] for name in TOLD.get(schema.table, ())}
        rows = rows.mutate(no_rate=~at_home & rows.rate.isnull(), told_rate=rows.rate, **told, **cells)
        return rows.select(*cast.columns, *told_columns(schema), "no_rate")

    def latest(self) -> Any:
        """Per currency (``of``) the ``rate`` that converts what begins now, as an Ibis table."""
        spans = self._spans()
        return spans.filter(spans.known_to.isnull()).select("of", "rate")

    def _spans(self) -> Any:
        """From when to when each rate was the latest one known; spans of one currency do not overlap."""
        import ibis

        r = self.rates
        r = r.select("valid_from", "rate", known_from=r.known_at, of=r.currency.upper())
        order = ["known_from", "valid_from", "rate"]
        before = ibis.window(group_by="of", order_by=order, preceding=(None, 1))
        r = r.mutate(latest=r.valid_from.max().over(before))
        r = r.filter(r.latest.isnull() | (r.valid_from >= r.latest)).drop("latest")
        in_order = ibis.window(group_by="of", order_by=order)
        return r.mutate(known_to=r.known_from.lead().over(in_order)).drop("valid_from")


def told_columns(schema: Schema) -> tuple[str, ...]:
    """The columns by which rows of the table are compared: ``told_mrr`` and the like, none in other tables.

    ``told_currency`` is in capitals; ``told_rate`` is missing where that is the project's own.
    """
    amounts = TOLD.get(schema.table, ())
    return (*(f"told_{name}" for name in amounts), "told_currency", "told_rate") if amounts else ()


def at_rate(told: Any, rate: Any) -> Any:
    """Cents as they were told at a row's ``told_rate``, its own or another's; a missing rate is 1."""
    import ibis

    return ibis.ifelse(rate.isnull(), told, _worth(told, rate))


def _worth(cents: Any, rate: Any) -> Any:
    import ibis

    worth = cents.cast("float64") * rate
    # one product and one floor per row: the same whole cents in every engine
    whole = ((worth.abs() + 0.5).floor() * worth.sign()).cast("int64")
    return ibis.ifelse(worth.abs() < _LARGEST, whole, ibis.null("int64"))
