"""What does the page of a book say? (the money first, then who turned, why, and whom to call)"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from churnmodel.explanation.formats import counted, percent
from churnmodel.reports.account_told import RENEWAL, day, money, said
from churnmodel.reports.bars import Bar, longest_of
from churnmodel.reports.book_lists import amount, groups, riskiest
from churnmodel.reports.book_moves import leavers, leaving_rows, movement, moves_of
from churnmodel.reports.book_told import BookTold
from churnmodel.reports.page import printed
from churnmodel.reports.section import UNKNOWN
from churnmodel.scoring.bands import GREEN, ORANGE, RED
from churnmodel.scoring.expected_loss import expected_mrr_lost
from churnmodel.version import VERSION

REASONS, DOUBTS = 10, 6
"""So many reasons of the book, and doubts, are told."""
MEANS = {
    "A": "nothing known speaks against the figure",
    "B": "believe it, knowing what is said beside it",
    "C": "take it as a hint",
    "D": "do not act on the figure alone",
}


@dataclass(frozen=True)
class BandLine:
    """One band: how many accounts and how much MRR, and the width of its part of the book (0 to 100)."""

    name: str
    begins: str
    accounts: int
    mrr: str
    at_risk: str
    width: float


def book_page(told: BookTold) -> str:
    """The book as one HTML page that needs nothing else; texts out of the data are only text in it."""
    return printed(
        "book.html.j2",
        told=told,
        day=day,
        version=VERSION,
        tiles=tiles(told),
        bands=band_lines(told),
        expected=expected(told),
        expected_note=expected_note(told),
        movement=movement(told),
        moves=moves_of(told),
        leavers=leavers(told),
        reasons=reason_bars(told),
        reasons_note=reasons_note(told),
        groups=groups(told),
        riskiest=riskiest(told),
        ranked="MRR at risk" if told.knows_mrr else "risk",
        grades=grades(told),
        doubts=doubts(told),
        in_hindsight=told.table.as_of < told.learned_until,
    )


def tiles(told: BookTold) -> list[tuple[str, str]]:
    """The figures a reader wants first: value, and what it is."""
    scores = told.scores
    found = [(f"{len(scores):,}", "account" if len(scores) == 1 else "accounts")]
    if told.knows_mrr:
        found.append((money(scores["mrr"].sum(), told.currency), "MRR"))
        at_risk = "MRR at risk: MRR x risk of each account, summed"
        found.append((money(scores["mrr_at_risk"].sum(), told.currency), at_risk))
    leaving = leaving_rows(scores)
    if len(leaving) and not told.knows_mrr:
        found.append((f"{len(leaving):,}", "leaving under notice"))
    elif len(leaving):
        accounts = counted(len(leaving), "account")
        found.append((money(leaving["mrr"].sum(), told.currency), f"leaving under notice ({accounts})"))
    return found


def band_lines(told: BookTold) -> list[BandLine]:
    """Red, orange and green, who is leaving, and any others without a risk: they sum to the book."""
    scores, begins = told.scores, {RED: told.bands.red_from, ORANGE: told.bands.orange_from}
    with_risk = max(int(scores["band"].notna().sum()), 1)
    lines = []
    for name in (RED, ORANGE, GREEN):
        own = scores[scores["band"] == name]
        columns = ("mrr", "mrr_at_risk")
        mrr, at_risk = (amount(own[c].sum()) if told.knows_mrr else UNKNOWN for c in columns)
        since = f"from {percent(begins[name])}" if name in begins else f"under {percent(begins[ORANGE])}"
        lines.append(BandLine(name, since, len(own), mrr, at_risk, round(100 * len(own) / with_risk, 2)))
    without = scores[scores["band"].isna()]
    leaving = leaving_rows(without)
    for name, words, own in (
        ("leaving", "under notice", leaving),
        ("unknown", "not scored", without[~without.index.isin(leaving.index)]),
        ("book", "", scores),
    ):
        if len(own):
            mrr = amount(own["mrr"].sum()) if told.knows_mrr else UNKNOWN
            at_risk = amount(scores["mrr_at_risk"].sum()) if told.knows_mrr and name == "book" else UNKNOWN
            lines.append(BandLine(name, words, len(own), mrr, at_risk, 0.0))
    return lines


def expected(told: BookTold) -> list[tuple[str, str]]:
    """The MRR expected to be lost in each period; empty where no revenue or no horizon is known."""
    horizons = [name for name in told.scores if re.fullmatch(r"risk_[0-9]+", str(name))]
    if not told.knows_mrr or not horizons:
        return []
    lost = expected_mrr_lost(told.scores)
    after = [days + 1 if days else 0 for days in lost["after_days"].tolist()]
    return [
        (f"{first} to {last} days", amount(lost_then))
        for first, last, lost_then in zip(after, lost.index.tolist(), lost["mrr_lost"].tolist(), strict=True)
    ]


def expected_note(told: BookTold) -> str:
    """Why the sum of the periods is another than the MRR at risk."""
    if not expected(told):
        return ""
    lost, at_risk = expected_mrr_lost(told.scores), float(told.scores["mrr_at_risk"].sum())
    last, in_all = int(lost.index[-1]), float(lost["mrr_lost_by_then"].iloc[-1])
    words = f"{money(in_all, told.currency)} in {last} days. "
    if in_all > at_risk:
        words += (
            f"That is more than the MRR at risk, {money(at_risk, told.currency)}, which stops at each account's "
            "renewal (or at 90 days on short terms). "
        )
    return words + "Who is leaving under notice comes on top."


def reason_bars(told: BookTold) -> list[Bar]:
    """The reasons that put most MRR at risk (without MRR: that make most accounts leave), as bars."""
    rows = told.reasons.of(top=REASONS, without=(RENEWAL,))
    column = "mrr_raised" if told.knows_mrr else "leavers"
    longest = longest_of(rows[column].tolist())
    found = []
    for row in rows.to_dict("records"):
        n = int(row["accounts"])
        size = f"{row[column]:+,.0f}" if told.knows_mrr else f"{row[column]:+.1f}"
        most = f", most at {_called(told, str(row['most']))}" if row["most"] else ""
        words = f"{str(row['concept'])[:1].upper()}{str(row['concept'])[1:]}"
        about = f"{row['family']}, {counted(n, 'account')}{most}"
        found.append(Bar(words, about, size, round(max(100 * float(row[column]) / longest, 0.8), 1), "raises"))
    return found


def reasons_note(told: BookTold) -> str:
    """What the bars count, and what is not among them."""
    book = told.reasons.groups
    if book.empty:
        return ""
    if not told.knows_mrr:
        return "In accounts more that are expected to leave, since no revenue is known."
    about, reasons = book.iloc[0], told.reasons.reasons
    renewal = reasons.loc[reasons["concept"] == RENEWAL, ["mrr_raised", "mrr_lowered"]]
    near = float(renewal.to_numpy(dtype="float64").sum())
    at_base, at_risk = (money(about[name], told.currency) for name in ("mrr_at_base", "mrr_at_risk"))
    return (
        f"In {told.currency} of MRR at risk that each reason adds where it raises the risk. Of {at_risk} in all, "
        f"{at_base} would be there if nothing spoke for or against, and {near:+,.0f} comes of when renewals are."
    )


def grades(told: BookTold) -> list[tuple[str, int, str]]:
    """How many risks have each grade of trust, and what it means."""
    counts = told.trust["grade"].value_counts()
    return [(grade, int(counts.get(grade, 0)), means) for grade, means in MEANS.items()]


def doubts(told: BookTold) -> list[tuple[str, int]]:
    """What speaks against risks of the book, and of how many accounts, the most first."""
    each: Counter[str] = Counter()
    for reasons in told.trust["reasons"]:
        each.update({str(reason).split(":")[0] for reason in reasons})
    return sorted(each.items(), key=lambda item: (-item[1], item[0]))[:DOUBTS]


def _called(told: BookTold, account_id: str) -> str:
    own = told.scores[told.scores.index.get_level_values("account_id") == account_id]
    name = said(own["name"].iloc[0]) if len(own) and "name" in own else ""
    return name or account_id
