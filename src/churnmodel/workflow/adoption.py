"""Which features should a project's accounts be shown, and who goes first? (`churnmodel success adoption`)"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from churnmodel.errors import SettingsError, SourceError
from churnmodel.settings.adoption import AdoptionSettings
from churnmodel.sources.feeds import read_feeds
from churnmodel.success.adoption import gaps
from churnmodel.success.adoption_staying import past_use, staying
from churnmodel.success.feature_use import people_there, use_by_people
from churnmodel.success.lacking import lacking_at, told_of
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.named_csm import all_csms, csm_named
from churnmodel.workflow.project import Project
from churnmodel.workflow.tiers import project_tiers

BOOK = [
    *("name", "segment", "plan", "tier", "csm", "account_manager", "mrr", "status", "tenure_days", "band", "risk")
]


@dataclass(frozen=True)
class Adoption:
    """What accounts lack on a day.

    Parameters
    ----------
    accounts
        Of the book that may be told (not under notice, customers for a whole window), indexed by account_id, with
        at_risk (MRR x risk, where scored) and uses (how many features); most at risk first.
    gaps
        From `churnmodel.success.adoption.gaps`.
    features
        A row per feature: accounts_using, share_using (of the accounts that use anything), lacking, lacking_mrr,
        and what `churnmodel.success.adoption_staying.staying` says of it.
    retained
        How many accounts are retained peers.
    dark_share
        The share of the window in which the feed was down.
    """

    as_of: pd.Timestamp
    accounts: pd.DataFrame
    gaps: pd.DataFrame = field(repr=False)
    features: pd.DataFrame = field(repr=False)
    retained: int
    dark_share: float
    past_days: int
    rules: AdoptionSettings
    currency: str
    csms: pd.Series = field(repr=False)
    """Of every account there is or was (`churnmodel.workflow.named_csm.all_csms`)."""
    scored_on: date | None = None
    """The day of the scores it is put in order by; None where none had been published by then."""
    instead: str = ""
    """Why it is not a champion that scored, in a sentence; empty where it is."""

    @property
    def silent(self) -> pd.DataFrame:
        """Accounts that used nothing at all in the window: they do not lack a feature, they are not there."""
        return self.accounts[self.accounts["uses"] == 0]

    @property
    def shown(self) -> pd.DataFrame:
        """The accounts with something to be shown, in the order to turn to them."""
        return self.accounts[self.accounts.index.isin(self.gaps["account_id"])]

    def of(self, account: str) -> pd.DataFrame:
        """The gaps of one account, what to show first first."""
        return self.gaps[self.gaps["account_id"] == account].sort_values("place")

    def of_csm(self, name: str) -> Adoption:
        """Only the accounts of one CSM, who may have none; what is told of features stays that of the whole book.

        SettingsError where nobody is called so.
        """
        chosen = csm_named(name, self.csms)
        own = self.accounts[self.accounts["csm"] == chosen]
        return replace(self, accounts=own, gaps=self.gaps[self.gaps["account_id"].isin(own.index)])

    def of_feature(self, name: str) -> Adoption:
        """Only what is lacking of one feature (SettingsError where nobody uses one of that name)."""
        known = {str(one).casefold(): str(one) for one in self.features["feature"]}
        chosen = known.get(name.strip().casefold())
        if chosen is None:
            raise SettingsError(f"--feature {name!r}: nobody uses a feature of that name "
                                f"(there are: {', '.join(known.values()) or 'none'}).")  # fmt: skip
        return replace(self, gaps=self.gaps[self.gaps["feature"] == chosen])

    def account(self, wanted: str) -> str:
        """The id of an account, by its id or name (NoAccountError)."""
        young = f"customers for less than {self.rules.window_days} days (success onboarding)"
        where = f"the book of {self.as_of.date()}, without those under notice and {young}"
        return account_named(wanted, list(self.accounts.index), self.accounts["name"].tolist(), where)

    def table(self) -> pd.DataFrame:
        """A row per account and feature it lacks, for a file."""
        about = ("name", "segment", "plan", "tier", "csm", "mrr", "band", "at_risk")
        names = [name for name in about if name in self.accounts]
        place = {account: k for k, account in enumerate(self.accounts.index)}
        found = self.gaps.assign(turn=self.gaps["account_id"].map(place)).sort_values(["turn", "place"])
        found = found.join(self.accounts[names], on="account_id").assign(as_of=self.as_of)
        rest = [name for name in self.gaps.columns if name != "account_id"]
        return found[["as_of", "account_id", *names, *rest]].reset_index(drop=True)


def project_adoption(
    project: Project, as_of: pd.Timestamp | None = None, *, with_staying: bool = True
) -> Adoption:
    """What the accounts of a project lack on `as_of` (data_until by default), as known before it.

    Raises
    ------
    SourceError
        There is no table usage_events (or it names no feature), the project is a flat table, or nobody was a
        customer then.
    """
    if project.is_flat:
        raise SourceError("adoption follows events of use from day to day, which a flat table cannot tell.")
    db, rules, labels = project.db, project.settings.adoption, project.settings.labels
    if not db.has("usage_events"):
        raise SourceError(
            "adoption: wanted the table usage_events (account_id, user_id, occurred_at, feature), there is none. "
            "With it: which features each account lacks though its like uses them, and whom to train. "
            "Map it under [tables.usage_events] in churnmodel.toml."
        )
    day = (as_of or project.until).normalize()
    days = {"grace_days": labels.grace_days, "pause_days": labels.pause_days}
    tiers = project_tiers(project, day, with_reasons=False)
    book = tiers.accounts[[name for name in BOOK if name in tiers.accounts]]
    people = use_by_people(db, day, rules.window_days)
    if people.empty:
        raise SourceError(
            f"adoption: usage_events name no feature before {day.date()}. Wanted the column 'feature': map it "
            "under [tables.usage_events] in churnmodel.toml, or look at a later day."
        )
    lacks = lacking_at(
        db, day, book, rules, read_feeds(db, day), grace_days=labels.grace_days, pause_days=labels.pause_days
    )
    used, told = lacks.used_days, told_of(book, rules)
    since = people.groupby("account_id")["first_at"].min().min().normalize()
    rows, uses = past_use(db, day, since, rules, **days) if with_staying else (pd.DataFrame(), pd.DataFrame())
    stays = staying(rows, uses, rules) if with_staying else None
    found = gaps(lacks.told, lacks.retained, used, people, rules, stays, people_there(db, day))
    accounts = _in_order(told.assign(uses=_counts(used, told.index, rules)))
    return Adoption(
        as_of=day,
        accounts=accounts,
        gaps=found,
        features=_features(used, accounts, found, stays, rules),
        retained=len(lacks.retained),
        dark_share=lacks.dark_share,
        past_days=0 if uses.empty else uses.index.get_level_values("as_of").nunique(),
        rules=rules,
        currency=project.settings.project.currency,
        csms=all_csms(project, day),
        scored_on=tiers.scored_on,
        instead=tiers.instead,
    )


def _counts(used: pd.DataFrame, accounts: pd.Index, rules: AdoptionSettings) -> pd.Series:
    """How many features each used enough; 0: no event at all, so that one touched feature is not silence."""
    touched = (used > 0).sum(axis=1).reindex(accounts).fillna(0).astype("int64")
    enough = (used >= rules.least_days).sum(axis=1).reindex(accounts).fillna(0).astype("int64")
    return enough.where(enough > 0, (touched > 0).astype("int64"))


def _in_order(accounts: pd.DataFrame) -> pd.DataFrame:
    risk = accounts["risk"] if "risk" in accounts else pd.Series(float("nan"), accounts.index)
    found = accounts.assign(at_risk=accounts["mrr"] * risk.astype("float64"))
    keys = found.assign(first=found["at_risk"].fillna(0.0), id=found.index.astype(str))
    return found.loc[keys.sort_values(["first", "mrr", "id"], ascending=[False, False, True]).index]


def _features(
    used: pd.DataFrame,
    accounts: pd.DataFrame,
    found: pd.DataFrame,
    stays: pd.DataFrame | None,
    rules: AdoptionSettings,
) -> pd.DataFrame:
    own = used[used.index.isin(accounts.index)]
    own = own[[name for name in own.columns if name not in rules.leave_out]]
    using = (own >= rules.least_days).sum()
    active = int((own > 0).any(axis=1).sum())
    table = pd.DataFrame({"feature": using.index.astype(str), "accounts_using": using.to_numpy()})
    table["share_using"] = table["accounts_using"] / active if active else float("nan")
    lacking = found.join(accounts["mrr"], on="account_id").groupby("feature")["mrr"].agg(["size", "sum"])
    table["lacking"] = table["feature"].map(lacking["size"]).fillna(0).astype("int64")
    table["lacking_mrr"] = table["feature"].map(lacking["sum"]).fillna(0.0)
    if stays is not None and len(stays):
        table = table.merge(stays, on="feature", how="left")
    else:
        from churnmodel.success.adoption_staying import COLUMNS

        table = table.assign(**dict.fromkeys(COLUMNS[1:], float("nan")))
    order = {"more_stay": False, "share_using": False, "feature": True}
    return table.sort_values(list(order), ascending=list(order.values()), ignore_index=True)
