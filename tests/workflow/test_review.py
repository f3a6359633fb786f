"""Does a review tell a customer what it did and got, to the count, and nothing of what we think of it?"""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pandas as pd
import pytest

from churnmodel.errors import ScoreError, SourceError
from churnmodel.reports.before_sending import before_sending
from churnmodel.reports.review_page import review_page
from churnmodel.reports.review_told import is_internal
from churnmodel.settings import Settings
from churnmodel.workflow.project import Project
from churnmodel.workflow.review import review_told
from small_worlds import version, world

AS_OF = "2026-01-01"
FORBIDDEN = re.compile(
    r"risk|churn|health|sentiment|driver|\bband\b|leav|attrition|retention|detractor|competitor|cancel|at stake"
    r"|\bnotice|orange|\bred\b|\bMRR\b|trust|forecast|probab|escalat",
    re.IGNORECASE,
)
SECRETS = tuple(f"{of}SECRET" for of in ("NOTE", "TICKET", "SURVEY", "EXIT", "PLAY", "SOURCE", "CONTACT"))
SUBSCRIPTIONS = [
    version("2025-03-10", seats=20, plan="growth_plus", term_months=12, renews_at="2026-03-10"),
    version("2025-01-01", account_id="b", subscription_id="t", seats=999, plan="OTHERPLAN"),
]
USERS = [
    {"user_id": "u1", "joined_at": "2025-03-10"},
    {"user_id": "u2", "joined_at": "2025-03-10"},
    {"user_id": "u3", "joined_at": "2025-03-10", "left_at": "2025-06-01"},
    {"user_id": "x9", "account_id": "b", "joined_at": "2025-03-10"},
]
EVENTS = [
    *({"user_id": "u1", "occurred_at": f"2025-12-{d:02d}", "feature": "reports"} for d in (2, 10, 20)),
    {"user_id": "u1", "occurred_at": "2025-12-20T09:00:00", "feature": "alerts"},
    {"user_id": "u2", "occurred_at": "2025-12-20", "feature": "reports"},
    {"user_id": "bot", "occurred_at": "2025-12-20", "feature": "api", "channel": "API"},
    {"user_id": "u3", "occurred_at": "2025-05-01", "feature": "exports"},
    {"user_id": "u1", "occurred_at": "2025-12-28", "feature": "churn_risk"},
    {"user_id": "u1", "occurred_at": "2026-01-01", "feature": "tomorrow"},
    *(
        {"user_id": f"o{k}", "account_id": "b", "occurred_at": "2025-12-21", "feature": "OTHERFEATURE"}
        for k in range(7)
    ),
]
TICKETS = [
    {"opened_at": "2025-11-01T00:00", "first_response_at": "2025-11-01T02:00", "resolved_at": "2025-11-03T00:00",
     "csat": 4, "text": "TICKETSECRET we want to cancel"},
    {"opened_at": "2025-11-05T00:00", "first_response_at": "2025-11-05T06:00", "resolved_at": "2025-11-05T12:00",
     "csat": 5},
    {"opened_at": "2025-12-30T00:00"},
    {"opened_at": "2025-12-01T00:00", "first_response_at": "2025-12-01T04:00", "resolved_at": "2026-01-05"},
    {"opened_at": "2024-11-01T00:00", "first_response_at": "2024-11-20", "resolved_at": "2024-12-01"},
    {"account_id": "b", "opened_at": "2025-11-01", "first_response_at": "2025-11-30", "csat": 1},
]  # fmt: skip
GOALS = [
    {"set_at": "2025-04-01", "metric": "hours_saved", "baseline": 0, "target": 259.5, "due_at": "2025-10-01",
     "reached_at": "2025-09-01"},
    {"set_at": "2025-04-01", "metric": "active_users", "baseline": 2, "target": 15, "due_at": "2026-04-01",
     "reached_at": "2026-01-15"},
    {"set_at": "2025-04-01", "metric": "churn_risk_score", "baseline": 80, "target": 10, "due_at": "2026-02-01"},
    {"account_id": "b", "set_at": "2025-04-01", "metric": "OTHERGOAL", "target": 1},
]  # fmt: skip
METRICS = [
    {"measured_at": "2025-12-01", "metric": "active_users", "value": 9.0},
    {"measured_at": "2025-12-15", "metric": "active_users", "value": 11.0},
    {"measured_at": "2026-01-02", "metric": "active_users", "value": 99.0},
    {"measured_at": "2025-12-15", "metric": "health_score", "value": 41.0},
    {"account_id": "b", "measured_at": "2025-12-15", "metric": "active_users", "value": 77.0},
]
INTERNAL = {
    "notes": [{"written_at": "2025-12-01", "author": "CONTACTSECRET", "text": "NOTESECRET they will leave us"}],
    "surveys": [{"sent_at": "2025-12-01", "answered_at": "2025-12-02", "kind": "nps", "score": 2,
                 "comment": "SURVEYSECRET"}],
    "exits": [{"exited_at": "2025-12-30", "reason": "EXITSECRET", "comment": "EXITSECRET"}],
    "interventions": [{"occurred_at": "2025-12-01", "play": "PLAYSECRET", "arm": "treated"}],
    "external_scores": [{"scored_at": "2025-12-01", "source": "SOURCESECRET", "score": 12}],
    "touchpoints": [{"occurred_at": "2025-12-01", "kind": "champion_left", "contact_id": "CONTACTSECRET"}],
}  # fmt: skip


