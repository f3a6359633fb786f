"""What does a person see of a leak proof? (the verdict, each question with its answer, what it cannot show)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from churnmodel.cli.console import console, headline, printable, say
from churnmodel.reports.leaks_page import SAID, verdict
from churnmodel.reports.leaks_page_words import LIMITS, WORDS

if TYPE_CHECKING:
    from churnmodel.evaluation.leaks import LeakProof
    from churnmodel.workflow.project import Project

STYLE = {"fired": "bold red", "silent": "green", "not applicable": "dim"}


def leak_proof(proof: LeakProof, project: Project) -> None:
    """Every question, its answer, and what the answer cannot show; the verdict last, where the eye rests."""
    drawn = proof.drawn
    headline(f"Has {printable(project.settings.project.name)} seen the future?")
    say(
        f"{drawn.accounts_asked:,} of {drawn.accounts:,} accounts, {drawn.features} features, "
        f"{drawn.columns_asked} columns asked alone at {len(drawn.as_ofs_asked)} days, seed {drawn.seed}"
    )
    for finding in proof.findings:
        console.print()
        line = Text(SAID[finding.status], style=STYLE[finding.status])
        console.print(line.append(f"  {finding.code} {finding.title}", style="bold"))
        say(f"  {finding.message}")
        console.print(Text(f"  Cannot show: {WORDS[finding.title].cannot}", style="dim"))
    headline("What this cannot prove")
    for limit in LIMITS:
        say(f"  {limit}")
    headline(verdict(proof))
