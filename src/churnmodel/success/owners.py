"""Who looks after whom, who has too much, and who could take an account that nobody has?

The load of an owner is the mean of two shares of the team's average: its accounts, each weighing as its tier does
(``[tiers.load]``), and its MRR, weighed alike::

    load = (sum(w) / mean over owners of sum(w) + sum(w x MRR) / mean over owners of sum(w x MRR)) / 2

so 1.00 is the team's average. Accounts of owners who are away, or that have none, are in nobody's load.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from churnmodel.settings.tiers import TIERS, OwnerLoad

AT_HOME = 0.5
CARRIED = ["accounts", "mrr", "weight", "weighted_mrr"]
ROLES = {"csm": "CSM", "account_manager": "account manager"}


def owned_by(accounts: pd.DataFrame, role: str, away: tuple[str, ...] = ()) -> pd.Series:
    """The owner of each account in a role; None where there is none, or one who is away."""
    owner = accounts[role].astype("object")
    told = [None if pd.isna(name) or name in away else name for name in owner]
    return pd.Series(told, owner.index, dtype="object", name=role)


def owner_loads(
    accounts: pd.DataFrame, role: str, rules: OwnerLoad | None = None, away: tuple[str, ...] = ()
) -> pd.DataFrame:
    """What each owner carries, the largest load first.

    Parameters
    ----------
    accounts
        Indexed by account_id: tier, mrr, segment, and `role` (``"csm"`` or ``"account_manager"``).

    Returns
    -------
    DataFrame
        Indexed by owner: accounts, platinum, gold, standard, mrr, main_segment (that of most of them; None where
        none is told), weight, weighted_mrr, load (1.00 is the average), overloaded (why, in words; empty where
        not).

    >>> accounts = pd.DataFrame({"tier": ["platinum", "standard", "standard"], "mrr": [900.0, 50.0, 50.0],
    ...     "segment": "mid", "csm": ["Jo", "Jo", "Kim"]}, index=["ada", "bob", "cy"])
    >>> owner_loads(accounts, "csm")[["accounts", "load", "overloaded"]].round(2).values.tolist()
    [[2, 1.87, '1.87 of the average load'], [1, 0.13, '']]
    """
    rules = rules or OwnerLoad()
    owner = owned_by(accounts, role, away)
    own = accounts.assign(owner=owner, weight=_weights(accounts["tier"], rules))[owner.notna()]
    own["weighted_mrr"] = own["weight"] * own["mrr"]
    by_owner = own.groupby("owner")
    found = by_owner.agg(accounts=("tier", "size"), mrr=("mrr", "sum"), weight=("weight", "sum"))
    found["weighted_mrr"] = by_owner["weighted_mrr"].sum()
    tiers = pd.crosstab(own["owner"], own["tier"]).reindex(index=found.index, columns=list(TIERS), fill_value=0)
    found = found.join(tiers.astype("int64"))
    found["main_segment"] = by_owner["segment"].agg(_most).astype("object") if len(found) else None
    found["load"] = loads(found)
    found["overloaded"] = [_overloaded(row, rules) for row in found.to_dict("records")]
    order = ["accounts", *TIERS, "mrr", "main_segment", "weight", "weighted_mrr", "load", "overloaded"]
    found = found.rename_axis(role).sort_values(["load", "accounts"], ascending=False, kind="stable")
    return found[order]


def loads(found: pd.DataFrame) -> pd.Series:
    """The load of each owner, from weight and weighted_mrr; of a team that has no MRR from weight alone."""
    parts = []
    for name in ("weight", "weighted_mrr"):
        mean = found[name].mean()
        if mean > 0:
            parts.append(found[name] / mean)
    return sum(parts[1:], parts[0]) / len(parts) if parts else pd.Series(0.0, found.index)


def suggest_owners(
    accounts: pd.DataFrame, role: str, rules: OwnerLoad | None = None, away: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Who could take each account that nobody has, the accounts that matter most first.

    One after the other: the one with the least load among owners who work its segment and would not be overloaded
    by it; else among all who would not be; else among those who work its segment; else among all. Who takes an
    account carries it from then on. An owner works a segment that is at least `AT_HOME` times as frequent among
    the own accounts as in the whole book; an account of no segment is anybody's. Nobody is suggested beyond
    ``rules.most_accounts`` or ``rules.most_arr``.

    Returns
    -------
    DataFrame
        Indexed by account_id: tier, mrr, segment, was (the owner that is away, or None), suggested (None where
        nobody can), load_before, load_after, words.
    """
    rules = rules or OwnerLoad()
    team = owner_loads(accounts, role, rules, away)
    owner = owned_by(accounts, role, away)
    at_home = _segments(owner, accounts["segment"])
    weight = _weights(accounts["tier"], rules)
    free = accounts.assign(place=accounts["tier"].map(TIERS.index), weight=weight)[owner.isna()]
    order = ["place", "mrr", "account_id"]
    free = free.rename_axis("account_id").sort_values(order, ascending=[True, False, True])
    state = team[CARRIED].astype("float64")
    rows: list[tuple[object, str | None, float, float, str]] = []
    for account, row in free.iterrows():
        gained = pd.Series([1.0, row["mrr"], row["weight"], row["weight"] * row["mrr"]], index=CARRIED)
        before, after = loads(state), _loads_with(state, gained)
        pool, why = _pool(state, after, at_home, gained, row["segment"], rules)
        if not pool:
            rows.append((account, None, math.nan, math.nan, why))
            continue
        chosen = min(pool, key=lambda name: (after[name], name))
        state.loc[chosen] += gained
        words = f"{why}; load {before[chosen]:.2f} of the average, {after[chosen]:.2f} with it"
        rows.append((account, chosen, float(before[chosen]), float(after[chosen]), words))
    columns = ["account_id", "suggested", "load_before", "load_after", "words"]
    found = pd.DataFrame(rows, columns=columns).set_index("account_id")
    was = free[role].astype("object")
    return free[["tier", "mrr", "segment"]].assign(was=was.where(was.notna(), None)).join(found)


