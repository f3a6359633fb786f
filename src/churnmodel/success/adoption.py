"""Which feature does an account lack though its like uses it, and whom could one train? (gaps of adoption)

The like of an account are its *retained peers*: accounts that were customers `retained_days` ago, were not leaving
then, and have stayed; of the same plan, segment and size as far as there are enough. Who came later is no proof of
what lasts, and who left is none either. That retained accounts use a feature does not say that it kept them: that
is asked of the past, in `churnmodel.success.adoption_staying`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from churnmodel.explanation.formats import percent, print_date
from churnmodel.settings.adoption import AdoptionSettings

LEVELS: tuple[tuple[str, ...], ...] = (("plan", "segment", "size"), ("plan", "segment"), ("plan",))
SIZES = ("small", "medium", "large")
COLUMNS = [
    "account_id", "feature", "peers", "peers_using", "share", "peer_group", "peers_since", "last_used",
    "days_used", "more_stay", "low", "high", "place", "show", "users", "words",
]  # fmt: skip
TRAINED = 3
"""So many people are named per feature."""


def sizes(mrr: pd.Series) -> pd.Series:
    """Thirds of the paying accounts by MRR: small, medium, large; None where nothing is paid, or all pay alike."""
    paying = mrr[mrr > 0]
    if paying.nunique() < len(SIZES):
        return pd.Series(None, mrr.index, dtype="object")
    cuts = np.quantile(paying.to_numpy(), [1 / 3, 2 / 3])
    place = np.searchsorted(cuts, mrr.to_numpy(), side="left")
    named = pd.Series([SIZES[k] for k in place], index=mrr.index, dtype="object")
    return named.where(mrr > 0, None)


def told_of(book: pd.DataFrame, rules: AdoptionSettings) -> pd.DataFrame:
    """The accounts whose use is told: not under notice, and customers for a whole window (else: onboarding)."""
    return book[(book["status"] == "at_risk") & (book["tenure_days"] >= rules.window_days)]


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
        The accounts that are told, indexed by account_id: plan, segment, mrr (from `told_of`). Their use is
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
        ``rules.show``. users are the most active people who never used it, the most active first.
    """
    features = [name for name in used_days.columns if name not in rules.leave_out]
    known = book[book["plan"].notna() & book.index.isin(used_days.index)]
    if known.empty or not features:
        return pd.DataFrame(columns=COLUMNS)
    known = known.assign(size=sizes(book["mrr"]).reindex(known.index))
    uses = used_days.reindex(known.index)[features] >= rules.least_days
    peers = known.index.isin(retained)
    chosen, count, using, names = _peer_counts(known, peers, uses, rules.least_peers)
    first = people.groupby(["account_id", "feature"])["first_at"].min()
    last = people.groupby(["account_id", "feature"])["last_at"].max()
    rows = []
    for place, account in enumerate(known.index):
        if chosen[place] < 0:
            continue
        share = using[place] / count[place]
        for k in np.flatnonzero(~uses.iloc[place].to_numpy() & (share >= rules.least_share)):
            rows.append((account, features[k], count[place], using[place][k], share[k], names[place], place))
    kinds = ["account_id", "feature", "peers", "peers_using", "share", "peer_group", "row"]
    found = pd.DataFrame(rows, columns=kinds)
    if found.empty:
        return pd.DataFrame(columns=COLUMNS)
    found["peers_since"] = pd.Series(_since(found, known, peers, uses, first, chosen), index=found.index)
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
    found["users"] = trainees(found, people, there)
    found["words"] = [_words(row) for row in found.to_dict("records")]
    return found[COLUMNS]


def _peer_counts(
    known: pd.DataFrame, peers: np.ndarray, uses: pd.DataFrame, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Per account: the level with enough peers (-1: none), how many there are and use each feature, its name."""
    n, matrix = len(known), uses.to_numpy().astype(np.int64)
    chosen, count = np.full(n, -1), np.zeros(n)
    using, names = np.zeros((n, matrix.shape[1])), [""] * n
    for level, keys in reversed(list(enumerate(LEVELS))):
        told = known[list(keys)].notna().all(axis=1).to_numpy()
        codes = known.groupby(list(keys), sort=True, dropna=False).ngroup().to_numpy()
        groups = codes.max() + 1
        size = np.bincount(codes[peers], minlength=groups)
        of_feature = np.zeros((groups, matrix.shape[1]), dtype=np.int64)
        np.add.at(of_feature, codes[peers], matrix[peers])
        own = peers.astype(np.int64)
        others = size[codes] - own
        enough = told & (others >= least)
        chosen[enough], count[enough] = level, others[enough]
        using[enough] = (of_feature[codes] - own[:, None] * matrix)[enough]
        for row in np.flatnonzero(enough):
            names[row] = _group(known.iloc[row], keys)
    return chosen, count, using, names


def _group(row: pd.Series, keys: Sequence[str]) -> str:
    """The peers of a level in words: ``small smb accounts on growth``."""
    before = [str(row[name]) for name in ("size", "segment") if name in keys]
    return " ".join([*before, f"accounts on {row['plan']}"])


def _since(
    found: pd.DataFrame,
    known: pd.DataFrame,
    peers: np.ndarray,
    uses: pd.DataFrame,
    first: pd.Series,
    chosen: np.ndarray,
) -> list[object]:
    """The median day of first use among the peers that use it."""
    since: list[object] = []
    kept: dict[tuple[int, object, str], pd.Series] = {}
    codes = {
        level: known.groupby(list(keys), sort=True, dropna=False).ngroup().to_numpy()
        for level, keys in enumerate(LEVELS)
    }
    for row, feature in zip(found["row"], found["feature"], strict=True):
        level = int(chosen[row])
        key = (level, codes[level][row], feature)
        if key not in kept:
            alike = peers & (codes[level] == codes[level][row]) & uses[feature].to_numpy()
            days = first.reindex([(account, feature) for account in known.index[alike]]).dropna().sort_values()
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


def trainees(found: pd.DataFrame, people: pd.DataFrame, there: pd.DataFrame | None) -> list[str]:
    """Per gap that is shown: the most active people of the account who never used the feature; else empty."""
    persons = people[people["is_person"] & people["account_id"].isin(found["account_id"])]
    active = persons.groupby(["account_id", "user_id"], as_index=False)["events"].sum()
    active = active[active["events"] > 0]
    said: Mapping[tuple[str, str], str] = {}
    if there is not None:
        gone = there[there["gone"].astype(bool)]
        keys = pd.MultiIndex.from_frame(active[["account_id", "user_id"]])
        active = active[~keys.isin(pd.MultiIndex.from_frame(gone[["account_id", "user_id"]]))]
        said = {(r["account_id"], r["user_id"]): _does(r) for r in there.to_dict("records")}
    active = active.sort_values(["account_id", "events", "user_id"], ascending=[True, False, True])
    of = dict(list(active.groupby("account_id")))
    knows = {key: set(rows) for key, rows in persons.groupby(["account_id", "feature"])["user_id"]}
    told = []
    for account, feature, show in zip(found["account_id"], found["feature"], found["show"], strict=True):
        if not show or account not in of:
            told.append("")
            continue
        mine = of[account]
        never = mine[~mine["user_id"].isin(knows.get((account, feature), set()))].head(TRAINED)
        told.append("; ".join(f"{user}{said.get((account, user), '')}" for user in never["user_id"]))
    return told


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
