"""How did health move over the days that were scored, and where does that of accounts that left stand?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.score_table import ScoreTable, read_scores
from churnmodel.scoring.scorer import Scorer
from churnmodel.success.kept_lines import append_lines, read_lines
from churnmodel.success.trajectory import Look, Step, month_looks, step_between
from churnmodel.workflow.health import Health, health_of_tables, passed_renewal
from churnmodel.workflow.health_asked_for import rows_of
from churnmodel.workflow.health_driver import Driver, scorer_of, tables_before
from churnmodel.workflow.health_log import EXCEPTIONS, LOGGED, health_folder
from churnmodel.workflow.project import Project
from churnmodel.workflow.score import trained_until

FROZEN = "left.jsonl"
OF_LEFT = {
    "name": "object", "segment": "object", "csm": "object", "mrr": "float64", "scored_on": "object",
    "risk": "float64", "band": "object", "health": "float64", "exception": "object", "last_seen": "object",
    "gone_by": "object",
}  # fmt: skip


def health_steps(
    project: Project, health: Health, segment: str | None = None, csm: str | None = None, months: int = 12
) -> list[Step]:
    """The steps from month to month up to the day of `health`, oldest first; none without an earlier month.

    Parameters
    ----------
    health
        Of the whole book.
    segment, csm
        Only accounts that are last said to be of these: one that changed hands takes its past along.
    """
    driver = health.driver
    if driver.table is None:
        return []
    by_day = {day.date(): version for day, version in tables_before(driver, project, pd.Timestamp(health.as_of))}
    days = [day for day in month_looks([*by_day, health.as_of], health.as_of, months) if day != health.as_of]
    tables = [*(read_scores(driver.folder, day, by_day[day]) for day in days), driver.table]
    frames = _of_these([*health_of_tables(project, tables[:-1]), health.frame], segment, csm)
    scorers = {version: scorer_of(project, version) for version in {t.version for t in tables}}
    looks = [_look(t, frame, scorers[t.version]) for t, frame in zip(tables, frames, strict=True)]
    steps = []
    for k in range(1, len(looks)):
        scorer = scorers[tables[k].version]
        renewed = passed_renewal(tables[k - 1], tables[k], scorer.lead_days if scorer is not None else 0)
        steps.append(step_between(looks[k - 1], looks[k], renewed))
    return steps


def health_of_left(project: Project, health: Health) -> pd.DataFrame:
    """The accounts that were in an earlier book and are not in that of `health`, with their last score.

    Their health stays what it was at that score: once written down (`keep_health`) it is read, whatever the rules
    say by then.

    Returns
    -------
    DataFrame
        Indexed by account_id: name, segment, csm and mrr at the last score, scored_on, risk, band, health,
        exception, last_seen (the last day in a scored book, under notice perhaps), gone_by (the first without it).
    """
    last, seen, gone = _last_scores(project, health)
    kept = {(e.get("account_id"), e.get("scored_on")): e for e in read_lines(health_folder(project) / FROZEN)}
    found: dict[str, dict[str, Any]] = {}
    anew: dict[tuple[date, str], list[str]] = {}
    for account, (day, version) in last.items():
        if (account, str(day)) in kept:
            found[account] = {name: kept[account, str(day)].get(name) for name in OF_LEFT}
        else:
            anew.setdefault((day, version), []).append(account)
    tables = [_only(read_scores(health.driver.folder, *at), accounts) for at, accounts in anew.items()]
    for table, frame in zip(tables, health_of_tables(project, tables), strict=True):
        for name, row in frame.to_dict("index").items():
            found[str(name)] = {key: row.get(key) for key in OF_LEFT} | {"scored_on": str(table.as_of)}
    for account, own in found.items():
        own |= {"last_seen": str(seen[account]), "gone_by": str(gone[account])}
    rows = pd.DataFrame.from_dict(found, orient="index", columns=list(OF_LEFT)).astype(OF_LEFT)
    return rows.rename_axis("account_id").sort_values(["gone_by", "mrr"], ascending=[False, False])


def keep_health(project: Project, health: Health, left: pd.DataFrame, at: str) -> tuple[int, int]:
    """Write down the exceptions of the day and the health of accounts that left; how many of either were new.

    Both files only grow: ``<home>/health/exceptions.jsonl`` and ``left.jsonl``. No look writes a thing twice.

    Parameters
    ----------
    at
        The moment of writing, as the caller's clock says.

    Raises
    ------
    ScoreError
        They cannot be read or written.
    """
    rules = {rule.name: rule for rule in project.settings.health.exceptions}
    version = "" if health.driver.table is None else health.driver.table.version
    lowered = health.frame[health.frame["rule"].notna()]
    entries = [
        {
            "as_of": str(health.as_of),
            "account_id": str(account),
            "rule": row["rule"],
            "when": rules[row["rule"]].when,
            "why": row["exception"],
            "band_before_rule": row["model_band"],
            "band": row["band"],
            "health_before_rule": row["model_health"],
            "health": row["health"],
            "model_version": version,
            "logged_at": at,
        }
        for account, row in lowered.to_dict("index").items()
    ]
    frozen = [
        {"account_id": str(account), "logged_at": at} | {str(k): None if v != v else v for k, v in row.items()}
        for account, row in left.to_dict("index").items()
    ]
    folder = health_folder(project)
    return (
        append_lines(folder / EXCEPTIONS, entries, LOGGED),
        append_lines(folder / FROZEN, frozen, ("account_id", "scored_on")),
    )


def _of_these(frames: Sequence[pd.DataFrame], segment: str | None, csm: str | None) -> list[pd.DataFrame]:
    """The frames without accounts that the latest one to know them says are of another segment or CSM."""
    if segment is None and csm is None:
        return list(frames)
    latest = pd.concat(list(reversed(frames)))
    wanted = rows_of(latest[~latest.index.duplicated()], segment, csm).index
    return [frame[frame.index.isin(wanted)] for frame in frames]


def _look(table: ScoreTable, frame: pd.DataFrame, scorer: Scorer | None) -> Look:
    hindsight = scorer is not None and table.as_of < trained_until(scorer)
    return Look(table.as_of, frame, table.version, hindsight)


def _only(table: ScoreTable, accounts: Sequence[str]) -> ScoreTable:
    mine = table.scores.index.get_level_values("account_id").isin(accounts)
    return replace(table, scores=table.scores[mine], X=table.X[mine], drivers=table.drivers.iloc[:0])


def _last_scores(
    project: Project, health: Health
) -> tuple[dict[str, tuple[date, str]], dict[str, date], dict[str, date]]:
    """Of those not in the book any more: day and version of the last risk, last day seen, first day without."""
    driver: Driver = health.driver
    if driver.table is None:
        return {}, {}, {}
    here = set(health.frame.index.astype(str))
    last: dict[str, tuple[date, str]] = {}
    seen: dict[str, date] = {}
    gone: dict[str, date] = {}
    for day, version in tables_before(driver, project, pd.Timestamp(health.as_of)):
        risk = _risks(driver, day.date(), version)
        for account in set(seen) - set(risk.index):
            gone.setdefault(account, day.date())
        for account, value in zip(risk.index.astype(str), risk.tolist(), strict=True):
            seen[account] = day.date()
            gone.pop(account, None)
            if value == value:
                last[account] = (day.date(), version)
    away = {account for account in last if account not in here}
    return (
        {account: last[account] for account in sorted(away)},
        {account: seen[account] for account in away},
        {account: gone.get(account, health.as_of) for account in away},
    )


def _risks(driver: Driver, day: date, version: str) -> pd.Series:
    place = driver.folder / f"as_of={day.isoformat()}" / version / "scores.parquet"
    try:
        table = pd.read_parquet(place, columns=["account_id", "risk"])
    except (OSError, ValueError) as cause:
        raise ScoreError(f"scores: {place} cannot be read: {cause}. Restore it.") from cause
    return table.set_index(table["account_id"].astype(str))["risk"]
