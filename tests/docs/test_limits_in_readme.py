"""Are the README's figures of small books, and of what more data would buy, those that were measured?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def measured(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))


def limits() -> str:
    page = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    return page[page.index("## Limits, plainly") :]


def auroc(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def test_small_books_are_told_as_measured():
    told, page = measured("small_books"), limits()
    inside = [book["low"] <= book["fresh"] <= book["high"] for book in told["books"]]
    assert sum(inside) == told["inside"] >= 44 and len(inside) == 50 and told["refused"] == 0
    width = f"{told['interval_width_median']:.2f}".removeprefix("0")
    for said in (
        f"{told['churned_accounts_median']:.0f} churners",
        f"in {told['inside']}; it is {width} wide",
    ):
        assert said in page


def test_what_more_data_would_buy_is_told_as_measured():
    told, page = measured("ceiling"), limits()
    small, large, share = told["demo company"], told["large"], told["share_of_what_is_over_luck"]
    for said in (
        f"AUROC {auroc(large['auroc'])} on the demo company's rows, against {auroc(small['auroc'])} from what",
        f"lift at capacity {large['lift_at_capacity']:.2f} against {small['lift_at_capacity']:.2f}",
        f"{100 * share['auroc']:.0f} % of the AUROC and {100 * share['lift_at_capacity']:.0f} % of the lift",
    ):
        assert said in page


def test_what_a_backtest_takes_is_told_as_measured():
    told, page = measured("backtests"), limits()
    over, binning = told["backtest_over_boosting"], f"{told['binning_over_boosting']:.2f}".removeprefix("0")
    assert f"take {over:.2f} times what LightGBM's training loop takes" in page and f"is {binning} of it" in page
    assert told["work"].startswith("170,687 snapshots x 120 features, 6 judged folds") and "170,687" in page
