import dataclasses

import numpy as np
import pandas as pd
import pytest

from churnmodel.sources.synthetic import Causes, simulate_company
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.world import draw_world

DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def world(company):
    return draw_world(company.history.calendar.weeks, company.seed)


@pytest.fixture(scope="module")
def events_a_day(company):
    days = (company.tables["usage_events"]["occurred_at"] - company.history.calendar.start).dt.days
    return np.bincount(days, minlength=7 * company.history.calendar.weeks)


def test_on_the_days_of_the_outage_no_usage_event_of_anyone_was_loaded_and_on_all_others_some(world, events_a_day):
    silent = np.flatnonzero(events_a_day[60:] == 0) + 60
    assert silent.tolist() == list(range(world.outage, world.outage + world.outage_days))
    assert 4 <= world.outage_days <= 6


def test_other_feeds_went_on_through_the_outage(company, world):
    since = company.history.calendar.start + world.outage * DAY
    for table, time in (("tickets", "opened_at"), ("touchpoints", "occurred_at")):
        assert company.tables[table][time].between(since, since + world.outage_days * DAY).any()


def test_august_and_the_turn_of_the_year_are_quiet(company, events_a_day):
    days = pd.date_range(company.history.calendar.start, periods=len(events_a_day))
    use = pd.Series(events_a_day, days)["2025"]
    august = use["2025-08"].mean() / (use["2025-07"].mean() / 2 + use["2025-09"].mean() / 2)
    assert august < 0.92
    assert use["2025-12-24":].mean() < 0.6 * use["2025-12-01":"2025-12-21"].mean()


def test_one_incident_hit_everyone_and_others_single_accounts(company, world):
    incidents = company.tables["incidents"]
    of_all = incidents[incidents["account_id"].isna()]
    assert (of_all["started_at"].dt.normalize() == company.history.calendar.start + world.incident * DAY).all()
    assert len(of_all) == 1
    assert len(incidents) > 50
    assert set(incidents["severity"]) == {"minor", "major", "critical"}
    assert not (incidents["ended_at"] <= incidents["started_at"]).any()


def test_after_the_incident_of_all_tickets_pour_in(company, world):
    opened = (company.tables["tickets"]["opened_at"] - company.history.calendar.start).dt.days // 7
    a_week = np.bincount(opened, minlength=company.history.calendar.weeks)
    week = world.incident // 7
    assert a_week[week : week + 2].mean() > 1.25 * a_week[week - 8 : week].mean()


def test_an_account_s_incident_comes_with_friction(company):
    incidents = company.tables["incidents"].dropna(subset=["account_id"])
    ids = company.tables["accounts"]["account_id"].to_numpy()
    week = ((incidents["started_at"] - company.history.calendar.start).dt.days // 7).to_numpy()
    row = np.searchsorted(ids, incidents["account_id"].to_numpy())
    friction = company.history.states.friction
    gone = company.history.events.left[week, row] < NEVER
    assert (friction[week + 1, row][~gone] > friction[week, row][~gone] + 0.3).all()


def test_without_support_friction_nothing_breaks_down():
    company = simulate_company(accounts=200, years=1, causes=Causes(support_friction=False))
    assert company.tables["incidents"].empty
    assert not company.history.states.friction.any()


def test_the_redesign_hurts_some_and_leaves_the_others_where_they_were():
    on = simulate_company(accounts=300, years=1, seed=8)
    off = simulate_company(accounts=300, years=1, seed=8, causes=dataclasses.replace(Causes(), redesign=False))
    hurt = on.history.traits.redesigned < NEVER
    day = draw_world(on.history.calendar.weeks, 8).redesign
    since = on.history.calendar.start + day * DAY

    def use(company, first, last):
        usage = company.tables["usage_events"]
        inside = usage[usage["occurred_at"].between(since + first * DAY, since + last * DAY)]
        return inside.groupby("account_id").size().reindex(company.tables["accounts"]["account_id"], fill_value=0)

    assert 0.1 < hurt.mean() < 0.25
    assert use(on, -90, -7).equals(use(off, -90, -7))
    after = use(on, 7, 60), use(off, 7, 60)
    assert after[0][hurt].sum() < 0.85 * after[1][hurt].sum()
    assert after[0][~hurt].equals(after[1][~hurt])
    value = on.history.states.value - off.history.states.value
    stayed = ((on.history.events.left == NEVER) & (off.history.events.left == NEVER)).all(axis=0)
    running = on.history.states.running[day // 7]
    assert (value[-1][hurt & stayed & running] < -0.1).all()
    assert not value[:, ~hurt].any()
