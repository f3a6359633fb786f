"""How fast are exact reasons, beside LightGBM's own in the same run?

The work: SHAP values of rows of 150 columns, a tenth of their values unknown, by boosted trees of two sizes: 300
trees of 31 leaves, a usual size, and 250 trees of 3, the size `models/lightgbm.toml` grows. The peers must give
the same values within 1e-12, or nothing is reported:

* ours: `explanation/tree_kernel.py`
* LightGBM: ``Booster.predict(pred_contrib=True)``, one thread, as we
* shap: `shap.TreeExplainer`, which for LightGBM asks LightGBM

at one row (the median over many, each asked for alone) and at 100,000 rows. Beside them what a score alone costs
(``raw_score``), and what a batch table with risks, reasons and sentences costs over the kernel in it.

``python benchmarks/explanations.py`` prints ratios of processor time (medians of the turns, peers in turns; each
has one thread) and writes ``benchmarks/results/explanations.json``. A ratio, never a time: a time is of one
machine. What numba compiles on first use is compiled before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from features import _commit

HERE = Path(__file__).parent
SIZES = {"300 trees of 31 leaves": (300, 31), "250 trees of 3 leaves": (250, 3)}
PEERS = ("ours", "lightgbm", "shap")
CLOSE = 1e-12


def main() -> None:
    """Measure each size; each run in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, default=100_000, help="of the batch (default 100,000)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", default=",".join(PEERS), help="which to run, comma-separated")
    options = parser.parse_args()
    told: dict[str, Any] = {
        "work": f"150 columns; {int(options.rows):,} rows, or one",
        "turns": options.repeats,
    }
    for name, (trees, leaves) in SIZES.items():
        with tempfile.TemporaryDirectory(dir=HERE, prefix="scratch-") as scratch:
            told[name] = _size(Path(scratch), trees, leaves, options)
    told["commit"] = _commit()
    place = HERE / "results" / "explanations.json"
    place.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


def _size(folder: Path, trees: int, leaves: int, options: argparse.Namespace) -> dict[str, Any]:
    _run("grow", folder, trees, leaves, 0)
    peers = options.peers.split(",")
    runs: dict[str, list[dict[str, float]]] = {peer: [] for peer in (*peers, "table")}
    for turn in range(options.repeats):
        for peer in runs if turn % 2 == 0 else reversed(runs):
            runs[peer].append(_run(peer, folder, trees, leaves, int(options.rows)))
            print(f"{trees} x {leaves}, turn {turn + 1}: {peer}", file=sys.stderr, flush=True)
    apart = max(_apart(folder, peers[0], peer) for peer in peers)
    if apart > CLOSE:
        raise SystemExit(f"the peers differ by {apart}: the ratio would compare different work")
    middle = {
        peer: {what: statistics.median(run[what] for run in each) for what in each[0]}
        for peer, each in runs.items()
    }
    ours, table = middle["ours"], middle["table"]
    others = [peer for peer in peers if peer != "ours"]
    return {
        "times_faster_at_one_row": {peer: round(middle[peer]["one"] / ours["one"], 1) for peer in others},
        "times_faster_in_a_batch": {peer: round(middle[peer]["batch"] / ours["batch"], 1) for peer in others},
        "largest_difference": float(f"{apart:.1e}"),
        "score_alone_times_faster": {
            what: round(middle["lightgbm"][f"score_{what}"] / ours[f"score_{what}"], 1)
            for what in ("one", "batch")
            if "lightgbm" in middle
        },
        "score_over_reasons_in_a_batch": round(ours["score_batch"] / ours["batch"], 2),
        "table_with_reasons_over_kernel": round(table["table"] / table["kernel"], 2),
        "table_with_reasons_over_lightgbm_s_contributions": round(table["table"] / table["contributions"], 2),
    }


def _apart(folder: Path, one: str, other: str) -> float:
    import numpy as np

    values = [np.load(folder / f"{peer}.npy") for peer in (one, other)]
    return float(np.abs(values[0] - values[1]).max())


def _run(what: str, folder: Path, *asked: int) -> dict[str, float]:
    command = [sys.executable, str(HERE / "explanations_work.py"), what, str(folder), *map(str, asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{what} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
