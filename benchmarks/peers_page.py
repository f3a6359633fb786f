"""What did `peers.py` find? Writes docs/peers.md from the results, so that no figure of it was typed.

``python benchmarks/peers_page.py > docs/peers.md``; a test holds the page to the results.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RUNS = ("peers", "peers_autogluon")
SETS = {
    "demo": "The demo company: churn within 180 days",
    "leadforge": "leadforge, simulated by others: churn within 90 days",
    "telco": "Telco, one flat table: churn, accounts dealt into parts",
}
PEERS = {
    "lightgbm": "LightGBM as it comes",
    "logistic": "logistic regression as it comes",
    "featuretools": "featuretools' features, LightGBM",
    "flaml": "FLAML, 2 minutes a fold",
    "autogluon": "AutoGluon, best quality, 10 minutes a fold",
}
FIGURES = {
    "log_loss": "log loss",
    "average_precision": "average precision",
    "auroc": "AUROC",
    "mrr_caught_at_capacity": "churned MRR caught at capacity",
}

FIRST = """
# Against others

What others make of the same past: the same snapshots, folds and processors, judged on the same rows, out of time.
Made by `benchmarks/peers.py`; this page by `benchmarks/peers_page.py`.

A smaller log loss is better, of the others a larger value. In brackets under each peer: our best model less the
peer, and its 95 % interval over accounts. *CPU* is what one fit of the peer took, over ours: features count where
the peer makes its own.
"""
LAST = """
## How to read it

- *Ours* are three models (`models/*.toml`, as supplied); the peers stand beside the one of them with the lowest
  log loss on these very rows, which flatters it a little. All three are in the table.
- The defaults of ours were chosen while looking at the demo company and leadforge. Telco nobody tuned for.
- Ours follow an account until it leaves or the data end, so they learn also from rows whose window has not
  closed. A peer is given one column to predict, as peers are, and the rows whose window has closed. That is part
  of what is compared. The peers have the features ours have (of Telco its columns), but featuretools, which
  makes its own from the same tables.
- Peers that need numbers got categories as dummies; FLAML and AutoGluon were told which rows are of one account,
  since they would choose by rows they have learned by heart otherwise.
- FLAML 2.7.0, AutoGluon 1.6.3 and featuretools 1.31.0, each in an environment of its own (`--python`):
  `python benchmarks/peers.py --folds 3 --sets demo,telco,leadforge --peers lightgbm,logistic,featuretools,flaml`,
  and `--folds 1 --peers autogluon --name peers_autogluon`. `make bench` runs what needs no other environment.
- Only the last folds were run, as said above each table: minutes of search per fold add up. Beside AutoGluon, on
  the demo company and the first minutes of Telco, another program had a share of one of the two processors.
"""


def page() -> str:
    """The whole page."""
    told = [json.loads((HERE / "results" / f"{run}.json").read_text(encoding="utf-8")) for run in RUNS]
    parts = [FIRST.strip()]
    for name, title in SETS.items():
        parts.append(f"## {title}")
        parts += [_one(run[name], run["folds"]) for run in told if name in run]
    return "\n\n".join([*parts, LAST.strip()]) + "\n"


def _one(told: dict[str, Any], folds: int | str) -> str:
    best = told["our_best"]
    which = "all folds" if folds == "all" else "the last fold" if folds == 1 else f"the last {folds} folds"
    seen = f"{told['rows']:,} snapshots, {told['churned_accounts']:,} accounts that left."
    lines = [
        f"{which[0].upper()}{which[1:]}: {seen}",
        "",
        "| | " + " | ".join(FIGURES.values()) + " | CPU |",
        "|---|" + "---|" * (len(FIGURES) + 1),
    ]
    for name, model in told["models"].items():
        own = name.startswith("ours")
        title = f"**{name}**" if name == best else name if own else PEERS[name]
        cells = [f"{model[figure]:.3f}" if own else _beside(model, figure) for figure in FIGURES]
        lines.append(f"| {title} | {' | '.join(cells)} | {_times(model['cpu_of_a_fit_over_our_best'])} |")
    return "\n".join(lines)


def _beside(model: dict[str, Any], figure: str) -> str:
    difference, low, high = model["our_best_less_this"][figure]
    return f"{model[figure]:.3f} ({difference:+.3f}, {low:+.3f} to {high:+.3f})"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


if __name__ == "__main__":
    print(page(), end="")
