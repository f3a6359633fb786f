"""Which acts ask about a training that was? (reproduce, tune)"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.options import HERE, MOVED, Config, Data, open_project


def reproduce(
    version: Annotated[
        str | None,
        typer.Argument(help="The version of a kept model, or its first digits (default: the model in use)."),
    ] = None,
    config: Config = HERE,
    data: Data = None,
) -> None:
    """Train a kept model again from the same tables: is every byte the same?

    Exit code 5 where it is not; what differs is named. Takes as long as a training.
    """
    from churnmodel.cli.console import headline, say
    from churnmodel.cli.progress import progress
    from churnmodel.workflow.reproduce import reproduce as train_again
    from churnmodel.workflow.revision import revision

    project = open_project(config, data)
    with progress() as step:
        found = train_again(project, version, revision=revision(), progress=step)
    if found.is_same:
        headline(f"{found.model} {found.version}: reproduced, every byte is the same")
        return
    headline(f"{found.model} {found.version}: came out otherwise, as {found.again}")
    for why in found.differences:
        say(f"- {why}")
    raise typer.Exit(MOVED)


def tune(
    model: Annotated[str, typer.Argument(help="A model of training.models whose TOML has a \\[search] table.")],
    config: Config = HERE,
    data: Data = None,
    trials: Annotated[int | None, typer.Option(min=1, help="At most so many, instead of tune.trials.")] = None,
    minutes: Annotated[float | None, typer.Option(help="At most so long, instead of tune.minutes.")] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write the model with the best parameters here.", metavar="FILE.toml")
    ] = None,
) -> None:
    """Search better parameters for a model, by log loss on all folds but the last.

    The last fold is kept out and says whether anything was gained. Needs the extra churnmodel\\[tune].
    """
    from churnmodel.cli.console import headline, say
    from churnmodel.cli.options import files_named
    from churnmodel.cli.progress import progress
    from churnmodel.scoring.atomic import replace_text
    from churnmodel.workflow.tune import told_parameters
    from churnmodel.workflow.tune import tune as search

    files_named(write=write)
    project = open_project(config, data)
    with progress() as step:
        found = search(project, model, trials=trials, minutes=minutes, progress=step)
    headline(f"{model}: {found.trials} trials, {found.given_up} given up early")
    say(f"log loss on the folds it was chosen by: {found.loss_after:.4f} (was {found.loss_before:.4f})")
    kept = found.kept_out
    interval = f"difference {kept.value:+.4f}, 95 % interval {kept.low:+.4f} to {kept.high:+.4f}"
    say(f"log loss on the last fold, kept out: {kept.a_value:.4f} (was {kept.b_value:.4f}; {interval})")
    answers = {
        "better": "Better there too.",
        "worse": "Worse there: keep the model as it is.",
        "cannot be told apart": "The two cannot be told apart there: nothing speaks against the model as it is.",
    }
    say(answers[found.answer])
    before = told_parameters(found.before.parameters)
    for name, value in told_parameters(found.after.parameters).items():
        if value != before.get(name):
            say(f"  {name} = {value} (was {before.get(name, 'the default')})")
    if write is not None:
        replace_text(write, found.toml)
        say(f"Wrote {write}; name its folder in training.models_folder and the model in training.models")
