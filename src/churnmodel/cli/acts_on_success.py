"""Which acts does a customer-success leader run? (the group `churnmodel success`)"""

from __future__ import annotations

import typer

from churnmodel.cli.acts_on_adoption import adoption
from churnmodel.cli.acts_on_alerts import alerts
from churnmodel.cli.acts_on_expansion import expansion
from churnmodel.cli.acts_on_feedback import feedback
from churnmodel.cli.acts_on_health import health
from churnmodel.cli.acts_on_kpis import kpis
from churnmodel.cli.acts_on_onboarding import onboarding
from churnmodel.cli.acts_on_outcomes import outcomes
from churnmodel.cli.acts_on_plays import plays
from churnmodel.cli.acts_on_renewals import renewals
from churnmodel.cli.acts_on_rollout import rollout
from churnmodel.cli.acts_on_tiers import tiers
from churnmodel.cli.acts_on_winback import winback
from churnmodel.cli.examples import epilog_of

ACTS = (
    *(health, tiers, alerts, plays, renewals),
    *(onboarding, adoption, expansion, feedback),
    *(winback, kpis, outcomes, rollout),
)
success = typer.Typer(
    help="Run customer success: what was kept, of whom, and what to do next.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    epilog=epilog_of("success"),
)
for act in ACTS:
    success.command(epilog=epilog_of("success", act.__name__))(act)


@success.callback()
def _group() -> None:
    """Run customer success: what was kept, of whom, and what to do next."""