ACCOUNTS = [
    {"account_id": "a", "created_at": "2025-01-01", "name": "Acme & Sons"},
    {"account_id": "b", "created_at": "2025-01-01", "name": "OTHERNAME"},
]


def project(**tables) -> Project:
    """A project whose tables are these, beside what every world has."""
    usual = {"users": USERS, "usage_events": EVENTS, "tickets": TICKETS, "goals": GOALS, "metrics": METRICS}
    told = usual | tables
    accounts = told.pop("accounts", ACCOUNTS)
    subscriptions = told.pop("subscriptions", SUBSCRIPTIONS)
    settings = {"project": {"name": "Vendor Inc", "data_until": pd.Timestamp("2026-02-01").to_pydatetime()}}
    made = Project(Settings.model_validate(settings))
    tables = {name: rows for name, rows in told.items() if rows is not None}
    made.__dict__["db"] = world(subscriptions, until="2026-02-01", accounts=accounts, **tables)
    return made


def review(wanted: str = "a", **tables):
    return review_told(project(**tables), wanted, pd.Timestamp(AS_OF))


@pytest.fixture(scope="module")
def told():
    return review(**INTERNAL)


@pytest.fixture(scope="module")
def page(told) -> str:
    return review_page(told)


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split("<body>")[1])).split())


def test_no_word_of_ours_is_in_the_page_nor_in_its_style_nor_its_title(page):
    found = FORBIDDEN.search(page)
    assert found is None, page[max(0, found.start() - 60) : found.end() + 60]


def test_no_text_of_the_tables_that_nobody_meant_for_it_is_in_the_page(page):
    assert [secret for secret in SECRETS if secret.casefold() in page.casefold()] == []


def test_nothing_of_another_account_is_in_the_page(page):
    assert "OTHER" not in page.upper() and "999" not in page and "77" not in words(page)


def test_whatever_stands_in_tables_it_does_not_read_the_page_is_the_same(page):
    assert review_page(review()) == page


def test_people_and_actions_are_counted_by_hand_and_not_by_api(told):
    use = told.use
    assert use.people == 2
    december, may = (use.months.loc[pd.Timestamp(day)] for day in ("2025-12-01", "2025-05-01"))
    assert (december["people"], december["actions"], may["people"], may["actions"]) == (2, 6, 1, 1)


def test_the_months_begin_with_the_contract_and_end_with_the_last_whole_one(told):
    assert [f"{m:%Y-%m}" for m in told.use.months.index] == [f"2025-{m:02d}" for m in range(4, 13)]


