"""Which feature does an account lack though its like uses it, and whom could one train? (gaps of adoption)

What it lacks, and who its peers are, `churnmodel.success.lacking` says; here it is told since when they use it, by
whom it could be taken up, and what to show first. That retained accounts use a feature does not say that it kept
them: that is asked of the past, in `churnmodel.success.adoption_staying`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from churnmodel.explanation.formats import percent, print_date
from churnmodel.settings.adoption import AdoptionSettings
from churnmodel.success.lacking import Peers, kin, lacking, peers_of

COLUMNS = [
    "account_id", "feature", "peers", "peers_using", "share", "peer_group", "peers_since", "last_used",
    "days_used", "more_stay", "low", "high", "place", "show", "users", "no_users", "words",
]  # fmt: skip
TRAINED = 3
"""So many people are named per feature."""
ALL_USED_IT = "everybody at work there has used it before"
ALL_GONE = "whoever used anything of late has left"
NOBODY_KNOWN = "who is at work there is not known: the events of late name no person"


def gaps(
    book: pd.DataFrame,
    retained: pd.Index,
    used_days: pd.DataFrame,
    people: pd.DataFrame,
    rules: AdoptionSettings,
    stays: pd.DataFrame | None = None,
    there: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every feature that an account lacks and enough of its retained peers use.

    Parameters
    ----------
    book
        The accounts that are told, indexed by account_id: plan, segment, mrr (`lacking.told_of`). Their use is
        that of `used_days`; who uses nothing at all is left out (it lacks everything).
    retained
        The peers, `book` accounts that were there long enough and stayed.
    used_days, people
        From `churnmodel.success.feature_use.days_of_use` and `use_by_people`, at the day of looking.
    stays
        From `churnmodel.success.adoption_staying.staying`.
    there
        From `churnmodel.success.feature_use.people_there`: who has left, and what the others do.

    Returns
    -------
    DataFrame
        `COLUMNS`. peers, peers_using and share are of others than the account itself; peers_since is the median
        day of their first use; place is the order in which to show an account its features: those whose users
        stayed more, beyond luck, first, then by share, then those whose users stayed less; show marks the first
        ``rules.show``. users are the most active people who never used it, the most active first; no_users says
        why nobody is named of a feature that is shown.
    """
    peers = peers_of(book, retained, used_days, rules)
    found = lacking(peers, rules)
    if peers is None or found.empty:
        return pd.DataFrame(columns=COLUMNS)
    first = people.groupby(["account_id", "feature"])["first_at"].min()
    last = people.groupby(["account_id", "feature"])["last_at"].max()
    found["peers_since"] = pd.Series(_since(found, peers, first), index=found.index)
    keys = pd.MultiIndex.from_frame(found[["account_id", "feature"]])
    found["last_used"] = last.reindex(keys).to_numpy()
    found["days_used"] = used_days.stack().reindex(keys).fillna(0).astype("int64").to_numpy()
    found = _with_staying(found, stays)
    order = found.assign(sign=_signs(found), apart=-found["more_stay"].where(found["low"] > 0, 0.0).fillna(0.0))
    order = order.sort_values(["account_id", "sign", "share", "apart", "feature"],
                              ascending=[True, False, False, True, True])  # fmt: skip
    found = found.loc[order.index].reset_index(drop=True)
    found["place"] = found.groupby("account_id").cumcount() + 1
    found["show"] = found["place"] <= rules.show
    found["users"], found["no_users"] = trainees(found, people, there)
    found["words"] = [_words(row) for row in found.to_dict("records")]
    return found[COLUMNS]


