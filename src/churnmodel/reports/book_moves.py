"""Who moved since the earlier score, on the page of a book? (counts, money, the accounts themselves)"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.reports.account_told import day, gained, money, risks_words, said
from churnmodel.reports.book_lists import AccountLine, amount
from churnmodel.reports.book_told import BookTold
from churnmodel.reports.section import UNKNOWN
from churnmodel.scoring.band_moves import first_red

LISTED = 10
"""So many accounts of each move are listed, by MRR."""


@dataclass(frozen=True)
class Move:
    """One move: the accounts of it by MRR, what their last column says, and how many more there are."""

    title: str
    why: str
    lines: tuple[AccountLine, ...]
    more: int


@dataclass(frozen=True)
class Leaver:
    """One account under notice."""

    name: str
    account_id: str
    mrr: str
    leaves: str
    csm: str


def movement(told: BookTold) -> str:
    """How many accounts moved since the earlier score, and what they pay; empty where there is none."""
    if told.changed is None or told.moves is None:
        return ""
    moves = told.moves
    lists = (
        *(("New to red", moves.new_to_red), ("new to orange", moves.new_to_orange), ("better", moves.better)),
        *(("renewed since", moves.renewed), ("over another stretch", moves.other_stretch)),
    )
    counts = [(what, len(rows), _paid(rows)) for what, rows in lists]
    counts = [count for count in counts if count[:2] != ("over another stretch", 0)]
    counts += [
        ("new in the book", len(moves.arrived), moves.arrived_mrr),
        ("gone", len(moves.gone), moves.gone_mrr),
        ("gave notice", len(moves.gave_notice), moves.notice_mrr),
    ]
    red = first_red(moves.arrived_red)
    at_once = f" Red in their first score: {red}." if red else ""
    model = "" if told.changed.same_model else " Another model scores now."
    late = " The earlier risks were worked out afterwards, knowing later outcomes."
    late = late if told.changed.in_hindsight else ""
    shown = [f" ({money(paid, told.currency)})" if n and paid == paid else "" for _, n, paid in counts]
    parts = [f"{what} {n:,}{paid}" for (what, n, _), paid in zip(counts, shown, strict=True)]
    return ", ".join(parts) + "." + at_once + model + late


def moves_of(told: BookTold) -> list[Move]:
    """Each move that has accounts, the worst first."""
    if told.moves is None:
        return []
    moves, cause = told.moves, "what moved it most"
    lists = (
        ("New to red", cause, moves.new_to_red),
        ("New to orange", cause, moves.new_to_orange),
        ("Better", cause, moves.better),
        ("Renewed since, so the risk now looks to the next renewal", "what each risk looks to", moves.renewed),
        ("The risk looks over another stretch of time now", "what each risk looks to", moves.other_stretch),
    )
    return [
        Move(title, why, tuple(_line(told, str(i), row) for i, row in rows.head(LISTED).iterrows()),
             max(len(rows) - LISTED, 0))
        for title, why, rows in lists if len(rows)
    ]  # fmt: skip


def leavers(told: BookTold) -> list[Leaver]:
    """Who is leaving under notice, the largest MRR first: every one of them."""
    leaving = leaving_rows(told.scores).reset_index()
    order = leaving.assign(paid=leaving["mrr"].astype("float64") if "mrr" in leaving else float("nan"))
    order = order.sort_values(["paid", "account_id"], ascending=[False, True])
    return [
        Leaver(
            name=said(row.get("name")) or str(row["account_id"]),
            account_id=str(row["account_id"]),
            mrr=amount(row.get("mrr")),
            leaves=day(row.get("leaving_on")),
            csm=said(row.get("csm")) or UNKNOWN,
        )
        for row in order.to_dict("records")
    ]


def leaving_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """The accounts under notice."""
    return scores[scores["status"] == "leaving"] if "status" in scores else scores.iloc[:0]


def _line(told: BookTold, account_id: str, row: pd.Series) -> AccountLine:
    why = f"{row['cause_words']} ({gained(float(row['cause_points']))})" if "cause_words" in row else ""
    return AccountLine(
        name=said(row.get("name")) or account_id,
        account_id=account_id,
        mrr=amount(row.get("mrr")),
        at_risk="",
        risk=risks_words(float(row["risk_before"]), float(row["risk_after"])),
        when="",
        band=str(row["band_after"]),
        trust="",
        csm=said(row.get("csm")) or UNKNOWN,
        why=why or str(row["stretch_words"]),
    )


def _paid(rows: pd.DataFrame) -> float:
    return float(rows["mrr"].astype("float64").sum(min_count=1)) if "mrr" in rows else float("nan")
