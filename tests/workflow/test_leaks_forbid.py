"""Which findings keep a champion from being one?"""

from __future__ import annotations

import pytest

from churnmodel.evaluation.checks import FORBIDDING, TITLES, Finding
from churnmodel.evaluation.compare import Choice
from churnmodel.workflow.training import unless_leaky

CHOSEN = Choice("logistic", "lightgbm", ("logistic beats the base rate.",))


def found(fired: str) -> tuple[Finding, ...]:
    return tuple(Finding.of(c, "fired" if c == fired else "silent", f"{c} says 1.") for c in TITLES)


@pytest.mark.parametrize("code", FORBIDDING)
def test_where_a_figure_cannot_be_believed_there_is_no_champion_and_the_reason_is_told(code):
    choice = unless_leaky(CHOSEN, found(code))
    assert (choice.champion, choice.challenger) == (None, None)
    assert choice.reasons[0] == CHOSEN.reasons[0]
    assert choice.reasons[1].startswith(f"No champion: {code} says 1.")


@pytest.mark.parametrize("code", [c for c in TITLES if c not in FORBIDDING])
def test_every_other_finding_is_a_warning(code):
    assert unless_leaky(CHOSEN, found(code)) == CHOSEN


def test_a_check_that_is_silent_forbids_nothing():
    assert unless_leaky(CHOSEN, found("none of them")) == CHOSEN
    nobody = Choice(None, None, ("No champion.",))
    assert unless_leaky(nobody, found("CHN001")) == nobody
