"""Which play fits an account best, and why? (driver x tier x renewal window x lifecycle)

A play fits where every condition it states holds; where a rule of health keeps the account down, the play that
answers the rule wants no driver. Among those that fit the highest priority wins, then what answers the rule,
then the one whose drivers raise the risk by most points, then the name: so a situation (under notice, gone) goes
before a reason, and the strongest reason before a weaker one. Nothing is computed again: points are those of the
published drivers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from churnmodel.explanation.direction import is_movement
from churnmodel.features.feature import Feature
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.success.plays import GONE, UNDER_NOTICE, Fact, Play, Sign

FITTING = {"account_id": "str", "play": "str", "rank": "int64", "priority": "int64", "points": "float64"}
RENEWAL = "financial.renewal"
"""That the renewal is near is told by its date, and answered by no play."""
NOT_READY = "not ready for more"


def raising_drivers(table: ScoreTable) -> pd.DataFrame:
    """The published drivers that raise a risk, but the nearness of the renewal: by account_id and rank."""
    drivers = table.drivers.reset_index("as_of", drop=True)
    own = drivers[(drivers["direction"] == "raises") & (drivers["code"] != RENEWAL)]
    return own.rename_axis("account_id").reset_index().sort_values(["account_id", "rank"], ignore_index=True)


def fitting_plays(
    plays: Sequence[Play],
    accounts: pd.DataFrame,
    drivers: pd.DataFrame,
    X: pd.DataFrame,
    least_points: float,
    answers: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Every play that fits an account, the chosen one with rank 1.

    Parameters
    ----------
    accounts
        As `churnmodel.success.play_accounts.play_accounts`.
    drivers
        As `raising_drivers`.
    X
        Features by account_id, for signs; what is not there or not known is no sign.
    answers
        Rule of health -> the play that answers it.

    Returns
    -------
    DataFrame
        account_id, play, rank, priority, points (by which the play's drivers raise the risk), by account and rank.
    """
    found = []
    answer = accounts["rule"].map({} if answers is None else dict(answers))
    for play in plays:
        points = matched(play.drivers, drivers, least_points if play.least_points is None else play.least_points)
        total = points.groupby("account_id")["points"].sum().reindex(accounts.index).fillna(0.0)
        stands, ruled = _stands(play, accounts), answer.eq(play.name)
        fits = stands & _signs(play, X.reindex(accounts.index))
        if play.drivers:
            fits &= total > 0
        ids = accounts.index[fits | (stands & ruled)]
        columns = {"account_id": ids, "play": play.name, "priority": play.priority, "ruled": ruled[ids].to_numpy()}
        found.append(pd.DataFrame({**columns, "points": total[ids].to_numpy()}))
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*FITTING, "ruled"])
    order = {"account_id": True, "priority": False, "ruled": False, "points": False, "play": True}
    rows = rows.sort_values(list(order), ascending=list(order.values()))
    rows["rank"] = rows.groupby("account_id").cumcount() + 1
    return rows[list(FITTING)].astype(FITTING).reset_index(drop=True)


def matched(globs: Sequence[str], drivers: pd.DataFrame, least_points: float) -> pd.DataFrame:
    """The drivers of at least so many points whose code one of the globs fits."""
    known = {code: any(fnmatchcase(code, glob) for glob in globs) for code in drivers["code"].unique()}
    fits = drivers["code"].map(known).astype(bool) if len(drivers) else pd.Series(False, index=drivers.index)
    return drivers[fits & (drivers["points"] >= least_points)]


