"""What do the tables say of each account, as far as its worth goes? (as known before one moment)

`values_at` has what decides a tier, `facts_at` what stands beside it on the roster. Whatever the features of the
catalog tell already is built as they are, so that the roster and the reasons for a risk mean one thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from churnmodel.features.catalog import CATALOG, available
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.relationship import kind_of
from churnmodel.settings.tiers import ServeCost
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import Feeds, read_feeds
from churnmodel.success.ledger import DAY
from churnmodel.success.paid import levels, paid_between, paid_history, paid_spans
from churnmodel.success.payback import payback
from churnmodel.success.serve_cost import serve_cost

FEATURES = (
    *("seat_utilisation_28d", "active_users_28d", "discount_share", "auto_renews", "renewals_survived"),
    *("champions_now", "champions_all_left", "champion_lost", "integrations_now"),
)
SAID = ("account_manager", "parent_account_id", "strategic", "referenceable", "acquisition_cost")
MARKED = {"integrations_now": ("integration_added",), "champion_lost": ("champion_left", "champion_joined")}
"""Features that count kinds of touchpoint: where nobody ever wrote one down, they are unknown, not none."""


@dataclass(frozen=True)
class Facts:
    """The book on a day, and what is known of it.

    Parameters
    ----------
    accounts
        Indexed by account_id; docs/tiers.md tells the columns.
    kinds
        The kinds of touchpoint that are on record, of anybody, with how many there are.
    feeds
        Which feeds were silent.
    keeps_history
        Whether `accounts` say what they said before; else owners and flags are those of today.
    """

    accounts: pd.DataFrame
    kinds: pd.Series
    as_of: pd.Timestamp
    feeds: Feeds = field(repr=False)
    keeps_history: bool = True


def values_at(
    db: Database, as_of: pd.Timestamp, *, grace_days: int = 30, pause_days: int = 90, min_tenure_days: int = 30
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What decides the tier of each account of the book at `as_of`, and the spans it was read from.

    Law: no row that became known at or after `as_of` changes either.

    Returns
    -------
    accounts
        Indexed by account_id: the columns of `churnmodel.snapshots.cohort.build_book`; paying; what an account
        in a pause paid before it as mrr_told (else its mrr); seats; account_manager, parent_account_id, strategic,
        referenceable, acquisition_cost as `accounts` say them.
    spans
        From `churnmodel.success.paid.paid_spans`.
    """
    rules = {"grace_days": grace_days, "pause_days": pause_days}
    book = build_book(db, [as_of], min_tenure_days=min_tenure_days, **rules).droplevel("as_of")
    spans = paid_spans(db, as_of, **rules)
    cut = db.cut(as_of)
    said = cut.run(cut.table("accounts").select("account_id", *SAID)).drop_duplicates("account_id")
    said = said.set_index("account_id").reindex(book.index)
    said["acquisition_cost"] = said["acquisition_cost"].astype("float64") / 100
    told = said["acquisition_cost"]
    said["acquisition_cost"] = told.where(told > 0)
    found = book.join(said)
    for name in ("strategic", "referenceable"):
        found[name] = _objects((None if pd.isna(is_so) else bool(is_so) for is_so in found[name]), found.index)
    for name in ("csm", "account_manager", "segment", "name", "parent_account_id"):
        found[name] = _objects(map(_named, found[name]), found.index)
    running = spans[spans["runs"]]
    seats = running.groupby("account_id")["seats"].sum(min_count=1)
    untold = running.loc[running["seats"].isna(), "account_id"].unique()
    found["seats"] = seats[~seats.index.isin(untold)].reindex(found.index)
    found["paying"] = found["mrr"] > 0
    steps = levels(spans)
    before = steps[steps["cents"] > 0].groupby("account_id")["cents"].last() / 100
    found["mrr_told"] = found["mrr"].where(found["paying"], before.reindex(found.index)).fillna(0.0)
    return found, spans


