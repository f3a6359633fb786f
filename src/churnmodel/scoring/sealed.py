"""Is every byte of a bundle's folder what its writer wrote?

`manifest.sha256` vouches for `manifest.json`, and that for every other file. Nothing is opened that the
manifest does not name, and nothing but the manifest is parsed before all hashes agree.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from churnmodel.errors import BundleError
from churnmodel.scoring.manifest import Manifest

MANIFEST, SEAL = "manifest.json", "manifest.sha256"
LARGEST_FILE = 512 * 1024**2


def unsealed(folder: Path) -> tuple[bytes, dict[str, bytes]]:
    """The manifest's text, and the bytes of every file it names.

    Raises
    ------
    BundleError
        Where the folder is missing, holds a file too many or too few, a link or a folder, or a byte changed.
    """
    if not folder.is_dir():
        raise BundleError(f"bundle {folder}: no such folder. Run `churnmodel train`.")
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if not entry.is_file(follow_symlinks=False):
            raise BundleError(f"bundle {folder}: {entry.name!r} is no plain file. Take the bundle anew.")
    names = {entry.name for entry in entries}
    if not {MANIFEST, SEAL} <= names:
        raise BundleError(
            f"bundle {folder}: wanted {MANIFEST} and {SEAL}, got {sorted(names)[:9]}. Run `churnmodel train`."
        )
    text = _read(folder / MANIFEST)
    if _read(folder / SEAL) != seal(text):
        raise BundleError(f"bundle {folder}: {MANIFEST} or {SEAL} was changed. Take the bundle anew.")
    files = Manifest.from_bytes(text).files
    missing, extra = sorted(set(files) - names), sorted(names - set(files) - {MANIFEST, SEAL})
    if missing or extra:
        raise BundleError(
            f"bundle {folder}: missing files {missing}, unknown files {extra}. Take the bundle anew."
        )
    contents = {name: _read(folder / name) for name in sorted(files)}
    changed = [name for name, content in contents.items() if sha256(content) != files[name]]
    if changed:
        raise BundleError(f"bundle {folder}: {changed} changed after being written. Take the bundle anew.")
    return text, contents


def seal(manifest: bytes) -> bytes:
    """What `manifest.sha256` holds: a line that ``sha256sum -c`` understands."""
    return f"{sha256(manifest)}  {MANIFEST}\n".encode()


def sha256(content: bytes) -> str:
    """The sha256 of `content`, 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as stream:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
                raise BundleError(f"bundle: {path} is no plain file under 512 MB. Take the bundle anew.")
            return stream.read()
    except OSError as cause:
        raise BundleError(f"bundle: {path} cannot be read: {cause.strerror}. Take the bundle anew.") from cause
