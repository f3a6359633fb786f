"""Which parameters may a tuner change, and within what? (the ``[search]`` table of a model's TOML)

A key names a parameter, a dot goes into a nested table (``"logistic.prior_sd"``). A value says where to look::

    [search]
    leaves = {low = 2, high = 8}
    rate = {low = 0.01, high = 0.1, log = true}
    monotone = {choices = [true, false]}
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from churnmodel.errors import SettingsError
from churnmodel.models.toml_checks import refuse_unknown


@dataclass(frozen=True)
class Dimension:
    """Where to look for one parameter: from `low` to `high` (evenly on a log scale, if `log`), or in `choices`.

    Whole numbers stay whole where both ends are.
    """

    name: str
    low: float | int | None = None
    high: float | int | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the parameter is a whole number."""
        return isinstance(self.low, int) and isinstance(self.high, int)


def read_search(body: Mapping[str, Any], where: str) -> tuple[Dimension, ...]:
    """The dimensions of a ``[search]`` table; SettingsError names what is wrong.

    >>> read_search({"leaves": {"low": 2, "high": 8}}, "trees.toml, [search]")
    (Dimension(name='leaves', low=2, high=8, log=False, choices=()),)
    """
    return tuple(_dimension(name, told, f"{where}: {name}") for name, told in body.items())


def with_parameters(parameters: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """`parameters` with the `found` values in their place, nested ones too.

    >>> with_parameters({"share": 0.5, "trees": {"leaves": 3}}, {"trees.leaves": 4})
    {'share': 0.5, 'trees': {'leaves': 4}}
    """
    whole = copy.deepcopy(dict(parameters))
    for name, value in found.items():
        *tables, key = name.split(".")
        place = whole
        for table in tables:
            place = place.setdefault(table, {})
        place[key] = value
    return whole


def _dimension(name: str, told: Any, where: str) -> Dimension:
    if not isinstance(told, Mapping):
        raise SettingsError(f"{where}: wanted {{low = ..., high = ...}} or {{choices = [...]}}, found {told!r}.")
    refuse_unknown(told, ("low", "high", "log", "choices"), where)
    if "choices" in told:
        choices = told["choices"]
        if not isinstance(choices, list) or len(choices) < 2 or len(told) > 1:
            raise SettingsError(f"{where}: wanted choices = [at least two values] and nothing beside it.")
        return Dimension(name, choices=tuple(choices))
    low: Any = told.get("low")
    high: Any = told.get("high")
    log = told.get("log", False)
    if (
        not (_is_number(low) and _is_number(high))
        or not isinstance(log, bool)
        or low >= high
        or (log and low <= 0)
    ):
        raise SettingsError(
            f"{where}: wanted two numbers with low < high (and low above 0 on a log scale), found {dict(told)!r}."
        )
    return Dimension(name, low, high, log)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
