"""How is a model written as the TOML it could be read from?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from churnmodel.models.spec import ModelSpec


def spec_toml(spec: ModelSpec) -> str:
    """The TOML of a model: ``read_model_spec`` of it gives the spec back (its name is the file's).

    >>> print(spec_toml(ModelSpec("m", "Small trees", "lightgbm", {"leaves": 3, "monotone": True})))
    title = "Small trees"
    estimator = "lightgbm"
    <BLANKLINE>
    [features]
    include = ["*"]
    exclude = []
    <BLANKLINE>
    [parameters]
    leaves = 3
    monotone = true
    <BLANKLINE>
    """
    lines = [f"title = {_value(spec.title)}", f"estimator = {_value(spec.estimator)}", ""]
    lines += ["[features]", f"include = {_value(list(spec.include))}", f"exclude = {_value(list(spec.exclude))}"]
    lines += _table("parameters", spec.parameters)
    if spec.search:
        lines += ["", "[search]"]
        for d in spec.search:
            ends = f"low = {_value(d.low)}, high = {_value(d.high)}" + (", log = true" if d.log else "")
            told = f"choices = {_value(list(d.choices))}" if d.choices else ends
            lines.append(f"{json.dumps(d.name) if '.' in d.name else d.name} = {{{told}}}")
    return "\n".join(lines) + "\n"


def _table(name: str, body: Mapping[str, Any]) -> list[str]:
    plain = {k: v for k, v in body.items() if not isinstance(v, Mapping) and not _is_tables(v)}
    lines = ["", f"[{name}]", *(f"{k} = {_value(v)}" for k, v in plain.items())] if plain or not body else []
    for key, value in body.items():
        if isinstance(value, Mapping):
            lines += _table(f"{name}.{key}", value)
        elif _is_tables(value):
            for one in value:
                lines += ["", f"[[{name}.{key}]]", *(f"{k} = {_value(v)}" for k, v in one.items())]
    return lines


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    # JSON writes text, numbers and true/false as TOML does
    return json.dumps(value, ensure_ascii=False)
