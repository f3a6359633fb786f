import numpy as np

from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.state import DECIDED


def _use(company):
    """Rows of use by people per account and day since the start; shape (n, days)."""
    usage, calendar = company.tables["usage_events"], company.history.calendar
    by_people = usage[usage["channel"] != "api"]
    days = (by_people["occurred_at"] - calendar.start).dt.days.to_numpy()
    ids = company.tables["accounts"]["account_id"].to_numpy()
    count = np.zeros((len(ids), 7 * calendar.weeks))
    np.add.at(count, (np.searchsorted(ids, by_people["account_id"].to_numpy()), days), 1)
    return count


def _change_before_leaving(company):
    """Use in the last 60 days of each who decided to leave, against the 60 days half a year earlier.

    Given as the logarithm of the ratio, less that of the accounts that served through the same days: so
    neither season nor growth counts. Accounts that had been customers for less than a year are left out.
    """
    use, events, traits = _use(company), company.history.events, company.history.traits
    changes = []
    for week, row in zip(*np.nonzero((events.left < NEVER) & (events.exit_kind == DECIDED)), strict=True):
        day = events.left[week, row]
        old = day - 365
        if traits.arrives[row] > old:
            continue
        stayers = (traits.arrives < old) & (events.left == NEVER).all(axis=0)
        change = np.log1p(use[:, day - 60 : day].sum(1)) - np.log1p(use[:, day - 240 : day - 180].sum(1))
        changes.append(change[row] - np.median(change[stayers]))
    return np.array(changes)


def test_use_falls_before_accounts_decide_to_leave(company):
    change = _change_before_leaving(company)
    assert len(change) > 25
    assert np.median(change) < -0.10
    assert change.mean() + 2.5 * change.std() / np.sqrt(len(change)) < 0


def test_use_is_no_oracle_some_leavers_use_more_than_before(company):
    assert 0.08 < (_change_before_leaving(company) > 0).mean() < 0.45


def test_tickets_respect_the_order_of_their_lives(company):
    t = company.tables["tickets"]
    assert not (t["first_response_at"] <= t["opened_at"]).any()
    assert not (t["resolved_at"] < t["first_response_at"]).any()
    assert not (t["reopened_at"] < t["first_response_at"]).any()
    assert t["csat"].dropna().isin([1, 2, 3, 4, 5]).all()
    assert (t["csat"].notna() == t["csat_at"].notna()).all()
    assert (t["sla_due_at"] > t["opened_at"]).all()


def test_friction_brings_more_tickets(company):
    states, ids = company.history.states, company.tables["accounts"]["account_id"].to_numpy()
    tickets = company.tables["tickets"]
    week = ((tickets["opened_at"] - company.history.calendar.start).dt.days // 7).to_numpy()
    row = np.searchsorted(ids, tickets["account_id"].to_numpy())
    rough = states.friction[1:] > 0.5
    served = states.running[1:]
    per_week_rough = rough[week, row].sum() / (rough & served).sum()
    per_week_smooth = (~rough[week, row]).sum() / (~rough & served).sum()
    assert per_week_rough > 1.5 * per_week_smooth


def test_the_discontented_score_lower_and_answer_less(company):
    asked, ids = company.tables["surveys"], company.tables["accounts"]["account_id"].to_numpy()
    surveys = asked[asked["answered_at"].notna()]
    assert (asked["answered_at"].isna() == asked["score"].isna()).all()
    assert 0.15 < len(surveys) / len(asked) < 0.35
    assert surveys["score"].between(0, 10).all()
    assert (surveys["answered_at"] > surveys["sent_at"]).all()
    row = np.searchsorted(ids, surveys["account_id"].to_numpy())
    week = ((surveys["sent_at"] - company.history.calendar.start).dt.days // 7).to_numpy()
    value = company.history.states.value
    low = value[week, row] < 0.0
    assert surveys["score"][low].mean() < surveys["score"][~low].mean() - 0.7
    served = company.history.states.running
    assert low.sum() / (served & (value < 0)).sum() < 0.8 * (~low).sum() / (served & (value >= 0)).sum()


def test_the_gauge_lies_between_0_and_1_once_a_week(company):
    metrics = company.tables["metrics"]
    assert metrics["value"].between(0, 1).all()
    assert set(metrics["metric"]) == {"depth_score"}
    assert not metrics.duplicated(["account_id", "measured_at"]).any()


def test_a_minority_of_accounts_works_through_the_api(company):
    usage = company.tables["usage_events"]
    by_service = usage.loc[usage["channel"] == "api", "account_id"].nunique()
    assert 0.05 < by_service / len(company.tables["accounts"]) < 0.25


def test_about_six_in_ten_reasons_for_leaving_are_known(company):
    left = int((company.history.events.left < NEVER).sum())
    assert 0.45 < len(company.tables["exits"]) / left < 0.75
