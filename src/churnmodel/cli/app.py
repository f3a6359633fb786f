"""Which acts are there? (thin: each opens the project, calls the workflow, and shows what came back)"""

from __future__ import annotations

import typer

from churnmodel.cli import acts_on_champions, acts_on_comparison, acts_on_models, acts_on_runs, acts_on_tables
from churnmodel.cli.acts_on_reports import report
from churnmodel.cli.acts_on_success import success
from churnmodel.cli.examples import epilog_of

ACTS = (
    *(acts_on_tables.init, acts_on_tables.demo, acts_on_tables.check, acts_on_tables.features),
    acts_on_models.train,
    *(acts_on_comparison.compare, acts_on_comparison.incumbent, acts_on_comparison.ablate),
    *(acts_on_champions.promote, acts_on_champions.rollback, acts_on_champions.champions),
    *(acts_on_runs.tune, acts_on_runs.reproduce),
    *(acts_on_models.score, acts_on_models.explain, acts_on_models.book),
)

app = typer.Typer(
    help="Which accounts will leave, by when, why, and what to do about it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Start with [bold]churnmodel demo[/bold], or [bold]churnmodel init[/bold] beside your own tables. "
    "--debug anywhere shows the traceback of a refusal.",
)
for act in ACTS:
    app.command(epilog=epilog_of(act.__name__))(act)
app.add_typer(report, name="report")
app.add_typer(success, name="success")
