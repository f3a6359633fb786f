"""Who could be given a play, and where does each account stand? (lifecycle, tier, band, renewal, what it pays)"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import LEAVING
from churnmodel.settings.winback import WinbackSettings
from churnmodel.sources.database import Database
from churnmodel.success.departures import PEOPLE, departures
from churnmodel.success.ledger import Ledger
from churnmodel.success.plays import GONE, LIVE, NEW, UNDER_NOTICE
from churnmodel.success.recontact import DUE, WAITING, recontact

COLUMNS = {
    "name": "object", "segment": "object", "csm": "object", "account_manager": "object", "tier": "object",
    "touch": "object", "lifecycle": "object", "band": "object", "risk": "float64", "mrr": "float64",
    "at_risk": "float64", "renews_at": "datetime64[us]", "days_left": "float64", "leaving_on": "datetime64[us]",
    "left_at": "datetime64[us]", "days_gone": "float64", "exit_reason": "object", "recontact_in": "float64",
    "rule": "object", "exception": "object", "ready": "object",
}  # fmt: skip
GONE_COLUMNS = (*PEOPLE, "left_at", "days_gone", "mrr", "exit_reason", "recontact_in")
ONE_TIER, ONE_TOUCH = "standard", "low"


def play_accounts(
    table: ScoreTable,
    *,
    new_days: int = 90,
    band: pd.Series | None = None,
    held: pd.DataFrame | None = None,
    tiers: pd.DataFrame | None = None,
    gone: pd.DataFrame | None = None,
    ready: pd.Series | None = None,
) -> pd.DataFrame:
    """Every account of a scored day, and those that left, one row each.

    Parameters
    ----------
    new_days
        A younger account is new.
    band
        By account_id, of health, in the place of the score's.
    held
        By account_id: rule and exception, of health: what keeps an account from a better band, and in words.
    tiers
        By account_id: tier, touch, csm, account_manager. None: all are "standard" of low touch.
    gone
        As `gone_accounts` gives them.
    ready
        By account_id, of those ready for more: why, in words. None: of nobody it is known.

    Returns
    -------
    DataFrame
        Indexed by account_id, with `COLUMNS`. ``days_left`` is the number of days to the renewal, to the last day
        of one that gave notice, and missing where neither is known; ``at_risk`` is ``mrr x risk``, all of the
        MRR under notice, and missing for those gone.
    """
    scores = table.scores.reset_index("as_of", drop=True)
    as_of = pd.Timestamp(table.as_of)
    found = scores.reindex(columns=list(COLUMNS)).astype("object")
    status = scores["status"] if "status" in scores else pd.Series("", index=scores.index)
    tenure = _feature(table, "tenure_days", scores.index)
    under_notice = (status == LEAVING).to_numpy()
    young = (status == "young").to_numpy() | (tenure < new_days).to_numpy()
    found["lifecycle"] = np.where(under_notice, UNDER_NOTICE, np.where(young, NEW, LIVE))
    days = _numbers(scores, "days_to_renewal")
    leaving = (pd.to_datetime(found["leaving_on"]) - as_of).dt.total_seconds() / 86_400
    found["days_left"] = days.where(~under_notice, leaving)
    mrr, risk = _numbers(scores, "mrr"), _numbers(scores, "risk")
    found["at_risk"] = (mrr * risk).where(~under_notice, mrr)
    if band is not None:
        found["band"] = band.reindex(found.index)
    if held is not None:
        found[["rule", "exception"]] = held[["rule", "exception"]].reindex(found.index)
    if ready is not None:
        found["ready"] = ready.reindex(found.index)
    if gone is not None and len(gone):
        left = gone[~gone.index.isin(found.index)].reindex(columns=list(COLUMNS))
        found = pd.concat([found, left.assign(lifecycle=GONE).astype("object")])
    found["tier"], found["touch"] = ONE_TIER, ONE_TOUCH
    if tiers is not None:
        for name in ("tier", "touch", "csm", "account_manager"):
            if name in tiers:
                own = tiers[name].reindex(found.index).astype("object")
                found[name] = own.where(own.notna(), found[name])
    found = found.astype({name: kind for name, kind in COLUMNS.items() if kind != "object"})
    texts = [name for name, kind in COLUMNS.items() if kind == "object"]
    found[texts] = found[texts].astype("object").where(found[texts].notna(), None)
    return found.rename_axis("account_id")


def gone_accounts(
    db: Database,
    ledger: Ledger,
    within_days: int,
    *,
    rules: WinbackSettings | None = None,
    words: pd.DataFrame | None = None,
    excluded: Collection[str] = (),
    pause_days: int = 90,
) -> pd.DataFrame:
    """Accounts that left in the `within_days` before ``ledger.as_of``, or are to be asked again then.

    Who ran out within the grace days may still renew late and is not among them, unless a reason is on record by
    which it is to be asked already.

    Parameters
    ----------
    rules, words, excluded
        As `churnmodel.success.recontact.recontact` takes them.

    Returns
    -------
    DataFrame
        Indexed by account_id: name, segment, csm, account_manager, left_at, days_gone, mrr (the last it paid a
        month), exit_reason (empty where none is on record), recontact_in (days until it is to be asked again, 0 or
        less where that day has come; missing where it never is, or is left in peace by now).
    """
    left = departures(db, ledger, words, pause_days=pause_days)
    found = recontact(left, ledger, rules or WinbackSettings(), within_days, words, excluded)
    days = (found["recontact_on"] - ledger.as_of).dt.total_seconds() / 86_400
    found["recontact_in"] = days.where(found["recontact"].isin([DUE, WAITING]))
    kept = (found["days_gone"] <= within_days) | found["recontact_in"].notna()
    return found[kept].rename(columns={"said": "exit_reason"}).reindex(columns=list(GONE_COLUMNS))


def _feature(table: ScoreTable, name: str, index: pd.Index) -> pd.Series:
    X = table.X.reset_index("as_of", drop=True)
    return _numbers(X, name).reindex(index)


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    return frame[name].astype("float64")
