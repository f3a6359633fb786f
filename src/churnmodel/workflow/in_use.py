"""Which model scores today?"""

from __future__ import annotations

from pathlib import Path

from churnmodel.errors import BundleError
from churnmodel.scoring.bundle import Bundle, read_bundle
from churnmodel.scoring.champion import champion_folder


def bundle_in_use(home: Path) -> Bundle | None:
    """The bundle of the model in use; None where there is none, or none that can be read."""
    try:
        return read_bundle(champion_folder(home))
    except BundleError:
        return None


def name_in_use(home: Path) -> str | None:
    """Its name."""
    bundle = bundle_in_use(home)
    return None if bundle is None else bundle.manifest.model.name
