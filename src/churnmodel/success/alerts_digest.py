"""What did a week bring to each CSM? (the Monday digest)"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from churnmodel.explanation.formats import counted
from churnmodel.settings.alerts import ChannelSettings
from churnmodel.state.outbox import Message
from churnmodel.success.alerts_decided import owners
from churnmodel.success.alerts_told import called, message_key, plain


def digest(
    week: pd.DataFrame, held_back: pd.DataFrame, about: pd.DataFrame, currency: str, first: date, last: date
) -> dict[str, str]:
    """A text per CSM of what the seven days ``[first, last]`` brought: by CSM's name.

    Parameters
    ----------
    week, held_back
        The alerts raised in it, and what the cap held back and was not raised since.
    """
    found = {}
    mine = about.assign(owner=owners(about))
    told = week[week["account_id"].notna()].assign(owner=lambda t: owners(t))
    held = held_back.assign(owner=owners(held_back))
    for owner in sorted(set(mine["owner"])):
        book, own, kept = (t[t["owner"] == owner] for t in (mine, told, held))
        lines = [
            f"{plain(owner)}, {first} to {last}",
            f"{counted(len(book), 'account')}, {book['mrr'].sum():,.0f} {currency} MRR" + _standing(book),
        ]
        order = own.assign(worth=-own["account_id"].map(book["at_risk"]).fillna(0.0)).sort_values(
            ["worth", "account_id", "as_of"], kind="stable"
        )
        for account, alerts in order.groupby("account_id", sort=False):
            what = "; ".join(dict.fromkeys(plain(words) for words in alerts["moved"]))
            lines.append(f"- {called(account, about)} ({plain(account)}): {what}")
        if own.empty:
            lines.append("- no alert this week")
        if len(kept):
            worth = sum(kept.drop_duplicates("subject")["at_risk_cents"].fillna(0).astype(float)) / 100
            more = counted(kept["subject"].nunique(), "more account")
            with_risk = f", with {worth:,.0f} {currency} at risk" if worth else ""
            lines.append(f"{more} moved{with_risk}; the cap held back what is of them")
        found[owner] = "\n".join(lines)
    return found


def digest_messages(
    by_csm: Mapping[str, str], channels: Mapping[str, ChannelSettings], last: date
) -> list[Message]:
    """A digest for each channel that wants one, its CSMs' texts in one: one a week, however often asked for."""
    found = []
    year, week, _ = last.isocalendar()
    for name, channel in channels.items():
        own = [text for csm, text in by_csm.items() if not channel.csm or csm in channel.csm]
        if "digest" in channel.sends and own:
            key = message_key(name, "digest", f"{year}-{week}")
            title = f"Customer success, the week to {last}"
            found.append(Message(key, name, "digest", title, "\n\n".join([*own, f"ref {key[:12]}"]), last))
    return found


def _standing(book: pd.DataFrame) -> str:
    """MRR at risk and bands of a CSM's accounts, as far as they are known."""
    said = f", {book['at_risk'].sum():,.0f} at risk" if book["at_risk"].notna().any() else ""
    red, orange = (int((book["band"] == band).sum()) for band in ("red", "orange"))
    return said + (f"; {red} red, {orange} orange" if book["band"].notna().any() else "")
