"""Which exceptions were written down, and since when does one hold? (a file that only grows)"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from churnmodel.success.kept_lines import read_lines
from churnmodel.workflow.project import Project

EXCEPTIONS = "exceptions.jsonl"
LOGGED = ("as_of", "account_id", "rule", "when", "model_version")
"""What makes an entry of the log one of its own."""


def exception_log(project: Project, until: date | None = None) -> pd.DataFrame:
    """Every exception written down, of days up to `until`, as rows; the latest day first."""
    columns = [*LOGGED[:3], "why", "band_before_rule", "band", "health_before_rule", "health", "when",
               "model_version", "logged_at"]  # fmt: skip
    rows = pd.DataFrame(read_lines(health_folder(project) / EXCEPTIONS), columns=columns)
    if until is not None:
        rows = rows[rows["as_of"] <= str(until)]
    return rows.sort_values(["as_of", "account_id"], ascending=[False, True], ignore_index=True)


def first_written(project: Project, frame: pd.DataFrame, as_of: date) -> pd.Series:
    """The first day each exception of `frame` was written down for, up to `as_of`; that day where it is new."""
    log = exception_log(project, as_of)
    first = log.groupby(["account_id", "rule"])["as_of"].min() if len(log) else pd.Series(dtype="object")
    lowered = frame["rule"].notna()
    days = [
        first.get((str(account), rule), str(as_of)) if is_lowered else None
        for account, rule, is_lowered in zip(frame.index, frame["rule"], lowered, strict=True)
    ]
    return pd.Series(days, index=frame.index, dtype="object")


def health_folder(project: Project) -> Path:
    """Where what is known of health is kept."""
    return project.home / "health"
