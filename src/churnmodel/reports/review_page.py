"""What does the review for a customer say? (use, goals reached, support, value delivered)

Every sentence here is read by the customer: it says what happened, and judges nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from churnmodel.reports.account_told import day
from churnmodel.reports.month_bars import HEIGHT, month_bars
from churnmodel.reports.page import printed
from churnmodel.reports.review_told import ContractTold, ReviewTold, SupportTold, UseTold
from churnmodel.reports.section import shortened

MOST_FEATURES = 12
INCOMPLETE = "* Our records of this month are incomplete, so its figures may be too low."


@dataclass(frozen=True)
class Tile:
    """One large figure, what it is, and small words under it."""

    figure: str
    what: str
    under: str = ""


@dataclass(frozen=True)
class GoalLine:
    """One goal in print: `when` it was reached, or by when it is agreed."""

    metric: str
    agreed: str
    now: str
    when: str


def review_page(told: ReviewTold) -> str:
    """An executive review as one HTML page that needs nothing else; texts out of the data are only text in it."""
    use = told.use
    reached, still_open = goal_lines(told)
    return printed(
        "review.html.j2",
        told=told,
        name=shortened(told.name),
        day=day,
        tiles=list(tiles(told)),
        people=None if use is None else month_bars(use.months["people"], use.months["complete"], "people active"),
        actions=None if use is None else month_bars(use.months["actions"], use.months["complete"], "actions"),
        height=HEIGHT,
        trend=trend(use),
        incomplete="" if use is None or bool(use.months["complete"].all()) else INCOMPLETE,
        features=[] if use is None else features(use),
        more_features=0 if use is None else max(len(use.features) - MOST_FEATURES, 0),
        reached=reached,
        still_open=still_open,
        support=support_lines(told.support),
        terms=terms(told.contract, told.people_with_access),
    )


def tiles(told: ReviewTold) -> Iterator[Tile]:
    """The figures a reader wants first; each only where it is known."""
    use, support, goals = told.use, told.support, told.goals
    if use is not None:
        seats = told.contract.seats
        of_seats = f"of {seats:,.0f} seats" if seats > 0 else ""
        note = "" if use.complete else "our records of these days are incomplete"
        under = "; ".join(part for part in ("in the last 28 days", of_seats, note) if part)
        yield Tile(f"{use.people:,}", "person active" if use.people == 1 else "people active", under)
        n = len(use.features)
        yield Tile(f"{n}", f"product feature{'' if n == 1 else 's'} in use", "in the last 90 days")
    if goals is not None and len(goals):
        yield Tile(f"{int(goals['reached_at'].notna().sum())} of {len(goals)}", "agreed goals reached")
    if support is not None and support.answered:
        yield Tile(hours(support.response_hours), "to a first answer", "median of the last 12 months")


def trend(use: UseTold | None) -> str:
    """The last three whole months beside the three before; empty where they are not all complete."""
    if use is None or len(use.months) < 6 or not bool(use.months["complete"].iloc[-6:].all()):
        return ""
    now, before = (part.mean() for part in (use.months.iloc[-3:], use.months.iloc[-6:-3]))
    (people, actions), before_then = ([f"{part[n]:,.0f}" for n in ("people", "actions")] for part in (now, before))
    then = ", as in the three months before."
    if before_then != [people, actions]:
        then = f"; in the three months before, {_people(before_then[0])} took {before_then[1]}."
    were = "was" if people == "1" else "were"
    return (
        f"In the last three full months {_people(people)} a month {were} active and took {actions} "
        f"action{'' if actions == '1' else 's'} a month in all{then}"
    )


def _people(count: str) -> str:
    return f"{count} {'person' if count == '1' else 'people'}"


def features(use: UseTold) -> list[tuple[str, str, str]]:
    """The product features used most: name, people, actions."""
    shown = use.features.head(MOST_FEATURES)
    return [
        (str(row["feature"]), f"{row['people']:,}" if row["people"] else "by API", f"{row['actions']:,}")
        for row in shown.to_dict("records")
    ]


def goal_lines(told: ReviewTold) -> tuple[list[GoalLine], list[GoalLine]]:
    """The goals that were reached, and those still open."""
    if told.goals is None:
        return [], []
    reached, still_open = list[GoalLine](), list[GoalLine]()
    for row in told.goals.to_dict("records"):
        done, due = day(row["reached_at"]), day(row["due_at"])
        when = done if done != "-" else due if due != "-" else "no date agreed"
        agreed = _from_to(row["baseline"], row["target"])
        line = GoalLine(str(row["metric"]) or "Goal", agreed, _n(row["now"]), when)
        (reached if done != "-" else still_open).append(line)
    return reached, still_open


def support_lines(support: SupportTold | None) -> list[tuple[str, str]]:
    """Support in the last 12 months, name and value; empty where the company keeps no tickets."""
    if support is None:
        return []
    lines = [("Tickets opened", f"{support.opened:,}"), ("Answered", f"{support.answered:,}")]
    if support.answered:
        lines.append(("First answer, median", hours(support.response_hours)))
    lines.append(("Resolved", f"{support.resolved:,}"))
    if support.resolved:
        lines.append(("Resolution, median", hours(support.resolution_hours)))
    lines.append(("Open today", f"{support.open_now:,}"))
    if support.rated:
        answers = f"{support.rated:,} rating{'' if support.rated == 1 else 's'}"
        lines.append(("Your rating of our support", f"{support.csat:.1f} of 5 ({answers})"))
    if support.dark_days:
        lines.append(("Our records are incomplete for", f"{support.dark_days} days"))
    return lines


def terms(contract: ContractTold, people_with_access: float) -> list[tuple[str, str]]:
    """Plan, seats and term, as far as the tables say."""
    lines = [("Customer since", day(contract.customer_since))]
    if contract.plan:
        lines.append(("Plan", shortened(contract.plan.replace("_", " "))))
    if contract.seats > 0:
        lines.append(("Seats", f"{contract.seats:,.0f}"))
    if people_with_access == people_with_access:
        lines.append(("People with access", f"{people_with_access:,.0f}"))
    if contract.term_months > 0:
        months = contract.term_months
        lines.append(("Term", f"{months:,.0f} month{'' if months == 1 else 's'}"))
    if contract.term_ends is not None:
        lines.append(("Current term ends on", day(contract.term_ends)))
    return lines


def hours(span: float) -> str:
    """A span of time as people say it.

    >>> hours(0.4), hours(3.25), hours(60.0), hours(float("nan"))
    ('24 minutes', '3.2 hours', '2.5 days', '-')
    """
    if math.isnan(span):
        return "-"
    if span < 1:
        minutes = round(60 * span)
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    number, unit = (span, "hour") if span < 48 else (span / 24, "day")
    said = f"{number:.{0 if number >= 10 else 1}f}".removesuffix(".0")
    return f"{said} {unit}{'' if said == '1' else 's'}"


def _from_to(baseline: float, target: float) -> str:
    parts = [f"from {_n(baseline)}" if pd.notna(baseline) else "", f"to {_n(target)}" if pd.notna(target) else ""]
    return " ".join(part for part in parts if part) or "-"


def _n(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:,.2f}".rstrip("0").rstrip(".")
