"""Does the same data give the same model again? (trains anew and compares, byte for byte)

A bundle's version is the sha256 of its manifest, and the manifest names the sha256 of every other file: equal
versions are equal bundles. Where they differ, what differs is named: the tables, the code, the libraries, or
something that should not have.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churnmodel.errors import BundleError, ModelError
from churnmodel.scoring.bundle import Bundle, read_bundle, write_bundle
from churnmodel.scoring.champion import champion_folder
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.train import bundle_parts, learn_any


@dataclass(frozen=True)
class Reproduced:
    """A bundle beside the same model trained again.

    Parameters
    ----------
    model, version
        What was to be reproduced.
    again
        The version that came out.
    differences
        Why it differs, most telling first; empty where it is the same.
    """

    model: str
    version: str
    again: str
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether every byte came out the same."""
        return self.version == self.again


def reproduce(
    project: Project, version: str | None = None, *, revision: str = "unknown", progress: Progress = silent
) -> Reproduced:
    """Train the model of a kept bundle again, from the project's tables as they are now.

    Parameters
    ----------
    version
        Of a bundle under ``<output>/models`` (or its first digits); by default the champion in use.
    revision
        Of the code that runs now. The bundle's own is written into the copy, so that it alone does not differ.

    Raises
    ------
    BundleError
        There is no such bundle, or several begin like that.
    ModelError
        The project no longer names the model, or it cannot be trained.
    """
    kept = read_bundle(folder_of(project.home, version))
    name = kept.manifest.model.name
    if name not in {spec.name for spec in project.specs}:
        raise ModelError(f"training.models names no {name!r} any more. Add it to reproduce {kept.short_version}.")
    learned = learn_any(project, progress)
    if name not in learned.models:
        raise ModelError(f"{name} could not be fitted this time, so there is nothing to compare.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        write_bundle(folder, bundle_parts(project, learned, name, kept.manifest.training.revision))
        again = read_bundle(folder)
    return Reproduced(name, kept.short_version, again.short_version, _differences(kept, again, revision))


def folder_of(home: Path, version: str | None) -> Path:
    """The folder of the kept bundle whose version begins with `version`; of the champion, if None."""
    if version is None:
        return champion_folder(home)
    if not re.fullmatch("[0-9a-f]{4,64}", version):
        raise BundleError(f"{version!r} is no version: wanted at least 4 of its hex digits, such as 3fa9c1.")
    kept = sorted(p.name for p in (home / "models").glob("*") if p.is_dir())
    found = [name for name in kept if name.startswith(version[:12])]
    if len(found) != 1:
        what = "several bundles begin like that" if found else "no bundle begins like that"
        raise BundleError(f"{version}: {what} (kept: {', '.join(kept) or 'none'}). Name one of them.")
    return home / "models" / found[0]


def _differences(kept: Bundle, again: Bundle, revision: str) -> tuple[str, ...]:
    if kept.version == again.version:
        return ()
    then, now = kept.manifest.training, again.manifest.training
    told = []
    if then.data_hash != now.data_hash:
        told.append(
            f"the tables give other features or outcomes: {then.data_hash[:12]} then, {now.data_hash[:12]} now"
        )
    if then.trained_until != now.trained_until:
        told.append(f"data_until was {then.trained_until}, and is {now.trained_until}")
    if revision not in ("unknown", then.revision):
        told.append(f"the code was at {then.revision[:12]}, and is at {revision[:12]}")
    other = [n for n in then.libraries if then.libraries[n] != now.libraries.get(n)]
    told += [f"{n} was {then.libraries[n]}, and is {now.libraries.get(n)}" for n in other]
    one, two = (json.loads(bundle.manifest.to_bytes()) for bundle in (kept, again))
    names = [key for key in one if one[key] != two.get(key)]
    told.append(f"in the manifest: {', '.join(_named(one, two, names))}")
    return tuple(told)


def _named(one: dict[str, Any], two: dict[str, Any], keys: list[str]) -> list[str]:
    """Keys that differ; of files the files."""
    told = [key for key in keys if key != "files"]
    if "files" in keys:
        told += sorted(name for name in one["files"] if one["files"][name] != two["files"].get(name))
    return told
