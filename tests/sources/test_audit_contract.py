"""Does the audit know the whole contract: versions, currencies, people, plays, scores of others, texts?"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from sources.audited_world import (
    Frames,
    added,
    all_of,
    cells,
    clean,
    dropped,
    of,
    the,
)  # fmt: skip

Plant = Callable[[Frames], Frames]


def more(table: str, *frames: pd.DataFrame) -> Plant:
    """The table with rows more, cells that were not told left blank."""
    return lambda world: {**world, table: pd.concat([world[table].astype("object"), *frames])}


def given(table: str, **columns: object) -> Plant:
    """Whole columns set, the same in every row or cell by cell."""
    return lambda world: {**world, table: world[table].assign(**columns)}


IDS = {"event_id": ["t1", "t2", "t3"], "known_at": ["2025-02-01", "2025-07-01", "2025-12-01"]}
FIRST = {"account_id": "a", "ticket_id": "t1", "opened_at": "2025-02-01", "first_response_at": "2025-02-01 09:00",
         "resolved_at": "2025-02-02", "reopened_at": "2025-02-03", "sla_due_at": "2025-02-04",
         "csat_at": "2025-02-05", "csat": 5, "priority": "low", "category": "bug", "event_id": "t1"}  # fmt: skip


def versions(*known_at: str, **changed: object) -> Plant:
    """The first ticket again, loaded at these times, with some cells changed."""
    again = pd.DataFrame([{**FIRST, **changed, "known_at": at} for at in known_at])
    return all_of(given("tickets", **IDS), more("tickets", again))


EUROS = all_of(cells("subscriptions", "currency", r1="EUR", r2="eur"), cells("invoices", "currency", r0="EUR"))

# what is planted, in which tables it is looked for, and what must be found: severity, code, where, count; wrongs
# that do not touch each other are planted together, as an audit costs a second
PLANTED: list[tuple[Plant, str, list[str]]] = [
    (versions("2025-02-10", "2025-02-11"), "tickets", ["note replays tickets.event_id 2"]),
    (versions("2025-02-10", "2025-02-11", priority="high"), "tickets",
     ["note corrections tickets.event_id 1", "note replays tickets.event_id 1"]),
    (versions("2025-02-01", priority="high"), "tickets", ["counted versions_at_once tickets.event_id 1"]),
    (versions("2025-02-10", account_id="c"), "tickets", ["counted shared_event_ids tickets.event_id 1"]),
    (all_of(given("tickets", **IDS), cells("tickets", "event_id", r1=None, r2=None)), "tickets",
     ["note event_id_blank tickets.event_id 2"]),
    (EUROS, "subscriptions invoices",
     ["fatal mixed_currencies subscriptions.currency 2", "fatal mixed_currencies invoices.currency 1"]),
    (all_of(EUROS, cells("rates", "valid_from", r0="2024-03-02", r1="2025-06-02"),
            cells("invoices", "currency", r2="CHF", r3="GBP")), "subscriptions invoices rates",
     ["fatal no_rate subscriptions.currency 1",  # sb began on 1 March 2024; the other has a rate since
      "fatal no_rate invoices.currency 2"]),
    (cells("rates", "rate", r1=0.95, r2=10.5), "rates", ["counted rate_jumps rates.rate 1"]),
    (cells("rates", "rate", r1="0"), "rates",
     ["fatal unreadable_cells rates.rate 1"]),  # one of three is more than a fifth
    (all_of(added("rates"), cells("rates", "rate", r1=0.000001)), "rates",
     ["fatal duplicates rates.currency 1", "counted odd_rates rates.rate 1"]),
    (all_of(cells("users", "left_at", r1="2024-06-30"),
            cells("users", "champion", r0=False),
            cells("incidents", "ended_at", r0="2025-04-30", r1=None),
            cells("incidents", "account_id", r0=None),
            cells("notes", "text", r0=" "),
            cells("touchpoints", "kind", r0="fax"),
            cells("goals", "target", r0=0.1),
            cells("goals", "due_at", r0="2024-06-01", r1=None),
            cells("goals", "reached_at", r0="2024-06-02"),
            cells("interventions", "arm", r0="maybe"),
            cells("external_scores", "scored_at", r1="2025-03-02"),
            cells("external_scores", "account_id", r2="z"),
            cells("exits", "reason", r0="cheaper elsewhere"),
            given("tickets", text=["too slow", " ", None]),
            given("surveys", comment=["good", None, None])),
     "users incidents notes touchpoints goals interventions external_scores exits tickets surveys",
     ["counted impossible_times users.left_at 1",
      "note no_champions users.champion 3",
      "counted impossible_times incidents.ended_at 1",
      "note for_everyone incidents.account_id 1",
      "fatal missing_cells notes.text 1",
      "note unknown_kinds touchpoints.kind 1",
      "counted nothing_to_reach goals.target 1",
      "counted impossible_times goals.due_at 1",
      "counted impossible_times goals.reached_at 1",
      "note no_due_date goals.due_at 1",
      "counted unknown_arms interventions.arm 1",
      "counted after_exit external_scores.scored_at 1",
      "counted orphans external_scores.account_id 1",
      "note unknown_reasons exits.reason 1",
      "note empty_texts tickets.text 2",
      "note empty_texts surveys.comment 2"]),
    (all_of(cells("incidents", "started_at", r1="2025-12-01"),
            cells("incidents", "account_id", r0="z"),
            cells("interventions", "account_id", r1="a"),
            cells("external_scores", "scored_at", r2="2025-02-01"),
            cells("users", "joined_at", r0="2025-02-01"),
            cells("users", "left_at", r2="2025-10-01"),
            cells("usage_events", "user_id", r0="A-1")),
     "incidents interventions external_scores users usage_events",
     ["counted never_ended incidents.ended_at 1",
      "counted orphans incidents.account_id 1",
      "counted both_arms interventions.arm 1",
      "counted duplicates external_scores.account_id 1",
      "counted active_before_joining users.joined_at 1",
      "counted active_after_leaving users.left_at 1",
      "counted unknown_users usage_events.user_id 1"]),
    (all_of(cells("accounts", "parent_account_id", r1="a", r2="a"),
            given("accounts", churn_flag=[True, False, False])), "accounts exits",
     ["counted parent_circle accounts.parent_account_id 3", "counted flags_disagree accounts.churn_flag 2"]),
    (all_of(cells("accounts", "parent_account_id", r0=None, r1="b"),
            given("accounts", churned=["no", "yes", "no"])), "accounts exits",
     ["counted parent_circle accounts.parent_account_id 1", "note end_state accounts.churned 3"]),
    (all_of(given("accounts", Is_Churned=[0, 1, 1]),
            cells("subscriptions", "renews_at", r0="2026-06-01", r1="2027-06-01", r2="2026-03-01")), "accounts",
     ["counted flags_disagree accounts.Is_Churned 1", "fatal renews_at_moved_on subscriptions.renews_at 3"]),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "tables", "expected"), PLANTED, ids=[p[2][0] for p in PLANTED])
def test_a_planted_wrong_is_found_and_counted(plant: Plant, tables: str, expected: list[str]) -> None:
    found = of(plant(clean()), *tables.split())
    told = [f"{f.severity} {f.code} {f.where} {f.count}" for f in found.findings]
    assert [one for one in expected if one not in told] == [], told


CODES = {
    *("replays", "corrections", "versions_at_once", "shared_event_ids", "event_id_blank", "mixed_currencies"),
    *("no_rate", "rate_jumps", "odd_rates", "duplicates", "no_champions", "unknown_users", "for_everyone"),
    *("active_before_joining", "active_after_leaving", "impossible_times", "never_ended", "orphans"),
    *("unknown_kinds", "nothing_to_reach", "no_due_date", "unknown_arms", "both_arms", "after_exit", "end_state"),
    *("unknown_reasons", "empty_texts", "parent_circle", "flags_disagree", "renews_at_moved_on"),
    *("unreadable_cells", "missing_cells"),
    *("before_subscription", "feed_outage", "begins_late"),
}

QUIET: dict[str, tuple[Plant, str]] = {
    "one version of each, euros with a rate since before, and a champion":
        (all_of(given("tickets", **IDS), EUROS), "tickets subscriptions invoices rates users usage_events"),
    "a rate that doubles over three rows, an incident that began 30 days ago, a kind with a dash, another play of "
    "the same account, a score on the day of the exit, a text in every second ticket":
        (all_of(cells("rates", "rate", r1=1.9, r2=2.2),
                cells("incidents", "started_at", r1="2025-12-02"),
                cells("touchpoints", "kind", r0="Check-In"),
                added("interventions", account_id="a", play="training"),
                cells("external_scores", "scored_at", r1="2025-03-01"),
                added("tickets", ticket_id="t4"), given("tickets", text=["x", None, "y", None])),
         "rates incidents touchpoints interventions external_scores tickets"),
    "a score of an account that came back, and a group of three":
        (all_of(cells("external_scores", "scored_at", r1="2025-04-02"),
                added("subscriptions", subscription_id="s9", account_id="b", started_at="2025-04-01"),
                cells("accounts", "parent_account_id", r1="c")), "external_scores"),
    "a flag that tells of something else, and a renewal booked within the term before":
        (all_of(given("accounts", churn_risk=["high", "low", "low"]),
                cells("subscriptions", "renews_at", r1="2027-03-01")), "accounts exits"),
}  # fmt: skip


@pytest.mark.parametrize(("plant", "tables"), QUIET.values(), ids=QUIET)
def test_what_is_no_wrong_is_no_finding(plant: Plant, tables: str) -> None:
    found = of(plant(clean()), *tables.split())
    assert [f"{f.code} {f.message}" for f in found.findings if f.code in CODES] == []


def test_a_row_that_a_correction_superseded_is_no_finding_any_more() -> None:
    wrong = all_of(given("tickets", **IDS), cells("tickets", "csat", r0=100))
    assert the(of(wrong(clean()), "tickets"), "out_of_range", "tickets").count == 1
    put_right = all_of(wrong, more("tickets", pd.DataFrame([{**FIRST, "known_at": "2025-03-01"}])))
    found = of(put_right(clean()), "tickets")
    assert "out_of_range" not in [f.code for f in found.findings]
    [facts] = [t for t in found.tables if t.table == "tickets"]
    assert (facts.rows, facts.kept, facts.set_aside, facts.superseded, facts.has_event_id) == (4, 3, 0, 1, True)


def test_a_corrected_version_of_a_subscription_does_not_overlap_with_itself() -> None:
    world = clean()
    named = world["subscriptions"].assign(event_id=["1", "2", "3", "4"])
    named["known_at"] = named["started_at"]
    again = named.iloc[[0]].assign(ended_at="2025-06-01", mrr=105.0, known_at="2024-07-01")
    first = named.assign(ended_at=[None, None, "2025-03-01", None])
    found = of({**world, "subscriptions": pd.concat([first, again])}, "exits")
    assert [f.code for f in found.findings if f.code in ("overlapping_versions", "duplicates")] == []


def test_amounts_without_a_rate_are_named_with_their_currency_and_stop_a_run() -> None:
    world = all_of(cells("subscriptions", "currency", r1="EUR", r3="chf"))(clean())
    found = of(world, "rates")
    finding = the(found, "no_rate", "subscriptions")
    assert "CHF (1 rows)" in finding.message and "EUR" not in finding.message
    assert [(e["subscription_id"], e["currency"], e["mrr"]) for e in finding.examples] == [("sc", "chf", "20.0")]
    assert found.fatal[0] is finding
    assert "unreadable_cells" not in [f.code for f in found.findings], "the amount could be read all right"


def test_use_from_before_its_subscription_is_counted_by_the_one_that_the_row_names() -> None:
    world = added("subscriptions", subscription_id="sx", account_id="a", started_at="2025-06-01")(clean())
    told = [f.code for f in of(world, "usage_events").findings]
    assert "before_subscription" not in told, "a is there since 2024"
    world["usage_events"] = world["usage_events"].assign(subscription_id=["sx", "sc"] * 52)
    finding = the(of(world, "usage_events"), "before_subscription", "usage_events")
    assert (finding.count, finding.severity) == (21, "counted"), "a's Mondays from 6 January to 26 May"
    few = {**world, "usage_events": world["usage_events"].iloc[37:]}
    told = [f.code for f in of(few, "usage_events").findings]
    assert "before_subscription" not in told, "3 of 67 may be a trial"


def test_use_from_before_the_first_subscription_is_counted_where_rows_name_none() -> None:
    world = cells("subscriptions", "started_at", r0="2025-03-01")(clean())
    finding = the(of(world, "usage_events"), "before_subscription", "usage_events")
    assert finding.count == 8, "6 January to 24 February"


def test_texts_and_names_are_shown_in_no_example_of_the_new_tables() -> None:
    world = all_of(cells("notes", "account_id", r0="z"), cells("touchpoints", "account_id", r0="z"))(clean())
    world = given("tickets", text="a secret", **IDS)(world)
    world = more("tickets", pd.DataFrame([{**FIRST, "text": "another secret", "known_at": "2025-02-01"}]))(world)
    shown = " ".join(f.shown for f in of(world, "notes", "touchpoints", "tickets").findings)
    assert "versions_at_once" in [f.code for f in of(world, "tickets").findings]
    assert "secret" not in shown and "calm" not in shown and "Kim" not in shown


def test_a_dropped_column_of_the_new_tables_says_what_is_lost() -> None:
    world = dropped("users", "champion", "left_at")(clean())
    told = {f.where: f.message for f in of(world, "users").findings if f.code == "absent_column"}
    assert "features of champions are absent" in told["users.champion"] and "users.left_at" in told


def test_rows_of_an_account_that_never_was_are_orphans_in_every_table() -> None:
    world = clean()
    for table in ("users", "notes", "touchpoints", "goals", "interventions", "external_scores", "incidents"):
        world = added(table, account_id="gone")(world)
    found = of(world)
    orphaned = {f.table for f in found.findings if f.code == "orphans"}
    assert orphaned == {"users", "notes", "touchpoints", "goals", "interventions", "external_scores", "incidents"}
