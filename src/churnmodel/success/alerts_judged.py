"""What would these alerts have caught, how early, and how often would they have cried wolf?

The rules and the decisions are those of every morning, replayed week by week over a past whose outcomes are
known. An alert *caught* a churn where it was raised on the account in the ``horizon_days`` before service ended.
What the same number of alerts would have caught if each week they had gone to accounts drawn by lot stands
beside it: with enough alerts any rule catches everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.evaluation.lead_time import wilson_interval
from churnmodel.settings.alerts import AlertSettings
from churnmodel.success.alert import DAY
from churnmodel.success.alerts_decided import RAISED, SNOOZED, decide, owners

FEW = 20
"""Of fewer alerts a rule's share says little."""
IN_TIME_DAYS = 30
"""A warning that leaves less time than this before the end of service came late."""


@dataclass(frozen=True)
class Judged:
    """A replay.

    Parameters
    ----------
    looks
        The days on which the rules were run.
    raised
        What was raised: as `decide` has it, with churned (missing: not known yet) and days_left before service
        ended.
    held_back, cooling
        How many candidates the cap held back for good, and the cool-down kept silent.
    churns
        One row per churn after some look: account_id, churned_at, mrr, alerted_at (the first alert; missing:
        none), days_warned, rules (all that spoke), by_lot (the chance that alerts by lot had caught it).
    by_rule
        Indexed by rule: raised, known (of which the outcome is), churned, share, low, high (its 95 % interval:
        Wilson; it takes alerts for independent), base, times (share / base), caught (churns), only (churns that
        no other rule caught), days_warned (the median).
    per_week
        Indexed by csm: mean and most alerted accounts a week, weeks with none.
    base
        The share of all accounts at all looks that churned within the horizon.
    """

    looks: pd.DatetimeIndex
    raised: pd.DataFrame
    held_back: int
    cooling: int
    churns: pd.DataFrame
    by_rule: pd.DataFrame
    per_week: pd.DataFrame
    base: float
    horizon_days: int

    @property
    def telling(self) -> tuple[str, ...]:
        """The rules whose accounts churned beyond luck more often than the base, of those with `FEW` alerts."""
        return tuple(self._enough.index[self._enough["low"] > self.base])

    @property
    def misleading(self) -> tuple[str, ...]:
        """The rules whose accounts churned beyond luck less often than the base, of those with `FEW` alerts."""
        return tuple(self._enough.index[self._enough["high"] < self.base])

    @property
    def _enough(self) -> pd.DataFrame:
        return self.by_rule[self.by_rule["known"] >= FEW] if len(self.by_rule) else self.by_rule

    @property
    def caught(self) -> pd.DataFrame:
        """The churns that an alert came before."""
        return self.churns[self.churns["alerted_at"].notna()]


def replay(
    candidates: pd.DataFrame, book: pd.DataFrame, looks: pd.DatetimeIndex, rules: AlertSettings
) -> tuple[pd.DataFrame, int, int]:
    """What would have been raised look by look, how many things were held back for good, and how many cooled down.

    Parameters
    ----------
    book
        Indexed by snapshot: csm, mrr, at_risk.
    """
    raised = pd.DataFrame({name: pd.Series(dtype="object") for name in RAISED})
    raised["as_of"] = raised["as_of"].astype("datetime64[us]")
    nobody_asked = pd.DataFrame({name: pd.Series(dtype="object") for name in SNOOZED})
    by_look = dict(iter(candidates.groupby("as_of")))
    parts, held, cooled = [], set(), set()
    for look in looks:
        if look not in by_look:
            continue
        about = pd.DataFrame(book.xs(look, level="as_of"))
        decided = decide(by_look[look], about, raised, nobody_asked, rules, look)
        held |= set(decided.held_back["alert_id"])
        cooled |= set(decided.cooling["alert_id"])
        parts.append(decided.raised)
        if len(decided.raised):
            raised = pd.concat([raised, decided.raised[list(RAISED)]], ignore_index=True)
    told = pd.concat(parts, ignore_index=True) if parts else candidates.assign(alert_id=None, mrr=0.0, at_risk=0.0)
    ids = set(raised["alert_id"])
    return told, len(held - ids), len(cooled - ids - held)


