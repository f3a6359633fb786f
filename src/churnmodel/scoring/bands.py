"""From which risk on is an account red, or orange, and what is its health?

The cut points are chosen once, at training, from out-of-time predictions, and frozen in the bundle: an
account does not turn red because others left the book.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from churnmodel.errors import BundleError, ModelError

RED, ORANGE, GREEN = "red", "orange", "green"
HEALTH_AT_RED, HEALTH_AT_ORANGE = 40.0, 70.0
RED_FLOOR, ORANGE_FLOOR = 1.5, 1.2


@dataclass(frozen=True)
class Bands:
    """The cut points of risk, and the scale of health that goes with them.

    Parameters
    ----------
    orange_from, red_from
        The lowest risk that is orange, and red. ``0 < orange_from < red_from < 1``.

    Raises
    ------
    BundleError
        Where the cut points are not in that order.

    >>> bands = Bands(orange_from=0.1, red_from=0.25)
    >>> bands.band([0.05, 0.1, 0.25]).tolist()
    ['green', 'orange', 'red']
    >>> bands.health([0.0, 0.1, 0.25, 1.0]).tolist()
    [100.0, 70.0, 40.0, 0.0]
    """

    orange_from: float
    red_from: float

    def __post_init__(self) -> None:
        if not 0 < self.orange_from < self.red_from < 1:
            raise BundleError(
                f"bands: wanted 0 < orange_from < red_from < 1, got orange_from={self.orange_from!r} and "
                f"red_from={self.red_from!r}. Choose them with choose_bands on out-of-time predictions."
            )

    def band(self, risk: ArrayLike) -> NDArray[np.object_]:
        """``"red"``, ``"orange"`` or ``"green"`` for each risk, None for a missing one. (n,)."""
        risk = np.asarray(risk, dtype=np.float64)
        band = np.where(risk >= self.red_from, RED, np.where(risk >= self.orange_from, ORANGE, GREEN))
        band = band.astype(object)
        band[np.isnan(risk)] = None
        return band

    def health(self, risk: ArrayLike) -> NDArray[np.float64]:
        """Health 0-100: falls with risk along three straight lines. Shape (n,); NaN where risk is missing.

        100 at risk 0, exactly 70 at `orange_from`, exactly 40 at `red_from`, 0 at risk 1. So red is 40 and
        below, green above 70.
        """
        risk = np.asarray(risk, dtype=np.float64)
        green = _line(risk, 0.0, self.orange_from, 100.0, HEALTH_AT_ORANGE)
        orange = _line(risk, self.orange_from, self.red_from, HEALTH_AT_ORANGE, HEALTH_AT_RED)
        red = _line(risk, self.red_from, 1.0, HEALTH_AT_RED, 0.0)
        return np.where(risk >= self.red_from, red, np.where(risk >= self.orange_from, orange, green))


def choose_bands(risk: ArrayLike, *, red_share: float = 0.10, orange_share: float = 0.20) -> Bands:
    """The cut points for a team that can work `red_share` of the book, and watch `orange_share` more.

    Red starts where the riskiest `red_share` of the predictions starts, orange where the next `orange_share`
    does. Floors keep a model without skill from colouring anybody: red starts at no less than 1.5 times the
    mean predicted risk (the base rate, where predictions are calibrated), orange at no less than 1.2 times.
    Where ties would let both start together, orange starts at 4/5 of red.

    Parameters
    ----------
    risk
        Shape (n,). Calibrated predictions on rows the models had not seen (the backtest's).

    Raises
    ------
    ModelError
        Where there are no predictions, or one is missing or outside [0, 1].

    >>> choose_bands([0.01] * 70 + [0.1] * 20 + [0.4] * 10)
    Bands(orange_from=0.1, red_from=0.4)
    """
    risk = np.sort(np.asarray(risk, dtype=np.float64))
    if risk.size == 0 or not (risk >= 0).all() or not (risk <= 1).all():
        raise ModelError(
            f"bands: wanted at least one out-of-time risk, each in [0, 1]; got {risk.size} with "
            f"{int((~((risk >= 0) & (risk <= 1))).sum())} outside. Give the predictions of the backtest."
        )
    base = float(risk.mean())
    red = max(_lowest_of_top(risk, red_share), RED_FLOOR * base)
    red = min(max(red, 1e-6), 0.95)
    orange = max(_lowest_of_top(risk, red_share + orange_share), ORANGE_FLOOR * base)
    return Bands(orange_from=float(orange if 0 < orange < red else 0.8 * red), red_from=float(red))


def _lowest_of_top(ascending: NDArray[np.float64], share: float) -> float:
    top = min(max(round(share * ascending.size), 1), ascending.size)
    return float(ascending[ascending.size - top])


def _line(
    risk: NDArray[np.float64], start: float, end: float, at_start: float, at_end: float
) -> NDArray[np.float64]:
    # elementwise IEEE arithmetic only: one row and a batch give the same bits, and `start` gives `at_start`
    return np.maximum(at_start + (risk - start) * ((at_end - at_start) / (end - start)), at_end)
