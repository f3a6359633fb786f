"""How is it said what a family of features buys? (sentences a head of customer success can act on)

Missed is what the model is worse without beyond luck, in what it catches or in how true its risks are: the two
things a champion is chosen by.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

BOUGHT = {"usage": "what users do", "support": "tickets and incidents", "financial": "contracts and payments"}
BOUGHT |= {"sentiment": "surveys and the tone of texts", "relationship": "people and touchpoints"}
CAUGHT, PROFIT, LOSS = "mrr_caught_at_capacity", "profit", "log_loss"
DECIDING = (CAUGHT, LOSS)
ONE_IN_TWENTY = "of every twenty questions asked like this, about one looks beyond luck by luck alone"


def sentence(table: pd.DataFrame, variant: str, currency: str) -> str:
    """What a variant loses or keeps, in a few short sentences.

    Parameters
    ----------
    table
        As from `churnmodel.evaluation.ablation.ablation`.
    """
    rows = {str(row["metric"]): row for row in table[table["variant"] == variant].to_dict("records")}
    caught, profit = rows[CAUGHT], rows[PROFIT]
    who = _who(caught)
    if isinstance(caught["reason"], str):
        return f"{who}: not known, {caught['reason']}."
    if caught["kind"] == "only":
        told = (
            f"{caught['value']:.0%} of the churned MRR is caught, against {caught['of_all']:.0%} with everything"
        )
        earned = f"a round earns {profit['value']:,.0f} {currency}, against {profit['of_all']:,.0f}"
    else:
        told = f"{_change(100 * caught['difference'], 1, ' points')} of the churned MRR is caught"
        told += f" ({100 * caught['low']:+.1f} to {100 * caught['high']:+.1f})"
        earned = f"a round earns {_change(profit['difference'], 0, ' ' + currency)}"
        earned += f" ({profit['low']:+,.0f} to {profit['high']:+,.0f})"
    return f"{who}: {told}, and {earned}. {_how_sure(rows)}"


def verdict(table: pd.DataFrame) -> str:
    """Which of what was left out is missed, in one sentence."""
    asked = table[(table["kind"] == "without") & table["metric"].isin(DECIDING) & table["verdict"].notna()]
    missed = list(dict.fromkeys(asked[asked["verdict"] == "worse"]["what"]))
    free = [what for what in dict.fromkeys(asked["what"]) if what not in missed]
    if not missed:
        return (
            "Nothing that was left out is missed beyond luck: what is left says the same, or too few accounts "
            "churned to tell."
        )
    rest = f"; what {_listed(free)} {'buys' if len(free) == 1 else 'buy'} could be luck" if free else ""
    return f"Missed when left out: {_listed(missed)}{rest}."


def _who(row: dict[Any, Any]) -> str:
    what = f"{row['what']} ({BOUGHT[row['what']]})" if row["what"] in BOUGHT else str(row["what"])
    count = f"{row['features']} feature{'' if row['features'] == 1 else 's'}"
    return f"{'Without' if row['kind'] == 'without' else 'With only'} {what}, {count}"


def _change(amount: float, digits: int, unit: str) -> str:
    """An amount more, less or neither.

    >>> _change(-4.52, 1, " points"), _change(0.02, 1, " points")
    ('4.5 points less', 'as much')
    """
    told = f"{abs(amount):,.{digits}f}"
    if float(told.replace(",", "")) == 0:
        return "as much"
    return f"{told}{unit} {'more' if amount > 0 else 'less'}"


def _how_sure(rows: dict[str, dict[Any, Any]]) -> str:
    caught, true = rows[CAUGHT]["verdict"], rows[LOSS]["verdict"]
    if caught == true == "worse":
        return "Both the catch and the truth of the risks are worse, beyond luck."
    if caught == "worse":
        return "That it catches less is beyond luck."
    catch = "That it catches more is beyond luck" if caught == "better" else "The difference could be luck"
    if true == "worse":
        return f"{catch}, but that its risks are less true is not."
    return f"{catch}, and its risks are truer, beyond luck." if true == "better" else f"{catch}."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
