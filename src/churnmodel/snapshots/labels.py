"""What became of each snapshot? (churn labels, and when they may be known)

A label looks at the window ``(as_of + lead, as_of + lead + horizon]``. It *matures* when that window and the
grace after it have passed, for leavers and stayers alike; a label that has not matured is missing, never
"stayed". Labels are made from a `Database`, so the labels known at T are those of ``db.cut(T)``.

One account, looked at on 1 January 2025 with lead 0, horizon 90, grace 30::

    as_of                                            window ends          matures
    1 Jan                                            1 Apr                1 May
    |------------------- an end of service ---------->|------- grace ------>|
      15 Feb: churned                                   15 Apr: stayed       from here on the label is known
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from churnmodel.errors import ChurnmodelError
from churnmodel.snapshots.outcomes import outcomes
from churnmodel.snapshots.tenure import FAR
from churnmodel.sources.database import SNAPSHOT, Database, snapshot_index

DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class LabelWindow:
    """Where an outcome counts: in ``(as_of + lead, as_of + lead + horizon]``; all in days.

    Parameters
    ----------
    lead_days
        Too near to act on; churn inside it makes the snapshot missing ("left in lead").
    horizon_days
        How far ahead churn counts.
    grace_days
        A gap in service up to this long is a late renewal, not churn.
    pause_days
        A pause (zero MRR after paying) counts as service up to this long.
    """

    lead_days: int = 0
    horizon_days: int = 180
    grace_days: int = 30
    pause_days: int = 90

    def __post_init__(self) -> None:
        if self.horizon_days < 1 or min(self.lead_days, self.grace_days, self.pause_days) < 0:
            raise ChurnmodelError(f"{self}: wanted a horizon of at least 1 day and nothing negative")

    @property
    def days_to_mature(self) -> int:
        """Days after ``as_of`` at which the label's window and grace are over."""
        return self.lead_days + self.horizon_days + self.grace_days

    def matured(self, as_of: Any, until: pd.Timestamp) -> Any:
        """Whether a label of `as_of` is known from tables complete before `until` (exclusive).

        Strictly: a return on the very last day of grace still makes it a late renewal, so that day must
        have been seen.
        """
        return as_of + self.days_to_mature * DAY < until


def churn_labels(db: Database, snapshots: pd.MultiIndex | pd.DataFrame, window: LabelWindow) -> pd.DataFrame:
    """What became of each snapshot, as far as `db` can know.

    Churn is the end of a tenure (`churnmodel.snapshots.tenure`): no running subscription for longer than
    ``grace_days``. An account that was acquired, or whose contract went on under another account, has not
    churned and has not stayed: its label is missing ("merged").

    Returns
    -------
    DataFrame
        Indexed like `snapshots`:

        * churned (boolean; missing where `why_missing` says why: "not matured", "left in lead", "merged")
        * churned_at (the end of service), days_to_churn; both also missing where `churned` is not True
        * days_observed (days seen: to the churn, else to the last day a churn would be known)
        * mrr_at_risk (MRR at ``as_of``), mrr_lost (all of it if churned, else the contraction at the end of
          the window), mrr_gained (the expansion), at the rates of ``as_of``; missing where `churned` is
        * voluntary (False for involuntary exits; True after notice or a stated reason; else missing), reason
        * renewable (a running term ends inside the window, or the account is billed monthly)

    Examples
    --------
    Five accounts, all looked at on 1 January 2025 with horizon 90 and grace 30; tables complete to 1 June.

    >>> last_day = {"left": "2025-02-15", "late": "2025-02-15", "after": "2025-04-15",
    ...             "on_the_day": "2025-04-01", "stayed": None}
    >>> rows = [("s-" + a, a, "2024-01-01", end, 100.0) for a, end in last_day.items()]
    >>> rows.append(("s-late-2", "late", "2025-03-10", None, 80.0))      # 23 days later: a late renewal
    >>> subscriptions = pd.DataFrame(
    ...     rows, columns=["subscription_id", "account_id", "started_at", "ended_at", "mrr"])
    >>> accounts = pd.DataFrame({"account_id": list(last_day), "created_at": "2024-01-01"})
    >>> db = Database.from_frames({"accounts": accounts, "subscriptions": subscriptions}, until="2025-06-01")
    >>> look = pd.MultiIndex.from_product([list(last_day), [pd.Timestamp("2025-01-01")]], names=SNAPSHOT)
    >>> labels = churn_labels(db, look, LabelWindow(horizon_days=90, grace_days=30)).droplevel("as_of")
    >>> labels.loc[list(last_day), ["churned", "days_to_churn", "mrr_lost"]]
                churned  days_to_churn  mrr_lost
    account_id
    left           True           45.0     100.0
    late          False            NaN      20.0
    after         False            NaN       0.0
    on_the_day     True           90.0     100.0
    stayed        False            NaN       0.0

    Before 1 May nobody's label is known, not even that of the account that left in February:

    >>> early = churn_labels(db.cut("2025-05-01"), look, LabelWindow(horizon_days=90, grace_days=30))
    >>> early["why_missing"].unique().tolist()
    ['not matured']
    """
    index = snapshot_index(snapshots)
    # rows that were learned at or after `until` may lie in the tables, incomplete
    found = db.run(outcomes(db.cut(db.until), index, window))
    found["as_of"] = found["as_of"].astype("datetime64[us]")
    found = found.set_index(SNAPSHOT).reindex(index)
    return _decide(found, index, db.until, window)


