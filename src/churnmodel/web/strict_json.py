"""Is a body the JSON it claims to be, said in one way only?

Python's parser lets the last of two equal keys win and reads text that UTF-8 cannot hold. Here both are
refused, with their place, since sender and receiver would otherwise see different requests.
"""

from __future__ import annotations

import json
from typing import Any

from churnmodel.errors import RequestError

LONGEST_INTEGER = 400  # digits; beyond any float, and below where Python's own limit breaks off


class _Twice:
    def __init__(self, key: str) -> None:
        self.key = key


def read_json(body: bytes) -> Any:
    """The value in `body`. NaN and infinite numbers come through as such, for the contract to refuse by name.

    Raises
    ------
    RequestError
        With field ``"body"`` where it is no JSON in UTF-8; else with the path of a key given twice, or of
        text that is not Unicode.

    >>> read_json(b'{"a": [1.5, null]}')
    {'a': [1.5, None]}
    >>> read_json(b'{"a": {"b": 1, "b": 2}}')
    Traceback (most recent call last):
    churnmodel.errors.RequestError: the key 'b' is given twice. Give it once.
    """
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_int=_integer)
    except UnicodeDecodeError as cause:
        raise RequestError("the body is not UTF-8. Send JSON in UTF-8.", "body") from cause
    except RecursionError as cause:
        raise RequestError("the body is nested too deeply. Send one flat request.", "body") from cause
    except ValueError as cause:
        raise RequestError(f"the body is not JSON: {cause}. Send one JSON object.", "body") from cause
    _refuse_ambiguous(value)
    return value


def dotted(path: tuple[object, ...]) -> str:
    """The path as a refusal names it: ``accounts.0.features.nps_latest``."""
    return ".".join(str(part) or '""' for part in path)


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    return _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else float("inf")


def _refuse_ambiguous(value: Any) -> None:
    """A stack instead of recursion: nothing a client nests can exhaust it."""
    waiting: list[tuple[tuple[object, ...], Any]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, _Twice):
            raise RequestError(f"the key {item.key!r} is given twice. Give it once.", dotted((*path, item.key)))
        if isinstance(item, dict):
            waiting += [((*path, key), child) for key, child in item.items()]
            waiting += [((*path, key), key) for key in item if not key.isascii()]
        elif isinstance(item, list):
            waiting += [((*path, number), child) for number, child in enumerate(item)]
        elif isinstance(item, str) and not item.isascii() and any("\ud800" <= c <= "\udfff" for c in item):
            raise RequestError("a lone surrogate is no Unicode text. Send the character.", dotted(path))
