"""Who is held out of a play, and what is a play that was begun called? (the same whenever it is asked)"""

from __future__ import annotations

import hashlib

import pandas as pd

TREATED, HELD_OUT = "treated", "hold_out"


def drawn(account_id: str, play: str, seed: int) -> float:
    """A number in [0, 1) that only depends on these three: below the share, the account is held out.

    >>> 0 <= drawn("A1", "rescue", 0) < 1, drawn("A1", "rescue", 0) == drawn("A1", "rescue", 1)
    (True, False)
    """
    digest = hashlib.sha256("\x1f".join((str(seed), play, account_id)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def start_id(account_id: str, play: str, as_of: pd.Timestamp) -> str:
    """The id of a play begun for an account on a day: the same if asked again."""
    return hashlib.sha256("\x1f".join((account_id, play, f"{as_of:%Y-%m-%d}")).encode()).hexdigest()[:10]