def _segments(owner: pd.Series, segment: pd.Series) -> pd.DataFrame:
    """Per owner and segment: how many of the own accounts are of it; 0 where they do not work it."""
    counts = pd.crosstab(owner, segment)
    if counts.empty:
        return counts
    usual = segment.value_counts(normalize=True).reindex(counts.columns)
    of_own = counts.div(owner.value_counts().reindex(counts.index), axis=0)
    return counts.where(of_own.ge(AT_HOME * usual, axis=1), 0)


def _loads_with(state: pd.DataFrame, gained: pd.Series) -> pd.Series:
    """The load that each owner would have after taking the account."""
    parts = []
    for name in ("weight", "weighted_mrr"):
        mean = (state[name].sum() + gained[name]) / max(len(state), 1)
        if mean > 0:
            parts.append((state[name] + gained[name]) / mean)
    return sum(parts[1:], parts[0]) / len(parts) if parts else pd.Series(0.0, state.index)


def _pool(
    state: pd.DataFrame,
    after: pd.Series,
    at_home: pd.DataFrame,
    gained: pd.Series,
    segment: object,
    rules: OwnerLoad,
) -> tuple[list[str], str]:
    """Who may take an account, and why they."""
    if state.empty:
        return [], "nobody owns an account yet, so there is nobody to suggest"
    able = pd.Series(True, state.index)
    if rules.most_accounts is not None:
        able &= state["accounts"] + 1 <= rules.most_accounts
    if rules.most_arr is not None:
        able &= (state["mrr"] + gained["mrr"]) * 12 <= rules.most_arr
    if not able.any():
        return [], "every owner is at the limit of [tiers.load]"
    works = pd.Series(False, state.index)
    if isinstance(segment, str) and segment in at_home.columns:
        works = at_home[segment].reindex(state.index).fillna(0) > 0
    light = after <= rules.overloaded_above
    of_segment, least = f"works {segment}", "the least load of all"
    choices = [(able & light, least), (able, least)]
    choices = [pair for who, why in choices for pair in ((who & works, of_segment), (who, why))]
    for who, why in choices:
        if who.any():
            return [str(name) for name in state.index[who]], why
    return [], ""


def _weights(tier: pd.Series, rules: OwnerLoad) -> pd.Series:
    weights: Mapping[str, float] = {name: getattr(rules, name) for name in TIERS}
    return tier.map(weights).astype("float64")


def _most(segments: pd.Series) -> str | None:
    counts = segments.dropna().value_counts()
    return None if counts.empty else str(min(counts.index[counts == counts.iloc[0]]))


def _overloaded(row: Mapping[object, object], rules: OwnerLoad) -> str:
    said = []
    load, accounts, arr = float(row["load"]), int(row["accounts"]), float(row["mrr"]) * 12  # type: ignore[arg-type, call-overload]
    if load > rules.overloaded_above:
        said.append(f"{load:.2f} of the average load")
    if rules.most_accounts is not None and accounts > rules.most_accounts:
        said.append(f"{accounts} accounts, above {rules.most_accounts}")
    if rules.most_arr is not None and arr > rules.most_arr:
        said.append(f"ARR of {arr:,.0f}, above {rules.most_arr:,.0f}")
    return ", ".join(said)
