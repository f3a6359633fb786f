from __future__ import annotations

import pandas as pd
import pytest
from by_hand import PAYING

from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.catalog import CATALOG, available
from churnmodel.features.evidence import Evidence, evidence_of
from churnmodel.features.evidence_cells import shortened
from churnmodel.features.evidence_faces import FACES
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.gauges import metric_features
from churnmodel.features.measures import Level
from churnmodel.features.rehearsal import NEVER_FEATURES
from churnmodel.settings import MetricSettings
from churnmodel.sources.schemas import CONTRACT
from small_worlds import version, world

AS_OF = pd.Timestamp("2025-07-02")
BY_NAME = {f.name: f for f in CATALOG}


def behind(db, name: str, limit: int | None = 5) -> Evidence | None:
    return evidence_of(db, "a", AS_OF, [BY_NAME[name]], limit).get(name)


def ticket(day: str, **more):
    return {"ticket_id": f"t{day}", "opened_at": day, "priority": "low"} | more


def test_the_tickets_behind_a_count_are_told_newest_first_and_counted():
    opened = [ticket(f"2025-06-{day:02d}", text=f"Number {day}") for day in (3, 10, 17, 24)]
    db = world(PAYING, tickets=[ticket("2025-01-01"), *opened, ticket("2025-07-02")])
    evidence = behind(db, "tickets_opened_90d", 3)
    assert evidence.rows["ticket_id"].tolist() == ["t2025-06-24", "t2025-06-17", "t2025-06-10"]
    assert evidence.rows["text"].tolist() == ["Number 24", "Number 17", "Number 10"]
    assert (evidence.table, evidence.total) == ("tickets", 4)
    assert evidence.words == "3 of 4 tickets, opened from 3 to 24 June 2025"


def test_what_is_open_is_told_oldest_first_and_an_answer_to_come_stays_blank():
    db = world(PAYING, tickets=[ticket("2025-06-20"), ticket("2025-03-01", resolved_at="2025-07-05"),
                                ticket("2025-06-01", resolved_at="2025-06-02")])  # fmt: skip
    evidence = behind(db, "tickets_open")
    assert evidence.rows["ticket_id"].tolist() == ["t2025-03-01", "t2025-06-20"]
    assert evidence.rows["resolved_at"].isna().all()
    assert evidence.words == "2 tickets, opened from 1 March to 20 June 2025, the oldest first"
    assert behind(db, "oldest_open_ticket_days").rows["ticket_id"].tolist() == ["t2025-03-01"]


def test_a_row_is_shown_in_the_version_that_was_known_and_not_before_it_was():
    first = ticket("2025-06-20", event_id="e", priority="low")
    db = world(PAYING, tickets=[
        first,
        first | {"priority": "urgent", "known_at": "2025-07-03"},
        ticket("2025-06-21", known_at="2025-07-02"),
    ])  # fmt: skip
    assert behind(db, "tickets_opened_28d").rows["priority"].tolist() == ["low"]
    assert behind(db, "tickets_urgent_90d") is None


def test_of_a_share_the_rows_that_count_come_first():
    tickets = [ticket("2025-06-01", priority="urgent"), *(ticket(f"2025-06-{d}") for d in range(10, 17))]
    evidence = behind(world(PAYING, tickets=tickets), "tickets_urgent_share_90d", 2)
    assert evidence.rows["priority"].tolist() == ["urgent", "low"]
    assert evidence.words == "2 of 8 tickets, opened from 1 to 16 June 2025, the 1 counted first"


def test_a_mean_is_told_from_its_worse_end():
    given = [ticket(f"2025-06-{d}", resolved_at="2025-06-25", csat=c) for d, c in ((10, 4), (11, 1), (12, 3))]
    evidence = behind(world(PAYING, tickets=given), "csat_mean_180d")
    assert evidence.rows["csat"].tolist() == [1.0, 3.0, 4.0]
    assert evidence.words.endswith(", the worst first")


def test_money_is_in_units_and_what_stood_before_stands_beside():
    before = version("2024-01-01", "2025-05-01", mrr=500.5, seats=10)
    db = world([before, version("2025-05-01", mrr=400.25, seats=10)])
    evidence = behind(db, "contractions_365d")
    assert evidence.rows[["mrr", "before_mrr"]].values.tolist() == [[400.25, 500.5]]
    assert "before_seats" not in evidence.rows, "it is as it was"


