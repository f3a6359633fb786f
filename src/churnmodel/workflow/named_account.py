"""Which account does somebody mean? (by its id, or by a name that only one has)"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from churnmodel.errors import NoAccountError, ScoreError


def account_named(wanted: str, ids: Sequence[str], names: Sequence[object], where: str) -> str:
    """The id that is meant among `ids`: an id itself, else a name in any case.

    Parameters
    ----------
    names
        Beside `ids`; what is no text is no name. May be empty.
    where
        What the accounts are of, for the refusal: ``the book of 2026-01-01``.

    Raises
    ------
    NoAccountError
        No such account (names the nearest).
    ScoreError
        Several of that name (names their ids).

    >>> account_named("acme", ["a1", "a2"], ["Acme", None], "the book")
    'a1'
    """
    if wanted in ids:
        return wanted
    of_name: dict[str, list[str]] = {}
    for account, name in zip(ids, names, strict=False):
        if isinstance(name, str):
            of_name.setdefault(name.casefold(), []).append(account)
    called = of_name.get(wanted.casefold(), [])
    if len(called) == 1:
        return called[0]
    if called:
        raise ScoreError(f"{len(called)} accounts are called {wanted!r}: name one by its id, {', '.join(called)}")
    near = difflib.get_close_matches(wanted, ids, n=1) or [
        own for name in difflib.get_close_matches(wanted.casefold(), list(of_name), n=1) for own in of_name[name]
    ]
    hint = f"; did you mean {near[0]!r}?" if near else f"; ids look like {ids[0]!r}" if ids else ""
    raise NoAccountError(f"no account {wanted!r} in {where}{hint}")
