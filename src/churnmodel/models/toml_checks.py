"""Which keys and values may a model's TOML hold?

An unknown key is an error that names the nearest known one: a silently ignored parameter is a wrong result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from churnmodel.errors import ModelError, SettingsError
from churnmodel.models.rules import Rule


def typed_value(value: Any, wanted: str, where: str) -> Any:
    """`value` as the annotated type of a settings field (a whole number will do for a float)."""
    if wanted == "tuple[Rule, ...]":
        return read_rules(value, where)
    if wanted == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value).__name__ != wanted:
        raise SettingsError(f"{where}: wanted {wanted}, found {value!r}.")
    return value


def read_settings_of(kind: type[Any], body: Any, where: str, nested: Mapping[str, type[Any]]) -> Any:
    """An instance of the settings class `kind` from a TOML table; SettingsError names what is wrong.

    `nested` names the classes of fields that are tables of their own.
    """
    if not isinstance(body, Mapping):
        raise SettingsError(f"{where}: wanted a table, found {body!r}.")
    known = {f.name: str(f.type) for f in fields(kind)}
    refuse_unknown(body, known, where)
    values = {}
    for key, value in body.items():
        if known[key] in nested:
            values[key] = read_settings_of(nested[known[key]], value, f"{where}: {key}", nested)
        else:
            values[key] = typed_value(value, known[key], f"{where}: {key}")
    try:
        return kind(**values)
    except ModelError as cause:
        raise SettingsError(f"{where}: {cause}") from cause


def read_rules(value: Any, where: str) -> tuple[Rule, ...]:
    """The rules of a scorecard; SettingsError names the rule and the key that is wrong."""
    if not isinstance(value, list) or not all(isinstance(rule, dict) for rule in value):
        raise SettingsError(f"{where}: wanted [[parameters.rules]] tables.")
    rules: list[Rule] = []
    for number, body in enumerate(value, start=1):
        known = {f.name: str(f.type) for f in fields(Rule)}
        refuse_unknown(body, known, f"{where}, rule {number}")
        values = {k: typed_value(v, known[k], f"{where}, rule {number}: {k}") for k, v in body.items()}
        if missing := [k for k in ("feature", "worst", "best") if k not in values]:
            raise SettingsError(f"{where}, rule {number}: lacks {', '.join(missing)}.")
        try:
            rules.append(Rule(**values))
        except ModelError as cause:
            raise SettingsError(f"{where}, rule {number}: {cause}") from cause
    return tuple(rules)


def read_table(body: Mapping[str, Any], key: str, path: object) -> dict[str, Any]:
    """The table `key` of a TOML, empty where it is not there."""
    table = body.get(key, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: wanted a table [{key}], found {table!r}.")
    return table


def read_globs(value: Any, where: str) -> tuple[str, ...]:
    """A list of globs over feature names."""
    if not isinstance(value, list) or not all(isinstance(glob, str) for glob in value):
        raise SettingsError(f"{where}: wanted a list of globs over feature names, found {value!r}.")
    return tuple(value)


def refuse_unknown(body: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise SettingsError for the first key of `body` that is not `known`.

    >>> refuse_unknown(["leafs"], ["trees", "leaves"], "lightgbm.toml")
    Traceback (most recent call last):
    churnmodel.errors.SettingsError: lightgbm.toml: unknown key 'leafs' (did you mean 'leaves'?). ...
    """
    names = list(known)
    for key in body:
        if key not in names:
            has = ", ".join(names) or "none"
            raise SettingsError(f"{where}: unknown key {key!r}{nearest(key, names)}. Known keys: {has}.")


def nearest(name: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the nearest known name, or nothing."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
