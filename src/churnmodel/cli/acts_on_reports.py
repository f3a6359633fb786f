"""Which acts write a page to send? (report account, report book, report review)"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from churnmodel.cli.examples import epilog_of
from churnmodel.cli.options import HERE, AsOf, Config, Data, Since, days_named, files_named, open_project

Html = Annotated[
    Path | None,
    typer.Option(help="The file to write (default: a name that says what and when, here).", metavar="FILE"),
]
Scored = Annotated[
    str | None,
    typer.Option("--as-of", help="A day that was scored, YYYY-MM-DD (default: the latest).", metavar="DAY"),
]


def account(
    account: Annotated[str, typer.Argument(help="An account_id of the scored book, or an account's name.")],
    config: Config = HERE,
    data: Data = None,
    as_of: Scored = None,
    since: Since = None,
    html: Html = None,
) -> None:
    """One account on one page, for us: risk, reasons, what changed, history, similar accounts, trust.

    An account that has left is told by its last score, as it was published.
    """
    from churnmodel.cli.console import say
    from churnmodel.workflow.account_report import account_told, write_account_page
    from churnmodel.workflow.file_names import page_name

    files_named(html=html)
    project = open_project(config, data)
    days, before = days_named(as_of), days_named(since, "--since")
    told = account_told(project, account, days[0] if days else None, before[0] if before else None)
    place = write_account_page(told, html or page_name("account", told.account_id, told.as_of))
    say(f"Wrote {place}, for your own eyes: it tells the risk. The customer's page: churnmodel report review")


def book(
    config: Config = HERE,
    as_of: Scored = None,
    since: Since = None,
    top: Annotated[int, typer.Option(min=1, help="How many accounts to list.")] = 20,
    html: Html = None,
) -> None:
    """The book on one page, for us: money by band, who turned red, the riskiest accounts, reasons, trust."""
    from churnmodel.cli.console import say
    from churnmodel.workflow.book_report import book_told, write_book_page
    from churnmodel.workflow.file_names import page_name

    files_named(html=html)
    days, before = days_named(as_of), days_named(since, "--since")
    told = book_told(open_project(config), before[0] if before else None, days[0] if days else None, top=top)
    say(f"Wrote {write_book_page(told, html or page_name('book', '', told.table.as_of))}")


def review(
    account: Annotated[str, typer.Argument(help="An account_id, or an account's name.")],
    config: Config = HERE,
    data: Data = None,
    as_of: AsOf = None,
    html: Html = None,
) -> None:
    """A page for the customer: use, goals reached, support, value delivered. Never a risk or what we think.

    It is made from the tables, as known before the day, and from no score: names, subscriptions, events, people
    with access, times and ratings of tickets, goals. Notes, texts, surveys and scores are not opened.
    """
    from churnmodel.cli.console import say
    from churnmodel.reports.before_sending import before_sending
    from churnmodel.workflow.file_names import page_name
    from churnmodel.workflow.review import review_told, write_review_page

    files_named(html=html)
    project = open_project(config, data)
    days = days_named(as_of)
    told = review_told(project, account, days[0] if days else None)
    place = write_review_page(told, html or page_name("review", told.account_id, told.as_of))
    if told.left_out:
        say(f"Left out, since these names speak of what is internal: {', '.join(told.left_out)}")
    if told.lacking:
        say(f"Sections that need a column which is not mapped are left out: {', '.join(told.lacking)}")
    say(f"Wrote {place}, for the customer. Read it before you send it.")
    for what in before_sending(told):
        say(f"Look at this before you send it: {what}.")


REPORTS = (account, book, review)
report = typer.Typer(
    help="Write a page to read, print or send: one account, the book, or a review for the customer.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    epilog=epilog_of("report"),
)
for act in REPORTS:
    report.command(epilog=epilog_of("report", act.__name__))(act)
