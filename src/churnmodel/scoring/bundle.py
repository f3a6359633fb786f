"""How is a trained model kept on disk so that damage to it is noticed before it is read?

A bundle is a folder of plain files: JSON, and where there are trees their arrays, which score and explain, and
LightGBM's text, which is never parsed here. Nothing in it is ever unpickled. `manifest.sha256` vouches for
`manifest.json`, and that for every other file; all are checked before any is parsed (``sha256sum -c
manifest.sha256`` does the first step by hand). That shows accidents, not authorship: take bundles only from whom
you trust.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnmodel.errors import BundleError, ChurnmodelError
from churnmodel.explanation.wording import quoted
from churnmodel.features.feature import Feature
from churnmodel.models.fitted import FittedModel, load_model
from churnmodel.models.risk_curve import RiskCurve
from churnmodel.scoring.atomic import publish_folder, unfinished_folder
from churnmodel.scoring.bands import Bands
from churnmodel.scoring.inputs import conform
from churnmodel.scoring.json_text import json_text, plain
from churnmodel.scoring.manifest import (
    BandCuts,
    FlaggedFinding,
    Golden,
    Manifest,
    ModelName,
    Training,
    Window,
    fingerprint,
)
from churnmodel.scoring.model_card import model_card
from churnmodel.scoring.reference import Reference, golden_rows, reference_of
from churnmodel.scoring.sealed import MANIFEST, SEAL, seal, sha256, unsealed

if TYPE_CHECKING:
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.flat import OneOutcome

LIBRARIES = ("churnmodel", "numpy", "pandas", "scipy", "lightgbm", "numba", "scikit-learn")


@dataclass(frozen=True)
class Flagged:
    """A finding that fired, or is silent and warns: its code and title, and what it says. It names no account."""

    code: str
    title: str
    fired: bool
    message: str


@dataclass(frozen=True)
class BundleParts:
    """What training hands over.

    Parameters
    ----------
    X
        The training rows, columns of at least the inputs. Only their distributions are kept, never a row.
    features
        The catalog, in order; kept are the model's inputs and what their sentences quote.
    trained_until
        Outcomes learned before it were used.
    metrics
        Out-of-time metrics to be shown; numbers, text or nested mappings. NaN is kept as null.
    revision, data_hash
        Of the code and the tables, as the caller knows them.
    churners, churned_accounts
        Training rows after which service ended, and the accounts they are of; None where they were not counted.
    findings
        What the checks of a training found against the model, or warn of.
    caveat
        What must be said beside the metrics.
    """

    name: str
    title: str
    model: FittedModel
    curve: RiskCurve
    features: Sequence[Feature]
    X: pd.DataFrame
    window: LabelWindow | OneOutcome
    trained_until: date
    as_ofs: Sequence[date]
    churners: int
    bands: Bands
    metrics: Mapping[str, Any]
    data_hash: str
    revision: str
    currency: str
    project: str
    caveat: str = ""
    churned_accounts: int | None = None
    findings: Sequence[Flagged] = ()


@dataclass(frozen=True)
class Bundle:
    """A bundle whose every byte was checked: `version` is its manifest's sha256."""

    version: str
    manifest: Manifest
    model: FittedModel
    curve: RiskCurve
    bands: Bands
    features: tuple[Feature, ...]
    reference: Reference

    @property
    def short_version(self) -> str:
        """The first 12 digits of `version`: what tables, answers and people say."""
        return self.version[:12]

    def risks(self, X: pd.DataFrame) -> np.ndarray:
        """(n, k) The calibrated risk within each edge for each row of `X`, which has the model's inputs."""
        return self.curve.risks(self.model.margins(X))

    def golden_holds(self) -> bool:
        """Whether the golden rows get, bit for bit, the risk they got where the model was trained."""
        rows = pd.DataFrame(list(self.manifest.golden.rows), columns=list(self.manifest.inputs))
        cards = {feature.name: feature for feature in self.features}
        inputs = [cards[name] for name in self.manifest.inputs]
        risks = self.risks(conform(rows, inputs, required=self.manifest.inputs))
        wanted = np.array(self.manifest.golden.risks, dtype=np.float64)
        return risks.shape == wanted.shape and risks.tobytes() == wanted.tobytes()


