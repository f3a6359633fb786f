"""Why is one account at its risk? (every driver of it, from the published table's own features)"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.score_table import ScoreTable, read_latest, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.project import Project


@dataclass(frozen=True)
class Explained:
    """One account of a published score table.

    `account` is its row of the table, `drivers` every reason worth saying by rank: those that raise the risk,
    then those that lower it. `lead_days`: from how many days after the table's day on churn counts.
    """

    account_id: str
    account: pd.Series
    drivers: pd.DataFrame
    table: ScoreTable
    lead_days: int = 0


def explain_account(project: Project, account_id: str, as_of: pd.Timestamp | None = None) -> Explained:
    """Every driver of `account_id` in the latest published table, or in that of `as_of`.

    Raises
    ------
    ScoreError
        Nothing was scored yet, or the account is not in the book; names the nearest id.
    """
    folder = project.home / "scores"
    table = read_latest(folder) if as_of is None else read_scores(folder, as_of.date())
    rows = table.scores[table.scores.index.get_level_values("account_id") == account_id]
    if rows.empty:
        known = table.scores.index.get_level_values("account_id").astype(str)
        near = difflib.get_close_matches(account_id, list(known), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; ids look like {known[0]!r}" if len(known) else ""
        raise ScoreError(f"no account {account_id!r} in the book of {table.as_of}{hint}")
    scorer = Scorer.load(project.home / "models" / table.version)
    account = rows.iloc[0]
    X = table.X.loc[rows.index]
    drivers = scorer.explain(X, top=99, protective=99) if pd.notna(account["risk"]) else table.drivers.iloc[:0]
    return Explained(account_id, account, drivers.sort_values("rank"), table, scorer.lead_days)
