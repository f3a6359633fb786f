"""What moved, of all that a customer success manager should hear of? (every rule, on one day or on many)"""

from __future__ import annotations

import pandas as pd

from churnmodel.settings.alerts import AlertSettings
from churnmodel.snapshots.incumbents import incumbent_scores
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import Feeds, read_feeds
from churnmodel.success.alert import DAY, joined
from churnmodel.success.alerts_on_care import alerts_on_care
from churnmodel.success.alerts_on_disagreement import incumbents_disagree
from churnmodel.success.alerts_on_meetings import Agreed
from churnmodel.success.alerts_on_onboarding import Watched
from churnmodel.success.alerts_on_rows import alerts_on_rows
from churnmodel.success.alerts_on_scores import alerts_on_scores
from churnmodel.success.alerts_on_use import alerts_on_use

OLDEST_SCORE = 45
"""Days after which a score says nothing any more of what an account has at risk."""
SCORED = ["risk", "band", "health", "risk_days", "version"]


def find_candidates(
    db: Database,
    book: pd.DataFrame,
    scores: pd.DataFrame,
    rules: AlertSettings,
    *,
    lead_days: int = 0,
    currency: str = "USD",
    agreed: Agreed | None = None,
    feeds: Feeds | None = None,
    watched: Watched | None = None,
) -> pd.DataFrame:
    """The candidates of every rule on every day of `book`, as `churnmodel.success.alert` has them.

    Accounts under notice are left out: that they leave is known.

    Law: no row of `db` that became known at or after a day changes a candidate of that day.

    Parameters
    ----------
    book
        Indexed by snapshot, as `churnmodel.snapshots.cohort.build_book` makes it.
    scores
        Indexed by snapshot, of days that were scored, up to the last day of `book`: see `alerts_on_scores`. May
        be empty.
    agreed
        By when accounts of each tier are to be met.
    watched
        The milestones of onboarding; by default the supplied ones.
    """
    looks = pd.DatetimeIndex(book.index.get_level_values("as_of").unique())
    if not len(looks):
        return joined([])
    staying = book[(book["status"] != "leaving").to_numpy()]
    feeds = read_feeds(db, looks.max()) if feeds is None else feeds
    parts = [
        alerts_on_rows(db, staying, rules, currency),
        alerts_on_care(db, staying, rules, feeds, agreed, watched),
        alerts_on_use(db, staying, rules, feeds),
    ]
    if len(scores):
        parts.append(alerts_on_scores(scores, looks, rules, lead_days=lead_days, currency=currency))
        said = incumbent_scores(db, scores) if db.has("external_scores") else pd.DataFrame(index=scores.index)
        parts.append(incumbents_disagree(scores, said, looks, rules))
    found = joined(parts)
    there = set(staying.index)
    known = [
        account is None or (account, look) in there
        for account, look in zip(found["account_id"], found["as_of"], strict=True)
    ]
    return found[pd.Series(known, index=found.index, dtype=bool)].reset_index(drop=True)


def with_scores(book: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """`book` with the latest score of each account before or on its day: risk, band, ..., at_risk (MRR x risk).

    Where an account has no score of the last `OLDEST_SCORE` days these are missing.
    """
    left = book.reset_index().sort_values("as_of", kind="stable")
    own = [name for name in SCORED if name in scores.columns]
    right = scores[own].reset_index().rename(columns={"as_of": "scored_on"})
    right = right.sort_values("scored_on", kind="stable")
    kinds = {"account_id": "str"}
    found = pd.merge_asof(
        left.astype(kinds),
        right.astype(kinds),
        left_on="as_of",
        right_on="scored_on",
        by="account_id",
        tolerance=OLDEST_SCORE * DAY,
    )
    found["at_risk"] = found["mrr"] * found["risk"]
    return found.set_index(SNAPSHOT).reindex(book.index)
