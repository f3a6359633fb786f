"""Do the rows behind a reason read well on a terminal, wide or narrow, whatever stands in them?"""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from churnmodel.cli import show_reasons
from churnmodel.cli.console import console
from churnmodel.features.evidence import Evidence
from churnmodel.scoring.champion import set_champion
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.evidence import RowsBehind
from scoring.small_company import AS_OF, bundle

from .test_book import SETTINGS, published
from .test_inert import NAME, OBEYED

DRIVERS = pd.DataFrame(
    {
        "direction": ["raises", "raises", "raises", "lowers"],
        "points": [0.075, 0.02, 0.01, -0.03],
        "family": ["support", "financial", "usage", "financial"],
        "feature": ["tickets_open", "overdue_amount", "mrr_old", "mrr"],
        "sentence": ["2 tickets open", "500 overdue", "An old one", "Pays 1,234"],
        "actionable": [True, True, False, False],
    }
)
OPEN = pd.DataFrame(
    {
        "ticket_id": ["T1", "T2"],
        "opened_at": pd.to_datetime(["2025-06-03 10:00", "2025-06-20 00:00"]),
        "resolved_at": pd.to_datetime([None, None]),
        "champion": [True, None],
        "text": ["The export fails every night, and nobody has told us why it does so since we moved.", NAME],
    }
)
BEHIND = RowsBehind(
    {
        "tickets_open": Evidence("tickets", OPEN, 7, "2 of 7 tickets, opened from 3 to 20 June 2025"),
        "mrr": Evidence("subscriptions", pd.DataFrame({"mrr": [1234.4], "before_mrr": [99.5]}), 1, "1 version"),
    },
    moved={"overdue_amount": (500.0, 20.0)},
    gone=("mrr_old",),
)


@pytest.fixture
def printed(monkeypatch, capsys):
    def at(width: int, behind: RowsBehind = BEHIND, *, evidence: bool = True) -> str:
        asked = []
        told = SimpleNamespace(drivers=DRIVERS, rows_behind=lambda names: asked.append(names) or behind)
        monkeypatch.setattr(console, "width", width)
        assert show_reasons.reasons(told, "EUR", 2, evidence=evidence) == 1
        assert asked == ([["tickets_open", "overdue_amount", "mrr"]] if evidence else [])
        return capsys.readouterr().out

    return at


def test_under_each_reason_stand_its_rows_with_days_and_amounts(printed):
    lines = [line.rstrip() for line in printed(120).splitlines()]
    at = lines.index(next(line for line in lines if "2 tickets open" in line))
    assert lines[at + 1] == "      2 of 7 tickets, opened from 3 to 20 June 2025"
    assert lines[at + 2].split() == ["ticket", "id", "opened", "resolved", "champion", "text"]
    assert lines[at + 3].split()[:4] == ["T1", "2025-06-03", "-", "yes"]
    assert "      mrr (EUR)  before mrr (EUR)" in lines
    assert "1,234             99.50" in "\n".join(lines)


def test_where_the_tables_say_otherwise_today_no_rows_are_shown_and_it_is_said(printed):
    assert "no rows: the tables say 20 today, and said 500 when this was scored" in printed(120)


@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_a_narrow_screen_gets_a_line_each_and_nothing_is_cut_off_or_obeyed(printed, width):
    out = printed(width)
    assert OBEYED.search(out) is None
    assert all(len(line) <= width for line in out.splitlines())
    whole = " ".join(out.split())
    assert "T1" in whole and "2025-06-20" in whole and "since we moved." in whole
    assert ("- ticket id T1, opened 2025-06-03, champion yes," in whole) == (width <= 60)


def test_rows_that_could_not_be_looked_for_are_told_once(printed):
    out = printed(80, RowsBehind(why_none="no table 'accounts' here"))
    assert out.count("No rows are shown: no table 'accounts' here") == 1


def test_nobody_looks_into_the_tables_unless_asked(printed):
    assert "tickets, opened" not in printed(80, evidence=False)


def test_the_act_explains_without_tables_and_says_so(act, tmp_path):
    (tmp_path / "churnmodel.toml").write_text(SETTINGS, encoding="utf-8")
    scorer = Scorer.load(set_champion(tmp_path / "home", bundle(tmp_path / "made", "logistic")))
    config = published(tmp_path, scorer, AS_OF, 21, n=30, coverage="A", coverage_reason="all are known")
    said = act("explain", "acc-00003", "-c", config, "--evidence")
    assert said.exit_code == 0 and "No rows are shown: " in said.out and "What raises it" in said.out