def _since(found: pd.DataFrame, peers: Peers, first: pd.Series) -> list[object]:
    """The median day of first use among the peers that use it."""
    since: list[object] = []
    kept: dict[tuple[int, object, str], pd.Series] = {}
    accounts = peers.accounts.index
    codes = {int(level): kin(peers.accounts, int(level)) for level in np.unique(peers.level) if level >= 0}
    for row, feature in zip(accounts.get_indexer(pd.Index(found["account_id"])), found["feature"], strict=True):
        level = int(peers.level[row])
        key = (level, codes[level][row], feature)
        if key not in kept:
            alike = peers.retained & (codes[level] == codes[level][row]) & peers.uses[feature].to_numpy()
            days = first.reindex([(account, feature) for account in accounts[alike]]).dropna().sort_values()
            middle = days.iloc[(len(days) - 1) // 2 : (len(days) - 1) // 2 + 1]
            kept[key] = pd.to_datetime(middle).dt.normalize()
        since.append(kept[key].iloc[0] if len(kept[key]) else pd.NaT)
    return since


def _with_staying(found: pd.DataFrame, stays: pd.DataFrame | None) -> pd.DataFrame:
    names = ["more_stay", "low", "high"]
    if stays is None or stays.empty:
        return found.assign(**dict.fromkeys(names, float("nan")))
    return found.join(stays.set_index("feature")[names], on="feature")


def _signs(found: pd.DataFrame) -> np.ndarray:
    """1 where its users stayed more beyond luck, -1 where less, else 0."""
    return np.where(found["low"] > 0, 1, np.where(found["high"] < 0, -1, 0))


def trainees(
    found: pd.DataFrame, people: pd.DataFrame, there: pd.DataFrame | None
) -> tuple[list[str], list[str]]:
    """Per gap that is shown: the most active people who never used the feature, else why there are none."""
    persons = people[people["is_person"] & people["account_id"].isin(found["account_id"])]
    active = persons.groupby(["account_id", "user_id"], as_index=False)["events"].sum()
    active = active[active["events"] > 0]
    used = set(active["account_id"])
    said: Mapping[tuple[str, str], str] = {}
    if there is not None:
        gone = there[there["gone"].astype(bool)]
        keys = pd.MultiIndex.from_frame(active[["account_id", "user_id"]])
        active = active[~keys.isin(pd.MultiIndex.from_frame(gone[["account_id", "user_id"]]))]
        said = {(r["account_id"], r["user_id"]): _does(r) for r in there.to_dict("records")}
    active = active.sort_values(["account_id", "events", "user_id"], ascending=[True, False, True])
    of = dict(list(active.groupby("account_id")))
    knows = {key: set(rows) for key, rows in persons.groupby(["account_id", "feature"])["user_id"]}
    told: list[str] = []
    why_none: list[str] = []
    for account, feature, show in zip(found["account_id"], found["feature"], found["show"], strict=True):
        never: list[str] = []
        why = ""
        if show and account in of:
            mine = of[account]["user_id"]
            never = mine[~mine.isin(knows.get((account, feature), set()))].head(TRAINED).tolist()
            why = "" if never else ALL_USED_IT
        elif show:
            why = ALL_GONE if account in used else NOBODY_KNOWN
        told.append("; ".join(f"{user}{said.get((account, user), '')}" for user in never))
        why_none.append(why)
    return told, why_none


def _does(row: Mapping[object, object]) -> str:
    parts = [str(row[name]) for name in ("role", "department") if isinstance(row.get(name), str) and row[name]]
    return f" ({', '.join(parts)})" if parts else ""


def _words(row: Mapping[object, object]) -> str:
    since, last = row["peers_since"], row["last_used"]
    share = f"{int(row['peers_using'])} of {int(row['peers'])} retained {row['peer_group']} use it"  # type: ignore[call-overload]
    share += f" ({percent(float(row['share']))})"  # type: ignore[arg-type]
    if not pd.isna(since):  # type: ignore[call-overload]
        share += f", half of them since {print_date(since)} or before"  # type: ignore[arg-type]
    days = int(row["days_used"])  # type: ignore[call-overload]
    if days:
        return f"{share}; here on {days} day{'s' * (days != 1)} only"
    if not pd.isna(last):  # type: ignore[call-overload]
        return f"{share}; here nobody since {print_date(last)}"  # type: ignore[arg-type]
    return f"{share}; here nobody ever has"
