"""Who matters? (platinum, gold or standard, and the high-value roster, each with the rule that says so)

A rule takes an account if any of its stated conditions holds (`churnmodel.settings.tiers.ValueRule`): among the
share of the paying accounts with the most MRR, an ARR or seats above a threshold, strategic. An account is
platinum if that rule takes it, else gold if that one does, else standard; the roster has a rule of its own. A
share is of those that pay at the moment; an account in a pause is measured against them by what it paid before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.settings.tiers import TIERS, TierSettings, ValueRule

PLATINUM, GOLD, STANDARD = TIERS


@dataclass(frozen=True)
class Cuts:
    """The least MRR with which each rule's share takes an account; NaN where it has no share, or nobody pays."""

    high_value: float
    platinum: float
    gold: float


def cuts_of(mrr: pd.Series, rules: TierSettings) -> Cuts:
    """Where the shares of `rules` begin, among those of `mrr` that are above 0.

    >>> cuts_of(pd.Series([50.0, 40.0, 40.0, 10.0, 0.0]), TierSettings(platinum=ValueRule(share=0.5))).platinum
    40.0
    """
    paying = np.sort(mrr[mrr > 0].to_numpy(dtype="float64"))

    def least(rule: ValueRule) -> float:
        if rule.share is None or not len(paying):
            return math.nan
        return float(paying[-math.ceil(rule.share * len(paying) - 1e-9)])

    return Cuts(*(least(rule) for rule in (rules.high_value, rules.platinum, rules.gold)))


def tiers_of(facts: pd.DataFrame, rules: TierSettings, cuts: Cuts | None = None) -> pd.DataFrame:
    """The tier of every account.

    Parameters
    ----------
    facts
        Indexed by account_id: mrr (currency units; of a paused account what it paid before), paying (whether it
        pays now), and where rules ask for them seats (NaN: not told) and strategic (None: not told).
    cuts
        Where shares begin; by default `cuts_of` those of `facts` that pay.

    Returns
    -------
    DataFrame
        Indexed alike: tier, touch, high_value, and why_tier and why_high_value, the conditions that took it as
        ``share``, ``arr_above``, ``seats_above`` and ``strategic``, joined by commas; empty where none did.

    >>> facts = pd.DataFrame({"mrr": [900.0, 80.0, 70.0], "paying": True}, index=["ada", "bob", "cy"])
    >>> tiers_of(facts, TierSettings(gold=ValueRule(share=0.5)))["tier"].tolist()
    ['platinum', 'gold', 'standard']
    """
    cuts = cuts or cuts_of(facts["mrr"].where(facts["paying"], 0.0), rules)
    platinum, gold, high = (
        _why(facts, getattr(rules, name), getattr(cuts, name)) for name in (PLATINUM, GOLD, "high_value")
    )
    tier = pd.Series(np.where(platinum != "", PLATINUM, np.where(gold != "", GOLD, STANDARD)), facts.index)
    found = pd.DataFrame({"tier": tier, "touch": tier.map(rules.touch.model_dump())}, index=facts.index)
    found["high_value"] = high != ""
    found["why_tier"] = platinum.where(tier == PLATINUM, gold)
    return found.assign(why_high_value=high)


def _why(facts: pd.DataFrame, rule: ValueRule, cut: float) -> pd.Series:
    """The conditions of a rule that hold for each account; what is not told does not hold."""
    mrr = facts["mrr"].astype("float64")
    holds: dict[str, pd.Series] = {}
    if rule.share is not None:
        holds["share"] = (mrr >= cut) & (mrr > 0)  # no cut: False
    if rule.arr_above is not None:
        holds["arr_above"] = mrr * 12 > rule.arr_above
    if rule.seats_above is not None and "seats" in facts:
        holds["seats_above"] = facts["seats"].astype("float64") > rule.seats_above
    if rule.strategic and "strategic" in facts:
        holds["strategic"] = facts["strategic"].map(lambda said: said is True or said == 1).astype(bool)
    words = pd.Series("", index=facts.index, dtype="object")
    for name, column in holds.items():
        words = words.mask(column, words.where(words == "", words + ",") + name)
    return words


def in_words(rule: ValueRule, cut: float, currency: str) -> str:
    """A rule as people say it: ``the top 20% by MRR (from 2,310 USD), or strategic``.

    >>> in_words(ValueRule(share=0.2, strategic=True), 2310.0, "USD")
    'the top 20% of paying accounts by MRR (2,310 USD and more), or strategic'
    """
    parts = []
    if rule.share is not None:
        begins = "" if math.isnan(cut) else f" ({cut:,.0f} {currency} and more)"
        parts.append(f"the top {rule.share * 100:.4g}% of paying accounts by MRR{begins}")
    if rule.arr_above is not None:
        parts.append(f"ARR above {rule.arr_above:,.0f} {currency}")
    if rule.seats_above is not None:
        parts.append(f"more than {rule.seats_above:,} seats")
    if rule.strategic:
        parts.append("strategic")
    return ", or ".join(parts)
