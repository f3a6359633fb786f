"""What is a feature?

A frozen value in a list. From the one list `churnmodel.features.catalog` derive the feature matrix, the data
dictionary, monotone constraints, the groups of SHAP values, the sentences and the request contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from churnmodel.errors import FeatureError

if TYPE_CHECKING:
    from churnmodel.features.measures import Measure

Family = Literal["usage", "support", "financial", "sentiment", "relationship"]
Unit = Literal[
    "count", "share", "days", "months", "money", "score", "change", "slope", "category", "flag", "number"
]  # fmt: skip
RaisesRisk = Literal["high", "low", "either"]
Role = Literal["input", "context"]


@dataclass(frozen=True)
class Wording:
    """The sentences a feature can say, chosen by its value.

    Each is a template over feature names of the same row, with a format that fits the unit:
    ``"{active_users_28d:n user} active in the last 28 days, {active_users_previous_28d:n} in the 28 before"``.
    The formats are defined in `churnmodel.explanation.wording`.

    Parameters
    ----------
    text
        For any known value that no narrower sentence fits.
    unknown
        For a missing value; says what is not known, never a number.
    zero
        For exactly 0.
    rise, fall
        For a value above / below 0 (changes, slopes); both fall back to `text`.
    """

    text: str
    unknown: str
    zero: str | None = None
    rise: str | None = None
    fall: str | None = None


@dataclass(frozen=True)
class Feature:
    """One column of the feature matrix, with all that is said about it anywhere.

    Parameters
    ----------
    name
        ``<what>_<window>``: ``active_users_28d``, ``overdue_amount``, ``nps_latest``.
    family, concept
        The family it belongs to (``"column"`` where it came ready made in a flat table), and the one thing it
        means together with its siblings: every window of active users is the concept ``"active users"``. A driver
        is a concept.
    meaning
        One plain sentence with the interval: "Distinct users with an event in [as_of - 28 days, as_of)".
    unit
        Of the value; ``"category"`` holds text, every other unit a float; ``"number"`` is one of unknown unit.
    wording
        How it speaks to a customer success manager.
    measure
        How it is computed. None where the feature was read back from a bundle: there it is supplied.
    absent
        The value of an account that has a source but no rows (0.0, or NaN for "unknown").
    raises_risk
        Which end of the scale raises the risk: ``"high"``, ``"low"``, or ``"either"`` where neither is known.
        ``"high"`` and ``"low"`` become monotone constraints.
    actionable
        Whether the customer or the team can change it.
    role
        ``"input"`` enters models; ``"context"`` is only there for sentences to quote.
    """

    name: str
    family: Family | Literal["column"]
    concept: str
    meaning: str
    unit: Unit
    wording: Wording
    measure: Measure | None = None
    absent: float = float("nan")
    raises_risk: RaisesRisk = "either"
    actionable: bool = True
    role: Role = "input"

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise FeatureError(f"feature name {self.name!r}: wanted letters, digits and '_' ; rename the feature")

    @property
    def is_category(self) -> bool:
        """Whether the column holds text instead of numbers."""
        return self.unit == "category"

    def to_json(self) -> dict[str, Any]:
        """All but the measure, as JSON types: what a bundle keeps so that it can speak for itself."""
        card = {k: v for k, v in self.__dict__.items() if k not in ("measure", "absent", "wording")}
        return card | {
            "absent": None if self.absent != self.absent else self.absent,
            "wording": asdict(self.wording),
        }

    @classmethod
    def from_json(cls, card: Mapping[str, Any]) -> Feature:
        """The feature a bundle kept; its `measure` is None.

        >>> users = Feature("active_users_28d", "usage", "active users", "Distinct users.", "count",
        ...                 Wording("{active_users_28d:n user} active", unknown="Active users are not known"))
        >>> Feature.from_json(users.to_json()).wording == users.wording
        True
        """
        try:
            fields = dict(card)
            absent = fields.pop("absent")
            wording = Wording(**fields.pop("wording"))
            return cls(**fields, wording=wording, absent=float("nan") if absent is None else float(absent))
        except (KeyError, TypeError, ValueError) as cause:
            raise FeatureError(f"a feature card could not be read: {cause}. Train the model again.") from cause
