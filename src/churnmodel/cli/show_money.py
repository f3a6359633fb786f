"""What does a head of finance see of a comparison? (the verdict, what a round earns, how much is caught)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, say
from churnmodel.cli.named import named

if TYPE_CHECKING:
    from churnmodel.workflow.record import Record


def in_money(kept: Record) -> None:
    """Profit at capacity of both lists, capture area and EMPB of every model; nothing where no money was kept."""
    from churnmodel.evaluation.verdict_words import headline as answer
    from churnmodel.reports.model_names import as_called
    from churnmodel.reports.money_words import amount, expected_band, two_lists, worths
    from churnmodel.reports.section import number

    about, currency = kept.about, kept.about["currency"]
    table = kept.leaderboard
    loss = table[(table["fold"] == "pooled") & (table["cohort"] == "all") & (table["metric"] == "log_loss")]
    order = loss.sort_values("value", kind="stable")["model"].astype(str).tolist()
    found = worths(kept.money, order)
    if not found:
        return
    headline("In money")
    if kept.verdict is not None and kept.verdict.standings:
        say(answer(as_called(kept.verdict)))
    shown = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    heads = ("", f"a round earns\nby risk, {currency}", f"by risk x MRR,\n{currency}", "capture\narea", "EMPB")
    for head in heads:
        shown.add_column(head)
    for worth in found:
        area = worth.area
        cells = [
            (amount(float(line["profit"])), _range(amount(float(line["low"])), amount(float(line["high"]))))
            for line in (worth.by_risk, worth.by_mrr)
        ]
        cells.append(
            (number(float(area["area"])), _range(number(float(area["low"])), number(float(area["high"]))))
        )
        cells.append((amount(float(worth.by_risk["expected_profit"]), 1), expected_band(worth.by_risk)))
        shown.add_row(named(worth.model), *(Text.assemble(v, ("\n" + u if u else "", "dim")) for v, u in cells))
    console.print(shown)
    rate = about["money"]["save_rate"]
    say(
        f"At capacity and a save rate of {rate['likely']:.0%}, of one round; capture area: .5 by lot, 1 at most. "
        f"EMPB: expected maximum profit per account in {currency}, by risk, under it at {rate['low']:.0%} and "
        f"{rate['high']:.0%} saved. Under the others stand 95 % intervals over accounts."
    )
    if reasons := {str(w.by_risk["expected_reason"]) for w in found if w.by_risk.get("expected_reason")}:
        say("; ".join(sorted(reasons)) + ".")
    if sentence := two_lists(kept.money, str(about["money"]["model"]), currency):
        say(sentence)


def _range(low: str, high: str) -> str:
    return "" if low == "-" else f"{low}{' – ' if low.startswith('−') else '–'}{high}"
