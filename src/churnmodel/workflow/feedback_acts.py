"""How does somebody mark a theme as fixed, and an account as told? (what people do, remembered)"""

from __future__ import annotations

from datetime import date, datetime

from churnmodel.errors import SettingsError
from churnmodel.state.database import open_state
from churnmodel.state.feedback import write_fix, write_told
from churnmodel.workflow.feedback import Feedback
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.project import Project


def mark_fixed(
    project: Project,
    found: Feedback,
    theme: str,
    on: date | None,
    *,
    by: str,
    at: datetime,
    note: str | None,
    fixed: bool = True,
) -> date:
    """Write that a theme was fixed on a day (by default the day of looking); the day.

    Raises
    ------
    SettingsError
        The day lies after the tables end.
    """
    day = on or found.as_of.date()
    if day > project.until.date():
        raise SettingsError(
            f"--on {day}: wanted a day up to data_until, {project.until.date()}; who speaks of it after the fix "
            "can only be seen in tables that reach beyond it"
        )
    write_fix(open_state(project.settings), theme, day, by=by, at=at, note=note, fixed=fixed)
    return day


def mark_told(
    project: Project, found: Feedback, account: str, theme: str, *, by: str, at: datetime
) -> tuple[str, bool]:
    """Write that an account was told of a theme's fix: its id, and whether nobody had written so before."""
    about = found.fix_of(theme)
    own = account_named(account, [str(i) for i in about.index], about["name"].tolist(), f"the fix of {theme!r}")
    fix = int(found.fixed.loc[found.fixed["theme"] == theme, "fix_id"].iloc[0])
    return own, write_told(open_state(project.settings), fix, own, found.as_of.date(), by=by, at=at)
