"""What is the one JSON text of a value?

Sorted keys, floats as `repr` gives them (so they read back bit for bit), UTF-8, no NaN: equal values, equal
bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.errors import BundleError


def json_text(value: Any) -> bytes:
    """The text of `value`, which holds JSON types only.

    >>> json_text({"b": 0.1, "a": None})
    b'{\\n "a": null,\\n "b": 0.1\\n}\\n'
    """
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def plain(value: Any) -> Any:
    """`value` as JSON types, numpy's scalars and arrays unwrapped; NaN is null.

    Raises
    ------
    BundleError
        Where a value is none that JSON has.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, str | bool | int | float):
        return value
    raise BundleError(f"bundle: {type(value).__name__} cannot be kept as JSON. Give numbers or text.")
