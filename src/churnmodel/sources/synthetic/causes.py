"""Which causes of churn act in the demo company, and where does each of its random numbers come from?"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[np.float32] | NDArray[np.float64]
Days = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Causes:
    """The causes that act. Each can be switched off; no other random number changes when one is.

    Parameters
    ----------
    value_loss
        The need goes away: a project ends, a competitor does it better, a strategy changes.
    champion_leaves
        The person who wanted the product leaves the customer; a successor may come weeks later.
    payment_trouble
        The customer cannot pay for a while; 60 days past due, service is cut (involuntary churn).
    support_friction
        Spells of defects and slow answers, which wear value down while they last; among them the one incident
        that hits everybody.
    poor_onboarding
        Some accounts never got properly started; the lack fades, but not wholly.
    price_rise
        Some renewals come at a higher price.
    random_exit
        Churn that nothing foretells: the customer is acquired, or leaves without a trace.
    redesign
        On one day the product gets a new face; some accounts lose part of what they needed it for.

    >>> Causes(price_rise=False).off
    ('price_rise',)
    """

    value_loss: bool = True
    champion_leaves: bool = True
    payment_trouble: bool = True
    support_friction: bool = True
    poor_onboarding: bool = True
    price_rise: bool = True
    random_exit: bool = True
    redesign: bool = True

    @property
    def off(self) -> tuple[str, ...]:
        """Names of the causes that are switched off."""
        return tuple(name for name, acts in vars(self).items() if not acts)


def stream(seed: int, name: str, *keys: int) -> np.random.Generator:
    """The random numbers of one name, independent of those of every other name or key.

    Whoever draws takes a shape that depends on neither causes nor outcomes; so a cause that is switched off
    leaves every other number where it was.

    >>> bool(stream(7, "usage", 3).random() == stream(7, "usage", 3).random())
    True
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(crc32(name.encode()), *keys)))
