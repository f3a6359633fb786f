"""How fast is the feature builder, against pandas as it is usually written, in the same run?

The same numbers for the same snapshots: events, distinct users, distinct features and active days in the last 28
days and the 28 before. Both read the demo company's usage events from Parquet; medians of three. Writes
``benchmarks/results/features.json``. A ratio, never a time: a time is of one machine.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.usage import USAGE
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.sources.database import Database
from churnmodel.sources.synthetic import simulate_company

NAMES = (
    *("events_28d", "events_previous_28d", "active_users_28d", "active_users_previous_28d"),
    *("breadth_28d", "breadth_previous_28d", "active_days_28d"),
)
DAY = pd.Timedelta(days=1)


def main() -> None:
    """Measure, check that both agree, print and store the ratio."""
    company = simulate_company(accounts=600, seed=11)
    with tempfile.TemporaryDirectory() as scratch:
        company.write(Path(scratch))
        db = Database.from_folder(Path(scratch), until=company.until)
        as_ofs = pd.date_range(end=company.until, periods=12, freq="MS")
        cohort = build_cohort(db, as_ofs)
        features = [f for f in USAGE if f.name in NAMES]
        ours, X = _median(lambda: build_feature_matrix(db, cohort, features))
        theirs, Z = _median(lambda: _by_hand(Path(scratch) / "usage_events.parquet", cohort.index))
        if not np.array_equal(X[list(NAMES)].to_numpy(), Z[list(NAMES)].to_numpy()):
            raise SystemExit("the two disagree: the ratio would compare different work")
    result = {
        "work": f"{len(company.tables['usage_events'])} events, {len(as_ofs)} as_ofs, {len(NAMES)} features",
        "times_faster_than_pandas": round(theirs / ours, 1),
        "commit": _commit(),
    }
    place = Path(__file__).parent / "results" / "features.json"
    place.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _by_hand(file: Path, index: pd.MultiIndex) -> pd.DataFrame:
    """What a data scientist writes first: filter and group per as_of."""
    events = pd.read_parquet(file)
    known = events["known_at"].fillna(events["occurred_at"])
    events = events.assign(known_at=known, day=events["occurred_at"].dt.normalize())
    parts = []
    for as_of in index.get_level_values("as_of").unique():
        columns = {}
        for suffix, since, until in (("28d", 28, 0), ("previous_28d", 56, 28)):
            inside = (events["occurred_at"] >= as_of - since * DAY) & (events["occurred_at"] < as_of - until * DAY)
            grouped = events[inside & (events["known_at"] < as_of)].groupby("account_id")
            columns[f"events_{suffix}"] = grouped.size()
            columns[f"active_users_{suffix}"] = grouped["user_id"].nunique()
            columns[f"breadth_{suffix}"] = grouped["feature"].nunique()
            columns[f"active_days_{suffix}"] = grouped["day"].nunique()
        parts.append(pd.DataFrame(columns).assign(as_of=as_of))
    found = pd.concat(parts).rename_axis("account_id").set_index("as_of", append=True)
    return found.reindex(index).fillna(0.0).astype("float64")


def _median(work: Callable[[], pd.DataFrame], times: int = 3) -> tuple[float, pd.DataFrame]:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent), result


def _commit() -> str:
    asked = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
