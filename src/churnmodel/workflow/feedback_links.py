"""Does speaking of a theme go with leaving, of a project's accounts? (an association on earlier days)"""

from __future__ import annotations

import pandas as pd

from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import churn_labels
from churnmodel.success.feedback_judged import links_to_leaving
from churnmodel.success.ledger import DAY
from churnmodel.success.said import said_rows
from churnmodel.success.themes import tagged
from churnmodel.workflow.feedback import Feedback
from churnmodel.workflow.project import Project

MOST_LOOKS = 8


def links(project: Project, found: Feedback) -> pd.DataFrame:
    """`churnmodel.success.feedback_judged.links_to_leaving`, on earlier days a window apart; empty without any.

    The outcome is the project's label, as known on the day of looking.
    """
    window, rules, labels = project.window, found.rules, project.settings.labels
    latest = (found.as_of - (window.days_to_mature + 1) * DAY).normalize()
    versions = project.db.cut(found.as_of).table("subscriptions")
    first = pd.Timestamp(project.db.run(versions.aggregate(first=versions.started_at.min()))["first"].iloc[0])
    days = [latest - k * rules.days * DAY for k in range(MOST_LOOKS)]
    days = [day for day in days if day - rules.days * DAY >= first]
    if not days:
        return pd.DataFrame()
    cohort = build_cohort(
        project.db,
        days,
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
    )
    churned = churn_labels(project.db.cut(found.as_of), cohort, window)["churned"]
    said = said_rows(project.db, min(days) - rules.days * DAY, max(days))
    tags = tagged(said, rules.in_use).join(said[["account_id", "said_at", "known_at"]], on="row")
    heard: list[pd.DataFrame] = []
    spoke: list[pd.DataFrame] = []
    for day in days:
        for rows, into in ((said, heard), (tags, spoke)):
            there = rows[(rows["said_at"] >= day - rules.days * DAY) & (rows["said_at"] < day)]
            there = there[~(there["known_at"] >= day)]
            names = [name for name in ("account_id", "theme") if name in there]
            into.append(there[names].drop_duplicates().assign(as_of=day))
    looks = churned.dropna().astype("float64").rename("churned").reset_index()
    looks = looks.merge(pd.concat(heard), on=["account_id", "as_of"]).sort_values(["as_of", "account_id"])
    if looks.empty:
        return pd.DataFrame()
    names = [name for name, theme in rules.in_use.items()]
    return links_to_leaving(looks.reset_index(drop=True), pd.concat(spoke), names)
