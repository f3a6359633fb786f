"""Which models were in use, one after the other, and how did each come to be?

``<home>/models/champions.json`` only grows: every change adds one entry, and the file is replaced in one step. Who
made the change and when is not known in here, and the same acts on the same data give the same file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from churnmodel.errors import BundleError
from churnmodel.scoring.atomic import replace_json

HISTORY = "champions.json"
KEPT = 10
"""So many of the latest champions' bundles are kept, to be able to go back."""


@dataclass(frozen=True)
class Reign:
    """One change of the model in use.

    Parameters
    ----------
    version, model
        Of the bundle.
    how
        ``"train"``, ``"promote"``, ``"rollback"``, or ``"found"`` (it was in use before anybody kept a history).
    training
        The record that spoke for it; empty where none did.
    reason
        Why, in words.
    overruled
        What the gate had said against it, where it was forced.
    """

    version: str
    model: str
    how: str
    training: str = ""
    reason: str = ""
    overruled: tuple[str, ...] = ()


def reigns(home: Path) -> tuple[Reign, ...]:
    """All changes, oldest first; none where there was none.

    Raises
    ------
    BundleError
        The file is damaged.
    """
    place = home / "models" / HISTORY
    try:
        entries = json.loads(place.read_text(encoding="utf-8"))["champions"]
        return tuple(Reign(**{**entry, "overruled": tuple(entry["overruled"])}) for entry in entries)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise BundleError(
            f"{place}: cannot be read. Move it away; the champion in use stays, and a new history begins."
        ) from cause


def with_found(history: Sequence[Reign], in_use: str | None) -> tuple[Reign, ...]:
    """The history, ended by the version in use where it does not know how that came to be."""
    ruling = succession(history)
    if in_use is None or (ruling and ruling[-1].version == in_use):
        return tuple(history)
    known = [r for r in history if r.version == in_use]
    return (*history, Reign(in_use, known[-1].model if known else "", "found", reason="it was in use"))


def write_reigns(home: Path, history: Sequence[Reign]) -> None:
    """Replace the file by a longer one."""
    replace_json(home / "models" / HISTORY, {"champions": [asdict(r) for r in history]})


def succession(history: Sequence[Reign]) -> list[Reign]:
    """Those one could go back to, the one in use last: a rollback takes the last away, all else adds one.

    >>> old, new = Reign("a" * 12, "old", "train"), Reign("b" * 12, "new", "promote")
    >>> made = [old, new, Reign("a" * 12, "old", "rollback")]
    >>> [r.model for r in succession(made)]
    ['old']
    """
    ruling: list[Reign] = []
    for reign in history:
        if reign.how == "rollback":
            del ruling[-1:]
        elif not ruling or ruling[-1].version != reign.version:
            ruling.append(reign)
    return ruling


def kept_versions(history: Sequence[Reign]) -> set[str]:
    """The versions of the latest champions, which stay on disk."""
    return {r.version for r in (*succession(history)[-KEPT:], *history[-KEPT:])}
