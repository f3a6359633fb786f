"""What is a model worth? (sections of the comparison page: against the score in use, in money, and in time)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from churnmodel import charts
from churnmodel.evaluation.standings import Verdict
from churnmodel.evaluation.verdict_words import against, basis, headline
from churnmodel.reports.section import Cell, Picture, Section, Table, between, number, row, share


def section_of_verdict(verdict: Verdict | None) -> list[Section]:
    """Is it better than the score in use, by how much money, how surely? Nothing where no verdict was kept."""
    if verdict is None or not verdict.standings:
        return []
    rows = []
    for standing in verdict.standings:
        held, auroc, loss = standing.held, standing.auroc, standing.log_loss
        rows.append(
            row(
                Cell(standing.title, verdict.answer(standing)),
                Cell(_amount(held.difference), f"{_amount(held.low)} to {_amount(held.high)}"),
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
    money: Mapping[str, pd.DataFrame], terms: Mapping[str, Any], currency: str, capacity: float
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
    model = str(terms["model"])
    marked = capacity if capacity < 1 else None
    curve = money["profit_curve"]
    profit = charts.profit_curve(curve[curve["ranking"] == model], f"Profit of a round, {model}", currency, marked)
    caught = charts.capture_curve(_led_by(money["capture_curve"], model), "Churned MRR caught", marked)
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
        Section(
            "By risk, or by money at risk?",
            ("The same accounts, ranked by each model's risk and by risk x MRR: the profit of a round.",),
            table=_profits(money["profit"], currency),
        ),
        Section(
            "How much of the money that leaves is on the list?",
            (f"The churned MRR among the riskiest accounts of each book. The band is that of {model}.",),
            figure=Picture.of(caught, "Share of churned MRR caught by the share of the book that is worked."),
        ),
    ]
    if len(early):
        words = f"Of the accounts that left, how many stood on the list of {model} so many days before."
        figure = charts.lead_time(early, "Flagged before they left")
        sections.append(Section("How early?", (words,), figure=Picture.of(figure, words)))
    if len(weeks) > 1:
        words = "The list is worked from the top: how many of the accounts of each week churned."
        figure = charts.precision_by_week(weeks, "Precision by week of work")
        sections.append(Section("Does the fourth week still pay?", (words,), figure=Picture.of(figure, words)))
    return sections


def _profits(table: pd.DataFrame, currency: str) -> Table:
    rows = []
    for line in table.to_dict("records"):
        profit, low, high = (float(line[c]) for c in ("profit", "low", "high"))
        less, more = float(line["at_worst"]), float(line["at_best"])
        needed = float(line["break_even"])
        rows.append(
            row(
                str(line["ranking"]),
                Cell(_amount(profit), f"{_amount(low)} to {_amount(high)}"),
                Cell(f"{_amount(less)} to {_amount(more)}"),
                share(needed) if needed <= 1 else "never",
            )
        )
    heads = ("ranked by", f"profit of a round, {currency}", "over your save rates", "pays from a save rate of")
    return Table(heads, tuple(rows))


def _led_by(table: pd.DataFrame, model: str) -> pd.DataFrame:
    """The rankings with `model` first, where the chart shows the interval; less those that only crowd it."""
    others = table[~table["ranking"].isin((model, "base_rate", "scorecard_refit"))]
    return pd.concat([table[table["ranking"] == model], others])


def _amount(value: float) -> str:
    """Money without cents; a true minus sign.

    >>> _amount(-1234.5), _amount(float("nan"))
    ('−1,234', '-')
    """
    return "-" if value != value else f"{value:,.0f}".replace("-", "−")
