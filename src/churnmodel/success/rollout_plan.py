"""What is to be done in 90 days, by whom and by when? (made of what this company lacks, closed by its own data)

Days 0-30 audit and freeze the roster, 31-60 execute, 61-90 measure. A rule of the plan asks the stand of a day how
much is left to do: none left, and its task is done, on whatever day that is asked. Of what no table can tell (did
anybody look at the backtest?) a person says so: ``--mark TASK``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churnmodel.success.ledger import DAY
from churnmodel.success.rollout_stand import Stand
from churnmodel.success.rollout_tasks import BY_NAME, ROLES, RULES

AUDIT, EXECUTE, MEASURE = "days 0-30: audit", "days 31-60: execute", "days 61-90: measure"
AUDIT_DAYS, EXECUTE_DAYS, MEASURE_DAYS = 30, 60, 90
DONE, OPEN, LATE = "done", "open", "late"
PLAN = ["task", "phase", "due", "role", "owner", "title", "do", "left"]
FOLLOWED = [*PLAN, "left_now", "now", "status", "closed_by"]


def phase_of(day: int) -> str:
    """The phase a day of the plan lies in.

    >>> phase_of(30), phase_of(31), phase_of(61)
    ('days 0-30: audit', 'days 31-60: execute', 'days 61-90: measure')
    """
    return AUDIT if day <= AUDIT_DAYS else EXECUTE if day <= EXECUTE_DAYS else MEASURE


def make_plan(stand: Stand, day_0: pd.Timestamp, roles: Mapping[str, str]) -> pd.DataFrame:
    """The tasks for what is missing on a day; columns `PLAN`, by due day.

    Parameters
    ----------
    roles
        Who stands for a role, by name.
    """
    rows = []
    for rule in RULES:
        left = rule.left(stand)
        if left == 0 or (left is None and not rule.once and rule.name in stand.marks):
            continue
        owner = roles.get(rule.role, ROLES[rule.role])
        title = rule.title(stand, left)
        due = day_0 + rule.day * DAY
        rows.append((rule.name, phase_of(rule.day), due, rule.role, owner, title, rule.do, left))
    found = pd.DataFrame(rows, columns=PLAN).astype({"left": "Int64", "due": "datetime64[us]"})
    return found.sort_values("due", kind="stable", ignore_index=True)


def follow_plan(
    plan: pd.DataFrame,
    stand: Stand,
    day_0: pd.Timestamp,
    marks: Mapping[str, tuple[str, pd.Timestamp]] | None = None,
) -> pd.DataFrame:
    """The tasks of a plan as they stand on a day: columns `FOLLOWED`.

    A mark counts from day 0 on, and closes a task whatever the data say; else none left is done. What is not done
    after its day is late.

    Parameters
    ----------
    marks
        Of this rollout: task -> (who said it was done, when); those of `stand` by default.
    """
    said = stand.marks if marks is None else marks
    rows = []
    for row in plan.to_dict("records"):
        rule = BY_NAME.get(str(row["task"]))
        left = rule.left(stand) if rule is not None else None
        mark = said.get(str(row["task"]))
        if mark is not None and mark[1] < day_0:
            mark = None
        late = stand.as_of > pd.Timestamp(row["due"])
        status = DONE if left == 0 or mark is not None else LATE if late else OPEN
        closed = "the data" if left == 0 else f"{mark[0]}, {mark[1].date()}" if mark is not None else ""
        # where the data contradict who said it is done, both are told
        is_new = pd.isna(row["left"]) or left != row["left"]
        now = rule.title(stand, left) if rule is not None and left and is_new else ""
        more = {"left_now": left, "now": now, "status": status, "closed_by": closed}
        rows.append({str(k): v for k, v in row.items()} | more)
    found = pd.DataFrame(rows, columns=FOLLOWED)
    return found.astype({"left": "Int64", "left_now": "Int64", "due": "datetime64[us]"})
