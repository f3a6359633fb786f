"""Why is one account at its risk? (every driver of it, from the published table's own features)"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.changed import Changed
from churnmodel.scoring.concept_points import concept_points
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.similar import Similar
from churnmodel.scoring.suggestions import suggestions
from churnmodel.scoring.trust import trust
from churnmodel.scoring.what_if import Target, WhatIf, what_if
from churnmodel.workflow.changed import changed_since
from churnmodel.workflow.evidence import RowsBehind, rows_behind
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.project import Project
from churnmodel.workflow.scored_day import table_of_day
from churnmodel.workflow.similar import similar_accounts

MOST_CHANGES = 6
"""So many drivers are told of a change that raised the risk, and as many that lowered it."""


@dataclass(frozen=True)
class Explained:
    """One account of a published score table; what takes longer is found when it is first asked for.

    Parameters
    ----------
    account, X
        Its row of the table, and its features (one row).
    drivers
        Every reason worth saying by rank: those that raise the risk, then those that lower it.
    changed
        Its change alone since an earlier score; None where nothing earlier was scored, empty where one of the two
        tables has no risk for it.
    """

    project: Project
    scorer: Scorer
    account_id: str
    account: pd.Series
    X: pd.DataFrame
    drivers: pd.DataFrame
    table: ScoreTable
    changed: Changed | None

    @property
    def lead_days(self) -> int:
        """From how many days after the table's day on churn counts."""
        return self.scorer.lead_days

    @property
    def has_risk(self) -> bool:
        """Whether there is a risk to speak of: an account under notice has none."""
        return bool(pd.notna(self.account["risk"]))

    @cached_property
    def trust(self) -> pd.Series | None:
        """How far its risk is to be believed, as `churnmodel.scoring.trust`; None without one."""
        return trust(self.scorer, self.table, [self.account_id]).iloc[0] if self.has_risk else None

    @cached_property
    def points(self) -> pd.Series[float]:
        """The points of every concept by its code, however small: with ``base_risk`` they are the risk."""
        return concept_points(self.scorer, self.X).iloc[0]

    @cached_property
    def suggestions(self) -> pd.DataFrame | None:
        """What would lower its risk most, as `churnmodel.scoring.suggestions`; None without a risk."""
        return suggestions(self.scorer, self.X) if self.has_risk else None

    @cached_property
    def similar(self) -> Similar | None:
        """The past accounts most like it, and how they ended; None without a risk. Looks into the tables."""
        return similar_accounts(self.project, self.scorer, self.X) if self.has_risk else None

    def rows_behind(self, features: Collection[str] | None = None, limit: int | None = 5) -> RowsBehind:
        """The rows of the tables behind `features` (by default those that its drivers are told by).

        As they were known on the day of the score; at most `limit` of each. Looks into the tables. See
        `churnmodel.workflow.evidence`.
        """
        names = self.drivers["feature"].tolist() if features is None else features
        return rows_behind(self.project, self.X, names, limit)

    def what_if(self, asked: Mapping[str, Target]) -> WhatIf:
        """The risk if `asked` were so, as `churnmodel.scoring.what_if`.

        Raises
        ------
        ScoreError
            The account is leaving: there is no risk to ask about.
        FeatureError
            What is asked cannot be.
        """
        if not self.has_risk:
            raise ScoreError(f"{self.account_id!r} is leaving, so there is no risk to ask about.")
        return what_if(self.scorer, self.X, asked)


def explain_account(
    project: Project, wanted: str, as_of: pd.Timestamp | None = None, since: pd.Timestamp | None = None
) -> Explained:
    """Every driver of an account in the latest published table, or in that of `as_of`.

    Parameters
    ----------
    wanted
        Its account_id, or its name as the book has it, in any case.
    since
        The earlier score to compare with; by default the latest before.

    Raises
    ------
    ScoreError
        Nothing was scored yet, or not on a day that was named (says which were); the account is not in the book
        (names the nearest), or several have that name (names their ids).
    """
    return explain_in(project, table_of_day(project, as_of), wanted, since)


def explain_in(project: Project, table: ScoreTable, wanted: str, since: pd.Timestamp | None = None) -> Explained:
    """As `explain_account`, in a published table that is at hand."""
    account_id = _found(table, wanted)
    rows = table.scores[table.scores.index.get_level_values("account_id") == account_id]
    scorer = Scorer.load(project.home / "models" / table.version)
    account, X = rows.iloc[0], table.X.loc[rows.index]
    has_risk = pd.notna(account["risk"])
    drivers = scorer.explain(X, top=99, protective=99) if has_risk else table.drivers.iloc[:0]
    since_then = changed_since(project, table, since, [account_id], scorer=scorer, top=MOST_CHANGES)
    return Explained(project, scorer, account_id, account, X, drivers.sort_values("rank"), table, since_then)


def _found(table: ScoreTable, wanted: str) -> str:
    """The id that is meant: an id, else a name that only one account has."""
    ids = [str(account) for account in table.scores.index.get_level_values("account_id")]
    names = table.scores["name"].tolist() if "name" in table.scores else []
    return account_named(wanted, ids, names, f"the book of {table.as_of}")
