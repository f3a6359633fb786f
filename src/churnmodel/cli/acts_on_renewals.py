"""Which act looks at renewals? (success renewals)"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.leave import Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, Config, Data, OfCsm, days_named, never_with, only_with, open_project

PARTS = ("forecast", "checkpoints", "backtest")


class Commit(StrEnum):
    """What a CSM says will become of a renewal."""

    renew = "renew"
    expand = "expand"
    contract = "contract"
    churn = "churn"
    unsure = "unsure"


def renewals(
    config: Config = HERE,
    data: Data = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="A day that was scored, YYYY-MM-DD (default: the latest).", metavar="DAY"),
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="How many days ahead, 1 to 365 (default: renewals.days, 180).", metavar="N")
    ] = None,
    csm: OfCsm = None,
    top: Annotated[int, typer.Option(help="How many accounts each list shows.", min=1, metavar="N")] = 10,
    forecast: Annotated[
        bool, typer.Option("--forecast", help="Instead: renewed MRR by month, with an interval held to the past.")
    ] = False,
    checkpoints: Annotated[
        bool,
        typer.Option("--checkpoints", help="Instead: whose word is due, and who contradicts the model."),
    ] = False,
    backtest: Annotated[
        bool, typer.Option("--backtest", help="Instead: what was said of past months, and what renewed.")
    ] = False,
    commits: Annotated[
        Path | None,
        typer.Option(
            help="What CSMs say beside what --commit kept, CSV or Parquet: account_id, renews_at, commit, by, at.",
            metavar="FILE",
        ),
    ] = None,
    commit: Annotated[
        Commit | None, typer.Option(help="Put a CSM's word on record for the next renewal of --account.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="Whose renewal, by id or name, with --commit.", metavar="ACCOUNT")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Who says so, with --commit (default: you).", metavar="NAME")
    ] = None,
    note: Annotated[str | None, typer.Option(help="Why, with --commit.", metavar="TEXT")] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write every account, or the part asked for, as a table.", metavar="FILE")
    ] = None,
    parquet: Parquet = None,
    into: Into = None,
    chart: Annotated[
        Path | None, typer.Option(help="Draw the forecast, and what renewed before, as PNG.", metavar="FILE")
    ] = None,
) -> None:
    """What comes up for renewal, with whom to speak first, and how much will renew?

    Ranked by MRR x risk x time left: each 90 days (renewals.halves_every_days) that the decision is further away
    halves it.

    First come red and orange accounts with no play open. By the scores published for that day.

    How each figure is made: docs/renewals.md.
    """
    from churnmodel.cli import edge, show_renewals, show_renewals_commits, show_renewals_forecast
    from churnmodel.cli.console import say
    from churnmodel.errors import SettingsError
    from churnmodel.workflow.commit_renewal import commit_renewal
    from churnmodel.workflow.layer import band_and_tiers, commits_said, worked_at
    from churnmodel.workflow.renewals import project_renewals
    from churnmodel.workflow.renewals_files import draw_renewals, read_commits, renewals_table

    asked = [part for part, wanted in zip(PARTS, (forecast, checkpoints, backtest), strict=True) if wanted]
    if len(asked) > 1 and (csv or parquet or into):
        raise SettingsError(f"--csv, --parquet and --into write one table: wanted one of {', '.join(asked)}.")
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed={"csm": csm}, chart=chart)
    only_with("--commit", commit is not None, account=account, by=by, note=note)
    never_with("--commit", commit is not None, csv=csv, parquet=parquet, into=into, chart=chart)
    never_with("--commit", commit is not None, as_of=as_of, csm=csm)
    project = open_project(config, data)
    days_asked = days_named(as_of)
    day = days_asked[0] if days_asked else None
    band, tiers = band_and_tiers(project, day)
    found = project_renewals(
        project,
        day,
        days=days,
        csm=csm,
        tiers=tiers,
        band=band,
        commits=commits_said(project, None if commits is None else read_commits(commits)),
        plays=None if project.is_flat else worked_at(project, day),
    )
    if commit is not None:
        if account is None:
            raise SettingsError("--commit wants to know whose renewal: --account A0214")
        who = by or edge.user()
        name, renews_at = commit_renewal(found, account, commit.value, by=who, at=edge.now(), note=note)
        say(f"On record, by {who}: {commit.value}, for the renewal of {name} on {renews_at}.")
        return
    show_renewals.title(found, csm)
    if not asked:
        show_renewals.calendar(found, top)
    if checkpoints:
        show_renewals_commits.checkpoints(found, top)
    if forecast:
        show_renewals_forecast.forecast(found)
    if backtest:
        show_renewals_forecast.backtest(found)
    table = renewals_table(found, asked[0] if asked else "calendar")
    leave(project, table, found.as_of, csv=csv, parquet=parquet, into=into)
    if chart is not None:
        say(f"Wrote {draw_renewals(found, chart)}")
