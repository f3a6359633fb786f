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


def test_how_near_risks_are_to_the_truth_is_told_as_measured():
    told, page = measured("form"), limits()
    apart = told["mean_distance_from_truth"]
    models = ("logistic", "lightgbm", "blend")
    far = [f"{apart[model]['all']['distance']:.3f}".removeprefix("0") for model in models]
    assert f"lie {far[0]} (`logistic`), {far[1]} (`lightgbm`) and {far[2]} (`blend`) from them" in page
    ratios = [f"{100 * apart[model]['all']['ratio']:.0f}" for model in models]
    assert f"{ratios[0]}, {ratios[1]} and {ratios[2]} % of it" in page
    for segment, words in (("enterprise", "For enterprise it is"), ("mid", "for mid"), ("smb", "for smb")):
        own = sorted(100 * of[f"segment {segment}"]["ratio"] for of in apart.values())
        assert f"{words} {own[0]:.0f} to {own[-1]:.0f} %" in page
    fifth = sorted(100 * of["next fifth"]["ratio"] for of in apart.values())
    assert f"({fifth[0]:.0f} to {fifth[-1]:.0f} %)" in page


def test_one_form_for_all_horizons_is_no_worse_than_one_horizon_alone():
    told, page = measured("form")["hazards_less_one_horizon"], limits()

    def short(value: float) -> str:
        return f"{value:.4f}".replace("0.", ".", 1)

    for model in ("logistic", "lightgbm"):
        _, _, less, low, high = told[model]["log_loss"]
        assert low <= 0 and f"by {short(-less)} ({short(-high)} to {short(-low)})" in page
        _, _, more, low, high = told[model]["auroc"]
        assert high >= 0 and f"{short(more)} ({short(low)} to {short(high)})" in page
