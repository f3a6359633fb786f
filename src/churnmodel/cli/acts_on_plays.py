"""Which act takes the team from risk to action? (success plays)"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnmodel.cli.leave import Into, Parquet, leave, places_named
from churnmodel.cli.options import (
    HERE,
    AsOf,
    Config,
    Data,
    csm_option,
    days_named,
    never_with,
    only_with,
    open_project,
)

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.workflow.project import Project


def plays(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    csm: Annotated[str | None, csm_option("Only what this CSM has to do.")] = None,
    top: Annotated[int, typer.Option(help="How many are listed.", min=1)] = 15,
    library: Annotated[bool, typer.Option("--library", help="Print the plays and their steps.")] = False,
    account: Annotated[
        str | None, typer.Option(help="One account's play with its drafts, by id or name.", metavar="ACCOUNT")
    ] = None,
    edit: Annotated[
        list[str] | None,
        typer.Option(help="With --account: change a step: 2.owner='Jo', 3.skip=yes.", metavar="EDIT"),
    ] = None,
    play: Annotated[
        str | None, typer.Option(help="With --account: this play and not the one that fits best.", metavar="PLAY")
    ] = None,
    start: Annotated[
        bool, typer.Option("--start", help="Begin what is shown (all, a CSM's, an account's): write the tasks.")
    ] = False,
    send: Annotated[
        bool,
        typer.Option("--send", help="With --start: post what is begun to \\[plays.channel], and what waits."),
    ] = False,
    tasks: Annotated[bool, typer.Option("--tasks", help="List open tasks, overdue first.")] = False,
    done: Annotated[str | None, typer.Option(help="Mark a task done.", metavar="TASK")] = None,
    skip: Annotated[str | None, typer.Option(help="Mark a task as not needed.", metavar="TASK")] = None,
    end: Annotated[str | None, typer.Option(help="End an account's open play.", metavar="ACCOUNT")] = None,
    exclude: Annotated[
        str | None, typer.Option(help="Leave an account or a contact alone from now on.", metavar="ID")
    ] = None,
    include: Annotated[str | None, typer.Option(help="No longer leave it alone.", metavar="ID")] = None,
    by: Annotated[
        str | None, typer.Option(help="Who does so, for the record (default: you).", metavar="NAME")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the tasks as a table.", metavar="FILE")] = None,
    parquet: Parquet = None,
    into: Into = None,
    json: Annotated[
        Path | None, typer.Option(help="The same as the body of a webhook for a CRM.", metavar="FILE")
    ] = None,
    drafts: Annotated[
        Path | None, typer.Option(help="Write each e-mail as a draft (.eml) into a folder.", metavar="FOLDER")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(help="Write who got which play or was held out: table interventions.", metavar="FILE"),
    ] = None,
) -> None:
    """Whom to act on this week, with which play, and why: tasks with owners and dates, and drafts to send.

    Most MRR x risk x time left comes first, as far as each CSM has room. One play per account.

    Nothing is begun without --start, or sent without --send. No draft tells a customer the risk or our reasons.

    How a play is chosen, and how to write your own: docs/plays.md.
    """
    from churnmodel.cli import edge, show_play_library, show_plays
    from churnmodel.cli.console import say
    from churnmodel.success.play_payloads import task_table
    from churnmodel.workflow import play_acts
    from churnmodel.workflow import plays as workflow
    from churnmodel.workflow.after_score import refuse_past
    from churnmodel.workflow.alerts_sent import send_due
    from churnmodel.workflow.layer import health_and_tiers, ready_for_more
    from churnmodel.workflow.named_csm import csm_named
    from churnmodel.workflow.play_list import open_tasks
    from churnmodel.workflow.plays_begun import begin, plays_channel

    only_with("--account", account is not None, edit=edit, play=play)
    only_with("--start", start, send=send or None)
    files = {"csv": csv, "parquet": parquet, "into": into, "json": json, "drafts": drafts}
    writes = {"done": done, "skip": skip, "end": end, "exclude": exclude, "include": include}
    given: dict[str, object] = {"csm": csm, "account": account, "edit": edit, "play": play, "log": log}
    given |= {"start": start or None, "library": library or None, "tasks": tasks or None}
    given |= {**writes, **files}
    never_with("--library", library, as_of=as_of, by=by, **_but(given, "library"))
    never_with("--tasks", tasks, by=by, **_but(given, "tasks", "csm", "account", *files))
    for one in ("done", "skip"):
        never_with(f"--{one}", writes[one] is not None, **_but(given, one))
    for one in ("end", "exclude", "include"):
        never_with(f"--{one}", writes[one] is not None, **_but(given, "end", "exclude", "include"))
    never_with("--account", account is not None and not tasks, csm=csm)
    narrowed = {"csm": csm, "account": account}
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed=narrowed, json=json, log=log)
    project, who = open_project(config, data), by or edge.user()
    days = days_named(as_of)
    if library:
        show_play_library.library(workflow.project_library(project), project.settings.plays.product)
        return
    if done or skip:
        task = play_acts.finish(project, str(done or skip), _day(project, days), by=who, skip=skip is not None)
        say(f"{'Done' if done else 'Skipped'}: {task['title']} ({task['account']}, {task['play']}).")
        if task["ended"]:
            say(f"That was the last one: the play {task['play']} has ended.")
        return
    if tasks:
        mine = open_tasks(project, days[0] if days else None, csm=csm, account=account)
        show_plays.open_tasks(mine, top)
        leave(project, task_table(mine.tasks), mine.as_of, csv=csv, parquet=parquet, into=into)
        _hand_over(mine.tasks, mine.as_of, json, drafts)
        return
    looked_at = days[0] if days else None
    if start:
        refuse_past(project, looked_at or project.until)
    urls = plays_channel(project, edge.environment()) if send else {}
    send_at = edge.now() if send else None
    health, tiers = health_and_tiers(project, looked_at)
    band = None if health is None else health["band"]
    ready = ready_for_more(project, looked_at, band=band)
    found = workflow.look_at_plays(project, looked_at, band=band, held=health, tiers=tiers, ready=ready)
    if start:  # the latest scores may be older than the tables
        refuse_past(project, found.as_of)
    # whoever is not found is found out before anything is written
    ending = None if end is None else play_acts.find_account(found, end)
    leaving, coming = (name and play_acts.find_subject(found, name) for name in (exclude, include))
    if ending is not None:
        say(f"Ended {play_acts.end(project, ending, found.as_of, by=who)}; its open tasks count as skipped.")
    if leaving:
        say(f"No play any more for {play_acts.leave_alone(project, found, leaving, by=who)}.")
    if coming:
        say(f"Plays again for {play_acts.leave_alone(project, found, coming, by=who, lift=True)}.")
    if end or exclude or include:
        return
    currency = project.settings.project.currency
    if account is not None:
        own = play_acts.find_account(found, account)
        if edit:
            say(f"Changed {play_acts.edit_play(project, found, own, edit, by=who, play=play)} for {own}.")
            found = workflow.look_at_plays(project, looked_at, band=band, held=health, tiers=tiers, ready=ready)
        told = play_acts.account_play(found, own, play)
        show_play_library.account(told, found, currency)
        chosen = told.tasks
        if start:
            begun = play_acts.begin_account_play(project, found, told, send_at=send_at, by=who)
            show_plays.begun_by_hand(told.play, begun)
            chosen = begun.tasks
    else:
        turn = found.triage.chosen
        if csm is not None:
            turn = turn[turn["csm"] == csm_named(csm, found.accounts["csm"])]
        chosen = found.tasks[found.tasks["start_id"].isin(turn["start_id"])]
        show_plays.plays_to_start(found, currency, turn, top, csm)
        if start:
            begun = begin(project, found, turn, chosen, send_at=send_at, by=who)
            show_plays.begun(begun)
            chosen = begun.tasks if len(begun.started) else chosen
    if send:
        show_plays.sent(begun, send_due(project, urls, clock=edge.now, sleep=edge.sleep), project.settings.plays)
    leave(project, task_table(chosen), found.as_of, csv=csv, parquet=parquet, into=into)
    _hand_over(chosen, found.as_of, json, drafts)
    if log is not None:
        say(f"Wrote {play_acts.write_log(project, log)}")


def _hand_over(tasks: pd.DataFrame, day: pd.Timestamp, json: Path | None, drafts: Path | None) -> None:
    from churnmodel.cli.console import say
    from churnmodel.workflow.play_acts import hand_over

    for place in hand_over(tasks, day, json=json, drafts=drafts):
        say(f"Wrote {place}")


def _day(project: Project, days: list[pd.Timestamp] | None) -> pd.Timestamp:
    return days[0] if days else project.until


def _but(given: dict[str, object], *fine: str) -> dict[str, object]:
    return {name: value for name, value in given.items() if name not in fine}
