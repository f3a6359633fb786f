"""Which tiers have an onboarding template? (the one place that asks the settings of onboarding)"""

from __future__ import annotations

from collections.abc import Mapping

from churnmodel.settings import Settings


def onboarding_templates(settings: Settings) -> Mapping[str, tuple[str, ...]] | None:
    """Tier -> names of the milestones of its template; None where these settings know no templates.

    A tier with no template is left out, or has none of them.
    """
    return None
