"""Which acts look at a company's tables? (init, demo, check, features)"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnmodel.cli.options import (
    HERE,
    LEAKS,
    MOVED,
    NO_CHAMPION,
    AsOf,
    Config,
    Data,
    days_named,
    files_named,
    never_with,
    only_with,
    open_project,
)

if TYPE_CHECKING:
    from churnmodel.workflow.project import Project


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
    flat: Annotated[
        Path | None,
        typer.Option(help="A CSV or Parquet file with a row per customer, instead of tables.", metavar="FILE"),
    ] = None,
    target: Annotated[str | None, typer.Option(help="With --flat: the column that says who left.")] = None,
    positive: Annotated[str | None, typer.Option(help="With --flat: its value of those who left.")] = None,
    id_column: Annotated[str | None, typer.Option("--id", help="With --flat: the column of customer ids.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="With --flat: the column of the day of looking, if any.")
    ] = None,
) -> None:
    """Write a commented churnmodel.toml to start from; with --from or --flat, tables come mapped."""
    from churnmodel.cli.show import say
    from churnmodel.workflow.flat_init import FlatStart, write_flat_starter
    from churnmodel.workflow.init import write_starter
    from churnmodel.workflow.presets.compose import told_presets
    from churnmodel.workflow.presets.read import every_preset

    if presets.strip().lower() == "help":
        say(told_presets(every_preset()))
        return
    only_with("--flat", flat is not None, target=target, positive=positive, id=id_column, as_of=as_of)
    if flat is not None:
        never_with("--flat", True, **{"from": presets or None})
        path = write_flat_starter(folder, FlatStart(flat, target or "churned", positive, id_column, as_of))
        say(f"Wrote {path}. Set project.data_until and look at [flat], then: churnmodel check -c {path}")
        return
    path = write_starter(folder, presets.split(",") if presets else ())
    then = "check the lines marked JOIN KEY and CHANGE" if presets else "map your tables"
    say(f"Wrote {path}. Set project.data_until, {then}, then: churnmodel check -c {path}")


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
        bool,
        typer.Option("--leaks", help="Instead: try to catch a feature, label or column that has seen the future."),
    ] = False,
    seed: Annotated[
        int | None, typer.Option(help="With --leaks: another seed (not 0) looks at other accounts.", min=0)
    ] = None,
    as_ofs: Annotated[
        int | None,
        typer.Option(help="With --leaks: at how many days (not 3) features are built again.", min=1, max=24),
    ] = None,
) -> None:
    """Are the tables fit to learn from? Lists what is missing, doubled, orphaned or impossible.

    With --leaks: has anything seen the future? Exit code 4 where a question of the proof fired.
    """
    from churnmodel.cli import show
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.check import check as check_tables
    from churnmodel.workflow.check import check_account

    only_with("--leaks", leaks, seed=seed, as_ofs=as_ofs)
    never_with("--leaks", leaks, account=account)
    never_with("--account", account is not None, html=html)
    files_named(html=html, json=json)
    project = open_project(config, data)
    prints = json is not None and str(json) == "-"
    if leaks:
        _prove(project, seed or 0, as_ofs or 3, html, None if prints else json, prints)
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
    with project.telling_lines():
        checked.audit.raise_if_fatal()


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

    A day that was built before is kept: a further day costs that day alone. With --verify: exit code 5 where
    a kept day comes out otherwise now.
    """
    from churnmodel.cli import show
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.features import build_features, moved_days

    project = open_project(config, data)
    if dictionary:
        show.dictionary(project)
        return
    if verify:
        with progress() as step:
            moved = moved_days(project, progress=step)
        show.moved(moved)
        raise typer.Exit(0 if moved.rows.empty else MOVED)
    days = list(project.as_ofs()) if every else days_named(as_of)
    with progress() as step:
        built = build_features(project, days, rebuild=rebuild, progress=step)
    show.matrix(built, project)


def _prove(project: Project, seed: int, as_ofs: int, html: Path | None, json: Path | None, prints: bool) -> None:
    from churnmodel.cli.console import say
    from churnmodel.cli.progress import progress
    from churnmodel.cli.show_leaks import leak_proof
    from churnmodel.workflow.leaks import proof_json, prove_project, write_proof

    with progress() as step:
        proof = prove_project(project, seed=seed, n_as_ofs=as_ofs, progress=step)
    # what took a minute to find is told before a disk can refuse it
    if prints:
        typer.echo(proof_json(proof, project), nl=False)
    else:
        leak_proof(proof, project)
    for place in write_proof(proof, project, html=html, json=json):
        if not prints:
            say(f"Wrote {place}")
    if proof.fired:
        raise typer.Exit(LEAKS)
