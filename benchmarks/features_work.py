"""One run of one peer of `features.py`, in a process of its own: prints seconds, peak memory and column sums."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features import clock, peak_gb

DAY = pd.Timedelta(days=1)
FIRST, MONTHS = pd.Timestamp("2024-01-01"), 24
WINDOWS = [(since, until) for w in (7, 28, 90) for since, until in ((w, 0), (2 * w, w))]
COUNTED = ("events", "users", "features", "days")


def as_ofs(n: int) -> pd.DatetimeIndex:
    """Twelve months of the second year; more of them lie weekly in the same year."""
    if n <= 12:
        return pd.date_range("2025-01-01", periods=n, freq="MS")
    return pd.date_range("2025-01-06", periods=n, freq="7D")


def write_events(folder: Path, events: int, accounts: int, late: bool) -> None:
    """Monthly Parquet, as a warehouse unloads it; a few busy accounts and users, many quiet ones."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    users_of = np.maximum(1, rng.lognormal(2.4, 0.9, accounts)).astype(int)
    account_of = np.repeat(np.arange(accounts), users_of)
    busy = np.cumsum(rng.gamma(0.6, 1.0, len(account_of)))
    names = {
        "account_id": pa.array([f"A{i:07d}" for i in range(accounts)]),
        "user_id": pa.array([f"U{i:08d}" for i in range(len(account_of))]),
        "feature": pa.array([f"feature_{i:02d}" for i in range(20)]),
    }
    (folder / "usage_events").mkdir()
    per_month = events // MONTHS
    for month in pd.date_range(FIRST, periods=MONTHS, freq="MS"):
        user = np.searchsorted(busy, rng.random(per_month) * busy[-1]).clip(max=len(account_of) - 1)
        length = (month + pd.offsets.MonthBegin(1) - month).days * 86_400
        seconds = np.sort(rng.integers(0, length, per_month)).astype("timedelta64[s]")
        occurred = np.datetime64(month, "us") + seconds
        columns = {
            "account_id": names["account_id"].take(pa.array(account_of[user])),
            "user_id": names["user_id"].take(pa.array(user)),
            "occurred_at": occurred,
            "feature": names["feature"].take(pa.array((rng.random(per_month) ** 2 * 20).astype(int))),
        }
        if late:
            delay = np.where(rng.random(per_month) < 0.01, rng.integers(1, 15 * 86_400, per_month), 0)
            columns["known_at"] = occurred + delay.astype("timedelta64[s]")
        part = folder / "usage_events" / f"{month.date()}.parquet"
        pq.write_table(pa.table(columns), part, row_group_size=500_000)
    rows = pd.DataFrame({"account_id": [f"A{i:07d}" for i in range(accounts)], "created_at": FIRST - 30 * DAY})
    rows.to_parquet(folder / "accounts.parquet")
    versions = rows.assign(subscription_id="S" + rows["account_id"], started_at=FIRST - 30 * DAY, mrr=100.0)
    versions.drop(columns="created_at").to_parquet(folder / "subscriptions.parquet")


def ours(folder: Path, accounts: int, moments: pd.DatetimeIndex, memory_limit: str) -> pd.DataFrame:
    """Through the package, from the folder to the matrix."""
    from churnmodel.features.aggregate import Aggregate
    from churnmodel.features.event_aggregates import event_aggregates
    from churnmodel.features.event_cells import ACTIVE_DAY, AGO, DAYS_AGO, FEATURE, USER
    from churnmodel.sources.database import Database

    db = Database.from_folder(folder, until="2026-01-01", memory_limit=memory_limit)
    what = {"events": None, "users": USER, "features": FEATURE, "days": ACTIVE_DAY}
    names = {
        f"{name}_{since}_{until}": Aggregate("usage_events", "distinct" if of else "count", of, since, until)
        for since, until in WINDOWS
        for name, of in what.items()
    }
    names["seconds_since"] = Aggregate("usage_events", "min", AGO, 180)
    names["days_ago"] = Aggregate("usage_events", "sum", DAYS_AGO, 90)
    index = pd.MultiIndex.from_product(
        [pd.read_parquet(folder / "accounts.parquet")["account_id"], moments], names=["account_id", "as_of"]
    )
    found = event_aggregates(db, index, list(names.values()))
    return pd.DataFrame({name: found[a] for name, a in names.items()}, index=index)


