"""What does the team see on Monday? (what to start, what is open, what waits)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, text_or
from churnmodel.cli.show_alerts import delivered
from churnmodel.explanation.formats import counted, percent
from churnmodel.success.triage import LOGGED

if TYPE_CHECKING:
    from churnmodel.settings.plays import PlaySettings
    from churnmodel.success.delivery import Delivered
    from churnmodel.workflow.play_list import OpenTasks
    from churnmodel.workflow.plays import Plays
    from churnmodel.workflow.plays_begun import Begun

ROLES = {"csm": "the CSM", "account_manager": "the account manager", "success_lead": "the success lead"}
SHOWN_WAITING = 3
HINDSIGHT = "Seen in hindsight: the model has learned from outcomes after this day."


def plays_to_start(
    plays: Plays, currency: str, chosen: pd.DataFrame, top: int, csm: str | None = None
) -> None:
    """What triage would begin: how much, the accounts with their first steps, the week of each CSM, who waits."""
    found = plays.triage
    treated = chosen[chosen["arm"] == "treated"]
    tasks = plays.tasks[plays.tasks["start_id"].isin(treated["start_id"])]
    csms = treated["csm"].nunique()
    headline(
        f"To start on {plays.as_of.date()}: {counted(len(treated), 'play')} "
        f"with {len(tasks):,} tasks, for {counted(csms, 'CSM')}"
    )
    if plays.in_hindsight:
        say(HINDSIGHT)
    _in_words(plays, currency, treated)
    if len(treated):
        _accounts(plays, currency, treated.head(top), tasks)
    if len(treated) > top:
        say(f"{len(treated) - top} more: --top {len(treated)}, or all of them with --csv.")
    _notes(plays, chosen)
    waiting = found.waiting
    if csm is not None:
        waiting = waiting[waiting["csm"].str.casefold() == csm.casefold()]
    _weeks(found.room, set(chosen["csm"]) | set(waiting["csm"]))
    _waiting(plays, waiting, currency)


def _in_words(plays: Plays, currency: str, treated: pd.DataFrame) -> None:
    own = plays.accounts.reindex(treated["account_id"])
    groups = treated["play"].map(lambda name: plays.library.play(name).group).to_numpy()
    keep, grow, back = (own[groups == group] for group in ("keep", "grow", "win_back"))
    said = []
    if len(keep):
        at_risk, all_of_it = keep["at_risk"].sum(), plays.accounts["at_risk"].sum()
        share = f", {percent(at_risk / all_of_it)} of all that is at risk" if all_of_it else ""
        said.append(f"{len(keep)} at risk with {money(at_risk, currency)} MRR at risk{share}")
    if len(grow):
        said.append(f"{len(grow)} ready for more")
    if len(back):
        said.append(f"{len(back)} that left and paid {money(back['mrr'].sum(), currency)} a month")
    if said:
        say("; ".join(said) + ".")


def _accounts(plays: Plays, currency: str, treated: pd.DataFrame, tasks: pd.DataFrame) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("account", ratio=5, vertical="top")
    table.add_column("play, and why", ratio=6, vertical="top")
    table.add_column("first step, by whom, due", ratio=6, vertical="top")
    first = tasks.drop_duplicates("start_id").set_index("start_id")
    for row in treated.to_dict("records"):
        account = pd.Series(plays.accounts.loc[row["account_id"]])
        name = Text(text_or(account["name"], str(row["account_id"])), style="bold")
        name.append(f"\n{printable(row['account_id'])}, ", style="not bold dim")
        name.append_text(_standing(account, currency))
        why = plays.filling.why(str(row["account_id"]), plays.library.play(str(row["play"])))
        chosen = Text(str(row["play"]), style="bold").append(f": {printable(why)}", style="not bold")
        if row["start_id"] not in first.index:
            table.add_row(name, chosen, Text("every step was skipped", style="dim"))
            continue
        task = pd.Series(first.loc[row["start_id"]])
        step = Text(printable(task["title"])).append(f"\n{whom(task)}, {day(task['due'])}", style="dim")
        table.add_row(name, chosen, step)
        table.add_row()
    console.print(table)


def _standing(account: pd.Series, currency: str) -> Text:
    if account["lifecycle"] == "gone":
        return Text(f"paid {money(float(account['mrr']), currency)}", style="not bold dim")
    if account["lifecycle"] == "under_notice":
        return Text(f"leaving {day(account['leaving_on'])}, {_paid(account, currency)}", style="not bold")
    said = Text(f"risk {percent(float(account['risk']))} ", style="not bold")
    return said.append_text(band_text(account["band"])).append(f", {_paid(account, currency)}", style="not bold")


def _paid(account: pd.Series, currency: str) -> str:
    return f"{money(float(account['mrr']), currency)} MRR" if pd.notna(account["mrr"]) else "MRR not known"


def whom(task: pd.Series) -> str:
    """Who does a task: the person, else the role."""
    role = str(task["owner_role"])
    return printable(task["owner"]) if task["owner"] else ROLES.get(role, role)


def _notes(plays: Plays, chosen: pd.DataFrame) -> None:
    if plays.without_tiers:
        say("All accounts count as one tier, standard, of low touch: nothing told the plays of tiers.")
    held_out = chosen[chosen["arm"] == "hold_out"]
    if len(held_out):
        say(f"{len(held_out)} accounts are held out, drawn at random, so that the plays can be judged.")
    elif not len(plays.remembered.started) and not plays.filling.rules.hold_out:
        say("Nobody is held out, so nobody can tell later what the plays did: try plays.hold_out = 0.1.")
    marked = plays.tasks[(plays.tasks["mode"] == "send") & plays.tasks["start_id"].isin(chosen["start_id"])]
    if len(marked):
        are = "e-mail leaves" if len(marked) == 1 else "e-mails leave"
        say(f"With --start --send {len(marked)} {are} without a person; all others are drafts.")


def begun(found: Begun) -> None:
    """What was written."""
    new = found.started
    treated = int((new["arm"] == "treated").sum())
    held_out = f"; {len(new) - treated} accounts held out" if len(new) > treated else ""
    say(f"\nBegun: {treated} plays with {len(found.tasks)} tasks{held_out}. "
        "churnmodel success plays --tasks lists them.")  # fmt: skip
    _drafted(found)


def begun_by_hand(play: str | None, found: Begun) -> None:
    """What was written for one account."""
    say(f"\nBegun: {play} with {len(found.tasks)} tasks.")
    _drafted(found)


def _drafted(found: Begun) -> None:
    if found.queued is None and found.meant:
        say(f"Nothing is sent: {counted(found.meant, 'e-mail')} of plays.send stay drafts without --send.")


def sent(found: Begun, done: Delivered, rules: PlaySettings) -> None:
    """What left for the channel of plays, and what did not."""
    delivered(found.queued or 0, done)
    if found.meant:
        say(f"In the new ones: {counted(found.mails, 'e-mail')} to be sent by the tool that took them.")
    if found.meant > found.mails:
        why = f"plays.most_sends_per_week is {rules.most_sends_per_week}, or their contact was excluded"
        say(f"{counted(found.meant - found.mails, 'e-mail')} stay drafts: {why}.")


def _weeks(room: pd.DataFrame, csms: set[str]) -> None:
    own = room[room.index.isin(sorted(csms))]
    if own.empty:
        return
    headline("The week of each CSM, in tasks")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("CSM")
    for head in ("can do", "open from before", "new", "left"):
        table.add_column(head, justify="right")
    for csm, row in own.iterrows():
        counts = [f"{int(row[name])}" for name in ("capacity", "open", "new", "left")]
        table.add_row(Text(printable(csm) or "(none)"), *counts)
    console.print(table)


def _waiting(plays: Plays, waiting: pd.DataFrame, currency: str) -> None:
    if waiting.empty:
        return
    kinds = {"no room": "no room this week", "left alone": "left alone after a play", "held out": "held out"}
    kinds |= {"excluded": "excluded"}

    def kind(said: str) -> str:
        other = "somebody is at it, by your interventions" if said.endswith(LOGGED) else "a play is open"
        return next((words for start, words in kinds.items() if said.startswith(start)), other)

    of_kind = waiting["because"].map(kind)
    counts = ", ".join(f"{words}: {count:,}" for words, count in of_kind.value_counts().items())
    headline(f"{len(waiting):,} accounts that a play fits wait")
    say(f"{counts}. First in line:")
    for row in waiting[of_kind == kinds["no room"]].head(SHOWN_WAITING).to_dict("records"):
        account = pd.Series(plays.accounts.loc[row["account_id"]])
        name = text_or(account["name"], str(row["account_id"]))
        line = Text(f"  {name}", style="bold").append(f" ({printable(row['account_id'])}) ", style="not bold dim")
        line.append_text(_standing(account, currency))
        line.append(f", {row['play']}; CSM {text_or(row['csm'], 'none')}")
        console.print(line)
    better = waiting[waiting["because"].str.contains("fits better now")]
    for row in better.to_dict("records"):
        say(f"  {printable(row['account_id'])}: {printable(row['because'])}")


def open_tasks(found: OpenTasks, top: int) -> None:
    """Open tasks, overdue first; and who else has something to do for the same accounts."""
    tasks, as_of = found.tasks, found.as_of
    late = int((tasks["due"] < as_of).sum())
    headline(f"{counted(len(tasks), 'open task')} on {as_of.date()}, {late:,} overdue")
    if found.others:
        said = ", ".join(f"{name} {count}" for name, count in found.others.items())
        say(f"For the accounts of {found.csm} others have {sum(found.others.values()):,} more: {said}.")
    if tasks.empty:
        say("Nothing is open. churnmodel success plays --start begins what triage found.")
        return
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("due", no_wrap=True, vertical="top")
    table.add_column("task", ratio=6, vertical="top")
    table.add_column("account", ratio=5, vertical="top")
    table.add_column("to finish: --done", no_wrap=True, vertical="top")
    for row in tasks.sort_values(["due", "task_id"], kind="stable").head(top).to_dict("records"):
        overdue = (as_of - row["due"]).days
        due = Text(day(row["due"])).append(f"\n{overdue} days late" if overdue > 0 else "", style="red")
        given = ", given to [plays.channel] to be sent" if row["mode"] == "send" else ""
        task = Text(printable(row["title"])).append(f"\n{whom(pd.Series(row))}{given}", style="dim")
        account = Text(printable(row["account"]))
        account.append(f"\n{printable(row['account_id'])}, {row['play']}", style="dim")
        by = text_or(row["begun_by"], "")
        account.append(f"\nbegun by {by}" if by else "", style="dim")
        table.add_row(due, task, account, str(row["task_id"]))
    console.print(table)
    if len(tasks) > top:
        say(f"{len(tasks) - top} more: --top {len(tasks)}, or all of them with --csv.")
