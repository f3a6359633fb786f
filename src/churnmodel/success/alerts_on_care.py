"""What did we owe an account and not do? (milestones of its onboarding, meetings, incidents it had to bear)"""

from __future__ import annotations

import pandas as pd

from churnmodel.settings.alerts import AlertSettings
from churnmodel.sources.database import Database, snapshot_index
from churnmodel.sources.feeds import Feeds
from churnmodel.sources.reveal import reveal
from churnmodel.sources.schemas import CONTRACT
from churnmodel.success.alert import TO_THE_SECOND, is_fresh, joined, of_accounts, of_all
from churnmodel.success.alerts_on_meetings import Agreed, meetings_missed
from churnmodel.success.alerts_on_onboarding import Watched, milestones_missed
from churnmodel.success.alerts_on_rows import recent


def alerts_on_care(
    db: Database,
    book: pd.DataFrame,
    rules: AlertSettings,
    feeds: Feeds,
    agreed: Agreed | None = None,
    watched: Watched | None = None,
) -> pd.DataFrame:
    """Candidates of all rules here, for every snapshot of `book` (tenure_days among its columns).

    Parameters
    ----------
    agreed
        By when each tier is to be met; without it, or where it says nothing, ``rules.cadence_days``.
    watched
        The milestones of onboarding; by default the supplied ones.
    """
    if book.empty:
        return joined([])
    parts = [_incidents(db, book, rules)] if db.has("incidents") else []
    known = _not_dark(book, feeds)
    if "milestone_missed" not in rules.off:
        parts.append(milestones_missed(db, known, rules, feeds, watched or Watched()))
    if db.has("touchpoints"):
        parts.append(meetings_missed(db, known, _started(known), rules, agreed))
    found = joined(parts)
    return found[~found["rule"].isin(rules.off)].reset_index(drop=True)


def _not_dark(book: pd.DataFrame, feeds: Feeds) -> pd.DataFrame:
    """The book on days on which the feed of touchpoints was not down: not arrived is not the same as not done."""
    looks = book.index.get_level_values("as_of").unique()
    dark = [look for look in looks if any(not o.is_over for o in feeds.outages("touchpoints", look))]
    return book[~book.index.get_level_values("as_of").isin(dark)]


def _started(book: pd.DataFrame) -> pd.DataFrame:
    """account_id, as_of and the day the tenure began."""
    rows = book.index.to_frame(index=False)
    rows["began"] = rows["as_of"] - pd.to_timedelta(book["tenure_days"].to_numpy(), unit="D")
    return rows




def _incidents(db: Database, book: pd.DataFrame, rules: AlertSettings) -> pd.DataFrame:
    """An account's own incidents, each account's latest; and those of everyone, each once for the whole book."""
    import ibis

    schema, wanted = CONTRACT["incidents"], [s.lower() for s in rules.severities]
    rows = db.versions("incidents")
    rows = rows.filter(rows.severity.lower().isin(wanted))
    snapshots = db.snapshots(snapshot_index(book))
    looks = ibis.memtable(
        pd.DataFrame({"as_of": book.index.get_level_values("as_of").unique()}),
        schema=ibis.schema({"as_of": "timestamp(6)"}),
    )
    own = reveal(snapshots.inner_join(rows.filter(rows.account_id.notnull()), "account_id"), schema)
    everyone = reveal(looks.cross_join(rows.filter(rows.account_id.isnull()).drop("account_id")), schema)
    own, everyone = (recent(t, t.started_at, rules.fresh_days) for t in (own, everyone))
    columns = ("as_of", "severity", "known_at", "started_at", "ended_at")
    mine = _told(db.run(own.select("account_id", *columns)), rules)
    whole = _told(db.run(everyone.select(*columns)), rules)
    counts = book.groupby(level="as_of").agg(accounts=("mrr", "size"), mrr=("mrr", "sum"))
    reach = [counts.loc[look] for look in whole["as_of"]]
    whole = whole.assign(detail=[f"All {int(r['accounts']):,} accounts had it" for r in reach])
    whole["moved"] = [words.replace("incident", "incident for everyone", 1) for words in whole["moved"]]
    return joined([of_accounts("incident", mine), of_all("book_incident", whole)])


def _told(found: pd.DataFrame, rules: AlertSettings) -> pd.DataFrame:
    found = found.rename(columns={"started_at": "began_at"})
    found = found[is_fresh(found["began_at"], found["as_of"], rules.fresh_days, found["known_at"])]
    moved = []
    for began, ended, severity in zip(found["began_at"], found["ended_at"], found["severity"], strict=True):
        hours = (ended - began).total_seconds() / 3600 if ended == ended and ended is not None else None
        lasted = "not over yet" if hours is None else f"over after {hours:.0f} hours"
        moved.append(f"{str(severity).capitalize()} incident on {began:%Y-%m-%d %H:%M}, {lasted}")
    return found.assign(episode=found["began_at"].dt.strftime(TO_THE_SECOND), moved=moved)
