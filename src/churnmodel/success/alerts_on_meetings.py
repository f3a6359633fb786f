"""Which meeting that was agreed has not come about? (each kind of it by the cadence of the account's tier)

A check-in every two weeks does not make up for an executive review that is a month late: every kind of meeting a
tier's cadence names is told of by itself, together in one alert where several are missed at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from churnmodel.features.relationship import MARKS, kind_of
from churnmodel.settings.alerts import AlertSettings
from churnmodel.settings.tiers import TIERS, Cadences, as_kind
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.success.alert import is_fresh, of_accounts
from churnmodel.success.alerts_on_rows import paired
from churnmodel.success.cadences import spoken_kind

KEYS, RULE, ANY = SNAPSHOT, "cadence_missed", ""


@dataclass(frozen=True)
class Agreed:
    """How often each account is to be met.

    Parameters
    ----------
    tier
        Indexed by snapshot.
    cadence
        Of each tier: kind of touchpoint = at least every so many days.
    """

    tier: pd.Series = field(repr=False)
    cadence: Cadences = field(default_factory=Cadences)


def meetings_missed(
    db: Database, book: pd.DataFrame, started: pd.DataFrame, rules: AlertSettings, agreed: Agreed | None = None
) -> pd.DataFrame:
    """Candidates of cadence_missed for every snapshot of `book`.

    A kind that nobody had written down by the day is left out; where none is left, or none is agreed, any meeting
    within ``rules.cadence_days`` will do.

    Parameters
    ----------
    started
        account_id, as_of and began (the first day of the tenure), a row per snapshot.
    """
    if book.empty:
        return of_accounts(RULE, pd.DataFrame())
    t = paired(db, "touchpoints", book)
    t = t.mutate(kind=kind_of(t))
    t = t.filter(~t.kind.isin(MARKS))
    met = db.run(t.group_by([*KEYS, "kind"]).agg(last=t.occurred_at.max(), first=t.occurred_at.min()))
    if met.empty:  # nobody writes meetings down
        return of_accounts(RULE, pd.DataFrame())
    parts = [] if agreed is None else _by_tier(started, met, agreed)
    by_tier = pd.MultiIndex.from_frame(pd.concat([started.iloc[:0], *parts])[KEYS])
    others = started[~pd.MultiIndex.from_frame(started[KEYS]).isin(by_tier)]
    parts.append(_since(others, met, ANY, rules.cadence_days))
    rows = pd.concat(parts, ignore_index=True)
    written = rows["as_of"].map(met.groupby("as_of")["first"].min())
    never = rows["last"].isna()
    since = rows["last"].where(rows["last"] > rows["began"], rows["began"])
    since = since.mask(never & (written > since), written).astype("datetime64[us]")
    rows = rows.assign(since=since, never=never, began_at=since + pd.to_timedelta(rows["days"], unit="D"))
    return _told(rows[is_fresh(rows["began_at"], rows["as_of"], rules.fresh_days)])


def _by_tier(started: pd.DataFrame, met: pd.DataFrame, agreed: Agreed) -> list[pd.DataFrame]:
    tier = agreed.tier.reindex(pd.MultiIndex.from_frame(started[KEYS])).to_numpy()
    written = {kind: set(own["as_of"]) for kind, own in met.groupby("kind")}
    parts = []
    for name in TIERS:
        for kind, every in getattr(agreed.cadence, name).items():
            own = started[(tier == name) & started["as_of"].isin(written.get(kind, set()))]
            counted = {kind, *map(as_kind, agreed.cadence.counts_as.get(kind, ()))}
            parts.append(_since(own, met[met["kind"].isin(counted)], kind, every))
    return [part for part in parts if len(part)]


def _since(rows: pd.DataFrame, met: pd.DataFrame, kind: str, days: int) -> pd.DataFrame:
    last = met.groupby(KEYS, as_index=False)["last"].max()
    return rows.merge(last, on=KEYS, how="left").assign(kind=kind, days=days)


def _told(missed: pd.DataFrame) -> pd.DataFrame:
    """One candidate per snapshot, of all its meetings that are missed; the latest to begin names its day."""
    missed = missed.sort_values([*KEYS, "began_at", "kind"], kind="stable")
    missed["moved"] = [
        _words(row["kind"], row["never"], row["since"], int(row["days"])) for row in missed.to_dict("records")
    ]
    of = missed["kind"].where(missed["kind"] == ANY, missed["kind"] + "@")
    missed["episode"] = of + missed["since"].dt.strftime("%Y-%m-%d")
    found = missed.groupby(KEYS, as_index=False, sort=False).agg(
        began_at=("began_at", "max"), moved=("moved", "; ".join), episode=("episode", "+".join)
    )
    return of_accounts(RULE, found)


def _words(kind: str, never: bool, since: pd.Timestamp, days: int) -> str:
    """What is missed.

    >>> _words("executive_review", False, pd.Timestamp("2025-03-01"), 90)
    'No executive review since 2025-03-01; one every 90 days is agreed'
    """
    what = spoken_kind(kind) if kind else "meeting"
    agreed = f"one every {days} days is agreed" if kind else f"{days} days are the longest agreed"
    return f"No {what} {'on record ' if never else ''}since {since:%Y-%m-%d}; {agreed}"
