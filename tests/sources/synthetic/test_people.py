import numpy as np
import pandas as pd
import pytest

from churnmodel.sources.synthetic.people import Spells


@pytest.fixture(scope="module")
def users(company):
    return company.tables["users"]


def test_whoever_uses_the_product_was_a_user_at_that_moment(company, users):
    usage = company.tables["usage_events"][["user_id", "occurred_at"]].sort_values("occurred_at")
    spells = users[["user_id", "joined_at", "left_at"]].sort_values("joined_at")
    held = pd.merge_asof(usage, spells, left_on="occurred_at", right_on="joined_at", by="user_id")
    assert held["joined_at"].notna().all()
    assert not (held["left_at"] < held["occurred_at"]).any()


def test_nobody_leaves_before_they_join_nor_joins_while_they_are_there(users):
    assert not (users["left_at"] <= users["joined_at"]).any()
    again = users.sort_values(["user_id", "joined_at"])
    following = again.groupby("user_id")["joined_at"].shift(-1)
    assert (again["left_at"].notna() | following.isna()).all()
    assert not (following < again["left_at"]).any()


def test_a_seat_has_one_holder_at_a_time(users):
    people = users[users["role"] != "service"].copy()
    people["seat"] = people["user_id"].str.split(".").str[0]
    people = people.sort_values(["seat", "joined_at"])
    following = people.groupby("seat")["joined_at"].shift(-1)
    assert (people["left_at"].notna() | following.isna()).all()
    assert not (following < people["left_at"]).any()


def test_the_champion_s_row_ends_when_the_champion_leaves(company, users):
    states, calendar = company.history.states, company.history.calendar
    champions = users[users["champion"]]
    ids = company.tables["accounts"]["account_id"].to_numpy()
    left = champions[champions["left_at"].notna()]
    row = np.searchsorted(ids, left["account_id"].to_numpy())
    week = ((left["left_at"] - calendar.start).dt.days // 7).to_numpy()
    assert len(left) > 40
    # one who left in a gap of service is seen gone when it is over, with a successor perhaps
    assert (~states.champion[week, row]).mean() > 0.95
    there = np.isin(ids, champions.loc[champions["left_at"].isna(), "account_id"].to_numpy())
    running = states.running[-1]
    assert np.array_equal(there[running], states.champion[-2][running])


def test_departments_roles_and_champions_are_filled_in(users):
    people = users[users["role"] != "service"]
    assert people["department"].nunique() == 6
    assert people["role"].nunique() == 4
    assert (people["champion"] == people["user_id"].str.contains("-u0.", regex=False)).all()
    assert 5 < people.groupby("account_id").size().median() < 60


def test_the_holder_of_a_seat_is_told_day_by_day():
    spells = Spells(*(np.array(c) for c in ([0, 0, 1], [0, 0, 0], [0, 1, 0], [3, 20, 5], [10, 30, 10**6])))
    days = np.array([2, 3, 9, 10, 20, 29, 30])
    none = np.zeros(len(days), dtype=int)
    assert spells.holder(none, none, days).tolist() == [-1, 0, 0, -1, 1, 1, -1]
    assert spells.holder(none + 1, none, days).tolist() == [-1, -1, 0, 0, 0, 0, 0]
    assert (spells.holder(none, none + 1, days) == -1).all()
