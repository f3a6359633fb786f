"""Which accounts and groups does the page of a book list? (new to red, the riskiest, by segment and by CSM)"""

from __future__ import annotations

from dataclasses import dataclass

from churnmodel.reports.account_told import RENEWAL, by_when, gained, money, risks_words, said
from churnmodel.reports.book_told import BookTold
from churnmodel.reports.section import UNKNOWN, share
from churnmodel.scoring.bands import RED
from churnmodel.scoring.book_reasons import BookReasons

OF_GROUP, GROUPS, NEW = 3, 15, 10
"""So many reasons of a group, groups, and accounts new to red are told."""


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


def new_to_red(told: BookTold) -> list[AccountLine]:
    """The accounts that turned red, the largest MRR first, with what moved each most."""
    if told.moves is None:
        return []
    rows = told.moves.new_to_red.head(NEW)
    return [
        AccountLine(
            name=said(row.get("name")) or str(account_id),
            account_id=str(account_id),
            mrr=amount(row.get("mrr")),
            at_risk="",
            risk=risks_words(float(row["risk_before"]), float(row["risk_after"])),
            when="",
            band=RED,
            trust="",
            csm=said(row.get("csm")) or UNKNOWN,
            why=f"{row['cause_words']} ({gained(float(row['cause_points']))})",
        )
        for account_id, row in rows.iterrows()
    ]


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
                risk=share(float(row["risk"])),
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
        sizes = [f"{r['mrr_raised']:+,.0f}" if told.knows_mrr else f"{r['leavers']:+.1f}" for r in rows]
        why = ", ".join(f"{r['concept']} {size}" for r, size in zip(rows, sizes, strict=True))
        at_risk, mrr = (amount(about[name]) for name in ("mrr_at_risk", "mrr"))
        accounts = f"{int(about['accounts']):,}"
        lines.append(GroupLine(said(group), accounts, at_risk, mrr, why or "nothing raises its risk"))
    return lines


def _first_reason(told: BookTold, account_id: str) -> str:
    """The largest reason that raises its risk, but that the renewal is near."""
    drivers = told.table.drivers
    own = drivers[drivers.index.get_level_values("account_id") == account_id].sort_values("rank")
    raising = own[(own["direction"] == "raises") & (own["concept"] != RENEWAL)]["sentence"]
    return str(raising.iloc[0]) if len(raising) else "nothing that could be named"
