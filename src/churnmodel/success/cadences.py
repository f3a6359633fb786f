"""Who has not been met for too long? (meetings due by the cadence of each tier, and how far they are overdue)

A cadence says of a kind of touchpoint: at least every so many days. It is due so many days after the latest one
of its kind (or of a kind that counts as one) known before `as_of`; where there never was one, after the account
became a customer, or after touchpoints began to be written down, whichever came later. Days on which the feed of
touchpoints was down are no proof that nobody met: where those alone make a meeting overdue, that is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churnmodel.explanation.formats import print_date
from churnmodel.features.relationship import kind_of
from churnmodel.settings.tiers import TIERS, Cadences, as_kind
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Feeds

OVERDUE, DUE, FINE, UNKNOWN = "overdue", "due", "fine", "unknown"
COLUMNS = ["account_id", "kind", "every_days", "last_on", "due_on", "days_over", "status", "words"]
DUE_WITHIN = 14
"""Days ahead in which a meeting counts as due."""


def latest_touchpoints(db: Database, as_of: pd.Timestamp) -> pd.DataFrame:
    """The latest and the first touchpoint of each account and kind, as known before `as_of`.

    Returns
    -------
    DataFrame
        account_id, kind, last_at, first_at.
    """
    cut = db.cut(as_of)
    table = cut.table("touchpoints")
    table = table.filter(table.occurred_at < _literal(as_of)).mutate(of_kind=kind_of(table))
    ends = {"last_at": table.occurred_at.max(), "first_at": table.occurred_at.min()}
    found = cut.run(table.group_by(["account_id", "of_kind"]).agg(**ends))
    found = found.rename(columns={"of_kind": "kind"})
    return found.astype({"last_at": "datetime64[us]", "first_at": "datetime64[us]"})


def cadences(
    touchpoints: pd.DataFrame,
    tier: pd.Series,
    began: pd.Series,
    as_of: pd.Timestamp,
    rules: Cadences,
    feeds: Feeds | None = None,
    *,
    due_within: int = DUE_WITHIN,
) -> pd.DataFrame:
    """What each account is to be met for, and when.

    Parameters
    ----------
    touchpoints
        From `latest_touchpoints`.
    tier, began
        The tier of each account, and the first day of its tenure; indexed by account_id.
    feeds
        To tell a silent feed from a silent team.

    Returns
    -------
    DataFrame
        A row per account and kind of its cadence: account_id, kind, every_days, last_on, due_on, days_over
        (`as_of` less due_on: above 0 is overdue), status (``"overdue"``, ``"due"`` within `due_within` days,
        ``"fine"`` or ``"unknown"``) and words. A kind of which there is no touchpoint of any account is unknown
        for all: it is not written down, or under another name.

    >>> met = pd.DataFrame({"account_id": ["a"], "kind": ["check_in"],
    ...     "last_at": pd.to_datetime(["2025-11-20 10:00"]), "first_at": pd.to_datetime(["2025-01-05"])})
    >>> rules = Cadences(platinum={"check_in": 14})
    >>> tier, began = pd.Series({"a": "platinum"}), pd.Series({"a": pd.Timestamp("2024-01-01")})
    >>> cadences(met, tier, began, pd.Timestamp("2025-12-10"), rules)[["days_over", "status"]].values.tolist()
    [[6, 'overdue']]
    """
    written_from = touchpoints["first_at"].min().normalize() if len(touchpoints) else as_of
    parts = []
    for name in TIERS:
        accounts = tier.index[tier == name]
        cadence: Mapping[str, int] = getattr(rules, name)
        for kind, every in cadence.items():
            counted = {kind, *map(as_kind, rules.counts_as.get(kind, ()))}
            met = touchpoints[touchpoints["kind"].isin(counted)]
            last = met.groupby("account_id")["last_at"].max().reindex(accounts).dt.normalize()
            part = pd.DataFrame({"account_id": accounts, "kind": kind, "every_days": every})
            part["last_on"] = last.to_numpy().astype("datetime64[us]")
            start = began.reindex(accounts).dt.normalize()
            start = start.where(start > written_from, written_from)
            part["start"] = start.to_numpy().astype("datetime64[us]")
            part["is_written"] = bool((touchpoints["kind"] == kind).any())
            part["from_start"] = (began.reindex(accounts).dt.normalize() >= written_from).to_numpy()
            parts.append(part)
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    found = pd.concat(parts, ignore_index=True)
    since = found["last_on"].fillna(found["start"])
    found["due_on"] = since + pd.to_timedelta(found["every_days"], unit="D")
    found["days_over"] = (as_of - found["due_on"]).dt.days
    dark = _dark_days(since, as_of, feeds)
    found["status"] = FINE
    found.loc[found["days_over"] > -due_within, "status"] = DUE
    found.loc[found["days_over"] > 0, "status"] = OVERDUE
    hidden = (found["status"] == OVERDUE) & (found["days_over"] - dark <= 0)
    found.loc[hidden | ~found["is_written"], "status"] = UNKNOWN
    found["words"] = [_words(row, hid) for row, hid in zip(found.to_dict("records"), hidden, strict=True)]
    found["place"] = found["account_id"].map(tier).map(TIERS.index)
    order = found.sort_values(["place", "days_over", "account_id", "kind"], ascending=[True, False, True, True])
    return order[COLUMNS].reset_index(drop=True)


def spoken_kind(kind: str) -> str:
    """A kind of touchpoint as people say it.

    >>> spoken_kind("check_in"), spoken_kind("executive_review")
    ('check-in', 'executive review')
    """
    return "check-in" if kind == "check_in" else kind.replace("_", " ")


def _dark_days(since: pd.Series, as_of: pd.Timestamp, feeds: Feeds | None) -> pd.Series:
    """How many days from each of `since` to `as_of` the feed of touchpoints was down."""
    days = pd.Series(0, since.index)
    for outage in feeds.outages("touchpoints", as_of) if feeds is not None else ():
        silent = min(outage.end, as_of) - since.where(since > outage.start, outage.start)
        days += silent.dt.days.clip(lower=0)
    return days


def _words(row: Mapping[object, object], hidden: bool) -> str:
    kind, over = spoken_kind(str(row["kind"])), int(row["days_over"])  # type: ignore[call-overload]
    if not row["is_written"]:
        return f"{kind}: none is on record of any account, so nobody can say"
    last, start = row["last_on"], row["start"]
    on = f"last on {print_date(last)}" if not pd.isna(last) else ""  # type: ignore[arg-type, call-overload]
    since = "it became a customer on" if row["from_start"] else "touchpoints were first written down on"
    told = on or f"none since {since} {print_date(start)}"  # type: ignore[arg-type]
    if hidden:
        return f"{kind}: {told}; touchpoints were silent since, so it may have been met"
    days = f"{abs(over)} day{'s' * (abs(over) != 1)}"
    state = f"overdue by {days}" if over > 0 else "due today" if over == 0 else f"due in {days}"
    return f"{kind} {state}: {told}"


def _literal(moment: pd.Timestamp) -> object:
    import ibis

    return ibis.timestamp(moment.isoformat())
