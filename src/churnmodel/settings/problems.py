"""What is wrong with a settings file, in one sentence? (and never a secret that stands in it)"""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError


def first_problem(error: ValidationError, settings: type[BaseModel]) -> str:
    """The problem to be told first, with its place; an unknown key names the nearest known one."""
    # An unknown key explains a missing one beside it, so it is told first.
    problems = sorted(error.errors(), key=lambda p: p["type"] != "extra_forbidden")
    problem = problems[0]
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        model, key = _model_at(settings, problem["loc"][:-1]), str(problem["loc"][-1])
        if moved := getattr(model, "moved", {}).get(key):
            return f"unknown key '{where}'; take it out: {moved} says so now"
        known = [k for k in getattr(model, "model_fields", {}) if k != "base"]
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(known)}"
        return f"unknown key '{where}'; {hint}"
    if problem["type"] == "missing":
        return f"'{where}' is missing; add it to the file"
    message = problem["msg"].removeprefix("Value error, ")
    if where.startswith(("data", "state", "alerts.channels")):  # a URL may hold a password, whoever put it there
        return f"'{where}': {message}"
    return f"'{where}': {message} (got {problem['input']!r})" if where else message


def _model_at(settings: type[BaseModel], loc: tuple[int | str, ...]) -> Any:
    model: Any = settings
    for part in loc:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        annotation = field.annotation if field else model
        arguments = getattr(annotation, "__args__", ())
        # a Mapping[str, X] is entered through any key, so its X is what the next part names
        model = arguments[-1] if arguments and not hasattr(annotation, "model_fields") else annotation
    return model
