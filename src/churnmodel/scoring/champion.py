"""Which bundle is the one in use, and which others are kept?

Bundles lie in ``<home>/models/<version>/``. One pointer file, ``<home>/models/champion.json``, names the one in
use and is replaced in one step; `churnmodel.scoring.reigns` remembers who was in use before.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from churnmodel.errors import BundleError
from churnmodel.scoring.atomic import UNFINISHED, publish_folder, replace_json, unfinished_folder
from churnmodel.scoring.bundle import read_bundle
from churnmodel.scoring.reigns import Reign, kept_versions, reigns, with_found, write_reigns

POINTER = "champion.json"
VERSION = re.compile("[0-9a-f]{12}")


def keep_bundle(home: Path, bundle_folder: Path) -> Path:
    """Check the bundle and keep a copy under ``<home>/models/<version>/``; return that folder.

    Raises
    ------
    BundleError
        Where the bundle is damaged, or its place holds another one.
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
    return place


def set_champion(
    home: Path,
    bundle_folder: Path,
    *,
    how: str = "train",
    training: str = "",
    reason: str = "",
    overruled: tuple[str, ...] = (),
) -> Path:
    """Keep the bundle, point to it, remember the change; return its folder.

    A writer killed between the last two leaves the new champion in use, and the next change remembers it. Setting
    the one in use again changes nothing.

    Parameters
    ----------
    how
        ``"train"``, ``"promote"`` or ``"rollback"``.
    training, reason, overruled
        See `churnmodel.scoring.reigns.Reign`.

    Raises
    ------
    BundleError
        Where the bundle is damaged; the champion stays who it was.
    """
    place = keep_bundle(home, bundle_folder)
    in_use = version_in_use(home)
    if in_use != place.name:
        model = read_bundle(place).manifest.model.name
        past = with_found(reigns(home), in_use)
        replace_json(home / "models" / POINTER, {"version": place.name})
        write_reigns(home, (*past, Reign(place.name, model, how, training, reason, overruled)))
    return place


def version_in_use(home: Path) -> str | None:
    """The version the pointer names; None where it names none."""
    try:
        return champion_folder(home).name
    except BundleError:
        return None


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
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        raise BundleError(f"{pointer}: {version!r} is no version. Run `churnmodel train` again.")
    return home / "models" / version


def sweep_bundles(home: Path, last_training: Collection[str]) -> list[str]:
    """Remove bundles that nobody can ask for any more; return their versions.

    Kept are those of the last training, the one in use and the latest champions (`reigns.KEPT`). Call it while
    holding the training folder, so that nobody is bringing a bundle.
    """
    for ruin in (home / "models").glob(f"{UNFINISHED}*"):  # of a writer that was killed
        shutil.rmtree(ruin, ignore_errors=True) if ruin.is_dir() else ruin.unlink(missing_ok=True)
    kept = {*last_training, version_in_use(home), *kept_versions(reigns(home))}
    gone = []
    for place in sorted((home / "models").glob("*")):
        if VERSION.fullmatch(place.name) and place.is_dir() and place.name not in kept:
            # out of sight in one step, so that nobody reads half a bundle
            ruin = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=place.parent))
            place.rename(ruin / place.name)
            shutil.rmtree(ruin, ignore_errors=True)
            gone.append(place.name)
    return gone
