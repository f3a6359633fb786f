"""What does the page of a leak proof say? (the verdict first, then each question, answer and limit)"""

from __future__ import annotations

from dataclasses import dataclass

from churnmodel.evaluation.checks import Finding
from churnmodel.evaluation.leaks import LeakProof
from churnmodel.evaluation.leaks_findings import columns_of
from churnmodel.evaluation.leaks_power import TOO_GOOD, Power
from churnmodel.evaluation.leaks_words import when
from churnmodel.reports.leaks_page_words import LIMITS, WORDS, Words
from churnmodel.reports.page import page
from churnmodel.version import VERSION

KINDS = {"fired": "fatal", "silent": "clean", "not applicable": "note"}
SAID = {"fired": "fired", "silent": "nothing found", "not applicable": "not applicable"}


@dataclass(frozen=True)
class _Answer:
    finding: Finding
    words: Words
    kind: str
    said: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class _Window:
    title: str
    limit: float
    accounts_left: int
    rows: tuple[Power, ...]


def leaks_page(proof: LeakProof, project: str) -> str:
    """The proof as one HTML page that needs nothing else; texts out of the data are only text in it.

    Parameters
    ----------
    project
        The project's name, for the heading.
    """
    answers = [_Answer(f, WORDS[f.title], KINDS[f.status], SAID[f.status], columns_of(f)) for f in proof.findings]
    windows = [
        _Window(when(name), limit, proof.drawn.accounts_left[name], tuple(_of(proof, name)))
        for name, limit in TOO_GOOD.items()
    ]
    return page(
        "leaks.html.j2",
        project=project,
        drawn=proof.drawn,
        version=VERSION,
        verdict=verdict(proof),
        kind="fatal" if proof.fired else "counted" if hardly_asked(proof) else "clean",
        answers=answers,
        windows=[w for w in windows if w.rows],
        limits=LIMITS,
    )


def verdict(proof: LeakProof) -> str:
    """The first thing a reader wants: was something found, and how many questions could be asked.

    "Leaks: 2 of 8 questions fired; 1 could not be asked."
    """
    fired, silent = len(proof.fired), sum(f.status == "silent" for f in proof.findings)
    asked, rest = fired + silent, len(proof.findings) - fired - silent
    head = f"No leak found: {asked} questions were asked"
    if fired:
        head = f"Leaks: {fired} of {asked} questions fired"
    elif hardly_asked(proof):
        head = f"Not proven: too little could be asked. Nothing was found by {asked} questions"
    return f"{head}; {rest} could not be asked." if rest else f"{head}."


def hardly_asked(proof: LeakProof) -> bool:
    """Whether nothing fired, but more questions could not be asked than could."""
    silent = sum(f.status == "silent" for f in proof.findings)
    return not proof.fired and len(proof.findings) > 2 * silent


def _of(proof: LeakProof, window: str) -> list[Power]:
    return [p for p in proof.strongest if p.window == window]
