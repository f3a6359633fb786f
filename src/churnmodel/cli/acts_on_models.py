"""Which acts train, compare and use a model? (train, compare, ablate, incumbent, score, explain)"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.options import (
    HERE,
    NO_CHAMPION,
    AsOf,
    Config,
    Data,
    Horizon,
    days_named,
    files_named,
    open_project,
)


def train(config: Config = HERE, data: Data = None, horizon: Horizon = None) -> None:
    """Backtest every model, choose the champion, track all of it in MLflow, publish the champion.

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
    show.comparison(trained.learned.leaderboard, trained.learned.choice, trained.learned.findings, project)
    show.train_end(trained, project)
    if trained.champion is None:
        raise typer.Exit(NO_CHAMPION)


def compare(
    config: Config = HERE,
    by_fold: Annotated[bool, typer.Option("--by-fold", help="Each fold on its own line.")] = False,
    renewable: Annotated[
        bool, typer.Option("--renewable", help="Only accounts whose term ends within the horizon.")
    ] = False,
    within: Annotated[
        str | None,
        typer.Option(help="Compare by churn within so many days, or by the next renewal.", metavar="DAYS|renewal"),
    ] = None,
) -> None:
    """Show the last training again: every model on the same rows, with intervals."""
    from churnmodel.cli import show
    from churnmodel.workflow.record import read_record

    project = open_project(config)
    kept, cohort = read_record(project.home), "renewable" if renewable else "all"
    if within is None:
        show.record(kept, by_fold=by_fold, cohort=cohort)
        return
    training = project.settings.training
    table = kept.within(within, draws=training.draws, seed=training.seed)
    show.record_within(kept, table, within, by_fold=by_fold, cohort=cohort)


def ablate(
    config: Config = HERE,
    data: Data = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", help="Leave out what matches, such as 'nps*'; may be given often.", metavar="GLOB"
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Of which model (default: the champion of the last training).", metavar="NAME"),
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write every figure as CSV.", metavar="FILE")] = None,
    chart: Annotated[Path | None, typer.Option(help="Write a chart as PNG.", metavar="FILE")] = None,
) -> None:
    """What do features buy? Fits the model anew without each family and with it alone, on the same rows.

    With --without: what the features of those names buy ("what does NPS buy?": --without 'nps*').
    """
    from churnmodel.cli.console import say
    from churnmodel.cli.progress import progress
    from churnmodel.cli.show_ablation import ablation
    from churnmodel.workflow.ablate import ablate as ablate_model
    from churnmodel.workflow.ablate import write_ablation

    files_named(csv=csv, chart=chart)
    project = open_project(config, data)
    with progress() as step:
        found = ablate_model(project, without or (), model=model, progress=step)
    ablation(found, project)
    for place in write_ablation(found, csv=csv, chart=chart):
        say(f"Wrote {place}")


def incumbent(
    config: Config = HERE,
    toml: Annotated[
        Path | None,
        typer.Option("--toml", help="Write the better weights as a model file, in place of scorecard.toml."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="Write the better weights as a table, for the tool you keep your score in."),
    ] = None,
) -> None:
    """Is the model better than our health score, by how much money, how surely? And better weights for it.

    The last training is read, none is made: every source in external_scores and the scorecard stood beside the
    models on the same accounts and dates.
    """
    from churnmodel.cli import show
    from churnmodel.workflow.incumbents import read_judgement, write_weights

    files_named(toml=toml, csv=csv)
    found = read_judgement(open_project(config).home)
    show.judgement(found.verdict)
    show.new_weights(found.weights)
    for place in write_weights(found.weights, toml=toml, csv=csv):
        show.say(f"wrote {place}")


def score(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    top: Annotated[int, typer.Option(min=1, help="How many accounts to print.")] = 10,
) -> None:
    """Score the book with the champion, publish the table, print the most MRR at risk with reasons."""
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
    account: Annotated[str, typer.Argument(help="An account_id of the scored book.")],
    config: Config = HERE,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="A day that was scored, YYYY-MM-DD (default: the latest).", metavar="DAY"),
    ] = None,
) -> None:
    """Why is this account at its risk? Every driver, in words and in points of probability."""
    from churnmodel.cli import show
    from churnmodel.workflow.explain import explain_account

    project = open_project(config)
    days = days_named(as_of)
    show.explanation(explain_account(project, account, days[0] if days else None), project)
