"""What is said of a CSM whose accounts have all left?"""

from __future__ import annotations

from churnmodel.cli.console import day, headline, printable, say


def no_account(what: str, csm: str, as_of: object) -> None:
    """A page of nobody: what was asked for, of whom, and that there is no account of theirs."""
    headline(f"{what} of {printable(csm)}, as known on {day(as_of)}")
    say(f"{printable(csm)} looks after no account that is a customer now; those on record have left.")
