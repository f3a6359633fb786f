"""How likely does an account leave in each of the periods ahead? (one form for every model)

Conditional hazards: for each period the log-odds of leaving in it, given service at its start. What a model says
within 30 days, within a year and by the next renewal then never contradicts itself. Near periods (up to 90 days)
and far ones are learned apart: what moves the next quarter fades over a year, and the many accounts that leave
some day must not drown the few that leave soon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError, ModelError, TooFewChurners
from churnmodel.features.feature import Feature
from churnmodel.models.encoding import refuse_missing
from churnmodel.models.model_json import as_names, as_object, write_model_json
from churnmodel.models.periods import NEAR_UP_TO, RENEWAL_FEATURES, Stretch
from churnmodel.models.training_rows import TrainingRows

Floats = NDArray[np.float64]


class Part(Protocol):
    """A model of some periods in a row."""

    @property
    def features(self) -> tuple[str, ...]:
        """Input features in order; X is read by name."""

    def margins(self, X: pd.DataFrame) -> Floats:
        """(n, k) Log-odds of each period before calibration."""

    def to_json(self) -> dict[str, Any]:
        """The part as JSON types."""


Fit: TypeAlias = Callable[[TrainingRows, Stretch], Part]
PartFrom: TypeAlias = Callable[[str, Mapping[str, Any], int], Part]


@dataclass(frozen=True)
class HazardModel:
    """Hazards of all periods, from parts that speak of some each.

    Parameters
    ----------
    kind
        The estimator of the parts.
    edges
        Days after ``as_of`` (and lead) at which the periods end, ascending.
    features
        What the parts read, and what says when an account renews.
    parts
        In time; together they speak of every period.
    """

    estimator: ClassVar[str] = "hazard"

    kind: str
    edges: tuple[int, ...]
    features: tuple[str, ...]
    parts: tuple[Part, ...]

    def margins(self, X: pd.DataFrame) -> Floats:
        """(n, k) Log-odds of leaving in each period, given service at its start, before calibration.

        The same bits for a row alone, in any batch, in any order. FeatureError where X lacks a feature.
        """
        refuse_missing(X, self.features)
        return np.concatenate([part.margins(X) for part in self.parts], axis=1)

    def save(self, folder: Path) -> None:
        """Write `model.json` into `folder`, and a text and arrays per part of trees; never a pickle."""
        body = {
            "kind": self.kind,
            "edges": list(self.edges),
            "features": list(self.features),
            "parts": [part.to_json() for part in self.parts],
        }
        write_model_json(folder, self.estimator, body)
        for number, part in enumerate(self.parts):
            save_trees = getattr(part, "save_trees", None)
            if save_trees is not None:
                save_trees(folder / trees_file(number))

    @classmethod
    def from_json(cls, body: Mapping[str, Any], part_from: PartFrom) -> HazardModel:
        """The model `save` wrote, each part read by `part_from(kind, body, number)`; BundleError where damaged."""
        kind, edges, parts = body.get("kind"), body.get("edges"), body.get("parts")
        if not (isinstance(kind, str) and isinstance(edges, list) and isinstance(parts, list)):
            raise BundleError("model file: its hazards are damaged. Train the model again.")
        read = tuple(part_from(kind, as_object(part, "part"), number) for number, part in enumerate(parts))
        features = as_names(body.get("features"), "features")
        stretches = [stretch_of(part) for part in read]
        firsts = [s.first for s in stretches]
        counts = [s.count for s in stretches]
        fit = firsts == [sum(counts[:i]) for i in range(len(counts))] and sum(counts) == len(edges) > 0
        same = all(s.edges == tuple(edges) and s.lead_days == stretches[0].lead_days for s in stretches)
        if not (fit and same and all(type(edge) is int for edge in edges)):
            raise BundleError("model file: its parts do not speak of its periods. Train the model again.")
        if any(set(part.features) - set(features) for part in read):
            raise BundleError("model file: a part reads a feature the model does not. Train the model again.")
        return cls(kind, tuple(edges), features, read)


def trees_file(number: int) -> str:
    """The file of the text of the trees of a part; their arrays are beside it.

    >>> trees_file(0), trees_file(1)
    ('lightgbm.txt', 'lightgbm_2.txt')
    """
    return "lightgbm.txt" if number == 0 else f"lightgbm_{number + 1}.txt"


def stretch_of(part: Any) -> Stretch:
    """The periods a part speaks of (BundleError where it speaks of none)."""
    periods = getattr(part, "periods", None)
    stretch = getattr(part, "stretch", None) if periods is None else periods.stretch
    if not isinstance(stretch, Stretch):
        raise BundleError("model file: a part says not of which periods it speaks. Train the model again.")
    return stretch


def fit_hazards(
    rows: TrainingRows,
    edges: tuple[int, ...],
    kind: str,
    chosen: Sequence[Feature],
    features: Sequence[Feature],
    fit: Fit,
    *,
    lead_days: int = 0,
    apart: bool = True,
) -> HazardModel:
    """The hazards of as many of the periods as the rows have outcomes of, fitted by `fit`.

    Parameters
    ----------
    rows
        With outcomes (n, len(edges)).
    chosen
        What the parts are given.
    features
        The catalog; those of it that say when an account renews are read as well.
    fit
        Gives the part of some periods from the rows that have an outcome in the first of them.
    apart
        Whether far periods have a part of their own, where enough accounts churned in them and before.

    Raises
    ------
    TooFewChurners, ModelError
        As `fit`.
    FeatureError
        The rows lack a feature.
    """
    if rows.outcomes.shape[1] != len(edges):
        raise ModelError(f"hazards: wanted {len(edges)} outcomes per row, got {rows.outcomes.shape[1]}.")
    told = dict.fromkeys(f.name for f in features if f.name in RENEWAL_FEATURES)
    asked = dict.fromkeys(f.name for f in chosen) | told
    refuse_missing(rows.X, tuple(asked))
    # a renewal that is no feature may be there now, and would be missed at scoring
    foreign = [name for name in RENEWAL_FEATURES if name in rows.X and name not in asked]
    rows = replace(rows, X=rows.X.drop(columns=foreign))
    known = tuple(edge for edge, some in zip(edges, rows.known.T, strict=True) if some.any())
    near = sum(edge <= NEAR_UP_TO for edge in known)
    whole = Stretch(known, 0, len(known), lead_days)
    parts = [fit(_within(rows, whole), whole)] if not apart or near in (0, len(known)) else []
    if not parts:
        try:
            stretches = (Stretch(known, 0, near, lead_days), Stretch(known, near, len(known) - near, lead_days))
            parts = [fit(_within(rows, stretch), stretch) for stretch in stretches]
        except TooFewChurners:
            parts = [fit(_within(rows, whole), whole)]
    names = dict.fromkeys(f.name for f in chosen) | dict.fromkeys(n for part in parts for n in part.features)
    names |= told
    return HazardModel(kind, known, tuple(names), tuple(parts))


def _within(rows: TrainingRows, stretch: Stretch) -> TrainingRows:
    outcomes = rows.outcomes[:, stretch.here]
    told = ~np.isnan(outcomes[:, 0])
    weights = rows.weights[told]
    if not weights.any():
        raise TooFewChurners(f"hazards: all {len(weights)} rows with an outcome that late have a weight of 0.")
    return TrainingRows(rows.X[told], outcomes[told], weights / (weights.sum() / len(weights)))
