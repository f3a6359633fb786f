"""How is `churnmodel success winback` called?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from churnmodel.cli.leave import Csv, Into, Parquet, leave, places_named
from churnmodel.cli.options import HERE, AsOf, Config, Data, OfCsm, days_named, never_with, only_with, open_project

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.workflow.project import Project

SHORT, LONG = 5, 25
"""So many accounts are listed, where --top does not say."""


class Reason(StrEnum):
    """Why an account left, in the words of the contract."""

    price = "price"
    product = "product"
    process = "process"
    competition = "competition"
    involuntary = "involuntary"
    acquired = "acquired"
    other = "other"


def winback(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, help="Departures of so many days (default: winback.days, 365).", metavar="N"),
    ] = None,
    reasons: Annotated[
        bool, typer.Option("--reasons", help="What they said beside what was predicted, and where they differ.")
    ] = False,
    seen: Annotated[
        bool, typer.Option("--seen", help="Their bands 90 and 30 days before, and who was green.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Whom to ask again: when, with what, whom to talk to, who never.")
    ] = False,
    interviews: Annotated[
        bool, typer.Option("--interviews", help="Of whom nobody knows why they left: a work list.")
    ] = False,
    returned: Annotated[
        bool, typer.Option("--returned", help="Who came back, after how long, for how much, and who stayed.")
    ] = False,
    csm: OfCsm = None,
    top: Annotated[int | None, typer.Option(min=1, help="So many accounts are listed.", metavar="N")] = None,
    recontact: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Ask an account again on a day.", metavar="ACCOUNT DAY"),
    ] = None,
    never: Annotated[
        str | None, typer.Option(help="Never ask it again; --recontact lifts it.", metavar="ACCOUNT")
    ] = None,
    interview: Annotated[
        str | None, typer.Option(help="You asked why it left: keep the --reason.", metavar="ACCOUNT")
    ] = None,
    reason: Annotated[Reason | None, typer.Option(help="What was told, with --interview.")] = None,
    note: Annotated[str | None, typer.Option(help="In their words, or why.", metavar="TEXT")] = None,
    by: Annotated[str | None, typer.Option(help="Who says so (default: you).", metavar="NAME")] = None,
    csv: Csv = None,
    parquet: Parquet = None,
    into: Into = None,
    define: Annotated[bool, typer.Option("--define", help="Only print how each column is made.")] = False,
) -> None:
    """Who left and why, was it seen coming, and whom do we ask again?

    The reason they told us stands beside the one the last score before they left had given.

    When to ask again follows from the reason (\\[winback.reasons]), or from what somebody said since; the
    plays that win back begin on that day.

    How each column is made: --define, or docs/winback.md.
    """
    from churnmodel.cli import show_winback, show_winback_lists, show_winback_past
    from churnmodel.cli.console import printable, say
    from churnmodel.errors import SettingsError
    from churnmodel.workflow.named_csm import csm_named
    from churnmodel.workflow.winback import project_winback
    from churnmodel.workflow.winback_acts import winback_table

    if define:
        show_winback.definitions()
        return
    views = {"reasons": reasons, "seen": seen, "list": listed, "interviews": interviews, "returned": returned}
    said = {"recontact": recontact, "never": never, "interview": interview}
    asked = [f"--{name}" for name, on in views.items() if on] + [f"--{n}" for n, on in said.items() if on]
    if len(asked) > 1:
        raise SettingsError(f"{' and '.join(asked)}: wanted one of them at a time.")
    speaks = any(value is not None for value in said.values())
    only_with("--recontact, --never or --interview", speaks, note=note, by=by)
    only_with("--interview", interview is not None, reason=reason)
    never_with(asked[0] if asked else "", speaks, csv=csv, parquet=parquet, into=into, csm=csm)
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed={"csm": csm})
    project = open_project(config, data)
    looked_at = days_named(as_of)
    moved = days_named(recontact[1], "--recontact") if recontact else None
    look = looked_at[0] if looked_at else None
    if speaks:
        who = recontact[0] if recontact else str(never or interview)
        word = None if reason is None else reason.value
        _speak(project, who, look, moved[0] if moved else None, word, is_never=never is not None, note=note, by=by)
        return
    found = project_winback(project, look, days=days)
    if csm is not None:
        csm = csm_named(csm, found.csms)
        found = found.of_csm(csm)
    part = next((name for name in ("list", "interviews", "returned") if views[name]), "departures")
    count = top or (LONG if asked else SHORT)
    if csm is not None and found.left.empty:
        say(f"No account of {printable(csm)} has left before {found.as_of.date()}.")
    elif listed:
        show_winback_lists.to_ask(found, count)
    elif interviews:
        show_winback_lists.interviews(found, count)
    elif returned:
        show_winback_past.returned(found, count)
    elif reasons:
        show_winback_past.reasons(found, count)
    elif seen:
        show_winback_past.seen(found, count)
    else:
        show_winback.summary(found, count)
    if not returned:
        show_winback_past.driver(found)
    leave(project, winback_table(found, part), found.as_of, csv=csv, parquet=parquet, into=into)


def _speak(
    project: Project,
    account: str,
    as_of: pd.Timestamp | None,
    day: pd.Timestamp | None,
    reason: str | None,
    *,
    is_never: bool,
    note: str | None,
    by: str | None,
) -> None:
    from churnmodel.cli import edge
    from churnmodel.cli.console import printable, say
    from churnmodel.errors import SettingsError
    from churnmodel.workflow.winback_acts import ask_again, gone_named, never_again, told_us

    if day is None and reason is None and not is_never:
        raise SettingsError("--interview wants to know what was told: --reason price, for instance.")
    gone, who = gone_named(project, account, as_of), by or edge.user()
    name, said_by = printable(gone.name), f"On record, by {printable(who)}:"
    if day is not None:
        ask_again(project, gone, day.date(), by=who, note=note)
        say(f"{said_by} {name} is asked again on {day.date()}.")
    elif is_never:
        never_again(project, gone, by=who, note=note)
        say(f"{said_by} {name} is never asked again. --recontact lifts it.")
    else:
        told_us(project, gone, str(reason), by=who, note=note)
        say(f"On record, told to {printable(who)}: {name} left for {reason}.")
        if gone.stated:
            say(f"exits says {printable(gone.stated)} already, and holds; this stays beside it.")
