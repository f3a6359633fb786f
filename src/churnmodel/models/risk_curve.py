"""How likely has an account left by then? (from the hazards of periods to risk within any of their ends)

With ``q_k`` the calibrated probability of leaving in period k, given service at its start,
``risk(edge_k) = 1 - (1 - q_1) ... (1 - q_k)``: it never falls with time, and no two horizons contradict each
other. The *headline* is the risk by the end of the period that holds the account's next renewal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from churnmodel.errors import BundleError
from churnmodel.models.calibration import IDENTITY, Calibrator
from churnmodel.models.model_json import as_object
from churnmodel.models.periods import headline_days, period_of

Floats = NDArray[np.float64]
NOT_STATED = 0
"""The edge of an outcome that says not how soon it counts."""


@dataclass(frozen=True)
class RiskCurve:
    """From a model's margins to risks.

    Parameters
    ----------
    edges
        Days at which the periods end, ascending. The only edge of a model that was taught one ready outcome is 0
        where nobody said how soon it counts (`NOT_STATED`).
    calibrators
        One per period.
    lead_days
        From how many days after ``as_of`` on churn counts.
    """

    edges: tuple[int, ...]
    calibrators: tuple[Calibrator, ...]
    lead_days: int = 0

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.calibrators) or not self.edges:
            raise BundleError(
                f"calibration: wanted one calibrator for each of {len(self.edges)} periods (at least one), got "
                f"{len(self.calibrators)}. Train the model again."
            )

    def margins(self, margins: Floats) -> Floats:
        """(n, k) Calibrated log-odds of a model's `margins` (n, k)."""
        columns = [c.margin(margins[:, k]) for k, c in enumerate(self.calibrators)]
        return np.stack(columns, axis=1) if columns else margins

    def risks(self, margins: Floats) -> Floats:
        """(n, k) Probability of having left by the end of each period, at a model's `margins` (n, k).

        The same bits for a row alone and in any batch.
        """
        stays = expit(-self.margins(margins))
        return np.asarray(1.0 - np.multiply.accumulate(stays, axis=1), dtype=np.float64)

    def headline_days(self, X: pd.DataFrame) -> Floats:
        """(n,) How far ahead the headline looks: to the next renewal (90 days on short or unknown terms).

        Where there is only one period it looks to its end; NaN where that is not stated.
        """
        if len(self.edges) == 1:
            return np.full(len(X), self.edges[0] if self.edges[0] != NOT_STATED else np.nan)
        return headline_days(X, self.edges, self.lead_days)

    def headline_period(self, X: pd.DataFrame) -> NDArray[np.int64]:
        """(n,) The period through which the headline risk of each account runs."""
        if len(self.edges) == 1:
            return np.zeros(len(X), dtype=np.int64)
        return period_of(self.headline_days(X), self.edges)

    def headline(self, risks: Floats, X: pd.DataFrame) -> Floats:
        """(n,) The headline risk, from `risks` (n, k)."""
        return np.asarray(risks[np.arange(len(risks)), self.headline_period(X)], dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """The curve as JSON types."""
        return {
            "edges": list(self.edges),
            "lead_days": self.lead_days,
            "periods": [c.to_json() for c in self.calibrators],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> RiskCurve:
        """The curve `to_json` wrote; BundleError where it is damaged."""
        edges, periods, lead_days = body.get("edges"), body.get("periods"), body.get("lead_days")
        if not (
            isinstance(edges, list) and isinstance(periods, list) and type(lead_days) is int and lead_days >= 0
        ):
            raise BundleError("calibration: damaged. Train the model again.")
        ascend = all(type(e) is int and e > 0 for e in edges) and edges == sorted(set(edges))
        if not ascend and edges != [NOT_STATED]:
            raise BundleError("calibration: its edges do not ascend. Train the model again.")
        read = tuple(Calibrator.from_json(as_object(p, "calibration.periods")) for p in periods)
        return cls(tuple(edges), read, lead_days)


def uncalibrated(edges: Sequence[int], lead_days: int = 0) -> RiskCurve:
    """The curve that takes the margins as they are.

    >>> uncalibrated((30, 60)).risks(np.zeros((1, 2))).tolist()
    [[0.5, 0.75]]
    """
    return RiskCurve(tuple(edges), (IDENTITY,) * len(edges), lead_days)