def test_product_features_are_those_of_ninety_days_with_the_people_who_used_them(told):
    used = told.use.features.set_index("feature")
    assert used["people"].to_dict() == {"Reports": 2, "Alerts": 1, "Api": 0}
    assert used["actions"].to_dict() == {"Reports": 4, "Alerts": 1, "Api": 1}


def test_labels_that_speak_of_what_is_ours_are_left_out_and_named_to_us(told):
    assert told.left_out == ("churn_risk", "churn_risk_score")


def test_support_counts_what_was_known_and_takes_medians(told):
    s = told.support
    assert (s.opened, s.answered, s.resolved, s.open_now) == (4, 3, 2, 2)
    assert s.response_hours == 4.0 and s.resolution_hours == pytest.approx((48 + 12) / 2)
    assert (s.csat, s.rated, s.dark_days) == (4.5, 2, 0)


def test_a_ticket_opened_again_is_open(told):
    again = [{**TICKETS[0], "reopened_at": "2025-12-20"}, *TICKETS[1:]]
    assert review(tickets=again).support.open_now == told.support.open_now + 1


def test_a_goal_is_reached_once_that_was_known_and_shows_where_it_stands(told, page):
    goals = told.goals.set_index("metric")
    assert goals["reached_at"].notna().to_dict() == {"Hours saved": True, "Active users": False}
    assert goals.loc["Active users", "now"] == 11.0 and goals.loc["Hours saved", "target"] == 259.5
    assert "goal agreed reached on Hours saved from 0 to 259.5 1 September 2025" in words(page)
    assert "agreed for Active users from 2 to 15 11 1 April 2026" in words(page)
    assert "1 of 2 agreed goals reached" in words(page)


def test_the_terms_are_those_of_the_running_subscription(told, page):
    c = told.contract
    assert (c.plan, c.seats, c.term_months, told.people_with_access) == ("growth_plus", 20.0, 12.0, 2.0)
    assert c.customer_since.isoformat() == "2025-03-10" and c.term_ends.isoformat() == "2026-03-10"
    assert "Plan growth plus" in words(page) and "Current term ends on 10 March 2026" in words(page)


def test_an_account_under_notice_is_told_its_terms_as_any_other(page):
    leaving = [{**SUBSCRIPTIONS[0], "cancelled_at": "2025-12-01"}, SUBSCRIPTIONS[1]]
    assert review_page(review(subscriptions=leaving)) == page


def test_the_name_finds_it_and_an_unknown_one_is_refused_with_the_nearest():
    assert review("acme & sons").account_id == "a"
    with pytest.raises(ScoreError, match=r"no account 'Acme & Son' in the tables.*did you mean 'a'"):
        review("Acme & Son")


def test_without_a_running_subscription_there_is_nothing_to_review():
    ended = [{**SUBSCRIPTIONS[0], "ended_at": "2025-11-01"}, SUBSCRIPTIONS[1]]
    with pytest.raises(ScoreError, match=r"no running subscription on 2026-01-01.*--as-of"):
        review(subscriptions=ended)


def test_a_day_after_the_data_is_refused():
    with pytest.raises(SourceError, match="2026-03-01 lies after data_until 2026-02-01"):
        review_told(project(), "a", pd.Timestamp("2026-03-01"))


def test_tables_that_are_not_there_leave_their_sections_out():
    told = review(users=None, usage_events=None, tickets=None, goals=None, metrics=None)
    page = review_page(told)
    assert told.use is told.support is told.goals is None
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Your agreement"] and "nan" not in words(page).split()


@pytest.mark.parametrize(
    ("table", "column", "section"),
    [
        ("usage_events", "user_id", "people active"),
        ("tickets", "resolved_at", "Tickets opened"),
        ("goals", "reached_at", "goals reached"),
        ("users", "left_at", "People with access"),
    ],
)
def test_a_column_that_is_not_mapped_takes_its_section_out_and_is_named_to_us(told, page, table, column, section):
    assert section in words(page) and told.lacking == ()
    made = project()
    unmapped = replace(made.db.readings[table], missing=(column,))
    made.__dict__["db"] = replace(made.db, readings={**made.db.readings, table: unmapped})
    without = review_told(made, "a", pd.Timestamp(AS_OF))
    assert section not in words(review_page(without)) and without.lacking == (f"{table}.{column}",)


