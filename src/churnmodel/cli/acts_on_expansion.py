"""How is `churnmodel success expansion` called?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.leave import Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, AsOf, Config, Data, OfCsm, days_named, never_with, open_project

SHORT = 10
"""So many accounts, unless --top says otherwise."""


def expansion(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    withheld: Annotated[
        bool, typer.Option("--withheld", help="Who shows room and is kept back, why, and until when.")
    ] = False,
    past: Annotated[
        bool, typer.Option("--past", help="Judge the rule: of those ready on earlier days, how many expanded?")
    ] = False,
    csm: OfCsm = None,
    top: Annotated[int | None, typer.Option(min=1, help="So many accounts are listed (10).", metavar="N")] = None,
    csv: Annotated[
        Path | None,
        typer.Option(help="Write every account as a table (with --past the groups).", metavar="FILE"),
    ] = None,
    parquet: Parquet = None,
    into: Into = None,
    define: Annotated[bool, typer.Option("--define", help="Only print how each column is made.")] = False,
) -> None:
    """Who is ready for more, how much more, and who is not yet and why?

    Ready: green, has got value from it, and seats nearly full. Only a part unused: adoption first.

    Orange, red, under notice, owing, waiting for urgent help, no first value: withheld. Too early backfires.

    How each column is made: --define, or docs/expansion.md. The rule is in \\[expansion]; what
    a part unused is, in \\[adoption].
    """
    from churnmodel.cli import show_expansion, show_expansion_past
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.expansion import project_expansion
    from churnmodel.workflow.expansion_past import expansion_past

    if define:
        show_expansion_past.definitions()
        return
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed={"csm": csm})
    never_with("--past", past, csm=csm, withheld=withheld or None, top=top)
    project = open_project(config, data)
    days = days_named(as_of)
    found = project_expansion(project, days[0] if days else None)
    if past:
        with progress() as step:
            judged = expansion_past(project, found, progress=step)
        show_expansion_past.past(judged, found)
        table = judged.groups
    else:
        if csm is not None:
            found = found.of_csm(csm)
            csm = str(found.accounts["csm"].iloc[0])
        if withheld:
            show_expansion.withheld(found, csm, top or SHORT)
        else:
            show_expansion.summary(found, csm, top or SHORT)
        show_expansion.caveats(found)
        table = found.table()
    leave(project, table, found.as_of, csv=csv, parquet=parquet, into=into)
