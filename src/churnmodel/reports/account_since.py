"""What became of an account's risk? (the change since an earlier score, and what to know of its history)"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.explanation.formats import percent
from churnmodel.reports.account_told import AccountTold, day, risks_words
from churnmodel.reports.bars import Bar, bars, longest_of

LEAST = 0.0005
"""What prints as 0.0 points is not worth a line of its own."""


@dataclass(frozen=True)
class Changes:
    """What became of the risk since an earlier score: a title, bars, and notes under them."""

    title: str
    bars: tuple[Bar, ...]
    notes: tuple[str, ...]


def changes(told: AccountTold) -> Changes | None:
    """The exact split of the change: a new model, passing time, each reason, and all that is too small to name.

    None where nothing was scored before, and under notice where it had no risk before either.
    """
    found = told.changed
    if found is None or not (told.has_risk or told.account_id in found.then.index):
        return None
    since = day(found.since)
    if found.accounts.empty:
        leaving = told.account.get("status") == "leaving"
        return Changes(f"What changed since {since}", (), (found.nothing_to_compare(told.account_id, leaving),))
    account = found.accounts.iloc[0]
    telling = found.drivers[found.drivers["telling"].astype(bool)]
    named = telling[["sentence", "family", "points"]].astype({"points": "float64"})
    rest = float(account["drivers"]) - float(named["points"].sum())
    others = [
        ("Another model scores now", "model", float(account["new_model"])),
        (str(account["renewal"]), "time", float(account["passing_time"])),
        ("All else together", "", rest),
    ]
    first, last = (pd.DataFrame(part, columns=list(named)) for part in (others[:2], others[2:]))
    rows = pd.concat([first, named, last])
    rows = rows[rows["points"].abs() >= LEAST]
    notes = [] if len(rows) else ["Nothing that moves its risk."]
    if account["stretch_words"]:
        notes.append(str(account["stretch_words"]))
    before = float(account["risk_before"])
    if found.in_hindsight:
        notes.append(f"The {percent(before)} of {since} was worked out afterwards, knowing later outcomes.")
    moved = risks_words(before, float(account["risk_after"]))
    return Changes(f"What changed since {since}: {moved}", bars(rows, longest_of(rows["points"])), tuple(notes))


def history_note(told: AccountTold) -> str:
    """What is to be known of the history."""
    known = told.history[told.history["risk"].notna()]
    parts = []
    if told.gone_since is not None:
        parts.append(
            f"On {day(told.gone_since)} the account was no longer in the book. Its history ends with the score of "
            f"{day(told.as_of)} and stays as it was."
        )
    if len(known) < 2:
        parts.append("Its risk was scored once so far." if len(known) else "It never had a risk.")
        return " ".join(parts)
    own = known.index[known["version"] == told.version]
    late = [at for at in own if at < told.learned_until]
    if late:
        parts.append(
            f"Dots up to {day(late[-1])} were filled in later by a model that had learned from what came next: do "
            "not judge it by them."
        )
    else:
        parts.append("Each dot is a score as it was published then; none is computed again.")
    if (known["version"] != told.version).any():
        parts.append("Hollow dots are of another model.")
    return " ".join(parts)
