"""Does a reader of the checks see what to do?"""

from __future__ import annotations

from churnmodel.cli.show_checks import ADVICE, checks, no_champion
from churnmodel.evaluation.checks import TITLES, Finding
from churnmodel.evaluation.compare import Choice

OK, FIRED = ("CHN003", "ok", "it beats the base rate."), ("CHN004", "fired", "said 8.2%, happened 16.6%.")


def shown(capsys, *findings) -> str:
    checks(findings)
    return " ".join(capsys.readouterr().out.split())


def test_under_what_fired_or_warns_stands_what_to_do_and_under_nothing_else(capsys):
    said = shown(capsys, OK, FIRED, ("CHN006", "not applicable", "one segment."), ("CHN007", "warning", "few."))
    assert "CHN004 fired: said 8.2%, happened 16.6%." in said
    for code, advice in ADVICE.items():
        assert (advice in said) == (code in ("CHN004", "CHN007")), code
    assert "docs/" not in said, "an installed package has no such folder"


def test_there_is_advice_for_every_check_and_none_where_nothing_fired(capsys):
    assert set(ADVICE) == set(TITLES)
    assert "What to do" not in shown(capsys, OK)


def test_too_good_to_be_true_is_the_reason_that_is_told_before_all_others():
    findings = [Finding.of(code, "fired", "it fired.") for code in ("CHN002", "CHN003", "CHN004")]
    assert "something is too good to be true (CHN002)" in no_champion(findings, Choice(None, None, ("last",)))
    only = [Finding.of("CHN004", "fired", "it fired.")]
    assert no_champion(only, Choice(None, None, ("last",))) == "last"
