"""When is somebody who left to be asked again? (by the rule of their exit reason, or as a person said since)

The one rule of both the list of `churnmodel success winback` and the plays that state ``recontact_due``.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from churnmodel.settings.winback import UNKNOWN, WinbackSettings
from churnmodel.success.departures import words_of
from churnmodel.success.ledger import DAY, Ledger

DUE, WAITING, NEVER, LAPSED = "due", "waiting", "never", "lapsed"
KINDS = (RECONTACT, NO_CONTACT) = ("recontact", "never")


def recontact(
    left: pd.DataFrame,
    ledger: Ledger,
    rules: WinbackSettings,
    gone_days: int,
    words: pd.DataFrame | None = None,
    excluded: Collection[str] = (),
) -> pd.DataFrame:
    """The latest departure of every account that is away, and when to ask it again.

    Who ran out within the grace days is only there if a reason is on record by which it is to be asked already.

    Parameters
    ----------
    left
        From `churnmodel.success.departures.departures`.
    gone_days
        An account stays on the list for at least so many days after it left.
    excluded
        account_ids that nobody is to write to.

    Returns
    -------
    DataFrame
        Indexed by account_id, in the order of `left`: its columns; recontact_on, recontact_why (in words),
        moved_by (who set the date, or forbade it; else empty), moved_note, lapses_on (left in peace from then
        on), and recontact: due, waiting (the date is to come), never, or lapsed.
    """
    latest = left[left["tenure"] == left["account_id"].map(ledger.tenures.groupby("account_id")["tenure"].max())]
    found = latest[latest["back_at"].isna()].set_index("account_id")
    rule = [rules.reasons[reason] for reason in found["reason"]]
    days = [np.nan if r.after_days is None else r.after_days for r in rule]
    after = pd.Series(days, found.index, dtype="float64")
    left_on = found["left_at"].dt.normalize()
    by_rule = left_on + pd.to_timedelta(after, unit="D")
    said = words_of(words, ledger, KINDS).set_index("account_id")[["tenure", "kind", "day", "note", "by"]]
    said = said[said["tenure"] == found["tenure"].reindex(said.index)].reindex(found.index)
    moved, barred = said["kind"] == RECONTACT, said["kind"] == NO_CONTACT
    day = pd.to_datetime(said["day"]).astype("datetime64[us]")
    date = day.where(moved, by_rule).astype("datetime64[us]")
    out = found.index.isin(list(excluded))
    never = barred | (date.isna() & ~moved) | out
    lapses = pd.concat([left_on + gone_days * DAY, date + rules.keep_days * DAY], axis=1).max(axis=1)
    found["recontact_on"], found["lapses_on"] = date.where(~never), lapses.where(~never)
    found["recontact_why"] = [
        _why(*row)
        for row in zip(found["reason"], after, out, barred, moved, said["by"].fillna(""), strict=True)
    ]
    found["moved_by"] = said["by"].fillna("").astype("object")
    found["moved_note"] = said["note"].fillna("").astype("object")
    found["recontact"] = np.select(
        [never, date > ledger.as_of, lapses <= ledger.as_of], [NEVER, WAITING, LAPSED], DUE
    )
    early = found["in_grace"] & ~((found["recontact"] == DUE) & ((found["reason"] != UNKNOWN) | moved))
    return found[~early]


def _why(reason: str, after: float, out: bool, barred: bool, moved: bool, by: str) -> str:
    if out:
        return "excluded from plays"
    if barred:
        return f"never: so said {by}"
    if moved:
        return f"the day {by} set"
    if after != after:
        return f"never, by the rule for {reason}"
    of = "no reason on record" if reason == UNKNOWN else reason
    return f"{f'{after:.0f} days after leaving' if after else 'at once'}, by the rule for {of}"
