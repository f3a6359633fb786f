"""Which features does a project add? (one Python file, named in the settings, with a list of them)

The file is plain Python with a list named ``FEATURES``, made of the same values as the catalog::

    from churnmodel.features.aggregate import Aggregate, Cell
    from churnmodel.features.feature import Feature, Wording
    from churnmodel.features.measures import Level

    LOGIN = Cell("about the login", lambda t: t.category.lower() == "login", reads=("category",))

    FEATURES = [
        Feature(
            name="login_tickets_90d",
            family="support",
            concept="login problems",
            meaning="Tickets about the login opened in [as_of - 90 days, as_of).",
            unit="count",
            wording=Wording(
                "{login_tickets_90d:n ticket} about the login in the last 90 days",
                zero="No ticket about the login in the last 90 days",
                unknown="Tickets about the login are not known",
            ),
            measure=Level(Aggregate("tickets", "count", since=90, where=LOGIN)),
            absent=0.0,
            raises_risk="high",
        ),
    ]

Nothing is registered by importing: what is not in the list does not exist. A measure gets rows that are already
cut at ``as_of``, so the laws of the catalog hold for these features as well.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from churnmodel.errors import FeatureError
from churnmodel.features.feature import Feature
from churnmodel.features.rehearsal import problems


def own_features(path: Path) -> tuple[Feature, ...]:
    """The features in the list ``FEATURES`` of a Python file, in its order.

    The file is run as part of this program: it is the project's own code, like its SQL.

    Raises
    ------
    FeatureError
        The file is missing or does not run, has no list ``FEATURES``, or a feature in it is none, stands twice,
        or could not be computed: it names a table or column that the contract does not have.
    """
    where = f"features.own, {path.name}"
    listed = _listed(path, where)
    for place, feature in enumerate(listed):
        if not isinstance(feature, Feature):
            raise FeatureError(
                f"{where}: FEATURES[{place}] is a {type(feature).__name__}; wanted a Feature "
                "(from churnmodel.features.feature)"
            )
    features = tuple(feature for feature in listed if isinstance(feature, Feature))
    names = [feature.name for feature in features]
    for name in names:
        if names.count(name) > 1:
            raise FeatureError(f"{where}: two features are named {name!r}; rename one")
    for feature in features:
        for problem in problems(feature):
            raise FeatureError(f"{where}: {feature.name}: {problem}")
    return features


def _listed(path: Path, where: str) -> Sequence[object]:
    try:
        source = path.read_bytes()
    except OSError as cause:
        raise FeatureError(
            f"{where}: no file at {path}. Correct features.own in churnmodel.toml; it is relative to that file."
        ) from cause
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    try:
        # compiled here and not imported: nothing is written beside it, and no module of that name is hidden
        exec(compile(source, str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as cause:
        raise FeatureError(f"{where}: {_line_of(path, cause)}{type(cause).__name__}: {cause}") from cause
    listed = getattr(module, "FEATURES", None)
    if not isinstance(listed, list | tuple):
        came = "has no such name" if listed is None else f"is a {type(listed).__name__}"
        raise FeatureError(f"{where}: FEATURES {came}; wanted a list of features, FEATURES = [Feature(...), ...]")
    return listed


def _line_of(path: Path, cause: BaseException) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(cause.__traceback__) if frame.filename == str(path)]
    return f"line {lines[-1]}: " if lines else ""