def test_a_contract_in_another_currency_is_told_at_the_rate_its_feature_compares():
    in_euro = {"mrr": 100.0, "currency": "EUR"}
    versions = [version("2024-01-01", "2025-05-01", **in_euro), version("2025-05-01", **in_euro)]
    rose = (("2023-01-01", 1.1), ("2025-05-01", 1.2))
    rates = [{"currency": "EUR", "valid_from": day, "rate": rate} for day, rate in rose]
    rows = behind(world(versions, rates=rates), "mrr_change_90d").rows
    assert rows["mrr"].tolist() == [120.0, 110.0] and rows["mrr_at_one_rate"].tolist() == [120.0, 120.0]
    assert "mrr_at_one_rate" not in behind(world(PAYING), "mrr_change_90d").rows


def test_texts_are_short_on_one_line_and_without_addresses():
    long = "Hello,\x1b[31m\n" + "this is slow. " * 12 + "We want to cancel. Write to ada@example.com."
    db = world(PAYING, notes=[{"written_at": "2025-06-01", "author": "eve@example.com", "text": long}])
    shown = behind(db, "notes_readable_180d").rows.iloc[0]
    assert len(shown["text"]) <= 120 and shown["text"].startswith("Hello, [31m this is slow.")
    assert shown["author"] == "[e-mail]"
    speaks = behind(db, "notes_on_cancelling_90d").rows["text"].iloc[0]
    assert speaks == "…We want to cancel. Write to [e-mail]"


EVENTS = [
    {"user_id": user, "occurred_at": f"{day} 10:00", "feature": feature, "channel": channel, "quantity": 2}
    for day, user, feature, channel in (
        ("2025-05-20", "u1", "alerts", "ui"),
        ("2025-05-19", "u2", "reports", "ui"),
        ("2025-06-11", "u1", "reports", "api"),
        ("2025-07-01", "u1", "reports", "ui"),
        ("2025-07-02", "u3", "reports", "ui"),
    )
]


def test_usage_is_summed_up_over_time_and_empty_stretches_are_zero():
    evidence = behind(world(PAYING, usage_events=EVENTS), "usage_quantity_28d")
    assert evidence.rows["events"].tolist() == [1, 0, 1, 0]
    assert evidence.rows["users"].tolist() == [1, 0, 1, 0], evidence.rows
    assert evidence.rows["from"].tolist() == list(pd.date_range("2025-06-04", periods=4, freq="7D"))[::-1]
    assert evidence.rows["to"].iloc[0] == pd.Timestamp("2025-07-01")
    assert evidence.words == "a summary of 2 usage events from 11 June to 1 July 2025, by 7 days"


def test_windows_that_are_compared_are_told_as_such_and_a_quarter_by_28_days():
    world_of_use = world(PAYING, usage_events=EVENTS)
    evidence = behind(world_of_use, "events_change_28d")
    assert evidence.rows["events"].tolist() == [2, 2]
    assert evidence.rows["from"].tolist() == [pd.Timestamp("2025-06-04"), pd.Timestamp("2025-05-07")]
    assert evidence.words == "a summary of 4 usage events from 19 May to 1 July 2025, by 28 days"
    quarter = behind(world_of_use, "events_90d")
    assert quarter.rows["events"].tolist() == [2, 2, 0, 0] and quarter.words.endswith(", by 28 days")


def test_a_quote_of_what_was_spoken_of_begins_with_its_sentence_though_it_could_be_cut_behind_it():
    text = "A short catch-up with the whole team! They asked what it takes to cancel? "
    text += "All else is as it was. " * 5
    assert shortened(text, ["cancel"]).startswith("…They asked what it takes to cancel? All else")
    assert shortened(text).startswith("A short catch-up") and len(shortened(text, ["cancel"])) <= 120
    first = "We want to cancel the plan. " + "All else is as it was. " * 6
    assert shortened(first, ["cancel"]).startswith("We want to cancel")


def test_one_contract_is_no_version_and_its_list_price_does_not_widen_the_table():
    both = {"seats": 10, "list_mrr": 100.0}, {"seats": 12, "list_mrr": 120.0}
    db = world(
        [version("2024-01-01", "2025-05-01", mrr=100.0, **both[0]), version("2025-05-01", mrr=120.0, **both[1])]
    )
    evidence = behind(db, "days_since_contract_change")
    assert evidence.words == "1 contract, since 1 May 2025"
    assert {"mrr", "before_mrr", "seats", "before_seats"} <= set(evidence.rows)
    assert not {"list_mrr", "before_list_mrr"} & set(evidence.rows)
    dearer = version("2024-01-01", "2025-05-01", mrr=100.0, **both[0]), version("2025-05-01", mrr=100.0, **both[1])
    assert "before_list_mrr" in behind(world(list(dearer)), "days_since_contract_change").rows


def test_a_summary_of_quantity_tells_it():
    assert behind(world(PAYING, usage_events=EVENTS), "usage_quantity_28d").rows["quantity"].sum() == 4


