"""Does a reader of the checks see which pages to open?"""

from __future__ import annotations

from churnmodel.cli.show_models import checks, no_champion
from churnmodel.evaluation.checks import Finding
from churnmodel.evaluation.compare import Choice

OK, FIRED = ("CHN003", "ok", "it beats the base rate."), ("CHN004", "fired", "said 8.2%, happened 16.6%.")


def shown(capsys, *findings) -> str:
    checks(findings)
    return " ".join(capsys.readouterr().out.split())


def test_the_pages_of_what_fired_or_warns_are_named_once(capsys):
    said = shown(capsys, OK, FIRED, ("CHN006", "not applicable", "one segment."), ("CHN007", "warning", "few."))
    assert "CHN004 fired: said 8.2%, happened 16.6%." in said
    assert said.endswith(
        "What each asks, how it decides and what to do: docs/checks/CHN004.md, docs/checks/CHN007.md"
    )


def test_where_nothing_fired_the_folder_is_named(capsys):
    assert shown(capsys, OK).endswith("what to do: docs/checks/")


def test_too_good_to_be_true_is_the_reason_that_is_told_before_all_others():
    findings = [Finding.of(code, "fired", "it fired.") for code in ("CHN002", "CHN003", "CHN004")]
    assert "something is too good to be true (CHN002)" in no_champion(findings, Choice(None, None, ("last",)))
    only = [Finding.of("CHN004", "fired", "it fired.")]
    assert no_champion(only, Choice(None, None, ("last",))) == "last"
