"""When is a cut table's expression made? (when it is first asked for; most acts ask for a few of sixteen)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any


class MadeOnce(Mapping[str, Any]):
    """A mapping of which every value is made when it is first looked at, and kept.

    >>> squares = MadeOnce("ab", lambda name: print("made", name) or name * 2)
    >>> "a" in squares, squares["a"], squares["a"]
    made a
    (True, 'aa', 'aa')
    """

    def __init__(self, names: Iterable[str], make: Callable[[str], Any]) -> None:
        self._names = dict.fromkeys(names)
        self._make = make
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The value of `name` (KeyError where it is none of the names)."""
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Whether it is one of the names; makes nothing."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """The names, in the order given."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._names)