def whole_matrix(folder: Path, moments: pd.DatetimeIndex, memory_limit: str) -> None:
    """The book and every feature that its three tables give, as `churnmodel features` builds them."""
    from churnmodel.features.matrix import build_feature_matrix
    from churnmodel.snapshots.cohort import build_book
    from churnmodel.sources.database import Database

    db = Database.from_folder(folder, until="2026-01-01", memory_limit=memory_limit)
    book = build_book(db, moments)
    X = build_feature_matrix(db, book)
    if len(X) != len(book):
        raise SystemExit(f"{len(X)} rows of {len(book)}")


def by_pandas(folder: Path, moments: pd.DatetimeIndex) -> pd.DataFrame:
    """What a data scientist writes first."""
    events = pd.read_parquet(folder / "usage_events")
    events["day"] = events["occurred_at"].dt.normalize()
    known = events["known_at"] if "known_at" in events else events["occurred_at"]
    parts = []
    for as_of in moments:
        columns = {}
        for since, until in [*WINDOWS, (180, 0)]:
            inside = (events["occurred_at"] >= as_of - since * DAY) & (events["occurred_at"] < as_of - until * DAY)
            rows = events[inside & (known < as_of)]
            grouped = rows.groupby("account_id")
            if (since, until) == (180, 0):
                columns["seconds_since"] = (as_of - grouped["day"].max()) / pd.Timedelta(seconds=1)
                continue
            columns[f"events_{since}_{until}"] = grouped.size()
            columns[f"users_{since}_{until}"] = grouped["user_id"].nunique()
            columns[f"features_{since}_{until}"] = grouped["feature"].nunique()
            columns[f"days_{since}_{until}"] = grouped["day"].nunique()
            if (since, until) == (90, 0):
                columns["days_ago"] = ((as_of - rows["day"]) // DAY).groupby(rows["account_id"]).sum()
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts)


def by_polars(folder: Path, moments: pd.DatetimeIndex) -> pd.DataFrame:
    """Filter and group per as_of and window, lazily; all collected together, so that scans can be shared."""
    import polars as pl

    events = pl.scan_parquet(folder / "usage_events" / "*.parquet").with_columns(
        day=pl.col("occurred_at").dt.truncate("1d")
    )
    known = pl.col("known_at" if "known_at" in events.collect_schema().names() else "occurred_at")
    plans = []
    for as_of in moments:
        rows = events.filter(known < as_of, pl.col("occurred_at") >= as_of - 180 * DAY)
        counts = []
        for since, until in WINDOWS:
            inside = (pl.col("occurred_at") >= as_of - since * DAY) & (pl.col("occurred_at") < as_of - until * DAY)
            counts += [
                inside.sum().alias(f"events_{since}_{until}"),
                pl.col("user_id").filter(inside).n_unique().alias(f"users_{since}_{until}"),
                pl.col("feature").filter(inside).n_unique().alias(f"features_{since}_{until}"),
                pl.col("day").filter(inside).n_unique().alias(f"days_{since}_{until}"),
            ]
        late = pl.col("occurred_at") >= as_of - 90 * DAY
        counts.append((as_of - pl.col("day").max()).dt.total_seconds().alias("seconds_since"))
        counts.append((as_of - pl.col("day").filter(late)).dt.total_days().sum().alias("days_ago"))
        plans.append(rows.group_by("account_id").agg(counts))
    return pd.concat([plan.collect().to_pandas() for plan in plans]).set_index("account_id")


