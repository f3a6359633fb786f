"""How is `churnmodel success tiers` called?"""

from __future__ import annotations

from typing import Annotated

import typer

from churnmodel.cli.leave import Csv, Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, AsOf, Config, Data, OfCsm, days_named, never_with, open_project

SHORT, LONG = 5, 25
"""So many accounts are told with reasons, or listed, where --top does not say."""


def tiers(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    roster: Annotated[
        bool, typer.Option("--roster", help="The high-value accounts, each with its reasons.")
    ] = False,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Whom to meet: overdue by the cadence of their tier, and due soon.")
    ] = False,
    owners: Annotated[
        bool, typer.Option("--owners", help="Who carries how much, accounts nobody has, and who could take them.")
    ] = False,
    csm: OfCsm = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="As if this owner were away: who could take over? May be repeated.", metavar="NAME"),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="An earlier day, YYYY-MM-DD: whose tier moved since, and why?", metavar="DAY"),
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="So many accounts are listed.", metavar="N")] = None,
    csv: Csv = None,
    parquet: Parquet = None,
    into: Into = None,
    define: Annotated[bool, typer.Option("--define", help="Only print how each column is made.")] = False,
) -> None:
    """Who matters, who is due to be met, and who looks after whom?

    Platinum, gold and standard by the rules of \\[tiers]; the worth of each high-value account in words.

    What the tables do not say is told as unknown. How each column is made: --define, or docs/tiers.md.

    --csv writes the table that is shown: accounts, or meetings with --overdue, or owners with --owners.
    """
    from churnmodel.cli import show_nobody, show_tiers
    from churnmodel.workflow.named_csm import csm_named
    from churnmodel.workflow.tiers import project_tiers

    if define:
        show_tiers.definitions()
        return
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed={"csm": csm})
    never_with("--roster", roster, overdue=overdue or None, owners=owners or None)
    never_with("--overdue", overdue, owners=owners or None)
    never_with("--owners", owners, csm=csm)
    never_with("--since", since is not None, roster=roster or None, overdue=overdue or None, owners=owners or None)
    project = open_project(config, data)
    days, earlier = days_named(as_of), days_named(since, "--since")
    listed = not (overdue or owners)
    found = project_tiers(
        project,
        days[0] if days else None,
        with_reasons=listed,
        without=tuple(without or ()),
        since=earlier[0] if earlier else None,
    )
    if csm is not None:
        csm = csm_named(csm, found.csms)
        found = found.of_csm(csm)
    if csm is not None and found.accounts.empty:
        show_nobody.no_account("Tiers", csm, found.as_of)
        show_tiers.moved(found, top or SHORT)
    elif overdue:
        show_tiers.overdue(found, csm, top or LONG)
    elif owners:
        show_tiers.owners(found, top or LONG)
    elif roster:
        show_tiers.roster(found, csm, top or LONG)
    else:
        show_tiers.summary(found, csm, top or SHORT)
    if len(found.accounts):
        show_tiers.caveats(found, project)
    table = found.meeting_table() if overdue else found.owner_table() if owners else found.table(roster)
    leave(project, table, found.as_of, csv=csv, parquet=parquet, into=into)
