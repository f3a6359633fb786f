"""Does every finding of the audit fire on a world where it is planted, and stay silent on a clean one?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from churnmodel.errors import AuditError
from churnmodel.settings import settings_from
from churnmodel.sources.audit import Audit, audit
from churnmodel.sources.audit_finding import SEVERITIES, AuditFinding
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from churnmodel.sources.synthetic import simulate_company

UNTIL = "2026-01-01"
Frames = dict[str, pd.DataFrame]


def rows(columns: str, *values: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(values, columns=columns.split())


def clean() -> Frames:
    """Three accounts: "a" renewed last June, "b" left in March, "c" pays by the month."""
    weeks = pd.date_range("2025-01-06", "2025-12-29", freq="7D")
    events = [(who, f"{who}-1", week, "export", 3, "ui") for week in weeks for who in ("a", "c")]
    gauges = [(who, week, "depth", 0.5) for week in weeks for who in ("a", "c")]
    text = {"segment": "smb", "industry": "retail", "country": "DE", "csm": "Kim"}
    return {
        "accounts": rows("account_id created_at name parent_account_id", ("a", "2024-05-20", "A & Sons", "c"),
                         ("b", "2024-02-20", "B", None), ("c", "2024-11-20", "C", None)).assign(**text),
        "subscriptions": rows(
            "subscription_id account_id started_at ended_at cancelled_at mrr list_mrr seats renews_at term_months",
            ("sa", "a", "2024-06-01", "2025-06-01", None, 100.0, 120.0, 10, "2025-06-01", 12),
            ("sa", "a", "2025-06-01", None, None, 110.0, 120.0, 10, "2026-06-01", 12),
            ("sb", "b", "2024-03-01", "2025-03-01", "2025-01-15", 50.0, 60.0, 5, "2025-03-01", 12),
            ("sc", "c", "2024-12-01", None, None, 20.0, 20.0, 2, None, 1),
        ).assign(plan="pro", currency="USD", billing_period="annual", auto_renews=True),
        "invoices": rows(
            "invoice_id account_id issued_at due_at paid_at failed_at amount",
            ("i1", "a", "2025-06-01 10:00", "2025-07-01", "2025-06-01", None, 1320.0),  # a date beside a time
            ("i2", "c", "2025-08-01", "2025-08-15", "2025-08-03", "2025-08-01", 20.0),
            ("i3", "c", "2025-09-01", "2025-09-15", None, None, 20.0),
            ("i4", "c", "2025-12-01", "2026-01-15", "2025-12-03", None, 20.0),
        ).assign(currency="usd"),  # the same currency, written small
        "usage_events": rows("account_id user_id occurred_at feature quantity channel", *events),
        "tickets": rows(
            "ticket_id account_id opened_at first_response_at resolved_at reopened_at sla_due_at csat_at csat",
            ("t1", "a", "2025-02-01", "2025-02-01 09:00", "2025-02-02", "2025-02-03", "2025-02-04", "2025-02-05", 5),
            ("t2", "a", "2025-07-01", "2025-07-01 09:00", "2025-07-02", None, "2025-07-04", None, None),
            ("t3", "c", "2025-12-01", "2025-12-01 09:00", None, None, "2026-01-04", None, None),
        ).assign(priority="low", category="bug"),
        "surveys": rows("account_id respondent_id sent_at answered_at kind score",
                        ("a", "r1", "2025-03-01", "2025-03-02", "nps", 9), ("a", "r1", "2025-07-01", "2025-07-02", "NPS", 10),
                        ("c", "r2", "2025-12-01", "2025-12-02", "csat", 4)),
        "metrics": rows("account_id measured_at metric value", *gauges),
        "exits": rows("account_id exited_at reason", ("b", "2025-03-01", "price")),
    }  # fmt: skip


def of(frames: Frames, until: str = UNTIL) -> Audit:
    return audit(Database.from_frames(frames, until=until))


def cells(table: str, column: str, **values: object) -> Callable[[Frames], Frames]:
    """Cells changed, by row: ``cells("accounts", "name", r0="x")``."""

    def plant(frames: Frames) -> Frames:
        frame = frames[table].copy()
        old = frame[column] if column in frame else pd.Series(None, frame.index)
        told = [None if pd.isna(v) else str(v) if isinstance(v, pd.Timestamp) else v for v in old]
        for row, value in values.items():
            told[int(row[1:])] = value
        if any(isinstance(v, str) for v in told):
            told = [None if v is None else str(v) for v in told]
        return {**frames, table: frame.assign(**{column: told})}

    return plant


def added(table: str, **values: object) -> Callable[[Frames], Frames]:
    """One more row: the last one with some cells changed."""

    def plant(frames: Frames) -> Frames:
        last = frames[table].tail(1).assign(**values)
        return {**frames, table: pd.concat([frames[table].astype("object"), last.astype("object")])}

    return plant


def dropped(table: str, *columns: str) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, table: frames[table].drop(columns=list(columns))}


def without(table: str) -> Callable[[Frames], Frames]:
    return lambda frames: {k: v for k, v in frames.items() if k != table}


def emptied(table: str) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, table: frames[table].head(0).astype("str")}


def before(table: str, column: str, moment: str) -> Callable[[Frames], Frames]:
    """Only the rows from before `moment`."""
    return lambda frames: {**frames, table: frames[table][frames[table][column] < moment]}


def silent(table: str, column: str, start: str, end: str) -> Callable[[Frames], Frames]:
    def plant(frames: Frames) -> Frames:
        frame = frames[table]
        return {**frames, table: frame[~frame[column].between(pd.Timestamp(start), pd.Timestamp(end))]}

    return plant


def repeated(table: str, times: int) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, table: pd.concat([frames[table], *[frames[table].head(1)] * times])}


# what is planted -> (severity, code, table, column, count) that must be found
PLANTED = [
    (cells("metrics", "metric", r0=None), ("counted", "missing_cells", "metrics", "metric", 1)),
    (cells("metrics", "metric", r0="  "), ("counted", "missing_cells", "metrics", "metric", 1)),
    (cells("subscriptions", "mrr", r0=None), ("fatal", "missing_cells", "subscriptions", "mrr", 1)),
    (cells("metrics", "value", r0="n/a"), ("counted", "unreadable_cells", "metrics", "value", 1)),
    (cells("subscriptions", "mrr", r0="1,200"), ("fatal", "unreadable_cells", "subscriptions", "mrr", 1)),
    (cells("subscriptions", "seats", r0="many"), ("counted", "unreadable_cells", "subscriptions", "seats", 1)),
    (cells("invoices", "paid_at", r0="31.06.2025"), ("counted", "unreadable_cells", "invoices", "paid_at", 1)),
    (cells("subscriptions", "auto_renews", r0="perhaps"), ("counted", "unreadable_cells", "subscriptions", "auto_renews", 1)),
    (cells("metrics", "known_at", r0="soon"), ("counted", "unreadable_cells", "metrics", "known_at", 1)),
    (cells("accounts", "csm", r0=None, r1=None, r2=None), ("note", "empty_column", "accounts", "csm", 3)),
    (cells("accounts", "account_id", r1="a"), ("fatal", "duplicates", "accounts", "account_id", 1)),
    (cells("subscriptions", "started_at", r1="2024-06-01"), ("fatal", "duplicates", "subscriptions", "subscription_id and started_at", 1)),
    (added("invoices"), ("counted", "duplicates", "invoices", "invoice_id", 1)),
    (added("tickets"), ("counted", "duplicates", "tickets", "ticket_id", 1)),
    (repeated("usage_events", 1), ("note", "repeated_rows", "usage_events", "", 1)),
    (repeated("usage_events", 9), ("counted", "repeated_rows", "usage_events", "", 9)),
    (cells("metrics", "account_id", r0="A"), ("counted", "orphans", "metrics", "account_id", 1)),
    (cells("exits", "account_id", r0="B"), ("fatal", "orphans", "exits", "account_id", 1)),
    (cells("accounts", "parent_account_id", r1="group"), ("note", "orphans", "accounts", "parent_account_id", 1)),
    (added("accounts", account_id="d"), ("counted", "no_subscription", "accounts", "account_id", 1)),
    (cells("accounts", "created_at", r2="2025-02-01"), ("counted", "before_account", "metrics", "measured_at", 4)),
    (cells("subscriptions", "ended_at", r2="2024-01-01"), ("counted", "impossible_times", "subscriptions", "ended_at", 1)),
    (cells("subscriptions", "renews_at", r1="2024-06-01"), ("counted", "impossible_times", "subscriptions", "renews_at", 1)),
    (cells("invoices", "due_at", r0="2025-05-01"), ("counted", "impossible_times", "invoices", "due_at", 1)),
    (cells("invoices", "paid_at", r0="2025-05-31"), ("counted", "impossible_times", "invoices", "paid_at", 1)),
    (cells("invoices", "failed_at", r1="2025-07-31"), ("counted", "impossible_times", "invoices", "failed_at", 1)),
    (cells("tickets", "first_response_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "first_response_at", 1)),
    (cells("tickets", "resolved_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "resolved_at", 1)),
    (cells("tickets", "reopened_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "reopened_at", 1)),
    (cells("tickets", "sla_due_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "sla_due_at", 1)),
    (cells("tickets", "csat_at", r0="2025-01-31"), ("counted", "impossible_times", "tickets", "csat_at", 1)),
    (cells("surveys", "answered_at", r0="2025-02-27"), ("counted", "impossible_times", "surveys", "answered_at", 1)),
    (cells("metrics", "measured_at", r0="2026-01-01"), ("counted", "after_until", "metrics", "measured_at", 1)),
    (cells("surveys", "sent_at", r0="2027-01-01"), ("counted", "after_until", "surveys", "sent_at", 1)),
    (cells("subscriptions", "ended_at", r3="2026-02-01"), ("note", "planned_times", "subscriptions", "ended_at", 1)),
    (cells("metrics", "known_at", r0="2024-12-01"), ("counted", "known_before_happening", "metrics", "known_at", 1)),
    (cells("metrics", "known_at", r0="2026-01-01"), ("note", "known_after_until", "metrics", "known_at", 1)),
    (cells("metrics", "known_at", r0="2025-01-07"), ("note", "known_at_blank", "metrics", "known_at", 103)),
    (cells("subscriptions", "ended_at", r0="2025-06-02"), ("fatal", "overlapping_versions", "subscriptions", "ended_at", 1)),
    (cells("subscriptions", "ended_at", r0=None), ("fatal", "overlapping_versions", "subscriptions", "ended_at", 1)),
    (cells("subscriptions", "mrr", r0=-1.0), ("fatal", "negative", "subscriptions", "mrr", 1)),
    (cells("subscriptions", "list_mrr", r0=-1.0), ("counted", "negative", "subscriptions", "list_mrr", 1)),
    (cells("subscriptions", "seats", r0=-1), ("counted", "negative", "subscriptions", "seats", 1)),
    (cells("subscriptions", "term_months", r0=0), ("counted", "negative", "subscriptions", "term_months", 1)),
    (cells("usage_events", "quantity", r0=-3), ("counted", "negative", "usage_events", "quantity", 1)),
    (cells("subscriptions", "mrr", r1=0.0), ("note", "free_versions", "subscriptions", "mrr", 1)),
    (cells("invoices", "amount", r0=-5.0), ("note", "credits", "invoices", "amount", 1)),
    (cells("tickets", "csat", r0=100), ("counted", "out_of_range", "tickets", "csat", 1)),
    (cells("surveys", "score", r0=11), ("counted", "out_of_range", "surveys", "score", 1)),
    (cells("surveys", "score", r2=6), ("counted", "out_of_range", "surveys", "score", 1)),
    (cells("surveys", "kind", r0="CES"), ("counted", "unknown_kinds", "surveys", "kind", 1)),
    (cells("subscriptions", "currency", r3="EUR"), ("fatal", "mixed_currencies", "subscriptions", "currency", 1)),
    (cells("invoices", "currency", r0="EUR"), ("fatal", "mixed_currencies", "invoices", "currency", 1)),
    (cells("invoices", "currency", r0="EUR", r1="EUR", r2="EUR", r3="EUR"), ("fatal", "mixed_currencies", "invoices", "currency", 4)),
    (cells("subscriptions", "renews_at", r1="2025-11-01"), ("fatal", "renewals_not_recorded", "subscriptions", "renews_at", 1)),
    (cells("subscriptions", "renews_at", r1="2025-11-01", r3="2026-01-01"), ("counted", "renewals_not_recorded", "subscriptions", "renews_at", 1)),
    (cells("subscriptions", "renews_at", r2="2024-12-01"), ("counted", "renewals_recorded_late", "subscriptions", "renews_at", 1)),
    (cells("exits", "account_id", r0="c"), ("counted", "exit_while_running", "exits", "exited_at", 1)),
    (emptied("subscriptions"), ("fatal", "empty_table", "subscriptions", "", 0)),
    (emptied("tickets"), ("counted", "empty_table", "tickets", "", 0)),
    (cells("exits", "reason", r0=None), ("counted", "empty_table", "exits", "", 1)),
    (without("tickets"), ("note", "absent_table", "tickets", "", 0)),
    (dropped("subscriptions", "renews_at"), ("note", "absent_column", "subscriptions", "renews_at", 4)),
    (dropped("subscriptions", "ended_at"), ("fatal", "no_endings", "subscriptions", "ended_at", 3)),
    (cells("subscriptions", "ended_at", r2=None), ("counted", "nobody_left", "subscriptions", "account_id", 3)),
    (before("metrics", "measured_at", "2025-11-01"), ("counted", "stale", "metrics", "measured_at", 66)),
    (silent("usage_events", "occurred_at", "2025-05-01", "2025-07-01"), ("counted", "feed_gaps", "usage_events", "occurred_at", 1)),
]  # fmt: skip


def the(found: Audit, code: str, table: str, column: str | None = None) -> AuditFinding:
    [finding] = [
        f for f in found.findings if f.code == code and f.table == table and column in (None, f.column)
    ]
    return finding


@pytest.mark.parametrize(
    ("plant", "expected"), PLANTED, ids=[f"{e[1]}-{e[2]}-{e[3]}-{i}" for i, (_, e) in enumerate(PLANTED)]
)
def test_a_planted_wrong_is_found_and_counted(
    plant: Callable[[Frames], Frames], expected: tuple[str, str, str, str, int]
) -> None:
    world = plant(clean())
    needed = {name: frame for name, frame in world.items() if name in ("accounts", "subscriptions", expected[2])}
    findings = of(needed).findings
    assert expected in [(f.severity, f.code, f.table, f.column, f.count) for f in findings]


def test_a_clean_world_has_only_the_note_on_known_at() -> None:
    found = of(clean())
    assert {f.code for f in found.findings} == {"known_at_assumed"}, found.to_frame()
    assert {f.table for f in found.findings} == set(CONTRACT)
    found.raise_if_fatal()


def years(count: int, overlapping: int = 0, missing: int = 0) -> Frames:
    """So many one-year subscriptions of one account, one after the other; the first few run into the next."""
    starts = pd.date_range("2000-01-01", periods=count, freq="30D")
    ends = [start + pd.Timedelta(days=31 if i < overlapping else 30) for i, start in enumerate(starts)]
    subscriptions = pd.DataFrame({"subscription_id": "s", "account_id": "a", "started_at": starts, "ended_at": ends,
                                  "mrr": [None if i < missing else 1.0 for i in range(count)]})  # fmt: skip
    return {"accounts": rows("account_id created_at", ("a", "2000-01-01")), "subscriptions": subscriptions}


def test_overlapping_versions_stop_a_run_only_above_one_percent() -> None:
    one, two = of(years(101, overlapping=1)), of(years(101, overlapping=2))
    assert the(one, "overlapping_versions", "subscriptions").severity == "counted"
    assert the(two, "overlapping_versions", "subscriptions").severity == "fatal"


def test_rows_set_aside_stop_a_run_only_above_a_fifth() -> None:
    fifth, more = of(years(100, missing=20)), of(years(100, missing=21))
    assert the(fifth, "missing_cells", "subscriptions").severity == "counted"
    assert the(more, "missing_cells", "subscriptions").severity == "fatal"
    assert [t.set_aside for t in more.tables] == [0, 21]


def test_rows_set_aside_for_several_columns_are_taken_together() -> None:
    world = years(100, missing=15)
    world["subscriptions"]["started_at"] = [t if i < 90 else None for i, t in enumerate(world["subscriptions"]["started_at"])]
    found = of(world)
    assert the(found, "missing_cells", "subscriptions", "mrr").severity == "fatal"
    assert the(found, "missing_cells", "subscriptions", "started_at").severity == "fatal"


def test_unreadable_cells_of_an_optional_column_never_stop_a_run() -> None:
    found = of(years(10) | {"subscriptions": years(10)["subscriptions"].assign(seats="many")})
    finding = the(found, "unreadable_cells", "subscriptions", "seats")
    assert (finding.severity, finding.count, finding.share) == ("counted", 10, 1.0)
    assert found.tables[1].set_aside == 0


def test_orphans_stop_a_run_only_above_half() -> None:
    half = rows("account_id exited_at reason", ("b", "2025-03-01", "price"), ("gone", "2025-03-01", "price"))
    most = pd.concat([half, half.tail(1).assign(exited_at="2025-03-02")])
    world = {name: clean()[name] for name in ("accounts", "subscriptions")}
    assert the(of({**world, "exits": half}), "orphans", "exits").severity == "counted"
    assert the(of({**world, "exits": most}), "orphans", "exits").severity == "fatal"


QUIET = {
    "a renewal booked 30 days late": cells("subscriptions", "renews_at", r2="2025-01-30"),
    "a renewal due at data_until": cells("subscriptions", "renews_at", r1="2026-01-01"),
    "an exit 90 days ago that is still served": cells("exits", "exited_at", r0="2025-10-03"),
    "a notice from before the version": cells("subscriptions", "cancelled_at", r1="2024-07-01"),
    "usage on the day of sign-up, before the hour": cells("accounts", "created_at", r2="2025-01-06 17:00"),
    "an answer in another letter case": cells("surveys", "kind", r0="Nps"),
    "blank text in an optional time": cells("invoices", "paid_at", r0=" "),
    "numbers as text": cells("subscriptions", "mrr", r0="100.50"),
    "a silence of 14 days": silent("usage_events", "occurred_at", "2025-05-05", "2025-05-05"),
}  # fmt: skip


@pytest.mark.parametrize("plant", QUIET.values(), ids=QUIET)
def test_what_is_no_wrong_is_no_finding(plant: Callable[[Frames], Frames]) -> None:
    assert [f for f in of(plant(clean())).findings if f.code != "known_at_assumed"] == []


def test_surveys_that_come_in_campaigns_are_not_stale_between_two_of_them() -> None:
    days = [day for start in ("2025-01-10", "2025-05-10") for day in pd.date_range(start, periods=5)]
    surveys = pd.DataFrame({"account_id": "a", "answered_at": days, "kind": "nps", "score": 9})
    world = {**clean(), "surveys": surveys}
    assert "stale" not in {f.code for f in of(world, until="2025-09-01").findings if f.table == "surveys"}
    assert "stale" in {f.code for f in of(world, until="2025-12-01").findings if f.table == "surveys"}


def test_examples_are_three_rows_at_most_whatever_order_the_rows_came_in() -> None:
    world = cells("metrics", "account_id", r0="z", r1="y", r2="x", r3="w")(clean())
    backwards = {**world, "metrics": world["metrics"][::-1]}
    finding = the(of(world), "orphans", "metrics")
    assert [e["account_id"] for e in finding.examples] == ["w", "x", "y"]
    assert finding.count == 4
    assert of(world).to_json() == of(backwards).to_json()


def test_an_example_shows_the_cell_as_it_was_written_and_money_in_units() -> None:
    world = cells("subscriptions", "mrr", r0="1.200,00 EUR " + "x" * 90)(clean())
    [example] = the(of(world), "unreadable_cells", "subscriptions").examples
    assert example == {"account_id": "a", "started_at": "2024-06-01", "subscription_id": "sa",
                       "mrr": ("1.200,00 EUR " + "x" * 90)[:40]}  # fmt: skip
    [example] = the(of(cells("subscriptions", "mrr", r0=-12.5)(clean())), "negative", "subscriptions").examples
    assert example["mrr"] == "-12.50"


def test_no_example_shows_a_name_or_another_free_text() -> None:
    world = cells("accounts", "account_id", r1="a")(clean())
    world = cells("exits", "reason", r0="they said we are slow")(cells("exits", "account_id", r0="gone")(world))
    shown = " ".join(f.shown for f in of(world).findings)
    assert "A & Sons" not in shown
    assert "slow" not in shown


def test_a_repeated_account_shows_both_rows() -> None:
    finding = the(of(cells("accounts", "account_id", r1="a")(clean())), "duplicates", "accounts")
    assert [(e["account_id"], e["created_at"]) for e in finding.examples] == [("a", "2024-02-20"), ("a", "2024-05-20")]


def test_a_fatal_finding_stops_with_table_column_count_rows_and_what_to_do() -> None:
    world = cells("subscriptions", "mrr", r0=-1.0, r3=-2.0)(cells("accounts", "account_id", r1="a")(clean()))
    found = of(world)
    assert [f.code for f in found.fatal] == ["duplicates", "negative"]
    with pytest.raises(AuditError) as refused:
        found.raise_if_fatal()
    told = str(refused.value)
    assert told.startswith("accounts.account_id: 1 of 3 rows (33.3 %) repeat the account_id of another")
    for wanted in ("Keep one row per account_id", "created_at='2024-02-20'", "Fatal as well: subscriptions.mrr (negative)"):
        assert wanted in told
    assert "\n" not in told


def test_findings_stand_fatal_first_and_in_the_order_of_the_contract() -> None:
    world = cells("surveys", "score", r0=11)(cells("invoices", "amount", r0=-5.0)(clean()))
    world = cells("subscriptions", "mrr", r0=-1.0)(cells("subscriptions", "seats", r0=-1)(world))
    places = [(SEVERITIES.index(f.severity), list(CONTRACT).index(f.table)) for f in of(world).findings]
    assert places == sorted(places)
    assert {severity for severity, _ in places} == {0, 1, 2}


def test_mixed_currencies_are_named_with_their_rows() -> None:
    world = cells("subscriptions", "currency", r1="EUR", r2="eur ", r3="GBP")(clean())
    finding = the(of(world), "mixed_currencies", "subscriptions")
    assert "EUR (2 rows), GBP (1 rows), USD (1 rows)" in finding.message
    assert {e["currency"] for e in finding.examples} == {"GBP", "USD"}


def test_the_facts_of_a_table_say_how_it_was_read() -> None:
    world = dropped("usage_events", "channel")(clean())
    world["usage_events"] = world["usage_events"].assign(country="DE", known_at=None)
    [facts] = [t for t in of(world).tables if t.table == "usage_events"]
    assert (facts.rows, facts.kept, facts.set_aside) == (104, 104, 0)
    assert (facts.earliest, facts.latest) == (pd.Timestamp("2025-01-06"), pd.Timestamp("2025-12-29"))
    assert (facts.missing, facts.unused, facts.has_known_at) == (("channel",), ("country",), True)


def test_an_audit_is_a_frame_and_plain_json() -> None:
    found = of(cells("metrics", "account_id", r0="gone")(clean()))
    frame = found.to_frame()
    assert list(frame) == ["severity", "code", "table", "column", "count", "share", "message", "examples"]
    assert len(frame) == len(found.findings)
    assert frame["examples"].iloc[0].startswith("(account_id='gone', measured_at='2025-01-06'")
    whole = json.loads(found.to_json())
    assert whole["findings"][0]["examples"][0]["account_id"] == "gone"
    assert whole["tables"][0]["earliest"] == "2024-02-20T00:00:00"
    assert len(found.tables_frame()) == len(CONTRACT)


def test_progress_names_each_table_before_it_is_read() -> None:
    told: list[tuple[str, int, int]] = []
    world = {name: clean()[name] for name in ("accounts", "subscriptions")}
    audit(Database.from_frames(world, until=UNTIL), progress=lambda *now: told.append(now))
    assert told == [("accounts", 0, 2), ("subscriptions", 1, 2), ("done", 2, 2)]


HOSTILE = """x"; DROP TABLE accounts; --'{n}'"""


