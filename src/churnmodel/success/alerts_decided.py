"""Which candidates are raised, and which are not, and why? (told before, snoozed, cooling down, over the cap)

Nothing is read or written here: what was raised before comes in as a frame, so that a replay of the past and the
run of this morning take the same decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from churnmodel.settings.alerts import AlertSettings
from churnmodel.success.alert import BOOK, CSM, DAY, alert_id

CAP_DAYS = 7
UNOWNED = "(no CSM)"
RAISED = ("alert_id", "rule", "subject", "account_id", "csm", "as_of")
"""What must be known of an alert that was raised."""
SNOOZED = ("subject", "rule", "until")
"""What must be known of a snooze; without a rule it is of all."""


@dataclass(frozen=True)
class Decided:
    """Every candidate of one day in one of these.

    Parameters
    ----------
    raised
        To be told, an account's together, the most MRR x risk first; what is of the whole book or of a CSM leads.
    held_back
        Over a CSM's cap; they may be raised on a later day, while they are fresh.
    snoozed, cooling, told_before
        Somebody asked for silence; the rule has spoken of this account lately (until quiet_until); this very thing
        was told.
    """

    raised: pd.DataFrame
    held_back: pd.DataFrame
    snoozed: pd.DataFrame
    cooling: pd.DataFrame
    told_before: pd.DataFrame

    @property
    def counts(self) -> Mapping[str, int]:
        """How many candidates became what."""
        return {name: len(getattr(self, name)) for name in self.__dataclass_fields__}

    def ages_out(self, rules: AlertSettings) -> int:
        """How many of those that cool down will be no news any more when the quiet ends, and so are never told."""
        news_until = self.cooling["began_at"] + rules.fresh_days * DAY
        return int((news_until < self.cooling["quiet_until"]).sum())

    def of_csm(self, csm: str) -> Decided:
        """What one CSM is told: of their accounts, of all of them together, and of the whole book."""
        parts = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Decided(**{name: part[_concerns(part, csm)] for name, part in parts.items()})


def _concerns(found: pd.DataFrame, csm: str) -> pd.Series:
    own = found["account_id"].notna() & (found["csm"] == csm)
    return own | found["subject"].isin([BOOK, CSM + csm])


def decide(
    candidates: pd.DataFrame,
    about: pd.DataFrame,
    raised: pd.DataFrame,
    snoozes: pd.DataFrame,
    rules: AlertSettings,
    as_of: pd.Timestamp,
) -> Decided:
    """What is raised on one day.

    Parameters
    ----------
    candidates
        Of this day, as `churnmodel.success.alert` has them.
    about
        Indexed by account_id, the book of this day: csm, mrr, at_risk (MRR x risk).
    raised
        What was raised on earlier days and earlier this day: `RAISED`.
    snoozes
        In the order in which they were asked for: `SNOOZED`. The last of a subject and rule holds; a snooze ends
        on its day ``until``.
    """
    found = candidates.assign(
        alert_id=[
            alert_id(*row) for row in zip(*(candidates[c] for c in ("rule", "subject", "episode")), strict=True)
        ]
    )
    known = about.reindex(found["account_id"])
    for name in ("mrr", "at_risk"):
        found[name] = known[name].to_numpy(dtype="float64", na_value=float("nan"))
    of_account = found["account_id"].notna()
    found["csm"] = found["csm"].where(~of_account, pd.Series(known["csm"].to_numpy(), index=found.index))
    fates = pd.Series("raised", index=found.index)
    found["quiet_until"] = _quiet_until(found, raised, rules)
    fates = fates.mask(found["quiet_until"] > as_of, "cooling")
    fates = fates.mask(_snoozed(found, snoozes, as_of), "snoozed")
    fates = fates.mask(found["alert_id"].isin(raised["alert_id"]), "told_before")
    held = _over_the_cap(found[fates == "raised"], raised, rules, as_of)
    fates = fates.mask(found.index.isin(held), "held_back")
    parts = {name: _ranked(found[fates == name]) for name in Decided.__dataclass_fields__}
    return Decided(**parts)


def _quiet_until(found: pd.DataFrame, raised: pd.DataFrame, rules: AlertSettings) -> pd.Series:
    """The day from which the rule may speak of the subject again; missing where it has not spoken."""
    days = pd.to_timedelta(raised["rule"].map(rules.quiet_days).astype("float64"), unit="D")
    ends = (raised["as_of"] + days).groupby([raised["rule"], raised["subject"]]).max().to_dict()
    keys = zip(found["rule"], found["subject"], strict=True)
    return pd.Series([ends.get(key, pd.NaT) for key in keys], index=found.index, dtype="datetime64[us]")


def _snoozed(found: pd.DataFrame, snoozes: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    until: dict[tuple[str, str | None], pd.Timestamp] = {}
    for subject, rule, day in zip(*(snoozes[c] for c in SNOOZED), strict=True):
        until[(subject, rule if isinstance(rule, str) else None)] = day
    quiet = [
        any(until.get((subject, r), as_of) > as_of for r in (rule, None))
        for subject, rule in zip(found["subject"], found["rule"], strict=True)
    ]
    return pd.Series(quiet, index=found.index, dtype=bool)


def _over_the_cap(
    found: pd.DataFrame, raised: pd.DataFrame, rules: AlertSettings, as_of: pd.Timestamp
) -> list[object]:
    """Of each CSM the accounts beyond `cap_per_csm` in seven days, the least MRR x risk first to go."""
    week = raised[(raised["as_of"] > as_of - CAP_DAYS * DAY) & raised["account_id"].notna()]
    heard = {csm: set(own["account_id"]) for csm, own in week.assign(csm=owners(week)).groupby("csm")}
    over: list[object] = []
    mine = _ranked(found[found["account_id"].notna()])
    for csm, own in mine.assign(csm=owners(mine)).groupby("csm", sort=False):
        accounts = heard.get(csm, set()).copy()
        for place, account in own["account_id"].items():
            if account not in accounts and len(accounts) >= rules.cap_per_csm:
                over.append(place)
            else:
                accounts.add(account)
    return over


def owners(alerts: pd.DataFrame) -> pd.Series:
    """The CSM of each row, `UNOWNED` where it has none."""
    return alerts["csm"].astype("object").where(alerts["csm"].notna(), UNOWNED)


def _ranked(found: pd.DataFrame) -> pd.DataFrame:
    """The whole book's and CSMs' first, then accounts by MRR x risk (by MRR where that is equal), each
    together."""
    worth = found["at_risk"].fillna(0.0)
    keys = found.assign(own=found["account_id"].notna(), worth=-worth, paying=-found["mrr"].fillna(0.0))
    keys = keys.sort_values(["own", "worth", "paying", "subject", "rule"], kind="stable")
    return found.loc[keys.index]
