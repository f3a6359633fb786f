"""Are the README's figures of reasons those that were measured?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOLD = json.loads((ROOT / "benchmarks" / "results" / "reasons.json").read_text(encoding="utf-8"))
MODELS = ("logistic", "lightgbm")


def both(part: str, who: str, decimals: int = 1) -> str:
    """The figures of both models, as the README says them side by side."""
    return " and ".join(f"{100 * TOLD[model][part][who]['value']:.{decimals}f}" for model in MODELS)


def interval(share: dict[str, Any]) -> str:
    value, low, high = (f"{100 * share[name]:.1f}" for name in ("value", "low", "high"))
    return f"{value} % ({low}-{high}) of {share['rows']:,}"


def test_the_readme_says_what_was_measured_of_reasons_on_companies_held_out():
    page = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    page = page[page.index("Reasons tell the sign") : page.index("A risk under today's practice")]
    for model in MODELS:
        assert interval(TOLD[model]["named"]["ours"]) in page
        assert f"{100 * TOLD[model]['riskiest_tenth']['named']['ours']['value']:.0f}" == "87" and "87 %" in page
        assert f"{100 * TOLD[model]['named_where_it_is_no_loss_of_value']['ours']['value']:.0f}" == "34"
        assert TOLD[model]["firmness"]["value"] >= 0.95 and "95 %" in page
    assert f"({both('named', 'raw_shap')} %)" in page
    assert f"{both('named', 'chance')} %" in page
    assert f"34 % are named, by chance {both('named_where_it_is_no_loss_of_value', 'chance', 0)} %" in page
