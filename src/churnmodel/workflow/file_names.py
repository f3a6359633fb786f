"""What is a page called that nobody gave a name? (safe on any disk, whatever the account is called)"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path

LONGEST = 60


def page_name(kind: str, about: str, as_of: date) -> Path:
    """A file name in the current folder that says what it is of and when; another `about` gives another name.

    >>> print(page_name("account", "A0214", date(2026, 1, 1)))
    account-A0214-2026-01-01.html
    >>> print(page_name("account", "../a b", date(2026, 1, 1)))
    account-a_b-2c2c791a-2026-01-01.html
    """
    plain = re.sub(r"[^A-Za-z0-9-]+", "_", about).strip("_-")[:LONGEST]
    if plain != about:  # something was left out: two such names stay apart
        digest = hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        plain = f"{plain}-{digest}".strip("-") if about else ""
    return Path("-".join(part for part in (kind, plain, as_of.isoformat()) if part) + ".html")
