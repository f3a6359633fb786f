"""In which currency does an account pay, and what was that worth?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.sources.synthetic.causes import stream
from churnmodel.sources.synthetic.days import Calendar
from churnmodel.sources.synthetic.names import countries

LIST_RATES: Mapping[str, float] = {"USD": 1.0, "EUR": 1.08, "GBP": 1.27}
"""US dollars for one unit, as the price lists have it: prices abroad do not move with the market."""
_OF_COUNTRY = {"GB": "GBP", "DE": "EUR", "FR": "EUR", "NL": "EUR"}
_PAYS_AT_HOME = 0.6
_MONTHLY_MOVE = 0.012


def account_currencies(accounts: int, seed: int) -> NDArray[np.str_]:
    """The currency of each account: most in Europe pay in their own, all others in US dollars; (n,)."""
    own = [_OF_COUNTRY.get(country, "USD") for country in countries(accounts, seed).tolist()]
    at_home = stream(seed, "currency").random(accounts) < _PAYS_AT_HOME
    return np.where(at_home, np.array(own), "USD")


def in_currency(dollars: pd.Series, currency: NDArray[np.str_]) -> pd.Series:
    """An amount of the price list in US dollars as the price list in `currency` has it, to the cent."""
    return (dollars / pd.Series(currency, index=dollars.index).map(LIST_RATES).astype("float64")).round(2)


def build_rates(calendar: Calendar, seed: int) -> pd.DataFrame:
    """US dollars for one unit of each other currency, from the first day on and anew on each first of a month."""
    firsts = pd.date_range(calendar.start, calendar.until, freq="MS", inclusive="left")
    days = pd.DatetimeIndex([calendar.start]).union(firsts).as_unit("us")
    moves = stream(seed, "rates").standard_normal((len(LIST_RATES), 200))[:, : len(days)]
    parts = [
        pd.DataFrame(
            {
                "currency": name,
                "valid_from": days,
                "rate": np.round(rate * np.exp(_MONTHLY_MOVE * np.cumsum(move)), 4),
            }
        )
        for (name, rate), move in zip(LIST_RATES.items(), moves, strict=True)
        if name != "USD"
    ]
    return pd.concat(parts).sort_values(["valid_from", "currency"], ignore_index=True)
