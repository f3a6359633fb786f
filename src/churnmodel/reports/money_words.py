"""What does a round earn, ranked by risk and ranked by money at risk? (words of the page and the terminal)

The riskiest accounts are judged; `churnmodel score` lists the most MRR at risk. Those are two lists, and whoever
reads figures of the one must be told what the other earns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from churnmodel.evaluation.profit import BY_MRR
from churnmodel.reports.section import share

Line = Mapping[Any, Any]


@dataclass(frozen=True)
class Worth:
    """One model in money: its lines of the frame ``profit`` by risk and by risk x MRR, and its line of areas."""

    model: str
    by_risk: Line
    by_mrr: Line
    area: Line


def worths(money: Mapping[str, pd.DataFrame], order: Sequence[str]) -> list[Worth]:
    """The models that have both rankings, in this order.

    Parameters
    ----------
    money
        The frames of `churnmodel.workflow.money.Money`, by name.
    """
    if "profit" not in money or "capture_area" not in money:
        return []
    lines = {str(line["ranking"]): line for line in money["profit"].to_dict("records")}
    areas = {str(line["ranking"]): line for line in money["capture_area"].to_dict("records")}
    return [
        Worth(model, lines[model], lines[BY_MRR.format(model)], areas[model])
        for model in order
        if model in areas and {model, BY_MRR.format(model)} <= lines.keys()
    ]


def two_lists(money: Mapping[str, pd.DataFrame], model: str, currency: str) -> str:
    """What the list that `score` prints earns, instead of the one that was judged; empty where it is not known."""
    for worth in worths(money, [model]):
        now, other = float(worth.by_risk["profit"]), float(worth.by_mrr["profit"])
        told = f"Ranked by risk x MRR a round earns {amount(other)} {currency} instead of {amount(now)}"
        low, high = (float(worth.by_mrr[f"difference_{end}"]) for end in ("low", "high"))
        if low == low:
            told += f" (difference {amount(other - now)}, 95 % interval {amount(low)} to {amount(high)})"
        return f"{told}; churnmodel score ranks that way, the figures above do not."
    return ""


def expected_words(found: Sequence[Worth], currency: str) -> str:
    """What the expected maximum profit is, or why there is none."""
    reasons = {str(w.by_risk["expected_reason"]) for w in found if w.by_risk.get("expected_reason")}
    if all(w.by_risk["expected_profit"] != w.by_risk["expected_profit"] for w in found):
        return f"No expected maximum profit: {'; '.join(sorted(reasons)) or 'not known'}."
    return (
        "The expected maximum profit for B2B churn (EMPB; Janssens, Bogaert, Bagué and Van den Poel, 2022): what "
        f"a ranking earns per account at the length of list that earns most, in {currency}, all dates in one. "
        "Under each figure stands it at your low and at your high save rate. The best length is found on the rows "
        "it is told of, so it flatters a little."
    )


def expected_band(line: Line) -> str:
    """EMPB at the low and the high save rate; empty where a training did not keep it."""
    worst, best = (float(line.get(f"expected_at_{end}", float("nan"))) for end in ("worst", "best"))
    return "" if worst != worst else f"{amount(worst, 1)} to {amount(best, 1)}"


def how_early(leads: pd.DataFrame, model: str) -> str:
    """How many of those who left stood on the list so long before, in one sentence.

    Parameters
    ----------
    leads
        Rows of the frame ``lead_time`` by one way of flagging, longest lead first.

    >>> line = {"days": 180, "share": 0.12, "low": 0.05, "high": 0.23, "by_lot": 0.1}
    >>> told = how_early(pd.DataFrame([line, line | {"days": 90, "share": 0.47, "low": 0.35}]), "blend")
    >>> told.split(": ", 1)[1]
    '180 days before 12 %, not told apart from the 10 % of a lot; 90 days before 47 %.'
    """
    said = []
    for line in leads.to_dict("records"):
        by_lot = float(line["by_lot"])
        luck = f", not told apart from the {share(by_lot)} of a lot" if not float(line["low"]) > by_lot else ""
        said.append(f"{int(line['days'])} days before {share(float(line['share']))}{luck}")
    return f"Of the accounts that left, so many stood on the list of {model}: {'; '.join(said)}."


def amount(value: float, digits: int = 0) -> str:
    """Money, whole units unless said otherwise; a true minus sign.

    >>> amount(-1234.5), amount(float("nan")), amount(58.717, 1)
    ('−1,234', '-', '58.7')
    """
    return "-" if value != value else f"{value:,.{digits}f}".replace("-", "−")
