"""What time is it, what does the environment hold, and who is asking? (read here, and handed on)"""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime


def now() -> datetime:
    """This moment, UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def environment() -> Mapping[str, str]:
    """The environment of this process."""
    return dict(os.environ)


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def user() -> str:
    """The name of who runs this, "somebody" where the system does not say."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
