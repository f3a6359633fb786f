"""How do the rows behind a reason read, on a page and in the terminal alike?"""

from __future__ import annotations

from typing import Any

import pandas as pd


def cell_words(cell: Any, *, money: bool = False) -> str:
    """One value as people read it: the day of a time, money under 1,000 to the cent, else three figures.

    >>> [cell_words(x) for x in (22190.21, -0.8402, 3, True, None, pd.NA, pd.Timestamp("2025-06-03 10:00"), "a")]
    ['22,190', '-0.84', '3', 'yes', '-', '-', '2025-06-03', 'a']
    >>> cell_words(219.8, money=True), cell_words(999.99, money=True)
    ('219.80', '999.99')
    """
    if not is_known(cell):
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float) and abs(cell) < (1000 if money else 100):
        return f"{cell:.2f}" if money else f"{cell:.3g}"
    if isinstance(cell, float):
        return f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def label_words(name: str, unit: str = "") -> str:
    """The head of a column.

    >>> label_words("opened_at"), label_words("list_mrr", "EUR")
    ('opened', 'list mrr (EUR)')
    """
    words = name.removesuffix("_at").replace("_", " ")
    return f"{words} ({unit})" if unit else words


def is_known(cell: Any) -> bool:
    """Whether there is a value at all."""
    return not (cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and cell != cell))