def why(
    play: Play,
    account: Mapping[str, object],
    own: pd.DataFrame,
    cards: Mapping[str, Feature],
    least: float,
    *,
    tell_tier: bool = True,
    row: Mapping[str, object] | None = None,
) -> str:
    """The reason of a choice: ``depth of use falls, renewal in 96 days, gold``.

    Of the signs those that hold: a play can be asked for by hand, for an account it does not fit.

    Parameters
    ----------
    account
        Its row of `play_accounts`.
    own
        Its raising drivers.
    row
        Its features; a sign that is not in them is not told.
    """
    held = account.get("exception")
    said = [str(held)] if isinstance(held, str) else []
    if play.ready_for_more:
        said.append(ready if isinstance(ready := account.get("ready"), str) else NOT_READY)
    said += [sign.says for sign in play.signs if _holds(sign, row or {})]
    for driver in matched(play.drivers, own, least).head(2).to_dict("records"):
        said.append(_moves(str(driver["concept"]), driver, cards))
    lifecycle = account["lifecycle"]
    if lifecycle == UNDER_NOTICE:
        said.append(f"gave notice, leaves {_in_days(account['days_left'])}")
    elif lifecycle == GONE:
        reason = f" ({account['exit_reason']})" if account["exit_reason"] else ""
        said.append(f"left {_whole(account['days_gone'])} days ago{reason}")
    else:
        if not said and not play.drivers and not play.signs and play.renews_within is None:
            said.append(f"{account['band']} without a reason that a play answers")
        if (days := account["days_left"]) == days:
            said.append(f"{'renewal' if said else 'due'} {_in_days(days)}")
        if lifecycle == "new":
            said.append("new")
    return ", ".join([*said, *([str(account["tier"])] if tell_tier else [])])


def _moves(concept: str, row: Mapping[object, object], cards: Mapping[str, Feature]) -> str:
    """The concept, and which way it moved where its number says so."""
    concept = concept.removeprefix("movement of ")
    card, value = cards.get(str(row["feature"])), row["value"]
    if card is None or not isinstance(value, float) or value != value or value == 0 or not is_movement(card):
        return concept
    verb = "rise" if value > 0 else "fall"
    plural = concept.endswith("s") and not concept.endswith("ss")
    return f"{concept} {verb}" if plural else f"{concept} {verb}s"


def _stands(play: Play, accounts: pd.DataFrame) -> pd.Series:
    fits = accounts["lifecycle"].isin(play.lifecycle) & accounts["tier"].isin(play.tiers)
    fits &= accounts["touch"].isin(play.touch)
    if play.bands:
        fits &= accounts["band"].isin(play.bands)
    if play.renews_within is not None:
        fits &= accounts["days_left"].between(*play.renews_within)
    if play.left_within is not None:
        fits &= accounts["days_gone"].between(*play.left_within)
    if play.exit_reasons:
        fits &= accounts["exit_reason"].fillna("").isin(play.exit_reasons)
    if play.ready_for_more:
        fits &= accounts["ready"].notna()
    if play.recontact_due:
        fits &= accounts["recontact_in"] <= 0
    return fits


def _holds(sign: Sign, row: Mapping[str, object]) -> bool:
    """Whether one account shows it."""
    X = pd.DataFrame([{fact.feature: row.get(fact.feature) for fact in sign.any}])
    return any(bool(_within(fact, X).iloc[0]) for fact in sign.any)


def _within(fact: Fact, X: pd.DataFrame) -> pd.Series:
    value = pd.to_numeric(X[fact.feature], errors="coerce").astype("float64")
    low = -np.inf if fact.at_least is None else fact.at_least
    high = np.inf if fact.at_most is None else fact.at_most
    return value.between(low, high)


def _signs(play: Play, X: pd.DataFrame) -> pd.Series:
    fits = pd.Series(True, index=X.index)
    for sign in play.signs:
        one = pd.Series(False, index=X.index)
        for fact in sign.any:
            if fact.feature not in X:
                continue
            one |= _within(fact, X)
        fits &= one
    return fits


def _in_days(days: object) -> str:
    count = _whole(days)
    return "today" if count == "0" else "tomorrow" if count == "1" else f"in {count} days"


def _whole(days: object) -> str:
    return f"{float(days):.0f}"  # type: ignore[arg-type]
