"""What do the tables say of each account, as far as its readiness for more goes? (as known before one moment)

Seats in use, what is overdue and the discount are the features of the catalog, so that this list, the play
``expansion`` and the reasons for a risk mean one thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from churnmodel.features.catalog import CATALOG, available
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.support import URGENT
from churnmodel.settings.adoption import AdoptionSettings
from churnmodel.settings.expansion import ExpansionSettings
from churnmodel.settings.onboarding import FirstValueRule
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import Feeds, read_feeds
from churnmodel.success.first_value import KIND, TOLD, first_value_at
from churnmodel.success.lacking import lacking_at
from churnmodel.success.milestone_starts import EVER, starts
from churnmodel.success.paid import levels, paid_spans

FEATURES = (
    *("seats", "seat_utilisation_28d", "active_users_28d", "discount_share"),
    *("overdue_amount", "overdue_oldest_days"),
)
BOOK = (
    *("name", "segment", "csm", "mrr", "tenure_days", "renews_at", "days_to_renewal", "plan", "status"),
    "leaving_on",
)
AS_SUPPLIED = AdoptionSettings()


@dataclass(frozen=True)
class GrowthFacts:
    """The book on a day.

    Parameters
    ----------
    accounts
        Indexed by account_id: `BOOK`; `FEATURES` (NaN where unknown); first_value_at, goal_reached_at (of its
        present tenure); urgent_open, urgent_since; expanded_at (the last moment its MRR rose),
        reduced_at (fell, to 0 as well) and resumed_at (rose from 0 after a time without), NaT where it never did.
    modules
        The parts each leaves unused: `churnmodel.success.lacking.lacking`, as adoption tells them; None where the
        tables cannot say: no usage_events, no feature in them, or the feed was down for too much of the window.
    lacking
        What is not told -> the table or column that would say it.
    """

    accounts: pd.DataFrame = field(repr=False)
    modules: pd.DataFrame | None = field(repr=False)
    as_of: pd.Timestamp
    lacking: Mapping[str, str]

    @property
    def knows_value(self) -> bool:
        """Whether anybody writes down that value was reached."""
        return "value" not in self.lacking


@dataclass(frozen=True)
class Given:
    """What was made for several days at once: book and features of one, by account_id; feeds.

    Parameters
    ----------
    before
        The book ``adoption.retained_days`` earlier.
    """

    book: pd.DataFrame = field(repr=False)
    X: pd.DataFrame = field(repr=False)
    feeds: Feeds = field(repr=False)
    before: pd.DataFrame | None = field(default=None, repr=False)


def growth_facts(
    db: Database,
    as_of: pd.Timestamp,
    rules: ExpansionSettings,
    given: Given | None = None,
    *,
    adoption: AdoptionSettings = AS_SUPPLIED,
    value_rule: FirstValueRule = TOLD,
    grace_days: int = 30,
    pause_days: int = 90,
    min_tenure_days: int = 30,
) -> GrowthFacts:
    """The book at `as_of` with all that readiness asks.

    Law: no row that became known at or after `as_of` changes any of it.

    Parameters
    ----------
    given
        What is at hand for that day already; made here where it is not.
    adoption
        Which parts an account lacks, and who its peers are.
    value_rule
        Which use is first value: ``settings.onboarding.first_value``.
    """
    days = {"grace_days": grace_days, "pause_days": pause_days}
    if given is None:
        book = build_book(db, [as_of], min_tenure_days=min_tenure_days, **days)
        told = read_feeds(db, as_of)
        X = build_growth_features(db, pd.MultiIndex.from_tuples(book.index, names=SNAPSHOT), told)
        given = Given(book.droplevel("as_of"), X.droplevel("as_of"), told)
    told = given.feeds
    found = given.book[list(BOOK)].join(given.X.reindex(given.book.index))
    found = found.join(_last_moves(paid_spans(db, as_of, **days)).reindex(found.index))
    looks = pd.MultiIndex.from_product([found.index, [as_of]], names=SNAPSHOT)
    began = starts(db, looks, grace_days=grace_days, pause_days=pause_days).set_index("account_id")
    found = found.join(_value(db, as_of, value_rule, began["counts_from"]).reindex(found.index))
    found = found.join(_urgent(db, as_of, found.index))
    modules = None
    if rules.modules and db.has("usage_events"):
        lacks = lacking_at(
            db, as_of, found, adoption, told, grace_days=grace_days, pause_days=pause_days, before=given.before
        )
        modules = lacks.rows if lacks.is_known else None
    return GrowthFacts(found, modules, as_of, _lacking(db, as_of, found, modules, rules, value_rule))


def build_growth_features(db: Database, index: pd.MultiIndex, feeds: Feeds | None = None) -> pd.DataFrame:
    """`FEATURES` of some snapshots; a column of NaN where its table is not there."""
    wanted = available(db, [f for f in CATALOG if f.name in FEATURES])
    return build_feature_matrix(db, index, wanted, feeds=feeds).reindex(columns=list(FEATURES)).astype("float64")


def _last_moves(spans: pd.DataFrame) -> pd.DataFrame:
    steps = levels(spans)
    before = steps.groupby("account_id")["cents"].shift()
    paid = steps.groupby("account_id")["cents"].cummax()  # the first payment after a trial is no return
    paid = paid.groupby(steps["account_id"]).shift() > 0
    moves = {
        "expanded_at": (before > 0) & (steps["cents"] > before),
        "reduced_at": steps["cents"] < before,
        "resumed_at": paid & (before == 0) & (steps["cents"] > 0),
    }
    last = {name: steps[rows].groupby("account_id")["at"].max() for name, rows in moves.items()}
    return pd.DataFrame(last).astype("datetime64[us]").rename_axis("account_id")


def _value(db: Database, as_of: pd.Timestamp, rule: FirstValueRule, since: pd.Series) -> pd.DataFrame:
    """What was reached in the present tenure: a return has to get there again."""
    back = since[since > EVER]
    first = first_value_at(db, as_of, rule, back)
    cut = db.cut(as_of)
    goals = cut.run(cut.table("goals").select("account_id", "reached_at"))
    goals = goals.dropna(subset=["reached_at"])
    earlier = goals["reached_at"] < back.reindex(goals["account_id"]).to_numpy()
    reached = goals[~earlier].groupby("account_id")["reached_at"].min()
    found = pd.DataFrame({"first_value_at": first, "goal_reached_at": reached})
    return found.astype("datetime64[us]").rename_axis("account_id")


def _urgent(db: Database, as_of: pd.Timestamp, accounts: pd.Index) -> pd.DataFrame:
    """Urgent tickets not resolved: how many, and since when; NaN where no table says so.

    Without ``resolved_at`` every ticket ever opened would be one that is open.
    """
    if not db.has("tickets") or {"priority", "resolved_at"} & set(db.readings["tickets"].missing):
        return pd.DataFrame({"urgent_open": np.nan, "urgent_since": pd.NaT}, index=accounts)
    cut = db.cut(as_of)
    tickets = cut.table("tickets")
    is_open = tickets.resolved_at.isnull() | (tickets.reopened_at > tickets.resolved_at).fill_null(False)
    urgent = tickets.priority.lower().replace("-", "").isin(URGENT)
    rows = cut.run(tickets.filter(is_open & urgent).select("account_id", "opened_at"))
    found = rows.groupby("account_id")["opened_at"].agg(["size", "min"]).reindex(accounts)
    return pd.DataFrame({"urgent_open": found["size"].fillna(0.0), "urgent_since": found["min"]})


def _lacking(
    db: Database,
    as_of: pd.Timestamp,
    found: pd.DataFrame,
    modules: pd.DataFrame | None,
    rules: ExpansionSettings,
    value_rule: FirstValueRule,
) -> dict[str, str]:
    cut = db.cut(as_of)
    gone = {}
    touchpoints, goals = cut.table("touchpoints"), cut.table("goals")
    marks = touchpoints.filter(touchpoints.kind.lower() == KIND)
    written = [int(cut.run(one.aggregate(n=one.count()))["n"].iloc[0]) for one in (marks, goals)]
    if not any(written) and value_rule.feature is None and found["first_value_at"].isna().all():
        gone["value"] = f"goals, touchpoints of the kind {KIND}, or a rule in [onboarding.first_value]"
    if found["seat_utilisation_28d"].isna().all():
        gone["seats"] = "usage_events with user_id, and subscriptions.seats"
    if modules is None and rules.modules:
        gone["modules"] = "usage_events with feature"
    if found["overdue_oldest_days"].isna().all():
        gone["overdue"] = "invoices with due_at and paid_at"
    if found["urgent_open"].isna().all():
        gone["urgent"] = "tickets with priority and resolved_at"
    return gone
