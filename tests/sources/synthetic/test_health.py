import numpy as np
import pandas as pd
import pytest

from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.state import ACQUIRED

GREEN = 70


@pytest.fixture(scope="module")
def judged(company):
    """Scores of accounts not under notice, and whether each left of itself within 180 days."""
    scores, h = company.tables["external_scores"], company.history
    ids = company.tables["accounts"]["account_id"].to_numpy()
    day = (scores["scored_at"] - h.calendar.start).dt.days.to_numpy()
    row = np.searchsorted(ids, scores["account_id"].to_numpy())
    chosen = (day < 7 * h.calendar.weeks - 180) & ~(h.states.noticed[day // 7, row] < day)
    left = np.where((h.events.exit_kind != ACQUIRED), h.events.left, NEVER)
    first = np.array([left[d // 7 :, a].min() for d, a in zip(day[chosen], row[chosen], strict=True)])
    return scores["score"].to_numpy()[chosen], first - day[chosen]


def test_the_health_score_is_mediocre(judged):
    score, days = judged
    left = days <= 180
    rank = pd.Series(-score).rank().to_numpy()
    auroc = (rank[left].sum() - left.sum() * (left.sum() + 1) / 2) / (left.sum() * (~left).sum())
    assert 0.63 < auroc < 0.75


def test_the_health_score_of_leavers_is_green_until_late(judged):
    score, days = judged
    assert (score[(days > 90) & (days <= 180)] >= GREEN).mean() > 0.45
    assert (score[days > 400] >= GREEN).mean() > 0.7


def test_scores_lie_between_0_and_100_every_fourth_week(company):
    scores = company.tables["external_scores"]
    assert scores["score"].between(0, 100).all()
    assert set(scores["source"]) == {"health_score"}
    gap = scores.groupby("account_id")["scored_at"].diff().dropna().dt.days
    assert gap.min() == 28
    assert gap.median() == 28


def test_plays_are_for_accounts_whose_score_was_low_just_before(company):
    plays, scores = company.tables["interventions"], company.tables["external_scores"]
    assert len(plays) > 60
    latest = pd.merge_asof(plays, scores.rename(columns={"scored_at": "occurred_at"}), on="occurred_at",
                           by="account_id")  # fmt: skip
    assert (latest["score"] < 55).all()
    assert plays.groupby("account_id")["occurred_at"].diff().dropna().min() >= pd.Timedelta(days=160)


def test_a_third_is_held_out_by_lot(company):
    plays = company.tables["interventions"]
    arms = plays["arm"]
    assert (plays.groupby(["account_id", "play"])["arm"].nunique() == 1).all()
    assert set(arms) == {"treated", "hold_out"}
    assert 0.22 < (arms == "hold_out").mean() < 0.48
