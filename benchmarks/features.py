"""How fast is the feature builder, beside its peers in the same run?

The work: usage events of 24 months, 12 monthly ``as_of``s, {events, distinct users, distinct product features,
active days} x {7, 28, 90 days} x {the window, the one before}, days since the last event, trend of 90 days.
The peers do the same work, read the same Parquet, and must give the same numbers, or nothing is reported:

* pandas as usually written: filter and group, per ``as_of`` and window
* polars: the same, lazily, on both cores
* DuckDB range join: events joined to snapshots on a range of time, one grouped query

and two floors of DuckDB that do no window at all: a scan that hashes the four columns, and scan + DISTINCT.

``python benchmarks/features.py --events 30e6`` prints ratios of wall time (medians of three, in turns) and peak
memory, and writes ``benchmarks/results/features.json``. A ratio, never a time: a time is of one machine.

Other questions, one run each: ``--late`` (what late events cost), ``--as-ofs 48`` (growth over as_ofs),
``--events 100e6 --peers distinct,ours`` (our peak), ``--accounts 1e6 --as-ofs 1 --peers distinct,matrix`` (the
whole matrix of a company of a million), ``--peers matrix,one_more`` (a further as_of beside a full rebuild).
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEERS = ("floor", "distinct", "ours", "polars", "pandas", "range_join")


def main() -> None:
    """Measure what was asked for; each run in a process of its own, so that memory is its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=float, default=30e6, help="how many events (default 30e6)")
    parser.add_argument("--accounts", type=float, default=10_000)
    parser.add_argument("--as-ofs", type=int, default=12)
    parser.add_argument("--peers", default=",".join(PEERS), help="which to run, comma-separated")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--late", action="store_true", help="1 %% of the events learned late")
    parser.add_argument("--memory-limit", default="3GB", help="of our engine")
    parser.add_argument("--name", default="features", help="of the file in benchmarks/results")
    options = parser.parse_args()
    peers = options.peers.split(",")
    with tempfile.TemporaryDirectory(dir=HERE, prefix="scratch-") as scratch:
        folder = Path(scratch)
        _run("events", folder, options)
        runs: dict[str, list[dict[str, Any]]] = {peer: [] for peer in peers}
        for turn in range(options.repeats):
            for peer in peers if turn % 2 == 0 else reversed(peers):
                runs[peer].append(_run(peer, folder, options))
                print(f"turn {turn + 1}: {peer}", file=sys.stderr, flush=True)
        _same_numbers(runs)
        result = _told(runs, options)
    place = HERE / "results" / f"{options.name}.json"
    place.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _run(what: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    size = (options.events, options.accounts, options.as_ofs, options.memory_limit)
    asked = [what, folder, *size, "late" if options.late else "on-time"]
    command = [sys.executable, str(HERE / "features_work.py"), *map(str, asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{what} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _same_numbers(runs: dict[str, list[dict[str, Any]]]) -> None:
    sums = {peer: each[0]["sums"] for peer, each in runs.items() if each[0]["sums"]}
    first = next(iter(sums.values()), None)
    for peer, found in sums.items():
        if found != first:
            other = [name for name in found if found[name] != first[name]]
            raise SystemExit(f"{peer} disagrees in {other}: the ratio would compare different work")


def _told(runs: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> dict[str, Any]:
    seconds = {peer: statistics.median(run["seconds"] for run in each) for peer, each in runs.items()}
    told: dict[str, Any] = {
        "work": f"{int(options.events):,} events, {int(options.accounts):,} accounts, {options.as_ofs} as_ofs"
        + (", 1 % of events late" if options.late else ""),
        "turns": options.repeats,
        "peak_gb": {peer: round(max(run["peak_gb"] for run in each), 2) for peer, each in runs.items()},
    }
    if "ours" in seconds:
        others = {peer: s for peer, s in seconds.items() if peer != "ours"}
        told["our_time_over_theirs"] = {peer: round(seconds["ours"] / s, 2) for peer, s in others.items()}
        told["times_faster_than"] = {peer: round(s / seconds["ours"], 1) for peer, s in others.items()}
    if {"matrix", "one_more"} <= set(seconds):
        told["one_more_as_of_over_full_rebuild"] = round(seconds["one_more"] / seconds["matrix"], 2)
    if "floor" in seconds and "matrix" in seconds:
        told["matrix_over_floor"] = round(seconds["matrix"] / seconds["floor"], 1)
    told["commit"] = _commit()
    return told


def _commit() -> str:
    asked = ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def clock() -> float:
    """Seconds, for a difference."""
    return time.perf_counter()


def peak_gb() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
