"""Why is one account at its risk? (every driver of it, from the published table's own features)"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.score_table import SUMS, ScoreTable, read_latest, read_scores
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


def explain_account(project: Project, wanted: str, as_of: pd.Timestamp | None = None) -> Explained:
    """Every driver of an account in the latest published table, or in that of `as_of`.

    Parameters
    ----------
    wanted
        Its account_id, or its name as the book has it, in any case.

    Raises
    ------
    ScoreError
        Nothing was scored yet, or not that day (names the days that were); the account is not in the book (names
        the nearest), or several have that name (names their ids).
    """
    folder = project.home / "scores"
    table = read_latest(folder) if as_of is None else _of_day(folder, as_of)
    account_id = _found(table, wanted)
    rows = table.scores[table.scores.index.get_level_values("account_id") == account_id]
    scorer = Scorer.load(project.home / "models" / table.version)
    account = rows.iloc[0]
    X = table.X.loc[rows.index]
    drivers = scorer.explain(X, top=99, protective=99) if pd.notna(account["risk"]) else table.drivers.iloc[:0]
    return Explained(account_id, account, drivers.sort_values("rank"), table, scorer.lead_days)


def _of_day(folder: Path, as_of: pd.Timestamp) -> ScoreTable:
    days = sorted({place.parent.parent.name.removeprefix("as_of=") for place in folder.glob(f"as_of=*/*/{SUMS}")})
    day = as_of.date().isoformat()
    if day not in days:
        raise ScoreError(
            f"{day} was not scored (scored: {', '.join(days) or 'none'}). Run `churnmodel score --as-of {day}`."
        )
    return read_scores(folder, as_of.date())


def _found(table: ScoreTable, wanted: str) -> str:
    """The id that is meant: an id, else a name that only one account has."""
    ids = [str(account) for account in table.scores.index.get_level_values("account_id")]
    if wanted in ids:
        return wanted
    names = table.scores["name"].tolist() if "name" in table.scores else []
    of_name: dict[str, list[str]] = {}
    for account, name in zip(ids, names, strict=False):
        if isinstance(name, str):
            of_name.setdefault(name.casefold(), []).append(account)
    called = of_name.get(wanted.casefold(), [])
    if len(called) == 1:
        return called[0]
    if called:
        raise ScoreError(f"{len(called)} accounts are called {wanted!r}: name one by its id, {', '.join(called)}")
    near = difflib.get_close_matches(wanted, ids, n=1) or [
        own for name in difflib.get_close_matches(wanted.casefold(), list(of_name), n=1) for own in of_name[name]
    ]
    hint = f"; did you mean {near[0]!r}?" if near else f"; ids look like {ids[0]!r}" if ids else ""
    raise ScoreError(f"no account {wanted!r} in the book of {table.as_of}{hint}")