def facts_at(
    db: Database,
    as_of: pd.Timestamp,
    cost: ServeCost,
    *,
    gross_margin: float = 1.0,
    grace_days: int = 30,
    pause_days: int = 90,
    min_tenure_days: int = 30,
) -> Facts:
    """`values_at` with all that stands beside it, unknown (NaN or None) where the tables do not say it."""
    found, spans = values_at(
        db, as_of, grace_days=grace_days, pause_days=pause_days, min_tenure_days=min_tenure_days
    )
    feeds, kinds = read_feeds(db, as_of), touchpoint_kinds(db, as_of)
    history = paid_history(spans, as_of).reindex(found.index)
    found = found.join(history.drop(columns="mrr_told"))
    grew = history["mrr_told"] / found["mrr_year_ago"] - 1
    found["mrr_growth_365d"] = grew.where(found["paying"])
    total = float(found["mrr"].sum())
    found["mrr_share"] = found["mrr"] / total if total > 0 else np.nan
    paying = np.sort(found.loc[found["paying"], "mrr"].to_numpy())
    found["mrr_rank"] = 1 + len(paying) - np.searchsorted(paying, found["mrr_told"].to_numpy(), side="right")
    found = found.join(_features(db, found.index, as_of, feeds, kinds))
    found["champion"] = _champion(found)
    of_family = found.groupby(_family(found))["mrr"]
    found["family_accounts"], found["family_mrr"] = of_family.transform("size"), of_family.transform("sum")
    paid = paid_between(levels(spans), as_of - cost.days * DAY, as_of).reindex(found.index).fillna(0.0)
    found = found.join(serve_cost(db, found.index, paid, as_of, feeds, cost))
    found = found.join(payback(spans, found["acquisition_cost"], found["mrr"], as_of, gross_margin))
    about = db.readings["accounts"]
    return Facts(found, kinds, as_of, feeds, about.has_known_at and about.has_event_id)


def touchpoint_kinds(db: Database, as_of: pd.Timestamp) -> pd.Series:
    """How many touchpoints of each kind were known before `as_of`, the most frequent first."""
    cut = db.cut(as_of)
    table = cut.table("touchpoints")
    table = table.mutate(of_kind=kind_of(table))
    counts = cut.run(table.group_by("of_kind").agg(count=lambda t: t.count()))
    return counts.sort_values(["count", "of_kind"], ascending=[False, True]).set_index("of_kind")["count"]


def _features(
    db: Database, accounts: pd.Index, as_of: pd.Timestamp, feeds: Feeds, kinds: pd.Series
) -> pd.DataFrame:
    wanted = available(db, [f for f in CATALOG if f.name in FEATURES])
    index = pd.MultiIndex.from_product([accounts, [as_of]], names=SNAPSHOT)
    X = build_feature_matrix(db, index, wanted, feeds=feeds).droplevel("as_of").reindex(columns=list(FEATURES))
    for name, marks in MARKED.items():
        if not kinds.index.isin(marks).any():
            X[name] = np.nan
    return X.astype("float64")


def _champion(found: pd.DataFrame) -> pd.Series:
    """``"there"``, ``"left"``, ``"none"`` (nobody is named) or None, where the tables do not say."""
    now, all_left, lost = (found[name] for name in ("champions_now", "champions_all_left", "champion_lost"))
    said = np.select(
        [now > 0, (lost == 1) | (all_left == 1), now == 0], ["there", "left", "none"], "unknown"
    )
    return _objects((None if word == "unknown" else word for word in said), found.index)


def _family(found: pd.DataFrame) -> pd.Series:
    own = pd.Series(found.index.astype("object"), found.index)
    return found["parent_account_id"].where(found["parent_account_id"].notna(), own)


def _objects(cells: Iterable[object], index: pd.Index) -> pd.Series:
    """Cells as they are: a missing one is None, whatever the others are."""
    return pd.Series(list(cells), index, dtype="object")


def _named(text: object) -> str | None:
    return text.strip() if isinstance(text, str) and text.strip() else None
