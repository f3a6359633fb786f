"""Which features does an account lack though its peers use them? (the one measure of it)

Adoption asks what to show an account, expansion whether it leaves a part unused: both ask here, by ``[adoption]``.

Peers are *retained*: accounts that were customers `retained_days` ago, were not leaving then, and have stayed; of
the same plan, segment and size as far as there are enough. Who came later is no proof of what lasts, and who left
is none either. Who uses nothing at all lacks no feature, it is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from churnmodel.settings.adoption import AdoptionSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Feeds
from churnmodel.success.feature_use import days_of_use
from churnmodel.success.ledger import DAY

LEVELS: tuple[tuple[str, ...], ...] = (("plan", "segment", "size"), ("plan", "segment"), ("plan",))
SIZES = ("small", "medium", "large")
COLUMNS = ["account_id", "feature", "peers", "peers_using", "share", "peer_group"]
TOO_DARK = 0.5
"""Where the feed was down for so large a share of the window nobody's use is told."""


@dataclass(frozen=True)
class Peers:
    """The peers of each account that uses something, at the closest of `LEVELS` that has enough of them.

    Parameters
    ----------
    accounts
        Indexed by account_id, with size.
    retained
        (n,) which of them are peers of the others.
    uses
        Which features each uses enough, a column per feature.
    level
        (n,) the place in `LEVELS`; -1: too few at any.
    count, using
        (n,) other accounts that are peers, and (n, features) how many of those use each feature.
    names
        Who they are, in words.
    """

    accounts: pd.DataFrame = field(repr=False)
    retained: np.ndarray = field(repr=False)
    uses: pd.DataFrame = field(repr=False)
    level: np.ndarray = field(repr=False)
    count: np.ndarray = field(repr=False)
    using: np.ndarray = field(repr=False)
    names: list[str] = field(repr=False)


@dataclass(frozen=True)
class Lacking:
    """What the accounts of a day lack, and of whom it can be told.

    Parameters
    ----------
    told
        From `told_of`; nobody where the feed was down for `TOO_DARK` of the window.
    retained
        Those of them that were there long enough and stayed.
    used_days
        From `churnmodel.success.feature_use.days_of_use`.
    rows
        From `lacking`.
    """

    told: pd.DataFrame = field(repr=False)
    retained: pd.Index = field(repr=False)
    used_days: pd.DataFrame = field(repr=False)
    dark_share: float
    rows: pd.DataFrame = field(repr=False)

    @property
    def is_known(self) -> bool:
        """Whether the tables can say: some feature was used, and the feed was not down for too long."""
        return self.dark_share < TOO_DARK and len(self.used_days.columns) > 0


def lacking_at(
    db: Database,
    as_of: pd.Timestamp,
    book: pd.DataFrame,
    rules: AdoptionSettings,
    feeds: Feeds,
    *,
    grace_days: int = 30,
    pause_days: int = 90,
    before: pd.DataFrame | None = None,
) -> Lacking:
    """What each account of a book lacks at `as_of`, as known before it.

    Parameters
    ----------
    book
        Indexed by account_id: plan, segment, mrr, status, tenure_days.
    before
        The book `retained_days` earlier, where it is at hand: status, by account_id.
    """
    if before is None:
        earlier = as_of - rules.retained_days * DAY
        before = build_book(db, [earlier], grace_days=grace_days, pause_days=pause_days).droplevel("as_of")
    used = days_of_use(db, as_of, rules.window_days)
    dark = feeds.dark_share("usage_events", as_of, rules.window_days)
    asked = told_of(book, rules)
    retained = asked.index[asked.index.isin(before.index[before["status"] != "leaving"])]
    told = asked if dark < TOO_DARK else asked.head(0)
    return Lacking(told, retained, used, dark, lacking(peers_of(told, retained, used, rules), rules))


def told_of(book: pd.DataFrame, rules: AdoptionSettings) -> pd.DataFrame:
    """The accounts whose use is told: not under notice, and customers for a whole window (else: onboarding)."""
    return book[(book["status"] == "at_risk") & (book["tenure_days"] >= rules.window_days)]


def sizes(mrr: pd.Series) -> pd.Series:
    """Thirds of the paying accounts by MRR: small, medium, large; None where nothing is paid, or all pay alike."""
    paying = mrr[mrr > 0]
    if paying.nunique() < len(SIZES):
        return pd.Series(None, mrr.index, dtype="object")
    cuts = np.quantile(paying.to_numpy(), [1 / 3, 2 / 3])
    place = np.searchsorted(cuts, mrr.to_numpy(), side="left")
    named = pd.Series([SIZES[k] for k in place], index=mrr.index, dtype="object")
    return named.where(mrr > 0, None)


def lacking(peers: Peers | None, rules: AdoptionSettings) -> pd.DataFrame:
    """Every feature an account lacks and enough of its peers use, those that most use first: `COLUMNS`.

    peers, peers_using and share are of others than the account itself.
    """
    rows = []
    if peers is not None:
        features, uses = peers.uses.columns.tolist(), peers.uses.to_numpy(dtype=bool)
        for place, account in enumerate(peers.accounts.index):
            if peers.level[place] < 0:
                continue
            count, using = peers.count[place], peers.using[place]
            share, name = using / count, peers.names[place]
            for k in np.flatnonzero(~uses[place] & (share >= rules.least_share)):
                rows.append((account, features[k], count, using[k], share[k], name))
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.sort_values(["account_id", "share", "feature"], ascending=[True, False, True], ignore_index=True)


def peers_of(
    told: pd.DataFrame, retained: pd.Index, used_days: pd.DataFrame, rules: AdoptionSettings
) -> Peers | None:
    """The peers of each account that is told and uses something; None where nobody does, or no feature is left.

    Parameters
    ----------
    told
        Indexed by account_id: plan, segment, mrr.
    """
    features = [name for name in used_days.columns if name not in rules.leave_out]
    known = told[told["plan"].notna() & told.index.isin(used_days.index)]
    if known.empty or not features:
        return None
    known = known.assign(size=sizes(told["mrr"]).reindex(known.index))
    uses = used_days.reindex(known.index)[features] >= rules.least_days
    peers = known.index.isin(retained)
    return Peers(known, peers, uses, *_counts(known, peers, uses, rules.least_peers))


def kin(accounts: pd.DataFrame, level: int) -> np.ndarray:
    """(n,) which group of a level each account is of."""
    return accounts.groupby(list(LEVELS[level]), sort=True, dropna=False).ngroup().to_numpy()


def _counts(
    known: pd.DataFrame, peers: np.ndarray, uses: pd.DataFrame, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Per account: the level with enough peers (-1: none), how many there are and use each feature, its name."""
    n, matrix = len(known), uses.to_numpy().astype(np.int64)
    chosen, count = np.full(n, -1), np.zeros(n)
    using, names = np.zeros((n, matrix.shape[1])), [""] * n
    for level, keys in reversed(list(enumerate(LEVELS))):
        told = known[list(keys)].notna().all(axis=1).to_numpy()
        codes = kin(known, level)
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
    """The peers of a level in words: ``accounts on growth (segment mid, large by MRR)``.

    >>> row = pd.Series({"plan": "growth", "segment": "mid", "size": "large"})
    >>> [_group(row, keys) for keys in LEVELS[1:]]
    ['accounts on growth (segment mid)', 'accounts on growth']
    """
    said = {"segment": f"segment {row['segment']}", "size": f"{row['size']} by MRR"}
    shared = ", ".join(words for name, words in said.items() if name in keys)
    return f"accounts on {row['plan']}" + (f" ({shared})" if shared else "")
