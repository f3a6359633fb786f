"""Is the history of an account what was published, and nothing else?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.errors import ScoreError
from churnmodel.scoring.history import account_names, risk_history
from churnmodel.scoring.score_table import publish, read_scores

VERSIONS = ("a" * 12, "b" * 12)
FIRST, SECOND, THIRD = (pd.Timestamp(day) for day in ("2026-01-01", "2026-02-01", "2026-03-01"))


def table(day: pd.Timestamp, **risks: float) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([list(risks), [day]], names=["account_id", "as_of"])
    facts = {"name": [f"{a} Ltd" for a in risks], "risk": list(risks.values()), "status": "at_risk"}
    return pd.DataFrame(facts, index=index).assign(band="red")


@pytest.fixture
def folder(tmp_path):
    """`gone` is in the first two tables only; the second day was scored by two models."""
    for day, version, risks in (
        (FIRST, VERSIONS[0], {"gone": 0.1, "here": 0.2}),
        (SECOND, VERSIONS[0], {"gone": 0.3, "here": 0.25}),
        (SECOND, VERSIONS[1], {"gone": 0.4, "here": 0.26}),
        (THIRD, VERSIONS[1], {"here": float("nan")}),
    ):
        frame = table(day, **risks)
        publish(tmp_path, frame, frame[[]], frame[[]], day.date(), version)
    return tmp_path


def test_every_table_has_a_row_and_says_whether_it_has_the_account(folder):
    found = risk_history(folder, "gone")
    assert [day.isoformat() for day in found.index.get_level_values("as_of")] == [
        *("2026-01-01", "2026-02-01", "2026-02-01", "2026-03-01")
    ]
    assert found["risk"].tolist()[:3] == [0.1, 0.3, 0.4] and found["in_book"].tolist() == [True, True, True, False]


def test_an_account_without_a_risk_is_in_the_book_all_the_same(folder):
    last = risk_history(folder, "here").iloc[-1]
    assert last["in_book"] and pd.isna(last["risk"])


def test_later_tables_are_not_looked_at(folder):
    assert len(risk_history(folder, "here", FIRST.date())) == 1


def test_nothing_published_is_an_empty_history(tmp_path):
    assert risk_history(tmp_path, "here").empty


def test_a_table_that_was_changed_is_refused(folder):
    place = next(folder.glob("as_of=2026-01-01/*/scores.parquet"))
    table(FIRST, gone=0.9, here=0.9).reset_index().to_parquet(place, index=False)
    with pytest.raises(ScoreError, match="changed after it was published"):
        risk_history(folder, "here")


def test_the_names_are_those_of_the_table(folder):
    names = account_names(folder, FIRST.date(), VERSIONS[0])
    assert names.to_dict() == read_scores(folder, FIRST.date()).scores.droplevel("as_of")["name"].to_dict()
