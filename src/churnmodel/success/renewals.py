"""What comes up for renewal, and with whom does one speak first? (the calendar, ranked)

Every account of the book stands on one list: the *calendar* (a long term that ends within so many days), *leaving*
(under notice: no risk, all of its MRR), *short term* (renews every three months or more often: its risk is that of
the next 90 days), *bound* (renews by itself, and the day of notice has passed without one), *later*, or *no
date*. The rank is by ``MRR x risk x 2 ** (-days left / 90)``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.models.periods import SHORT_TERM_MONTHS
from churnmodel.scoring.bands import ORANGE, RED
from churnmodel.scoring.scorer import LEAVING
from churnmodel.settings.renewals import RenewalSettings
from churnmodel.success.renewals_contracts import TERMS, term_words

CALENDAR, SHORT, BOUND, LATER, NO_DATE = "calendar", "short term", "bound", "later", "no date"
STANDARD = "standard"
OUTSIDE = ("renewal",)
"""That the renewal is near is no reason to leave; its date is told beside it."""
_OF_SCORES = ("name", "segment", "csm", "mrr", "status", "leaving_on", "risk", "band", "coverage")


def renewals(
    scores: pd.DataFrame,
    drivers: pd.DataFrame,
    terms: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    about: pd.DataFrame | None = None,
    tiers: pd.DataFrame | None = None,
    band: pd.Series | None = None,
    plays: pd.DataFrame | None = None,
    days: int | None = None,
    lead_days: int = 0,
    rules: RenewalSettings | None = None,
) -> pd.DataFrame:
    """Every account of the book with its next renewal, the most pressing first.

    Parameters
    ----------
    scores, drivers
        A published score table of `as_of`, indexed by snapshot; nothing is scored again.
    terms
        From `churnmodel.success.renewals_contracts.next_renewals`, at `as_of`.
    about
        Indexed by account_id: account_manager and notice_days, as far as known.
    tiers
        Indexed by account_id: tier and, where known, csm and account_manager, which go before those of the
        tables. None: everyone is ``"standard"``.
    band
        Indexed by account_id (health's, with its exceptions); None: that of the scores.
    plays
        From `churnmodel.success.renewals_plays.open_plays`.
    days
        How far the calendar looks; ``rules.days`` by default.

    Returns
    -------
    DataFrame
        Indexed by account_id: list, rank (within its list), name, tier, segment, csm, account_manager, renews_at,
        days (to it), term, term_months, auto_renews, notice_days, decide_by (the last day of notice where it
        renews by itself and the notice is known, else the renewal) and days_left (to that, 0 where it has
        passed); contracts, contracts_due, mrr, mrr_due, mrr_noticed; risk (by that renewal; short terms: within
        90 days), mrr_at_risk, priority, band, coverage, status, leaving_on; reason, reason_family and
        reason_points (what raises the risk most, the renewal itself aside); open_play, arm; and headline (red or
        orange, due, and nobody on it).
    """
    rules = rules or RenewalSettings()
    far = rules.days if days is None else days
    found = scores.droplevel("as_of").reindex(columns=list(_OF_SCORES))
    found = found.join(terms.droplevel("as_of")[list(TERMS)])
    if band is not None:
        found["band"] = band.reindex(found.index)
    found["tier"] = STANDARD if tiers is None else tiers["tier"].reindex(found.index).fillna(STANDARD)
    _owned(found, about, tiers)
    found["days"] = (found["renews_at"] - as_of).dt.days.astype("float64")
    found["term"] = found["term_months"].map(term_words)
    found["risk"] = _risk_by(scores.droplevel("as_of"), found, lead_days)
    found["list"] = _listed(found, far)
    _decided(found, about, as_of, rules)
    found["mrr_at_risk"] = found["mrr"] * found["risk"]
    found["priority"] = found["mrr_at_risk"] * np.exp2(-found["days_left"] / rules.halves_every_days)
    found = found.join(_reasons(drivers)).join(_plays(plays))
    due = found["list"].isin([CALENDAR, SHORT])
    found["headline"] = due & found["band"].isin([RED, ORANGE]) & found["open_play"].isna()
    found["sorted"] = found["priority"].fillna(found["mrr"])
    found = found.rename_axis("account_id").reset_index()
    found = found.sort_values(["list", "sorted", "account_id"], ascending=[True, False, True], kind="stable")
    found["rank"] = found.groupby("list").cumcount() + 1
    return found.set_index("account_id")[list(COLUMNS)]


COLUMNS = (
    *("list", "rank", "name", "tier", "segment", "csm", "account_manager", "renews_at", "days", "term"),
    *("term_months", "auto_renews", "notice_days", "decide_by", "days_left", "contracts", "contracts_due", "mrr"),
    *("mrr_due", "mrr_noticed", "risk", "mrr_at_risk", "priority", "band", "coverage", "status", "leaving_on"),
    *("reason", "reason_family", "reason_points", "open_play", "arm", "headline"),
)


def _owned(found: pd.DataFrame, about: pd.DataFrame | None, tiers: pd.DataFrame | None) -> None:
    for owner in ("csm", "account_manager"):
        told = found[owner] if owner in found else pd.Series(None, index=found.index, dtype="object")
        if about is not None and owner in about:
            told = told.fillna(about[owner].reindex(found.index))
        if tiers is not None and owner in tiers:
            told = tiers[owner].reindex(found.index).fillna(told)
        found[owner] = told.astype("object").where(told.notna(), None)


def _risk_by(scores: pd.DataFrame, found: pd.DataFrame, lead_days: int) -> pd.Series:
    """The headline risk, or, where that looks to an end of another contract, the risk by this renewal."""
    risk = found["risk"].astype("float64")
    edges = sorted(int(str(c)[5:]) for c in scores.columns if str(c)[5:].isdigit() and str(c).startswith("risk_"))
    if not edges or "risk_days" not in scores:
        return risk
    ahead = (found["days"] - lead_days).clip(lower=1.0)
    long = found["term_months"].gt(SHORT_TERM_MONTHS) & (ahead <= edges[-1])
    other = long & scores["risk_days"].ne(ahead)
    place = np.searchsorted(edges, ahead.fillna(edges[-1]).to_numpy().clip(max=edges[-1]))
    within = scores[[f"risk_{edge}" for edge in edges]].to_numpy(dtype=np.float64)
    by_then = pd.Series(within[np.arange(len(within)), place], index=found.index)
    return risk.where(~other, by_then.where(risk.notna()))


def _listed(found: pd.DataFrame, far: int) -> pd.Series:
    short = found["term_months"].le(SHORT_TERM_MONTHS)
    kinds = [found["status"].eq(LEAVING), short, found["days"].isna(), found["days"].le(far)]
    return pd.Series(np.select(kinds, [LEAVING, SHORT, NO_DATE, CALENDAR], LATER), index=found.index)


def _decided(
    found: pd.DataFrame, about: pd.DataFrame | None, as_of: pd.Timestamp, rules: RenewalSettings
) -> None:
    usual = np.nan if rules.notice_days is None else float(rules.notice_days)
    own = pd.Series(np.nan, index=found.index)
    if about is not None and "notice_days" in about:
        own = pd.to_numeric(about["notice_days"], errors="coerce").reindex(found.index).astype("float64")
    notice = own.where(own >= 0).fillna(usual).where(found["term_months"].gt(SHORT_TERM_MONTHS))
    found["notice_days"] = notice
    by_itself = found["auto_renews"].fillna(False).astype(bool)
    before = pd.to_timedelta(notice.where(by_itself).fillna(0.0), unit="D")
    found["decide_by"] = found["renews_at"] - before
    passed = found["list"].eq(CALENDAR) & (found["decide_by"] < as_of)
    found["list"] = found["list"].mask(passed, BOUND)
    left = (found["decide_by"] - as_of).dt.days.astype("float64").clip(lower=0.0)
    found["days_left"] = left.mask(found["list"].eq(SHORT), 0.0)


def _reasons(drivers: pd.DataFrame) -> pd.DataFrame:
    raising = drivers[drivers["direction"].eq("raises") & ~drivers["concept"].isin(OUTSIDE)]
    first = raising.sort_values("rank", kind="stable").droplevel("as_of")
    first = first[~first.index.duplicated()][["sentence", "family", "points"]]
    return first.set_axis(["reason", "reason_family", "reason_points"], axis=1)


def _plays(plays: pd.DataFrame | None) -> pd.DataFrame:
    if plays is None:
        return pd.DataFrame(columns=["open_play", "arm"], dtype="object")
    return plays.set_index("account_id")[["play", "arm"]].set_axis(["open_play", "arm"], axis=1)
