"""What may the engine still touch once the tables are open? (nothing beyond the data)

A mapping's SQL is written by whoever wrote churnmodel.toml, and is only meant to read the company's tables. So
an opened connection is locked: no file outside the data, no network, no extension, and no way to undo it.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def locked(con: Backend, places: Iterable[Path] = ()) -> Backend:
    """The same connection, from which only `places` and what is attached already can be read.

    Links are followed by the engine before it decides, so a place that is a link is allowed as what it points
    to. Work that does not fit into memory still goes to disk, into a temporary folder of its own that is
    removed with the connection.

    Parameters
    ----------
    con
        A connection with all views made and all files attached.
    places
        Folders (with all that is in them) and single files.
    """
    spill = tempfile.mkdtemp(prefix="churnmodel-")
    weakref.finalize(con, shutil.rmtree, spill, ignore_errors=True)
    real = sorted({place.resolve() for place in places})
    for setting, value in {
        "temp_directory": _quoted(spill),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "allowed_paths": _listed(place for place in real if not place.is_dir()),
        "allowed_directories": _listed(place for place in real if place.is_dir()),
        "enable_external_access": "false",  # the lists of what is allowed cannot be changed after this
        "lock_configuration": "true",
    }.items():
        con.raw_sql(f"SET {setting} = {value}")
    return con


def _listed(places: Iterable[Path]) -> str:
    return f"[{', '.join(_quoted(str(place)) for place in places)}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
