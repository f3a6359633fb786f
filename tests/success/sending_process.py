"""A process that sends what is due (started, and killed, by the tests)."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pandas as pd

from churnmodel.state.database import open_sqlite_state
from churnmodel.success.delivery import apprise_sender, deliver

if __name__ == "__main__":
    place, url, hours = sys.argv[1:]
    start = pd.Timestamp("2025-06-02") + pd.Timedelta(hours=float(hours))
    began = time.monotonic()
    done = deliver(
        open_sqlite_state(Path(place)),
        {"team": url},
        clock=lambda: start.to_pydatetime() + pd.Timedelta(seconds=time.monotonic() - began).to_pytimedelta(),
        sleep=lambda seconds: None,
        send=apprise_sender(["localhost"]),
    )
    print(done.sent, done.waiting)
