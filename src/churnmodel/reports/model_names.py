"""How is a model called where people read? (a score of the team's own is theirs: "your health_score")"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from churnmodel.evaluation.incumbents import is_incumbent, reweighed_name, source_of
from churnmodel.evaluation.standings import Verdict

BASE_RATE = "base_rate"


def called(model: str) -> str:
    """The name of a model, or of its ranking, for people.

    >>> called("incumbent:health_score"), called("blend"), called("incumbent:health_score x MRR")
    ('your health_score', 'blend', 'your health_score x MRR')
    """
    return f"your {source_of(model)}" if is_incumbent(model) else model


def called_in(text: str, models: Iterable[str]) -> str:
    """A text in which every incumbent among `models` is called as people call it.

    >>> called_in("0.32 of incumbent:gut, 0.3 of incumbent:gut_2.", ["blend", "incumbent:gut"])
    '0.32 of your gut, 0.3 of incumbent:gut_2.'
    """
    named = [re.escape(model) for model in models if is_incumbent(model)]
    return re.sub(rf"({'|'.join(named)})(?!\w)", lambda hit: called(hit[0]), text) if named else text


def as_called(verdict: Verdict) -> Verdict:
    """The verdict with its rivals called as people call them."""
    return replace(verdict, standings=tuple(replace(s, title=called(s.rival)) for s in verdict.standings))


def drawn(models: Iterable[str], meant: str) -> list[str]:
    """The models whose lines tell something, the one that is meant first.

    A base rate is the lot that every chart draws, and a scorecard's twin with fitted weights only crowds it.

    >>> drawn(["base_rate", "card", "card_refit", "blend"], "blend")
    ['blend', 'card']
    """
    names = list(models)
    crowding = {BASE_RATE, *(reweighed_name(name) for name in names)} - {meant}
    return [*(n for n in names if n == meant), *(n for n in names if n != meant and n not in crowding)]
