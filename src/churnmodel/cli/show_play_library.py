"""Which plays are there, and what does one say for one account? (the library, an account's drafts)"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.text import Text

from churnmodel.cli.console import console, day, headline, money, printable, say, text_or
from churnmodel.cli.show_plays import HINDSIGHT, ROLES, whom
from churnmodel.explanation.formats import counted, percent

if TYPE_CHECKING:
    from churnmodel.success.play_files import Library
    from churnmodel.success.plays import Play, Step
    from churnmodel.workflow.play_acts import AccountPlay
    from churnmodel.workflow.plays import Plays

WORDS = {"email": "e-mail to the customer", "ticket": "ticket they can read", "call": "call", "task": "task"}


def library(found: Library, product: str) -> None:
    """Every play: for whom, what it answers, what it offers, its steps."""
    headline(f"{len(found.plays)} plays")
    say("Of the plays that fit an account the first by priority is chosen, then the one whose reasons weigh most.")
    for play in found.plays:
        line = Text(f"\n{play.name}", style="bold").append(f"  {play.title}", style="not bold")
        console.print(line.append("  (your own)" if play.name in found.own else "", style="dim"))
        _told(play.purpose)
        _told(f"for: {_whom(play)}", "dim")
        if play.drivers:
            _told(f"answers: {', '.join(play.drivers)}", "dim")
        for number, step in enumerate(play.steps, start=1):
            only = [*_narrower(step.tiers, 3), *_narrower(step.touch, 3, " touch")]
            said = f"{number}. {step.title} ({WORDS[step.kind]}; {ROLES.get(step.owner, step.owner)}, {_by(step)})"
            _told(said + (f" only {', '.join(only)}" if only else ""))
        for offer in play.offers:
            if_asked = f", if {ROLES.get(offer.approval, offer.approval)} agrees" if offer.approval else ""
            discount = " (discount)" if offer.kind == "discount" else ""
            _told(f"offer{discount}: {offer.text.replace('{product}', product)}{if_asked}", "dim")


def _by(step: Step) -> str:
    return f"within {counted(step.due_days, 'day')}"


def _narrower(names: tuple[str, ...], of: int, after: str = "") -> list[str]:
    return [] if len(names) == of else [f"{' or '.join(names)}{after}"]


def _whom(play: Play) -> str:
    said = [" or ".join(stage.replace("_", " ") for stage in play.lifecycle)]
    said += [" or ".join(play.bands)] if play.bands else []
    said += [*_narrower(play.tiers, 3), *_narrower(play.touch, 3, " touch")]
    if play.renews_within is not None:
        said.append("renewal in {} to {} days".format(*play.renews_within))
    if play.left_within is not None:
        said.append("left {} to {} days ago".format(*play.left_within))
    if play.ready_for_more:
        said.append("ready for more (success expansion)")
    if play.recontact_due:
        said.append("on the day to ask again (success winback)")
    said += [sign.says for sign in play.signs]
    said += [f"priority {play.priority}"] if play.priority else []
    return ", ".join(said)


def _told(line: str, style: str = "") -> None:
    console.print(Padding(Text(printable(line), style=style), (0, 0, 0, 2)))


def account(found: AccountPlay, plays: Plays, currency: str) -> None:
    """One account: where it stands, the play and why, each step with its words."""
    row = pd.Series(plays.accounts.loc[found.account_id])
    headline(f"{text_or(row['name'], found.account_id)} ({printable(found.account_id)})")
    _stands(row, currency)
    if plays.in_hindsight:
        say(HINDSIGHT)
    if found.play is None:
        say("No play fits this account now.")
        return
    play = next((play for play in plays.library.plays if play.name == found.play), None)
    console.print(Text(f"\n{found.play}", style="bold").append(f": {printable(found.why)}", style="not bold"))
    say(play.purpose if play is not None else "This play is no longer in the library; its tasks stay.")
    say(f"Standing: {found.standing}.")
    if found.others:
        say(f"Would also fit: {', '.join(found.others)}.")
    for task in found.tasks.to_dict("records"):
        _step(pd.Series(task))
    numbers = set(found.tasks["step"])
    left_out = [] if play is None else [s for n, s in enumerate(play.steps, start=1) if n not in numbers]
    if left_out:
        say(f"\nNot for this account: {'; '.join(step.title for step in left_out)}.")
    if len(found.tasks) and (found.tasks["kind"] == "email").any():
        say("\nRead a draft before you send it: it says what the tables say, and you know more.")


def _stands(row: pd.Series, currency: str) -> None:
    paid = f"{money(float(row['mrr']), currency)} MRR" if pd.notna(row["mrr"]) else "MRR not known"
    if row["lifecycle"] == "gone":
        reason = f", {row['exit_reason']}" if row["exit_reason"] else ", no reason on record"
        say(f"left on {day(row['left_at'])}{reason}; paid {paid}; CSM was {text_or(row['csm'], '-')}")
        return
    risk = f"risk {percent(float(row['risk']))}, {row['band']}" if pd.notna(row["risk"]) else "under notice"
    leaves = row["lifecycle"] == "under_notice"
    ends = f"leaves {day(row['leaving_on'])}" if leaves else f"renews {day(row['renews_at'])}"
    say(f"{risk}; {paid}; {ends}; {row['tier']}, {row['touch']} touch; CSM {text_or(row['csm'], '-')}")


def _step(task: pd.Series) -> None:
    done = "" if pd.isna(task.get("done_on", pd.NaT)) else f"  {task['done_how']} {day(task['done_on'])}"
    line = Text(f"\n{task['step']}. {printable(task['title'])}", style="bold").append(done, style="green")
    is_begun = "done_on" in task.index
    goes = "given to [plays.channel] to be sent" if is_begun else "LEAVES WITHOUT A PERSON with --start --send"
    sent = f", {goes}" if task["mode"] == "send" else ""
    said = f"   {WORDS[str(task['kind'])]}, {whom(task)}, due {day(task['due'])}{sent}"
    console.print(line.append(f"\n{said}", style="not bold dim"))
    if task["subject"]:
        to = f" (to {printable(task['contact'])})" if task["contact"] else ""
        console.print(Text(f"   Subject: {printable(task['subject'])}{to}"))
    width = max(min(console.width - 6, 100), 30)
    for paragraph in str(task["text"]).split("\n"):
        for piece in textwrap.wrap(printable(paragraph), width) or [""]:
            console.print(Text(f"   | {piece}", style="" if task["subject"] else "dim"))
