"""Which commit of the code is this? (read once, at the edge, and written into bundles)"""

from __future__ import annotations

import subprocess
from pathlib import Path


def revision() -> str:
    """The commit of the source tree this runs from, or "unknown" for an installed package."""
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return "unknown"
    asked = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"
