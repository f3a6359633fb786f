"""Which acts change the model in use? (promote, rollback, champions)"""

from __future__ import annotations

from typing import Annotated

import typer

from churnmodel.cli.options import HERE, Config, open_project


def promote(
    model: Annotated[str, typer.Argument(help="A model of the last training, or the 12 digits of a version.")],
    config: Config = HERE,
    force: Annotated[
        str | None, typer.Option(help="Overrule the gate, for this reason, which is kept.", metavar="REASON")
    ] = None,
) -> None:
    """Put another model into use, if the gate lets it: not worse, calibrated, without leak, fresh, servable."""
    from churnmodel.cli import show
    from churnmodel.scoring.reigns import reigns
    from churnmodel.workflow.promote import promote as put_into_use

    project = open_project(config)
    show.promoted(put_into_use(project, model, force=force), reigns(project.home))


def rollback(
    config: Config = HERE,
    reason: Annotated[str, typer.Option(help="Why, for the history.", metavar="TEXT")] = "",
) -> None:
    """Go back to the model that was in use before."""
    from churnmodel.cli import show
    from churnmodel.scoring.reigns import reigns
    from churnmodel.workflow.promote import rollback as go_back

    project = open_project(config)
    show.promoted(go_back(project, reason), reigns(project.home))


def champions(config: Config = HERE) -> None:
    """List which models were in use, one after the other, and why."""
    from churnmodel.cli import show
    from churnmodel.scoring.champion import version_in_use
    from churnmodel.scoring.reigns import reigns

    project = open_project(config)
    show.champions(reigns(project.home), version_in_use(project.home))
