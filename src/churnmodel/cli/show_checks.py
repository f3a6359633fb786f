"""What does a data scientist see of the checks? (code, answer, what came out, and what to do where one fired)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from churnmodel.cli.console import console, headline, printable, say

if TYPE_CHECKING:
    from churnmodel.evaluation.champion import Choice
    from churnmodel.evaluation.checks import Finding

STATUS_STYLE = {"fired": "bold red", "warning": "yellow", "ok": "green", "not applicable": "dim"}

ADVICE: Mapping[str, str] = {
    "CHN001": "See that the feature reads only the tables it is given, which are cut already; one of the catalog "
    "that fires is a fault of churnmodel: please report it.",
    "CHN002": "Was the column written when the account had left already? Give its table a known_at, map it from "
    "dated events, or leave it out; churnmodel check --leaks asks further.",
    "CHN003": "Look at churnmodel check: is usage missing, or a feed that stopped? Add tables that say more, or "
    "wait for a longer history. Until then the base rate is the honest risk of every account.",
    "CHN004": "Work the list, but do not add its risks up. Look at churnmodel compare --by-fold: drift from fold "
    "to fold asks for training more often, first folds that are off for more training.folds.",
    "CHN005": "Find the fold from which it changed (churnmodel compare --by-fold) and what happened then; train "
    "again often. A list that does not hold: work one for a month before you take the next.",
    "CHN006": "Ask what tells these accounts apart, and whether the tables say it; where the level differs, name "
    "the segment under features.static.",
    "CHN007": "Take a longer history, more accounts, or a longer horizon: one that ends past the next renewal "
    "counts more of those who leave.",
}
"""The short form of the pages under docs/checks, which an installed package does not have."""


def status_of(said: str, detail: Mapping[str, Any]) -> str:
    """A finding's status in the words of terminal and page: a silent one is ok, or warns."""
    if said == "silent":
        return "warning" if detail.get("warning") else "ok"
    return said


def checks(findings: Iterable[tuple[str, str, str]]) -> None:
    """Code, status and message of each finding; under those that fired or warn, what to do."""
    headline("Checks")
    for code, status, message in findings:
        line = Text(f"{code} ", style="bold")
        line.append(status, style=STATUS_STYLE[status])
        line.append(f": {printable(message)}", style="default")
        console.print(line)
        if status in ("fired", "warning") and code in ADVICE:
            say(f"  What to do: {ADVICE[code]}")


def no_champion(findings: Sequence[Finding], choice: Choice) -> str:
    """Why a training ends without a champion, in one sentence; the steps stand above it."""
    fired = {f.code for f in findings if f.status == "fired"}
    if "CHN001" in fired:
        return "No champion was registered: a feature has seen the future (CHN001), so no figure can be believed."
    if "CHN002" in fired:
        return (
            "No champion was registered: something is too good to be true (CHN002), so no figure can be believed."
        )
    if "CHN007" in fired:
        return "No champion was registered: too few accounts churned to tell a model from luck (CHN007)."
    if "CHN003" in fired:
        return (
            "No usable signal was found in these tables: no model is better than a baseline (CHN003), and no "
            "champion was registered."
        )
    return choice.reasons[-1] if choice.reasons else "No champion was registered."
