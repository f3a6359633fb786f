"""What happened to everybody at once? (an incident, a redesign of the product, an outage of a feed)"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from churnmodel.sources.synthetic.causes import Days, Flags, stream


class World(NamedTuple):
    """Days since the start on which something befell the vendor and so all its accounts.

    Parameters
    ----------
    incident
        The service broke down for everyone; `incident_hours` later it was mended.
    redesign
        The product got a new face, which some accounts never came to like.
    outage, outage_days
        The first day on which no usage event was loaded for anyone, and how many such days there were. Those
        events were lost: the customers worked as ever, but nobody knows it.
    """

    incident: int
    incident_hours: int
    redesign: int
    outage: int
    outage_days: int

    def in_outage(self, day: Days) -> Flags:
        """Whether each day was lost to the feed."""
        return (day >= self.outage) & (day < self.outage + self.outage_days)


def draw_world(weeks: int, seed: int) -> World:
    """The world of one company, in this order: incident, redesign, outage; none near the ends of the history.

    >>> world = draw_world(weeks=104, seed=7)
    >>> 0 < world.incident < world.redesign < world.outage < 7 * 104
    True
    """
    u = stream(seed, "world").random(5)
    incident, redesign, outage = (7.0 * weeks * (np.array([0.34, 0.52, 0.70]) + 0.12 * u[:3])).astype(int).tolist()
    return World(incident, 9 + int(12 * u[3]), redesign, outage, 4 + int(3 * u[4]))
