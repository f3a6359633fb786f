"""Which bundle is the one in use?

Bundles lie in ``<home>/models/<version>/`` and stay. One pointer file, ``<home>/models/champion.json``,
names the one in use and is replaced in one step.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from churnmodel.errors import BundleError
from churnmodel.scoring.atomic import publish_folder, replace_json, unfinished_folder
from churnmodel.scoring.bundle import read_bundle

POINTER = "champion.json"


def set_champion(home: Path, bundle_folder: Path) -> Path:
    """Check the bundle, keep a copy under ``<home>/models/<version>/``, point to it; return that folder.

    Raises
    ------
    BundleError
        Where the bundle is damaged; the champion stays who it was.
    """
    bundle = read_bundle(bundle_folder)
    place = home / "models" / bundle.short_version
    if not place.exists():
        with unfinished_folder(beside=place) as unfinished:
            shutil.copytree(bundle_folder, unfinished, dirs_exist_ok=True)
            read_bundle(unfinished)
            publish_folder(unfinished, place)
    if read_bundle(place).version != bundle.version:
        raise BundleError(f"{place} holds another bundle than its name says. Remove it and train again.")
    replace_json(home / "models" / POINTER, {"version": bundle.short_version})
    return place


def champion_folder(home: Path) -> Path:
    """The folder of the bundle in use.

    Raises
    ------
    BundleError
        Where none was set, or the pointer is unreadable.
    """
    pointer = home / "models" / POINTER
    try:
        version = json.loads(pointer.read_text(encoding="utf-8"))["version"]
    except FileNotFoundError as cause:
        raise BundleError(f"{pointer}: no champion yet. Run `churnmodel train`.") from cause
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise BundleError(f"{pointer}: cannot be read. Run `churnmodel train` again.") from cause
    # the name becomes a path: nothing but the digits of a version may
    if not isinstance(version, str) or not re.fullmatch("[0-9a-f]{12}", version):
        raise BundleError(f"{pointer}: {version!r} is no version. Run `churnmodel train` again.")
    return home / "models" / version
