"""Are the figures beside others' models those that were measured?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
SETS = ("demo", "leadforge", "telco")


def test_the_page_is_made_of_the_results():
    made = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "peers_page.py")], capture_output=True, text=True, check=True
    ).stdout
    assert made == (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")


def test_the_readme_says_of_the_searchers_what_was_measured():
    page = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    page = page[page.index("**Against others.**") :][:1200]
    for run, peer in (("peers", "flaml"), ("peers_autogluon", "autogluon")):
        told = json.loads((RESULTS / f"{run}.json").read_text(encoding="utf-8"))
        ratios = []
        for name in SETS:
            ours, theirs = told[name]["our_best"], told[name]["models"][peer]
            assert f"{told[name]['models'][ours]['log_loss']:.3f} against {theirs['log_loss']:.3f}" in page
            ratios.append(theirs["cpu_of_a_fit_over_our_best"])
        assert f"{min(ratios):,.0f} to {max(ratios):,.0f} times" in page


def test_where_a_peer_is_better_beyond_luck_the_readme_says_so():
    better = set()
    for run in ("peers", "peers_autogluon"):
        told = json.loads((RESULTS / f"{run}.json").read_text(encoding="utf-8"))
        for name in SETS:
            for peer, model in told[name]["models"].items():
                for metric, (_, low, high) in model["our_best_less_this"].items():
                    worse = low > 0 if metric == "log_loss" else high < 0
                    if worse and not peer.startswith("ours"):
                        better.add((peer, name, metric))
    assert better == {("autogluon", "leadforge", "auroc")}
