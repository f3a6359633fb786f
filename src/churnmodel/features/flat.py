"""Which columns of a flat table become features, and which are left out and why?

A column in which every known cell is a number becomes a number, other text a category. Left out are columns that
say who an account is instead of what it does: identifiers, names, free text; and those that say nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.errors import FeatureError
from churnmodel.features.feature import Feature, Wording
from churnmodel.sources.flat import FlatTable

NEAR_UNIQUE, FEWEST_NAMES = 0.5, 50
"""Text is left out where it has more than `FEWEST_NAMES` values and more than half as many as accounts."""
NO_NUMBER = ("", "nan", "na", "n/a", "null", "none", "-", "?")
"""What stands for an unknown number."""
_IDENTIFIER = re.compile(r"(^|[_ -])(id|ids|uuid|guid|key|no|nr|number|code)$|[a-z](Id|ID|UUID|Key|No|Number)$")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}( .*)?")
_OURS = ("as_of", "account_id", "churned")


@dataclass(frozen=True)
class FlatColumns:
    """What is made of the columns of a flat table.

    Parameters
    ----------
    features
        One per column that is learned from.
    left_out
        Column -> why it is not.
    """

    features: tuple[Feature, ...]
    left_out: Mapping[str, str]


def flat_columns(table: FlatTable, leave_out: Sequence[str] = (), flag: str | None = None) -> FlatColumns:
    """The features of a flat table, in the order of its columns.

    Parameters
    ----------
    leave_out
        Columns that must not be learned from.
    flag
        The column that says which rows are current.

    Raises
    ------
    FeatureError
        A column to be left out is not there, or none is left to learn from.

    >>> table = FlatTable.from_frame(pd.DataFrame({
    ...     "account_id": ["a", "b"], "Monthly charges": ["89.9", "?"], "plan": ["pro", "team"],
    ...     "currency": "EUR", "churned": ["yes", "no"]}), until="2026-01-01")
    >>> found = flat_columns(table)
    >>> [(f.name, f.unit) for f in found.features], found.left_out
    ([('Monthly_charges', 'number'), ('plan', 'category')], {'currency': 'one value in all rows'})
    """
    if unknown := [name for name in leave_out if name not in table.cells]:
        raise FeatureError(
            f"[flat] leave_out: no column {unknown[0]!r} (has: {', '.join(table.cells.columns)}). Correct it."
        )
    n_accounts = table.cells.index.get_level_values("account_id").nunique()
    features, left_out = [], {}
    for column, name in feature_names(table.cells.columns).items():
        cells = table.cells[column]
        if column in leave_out:
            why: str | None = "the settings leave it out"
        elif column == flag:
            why = "it flags the rows to score"
        else:
            why = _why_not(column, cells, n_accounts)
        if why is None:
            features.append(_feature(column, name, is_category=not _is_number(cells)))
        else:
            left_out[column] = why
    if not features:
        told = "; ".join(f"{column}: {why}" for column, why in left_out.items())
        raise FeatureError(f"flat: no column is left to learn from ({told}). Add columns.")
    return FlatColumns(tuple(features), left_out)


def flat_matrix(table: FlatTable, features: Sequence[Feature]) -> pd.DataFrame:
    """The features of every row of a flat table, indexed by snapshot: floats, or text and None for a category.

    Raises
    ------
    FeatureError
        The table lacks the column of a feature; it is named.
    """
    columns = {name: column for column, name in feature_names(table.cells.columns).items()}
    if missing := [f.concept for f in features if f.name not in columns]:
        has = ", ".join(table.cells.columns)
        raise FeatureError(f"flat: no column {missing[0]!r}, which the model reads (has: {has}). Add it.")
    made = {
        f.name: table.cells[columns[f.name]] if f.is_category else _as_numbers(table.cells[columns[f.name]])
        for f in features
    }
    return pd.DataFrame(made, index=table.cells.index)


def feature_names(columns: Sequence[str] | pd.Index) -> dict[str, str]:
    """Column -> the name of its feature: ASCII letters, digits and underscores, no two alike in any case.

    >>> feature_names(["MRR ($)", "mrr", "28d users", "MRR [$]"])
    {'MRR ($)': 'MRR', 'mrr': 'mrr_2', '28d users': 'column_28d_users', 'MRR [$]': 'MRR_3'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        plain = _plain(str(column))
        name, nth = plain, 2
        while name.lower() in taken:
            name, nth = f"{plain}_{nth}", nth + 1
        taken.add(name.lower())
        names[str(column)] = name
    return names


def _plain(column: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", column).strip("_")
    return plain if plain.isidentifier() and plain not in _OURS else f"column_{plain}".rstrip("_")


def _why_not(column: str, cells: pd.Series[Any], n_accounts: int) -> str | None:
    known = cells.dropna()
    distinct = known.nunique()
    if distinct == 0:
        return "no value at all"
    if distinct == 1 and len(known) == len(cells):
        return "one value in all rows"
    if _is_number(cells):
        return "a different number for everyone: it says who, not what" if _counts_rows(column, known) else None
    if known.map(lambda cell: bool(_DAY.fullmatch(cell))).mean() > 0.9:
        return "dates, which go stale; give the days from them up to as_of"
    if distinct > FEWEST_NAMES and distinct > NEAR_UNIQUE * n_accounts:
        return "nearly a different text for everyone: it says who, not what"
    return None


def _counts_rows(column: str, known: pd.Series[Any]) -> bool:
    """Whether whole numbers, no two alike, are called an identifier or number the rows one after the other."""
    numbers = _as_numbers(known).dropna()
    whole = bool((numbers == np.floor(numbers)).all())
    if len(numbers) < FEWEST_NAMES or not whole or numbers.nunique() < len(numbers):
        return False
    return bool(_IDENTIFIER.search(column)) or bool(numbers.max() - numbers.min() < 1.1 * len(numbers))


def _is_number(cells: pd.Series[Any]) -> bool:
    told = cells.dropna()
    told = told[~told.str.lower().isin(NO_NUMBER)]
    return bool(len(told)) and bool(_as_numbers(told).notna().all())


def _as_numbers(cells: pd.Series[Any]) -> pd.Series[float]:
    numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
    return numbers.replace([np.inf, -np.inf], np.nan)


def _feature(column: str, name: str, is_category: bool) -> Feature:
    # in a sentence braces and brackets would be read as its grammar
    label = " ".join(re.sub(r"[{}\[\]]", " ", column).split()) or name
    form = "text" if is_category else "n"
    return Feature(
        name=name,
        family="column",
        concept=label if name == _plain(column) else f"{label} ({name})",  # concepts are told apart by their name
        meaning=f"The column '{label}' of the flat table, as it stands there.",
        unit="category" if is_category else "number",
        wording=Wording(f"{label}: {{{name}:{form}}}", unknown=f"{label} is not known"),
        actionable=False,
    )
