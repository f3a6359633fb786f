"""How is a fitted model written, so that its bytes depend on nothing but the model?

JSON with sorted keys and Python's shortest round-trip floats: no clock, no path, no pickle, no NaN.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from churnmodel.errors import BundleError

MODEL_FILE = "model.json"
FORMAT = 1


def write_model_json(folder: Path, estimator: str, body: Mapping[str, Any]) -> None:
    """Write `model.json` into `folder` (made if missing); the same model gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {"format": FORMAT, "estimator": estimator} | dict(body),
        indent=1,
        sort_keys=True,
        allow_nan=False,
        ensure_ascii=False,
    )
    (folder / MODEL_FILE).write_bytes((text + "\n").encode())


def read_model_json(folder: Path) -> dict[str, Any]:
    """What `model.json` in `folder` holds.

    Raises
    ------
    BundleError
        The file is missing, is not JSON, or is of another format version.
    """
    path = folder / MODEL_FILE
    try:
        body = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except OSError as cause:
        raise BundleError(f"no readable {MODEL_FILE} in {folder}: {cause}. Train the model again.") from cause
    except (ValueError, RecursionError) as cause:  # JSON and UTF-8 errors are ValueErrors
        raise BundleError(f"{path} is not the JSON of a model: {cause}. Train the model again.") from cause
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        came = body.get("format") if isinstance(body, dict) else type(body).__name__
        raise BundleError(f"{path}: wanted model format {FORMAT}, found {came!r}. Train the model again.")
    return body


def as_finite(value: Any, what: str) -> float:
    """`value` as a finite float, or a refusal that names `what` (for reading model files)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BundleError(f"model file: {what} is {value!r}, wanted a finite number. Train the model again.")
    return float(value)


def as_finites(values: Any, what: str, length: int | None = None) -> tuple[float, ...]:
    """`values` as finite floats, `length` of them if given, or a refusal that names `what`."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise BundleError(f"model file: {what} is no list of numbers. Train the model again.")
    if length is not None and len(values) != length:
        raise BundleError(f"model file: {what} has {len(values)} numbers, wanted {length}. Train the model again.")
    return tuple(as_finite(v, what) for v in values)


def as_object(value: Any, what: str) -> dict[str, Any]:
    """`value` as a JSON object, or a refusal that names `what`."""
    if not isinstance(value, dict):
        raise BundleError(f"model file: {what} is no JSON object. Train the model again.")
    return value


def as_names(values: Any, what: str) -> tuple[str, ...]:
    """`values` as distinct strings, or a refusal that names `what`."""
    good = isinstance(values, list) and all(isinstance(v, str) for v in values)
    if not good or len(set(values)) != len(values):
        raise BundleError(f"model file: {what} is no list of distinct names. Train the model again.")
    return tuple(values)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
