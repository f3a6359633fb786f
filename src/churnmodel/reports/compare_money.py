"""What is a model worth? (sections of the comparison page: against the score in use, in money, and in time)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from churnmodel import charts
from churnmodel.evaluation.standings import Verdict
from churnmodel.evaluation.verdict_words import against, basis, headline
from churnmodel.reports.compared import Compared
from churnmodel.reports.model_names import as_called, called, drawn
from churnmodel.reports.money_words import (
    Worth,
    amount,
    expected_band,
    expected_words,
    how_early,
    two_lists,
    worths,
)
from churnmodel.reports.section import Cell, Picture, Section, Table, between, number, row, share


def section_of_verdict(verdict: Verdict | None) -> list[Section]:
    """Is it better than the score in use, by how much money, how surely? Nothing where no verdict was kept."""
    if verdict is None or not verdict.standings:
        return []
    verdict, rows = as_called(verdict), []
    for standing in verdict.standings:
        held, auroc, loss = standing.held, standing.auroc, standing.log_loss
        rows.append(
            row(
                Cell(standing.title, verdict.answer(standing)),
                Cell(amount(held.difference), f"{amount(held.low)} to {amount(held.high)}"),
                share(held.chance),
                Cell(number(auroc.difference), between(auroc.low, auroc.high)),
                Cell(number(loss.difference, 4), between(loss.low, loss.high, 4)),
            )
        )
    heads = (f"{verdict.model} against", f"MRR held, {verdict.currency}", "chance of more", "AUROC", "log loss")
    return [
        Section(
            "Is it better than what we have?",
            (headline(verdict), basis(verdict), *(against(verdict, s) for s in verdict.standings)),
            table=Table(heads, tuple(rows)),
            note="MRR held: that of the accounts on the list at capacity which left, on the average date.",
        )
    ]


def sections_of_money(
    told: Compared, money: Mapping[str, pd.DataFrame], terms: Mapping[str, Any]
) -> list[Section]:
    """What a round of work earns, what it catches, and how early; none where a training kept no money.

    Parameters
    ----------
    money
        The frames of `churnmodel.workflow.money.Money`, by name.
    terms
        Its settings, and the model that is looked at closely.
    """
    if not money:
        return []
    model, currency, capacity = str(terms["model"]), told.currency, told.backtest.capacity
    marked = capacity if capacity < 1 else None
    curve = money["profit_curve"]
    profit = charts.profit_curve(
        curve[curve["ranking"] == model], f"Profit of a round, {called(model)}", currency, marked
    )
    early = money["lead_time"]
    early = early[early["flagged_by"] == "judged"]
    weeks = money["precision_by_week"]
    rate = {name: share(float(value)) for name, value in terms["save_rate"].items()}
    sections = [
        Section(
            "What does a round of work earn?",
            (
                f"The riskiest accounts are worked once, up to capacity. Each costs {terms['contact_cost']:,.0f} "
                f"{currency}; of those who would have left, {rate['likely']} stay (the band: {rate['low']} to "
                f"{rate['high']}), and their MRR counts for {terms['value_months']:.0f} months. These are "
                "settings under [money]: change them where they are not your figures.",
            ),
            figure=Picture.of(profit, "Profit of a round by the share of the book that is worked."),
        ),
        *_sections_of_lists(told, money, model),
        Section(
            "How much of the money that leaves is on the list?",
            (f"The churned MRR among the riskiest accounts of each book. The band is that of {called(model)}.",),
            figure=_captured(told, money["capture_curve"], model, marked),
        ),
    ]
    if len(early):
        words = how_early(early, called(model))
        figure = charts.lead_time(early, "Flagged before they left")
        sections.append(Section("How early?", (words,), figure=Picture.of(figure, words)))
    if len(weeks) > 1:
        words = "The list is worked from the top: how many of the accounts of each week churned."
        figure = charts.precision_by_week(weeks, "Precision by week of work")
        sections.append(Section("Does the fourth week still pay?", (words,), figure=Picture.of(figure, words)))
    return sections


def _sections_of_lists(told: Compared, money: Mapping[str, pd.DataFrame], model: str) -> list[Section]:
    """Every model's two lists side by side, lowest log loss first, and what lists of the best length earn."""
    found = worths(money, told.by_loss)
    if not found:
        return []
    meant = next((k for k, w in enumerate(found) if w.model == told.meant), None)
    currency = told.currency
    return [
        Section(
            "By risk, or by money at risk?",
            (
                two_lists(money, model, currency),
                "Each model twice: the accounts with the highest risk, and those with the most MRR x risk. Under "
                "each profit stands its 95 % interval, beside it what your low and your high save rate make of "
                "it, and the save rate from which on the work pays.",
            ),
            table=Table(
                (
                    *("model", f"by risk: profit, {currency}", "over your save rates", "pays from"),
                    *(f"by risk x MRR: profit, {currency}", "over your save rates", "pays from"),
                ),
                tuple(row(called(w.model), *_profit(w.by_risk), *_profit(w.by_mrr)) for w in found),
                marked_row=meant,
            ),
        ),
        Section(
            "And at the best length of list?",
            (expected_words(found, currency),),
            table=_expected(found, currency, meant),
        ),
    ]


def _profit(line: Mapping[Any, Any]) -> list[Cell]:
    profit, low, high, worst, best = (float(line[c]) for c in ("profit", "low", "high", "at_worst", "at_best"))
    needed = float(line["break_even"])
    return [
        Cell(amount(profit), f"{amount(low)} to {amount(high)}" if low == low else ""),
        Cell(f"{amount(worst)} to {amount(best)}"),
        Cell(share(needed) if needed <= 1 else "never"),
    ]


def _expected(found: list[Worth], currency: str, meant: int | None) -> Table | None:
    """EMPB of both lists; no table where the extra that computes it is not installed."""
    if all(w.by_risk["expected_profit"] != w.by_risk["expected_profit"] for w in found):
        return None
    lines = []
    for w in found:
        cells = []
        for line in (w.by_risk, w.by_mrr):
            cells += [
                Cell(amount(float(line["expected_profit"]), 1), expected_band(line)),
                Cell(share(float(line["expected_share"]))),
            ]
        lines.append(row(called(w.model), *cells))
    heads = (
        *("model", f"by risk: {currency} per account", "of the book worked"),
        *(f"by risk x MRR: {currency} per account", "of the book worked"),
    )
    return Table(heads, tuple(lines), marked_row=meant)


def _captured(told: Compared, table: pd.DataFrame, model: str, marked: float | None) -> Picture:
    """The capture curve, the model that is meant first: it shows its interval."""
    shown = [*drawn(table["ranking"].unique().tolist(), model)]
    table = pd.concat([table[table["ranking"] == name] for name in shown])
    figure = charts.capture_curve(
        table.assign(ranking=table["ranking"].map(called)), "Churned MRR caught", marked, styles=told.styles
    )
    return Picture.of(figure, "Share of churned MRR caught by the share of the book that is worked.")
