import numpy as np
import pandas as pd
import pytest

KINDS = {
    *("kickoff", "training", "first_value", "check_in", "executive_review", "integration_added"),
    *("integration_removed", "champion_left", "champion_joined"),
}


@pytest.fixture(scope="module")
def right(company):
    """Each touchpoint in its last version, with its account's row and week."""
    table = company.tables["touchpoints"].drop_duplicates("event_id", keep="last").copy()
    ids = company.tables["accounts"]["account_id"].to_numpy()
    table["row"] = np.searchsorted(ids, table["account_id"].to_numpy())
    table["week"] = (table["occurred_at"] - company.history.calendar.start).dt.days // 7
    return table


def test_all_kinds_of_touchpoints_happen(right):
    assert set(right["kind"]) == KINDS
    assert right["kind"].value_counts().min() > 30


def test_milestones_come_once_and_first_value_later_to_the_badly_started(company, right):
    for kind in ("kickoff", "training", "first_value"):
        assert not right[right["kind"] == kind].duplicated("account_id").any()
    since = 7 * right["week"] - company.history.traits.arrives[right["row"]]
    first = right["kind"] == "first_value"
    badly = company.history.traits.lack[right["row"]] > 0
    assert since[first & badly].median() > since[first & ~badly].median() + 14
    trained = right[right["kind"] == "training"]
    share = np.bincount(trained["row"], minlength=company.history.accounts)
    lack = company.history.traits.lack > 0
    assert share[lack].mean() < share[~lack].mean() - 0.2


def test_a_champion_s_departure_is_noticed_late_or_never(company, right):
    champion = company.history.states.champion
    told = right[right["kind"] == "champion_left"]
    assert not champion[told["week"], told["row"]].any()
    assert champion[told["week"] - 1, told["row"]].all()
    served = company.history.states.running
    departures = (champion[:-2] & ~champion[1:-1] & served[:-2] & served[1:-1]).sum()
    assert 0.6 < len(told) / departures < 0.9
    delay = (told["known_at"].fillna(told["occurred_at"]) - told["occurred_at"]).dt.days
    assert delay.between(0, 21).all()
    assert delay.median() > 4


def test_whoever_left_as_champion_is_the_user_who_left(company, right):
    users = company.tables["users"]
    left = users[users["left_at"].notna()].groupby("user_id")["left_at"].max()
    told = right[right["kind"] == "champion_left"].dropna(subset=["contact_id"])
    assert len(told) > 20
    days = (told["occurred_at"].dt.normalize() - told["contact_id"].map(left).dt.normalize()).dt.days
    assert (days == 0).mean() > 0.95


def test_contacts_are_users_of_the_account(company, right):
    users = company.tables["users"]
    named = right.dropna(subset=["contact_id"])
    assert named["contact_id"].isin(users["user_id"]).all()
    assert (named["contact_id"].str.split("-").str[0] == named["account_id"]).all()
    assert len(named) > 0.8 * len(right)


def test_meetings_grow_rare_where_value_is_low(company, right):
    value, served = company.history.states.value[:-1], company.history.states.running[:-1]
    meetings = right[right["kind"].isin(["check_in", "executive_review"])]
    low = value[meetings["week"], meetings["row"]] < -0.3
    assert low.sum() / (served & (value < -0.3)).sum() < 0.85 * (~low).sum() / (served & (value >= -0.3)).sum()


def test_no_more_integrations_are_removed_than_were_added(right):
    step = right["kind"].map({"integration_added": 1, "integration_removed": -1}).fillna(0)
    whole_days = step.groupby([right["account_id"], right["occurred_at"].dt.normalize()]).sum()
    assert whole_days.groupby("account_id").cumsum().min() >= 0


def test_goals_are_reached_by_those_who_value_the_product(company):
    goals = company.tables["goals"]
    ids = company.tables["accounts"]["account_id"].to_numpy()
    row = np.searchsorted(ids, goals["account_id"].to_numpy())
    week = ((goals["set_at"] - company.history.calendar.start).dt.days // 7).to_numpy()
    due = goals["due_at"] < company.until
    value = company.history.states.value[np.minimum(week + 8, company.history.calendar.weeks), row]
    reached = goals["reached_at"].notna()
    assert (goals["target"] > goals["baseline"]).all()
    assert not (goals["reached_at"] <= goals["set_at"]).any()
    assert 0.3 < reached[due].mean() < 0.95
    assert value[due & reached].mean() > value[due & ~reached].mean() + 0.2
    assert (goals["reached_at"] > goals["due_at"] + pd.Timedelta(days=1)).any()


def test_larger_accounts_are_called_more_often(company):
    notes, accounts = company.tables["notes"], company.tables["accounts"].set_index("account_id")
    weeks = pd.Series(company.history.states.running.sum(axis=0), accounts.index)
    of_segment = weeks.groupby(accounts["segment"]).sum()
    rate = notes["account_id"].map(accounts["segment"]).value_counts() / of_segment
    assert rate["enterprise"] > rate["mid"] > rate["smb"]
    assert (notes["author"] == notes["account_id"].map(accounts["csm"])).all()
