"""What is open, whose is it, and what do others have to do for the same accounts? (`plays --tasks`)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.score_table import read_latest
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.named_csm import csm_named
from churnmodel.workflow.plays import past_day, state_if_there
from churnmodel.workflow.plays_remembered import remember
from churnmodel.workflow.project import Project


@dataclass(frozen=True)
class OpenTasks:
    """Open tasks on a day, of one person or one account where somebody was named.

    Parameters
    ----------
    others
        Who else has how many open tasks for the accounts of the person named.
    """

    tasks: pd.DataFrame
    as_of: pd.Timestamp
    csm: str | None
    others: Mapping[str, int]


def open_tasks(
    project: Project, as_of: pd.Timestamp | None = None, *, csm: str | None = None, account: str | None = None
) -> OpenTasks:
    """Open tasks on the day of the latest scores, or on `as_of`. Reads no tables.

    Raises
    ------
    SettingsError
        Nobody of that name has a task or an account.
    NoAccountError
        No account is called so, or several are.
    """
    try:
        table = read_latest(project.home / "scores")
    except ScoreError:
        if as_of is None:
            raise
        known = pd.DataFrame({"account_id": [], "name": [], "csm": []}, dtype="object")
    else:
        known = table.scores.reset_index()[["account_id", "name", "csm"]].astype("object")
    day = pd.Timestamp(table.as_of) if as_of is None else as_of
    remembered = remember(state_if_there(project), past_day(project, day))
    tasks, started = remembered.open_tasks, remembered.started
    if account is not None:
        named = tasks.rename(columns={"account": "name"})[["account_id", "name"]].astype("object")
        both = pd.concat([known, named]).drop_duplicates("account_id")
        own = account_named(account, both["account_id"].tolist(), both["name"].tolist(), "the latest scores")
        tasks = tasks[tasks["account_id"] == own]
    if csm is None:
        return OpenTasks(tasks, day, None, {})
    person = csm_named(csm, pd.concat([tasks["owner"], started["csm"], known["csm"]]).astype("object"))
    theirs = tasks["start_id"].isin(started[started["csm"] == person]["start_id"])
    mine = tasks["owner"] == person
    rest = tasks[theirs & ~mine]
    whose = rest["owner"].where(rest["owner"] != "", rest["owner_role"].str.replace("_", " "))
    return OpenTasks(tasks[mine], day, person, {str(k): int(n) for k, n in whose.value_counts().items()})