def test_hostile_table_and_column_names_are_only_names(tmp_path: Path) -> None:
    own = duckdb.connect(str(tmp_path / "own.duckdb"))
    for name, frame in clean().items():
        own.register("frame", frame)
        renamed = ", ".join(f'"{c}" AS "{HOSTILE.replace(chr(34), chr(34) * 2)}{c}"' for c in frame.columns)
        table = HOSTILE.replace('"', '""') + name
        own.execute(f'CREATE TABLE "{table}" AS SELECT {renamed}, 1 AS "raw_mrr""; --", 2 AS is_kept FROM frame')
    own.close()
    tables = {
        name: {"source": HOSTILE + name, "columns": {c: HOSTILE + c for c in frame.columns}}
        for name, frame in clean().items()
    }
    raw = {"project": {"data_until": UNTIL}, "data": {"duckdb": "own.duckdb"}, "tables": tables}
    raw["project"] = {"data_until": pd.Timestamp(UNTIL).to_pydatetime()}
    found = audit(Database.from_settings(settings_from(raw, base=tmp_path)))
    assert {f.code for f in found.findings} == {"known_at_assumed"}
    assert all(t.unused == ('raw_mrr"; --', "is_kept") for t in found.tables)


def test_hostile_cells_come_through_as_they_are() -> None:
    found = of(cells("metrics", "account_id", r0=HOSTILE)(clean()))
    finding = the(found, "orphans", "metrics")
    assert finding.examples[0]["account_id"] == HOSTILE
    assert finding.message.startswith("1 of 104 rows (1.0 %) name an account_id")
    assert json.loads(found.to_json())["findings"][0]["examples"][0]["account_id"] == HOSTILE


