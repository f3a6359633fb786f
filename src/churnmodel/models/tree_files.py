"""Where do trees lie on disk, and how is it seen that they are those that were saved?

As arrays, which score and explain, and as LightGBM's text beside them, which nothing here parses: it is for
whoever wants the booster. The model file holds the sha256 of both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from churnmodel.errors import BundleError
from churnmodel.models.trees import Trees


def arrays_beside(text_file: Path) -> Path:
    """The file of the arrays of the trees whose text is in `text_file`.

    >>> arrays_beside(Path("lightgbm.txt")).name, arrays_beside(Path("lightgbm_2.txt")).name
    ('trees.npz', 'trees_2.npz')
    """
    return text_file.with_name(text_file.name.replace("lightgbm", "trees")).with_suffix(".npz")


def write_trees(text_file: Path, text: str, trees: Trees) -> None:
    """Write the text to `text_file` and the arrays beside it; the same trees give the same bytes."""
    text_file.write_bytes(text.encode())
    arrays_beside(text_file).write_bytes(trees.to_bytes())


def tree_sums(text: str, trees: Trees) -> dict[str, str]:
    """The sha256 of both files, as the model file holds them."""
    return {"text_sha256": _sha256(text.encode()), "arrays_sha256": _sha256(trees.to_bytes())}


def read_trees(text_file: Path, said: Mapping[str, Any]) -> tuple[str, Trees]:
    """The text and the arrays that were written with `text_file`.

    Parameters
    ----------
    said
        What the model file says of them: `tree_sums`.

    Raises
    ------
    BundleError
        A file is missing, is not the one that was saved, or holds arrays that are no trees.
    """
    text = _read(text_file, said.get("text_sha256"))
    arrays = _read(arrays_beside(text_file), said.get("arrays_sha256"))
    try:
        return text.decode(), Trees.from_bytes(arrays)
    except UnicodeDecodeError as cause:
        raise BundleError(f"{text_file} is no text: {cause}. Train the model again.") from cause


def _read(place: Path, sha256: object) -> bytes:
    try:
        content = place.read_bytes()
    except OSError as cause:
        raise BundleError(f"no readable {place}: {cause}. Train the model again.") from cause
    if _sha256(content) != sha256:
        raise BundleError(f"{place} is not the file that was saved. Train the model again.")
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
