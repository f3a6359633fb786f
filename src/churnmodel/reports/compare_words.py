"""What is the verdict of a comparison, in one paragraph that a head of data and a CFO both can read?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.evaluation.cohorts import has_hold_out
from churnmodel.evaluation.curves import MonthlyMrr, mrr_per_month
from churnmodel.evaluation.shared import judged_words
from churnmodel.reports.compared import Compared, Figure
from churnmodel.reports.model_names import BASE_RATE, called, called_in
from churnmodel.reports.section import between, number, share

PRACTICE = "risk under today's practice"


@dataclass(frozen=True)
class Verdict:
    """The first thing on the page: a headline, its paragraph, three figures, and how it is meant."""

    head: str
    text: str
    kind: str
    figures: tuple[tuple[str, str, str], ...]


def verdict(told: Compared) -> Verdict:
    """Champion, by how much, how sure, and what the capacity catches, in MRR."""
    model = told.meant
    month = mrr_per_month(told.rows, model)
    loss, auroc = (told.figure_of(model, metric) for metric in ("log_loss", "auroc"))
    caught = told.figure_of(model, told.caught)
    of_what = f"of {'the churned MRR' if told.knows_mrr else 'those who left'} on the list"
    figures = (
        (share(caught.value), of_what, between(caught.low, caught.high, percent=True)),
        (number(auroc.value, 2), "AUROC (.5 is a coin)", between(auroc.low, auroc.high, 2)),
        (number(loss.value), "log loss (lower is better)", between(loss.low, loss.high)),
    )
    if told.champion is None:
        why = told.reasons[-1] if told.reasons else "No reason was kept."
        why = called_in(why, told.by_loss)
        text = f"{why} The best of what was tried is {model}. {_judged_on(told)} {_money(told, month, caught)}"
        return Verdict("No model earned the title.", text, "counted", figures)
    said = [_judged_on(told), *_sure(told, model, loss), _money(told, month, caught), _rightness(told, model)]
    return Verdict(f"{called(model)} is chosen.", " ".join(said), "clean", figures)


def flattered(told: Compared) -> str:
    """What the figures of a model that was chosen by them cannot be, in one sentence."""
    chosen = told.champion is not None
    return (
        f"{called(told.meant)} was {'chosen' if chosen else 'picked'} on these very "
        f"{'rows' if told.caveat else 'folds'}, so its figures flatter it a little."
    )


def capacity_words(capacity: float, month: MonthlyMrr) -> str:
    """How many accounts a team works: the capacity, in words.

    >>> capacity_words(0.1, MonthlyMrr(42.3, 0.0, 0.0))
    "the riskiest 10 % of each date's book, about 42 accounts"
    >>> capacity_words(25, MonthlyMrr(25.0, 0.0, 0.0))
    'the 25 riskiest accounts of each date'
    """
    if capacity < 1:
        return f"the riskiest {share(capacity)} of each date's book, about {month.accounts:,.0f} accounts"
    return f"the {capacity:,.0f} riskiest accounts of each date"


def practice(told: Compared) -> str:
    """Whether risks are those of accounts left alone, or of today's practice."""
    arms = told.rows.facts.get("arm")
    if arms is None or not arms.notna().any():
        return (
            "There is no table of interventions, so it is not known who was helped: every risk here is "
            f"{PRACTICE}, and an account that was saved counts as one that stayed."
        )
    if not has_hold_out(told.rows):
        return (
            f"No judged account was held out of a play, so every risk here is {PRACTICE}: what would happen "
            "without the plays cannot be told."
        )
    return (
        "Treated and held out may be compared where a lot decided who is held out. Untreated accounts were not "
        "picked for a play, for a reason; they are another kind of account. An account counts by the arm of its "
        "first play before the end of its window, whatever later plays did."
    )


def _judged_on(told: Compared) -> str:
    facts = told.rows.facts
    days = told.backtest.window.horizon_days
    if told.caveat:
        return (
            f"Judged {len(facts):,} times, on {facts['account_id'].nunique():,} accounts and never on a row that "
            f"was learned from; {told.rows.churned_accounts:,} of the accounts churned, {judged_words(days)}."
        )
    return (
        f"Judged on {len(facts):,} snapshots of {facts['account_id'].nunique():,} accounts, each at a moment when "
        f"its end was not known yet; {told.rows.churned_accounts:,} of the accounts churned within {days} days."
    )


def _sure(told: Compared, model: str, loss: Figure) -> list[str]:
    said = [f"Its log loss, the surprise at what then happened, is {number(loss.value)}."]
    pairs = told.against[(told.against["against"] == model) & (told.against["metric"] == "log_loss")]
    for _, pair in pairs.iterrows():
        if pair["model"] not in (BASE_RATE, told.challenger):
            continue
        is_base = pair["model"] == BASE_RATE
        other = "saying the same risk to everybody" if is_base else f"{called(pair['model'])}, the challenger,"
        said.append(_against(other, pair))
    return said


def _against(other: str, pair: pd.Series) -> str:
    """One paired difference as a sentence; its sign is that of the other model's."""
    worse = number(pair["difference"])
    if pair["verdict"] == "worse":
        interval = between(pair["low"], pair["high"])
        text = f"{other} is {worse} worse (95 % interval {interval}), which is more than luck."
        return text[0].upper() + text[1:]
    better, interval = number(-pair["difference"]), between(-pair["high"], -pair["low"])
    if pair["verdict"] == "better":
        text = f"{other} is {better} better (95 % interval {interval}), and yet was not chosen: see the reasons."
        return text[0].upper() + text[1:]
    sure = f"95 % interval {interval}" if interval else "no interval"
    return f"Against {other} it could be luck (difference {better}, {sure})."


def _money(told: Compared, month: MonthlyMrr, caught: Figure) -> str:
    days, currency = told.backtest.window.horizon_days, told.currency
    interval = between(caught.low, caught.high, percent=True)
    sure = f" (95 % interval {interval})" if interval else ""
    if told.caveat:
        whom = "the churned MRR" if told.knows_mrr else "those who left"
        works = told.backtest.capacity
        worked = f"the riskiest {share(works)} of the rows" if works < 1 else f"the {works:,.0f} riskiest rows"
        return f"A team that works {worked} has {share(caught.value)} of {whom} on its list{sure}."
    if not month.lost > 0:
        return "No churned MRR is known, so nothing can be said in money."
    return (
        f"A team that works {capacity_words(told.backtest.capacity, month)}, has {share(caught.value)} of the "
        f"churning MRR on its list{sure}: on an average date, {month.caught:,.0f} of the {month.lost:,.0f} "
        f"{currency} MRR that left within the next {days} days (dates overlap, the same leavers stand in several: "
        "do not add them up). To stand on the list is not yet to be saved."
    )


def _rightness(told: Compared, model: str) -> str:
    seen = told.figure_of(model, "observed_over_expected")
    if pd.isna(seen.value):
        return ""
    interval = between(100 * seen.low, 100 * seen.high, 0)
    sure = f" (95 % interval {interval})" if interval else ""
    return f"For every 100 departures its risks added up to, {100 * seen.value:.0f} happened{sure}."
