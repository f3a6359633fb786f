"""What did a check find? (a code, a status, one or two sentences with the numbers)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["fired", "silent", "not applicable"]

TITLES: Mapping[str, str] = {
    "CHN001": "Future data",
    "CHN002": "Too good to be true",
    "CHN003": "Not better than a baseline",
    "CHN004": "Miscalibrated",
    "CHN005": "Unstable",
    "CHN006": "Uneven over segments",
    "CHN007": "Too few churners",
}
"""Every code and its name; each has a page, ``docs/checks/<code>.md``."""
FORBIDDING = ("CHN001", "CHN002")
"""Where one of these fired, no figure can be believed, and there is no champion."""
FIRES_UNDER, WARNS_UNDER = 20, 50
"""Churned accounts: under the first nothing can be told from luck, under the second little can."""
RATIO_BOUNDS = (0.8, 1.25)
"""Happened / said that is near enough to 1, of all accounts or of some against all."""
LEVEL = 0.95
"""Of an interval, shared by all that a check looks at."""


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Parameters
    ----------
    code, title
        ``"CHN001"`` and its name.
    status
        ``"fired"``, ``"silent"`` or ``"not applicable"``.
    message
        One or two plain sentences with the numbers, and what to do where it fired.
    detail
        The same as JSON types.
    """

    code: str
    title: str
    status: Status
    message: str
    detail: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, status: Status, message: str, detail: Mapping[str, Any] | None = None) -> Finding:
        """A finding under the name its code has.

        >>> Finding.of("CHN007", "silent", "120 accounts churned.", {"churned_accounts": 120}).title
        'Too few churners'
        """
        return cls(code, TITLES[code], status, message, detail or {})

    @property
    def fired(self) -> bool:
        """Whether the check found what it looks for."""
        return self.status == "fired"


def page_of(code: str) -> str:
    """Where it is written what a check asks, how it decides and what to do.

    >>> page_of("CHN004")
    'docs/checks/CHN004.md'
    """
    return f"docs/checks/{code}.md"
