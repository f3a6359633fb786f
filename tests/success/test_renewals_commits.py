"""Whose word is due, who contradicts the model, and who was right?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.scoring.bands import Bands
from churnmodel.settings.renewals import RenewalSettings
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.success.renewals_commits import checked_commits, checkpoints, conflicts, latest_commits
from churnmodel.success.renewals_record import past_commits
from small_worlds import version, world

DAY = pd.Timestamp("2026-01-01")


def calendar(**accounts: tuple[str, float, float, str]) -> pd.DataFrame:
    """Accounts by (renews_at, mrr, risk, band)."""
    rows = pd.DataFrame.from_dict(accounts, orient="index", columns=["renews_at", "mrr", "risk", "band"])
    rows["renews_at"] = pd.to_datetime(rows["renews_at"])
    rows["days"] = (rows["renews_at"] - DAY).dt.days
    rows["mrr_at_risk"] = rows["mrr"] * rows["risk"]
    return rows.assign(list="calendar", csm="Ada").rename_axis("account_id")


def said(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Commits by (account_id, renews_at, commit, at)."""
    frame = pd.DataFrame(rows, columns=["account_id", "renews_at", "commit", "at"])
    return checked_commits(frame.assign(by="Ada"), DAY)


def test_a_commit_meets_its_checkpoint_and_not_the_next():
    """``half``: 100 days ahead, committed on day 178. ``quarter``: 80 days ahead, committed too. ``again``:
    and once more on day 100, within two weeks of its second checkpoint. ``ahead``: not at the first yet."""
    book = calendar(
        half=("2026-04-11", 100, 0.1, "green"),
        quarter=("2026-03-22", 100, 0.3, "red"),
        again=("2026-03-22", 100, 0.2, "red"),
        ahead=("2026-07-15", 100, 0.2, "red"),
    )
    commits = said(
        ("half", "2026-04-11", "renew", "2025-10-15"),
        ("quarter", "2026-03-22", "renew", "2025-09-25"),
        ("again", "2026-03-22", "renew", "2025-09-25"),
        ("again", "2026-03-22", "unsure", "2025-12-12"),
    )
    found = checkpoints(book, commits, DAY)
    assert list(found.index) == ["quarter", "again", "half"]  # what is open first
    assert found["state"].to_dict() == {"quarter": "open", "again": "met", "half": "met"}
    assert found["checkpoint"].to_dict() == {"quarter": 90, "again": 90, "half": 180}
    assert found.loc["quarter", ["commit", "overdue_days"]].tolist() == ["renew", 10]
    assert found.loc["again", "commit"] == "unsure"
    strict = checkpoints(book, commits, DAY, RenewalSettings(early_days=0))
    assert strict["state"].to_dict() == {"quarter": "open", "again": "open", "half": "met"}


def test_a_commit_on_another_renewal_or_of_tomorrow_is_none():
    book = calendar(a=("2026-03-01", 100, 0.1, "green"))
    commits = said(("a", "2025-03-01", "renew", "2025-02-01"), ("a", "2026-03-01", "churn", "2026-01-01"))
    assert len(commits) == 1 and latest_commits(book, commits)["commit"].isna().all()


def test_they_contradict_each_other_only_red_against_renew_and_green_against_giving_up():
    bands = {"red": 0.5, "orange": 0.2, "green": 0.1}
    pairs = [(band, commit) for band in bands for commit in ("renew", "contract", "churn", "unsure")]
    book = calendar(**{f"{b}-{c}": ("2026-03-01", 100.0, bands[b], b) for b, c in pairs})
    found = conflicts(book, said(*((i, "2026-03-01", i.split("-")[1], "2025-12-01") for i in book.index)))
    assert found["stake"].to_dict() == pytest.approx(
        {"red-renew": 50.0, "green-contract": 90.0, "green-churn": 90.0}
    )
    assert found.loc["red-renew", "conflict"] == "said to renew, red"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"commit": "maybe"}, "wanted one of renew, expand, contract, churn, unsure, got 'maybe'"),
        ({"renews_at": "soon"}, "renews_at 'soon' is no day"),
        ({"at": None}, "at None is no day"),
    ],
)
def test_what_is_no_commit_is_refused_by_its_cell(change, told):
    row = {"account_id": "a", "renews_at": "2026-03-01", "commit": "Renew ", "by": "Ada", "at": "2025-12-01"}
    assert checked_commits(pd.DataFrame([row]), DAY)["commit"].tolist() == ["renew"]
    with pytest.raises(SourceError, match=told):
        checked_commits(pd.DataFrame([row | change]), DAY)
    with pytest.raises(SourceError, match="no column 'by'"):
        checked_commits(pd.DataFrame([row]).drop(columns="by"), DAY)


def test_past_commits_stand_beside_what_the_model_had_said_and_what_became_of_it():
    """``loyal`` and ``left`` renewed and left on 2025-06-01; of ``late`` nobody can know yet."""
    year = {"term_months": 12}
    june = {"renews_at": "2025-06-01"} | year
    rows = [
        version("2024-06-01", None, account_id="loyal", subscription_id="1", **june),
        version("2024-06-01", "2025-06-01", account_id="left", subscription_id="2", **june),
        version("2024-12-20", None, account_id="late", subscription_id="3", renews_at="2025-12-20", **year),
    ]
    commits = said(
        ("loyal", "2025-06-01", "churn", "2025-03-10"),
        ("left", "2025-06-01", "churn", "2025-02-01"),
        ("left", "2025-06-01", "renew", "2025-03-10"),
        ("late", "2025-12-20", "renew", "2025-10-01"),
    )
    said_before = pd.DataFrame(
        {
            "account_id": ["loyal", "left", "left"],
            "as_of": pd.to_datetime(["2025-03-01", "2025-03-01", "2025-04-01"]),
            "risk_renewal": [0.05, 0.6, 0.01],
        }
    )
    found = past_commits(world(rows), commits, DAY, LabelWindow(), said_before, Bands(0.1, 0.3))
    found = found.set_index("account_id")
    assert found["left"].to_dict() == {"loyal": 0.0, "left": 1.0}
    assert found["commit"].to_dict() == {"loyal": "churn", "left": "renew"}
    assert found["conflict"].to_dict() == {"loyal": "given up, green", "left": "said to renew, red"}
    alone = past_commits(world(rows), commits, DAY, LabelWindow())
    assert len(alone) == 2 and alone["risk"].isna().all() and set(alone["conflict"]) == {""}
    assert past_commits(world(rows), commits.iloc[:0], DAY, LabelWindow()).empty
    assert np.isin(found["band"], ["green", "red"]).all()
