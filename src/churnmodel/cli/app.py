"""Which acts are there? (thin: each opens the project, calls the workflow, and shows what came back)"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from churnmodel.workflow.project import Project

app = typer.Typer(
    help="Which accounts will leave, by when, why, and what to do about it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Start with [bold]churnmodel demo[/bold], or [bold]churnmodel init[/bold] beside your own tables. "
    "--debug anywhere shows the traceback of a refusal.",
)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The project's settings.", metavar="FILE", show_default=True)
]
Data = Annotated[
    Path | None,
    typer.Option(help="A folder of Parquet/CSV, or a DuckDB file, instead of \\[data].", metavar="PATH"),
]
Horizon = Annotated[
    int | None, typer.Option("--horizon", help="Days ahead in which churn counts, instead of labels.horizon_days.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="The day of looking, YYYY-MM-DD (default: data_until).", metavar="DAY"),
]
HERE = Path("churnmodel.toml")
NO_CHAMPION = 3
LEAKS = 4


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write churnmodel.toml.")] = Path(),
    presets: Annotated[
        str,
        typer.Option(
            "--from",
            help="Systems whose landed tables come mapped by SQL, comma-separated: hubspot, salesforce (accounts, "
            "notes, touchpoints), stripe, stripe_items (accounts, subscriptions, invoices), intercom, zendesk "
            "(tickets), amplitude, mixpanel, segment (usage_events), delighted, typeform, wootric (surveys), "
            "churnzero, gainsight (external_scores); some as NAME_airbyte too. 'help' says what each assumes.",
            metavar="SYSTEMS",
        ),
    ] = "",
) -> None:
    """Write a commented churnmodel.toml to start from; with --from, tables come mapped."""
    from churnmodel.cli.show import say
    from churnmodel.workflow.init import write_starter
    from churnmodel.workflow.presets.compose import told_presets
    from churnmodel.workflow.presets.read import every_preset

    if presets.strip().lower() == "help":
        say(told_presets(every_preset()))
        return
    path = write_starter(folder, presets.split(",") if presets else ())
    say(f"Wrote {path}. Set project.data_until, map your tables, then: churnmodel check -c {path}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo project is written.")] = Path("var/demo"),
    accounts: Annotated[int, typer.Option(help="Size of the demo company, 200 to 10000.")] = 600,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 7,
) -> None:
    """Simulate a company and run everything on it: check, features, train, compare, score."""
    from churnmodel.cli import show
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.demo import write_demo
    from churnmodel.workflow.revision import revision
    from churnmodel.workflow.score import score as score_book
    from churnmodel.workflow.train import train as train_models

    with progress() as step:
        project = write_demo(folder, accounts=accounts, seed=seed, progress=step)
    with progress() as step:
        trained = train_models(project, revision=revision(), progress=step)
    show.audit_summary(trained.learned.audit)
    show.label_summary(trained.learned.report)
    show.comparison(trained.learned.leaderboard, trained.learned.choice, trained.learned.findings, project)
    if trained.champion is None:
        show.train_end(trained, project)
        raise typer.Exit(NO_CHAMPION)
    with progress() as step:
        scored = score_book(project, progress=step)
    show.at_risk(scored, project)
    show.demo_end(project, trained, scored, folder)


@app.command()
def check(
    config: Config = HERE,
    data: Data = None,
    account: Annotated[
        str | None, typer.Option(help="Only this account: its findings, and its rows per table.", metavar="ID")
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", help="Write everything found as JSON; - prints it.", metavar="FILE")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write one page to read, print or send.", metavar="FILE")
    ] = None,
    leaks: Annotated[
        bool, typer.Option("--leaks", help="Instead: prove that no feature, label or column has seen the future.")
    ] = False,
    seed: Annotated[int, typer.Option(help="With --leaks: another seed looks at other accounts.", min=0)] = 0,
    as_ofs: Annotated[
        int, typer.Option(help="With --leaks: at how many days features are built again.", min=1, max=24)
    ] = 3,
) -> None:
    """Are the tables fit to learn from? Lists what is missing, doubled, orphaned or impossible.

    With --leaks: has anything seen the future? Exit code 4 where a question of the proof fired.
    """
    from churnmodel.cli import show
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.check import check as check_tables
    from churnmodel.workflow.check import check_account

    project = _open(config, data)
    prints = json is not None and str(json) == "-"
    if leaks:
        _prove(project, seed, as_ofs, html, None if prints else json, prints)
        return
    if account is not None:
        of_account = check_account(project, account, json=None if prints else json)
        typer.echo(of_account.to_json()) if prints else show.account_report(of_account, project)
        return
    with progress() as step:
        checked = check_tables(project, html=html, json=None if prints else json, progress=step)
    if prints:
        typer.echo(checked.audit.to_json())
    else:
        show.audit_report(checked.audit, project)
        for place in checked.written:
            show.say(f"Wrote {place}")
    checked.audit.raise_if_fatal()


@app.command()
def features(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    every: Annotated[bool, typer.Option("--all", help="Every day of training, not one.")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build kept days anew as well.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Build all kept days anew beside them, and say where the past moved.")
    ] = False,
    dictionary: Annotated[bool, typer.Option("--dictionary", help="Only print what each feature means.")] = False,
) -> None:
    """Build the feature matrix of the book, and say what each feature means.

    A day that was built before is kept: a further day costs that day alone.
    """
    from churnmodel.cli import show
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.features import build_features, moved_days

    project = _open(config, data)
    if dictionary:
        show.dictionary(project)
        return
    if verify:
        with progress() as step:
            moved = moved_days(project, progress=step)
        show.moved(moved, project)
        raise typer.Exit(1 if len(moved) else 0)
    days = list(project.as_ofs()) if every else _days(as_of)
    with progress() as step:
        built = build_features(project, days, rebuild=rebuild, progress=step)
    show.matrix(built, project)


@app.command()
def train(config: Config = HERE, data: Data = None, horizon: Horizon = None) -> None:
    """Backtest every model, choose the champion, track all of it in MLflow, publish the champion.

    Exit code 3 where no model earned the title.
    """
    from churnmodel.cli import show
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.revision import revision
    from churnmodel.workflow.train import train as train_models

    project = _open(config, data, horizon)
    with progress() as step:
        trained = train_models(project, revision=revision(), progress=step)
    show.audit_summary(trained.learned.audit)
    show.label_summary(trained.learned.report)
    show.comparison(trained.learned.leaderboard, trained.learned.choice, trained.learned.findings, project)
    show.train_end(trained, project)
    if trained.champion is None:
        raise typer.Exit(NO_CHAMPION)


@app.command()
def compare(
    config: Config = HERE,
    by_fold: Annotated[bool, typer.Option("--by-fold", help="Each fold on its own line.")] = False,
    renewable: Annotated[
        bool, typer.Option("--renewable", help="Only accounts whose term ends within the horizon.")
    ] = False,
) -> None:
    """Show the last training again: every model on the same rows, with intervals."""
    from churnmodel.cli import show
    from churnmodel.workflow.record import read_record

    project = _open(config)
    show.record(read_record(project.home), by_fold=by_fold, cohort="renewable" if renewable else "all")


@app.command()
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

    project = _open(config, data)
    days = _days(as_of)
    with progress() as step:
        scored = score_book(project, days[0] if days else None, progress=step)
    show.at_risk(scored, project, top)
    show.score_end(scored)


@app.command()
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

    project = _open(config)
    days = _days(as_of)
    show.explanation(explain_account(project, account, days[0] if days else None), project)


def _prove(project: Project, seed: int, as_ofs: int, html: Path | None, json: Path | None, prints: bool) -> None:
    from churnmodel.cli.progress import progress
    from churnmodel.cli.show_leaks import leak_proof
    from churnmodel.workflow.leaks import proof_json, prove_project, write_proof

    with progress() as step:
        proof = prove_project(project, seed=seed, n_as_ofs=as_ofs, progress=step)
    written = write_proof(proof, project, html=html, json=json)
    if prints:
        typer.echo(proof_json(proof), nl=False)
    else:
        leak_proof(proof, project, written)
    if proof.fired:
        raise typer.Exit(LEAKS)


def _open(config: Path, data: Path | None = None, horizon: int | None = None) -> Project:
    from churnmodel.workflow.project import Project

    return Project.open(config, data=data, horizon_days=horizon)


def _days(as_of: str | None) -> list[pd.Timestamp] | None:
    if as_of is None:
        return None
    import pandas as pd

    from churnmodel.errors import SettingsError

    try:
        return [pd.Timestamp(date.fromisoformat(as_of))]
    except ValueError as cause:
        raise SettingsError(f"--as-of {as_of!r}: wanted a day such as 2026-01-31") from cause


if TYPE_CHECKING:
    import pandas as pd
