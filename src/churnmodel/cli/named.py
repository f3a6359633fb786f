"""How does a terminal name models, and what each is to us? ("your health_score"; chosen, in use)"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from churnmodel.cli.console import printable
from churnmodel.reports.model_names import called, called_in


@dataclass(frozen=True)
class Roles:
    """What a training chose, and which model scores today: two things after a `churnmodel promote`.

    >>> roles = Roles("logistic", "blend")
    >>> roles.of("logistic"), roles.of("blend"), Roles("blend", "blend").of("blend"), roles.of("scorecard")
    ('chosen', 'in use', 'chosen, in use', '')
    """

    chosen: str | None
    in_use: str | None = None

    def of(self, model: str) -> str:
        """The words under its name."""
        return ", ".join(word for word in ("chosen", "in use") if getattr(self, word.replace(" ", "_")) == model)


def named(model: object) -> str:
    """A model for people; a score of the team's own is named by its source, which is text out of a table."""
    return printable(called(str(model)))


def named_in(text: str, models: Iterable[str]) -> str:
    """A sentence in which models are named so."""
    return called_in(text, models)