def write_bundle(folder: Path, parts: BundleParts) -> str:
    """Write `parts` to `folder`, whole or not at all, and return the version: the manifest's sha256.

    What was written is read back and scored before `folder` appears. A folder that already holds the same
    bundle is left as it is.

    Raises
    ------
    BundleError
        Where `folder` holds something else, or what was written does not score as the model did.
    """
    by_name = {feature.name: feature for feature in parts.features}
    unknown = [name for name in parts.model.features if name not in by_name]
    if unknown:
        raise BundleError(f"bundle: the model reads {unknown}, which its features lack. Give their cards too.")
    inputs = [by_name[name] for name in parts.model.features]
    said = {name for feature in inputs for name in (feature.name, *quoted(feature))}
    parts = replace(parts, features=[feature for feature in parts.features if feature.name in said])
    reference = reference_of(parts.X, parts.features)
    with unfinished_folder(beside=folder) as unfinished:
        parts.model.save(unfinished)
        (unfinished / "calibration.json").write_bytes(json_text(parts.curve.to_json()))
        (unfinished / "reference.json").write_bytes(json_text(reference))
        manifest = _manifest(parts, golden_rows(reference, inputs), files={})
        (unfinished / "model_card.md").write_text(model_card(manifest), encoding="utf-8")
        files = {path.name: sha256(path.read_bytes()) for path in sorted(unfinished.iterdir())}
        text = Manifest.model_validate(manifest.model_dump() | {"files": files}).to_bytes()
        (unfinished / MANIFEST).write_bytes(text)
        (unfinished / SEAL).write_bytes(seal(text))
        read_bundle(unfinished)
        if not publish_folder(unfinished, folder) and read_bundle(folder).version != sha256(text):
            raise BundleError(f"bundle: another bundle is in {folder} already. Name a new folder.")
    return sha256(text)


def read_bundle(folder: Path) -> Bundle:
    """The bundle in `folder`, after every byte of it was checked.

    Raises
    ------
    BundleError
        Where the folder is missing, holds a file too many or too few, a link or a folder; where a byte
        changed; where the format is another; where the libraries here give other scores.
    """
    text, contents = unsealed(folder)
    manifest = Manifest.from_bytes(text)
    absent = {"model.json", "calibration.json", "reference.json", "model_card.md"} - set(contents)
    if absent:
        raise BundleError(f"bundle {folder}: its manifest names no {sorted(absent)}. Train the model again.")
    features = tuple(Feature.from_json(card) for card in manifest.features)
    try:
        bundle = Bundle(
            version=sha256(text),
            manifest=manifest,
            model=load_model(folder),
            curve=RiskCurve.from_json(json.loads(contents["calibration.json"])),
            bands=Bands(manifest.bands.orange_from, manifest.bands.red_from),
            features=features,
            reference=json.loads(contents["reference.json"]),
        )
        same = (
            bundle.model.features == manifest.inputs
            and bundle.curve.edges == manifest.window.edges
            and bundle.golden_holds()
        )
    except BundleError:
        raise
    except (ChurnmodelError, ValueError, KeyError, TypeError) as cause:
        raise BundleError(f"bundle {folder}: its model cannot be read: {cause}. Train it again.") from cause
    if not same:
        here, there = _libraries(), manifest.training.libraries
        other = [f"{name} {here.get(name)} (was {there[name]})" for name in there if here.get(name) != there[name]]
        raise BundleError(
            f"bundle {folder}: the libraries here give other scores than those it was trained with "
            f"({', '.join(other) or 'same versions'}). Install the versions in its model_card.md, or train "
            "the model here."
        )
    return bundle


def _manifest(parts: BundleParts, golden: pd.DataFrame, files: Mapping[str, str]) -> Manifest:
    risks = parts.curve.risks(parts.model.margins(golden))
    window = parts.window
    return Manifest(
        format_version=2,
        project=parts.project,
        currency=parts.currency,
        model=ModelName(name=parts.name, title=parts.title),
        inputs=tuple(parts.model.features),
        features=tuple(feature.to_json() for feature in parts.features),
        fingerprint=fingerprint(parts.features),
        window=Window(
            lead_days=window.lead_days,
            horizon_days=window.horizon_days,
            edges=parts.curve.edges,
            grace_days=window.grace_days,
            pause_days=window.pause_days,
        ),
        training=Training(
            trained_until=_day(parts.trained_until),
            as_ofs=tuple(sorted(_day(as_of) for as_of in parts.as_ofs)),
            rows=len(parts.X),
            churners=int(parts.churners),
            churned_accounts=parts.churned_accounts,
            data_hash=parts.data_hash,
            revision=parts.revision,
            libraries=_libraries(),
        ),
        metrics=plain(dict(parts.metrics)),
        bands=BandCuts(orange_from=float(parts.bands.orange_from), red_from=float(parts.bands.red_from)),
        golden=Golden(
            rows=tuple(tuple(plain(value) for value in row) for row in golden.itertuples(index=False)),
            risks=tuple(tuple(row) for row in risks.tolist()),
        ),
        files=dict(files),
        caveat=parts.caveat,
        findings=tuple(FlaggedFinding(**asdict(found)) for found in parts.findings),
    )


def _libraries() -> dict[str, str]:
    found = {"python": python_version()}
    for name in LIBRARIES:
        try:
            found[name] = installed(name)
        except ModuleNotFoundError:  # run from a source tree: PackageNotFoundError is one
            found[name] = "source tree"
    return found


def _day(day: date) -> str:
    return pd.Timestamp(day).date().isoformat()
