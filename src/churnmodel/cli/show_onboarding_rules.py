"""What is asked of an onboarding, and is it what accounts that stayed did? (the templates, and their pace)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, printable, say
from churnmodel.explanation.formats import percent
from churnmodel.settings.milestones import Milestone
from churnmodel.settings.tiers import TIERS

if TYPE_CHECKING:
    from churnmodel.settings.onboarding import OnboardingSettings
    from churnmodel.workflow.onboarding import Onboarding


def pace(found: Onboarding) -> None:
    """The days to each milestone among accounts that stayed; who had it in time, of those that left too."""
    rules = found.rules
    headline(f"How fast accounts that stayed came along, as known on {day(found.as_of)}")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("milestone")
    for head in ("half by day", "95 %", "due by", "in time: stayed", "left"):
        table.add_column(head, justify="right")
    for row in found.pace.to_dict("records"):
        known = row["median"] == row["median"]
        span = f"{_day(row['low'])} to {_day(row['high'])}" if known else "-"
        stayed, left = (
            f"{percent(row[share])} of {row[n]:,}" if row[share] == row[share] else f"- of {row[n]:,}"
            for share, n in (("share_stayed", "accounts"), ("share_left", "left"))
        )
        cells = (_day(row["median"]), span, f"{row['due_day']:.0f}", stayed, left)
        table.add_row(Text(printable(row["title"])), *cells)
    console.print(table)
    say(
        f"Stayed: a customer for more than {rules.retained_days} days. Left: gone within them, but not before the "
        "milestone was due. Who did not get there waited as long as it was followed (Kaplan-Meier). "
        "Due by: the latest day of any tier. An association: reaching it need not be why they stayed."
    )


def templates(rules: OnboardingSettings) -> None:
    """By which day each tier should have reached each milestone, and how the tables tell."""
    headline("Onboarding templates: by which day of the tenure")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("milestone", "track"):
        table.add_column(head)
    for tier in TIERS:
        table.add_column(tier, justify="right")
    table.add_column("reached when", style="dim")
    for name, one in rules.milestones.items():
        days = [rules.due_day(name, tier) for tier in TIERS]
        cells = ["-" if due is None else str(due) for due in days]
        told = Text(printable(reached_when(one, rules)), style="dim")
        table.add_row(Text(printable(f"{one.title} ({name})")), one.track, *cells, told)
    console.print(table)
    more = f"and {rules.behind_days} more while one is late"
    say(f"An account is onboarded for {rules.days} days from its first, {more}.")


def reached_when(one: Milestone, rules: OnboardingSettings) -> str:
    """The rule of a milestone in words."""
    share = f", and {percent(one.of_seats)} of its seats" if one.of_seats else ""
    value = rules.first_value
    use = f", or {value.feature} used on {value.days} days by {value.users} users" if value.feature else ""
    several = one.features if isinstance(one.features, int) else ", ".join(one.features or ())
    said = {
        "touchpoint": f"{one.times if one.times > 1 else 'a'} touchpoint{'s' * (one.times > 1)} {one.touchpoint}",
        "users_joined": f"{one.users_joined} users joined{share}",
        "users_active": f"{one.users_active} users used it{share}",
        "features": f"{several} features used" if isinstance(one.features, int) else f"used: {several}",
        "integration": "a touchpoint integration_added, or use over the API",
        "goal": f"a goal {one.goal}",
        "first_value": f"a touchpoint first_value, a goal reached{use}",
        "by_hand": "somebody ticks it (--done)",
    }[one.rule]
    return f"{said}; not asked for after {rules.milestones[one.unless].title}" if one.unless else said


def _day(value: float) -> str:
    return "-" if value != value else f"{value:.0f}"
