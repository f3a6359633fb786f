"""How is `churnmodel success rollout` called?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.leave import Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, AsOf, Config, Data, days_named, never_with, only_with, open_project

SHORT, LONG = 6, 25


def rollout(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Every task of the 90 days: by whom, by when, what is left.")
    ] = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="What became of the frozen roster, beside what was expected.")
    ] = False,
    board: Annotated[
        bool, typer.Option("--board", help="Candidates for a customer advisory board, with reasons.")
    ] = False,
    begin: Annotated[
        bool, typer.Option("--begin", help="Freeze day 0: roster, figures, checklist and plan, as known on it.")
    ] = False,
    on: Annotated[
        str | None, typer.Option("--on", help="Day 0, or the day of a mark (default: data_until).", metavar="DAY")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="With --begin: end the rollout that runs; it stays on record.")
    ] = False,
    mark: Annotated[
        str | None,
        typer.Option("--mark", help="Say that a task is done that no table can tell.", metavar="TASK"),
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="With --mark: it was not so; take it back (of --on DAY, or what holds).")
    ] = False,
    by: Annotated[str | None, typer.Option(help="Who says so (default: you).", metavar="NAME")] = None,
    note: Annotated[str | None, typer.Option(help="With --mark: what came of it.", metavar="TEXT")] = None,
    top: Annotated[
        int | None,
        typer.Option(min=1, help=f"With --measure or --board: so many accounts (default: {LONG}).", metavar="N"),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write what is shown as a table: checklist, plan, roster or board.",
                                  metavar="FILE"),
    ] = None,
    parquet: Parquet = None,
    into: Into = None,
    chart: Annotated[
        Path | None, typer.Option(help="Draw day 0 and now on one page for a board, as PNG.", metavar="FILE")
    ] = None,
    define: Annotated[bool, typer.Option("--define", help="Only print how each figure is made.")] = False,
) -> None:
    """Where do we stand, what is to be done in 90 days, and what became of day 0?

    Before day 0: the checklist, scored from your data. --begin freezes day 0 and makes the plan from what lacks.

    A task closes when the data say it is done. From day 61 --measure tells what was kept, and proves no cause.

    How each figure is made: --define, or docs/rollout.md.
    """  # fmt: skip
    from churnmodel.cli import edge, show_rollout, show_rollout_measured
    from churnmodel.cli.console import say
    from churnmodel.workflow import rollout as work
    from churnmodel.workflow import rollout_marks as marks
    from churnmodel.workflow.rollout_measured import draw_rollout, measure_rollout

    if define:
        show_rollout.definitions()
        return
    places_named(config, csv=csv, parquet=parquet, into=into, chart=chart)
    only_with("--begin or --mark", begin or mark is not None, on=on, by=by)
    only_with("--begin", begin, again=again or None)
    only_with("--mark", mark is not None, note=note, undo=undo or None)
    asked = {"plan": plan or None, "measure": measure or None, "board": board or None}
    never_with("--begin", begin, as_of=as_of, mark=mark, chart=chart, **asked)
    never_with("--mark", mark is not None, as_of=as_of, csv=csv, parquet=parquet, into=into, chart=chart, **asked)
    never_with("--plan", plan, measure=measure or None, board=board or None)
    never_with("--measure", measure, board=board or None)
    only_with("--measure or --board", measure or board, top=top)
    project = open_project(config, data)
    days, named = days_named(as_of), days_named(on, "--on")
    who = edge.user() if by is None else by
    if mark is not None and undo:
        say(marks.unmark(project, mark, by=who, on=named[0] if named else None, at=edge.now(), note=note))
        return
    if mark is not None:
        day = named[0] if named else project.until.normalize()
        say(marks.mark(project, mark, by=who, on=day, at=edge.now(), note=note))
        return
    if measure or chart is not None:
        work.refuse_without_day_0(project, days[0] if days else None)
    if begin:
        found = work.begin(project, named[0] if named else None, by=who, at=edge.now(), again=again)
    else:
        found = work.project_rollout(project, days[0] if days else None)
    measured = None
    if measure or chart is not None or (found.day and not (plan or board)):
        measured = measure_rollout(project, found)
    table = found.checklist_table()
    if plan:
        show_rollout.plan(found)
        table = found.plan_table()
    elif board:
        show_rollout.board(found, top or LONG)
        table = found.board_table()
    elif measure and measured is not None:
        show_rollout_measured.measured(measured, top or LONG)
        table = measured.table()
    else:
        show_rollout.summary(found, SHORT, begun_now=begin)
        if measured is not None:
            show_rollout_measured.short(measured)
    show_rollout.caveats(found)
    leave(project, table, found.stand.as_of, csv=csv, parquet=parquet, into=into)
    if chart is not None and measured is not None:
        say(f"Wrote {draw_rollout(measured, project, chart)}")
