"""What each check says in each of its three worlds."""

from __future__ import annotations

import pytest

from churnmodel.evaluation.checks import Finding

from .worlds import answers


@pytest.fixture(scope="session")
def findings() -> dict[tuple[str, str], Finding]:
    """Asked once."""
    return {key: ask() for key, ask in answers().items()}
