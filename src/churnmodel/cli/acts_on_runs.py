"""Which acts ask about a training that was? (reproduce)"""

from __future__ import annotations

from typing import Annotated

import typer

from churnmodel.cli.options import HERE, MOVED, Config, Data, open_project


def reproduce(
    version: Annotated[
        str | None,
        typer.Argument(help="The version of a kept model, or its first digits (default: the champion in use)."),
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
