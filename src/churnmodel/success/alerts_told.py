"""What does an alert say? (the account, what moved, the top reason, MRR, renewal, owner: text for any channel)"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

import pandas as pd

from churnmodel.explanation.formats import percent
from churnmodel.scoring.scorer import LEAVING
from churnmodel.settings.alerts import ChannelSettings
from churnmodel.state.outbox import Message
from churnmodel.success.alert import TITLES
from churnmodel.success.alerts_decided import UNOWNED, owners


def plain(text: object) -> str:
    """Text out of a table as no channel obeys it: no markup, no mention of everybody, no link of its own.

    >>> plain("<!channel> @here http://x \x07Acme")
    '‹!channel› (at)here http: //x Acme'
    """
    told = "".join(c for c in str(text) if c.isprintable())
    for mark, harmless in (("<", "‹"), (">", "›"), ("@", "(at)"), ("://", ": //"), ("`", "'")):
        told = told.replace(mark, harmless)
    return told


def titles(rows: pd.DataFrame, about: pd.DataFrame) -> list[str]:
    """A line for each alert: whom, and what."""
    names = [called(account, about) for account in rows["account_id"]]
    return [
        f"{name}: {TITLES[rule]}" if name else TITLES[rule][0].upper() + TITLES[rule][1:]
        for name, rule in zip(names, rows["rule"], strict=True)
    ]


def texts(
    raised: pd.DataFrame, about: pd.DataFrame, currency: str, as_of: date
) -> list[tuple[str, str, pd.DataFrame]]:
    """Title, body and the alerts of it: one text per account, one for each other alert; in the order of `raised`.

    Parameters
    ----------
    about
        Indexed by account_id: name, csm, mrr, at_risk, risk, band, renews_at, reason, cause.
    """
    found = []
    for _, own in raised.groupby(["subject"], sort=False):
        account = own["account_id"].iloc[0]
        found.append((*_text(own, account, about, currency, as_of), own))
    return found


def _text(
    own: pd.DataFrame, account: object, about: pd.DataFrame, currency: str, as_of: date
) -> tuple[str, str]:
    said = zip(own["moved"], own["detail"], strict=True)
    lines = [f"- {plain(words)}" + (f". {plain(more)}" if more else "") for words, more in said]
    ids = ", ".join(own["alert_id"])
    if not isinstance(account, str):
        title = "; ".join(dict.fromkeys(TITLES[rule] for rule in own["rule"]))
        return title[0].upper() + title[1:], "\n".join([*lines, f"as known on {as_of}; alert {ids}"])
    row = about.loc[account].to_dict()
    title = f"{called(account, about)}: {', '.join(dict.fromkeys(TITLES[rule] for rule in own['rule']))}"
    owner = row["csm"] if isinstance(row["csm"], str) else UNOWNED
    facts = [f"{row['mrr']:,.0f} {currency} MRR"]
    if row["risk"] == row["risk"]:
        facts.append(f"{row['band']}, risk {percent(row['risk'])}, {row['at_risk']:,.0f} {currency} at risk")
    elif isinstance(row["band"], str):
        facts.append(f"{row['band']}, no risk is known")
    elif row.get("status") == LEAVING:
        facts.append("under notice")
    renews = row["renews_at"]
    if renews == renews and renews is not None:
        facts.append(f"renews on {renews:%Y-%m-%d} (in {(renews.date() - as_of).days} days)")
    body = [f"{called(account, about)} ({plain(account)}), CSM {plain(owner)}", *lines]
    if isinstance(row["reason"], str):
        body.append(f"Top reason: {plain(row['reason'])}")
    body += ["; ".join(facts), f"as known on {as_of}; alert {ids}"]
    return title, "\n".join(body)


def called(account: object, about: pd.DataFrame) -> str:
    """The account's name, or its id where it has none; empty for no account."""
    if not isinstance(account, str):
        return ""
    name = about["name"].get(account)
    return plain(name) if isinstance(name, str) and name else plain(account)


def messages(
    raised: pd.DataFrame,
    about: pd.DataFrame,
    channels: Mapping[str, ChannelSettings],
    currency: str,
    as_of: date,
) -> list[Message]:
    """What goes into the outbox: every text for every channel that wants it."""
    found = []
    for title, body, own in texts(raised, about, currency, as_of):
        csm = owners(own).iloc[0]
        for name, channel in channels.items():
            if "alert" in channel.sends and (not channel.csm or csm in channel.csm):
                key = message_key(name, *own["alert_id"])
                found.append(Message(key, name, "alert", title, f"{body}\nref {key[:12]}", as_of))
    return found


def message_key(*parts: str) -> str:
    """The idempotency key of a message: the same for the same channel and content, whenever it is made."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
