"""What is an amount worth in the project's currency? (at the rate of the row's own day, never a later one)"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from churnmodel.sources.columns import Schema

MONEY_TIME = {"subscriptions": "started_at", "invoices": "issued_at"}
"""The tables with a currency of their own, and the time whose rate converts a row."""


@dataclass(frozen=True)
class Exchange:
    """Converts money at the latest rate that was valid when the row began.

    So an amount never changes again: a rate learned afterwards converts later rows only.

    Parameters
    ----------
    rates
        The conformed table ``rates``: units of `into` for one unit of ``currency``, from ``valid_from`` on.
    into
        The project's currency, whose own rate is 1.
    """

    rates: Any = field(repr=False)
    into: str

    def converts(self, schema: Schema) -> bool:
        """Whether the table's rows say a currency."""
        return schema.table in MONEY_TIME

    def converted(self, cast: Any, schema: Schema) -> Any:
        """`cast` with its cents in `into`, whole, and ``no_rate``; an amount without a rate is missing."""
        import ibis

        if not self.converts(schema):
            return cast
        r = self.rates
        spans = r.select("valid_from", "rate", of=r.currency.upper())
        in_order = ibis.window(group_by="of", order_by="valid_from")
        spans = spans.mutate(over_at=spans.valid_from.lead().over(in_order))
        told = cast.currency.upper().fill_null(self.into)
        rows = cast.mutate(told=told, at=cast[MONEY_TIME[schema.table]])
        rows = rows.left_join(
            spans,
            [
                rows.told == spans.of,
                rows.told != self.into,
                rows.at >= spans.valid_from,
                spans.over_at.isnull() | (rows.at < spans.over_at),
            ],
        )
        rate = ibis.ifelse(rows.told == self.into, 1.0, rows.rate)
        # one product and one floor per row: the same whole cents in every engine
        cents = {
            c.name: (rows[c.name].cast("float64") * rate + 0.5).floor().cast("int64")
            for c in schema.columns
            if c.kind == "cents"
        }
        return rows.mutate(no_rate=rate.isnull(), **cents).select(*cast.columns, "no_rate")
