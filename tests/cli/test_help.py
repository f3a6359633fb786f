"""Does the help of an act show how it is called, in calls that the act would take?"""

from __future__ import annotations

import shlex

import pytest
import typer

from churnmodel.cli.app import app
from churnmodel.cli.examples import EXAMPLES

GROUP = typer.main.get_command(app)
CALLS = [command for examples in EXAMPLES.values() for command, _ in examples]


@pytest.mark.parametrize("act", EXAMPLES)
def test_the_help_shows_every_example(act, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")
    with pytest.raises(SystemExit) as end:
        GROUP.main([act, "--help"], prog_name="churnmodel")
    shown = " ".join(capsys.readouterr().out.split())
    assert end.value.code == 0
    for command, why in EXAMPLES[act]:
        assert command in shown and why in shown


@pytest.mark.parametrize("call", CALLS)
def test_every_example_is_a_call_the_act_would_take(call):
    program, act, *words = shlex.split(call)
    command = GROUP.commands[act]
    assert program == "churnmodel"
    command.make_context(act, list(words))


def test_what_leaks_can_do_is_not_called_a_proof_and_score_says_how_it_ranks(capsys):
    said = {}
    for act in ("check", "score"):
        with pytest.raises(SystemExit):
            GROUP.main([act, "--help"], prog_name="churnmodel")
        said[act] = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "prove that" not in said["check"] and "try to catch" in said["check"]
    assert "ranked by MRR x risk" in said["score"] and "scores/as_of=DAY/VERSION" in said["score"]
