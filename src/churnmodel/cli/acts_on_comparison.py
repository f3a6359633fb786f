"""Which acts ask how good a model is, and what it is worth? (compare, incumbent, ablate)"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.options import (
    HERE,
    Config,
    Data,
    files_named,
    only_with,
    open_project,
)


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
    html: Annotated[
        Path | None,
        typer.Option(help="Write the comparison as one HTML page, to read and to print.", metavar="FILE"),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="Copy every out-of-time prediction to a Parquet file, one row per snapshot and model, its "
            "columns explained.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Show the last training again: every model on the same rows, with intervals."""
    from churnmodel.cli import show
    from churnmodel.workflow.compare import compared, name_in_use, write_page, write_predictions
    from churnmodel.workflow.record import read_record

    files_named(html=html, predictions=predictions)
    project = open_project(config)
    kept, cohort = read_record(project.home), "renewable" if renewable else "all"
    only_with(
        "tables that know of terms, which a flat table does not", not kept.caveat, renewable=renewable or None
    )
    columns = write_predictions(project.home, predictions) if predictions else {}
    if html:
        write_page(project.home, kept, html)
    if within is None:
        show.record(kept, name_in_use(project.home), by_fold=by_fold, cohort=cohort)
        show.in_money(kept)
        show.standing(compared(kept))
    else:
        training = project.settings.training
        table = kept.within(within, draws=training.draws, seed=training.seed)
        show.record_within(kept, table, within, by_fold=by_fold, cohort=cohort)
    show.compare_end(html, predictions, columns)


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
        typer.Option(help="Of which model (default: the one the last training chose).", metavar="NAME"),
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
    from churnmodel.workflow.ablate import track_ablation, write_ablation

    files_named(csv=csv, chart=chart)
    project = open_project(config, data)
    with progress() as step:
        found = ablate_model(project, without or (), model=model, progress=step)
    ablation(found, project)
    for place in write_ablation(found, csv=csv, chart=chart):
        say(f"Wrote {place}")
    if run := track_ablation(project, found):
        say(f"The chart stands as ablation.png in MLflow, with the run of {found.model} ({run})")


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
    from churnmodel.workflow.compare import name_in_use
    from churnmodel.workflow.incumbents import read_judgement, write_weights

    files_named(toml=toml, csv=csv)
    home = open_project(config).home
    found = read_judgement(home)
    show.judgement(found.verdict, name_in_use(home))
    show.new_weights(found.weights)
    for place in write_weights(found.weights, toml=toml, csv=csv):
        show.say(f"wrote {place}")