def by_range_join(folder: Path, accounts: int, moments: pd.DatetimeIndex) -> pd.DataFrame:
    """Events joined to snapshots on a range of time, one grouped query."""
    import duckdb

    con = duckdb.connect()
    con.execute("SET threads = 2; SET memory_limit = '16GB'")
    con.register("looks", pd.DataFrame({"as_of": moments}))
    files = f"read_parquet('{folder}/usage_events/*.parquet')"
    has = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()]
    known = "known_at" if "known_at" in has else "occurred_at"
    counts = []
    for since, until in WINDOWS:
        inside = (
            f"FILTER (occurred_at >= as_of - INTERVAL {since} DAY AND occurred_at < as_of - INTERVAL {until} DAY)"
        )
        counts += [
            f"count(*) {inside} AS events_{since}_{until}",
            f"count(DISTINCT user_id) {inside} AS users_{since}_{until}",
            f"count(DISTINCT feature) {inside} AS features_{since}_{until}",
            f"count(DISTINCT occurred_at::DATE) {inside} AS days_{since}_{until}",
        ]
    counts += [
        "date_diff('day', max(occurred_at)::DATE, as_of::DATE) * 86400 AS seconds_since",
        "sum(date_diff('day', occurred_at::DATE, as_of::DATE))"
        " FILTER (occurred_at >= as_of - INTERVAL 90 DAY) AS days_ago",
    ]
    return con.execute(
        f"SELECT account_id, as_of, {', '.join(counts)} FROM {files} JOIN looks"
        f" ON occurred_at >= as_of - INTERVAL 180 DAY AND occurred_at < as_of AND {known} < as_of"
        " GROUP BY account_id, as_of"
    ).df()


def floor(folder: Path, *, distinct: bool) -> None:
    """No windows: only the reading."""
    import duckdb

    con = duckdb.connect()
    con.execute("SET threads = 2")
    files = f"read_parquet('{folder}/usage_events/*.parquet')"
    columns = ("account_id", "user_id", "occurred_at", "feature")
    if distinct:
        seen = f"SELECT DISTINCT account_id, user_id, feature, occurred_at::DATE FROM {files}"
        con.execute(f"SELECT count(*) FROM ({seen})").fetchall()
    else:
        con.execute(f"SELECT {', '.join(f'bit_xor(hash({c}))' for c in columns)} FROM {files}").fetchall()


def main() -> None:
    """What the command line names: the peer, the folder, how many events, accounts and as_ofs."""
    peer, place, events, accounts, n, memory_limit, late = sys.argv[1:]
    folder, people, moments = Path(place), int(float(accounts)), as_ofs(int(n))
    work: dict[str, Callable[[], Any]] = {
        "events": lambda: write_events(folder, int(float(events)), people, late == "late"),
        "floor": lambda: floor(folder, distinct=False),
        "distinct": lambda: floor(folder, distinct=True),
        "ours": lambda: ours(folder, people, moments, memory_limit),
        "matrix": lambda: whole_matrix(folder, moments, memory_limit),
        "one_more": lambda: whole_matrix(folder, moments[-1:], memory_limit),
        "pandas": lambda: by_pandas(folder, moments),
        "polars": lambda: by_polars(folder, moments),
        "range_join": lambda: by_range_join(folder, people, moments),
    }
    if peer in ("ours", "matrix", "one_more"):  # the imports are not the work
        import churnmodel.features.matrix
        import churnmodel.snapshots.cohort  # noqa: F401
    if peer == "polars":
        import polars  # noqa: F401
    start = clock()
    made = work[peer]()
    seconds = clock() - start
    sums = {}
    if isinstance(made, pd.DataFrame):
        numbers = made.drop(columns=["account_id", "as_of"], errors="ignore").astype("float64")
        sums = {str(name): float(numbers[name].sum()) for name in sorted(numbers)}
    print(json.dumps({"seconds": seconds, "peak_gb": peak_gb(), "sums": sums}))


if __name__ == "__main__":
    main()