def _decide(
    found: pd.DataFrame, index: pd.MultiIndex, until: pd.Timestamp, window: LabelWindow
) -> pd.DataFrame:
    as_of = pd.Series(index.get_level_values("as_of"), index=index)
    ended_at = found["ended_at"].astype("datetime64[us]")
    ended_at = ended_at.where(ended_at < pd.Timestamp(FAR))
    opens = as_of + window.lead_days * DAY
    closes = opens + window.horizon_days * DAY

    matured = window.matured(as_of, until)
    # a pause's end can be foreseen; only a gap that has itself been seen is churn
    certain = ended_at + window.grace_days * DAY < until
    left_in_lead = certain & (ended_at <= opens)
    churned = certain & (ended_at > opens) & (ended_at <= closes)
    merged = (found["reason"] == "acquired") | found["moved"].notna()

    why = pd.Series(None, index=index, dtype="object")
    why[churned & merged] = "merged"
    why[left_in_lead] = "left in lead"
    why[~matured] = "not matured"
    known = why.isna()
    churned = churned & known

    mrr_now = found["mrr_now"].fillna(0).astype("float64") / 100
    mrr_end = found["mrr_end"].fillna(0).astype("float64") / 100
    lost = (mrr_now - mrr_end).clip(lower=0).mask(churned, mrr_now)
    left_after = _days(ended_at - as_of)
    seen_for = _days((until - window.grace_days * DAY) - as_of)

    reason = found["reason"].astype("object").where(found["reason"].notna() & churned, None)
    voluntary = pd.Series(pd.NA, index=index, dtype="boolean")
    voluntary[churned & (reason.notna() | (found["noticed"] > 0))] = True
    voluntary[churned & (reason == "involuntary")] = False

    return pd.DataFrame(
        {
            "churned": churned.astype("boolean").mask(~known),
            "churned_at": ended_at.where(churned),
            "days_to_churn": left_after.where(churned),
            "days_observed": left_after.where(certain, seen_for).clip(lower=0),
            "mrr_at_risk": mrr_now,
            "mrr_lost": lost.where(known),
            "mrr_gained": (mrr_end - mrr_now).clip(lower=0).mask(churned, 0.0).where(known),
            "voluntary": voluntary,
            "reason": reason,
            "renewable": (found["renewing"].fillna(0) > 0),
            "why_missing": why.where(why.notna(), None),
        },
        index=index,
    )


def _days(span: pd.Series) -> pd.Series:
    return span.dt.total_seconds() / 86_400


def label_report(labels: pd.DataFrame) -> pd.DataFrame:
    """How many snapshots trained and why the others did not: one row per ``as_of`` and one in all.

    Columns: snapshots, churned, stayed, not_matured, left_in_lead, merged (counts), churn_rate (of the known),
    mrr_lost (currency units, of the churned).
    """
    rows = pd.DataFrame(
        {
            "snapshots": 1,
            "churned": labels["churned"].fillna(False).astype(int),
            "stayed": (~labels["churned"]).fillna(False).astype(int),
            "not_matured": (labels["why_missing"] == "not matured").astype(int),
            "left_in_lead": (labels["why_missing"] == "left in lead").astype(int),
            "merged": (labels["why_missing"] == "merged").astype(int),
            "mrr_lost": labels["mrr_at_risk"].where(labels["churned"].fillna(False), 0.0),
        },
        index=labels.index,
    )
    report = rows.groupby(level="as_of").sum()
    report.index = pd.DatetimeIndex(report.index).strftime("%Y-%m-%d")
    report.loc["all"] = rows.sum()
    known = report["churned"] + report["stayed"]
    report.insert(6, "churn_rate", (report["churned"] / known).where(known > 0))
    counts = ["snapshots", "churned", "stayed", "not_matured", "left_in_lead", "merged"]
    return report.astype(dict.fromkeys(counts, "int64"))
