"""How is the health of the book asked for? (success health)"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.leave import Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, Config, Data, OfCsm, days_named, never_with, only_with, open_project


def health(
    config: Config = HERE,
    data: Data = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="A day that was scored, YYYY-MM-DD (default: the latest).", metavar="DAY"),
    ] = None,
    segment: Annotated[str | None, typer.Option(help="Only accounts of this segment.")] = None,
    csm: OfCsm = None,
    top: Annotated[int, typer.Option(min=1, help="How many accounts to print.")] = 10,
    exceptions: Annotated[
        bool, typer.Option("--exceptions", help="Who stands lower by a rule, and whether the rules are worth it.")
    ] = False,
    trajectory: Annotated[
        bool, typer.Option("--trajectory", help="Who moved between bands, month by month, with their MRR.")
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Write every account as a table; with --exceptions the log of them, with --trajectory the moves.",
            metavar="FILE",
        ),
    ] = None,
    parquet: Parquet = None,
    into: Into = None,
    judged: Annotated[
        Path | None,
        typer.Option(help="With --exceptions: write how each rule was judged (.csv or .parquet).", metavar="FILE"),
    ] = None,
) -> None:
    """How healthy is every account, from 0 to 100, what takes it down, and what each band came to so far?

    Health is the published risk by the next renewal on the model's frozen scale: red is 40 and below, green above
    70. Each family of reasons gives or takes points, which add up. Rules in \\[health] keep an account from a
    better band ("champion left: never better than orange"); each is logged, and judged on the replayed past.

    Without a champion the scorecard speaks, and says so. How each figure is made: docs/health.md.
    """
    from dataclasses import replace

    import pandas as pd

    from churnmodel.cli import edge, show_health, show_health_moves, show_health_rules, show_nobody
    from churnmodel.cli.console import say
    from churnmodel.success.export import write_table
    from churnmodel.success.trajectory import as_table
    from churnmodel.workflow.health import project_health
    from churnmodel.workflow.health_asked_for import health_table, only_of, rows_of
    from churnmodel.workflow.health_history import health_of_left, health_steps, keep_health
    from churnmodel.workflow.health_log import exception_log
    from churnmodel.workflow.health_replayed import cuts_beside, judged_rules_of, replayed
    from churnmodel.workflow.named_csm import all_csms, csm_named

    never_with("--exceptions", exceptions, trajectory=trajectory or None)
    only_with("--exceptions", exceptions, judged=judged)
    narrowed = {"segment": segment, "csm": csm}
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed=narrowed, judged=judged)
    project = open_project(config, data)
    days = days_named(as_of)
    whole = project_health(project, days[0] if days else None)
    nobody = False
    if csm is not None and "csm" in whole.frame:
        csm = csm_named(csm, pd.concat([whole.frame["csm"], all_csms(project, pd.Timestamp(whole.as_of))]))
        nobody = rows_of(whole.frame, csm=csm).empty
    found = replace(whole, frame=whole.frame.head(0)) if nobody else only_of(whole, segment, csm)
    left = health_of_left(project, whole)
    past = replayed(project, whole)
    table = pd.DataFrame()
    if nobody:
        show_nobody.no_account("Health", str(csm), whole.as_of)
    if exceptions:
        told = judged_rules_of(project, past.of(segment))
        whose = f" of {segment}" if segment is not None else " of the whole book" if csm is not None else ""
        if not nobody:
            show_health_rules.exceptions(found, told, past, project, top, whose)
        if judged is not None:
            say(f"Wrote {write_table(told.rules, judged)}")
    elif trajectory:
        steps = health_steps(project, whole, segment, csm)
        table = as_table(steps)
        if not nobody:
            show_health_moves.trajectory(found, steps, project)
    else:
        gone = rows_of(left, segment, csm)
        table = health_table(found, gone)
        if not nobody:
            show_health.health(found, gone, past, cuts_beside(project, past), project, top, segment)
    new, _ = keep_health(project, whole, left, f"{edge.now():%Y-%m-%dT%H:%M:%SZ}")
    if exceptions:
        log = exception_log(project, whole.as_of)
        show_health_rules.log_end(log, new, project)
        whole_book = segment is None and csm is None
        table = log if whole_book else log[log["account_id"].isin(found.frame.index)]
    leave(project, table, whole.as_of, csv=csv, parquet=parquet, into=into)
