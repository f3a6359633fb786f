"""Which act brings new accounts to first value? (success onboarding)"""

from __future__ import annotations

from typing import Annotated

import typer

from churnmodel.cli.leave import Csv, Into, Parquet, leave, places_named
from churnmodel.cli.options import (
    HERE,
    AsOf,
    Config,
    Data,
    OfCsm,
    days_named,
    never_with,
    only_with,
    open_project,
)

SHORT = 10


def onboarding(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    csm: OfCsm = None,
    account: Annotated[
        str | None,
        typer.Option(help="One account's milestones with their evidence, by id or name.", metavar="ACCOUNT"),
    ] = None,
    milestones: Annotated[
        bool, typer.Option("--milestones", help="Every account with every milestone: done, late, due.")
    ] = False,
    pace: Annotated[
        bool, typer.Option("--pace", help="By which day accounts that stayed reached each milestone.")
    ] = False,
    templates: Annotated[
        bool, typer.Option("--templates", help="Only print the milestones of each tier, and how each is told.")
    ] = False,
    done: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Tick a milestone of an account by hand.", metavar="ACCOUNT MILESTONE"),
    ] = None,
    undo: Annotated[
        tuple[str, str] | None, typer.Option(help="Take such a tick back.", metavar="ACCOUNT MILESTONE")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(help="The day it was reached, with --done (default: the last of the tables).", metavar="DAY"),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who says so (default: you).", metavar="NAME")] = None,
    note: Annotated[str | None, typer.Option(help="What was seen, with --done or --undo.", metavar="TEXT")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="So many accounts are listed.", metavar="N")] = None,
    csv: Csv = None,
    parquet: Parquet = None,
    into: Into = None,
    define: Annotated[bool, typer.Option("--define", help="Only print how each column is made.")] = False,
) -> None:
    """Who is being onboarded, who is behind, and whom to turn to first?

    Milestones of a technical and a business track by the template of each tier; behind comes first, by MRR x days
    late, with the owner, why, and the next step.

    A milestone nobody could have written down is told as not known, never as late.

    How each figure is made, and your own milestones: docs/onboarding.md.
    """
    from churnmodel.cli import edge, show_onboarding, show_onboarding_rules
    from churnmodel.cli.console import say
    from churnmodel.workflow import onboarding as work
    from churnmodel.workflow.named_csm import csm_named

    never_with("--define", define, done=done, undo=undo)
    if define:
        show_onboarding.definitions()
        return
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed={"csm": csm, "account": account})
    ticks = done is not None or undo is not None
    only_with("--done or --undo", ticks, by=by, note=note)
    only_with("--done", done is not None, on=on)
    never_with("--done or --undo", ticks, csv=csv, parquet=parquet, into=into)
    never_with("--done or --undo", ticks, csm=csm, account=account, as_of=as_of)
    never_with("--done or --undo", ticks, milestones=milestones or None, pace=pace or None, top=top)
    never_with("--done or --undo", ticks, templates=templates or None)
    never_with("--done", done is not None, undo=undo)
    never_with("--account", account is not None, csm=csm, milestones=milestones or None, pace=pace or None)
    never_with("--account", account is not None, top=top)
    never_with("--pace", pace, csm=csm, milestones=milestones or None, top=top)
    never_with("--templates", templates, csv=csv, parquet=parquet, into=into)
    never_with("--templates", templates, csm=csm, account=account, as_of=as_of, top=top)
    never_with("--templates", templates, pace=pace or None, milestones=milestones or None)
    project = open_project(config, data)
    if templates:
        show_onboarding_rules.templates(project.settings.onboarding)
        return
    days, when = days_named(as_of), days_named(on, "--on")
    found = work.project_onboarding(project, days[0] if days else None, with_pace=not ticks)
    if ticks:
        wanted, milestone = done or undo or ("", "")
        who = by or edge.user()
        name, one, day, tier = work.tick(
            project,
            found,
            wanted,
            milestone,
            by=who,
            at=edge.now(),
            on=when[0].date() if when else None,
            note=note,
            undo=done is None,
        )
        said = f"{one.title} of {name}"
        say(f"On record, by {who}: {said}, reached on {day}." if done else f"Taken back, by {who}: {said}.")
        if done and tier is not None:
            say(f"The tier {tier} is not asked for it, so --account does not list it (--templates: who is).")
        return
    if csm is not None:
        csm = csm_named(csm, found.csms)
        found = found.of_csm(csm)
    if account is not None:
        own = found.account(account)
        show_onboarding.account(found, own)
        table = found.milestone_table()
        table = table[table["account_id"] == own]
    elif pace:
        show_onboarding_rules.pace(found)
        table = found.pace
    elif milestones:
        show_onboarding.milestones(found, csm, top or len(found.accounts))
        table = found.milestone_table()
    else:
        show_onboarding.summary(found, csm, top or SHORT)
        table = found.table()
    show_onboarding.caveats(found)
    leave(project, table, found.as_of, csv=csv, parquet=parquet, into=into)
