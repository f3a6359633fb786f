"""What may a customer see of itself? (gathers an executive review from the tables, and from no score)

Only what is listed here is read: the name, the running subscriptions, events, people with access, times and
ratings of tickets, goals and the metrics they name. Notes, texts, surveys, scores, touchpoints, exits and
interventions are never opened, so nothing in them can come out.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.errors import ScoreError, SourceError
from churnmodel.reports.review_page import review_page
from churnmodel.reports.review_told import (
    ContractTold,
    ReviewTold,
    SupportTold,
    UseTold,
    is_internal,
    plain_label,
)
from churnmodel.scoring.atomic import replace_text
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Feeds
from churnmodel.sources.schemas import NUMBER_SCALE
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.project import Project
from churnmodel.workflow.review_use import feeds_of, use_of

YEAR = 365
NEEDED = {
    "users": ("left_at",),
    "usage_events": ("user_id",),
    "tickets": ("first_response_at", "resolved_at"),
    "goals": ("reached_at",),
}
"""Columns a table may do without, but not its section: unmapped, they would read as nobody, nothing, never."""


def review_told(project: Project, wanted: str, as_of: pd.Timestamp | None = None) -> ReviewTold:
    """The review of an account (by id or name) at `as_of`, by default data_until.

    Raises
    ------
    ScoreError
        No such account, or it has no running subscription at `as_of`.
    SourceError
        `as_of` lies after data_until, the tables cannot be read, or there is only a flat table.
    """
    day = (project.until if as_of is None else as_of).normalize()
    if not project.is_flat and day > project.until:
        raise SourceError(
            f"--as-of {day.date()} lies after data_until {project.until.date()}: wanted a day not after it."
        )
    known = project.db.cut(day)
    accounts = known.run(known.table("accounts").select("account_id", "name"))
    ids, names = accounts["account_id"].astype(str).tolist(), accounts["name"].tolist()
    account_id = account_named(wanted, ids, names, f"the tables, as known before {day.date()}")
    contract = _contract(project, known, account_id, day)
    feeds = feeds_of(known, day)
    labels = {name: metric.label for name, metric in project.settings.metrics.items()}
    use, hidden_features = _use(known, feeds, account_id, day, contract)
    goals, hidden_goals = _goals(known, account_id, labels)
    plan_hidden = (contract.plan,) if is_internal(contract.plan) else ()
    if plan_hidden:
        contract = replace(contract, plan="")
    own_name = names[ids.index(account_id)]
    return ReviewTold(
        company=project.settings.project.name,
        name=own_name if isinstance(own_name, str) and own_name.strip() else account_id,
        account_id=account_id,
        as_of=day.date(),
        contract=contract,
        people_with_access=_with_access(known, account_id),
        use=use,
        support=_support(known, feeds, account_id, day),
        goals=goals,
        left_out=(*plan_hidden, *hidden_features, *hidden_goals),
        lacking=tuple(f"{table}.{name}" for table in NEEDED for name in _lacking(known, table)),
    )


def write_review_page(told: ReviewTold, place: Path) -> Path:
    """Write the page as one HTML file, whole or not at all."""
    return replace_text(place, review_page(told))


def _rows(known: Database, table: str, account_id: str, *columns: str) -> pd.DataFrame:
    t: Any = known.table(table)
    return known.run(t.filter(t.account_id == account_id).select(*columns))


def _lacking(known: Database, table: str) -> list[str]:
    """What the section of a table needs and it does not hold."""
    return [name for name in NEEDED[table] if name in known.readings[table].missing] if known.has(table) else []


def _tells(known: Database, table: str) -> bool:
    return known.has(table) and not _lacking(known, table)


def _contract(project: Project, known: Database, account_id: str, day: pd.Timestamp) -> ContractTold:
    rules = project.settings.labels
    book = build_book(known, [day], grace_days=rules.grace_days, pause_days=rules.pause_days)
    found = book[book.index.get_level_values("account_id") == account_id]
    if found.empty:
        raise ScoreError(
            f"{account_id!r} has no running subscription on {day.date()}: there is nothing to review. "
            "Name an earlier day by --as-of."
        )
    row = found.iloc[0]
    running = _rows(known, "subscriptions", account_id, "seats", "started_at", "ended_at")
    seats = running[running["ended_at"].isna() & (running["started_at"] < day)]["seats"].astype("float64")
    return ContractTold(
        plan=_text(row["plan"]),
        seats=float(seats.sum(min_count=1)),
        customer_since=(day - pd.Timedelta(days=float(row["tenure_days"]))).date(),
        term_months=float(row["term_months"]),
        billing_period=_text(row["billing_period"]),
        term_ends=None if pd.isna(row["renews_at"]) else row["renews_at"].date(),
    )


def _with_access(known: Database, account_id: str) -> float:
    if not _tells(known, "users"):
        return float("nan")
    users = _rows(known, "users", account_id, "user_id", "left_at")
    return float(users[users["left_at"].isna()]["user_id"].nunique()) if len(users) else float("nan")


def _use(
    known: Database, feeds: Feeds, account_id: str, day: pd.Timestamp, contract: ContractTold
) -> tuple[UseTold | None, tuple[str, ...]]:
    if not _tells(known, "usage_events"):
        return None, ()
    use = use_of(known, feeds, account_id, day, pd.Timestamp(contract.customer_since))
    names = use.features["feature"].astype(str)
    internal = np.array([is_internal(name) for name in names], dtype=bool)
    shown = use.features[~internal].assign(feature=names[~internal].map(plain_label)).reset_index(drop=True)
    return UseTold(use.months, use.people, use.complete, shown), tuple(names[internal])


def _support(known: Database, feeds: Feeds, account_id: str, day: pd.Timestamp) -> SupportTold | None:
    if not _tells(known, "tickets"):
        return None
    times = ("opened_at", "first_response_at", "resolved_at", "reopened_at")
    tickets = _rows(known, "tickets", account_id, *times, "csat")
    is_open = tickets["resolved_at"].isna() | (tickets["reopened_at"] > tickets["resolved_at"])
    year = tickets["opened_at"] >= day - pd.Timedelta(days=YEAR)
    recent, solved = tickets[year], tickets[year & ~is_open]
    response = (recent["first_response_at"] - recent["opened_at"]).dt.total_seconds().clip(lower=0) / 3600
    resolution = (solved["resolved_at"] - solved["opened_at"]).dt.total_seconds().clip(lower=0) / 3600
    csat = recent["csat"].astype("float64") / NUMBER_SCALE
    dark = feeds.dark_shares("tickets", day, [account_id], YEAR)[0]
    return SupportTold(
        opened=len(recent),
        answered=int(response.notna().sum()),
        resolved=len(solved),
        open_now=int(is_open.sum()),
        response_hours=float(response.median()),
        resolution_hours=float(resolution.median()),
        csat=float(csat.mean()),
        rated=int(csat.notna().sum()),
        dark_days=round(float(dark) * YEAR),
    )


def _goals(
    known: Database, account_id: str, labels: dict[str, str]
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    if not _tells(known, "goals"):
        return None, ()
    columns = ("metric", "baseline", "target", "set_at", "due_at", "reached_at")
    goals = _rows(known, "goals", account_id, *columns)
    names = pd.Series([_text(name) for name in goals["metric"]], index=goals.index, dtype="object")
    told = [labels.get(name, name) for name in names]
    both = zip(names, told, strict=True)
    internal = np.array([is_internal(f"{name} {label}") for name, label in both], dtype=bool)
    shown = goals.assign(metric=[plain_label(label) for label in told], now=_latest(known, account_id, names))
    shown = shown[~internal]
    for column in ("baseline", "target", "now"):
        shown[column] = shown[column].astype("float64") / NUMBER_SCALE
    order = shown.sort_values(["reached_at", "due_at", "set_at", "metric"], na_position="last", ignore_index=True)
    return order, tuple(sorted(set(names[internal])))


def _latest(known: Database, account_id: str, names: pd.Series) -> pd.Series:
    """The latest value of the metric each goal names; NaN where none is tracked."""
    if not known.has("metrics") or names.empty:
        return pd.Series(float("nan"), index=names.index)
    t: Any = known.table("metrics")
    t = t.filter(t.account_id == account_id, t.metric.isin(sorted(set(names))))
    found = known.run(t.select("metric", "measured_at", "value")).sort_values(["metric", "measured_at", "value"])
    return names.map(found.groupby("metric")["value"].last().astype("float64"))


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