def test_the_last_day_of_use_is_one_line():
    evidence = behind(world(PAYING, usage_events=EVENTS), "days_since_last_activity")
    assert evidence.rows[["from", "to"]].values.tolist() == [[pd.Timestamp("2025-07-01")] * 2]


def test_what_was_dropped_and_who_was_lost_come_first_by_name():
    db = world(PAYING, usage_events=EVENTS)
    features, users = behind(db, "breadth_change_28d"), behind(db, "lost_users_28d")
    assert features.rows["feature"].tolist() == ["alerts", "reports"]
    in_both = features.rows[["events_last_28_days", "events_56_to_28_days_before"]]
    assert in_both.values.tolist() == [[0, 1], [2, 1]]
    assert users.rows["user_id"].tolist() == ["u2", "u1"]
    assert users.words.startswith("2 users: a summary of 4 usage events")


def test_channels_are_told_apart_where_the_feature_does():
    evidence = behind(world(PAYING, usage_events=EVENTS), "api_share_28d")
    assert dict(evidence.rows[["channel", "events_last_28_days"]].values.tolist()) == {"api": 1, "ui": 1}


def test_a_seat_is_measured_against_the_contract_and_the_rows_are_those_of_use():
    db = world([version("2024-01-01", seats=4)], usage_events=EVENTS)
    assert behind(db, "seat_utilisation_28d").table == "usage_events"


def test_no_row_and_an_unknown_value_have_no_evidence():
    db = world([version("2025-07-01")], tickets=[], usage_events=EVENTS, goals=[])
    assert evidence_of(db, "a", AS_OF, [BY_NAME[n] for n in ("tickets_open", "goals_never_set")]) == {}
    assert behind(db, "events_change_28d") is None, "too early to say: the account is a day old"


def test_features_of_ones_own_have_evidence_and_one_without_a_measure_has_none():
    login = Cell("about the login", lambda t: t.category.lower() == "login", reads=("category",))
    words = Wording("{mine:n}", unknown="unknown")
    about_login = Level(Aggregate("tickets", "count", where=login))
    mine = Feature("mine", "support", "mine", "M.", "count", words, about_login)
    supplied = Feature("supplied", "support", "mine", "M.", "count", words)
    db = world(PAYING, tickets=[ticket("2025-06-01", category="Login"), ticket("2025-06-02", category="x")])
    found = evidence_of(db, "a", AS_OF, [mine, supplied])
    assert list(found) == ["mine"]
    assert found["mine"].rows["category"].tolist() == ["Login"]


def test_metrics_are_told_in_order_of_time_and_incidents_of_everyone_are_the_accounts_too():
    measured = [{"measured_at": f"2025-06-{d}", "metric": "depth", "value": v} for d, v in ((10, 0.2), (20, 0.9))]
    [level, *_] = metric_features({"depth": MetricSettings(label="depth", raises_risk="low")})
    incident = {"account_id": None, "started_at": "2025-06-10", "ended_at": "2025-06-11"}
    db = world(PAYING, metrics=measured, incidents=[incident])
    assert evidence_of(db, "a", AS_OF, [level])["depth_mean_28d"].rows["value"].tolist() == [0.9, 0.2]
    assert behind(db, "downtime_hours_28d").total == 1


def test_another_accounts_rows_are_never_shown():
    db = world([version("2024-01-01"), version("2024-01-01") | {"account_id": "b", "subscription_id": "sb"}],
               tickets=[ticket("2025-06-01"), ticket("2025-06-02", account_id="b")])  # fmt: skip
    assert behind(db, "tickets_opened_90d").total == 1


def test_evidence_is_told_as_json():
    told = behind(world(PAYING, tickets=[ticket("2025-06-01")]), "tickets_open").to_json()
    assert told["rows"] == [{"ticket_id": "t2025-06-01", "opened_at": "2025-06-01T00:00:00", "priority": "low",
                             "resolved_at": None, "reopened_at": None}]  # fmt: skip
    assert told["total"] == 1


@pytest.mark.parametrize("table", [name for name in CONTRACT if name not in NEVER_FEATURES])
def test_every_table_of_features_has_a_face_with_columns_of_its_own(table):
    names = CONTRACT[table].names
    assert set(FACES[table].columns) <= set(names)
    assert FACES[table].text is None or FACES[table].text in names


def test_values_that_are_known_are_not_built_again(monkeypatch):
    db = world(PAYING, tickets=[ticket("2025-06-01")])
    monkeypatch.setattr("churnmodel.features.evidence.build_feature_matrix", None)
    values = {f.name: float("nan") for f in available(db)} | {"tickets_open": 1.0}
    assert list(evidence_of(db, "a", AS_OF, available(db), values=values)) == ["tickets_open"]
