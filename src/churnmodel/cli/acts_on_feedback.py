"""How is `churnmodel success feedback` called?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnmodel.cli.leave import Into, Parquet, leave, places_named
from churnmodel.cli.options import (
    HERE,
    AsOf,
    Config,
    Data,
    csm_option,
    days_named,
    never_with,
    only_with,
    open_project,
)

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.workflow.feedback import Feedback
    from churnmodel.workflow.project import Project


def feedback(
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    theme: Annotated[
        str | None, typer.Option(help="Who spoke of this theme: owner, what they said, when.", metavar="THEME")
    ] = None,
    tell: Annotated[
        bool, typer.Option("--tell", help="Whom to tell of what is fixed, with contact and owner.")
    ] = False,
    fixed: Annotated[str | None, typer.Option(help="Mark a theme as fixed.", metavar="THEME")] = None,
    not_fixed: Annotated[
        str | None, typer.Option(help="It was not fixed after all.", metavar="THEME")
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="With --fixed: since this day (default: the day of looking).", metavar="DAY")
    ] = None,
    note: Annotated[str | None, typer.Option(help="With --fixed: what was done.", metavar="TEXT")] = None,
    told: Annotated[
        tuple[str, str] | None, typer.Option(help="An account was told of a fix.", metavar="ACCOUNT THEME")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who says so, for the record.", metavar="NAME")] = None,
    csm: Annotated[str | None, csm_option("Only what accounts of this CSM said.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="So many are told in full.", metavar="N")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write what is shown as a table.", metavar="FILE")] = None,
    parquet: Parquet = None,
    into: Into = None,
    define: Annotated[bool, typer.Option("--define", help="Only print how each column is made.")] = False,
) -> None:
    """What do customers speak of, what MRR at risk stands behind it, and whom to tell once it is fixed?

    Themes of tickets, comments and notes, yours in \\[feedback.themes]; what no theme has is told by its words.

    Whether speaking of a theme goes with leaving is an association on earlier days, told with its interval.

    How each column is made: --define, or docs/feedback.md.
    """
    from churnmodel.cli import show_feedback, show_feedback_accounts
    from churnmodel.workflow.feedback import project_feedback
    from churnmodel.workflow.feedback_links import links

    if define:
        show_feedback.definitions()
        return
    places_named(config, csv=csv, parquet=parquet, into=into, narrowed={"csm": csm})
    only_with("--fixed", fixed is not None, on=on, note=note)
    writes = fixed is not None or not_fixed is not None or told is not None
    only_with("--fixed, --not-fixed or --told", writes, by=by)
    shown = {"theme": theme, "tell": tell or None, "csm": csm, "top": top}
    never_with("--fixed, --not-fixed or --told", writes, **shown, csv=csv, parquet=parquet, into=into)
    never_with("--fixed", fixed is not None, not_fixed=not_fixed, told=told)
    never_with("--not-fixed", not_fixed is not None, told=told)
    never_with("--theme", theme is not None, tell=tell or None)
    project = open_project(config, data)
    days = days_named(as_of)
    found = project_feedback(project, days[0] if days else None, with_later_words=writes)
    if writes:
        _write(project, found, fixed, not_fixed, told, days_named(on, "--on"), note, by)
        return
    if csm is not None:
        found = found.of_csm(csm)
        csm = str(found.book["csm"].iloc[0])
    if theme is not None:
        table = show_feedback_accounts.theme(found, found.theme_named(theme), csm, top or 15)
    elif tell:
        table = show_feedback_accounts.tell(found, csm, top or 25)
    else:
        linked = links(project, found)
        table = show_feedback.summary(found, linked, csm, top or 5, project.window.horizon_days)
    show_feedback.driver(found)
    leave(project, table, found.as_of, csv=csv, parquet=parquet, into=into)


def _write(
    project: Project,
    found: Feedback,
    fixed: str | None,
    not_fixed: str | None,
    told: tuple[str, str] | None,
    on: list[pd.Timestamp] | None,
    note: str | None,
    by: str | None,
) -> None:
    from churnmodel.cli import edge, show_feedback_accounts
    from churnmodel.cli.console import printable, say
    from churnmodel.workflow.feedback import heard_again
    from churnmodel.workflow.feedback_acts import mark_fixed, mark_told

    who, now = by or edge.user(), edge.now()
    for wanted, is_fixed in ((fixed, True), (not_fixed, False)):
        if wanted is None:
            continue
        name = found.theme_named(wanted)
        day = on[0].date() if on and is_fixed else None
        since = mark_fixed(project, found, name, day, by=who, at=now, note=note, fixed=is_fixed)
        said = f"fixed since {since}" if is_fixed else "not fixed after all"
        say(f"On record, by {printable(who)}: {name} is {said}.")
        if is_fixed:
            show_feedback_accounts.after_fix(heard_again(project, found), name)
    if told is not None:
        account, about = told
        name = found.theme_named(about)
        own, is_new = mark_told(project, found, account, name, by=who, at=now)
        was = "was told" if is_new else "had been told already"
        say(f"On record{f', by {printable(who)}' if is_new else ''}: {printable(own)} {was} of {name}.")
