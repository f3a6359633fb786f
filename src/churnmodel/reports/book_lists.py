"""Which accounts and groups does the page of a book list? (the riskiest, by segment and by CSM)"""

from __future__ import annotations

from dataclasses import dataclass

from churnmodel.explanation.formats import percent
from churnmodel.reports.account_told import RENEWAL, by_when, main_reasons, money, said
from churnmodel.reports.book_told import BookTold
from churnmodel.reports.section import UNKNOWN
from churnmodel.scoring.book_reasons import BookReasons

OF_GROUP, GROUPS = 3, 15
"""So many reasons of a group, and groups, are told."""


@dataclass(frozen=True)
class AccountLine:
    """One account of a list."""

    name: str
    account_id: str
    mrr: str
    at_risk: str
    risk: str
    when: str
    band: str
    trust: str
    csm: str
    why: str


@dataclass(frozen=True)
class GroupLine:
    """One segment or CSM."""

    name: str
    accounts: str
    at_risk: str
    mrr: str
    why: str


def amount(value: object) -> str:
    """Whole currency units in a table whose currency stands above it.

    >>> amount(12345.6), amount(None)
    ('12,346', '-')
    """
    return money(value, "").rstrip()


def riskiest(told: BookTold) -> list[AccountLine]:
    """The accounts with the most MRR at risk (without MRR: the highest risk), the largest first."""
    scores = told.scores[told.scores["risk"].notna()].reset_index()
    order = [name for name in ("mrr_at_risk", "risk") if name in scores]
    ranked = scores.sort_values([*order, "account_id"], ascending=[*([False] * len(order)), True]).head(told.top)
    lines = []
    for row in ranked.to_dict("records"):
        account_id = str(row["account_id"])
        lines.append(
            AccountLine(
                name=said(row.get("name")) or account_id,
                account_id=account_id,
                mrr=amount(row.get("mrr")),
                at_risk=amount(row.get("mrr_at_risk")),
                risk=percent(float(row["risk"])),
                when=by_when(row, told.lead_days),
                band=str(row["band"]),
                trust=str(told.trust["grade"].get(account_id, UNKNOWN)),
                csm=said(row.get("csm")) or UNKNOWN,
                why=_first_reason(told, account_id),
            )
        )
    return lines


def groups(told: BookTold) -> list[tuple[str, list[GroupLine]]]:
    """The book by segment and by CSM; a flat table knows neither."""
    if told.is_flat:
        return []
    parts = (("By segment", told.by_segment), ("By CSM", told.by_csm))
    return [(title, group_lines(told, found)) for title, found in parts if len(found.groups)]


def group_lines(told: BookTold, found: BookReasons) -> list[GroupLine]:
    """Each segment or CSM with its three main reasons, the most MRR at risk first."""
    lines = []
    for group, about in found.groups.head(GROUPS).iterrows():
        rows = found.of(str(group), OF_GROUP, (RENEWAL,)).to_dict("records")
        unit = " leavers" if told.knows_mrr else ""  # of a group whose MRR nobody knows, among others in money
        in_money = told.knows_mrr and all(r["mrr_raised"] == r["mrr_raised"] for r in rows)
        sizes = [f"{r['mrr_raised']:+,.0f}" if in_money else f"{r['leavers']:+.1f}{unit}" for r in rows]
        why = ", ".join(f"{r['concept']} {size}" for r, size in zip(rows, sizes, strict=True))
        at_risk, mrr = (amount(about[name]) for name in ("mrr_at_risk", "mrr"))
        accounts = f"{int(about['accounts']):,}"
        lines.append(GroupLine(said(group), accounts, at_risk, mrr, why or "nothing raises its risk"))
    return lines


def _first_reason(told: BookTold, account_id: str) -> str:
    """The largest reason that raises its risk, but that the renewal is near."""
    drivers = told.table.drivers
    own = drivers[drivers.index.get_level_values("account_id") == account_id].sort_values("rank")
    first = main_reasons(own, 1)
    return first[0] if first else "nothing that could be named"
