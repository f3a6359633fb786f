"""How is `churnmodel success outcomes` called?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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

LISTED = 20
"""Rows of the log, where nobody says how many."""


def outcomes(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    play: Annotated[
        str | None, typer.Option(help="All that is known of one play, MRR, band and risk too.", metavar="PLAY")
    ] = None,
    log: Annotated[
        bool, typer.Option("--log", help="List who was given which play, when, and who was held out.")
    ] = False,
    csm: Annotated[str | None, csm_option("With --log: only this CSM's accounts.")] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="With --log: so many rows are listed (default: 20).", metavar="N")
    ] = None,
    did: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Put on record that a play was done outside.", metavar="ACCOUNT PLAY"),
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="With --did: the day, YYYY-MM-DD (default: data_until).", metavar="DAY")
    ] = None,
    by: Annotated[str | None, typer.Option(help="With --did: who says so (default: you).", metavar="NAME")] = None,
    note: Annotated[str | None, typer.Option(help="With --did: what was done.", metavar="TEXT")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="With --did: it was not so; take it back.")] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Write every comparison (with --log: the log) as a table.", metavar="FILE")
    ] = None,
    parquet: Parquet = None,
    into: Into = None,
    chart: Annotated[
        Path | None, typer.Option(help="Draw the effects with their intervals as PNG.", metavar="FILE")
    ] = None,
    define: Annotated[bool, typer.Option("--define", help="Only print how each column is made.")] = False,
) -> None:
    """Did the outreach work? By the accounts that were held out at random, and by nothing else.

    Without a hold-out nobody can tell: who gets a play was likelier to leave to begin with. Set plays.hold_out.

    Look as often as you like: judged when 40, 80, 160, ... accounts were drawn and are over, all of it counted.

    How each figure is made: --define, or docs/outcomes.md.
    """
    from churnmodel.cli import edge, show_outcomes
    from churnmodel.cli.console import say
    from churnmodel.workflow.named_csm import all_csms, csm_named
    from churnmodel.workflow.outcomes import draw_outcomes, log_of, project_log, project_outcomes
    from churnmodel.workflow.tell_intervention import tell

    if define:
        show_outcomes.definitions()
        return
    narrowed = {"csm": csm, "play": play}
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed=narrowed, chart=chart)
    only_with("--did", did is not None, on=on, by=by, note=note, undo=undo or None)
    never_with("--did", did is not None, log=log or None, play=play)
    never_with("--did", did is not None, csv=csv, parquet=parquet, into=into, chart=chart)
    only_with("--log", log, csm=csm, top=top)
    never_with("--log", log, chart=chart)
    project = open_project(config, data)
    days, told_on = days_named(as_of), days_named(on, "--on")
    looked_at = days[0] if days else None
    if did is not None:
        day = told_on[0] if told_on else project.until
        who, account, own = by or edge.user(), *did
        known = project_log(project, looked_at)
        for line in tell(project, known, account, own, day, by=who, at=edge.now(), note=note, withdrawn=undo):
            say(line)
        return
    if log:
        known = project_log(project, looked_at)
        if csm is not None:
            csm = csm_named(csm, all_csms(project, looked_at or project.until))
        table = log_of(known, csm, play)
        show_outcomes.log(table, looked_at or project.until, top or LISTED, csm)
    else:
        found = project_outcomes(project, looked_at)
        show_outcomes.outcomes(found, play)
        table = found.table()
    leave(project, table, looked_at or project.until, csv=csv, parquet=parquet, into=into)
    if chart is not None:
        say(f"Wrote {draw_outcomes(found, chart)}")
