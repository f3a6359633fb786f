"""Why is one account at its risk? (every driver of it, from the published table's own features)"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.changed import Changed
from churnmodel.scoring.score_table import ScoreTable, read_latest, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.similar import Similar
from churnmodel.scoring.suggestions import suggestions
from churnmodel.scoring.trust import trust
from churnmodel.scoring.what_if import Target, WhatIf, what_if
from churnmodel.workflow.changed import changed_since
from churnmodel.workflow.project import Project
from churnmodel.workflow.similar import similar_accounts

MOST_CHANGES = 6
"""So many drivers are told of a change that raised the risk, and as many that lowered it."""


@dataclass(frozen=True)
class Explained:
    """One account of a published score table.

    `account` is its row of the table, `drivers` every reason worth saying by rank: those that raise the risk,
    then those that lower it. `lead_days`: from how many days after the table's day on churn counts. `changed` is
    of this account alone; None where nothing earlier was scored, empty where a table has no risk for it.
    `suggestions` are as `churnmodel.scoring.suggestions`, `what_if` answers what was asked, if anything was.
    `trust` is its grade and reasons, as `churnmodel.scoring.trust`, and `similar` are the past accounts most like
    it; both None without a risk.
    """

    account_id: str
    account: pd.Series
    drivers: pd.DataFrame
    table: ScoreTable
    lead_days: int = 0
    changed: Changed | None = None
    suggestions: pd.DataFrame | None = None
    what_if: WhatIf | None = None
    trust: pd.Series | None = None
    similar: Similar | None = None


def explain_account(
    project: Project,
    account_id: str,
    as_of: pd.Timestamp | None = None,
    since: pd.Timestamp | None = None,
    asked: Mapping[str, Target] | None = None,
) -> Explained:
    """Every driver of `account_id` in the latest published table, or in that of `as_of`.

    Parameters
    ----------
    since
        The earlier score to compare with; by default the latest before.
    asked
        As for `churnmodel.scoring.what_if.what_if`.

    Raises
    ------
    ScoreError
        Nothing was scored yet, or not on `since`; the account is not in the book (names the nearest id), or
        something is asked of it and it has no risk.
    FeatureError
        What is asked cannot be.
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
    has_risk = bool(pd.notna(account["risk"]))
    if asked and not has_risk:
        raise ScoreError(f"{account_id!r} is leaving, so there is no risk to ask about.")
    drivers = scorer.explain(X, top=99, protective=99) if has_risk else table.drivers.iloc[:0]
    return Explained(
        account_id,
        account,
        drivers.sort_values("rank"),
        table,
        scorer.lead_days,
        changed_since(project, table, since, [account_id], scorer=scorer, top=MOST_CHANGES),
        suggestions(scorer, X) if has_risk else None,
        what_if(scorer, X, asked) if asked else None,
        trust(scorer, table, [account_id]).iloc[0] if has_risk else None,
        similar_accounts(project, scorer, X) if has_risk else None,
    )
