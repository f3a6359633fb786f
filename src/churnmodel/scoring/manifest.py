"""What does a bundle say about itself?

The manifest: what the model reads, from what it was trained, how well it did, and the sha256 of every other
file. It holds no clock, no run id and no account, so the same data, seed and machine give the same bytes. Its
own sha256 is the model's version.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from churnmodel.errors import BundleError, FeatureError
from churnmodel.features.feature import Feature
from churnmodel.scoring.json_text import json_text

FORMAT_VERSION = 2
FILE_NAME = re.compile(r"[a-z][a-z0-9_]*\.(json|txt|md|npz)")
Sha256 = Field(pattern=r"^[0-9a-f]{64}$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ModelName(_Strict):
    """Which model: the name of its TOML, and its title for people."""

    name: str = Field(min_length=1)
    title: str


class Window(_Strict):
    """What counts as churn: after ``as_of + lead``, without service for over grace.

    Risks are given within each of `edges` days; models were compared by the one within `horizon_days`. Both are 0
    where the outcome came ready made in a flat table that does not say how soon it counts.
    """

    lead_days: int = Field(ge=0)
    horizon_days: int = Field(ge=0)
    edges: tuple[int, ...] = Field(min_length=1)
    grace_days: int = Field(ge=0)
    pause_days: int = Field(ge=0)


class Training(_Strict):
    """What it learned from: snapshots on `as_ofs`, whose outcomes were known before `trained_until`.

    `churners` of them came before an end of service; `churned_accounts` says of how many accounts, null in bundles
    that did not count them.
    """

    trained_until: str
    as_ofs: tuple[str, ...]
    rows: int = Field(ge=0)
    churners: int = Field(ge=0)
    churned_accounts: int | None = Field(default=None, ge=0)
    data_hash: str
    revision: str
    libraries: dict[str, str]

    @field_validator("trained_until")
    @classmethod
    def _is_date(cls, value: str) -> str:
        date.fromisoformat(value)
        return value


class BandCuts(_Strict):
    """The frozen cut points of `churnmodel.scoring.bands.Bands`."""

    orange_from: float
    red_from: float


class Golden(_Strict):
    """Made-up feature rows with the risk this very model gave them, to be met bit for bit at loading."""

    rows: tuple[tuple[float | str | None, ...], ...] = Field(min_length=1)
    risks: tuple[tuple[float, ...], ...]


class FlaggedFinding(_Strict):
    """A check that fired against the model, or is silent and warns."""

    code: str
    title: str
    fired: bool
    message: str


class Manifest(_Strict):
    """Everything a bundle knows, apart from the model's own numbers.

    `caveat` is to be said wherever one of its metrics is; it is empty unless the model learned from a flat table.
    """

    format_version: Literal[2]
    project: str
    currency: str
    model: ModelName
    inputs: tuple[str, ...]
    features: tuple[dict[str, Any], ...]
    fingerprint: str = Sha256
    window: Window
    training: Training
    metrics: dict[str, Any]
    bands: BandCuts
    golden: Golden
    files: dict[str, str]
    caveat: str = ""
    findings: tuple[FlaggedFinding, ...] = ()

    @field_validator("files")
    @classmethod
    def _are_plain_files(cls, files: dict[str, str]) -> dict[str, str]:
        for name, digest in files.items():
            if not FILE_NAME.fullmatch(name) or not re.fullmatch("[0-9a-f]{64}", digest):
                raise ValueError(f"{name!r} is not a plain file name with a sha256")
        return files

    def to_bytes(self) -> bytes:
        """The one text of this manifest: sorted keys, floats as `repr` gives them, UTF-8."""
        return json_text(self.model_dump())

    @classmethod
    def from_bytes(cls, text: bytes) -> Manifest:
        """The manifest in `text`.

        Raises
        ------
        BundleError
            Where it is of another format version, or not what this version writes.
        """
        try:
            found = json.loads(text.decode())
            version = found["format_version"] if isinstance(found, dict) else None
        except (ValueError, KeyError, RecursionError) as cause:
            raise BundleError("manifest.json: not a bundle's manifest. Train the model again.") from cause
        if version != FORMAT_VERSION or isinstance(version, bool):
            raise BundleError(
                f"manifest.json: format version {version!r}, but this churnmodel reads {FORMAT_VERSION}. "
                "Install the churnmodel that wrote the bundle, or train the model again."
            )
        try:
            manifest = cls.model_validate_json(text)
            cards = [Feature.from_json(card) for card in manifest.features]
        except ValidationError as cause:
            first = cause.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise BundleError(f"manifest.json: {where}: {first['msg']}. Train the model again.") from cause
        except FeatureError as cause:
            raise BundleError(f"manifest.json: {cause}") from cause
        manifest._check_together(cards)
        return manifest

    def _check_together(self, cards: Sequence[Feature]) -> None:
        names = [card.name for card in cards]
        inputs = [card.name for card in cards if card.role == "input"]
        golden = self.golden
        wrong = (
            "two features of one name" if len(set(names)) < len(names)
            else "inputs that are not its features" if set(self.inputs) - set(inputs)
            else "a fingerprint of other features" if self.fingerprint != fingerprint(cards)
            else "golden rows of another width" if any(len(row) != len(self.inputs) for row in golden.rows)
            else "golden rows without their risks" if len(golden.rows) != len(golden.risks)
            else "edges that do not ascend" if list(self.window.edges) != sorted(set(self.window.edges))
            else ""
        )  # fmt: skip
        if wrong:
            raise BundleError(f"manifest.json has {wrong}. Train the model again.")


def fingerprint(features: Sequence[Feature]) -> str:
    """The sha256 of what the features mean: names, meanings, units and absent values, in order.

    Wording, direction and family may change without making an old model wrong, so they do not enter.
    """
    text = json.dumps([meaning(feature) for feature in features], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def meaning(feature: Feature) -> tuple[str, ...]:
    """What must stay as it was at training for a model's numbers to fit the feature."""
    return (feature.name, feature.meaning, feature.unit, repr(float(feature.absent)), feature.role)
