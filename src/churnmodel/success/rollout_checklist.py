"""What of customer success stands already, line by line, and what is to be done next?

A line is scored from 0 to 1 by its parts, each a fact of the tables, the settings or the state database. The score
of the checklist is their weighted mean over the lines that can be told, times 100: it says how much is set up, and
nothing of how well customers are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from churnmodel.settings.rollout import LINES, RolloutSettings
from churnmodel.success import rollout_lines as lines
from churnmodel.success.rollout_stand import Stand

DONE, PARTLY, MISSING, UNKNOWN = "done", "partly", "missing", "not known"
TITLES: Mapping[str, str] = {
    "owners": "owners assigned", "health": "health on", "alerts": "alerts on",
    "onboarding": "onboarding templates", "plays": "tiers and plays", "cadence": "review cadence",
    "feeds": "data feeds", "contracts": "contract terms", "board": "board candidates",
}  # fmt: skip
_READ: Mapping[str, Callable[[Stand], lines.Read]] = {name: getattr(lines, name) for name in LINES}


@dataclass(frozen=True)
class Line:
    """One line of the checklist.

    Parameters
    ----------
    score
        0 to 1; None where nobody can tell.
    words
        What it rests on.
    do
        What to do next: a command or a sentence; empty where it is done.
    """

    name: str
    title: str
    status: str
    score: float | None
    words: str
    do: str


def checklist(stand: Stand) -> tuple[Line, ...]:
    """Every line, in the order of `churnmodel.settings.rollout.LINES`."""
    found = []
    for name in LINES:
        read = _READ[name](stand)
        score = read.score
        if score is None:
            status = UNKNOWN
        elif read.is_done:
            status = DONE
        else:
            status = MISSING if score == 0 else PARTLY
        found.append(Line(name, TITLES[name], status, score, read.words, "" if status == DONE else read.do))
    return tuple(found)


def checklist_score(found: Sequence[Line], rules: RolloutSettings) -> float | None:
    """The weighted mean of what can be told, times 100; None where nothing can.

    >>> told = [Line("owners", "", PARTLY, 0.5, "", ""), Line("health", "", DONE, 1.0, "", "")]
    >>> checklist_score([*told, Line("board", "", UNKNOWN, None, "", "")], RolloutSettings())
    75.0
    """
    weights = {line.name: float(getattr(rules.weights, line.name)) for line in found if line.score is not None}
    total = sum(weights.values())
    if not total:
        return None
    return 100 * sum(weights[line.name] * line.score for line in found if line.score is not None) / total
