"""Whose tier is another than on an earlier day, and did the account move or the cut?

A share of the book moves with the book: an account may become gold because others left. What it pays is told for
both days, so that nobody celebrates, or worries, over a cut that moved.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from churnmodel.settings.tiers import TIERS

UP, DOWN, NEW, GONE = "up", "down", "new", "gone"
COLUMNS = ["move", "was", "tier", "mrr_before", "mrr", "words"]


def tier_moves(before: pd.DataFrame, after: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The accounts whose tier differs between two days, those to the highest tier first.

    Parameters
    ----------
    before, after
        The books of both days, indexed by account_id: tier, mrr_told.

    Returns
    -------
    DataFrame
        Indexed by account_id: move (``"up"``, ``"down"``, ``"new"`` to the book or ``"gone"`` from it; the last
        two only of tiers above standard), was and tier (None: not in the book), mrr_before, mrr, words.

    >>> before = pd.DataFrame({"tier": "gold", "mrr_told": [500.0, 400.0]}, index=["ada", "bob"])
    >>> after = before.assign(tier=["platinum", "standard"], mrr_told=[900.0, 400.0])
    >>> tier_moves(before, after, "USD")["words"].tolist()
    ['from 500 to 900 USD MRR', 'still 400 USD MRR: the others moved']
    """
    pairs = pd.DataFrame({"was": before["tier"], "mrr_before": before["mrr_told"]}).join(
        pd.DataFrame({"tier": after["tier"], "mrr": after["mrr_told"]}), how="outer"
    )
    place = {name: k for k, name in enumerate(TIERS)}
    from_, to = pairs["was"].map(place), pairs["tier"].map(place)
    above = place[TIERS[-1]]
    move = pd.Series("", pairs.index, dtype="object")
    move = move.mask(to < from_, UP).mask(to > from_, DOWN)
    move = move.mask(from_.isna() & (to < above), NEW).mask(to.isna() & (from_ < above), GONE)
    found = pairs.assign(move=move, place=to.where(to.notna(), from_))[move != ""]
    found["words"] = [_words(row, currency) for row in found.to_dict("records")]
    found["size"] = -found["mrr"].fillna(found["mrr_before"])
    found["turn"] = found["move"].map({UP: 0, NEW: 1, DOWN: 2, GONE: 3})
    found = found.rename_axis("account_id").sort_values(["turn", "place", "size", "account_id"])
    for name in ("was", "tier"):
        found[name] = pd.Series([None if pd.isna(t) else t for t in found[name]], found.index, dtype="object")
    return found[COLUMNS]


def _words(row: Mapping[Hashable, Any], currency: str) -> str:
    before, after = row["mrr_before"], row["mrr"]
    if row["move"] == NEW:
        return f"not in the book before, {after:,.0f} {currency} MRR"
    if row["move"] == GONE:
        return f"left the book, {before:,.0f} {currency} MRR before"
    if round(before) == round(after):
        return f"still {after:,.0f} {currency} MRR: the others moved"
    return f"from {before:,.0f} to {after:,.0f} {currency} MRR"
