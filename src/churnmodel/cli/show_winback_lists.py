"""What does a CSM do about those who left? (whom to ask again and with what, of whom to ask why they left)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, text_or
from churnmodel.explanation.formats import counted, percent
from churnmodel.settings.winback import UNKNOWN
from churnmodel.success.recontact import DUE, NEVER, WAITING
from churnmodel.success.returns import ALL

if TYPE_CHECKING:
    from churnmodel.workflow.winback import Winback

SOON = 30
"""Days ahead in which a date counts as next."""


def due(found: Winback) -> pd.DataFrame:
    """Those whose day has come."""
    return found.list[found.list["recontact"] == DUE]


def to_ask(found: Winback, count: int) -> None:
    """The whole list: due, waiting, never; and what the order is worth."""
    rows = due(found)
    headline(f"To ask again now, by {day(found.as_of)}: {counted(len(rows), 'account')}, {_paid(rows, found)}")
    _chances(found)
    for account, row in rows.head(count).iterrows():
        account_lines(str(account), row, found)
    if len(rows) > count:
        say(f"\n{len(rows) - count:,} more: --top {len(rows)}, or --csv.")
    late_line(found, count)
    _waiting(found, count)
    _never(found, count)


def late_line(found: Winback, count: int = 3) -> None:
    """Who ran out within the grace days, the most MRR first: the cheapest to keep."""
    rows = found.lately[found.lately["in_grace"]].sort_values(["mrr", "account_id"], ascending=[False, True])
    if rows.empty:
        return
    many = counted(len(rows), "account")
    headline(f"Ran out, and may still renew late: {many}, {_paid(rows, found)}. Call these first")
    for row in rows.head(count).to_dict("records"):
        own = pd.Series(row)
        left = max(found.grace_days - int(own["days_gone"]), 0)
        line = Text(text_or(own["name"], str(own["account_id"])), style="bold")
        line.append(f"  {printable(own['account_id'])}  ", style="not bold dim")
        line.append(f"{money(float(own['mrr']), found.currency)}, {left} days left", style="not bold")
        console.print(line.append(f"; CSM {text_or(own['csm'], 'none')}", style="not bold dim"))
    if len(rows) > count:
        say(f"{len(rows) - count:,} more: --list --top {len(rows)}.")


def account_lines(account: str, row: pd.Series, found: Winback, *, short: bool = False) -> None:
    """One account: what it paid, why it left and who says so, what to check, offer and whom to call."""
    console.print()
    line = Text.assemble((text_or(row["name"], account), "bold"), (f"  {printable(account)}  ", "dim"))
    line.append(f"paid {money(float(row['mrr']), found.currency)}, left {_ago(row['days_gone'])}: ")
    console.print(line.append_text(reason_text(row)))
    late = " It ran out lately and may still renew late." if row["in_grace"] else ""
    since = f" {row['play']} is open since {day(row['play_open'])}." if pd.notna(row["play_open"]) else ""
    if short:
        _told(printable(row["check"]))
        _told(f"Due since {day(row['recontact_on'])}.{late}{since} CSM {text_or(row['csm'], 'none')}.", "dim")
        return
    _told(f"Due since {day(row['recontact_on'])} ({printable(row['recontact_why'])}).{late}{since}")
    if row["moved_note"]:
        _told(f"Note: {printable(row['moved_note'])}")
    _told(f"First: {printable(row['check'])}" if row["check"] else "")
    if row["offers"]:
        first = str(row["offers"]).split("; ")[0]
        _told(f"Offer {printable(first)}. Play: {printable(row['play'])}.")
    _told(f"CSM {text_or(row['csm'], 'none')}. {whom(row)}", "dim")


def reason_text(row: pd.Series) -> Text:
    """What they said, in their words where there are any, and who was told."""
    if row["reason"] == UNKNOWN:
        return Text("nobody wrote down why", style="yellow")
    said = Text(printable(row["said"]))
    if row["comment"]:
        said.append(f' ("{printable(row["comment"])}")')
    if row["told_by"]:
        said.append(f", told to us by {printable(row['told_by'])}", style="dim")
    return said


def whom(row: pd.Series) -> str:
    """Whom to talk to, and the last contact on record."""
    talk = "Nobody to talk to is on record"
    if isinstance(row["talk_to"], str):
        talk = f"Talk to {printable(row['talk_to'])} ({row['talk_to_as']})"
    if pd.isna(row["last_contact_on"]):
        return f"{talk}; no contact on record."
    kind = str(row["last_contact_kind"]).replace("_", " ")
    other = row["last_contact"] if isinstance(row["last_contact"], str) else None
    met = f" with {printable(other)}" if other is not None and other != row["talk_to"] else ""
    return f"{talk}; last contact {day(row['last_contact_on'])}, {printable(kind)}{met}."


def interviews_line(found: Winback) -> None:
    """How many nobody asked, in a line."""
    rows = found.interviews
    if len(rows):
        first = rows.iloc[0]
        say(
            f"\nTo ask why they left, of those still away: {counted(len(rows), 'account')}, {_paid(rows, found)}, "
            f"{text_or(first['name'], str(first['account_id']))} first. --interviews lists them."
        )


def interviews(found: Winback, count: int) -> None:
    """The work list of those of whom nobody knows why they left."""
    rows = found.interviews
    headline(
        f"No exit interview, of those who left in the {found.days} days before {day(found.as_of)}: "
        f"{counted(len(rows), 'account')}, {_paid(rows, found)}"
    )
    say("The most MRR that is still fresh comes first. Keep what you hear: --interview ACCOUNT --reason price.")
    bare = int((found.lately["interview"] == "reason only").sum())
    if bare:
        say(f"{bare} more have a reason on record and not a word on it; they are not listed (interview in --csv).")
    if not found.has_meetings:
        say("No table touchpoints is mapped, so the last contact is not known.")
    for row in rows.head(count).to_dict("records"):
        own = pd.Series(row)
        console.print()
        line = Text.assemble((text_or(own["name"], str(own["account_id"])), "bold"))
        line.append(f"  {printable(own['account_id'])}  ", style="dim")
        line.append(f"paid {money(float(own['mrr']), found.currency)}, left {_ago(own['days_gone'])}")
        console.print(line.append(", may still renew late" if own["in_grace"] else "", style="bold red"))
        if isinstance(own["family"], str) and isinstance(own["sentence"], str):
            then = " (a score made in hindsight)" if own["in_hindsight"] else ""
            said = Text("The last score before").append(f"{then} was ").append_text(band_text(own["last_band"]))
            console.print(Padding(said.append(f": {printable(own['sentence'])}."), (0, 0, 0, 2)))
        _told(f"CSM {text_or(own['csm'], 'none')}. {whom(own)}", "dim")
    if len(rows) > count:
        say(f"\n{len(rows) - count:,} more: --top {len(rows)}, or --csv.")


def _chances(found: Winback) -> None:
    odds, within = found.odds, found.rules.back_within_days
    whole = odds[ALL]
    if not whole.told:
        say(
            f"How often such accounts come back cannot be told: only {whole.past} left {within} days ago or more "
            f"(winback.least_past = {found.rules.least_past}). So the list is by MRR alone."
        )
        return
    spread = f"{percent(whole.share)}, {percent(whole.low)} to {percent(whole.high)}"
    say(f"Of {whole.past} that left before, {whole.back} came back within {within} days ({spread}).")
    own = [odds[name] for name in found.rules.reasons if odds[name].told]
    asked = [name for name, rule in found.rules.reasons.items() if not rule.never]
    few = [odds[name] for name in asked if odds[name].past and not odds[name].told]
    for one in own:
        about = "no reason on record" if one.reason == UNKNOWN else one.reason
        say(f"  {about}: {one.back} of {one.past} ({percent(one.low)} to {percent(one.high)})")
    if few:
        listed = ", ".join(f"{one.reason} {one.back} of {one.past}" for one in few)
        say(f"  too few to tell by reason, so the share of all stands for them: {listed}")
    say("The list is by MRR x chance. The chance is of the past, whether anybody asked them or not.")


def _waiting(found: Winback, count: int) -> None:
    rows = found.list[found.list["recontact"] == WAITING]
    soon = rows[rows["recontact_on"] <= found.as_of + pd.Timedelta(days=SOON)]
    headline(f"Their day is to come: {counted(len(rows), 'account')}, {len(soon)} within {SOON} days")
    for account, row in rows.head(count).iterrows():
        line = Text(f"{day(row['recontact_on'])}  ").append(text_or(row["name"], str(account)), style="bold")
        line.append(f"  {printable(account)}  ", style="dim")
        line.append(f"{money(float(row['mrr']), found.currency)}, {printable(row['recontact_why'])}")
        console.print(line.append(f"; CSM {text_or(row['csm'], 'none')}", style="dim"))
    if len(rows) > count:
        say(f"{len(rows) - count:,} more: --top {len(rows)}, or --csv.")


def _never(found: Winback, count: int) -> None:
    rows = found.list[found.list["recontact"] == NEVER]
    if rows.empty:
        return
    headline(f"Never ask: {counted(len(rows), 'account')}")
    for why, part in rows.groupby("recontact_why", sort=True):
        names = [text_or(name, str(account)) for account, name in part["name"].head(count).items()]
        more = f" and {len(part) - count} more" if len(part) > count else ""
        _told(f"{printable(why)}: {', '.join(names)}{more}")


def _paid(rows: pd.DataFrame, found: Winback) -> str:
    return f"{money(float(rows['mrr'].sum()), found.currency)} MRR"


def _ago(days: object) -> str:
    count = int(float(days))  # type: ignore[arg-type]
    return "today" if not count else f"{count} day{'s' * (count != 1)} ago"


def _told(line: str, style: str = "") -> None:
    if line:
        console.print(Padding(Text(line, style=style), (0, 0, 0, 2)))