def test_the_demo_company_is_fit_to_learn_from() -> None:
    company = simulate_company(accounts=200, seed=7)
    found = of(company.tables, until=company.until)
    assert found.fatal == ()
    assert [f.where for f in found.findings if f.severity == "counted"] == []
    assert all(t.set_aside == 0 for t in found.tables)


RAVENSTACK = {
    "accounts": {"sql": "SELECT account_id, signup_date AS created_at, industry FROM ravenstack_accounts"},
    "subscriptions": {
        "source": "ravenstack_subscriptions",
        "columns": {"started_at": "start_date", "ended_at": "end_date", "mrr": "mrr_amount"},
    },
    "tickets": {"source": "ravenstack_support_tickets", "columns": {"opened_at": "submitted_at"}},
    "exits": {"source": "ravenstack_churn_events", "columns": {"exited_at": "churn_date", "reason": "reason_code"}},
}


@pytest.mark.shared
def test_the_contradictions_of_ravenstack_are_counted(shared_data: Path) -> None:
    raw = {"project": {"data_until": pd.Timestamp("2025-01-01").to_pydatetime()}, "tables": RAVENSTACK}
    raw["data"] = {"folder": str(shared_data / "ravenstack")}
    found = audit(Database.from_settings(settings_from(raw, base=Path())))
    assert found.fatal == ()
    # its README: 54 % of the tickets predate the sign-up, and churn flags disagree with churn events
    assert the(found, "before_account", "tickets").share == pytest.approx(0.54, abs=0.005)
    assert the(found, "exit_while_running", "exits").count > 0
    assert the(found, "nobody_left", "subscriptions").count == 500