def test_a_plan_whose_name_is_internal_is_not_on_the_page():
    told = review(subscriptions=[row | {"plan": "churn_save_offer"} for row in SUBSCRIPTIONS])
    assert told.left_out[0] == "churn_save_offer" and told.contract.plan == ""
    assert "save offer" not in review_page(told)


@pytest.mark.parametrize(
    "name", ["leave_probability", "likelihood_to_leave", "customerhealth", "NPSscore", "rag_status", "churnRisk"]
)
def test_names_that_speak_of_what_is_ours_are_known(name):
    assert is_internal(name)


def test_an_account_without_rows_is_told_so_without_a_figure_made_up():
    told = review(users=USERS[3:], usage_events=EVENTS[-7:], tickets=TICKETS[-1:], goals=GOALS[-1:])
    said = words(review_page(told))
    assert "No use is on record" in said and "No agreed goal has been reached" in said
    assert "nan" not in said.split() and "Tickets opened 0" in said and "First answer" not in said


def test_a_month_whose_records_never_came_is_marked_and_the_trend_is_not_told():
    days = pd.date_range("2025-03-10", "2025-12-31")
    kept = days[(days < "2025-10-05") | (days > "2025-10-20")]
    told = review(usage_events=daily(kept))
    months = told.use.months
    assert [f"{m:%m}" for m in months.index[~months["complete"]]] == ["10"]
    page = review_page(told)
    assert "Our records of this month are incomplete" in page and "the last three full months" not in page
    whole = review_page(review(usage_events=daily(days)))
    assert "incomplete" not in words(whole)
    # 92 days of October to December, 92 of July to September
    as_before = "9 people a month were active and took 276 actions a month in all, as in the three months before."
    assert f"In the last three full months {as_before}" in words(whole)
    fewer = [e for e in daily(days) if e["occurred_at"] < "2025-10-01" or e["user_id"] < "u6"]
    told_fewer = words(review_page(review(usage_events=fewer)))
    assert "6 people a month were active and took 184 actions a month in all; in the" in told_fewer
    assert "in the three months before, 9 people took 276." in told_fewer


def daily(days: pd.DatetimeIndex) -> list[dict[str, str]]:
    """Nine people on each day."""
    return [{"user_id": f"u{k}", "occurred_at": f"{d:%Y-%m-%d}"} for d in days for k in range(9)]


def test_who_sends_it_is_told_what_to_look_at_first_and_the_customer_is_not(told):
    assert before_sending(told) == ["2 of 20 seats were in use in the last 28 days, which is under half"]
    rated = [{**TICKETS[0], "csat": 3}, *TICKETS[1:]]
    seats = [{**SUBSCRIPTIONS[0], "seats": 4}, SUBSCRIPTIONS[1]]
    assert before_sending(review(tickets=rated[:1], subscriptions=seats)) == [
        "they rate our support 3.0 of 5 (1 rating)"
    ]
    assert before_sending(review(tickets=rated, subscriptions=seats)) == []  # 4.0 of 5, half of the seats
    assert "under half" not in review_page(told)


EVIL = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\u202eb\u200bc\x00d", "=cmd()", "W" * 300)


@pytest.mark.parametrize("name", EVIL)
def test_texts_of_others_are_only_text(name):
    rows = [{**e, "feature": name} for e in EVENTS]
    page = review_page(review(
        usage_events=rows, goals=[{**g, "metric": name} for g in GOALS],
        subscriptions=[{**s, "plan": name} for s in SUBSCRIPTIONS],
        accounts=[{"account_id": a, "created_at": "2025-01-01", "name": name} for a in "ab"],
    ))  # fmt: skip
    assert "W" * 80 not in page and not re.search(r"<(script|img)", page)
    assert not re.search(r"[\u200b-\u200f\u202a-\u202e\x00]", page)
    assert "default-src 'none'; style-src 'unsafe-inline'\"" in page and "url(" not in page
