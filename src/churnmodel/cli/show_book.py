"""What does a head of customer success see of the book? (what changed, the reasons for MRR at risk, trust)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, money, printable, say
from churnmodel.cli.show_changed import book_changes
from churnmodel.explanation.formats import counted

if TYPE_CHECKING:
    from churnmodel.scoring.book_reasons import BookReasons
    from churnmodel.workflow.book import Book
    from churnmodel.workflow.project import Project

RENEWAL = ("renewal",)
"""That a renewal is near is no reason to leave; it is told apart."""
OF_GROUP = 3


def book(found: Book, project: Project, count: int = 10) -> None:
    """The book on one page."""
    currency = project.settings.project.currency
    headline(f"The book on {found.table.as_of}: {len(found.table.scores):,} accounts")
    grades = found.trust["grade"].value_counts()
    say(f"trust in their risks: {', '.join(f'{grades.get(grade, 0):,} {grade}' for grade in 'ABCD')}")
    book_changes(found.changes, project, count)
    _reasons(found.reasons, currency, count)
    if not project.is_flat:
        _groups("segment", found.by_segment, currency)
        _groups("CSM", found.by_csm, currency)


def _reasons(found: BookReasons, currency: str, count: int) -> None:
    if found.groups.empty:
        return
    about = found.groups.iloc[0]
    paid = about["mrr_at_risk"] == about["mrr_at_risk"]
    headline("Reasons for the MRR at risk" if paid else "Reasons for the risk")
    if paid:
        renewing = found.reasons.loc[found.reasons["concept"].isin(RENEWAL), ["mrr_raised", "mrr_lowered"]]
        at_risk, at_base = (money(about[name], currency) for name in ("mrr_at_risk", "mrr_at_base"))
        by_renewals = f"{float(renewing.to_numpy().sum()):+,.0f} by when renewals are"
        say(f"{at_risk} MRR at risk: {at_base} at the base, {by_renewals}, the rest by")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for row in found.of(top=count, without=RENEWAL).to_dict("records"):
        gained = f"{row['mrr_raised']:+,.0f}" if paid else f"{row['leavers']:+.1f}"
        lost = f"({row['mrr_lowered']:+,.0f} elsewhere)" if paid else ""
        accounts = counted(row["accounts"], "account")
        most = Text(f"most at {printable(row['most'])}", style="dim")
        table.add_row(
            Text(gained, style="cyan"), row["family"], Text(printable(row["concept"])), accounts, lost, most
        )
    console.print(table)
    if not paid:
        say("In accounts more that are expected to leave, since no revenue is known.")


def _groups(title: str, found: BookReasons, currency: str) -> None:
    headline(f"By {title}")
    for group, about in found.groups.iterrows():
        paid = about["mrr_at_risk"] == about["mrr_at_risk"]
        rows = found.of(str(group), OF_GROUP, RENEWAL).to_dict("records")
        told = [
            f"{printable(row['concept'])} " + (f"{row['mrr_raised']:+,.0f}" if paid else f"{row['leavers']:+.1f}")
            for row in rows
        ]
        line = Text("  ").append(printable(group), style="bold")
        of = f"{money(about['mrr_at_risk'], currency)} at risk of {money(about['mrr'], currency)} MRR"
        n = int(about["accounts"])
        accounts = counted(n, "account")
        line.append(f"  {accounts}{f', {of}' if paid else ''}: {', '.join(told) or 'nothing raises its risk'}")
        console.print(line)
