"""What does a customer success leader see first: is the model better than our health score, by how much?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, money, printable, say
from churnmodel.cli.named import named

if TYPE_CHECKING:
    from churnmodel.evaluation.scorecard_weights import NewWeights
    from churnmodel.evaluation.verdict import Gap, Verdict

ANSWER_STYLE = {"better": "green", "worse": "bold red"}


def judgement(verdict: Verdict, in_use: str | None = None) -> None:
    """The answer in a sentence, what it rests on, and every rival with its figures.

    `in_use` is the name of the model that scores today, which need not be the one that was chosen.
    """
    from churnmodel.evaluation.verdict_words import basis, notes
    from churnmodel.evaluation.verdict_words import headline as answer
    from churnmodel.reports.model_names import as_called

    verdict = as_called(verdict)
    headline(printable(answer(verdict)))
    say(basis(verdict))
    chosen = named(verdict.model) if verdict.is_champion else "no model"
    say(f"The last training chose {chosen}; in use now: {named(in_use) if in_use else 'no model'}.")
    if not verdict.standings:
        return
    headline(f"{named(verdict.model)} against what you have")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("", "", "MRR on the list", "difference", "chance of more", "AUROC", "log loss"):
        table.add_column(title, no_wrap=table.columns == [])  # a name is not torn apart
    for standing in verdict.standings:
        said = verdict.answer(standing)
        table.add_row(
            Text(printable(standing.title)),
            Text(said, style=ANSWER_STYLE.get(said, "yellow")),
            f"{standing.held.model:,.0f}\nagainst {money(standing.held.rival, verdict.currency)}",
            _apart(standing.held, 0),
            "-" if math.isnan(standing.held.chance) else f"{standing.held.chance:.1%}",
            f"{standing.auroc.model:.3f} against {standing.auroc.rival:.3f}\n{_range(standing.auroc, 3)}",
            f"{standing.log_loss.model:.4f} against {standing.log_loss.rival:.4f}\n{_range(standing.log_loss, 4)}",
        )
    console.print(table)
    say("under each pair the 95 % interval of the difference, over accounts")
    for standing in verdict.standings:
        for note in notes(verdict, standing):
            say(f"- {note}")


def new_weights(weights: NewWeights | None) -> None:
    """Better weights for the scorecard: what they gain, and each rule as it is and as it should be."""
    if weights is None:
        headline("No scorecard was trained, so there are no weights to better: name one in training.models.")
        return
    headline("Better weights for your scorecard")
    say(weights.sentence)
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("rule", "about", "worst", "best", "weight now", "fitted"):
        table.add_column(title, justify="right" if title not in ("rule", "about") else "left")
    for row in weights.to_frame().to_dict("records"):
        now, fitted = float(row["weight_now"]), int(row["weight_fitted"])
        style = "green" if fitted > now + 1 else "dim" if fitted < now - 1 else ""
        table.add_row(
            Text(printable(row["rule"])),
            Text(printable(row["about"])),
            *(f"{row[end]:g}" for end in ("worst", "best")),
            f"{now:.0f} %",
            Text(f"{fitted} %", style=style),
        )
    console.print(table)
    say(f"fitted to the {weights.churned_accounts} accounts that churned; whole percent, which sum to 100")


def _apart(gap: Gap, digits: int) -> str:
    return f"{gap.difference:+,.{digits}f}\n{_range(gap, digits)}"


def _range(gap: Gap, digits: int) -> str:
    if math.isnan(gap.low):
        return "no interval"
    return f"{gap.low:+,.{digits}f} to {gap.high:+,.{digits}f}"
