"""When was an account a customer?

An account is *served* while one of its subscriptions runs: a paying version, or a pause (a version at zero MRR
of a subscription that paid before) for up to ``pause_days``. A version at zero MRR that never paid is a trial
and serves nobody. Gaps of up to ``grace_days`` are late renewals and join what they part; a longer gap ends
one tenure, and what comes after it, a reactivation, starts another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

FAR = "2999-01-01"
"""The end of a subscription that still runs."""


def served(subscriptions: Any, keys: Sequence[str], pause_days: int) -> Any:
    """The intervals ``[began_at, over_at)`` in which a version served its account.

    Parameters
    ----------
    subscriptions
        Versions as an Ibis table, already cut through time; ended_at null means running.
    keys
        Whose service it is: ``["account_id"]``, or ``["account_id", "as_of"]`` for paired rows.
    """
    import ibis

    far = ibis.timestamp(FAR)
    s = subscriptions.mutate(over_at=subscriptions.ended_at.fill_null(far), paying=subscriptions.mrr > 0)
    of_subscription = [s[k] for k in keys] + [s.subscription_id]
    so_far = ibis.window(group_by=of_subscription, order_by=[s.started_at, s.over_at], preceding=(None, 0))
    s = s.mutate(paid_versions=ibis.ifelse(s.paying, 1, 0).sum().over(so_far))
    # Zero versions after the same number of paying ones are one pause, measured from its first day.
    one_pause = ibis.window(group_by=[s[k] for k in keys] + [s.subscription_id, s.paid_versions])
    paused_at = s.started_at.min(where=~s.paying).over(one_pause)
    latest = paused_at + ibis.interval(days=pause_days)
    s = s.mutate(over_at=ibis.ifelse(s.paying, s.over_at, ibis.least(s.over_at, latest)))
    s = s.filter(s.paying | (s.paid_versions > 0), s.over_at > s.started_at)
    return s.rename(began_at="started_at")


def tenures(served_intervals: Any, keys: Sequence[str], grace_days: int) -> Any:
    """One row per tenure: `keys`, ``tenure_from``, ``tenure_to`` (`FAR` where it runs on)."""
    import ibis

    s = served_intervals
    mine = [s[k] for k in keys]
    earlier = ibis.window(group_by=mine, order_by=[s.began_at, s.over_at], preceding=(None, 1))
    s = s.mutate(served_to=s.over_at.max().over(earlier))
    returns = s.served_to.isnull() | (s.began_at > s.served_to + ibis.interval(days=grace_days))
    s = s.mutate(returns=ibis.ifelse(returns, 1, 0))
    so_far = ibis.window(group_by=[s[k] for k in keys], order_by=[s.began_at, s.over_at], preceding=(None, 0))
    s = s.mutate(tenure=s.returns.sum().over(so_far))
    grouped = s.group_by([*keys, "tenure"])
    return grouped.agg(tenure_from=s.began_at.min(), tenure_to=s.over_at.max()).drop("tenure")