def judge(
    candidates: pd.DataFrame,
    book: pd.DataFrame,
    outcomes: pd.DataFrame,
    looks: pd.DatetimeIndex,
    rules: AlertSettings,
    horizon_days: int,
) -> Judged:
    """The replay of `candidates`, beside what became of every account at every look.

    Parameters
    ----------
    outcomes
        Indexed as `book`: churned (missing: not known), churned_at.
    """
    raised, held, cooled = replay(candidates, book, looks, rules)
    of_accounts = raised[raised["account_id"].notna()]
    what = outcomes[["churned", "churned_at"]].reset_index()
    raised = raised.merge(what, on=["account_id", "as_of"], how="left")
    raised["days_left"] = (raised["churned_at"] - raised["as_of"]).dt.days.astype("float64")
    known = outcomes["churned"].dropna().astype(bool)
    base = float(known.mean()) if len(known) else float("nan")
    churns = _churns(of_accounts, book, outcomes, looks, horizon_days)
    by_rule = _by_rule(raised, churns, base)
    per_week = _per_week(of_accounts, book, looks)
    return Judged(looks, raised, held, cooled, churns, by_rule, per_week, base, horizon_days)


def _churns(
    raised: pd.DataFrame, book: pd.DataFrame, outcomes: pd.DataFrame, looks: pd.DatetimeIndex, horizon_days: int
) -> pd.DataFrame:
    gone = outcomes[outcomes["churned"].fillna(False).astype(bool)].reset_index()
    gone = gone.merge(book[["mrr"]].reset_index(), on=["account_id", "as_of"]).sort_values("as_of")
    of_account = gone.groupby(["account_id", "churned_at"]).agg(mrr=("mrr", "last"), first=("as_of", "min"))
    told = raised.groupby("as_of")["account_id"].nunique().reindex(looks, fill_value=0)
    share = (told / book.groupby(level="as_of").size().reindex(looks)).to_numpy(dtype=np.float64)
    rows = []
    for row in of_account.reset_index().to_dict("records"):
        account, churned_at = row["account_id"], pd.Timestamp(row["churned_at"])
        since = max(churned_at - horizon_days * DAY, pd.Timestamp(row["first"]))
        own = raised[raised["account_id"] == account]
        own = own[(own["as_of"] >= since) & (own["as_of"] < churned_at)]
        span = share[(looks >= since) & (looks < churned_at)]
        first = own["as_of"].min()  # none: missing
        rows.append(
            {
                "account_id": account,
                "churned_at": churned_at,
                "mrr": float(row["mrr"]),
                "alerted_at": first,
                "days_warned": float((churned_at - pd.Timestamp(first)).days) if len(own) else np.nan,
                "rules": tuple(sorted(set(own["rule"]))),
                "by_lot": 1.0 - float(np.prod(1.0 - span)),
            }
        )
    columns = ["account_id", "churned_at", "mrr", "alerted_at", "days_warned", "rules", "by_lot"]
    found = pd.DataFrame(rows, columns=columns)
    return found.astype({"alerted_at": "datetime64[us]"}).sort_values("churned_at", ignore_index=True)


def _by_rule(raised: pd.DataFrame, churns: pd.DataFrame, base: float) -> pd.DataFrame:
    rows: dict[str, list[float]] = {}
    for rule, own in raised.groupby("rule"):
        known = own[own["churned"].notna()]
        hits = known[known["churned"].astype(bool)]
        share = len(hits) / len(known) if len(known) else np.nan
        low, high = wilson_interval(len(hits), len(known)) if len(known) else (np.nan, np.nan)
        caught = churns[churns["rules"].map(lambda told, rule=rule: rule in told).astype(bool)]
        rows[str(rule)] = [
            *(len(own), len(known), len(hits), share, base, low, high, share / base if base else np.nan),
            *(len(caught), int((caught["rules"].map(len) == 1).sum())),
            float(hits["days_left"].median()) if len(hits) else np.nan,
        ]
    columns = ["raised", "known", "churned", "share", "base", "low", "high", "times", "caught", "only"]
    columns.append("days_warned")
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("rule")


def _per_week(raised: pd.DataFrame, book: pd.DataFrame, looks: pd.DatetimeIndex) -> pd.DataFrame:
    accounts = book.assign(csm=owners(book)).groupby("csm").size() / len(looks)
    told = raised.assign(csm=owners(raised)).drop_duplicates(["as_of", "account_id"])
    wide = told.groupby(["csm", "as_of"]).size().unstack("as_of")
    wide = wide.reindex(index=accounts.index, columns=looks).fillna(0.0)
    return pd.DataFrame(
        {
            "accounts": accounts,
            "mean": wide.mean(axis=1),
            "most": wide.max(axis=1).astype(int),
            "quiet_weeks": (wide == 0).sum(axis=1),
        }
    )
