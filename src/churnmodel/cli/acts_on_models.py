"""Which acts train and use a model? (train, score, explain, book)"""

from __future__ import annotations

from typing import Annotated

import typer

from churnmodel.cli.options import (
    HERE,
    NO_CHAMPION,
    AsOf,
    Config,
    Data,
    Horizon,
    Since,
    days_named,
    open_project,
    values_named,
)


def train(config: Config = HERE, data: Data = None, horizon: Horizon = None) -> None:
    """Backtest every model, choose one, track all of it in MLflow, put it into use if the gate lets it.

    Exit code 3 where no model earned the title.
    """
    from churnmodel.cli import show
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.revision import revision
    from churnmodel.workflow.train import train as train_models

    project = open_project(config, data, horizon)
    with progress() as step:
        trained = train_models(project, revision=revision(), progress=step)
    show.audit_summary(trained.learned.audit)
    show.label_summary(trained.learned.report)
    learned = trained.learned
    show.comparison(learned.leaderboard, learned.choice, learned.findings, project, learned.caveat)
    show.train_end(trained, project)
    if trained.champion is None:
        raise typer.Exit(NO_CHAMPION)


def score(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    top: Annotated[int, typer.Option(min=1, help="How many accounts to print.")] = 10,
) -> None:
    """Score the book with the model in use, publish the table, print the most MRR at risk with reasons.

    Accounts are ranked by MRR x risk, so a large one stands high at a small risk. The table of all accounts, their
    reasons and features goes to scores/as_of=DAY/VERSION in the output folder, as Parquet.
    """
    from churnmodel.cli import show
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.score import score as score_book

    project = open_project(config, data)
    days = days_named(as_of)
    with progress() as step:
        scored = score_book(project, days[0] if days else None, progress=step)
    show.at_risk(scored, project, top)
    show.score_end(scored)


def explain(
    account: Annotated[str, typer.Argument(help="An account_id of the scored book, or an account's name.")],
    config: Config = HERE,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="A day that was scored, YYYY-MM-DD (default: the latest).", metavar="DAY"),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every reason, not only the largest eight a side.")] = False,
    since: Since = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            "--if",
            help="The risk if a feature had this value, or a concept were 'usual' or 'none'. Repeatable.",
            metavar="NAME=VALUE",
        ),
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Under each reason the rows of your tables it was made of.")
    ] = False,
) -> None:
    """Why is this account at its risk, and what changed? What raises and lowers it, in words and points."""
    from churnmodel.cli import show
    from churnmodel.workflow.explain import explain_account

    project = open_project(config)
    days, before = days_named(as_of), days_named(since, "--since")
    asked = values_named(what_if or [])
    told = explain_account(project, account, days[0] if days else None, before[0] if before else None)
    answer = told.what_if(asked) if asked else None
    show.explanation(told, project, answer, every=every, evidence=evidence)


def book(
    config: Config = HERE,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="A day that was scored, YYYY-MM-DD (default: the latest).", metavar="DAY"),
    ] = None,
    since: Since = None,
    top: Annotated[int, typer.Option(min=1, help="How many accounts to print.")] = 10,
) -> None:
    """How does the book stand? Who turned red or got better, and which reasons put the MRR at risk."""
    from churnmodel.cli import show
    from churnmodel.workflow.book import look_at_book

    project = open_project(config)
    days, before = days_named(as_of), days_named(since, "--since")
    show.book(look_at_book(project, before[0] if before else None, days[0] if days else None), project, top)
