"""Which accounts does a rule meet, and what about them? (conditions of the settings, asked of features and facts)

What is not known is neither true nor false (Kleene's three values): ``nps_latest < 7`` does not meet an account
that never answered, and neither does ``not nps_latest < 7``; ``nps_latest is unknown`` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import SettingsError
from churnmodel.explanation.wording import sentence
from churnmodel.features.feature import Feature
from churnmodel.settings.conditions import AllOf, AnyOf, Compared, Condition, Known, Not, names_in
from churnmodel.settings.health import ExceptionRule

Bools = NDArray[np.bool_]


def met(condition: Condition, rows: pd.DataFrame) -> Bools:
    """(n,) Where the condition is true; where it is false or not known it is not met.

    Parameters
    ----------
    rows
        One column per name; a name without a column is unknown everywhere.

    Raises
    ------
    SettingsError
        A name that holds text is compared with a number, or the reverse.

    >>> from churnmodel.settings.conditions import read_condition
    >>> rows = pd.DataFrame({"nps": [3.0, 9.0, np.nan], "segment": ["SMB", "mid", "mid"]})
    >>> met(read_condition("not nps > 6 or segment = 'mid'"), rows).tolist()
    [True, True, True]
    >>> met(read_condition("not nps > 6"), rows).tolist()
    [True, False, False]
    """
    return _sides(condition, rows)[0]


def grounds(condition: Condition, rows: pd.DataFrame) -> list[tuple[str, Bools]]:
    """Which names make it true, and where: of alternatives those that hold. Each name once, in order."""
    found: dict[str, Bools] = {}
    for name, holds in _grounds(condition, rows, wanted=True):
        found[name] = found[name] | holds if name in found else holds
    return list(found.items())


def refuse_unknown_names(rules: Iterable[ExceptionRule], known: Collection[str]) -> None:
    """SettingsError for a rule that asks for a name nobody knows; the nearest known one is named."""
    for rule in rules:
        for name in names_in(rule.condition):
            if name not in known:
                near = get_close_matches(name, list(known), n=1, cutoff=0.5)
                hint = f"is {near[0]!r} meant?" if near else "see `churnmodel features --dictionary`."
                raise SettingsError(
                    f"health.exceptions, rule {rule.name!r}: wanted a feature or a fact, got {name!r}; {hint}"
                )


def why(
    rule: ExceptionRule,
    rows: pd.DataFrame,
    where: Bools,
    cards: Mapping[str, Feature],
    as_of: datetime,
    currency: str | None = None,
) -> list[str]:
    """What the rule met, one sentence for each of the rows `where` it did, in order."""
    mine = rows[where]
    reasons = grounds(rule.condition, mine)
    said = []
    for place, row in enumerate(mine.to_dict("records")):
        names = [name for name, holds in reasons if holds[place]]
        # that something is not known is a reason only where there is no other
        names = [name for name in names if _is_there(row.get(name))] or names
        said.append("; ".join(dict.fromkeys(_words(name, row, cards, as_of, currency) for name in names)))
    return said


def _words(
    name: str, row: Mapping[Any, Any], cards: Mapping[str, Feature], as_of: datetime, currency: str | None
) -> str:
    value = row.get(name)
    if name in cards:
        return sentence(cards[name], row, as_of, currency)
    return f"{name}: {value if _is_there(value) else 'not known'}"


def _is_there(value: object) -> bool:
    return value is not None and value == value


def _sides(condition: Condition, rows: pd.DataFrame) -> tuple[Bools, Bools]:
    """Where it is true, and where it is false."""
    match condition:
        case Compared():
            return _compared(condition, rows)
        case Known():
            there = _known(condition.name, rows)
            return (there, ~there) if condition.known else (~there, there)
        case Not():
            true, false = _sides(condition.of, rows)
            return false, true
        case AllOf() | AnyOf():
            sides = [_sides(part, rows) for part in condition.of]
            trues, falses = ([side[k] for side in sides] for k in (0, 1))
            if isinstance(condition, AllOf):
                return np.logical_and.reduce(trues), np.logical_or.reduce(falses)
            return np.logical_or.reduce(trues), np.logical_and.reduce(falses)


def _compared(asked: Compared, rows: pd.DataFrame) -> tuple[Bools, Bools]:
    known = _known(asked.name, rows)
    if not known.any():
        return known, known
    column = rows[asked.name]
    is_text = not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column))
    if is_text != isinstance(asked.value, str):
        kind, wanted = ("text", "'...' in quotes") if is_text else ("a number", "a number")
        raise SettingsError(
            f"health.exceptions: {asked.name} is {kind}; wanted {wanted} after "
            f"'{asked.name} {asked.sign}', got {asked.value!r}"
        )
    if isinstance(asked.value, str):
        same = column.astype("object").map(lambda v: str(v).casefold()).to_numpy() == asked.value.casefold()
        true = same if asked.sign == "=" else ~same
    else:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        with np.errstate(invalid="ignore"):
            true = {
                "=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal,
                ">": np.greater, ">=": np.greater_equal,
            }[asked.sign](values, asked.value)  # fmt: skip
    true = np.asarray(true, dtype=bool)
    return true & known, ~true & known


def _known(name: str, rows: pd.DataFrame) -> Bools:
    if name not in rows:
        return np.zeros(len(rows), dtype=bool)
    return rows[name].notna().to_numpy(dtype=bool)


def _grounds(condition: Condition, rows: pd.DataFrame, *, wanted: bool) -> list[tuple[str, Bools]]:
    match condition:
        case Compared() | Known():
            return [(condition.name, _sides(condition, rows)[0 if wanted else 1])]
        case Not():
            return _grounds(condition.of, rows, wanted=not wanted)
        case AllOf() | AnyOf():
            return [ground for part in condition.of for ground in _grounds(part, rows, wanted=wanted)]
