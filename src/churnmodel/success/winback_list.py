"""Who is asked to come back, in which order, when, with what, and whom does one talk to?"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from churnmodel.settings.winback import WinbackSettings
from churnmodel.success.departures import NO_INTERVIEW
from churnmodel.success.play_choice import fitting_plays
from churnmodel.success.play_files import Library
from churnmodel.success.play_tasks import AMONG_US, offers_of
from churnmodel.success.play_words import one_line
from churnmodel.success.plays import GONE
from churnmodel.success.recontact import DUE, LAPSED, NEVER, WAITING
from churnmodel.success.returns import ALL, Chance

FRESH_DAYS = 90
"""Who left so many days ago counts half as much as who left today, where it is asked why they left."""
ORDER = {DUE: 0, WAITING: 1, NEVER: 2}
DRIVERS = {"account_id": "str", "code": "str", "points": "float64"}


def winback_list(
    gone: pd.DataFrame,
    as_of: pd.Timestamp,
    odds: Mapping[str, Chance],
    rules: WinbackSettings,
    library: Library,
    product: str,
) -> pd.DataFrame:
    """The accounts that are away and not left in peace yet: those due first, by value.

    Parameters
    ----------
    gone
        From `churnmodel.success.recontact.recontact`.
    odds
        From `churnmodel.success.returns.chances`.

    Returns
    -------
    DataFrame
        Indexed as `gone`, its columns and: chance, chance_low, chance_high, chance_past and chance_of (the
        reason, or all; None where there are too few to tell), value (MRR x the expected chance; MRR alone
        where nothing is told), play (that fits best, None where none does), offers (help first), check.
    """
    found = gone[gone["recontact"] != LAPSED].copy()
    told = [_chance(odds, str(reason)) for reason in found["reason"]]
    found["chance"] = [np.nan if one is None else one.share for one in told]
    found["chance_low"] = [np.nan if one is None else one.low for one in told]
    found["chance_high"] = [np.nan if one is None else one.high for one in told]
    found["chance_past"] = [odds[str(reason)].past for reason in found["reason"]]
    whose = [None if one is None else one.reason for one in told]
    found["chance_of"] = pd.Series(whose, found.index, dtype="object")
    expected = np.array([1.0 if one is None else one.expected for one in told])
    found["value"] = found["mrr"].fillna(0.0) * expected
    found["play"] = _plays(found, as_of, library).reindex(found.index).astype("object")
    found["play"] = found["play"].where(found["play"].notna(), None)
    found["offers"] = [
        _offers(library, play, said, product) for play, said in zip(found["play"], found["said"], strict=True)
    ]
    found["check"] = [rules.reasons[str(reason)].check for reason in found["reason"]]
    keys = pd.DataFrame({"list": found["recontact"].map(ORDER), "value": -found["value"]})
    keys["on"] = found["recontact_on"].where(found["recontact"] == WAITING)
    keys["id"] = found.index.astype(str)
    return found.loc[keys.sort_values(["list", "on", "value", "id"]).index]


def interviews_missing(left: pd.DataFrame, barred: Collection[str]) -> pd.DataFrame:
    """Departures nobody knows the reason of, of accounts that are away: the most MRR that is still fresh first.

    ``ask_first = mrr x FRESH_DAYS / (FRESH_DAYS + days_gone)``; accounts that nobody is to write to are left out.
    """
    unasked = (left["interview"] == NO_INTERVIEW) & left["back_at"].isna()
    found = left[unasked & ~left["account_id"].isin(list(barred))]
    found = found.assign(ask_first=found["mrr"].fillna(0.0) * FRESH_DAYS / (FRESH_DAYS + found["days_gone"]))
    return found.sort_values(["ask_first", "account_id"], ascending=[False, True]).reset_index(drop=True)


def _chance(odds: Mapping[str, Chance], reason: str) -> Chance | None:
    return next((odds[name] for name in (reason, ALL) if odds[name].told), None)


def _plays(found: pd.DataFrame, as_of: pd.Timestamp, library: Library) -> pd.Series:
    """The play of each that fits best, by the library's own choice."""
    days = (found["recontact_on"] - as_of).dt.total_seconds() / 86_400
    accounts = found.assign(lifecycle=GONE, tier="standard", touch="low", band=None, rule=None, ready=None)
    accounts = accounts.assign(days_left=np.nan, recontact_in=days, exit_reason=found["said"])
    none = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in DRIVERS.items()})
    fits = fitting_plays(library.plays, accounts, none, pd.DataFrame(index=accounts.index), 0.0)
    return fits[fits["rank"] == 1].set_index("account_id")["play"]


def _offers(library: Library, play: str | None, said: str, product: str) -> str:
    if play is None:
        return ""
    sure = {"product": one_line(product)}
    names = ("account", "company", "csm", "account_manager", "owner")
    sure |= {name: f"{{{name}}}" for name in names}
    offers = offers_of(library.play(play), [], sure, said)
    return "; ".join(f"{text} (only if {AMONG_US[role]} agrees)" if role else text for text, role in offers)
