"""How are the figures of retention asked for? (success kpis)"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.leave import Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, AsOf, Config, Data, days_named, open_project


class Grouping(StrEnum):
    """By what accounts are grouped."""

    cohort = "cohort"
    size = "size"
    segment = "segment"
    owner = "owner"
    tier = "tier"


class Cohorts(StrEnum):
    """How finely entry cohorts are told apart."""

    year = "year"
    quarter = "quarter"
    month = "month"


def kpis(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    first: Annotated[
        str | None,
        typer.Option("--from", help="The first month, YYYY-MM (default: twelve with the last).", metavar="MONTH"),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--until", help="The last month, YYYY-MM (default: the last whole one).", metavar="MONTH"),
    ] = None,
    by: Annotated[
        Grouping | None,
        typer.Option(help="Each entry cohort, contract size, segment, owner (csm) or tier as well."),
    ] = None,
    entry: Annotated[Cohorts, typer.Option(help="An entry cohort is one of these.")] = Cohorts.year,
    csv: Annotated[Path | None, typer.Option(help="Write every figure as a long table.", metavar="FILE")] = None,
    parquet: Parquet = None,
    into: Into = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="Write the MRR ledger, a row per account and month (.csv or .parquet).", metavar="FILE"),
    ] = None,
    chart: Annotated[
        Path | None, typer.Option(help="Draw the bridge and the retention curves as PNG.", metavar="FILE")
    ] = None,
    define: Annotated[
        bool, typer.Option("--define", help="Only print how each figure is made, and after whom.")
    ] = False,
) -> None:
    """What did we keep? MRR bridge to the cent, NRR, GRR, churn, retention by cohort, NPS, CSAT, adoption.

    GRR is (opening - contraction - churn) / opening, NRR adds expansion; neither has new or returning accounts.

    A pause or a late renewal is no churn, and neither is a rate of exchange. Everything as known before --as-of.

    How each figure is made: --define, or docs/kpis.md.
    """
    from churnmodel.cli import show_kpis
    from churnmodel.cli.console import say
    from churnmodel.success.export import write_table
    from churnmodel.workflow.kpis import draw_kpis, project_kpis

    if define:
        show_kpis.definitions()
        return
    places_named(config, csv=csv, parquet=parquet, into=into, ledger=ledger, chart=chart)
    project = open_project(config, data)
    days = days_named(as_of)
    found = project_kpis(
        project,
        days[0] if days else None,
        first=first,
        last=last,
        by=by.value if by else None,
        entry=entry.value,
    )
    show_kpis.kpis(found, project)
    leave(project, found.table(), found.ledger.as_of, csv=csv, parquet=parquet, into=into)
    if ledger is not None:
        say(f"Wrote {write_table(found.account_months(), ledger)}")
    if chart is not None:
        say(f"Wrote {draw_kpis(found, project, chart)}")
