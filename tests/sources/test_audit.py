"""Does an audit tell people what was found: in order, with rows, and always in the same words?"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import AuditError
from churnmodel.settings import settings_from
from churnmodel.sources.audit import audit
from churnmodel.sources.audit.finding import SEVERITIES
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from churnmodel.sources.synthetic import Company
from sources.audited_world import UNTIL, added, cells, clean, dropped, of, the


def test_examples_are_three_rows_at_most_whatever_order_the_rows_came_in() -> None:
    world = cells("metrics", "account_id", r0="z", r1="y", r2="x", r3="w")(clean())
    backwards = {**world, "metrics": world["metrics"][::-1]}
    finding = the(of(world, "metrics"), "orphans", "metrics")
    assert [e["account_id"] for e in finding.examples] == ["w", "x", "y"]
    assert finding.count == 4
    assert of(world, "metrics").to_json() == of(backwards, "metrics").to_json()


def test_an_example_shows_the_cell_as_it_was_written_and_money_in_units() -> None:
    world = cells("subscriptions", "mrr", r0="1.200,00 EUR " + "x" * 90)(clean())
    [example] = the(of(world, "exits"), "unreadable_cells", "subscriptions").examples
    assert example == {"account_id": "a", "started_at": "2024-06-01", "subscription_id": "sa",
                       "mrr": ("1.200,00 EUR " + "x" * 90)[:40]}  # fmt: skip
    [example] = the(
        of(cells("subscriptions", "mrr", r0=-12.5)(clean()), "exits"), "negative", "subscriptions"
    ).examples
    assert example["mrr"] == "-12.50"


def test_no_example_shows_a_name_or_another_free_text() -> None:
    world = cells("accounts", "account_id", r1="a")(clean())
    world = cells("exits", "reason", r0="they said we are slow")(cells("exits", "account_id", r0="gone")(world))
    shown = " ".join(f.shown for f in of(world, "exits").findings)
    assert "A & Sons" not in shown
    assert "slow" not in shown


def test_a_repeated_account_shows_both_rows() -> None:
    finding = the(of(cells("accounts", "account_id", r1="a")(clean()), "exits"), "duplicates", "accounts")
    assert [(e["account_id"], e["created_at"]) for e in finding.examples] == [
        ("a", "2024-02-20"),
        ("a", "2024-05-20"),
    ]


def test_a_fatal_finding_stops_with_table_column_count_rows_and_what_to_do() -> None:
    world = cells("subscriptions", "mrr", r0=-1.0, r3=-2.0)(added("accounts", account_id="a")(clean()))
    found = of(world, "exits")
    assert [f.code for f in found.fatal] == ["duplicates", "negative"]
    with pytest.raises(AuditError) as refused:
        found.raise_if_fatal()
    told = str(refused.value)
    assert told.startswith("accounts.account_id: 1 of 4 rows (25.0 %) repeat the account_id of another")
    for wanted in (
        "Keep one row per account_id",
        "created_at='2024-05-20'",
        "Fatal as well: subscriptions.mrr (negative)",
    ):
        assert wanted in told
    assert "\n" not in told


def test_findings_stand_fatal_first_and_in_the_order_of_the_contract() -> None:
    world = cells("surveys", "score", r0=11)(cells("invoices", "amount", r0=-5.0)(clean()))
    world = cells("subscriptions", "mrr", r0=-1.0)(cells("subscriptions", "seats", r0=-1)(world))
    places = [
        (SEVERITIES.index(f.severity), list(CONTRACT).index(f.table))
        for f in of(world, "invoices", "surveys").findings
    ]
    assert places == sorted(places)
    assert {severity for severity, _ in places} == {0, 1, 2}


def test_mixed_currencies_are_named_with_their_rows() -> None:
    world = cells("subscriptions", "currency", r1="EUR", r2="eur ", r3="GBP")(clean())
    finding = the(of(world, "invoices"), "mixed_currencies", "subscriptions")
    assert "EUR (2 rows), GBP (1 rows), USD (1 rows)" in finding.message
    assert {e["currency"] for e in finding.examples} == {"GBP", "USD"}


def test_the_facts_of_a_table_say_how_it_was_read() -> None:
    world = dropped("usage_events", "channel")(clean())
    world["usage_events"] = world["usage_events"].assign(country="DE", known_at=None)
    [facts] = [t for t in of(world, "usage_events").tables if t.table == "usage_events"]
    assert (facts.rows, facts.kept, facts.set_aside) == (104, 104, 0)
    assert (facts.earliest, facts.latest) == (pd.Timestamp("2025-01-06"), pd.Timestamp("2025-12-29"))
    assert (facts.missing, facts.unused, facts.has_known_at) == (("channel",), ("country",), True)


def test_an_audit_is_a_frame_and_plain_json() -> None:
    found = of(cells("metrics", "account_id", r0="gone")(clean()), "metrics")
    frame = found.to_frame()
    assert list(frame) == ["severity", "code", "table", "column", "count", "share", "message", "examples"]
    assert len(frame) == len(found.findings)
    [shown] = frame["examples"][frame["code"] == "orphans"]
    assert shown.startswith("(account_id='gone', measured_at='2025-01-06'")
    whole = json.loads(found.to_json())
    [orphans] = [f for f in whole["findings"] if f["code"] == "orphans"]
    assert orphans["examples"][0]["account_id"] == "gone"
    assert whole["tables"][0]["earliest"] == "2024-02-20T00:00:00"
    assert list(found.tables_frame()["table"]) == ["accounts", "subscriptions", "metrics"]


def test_progress_names_each_table_before_it_is_read() -> None:
    told: list[tuple[str, int, int]] = []
    world = {name: clean()[name] for name in ("accounts", "subscriptions")}
    audit(Database.from_frames(world, until=UNTIL), progress=lambda *now: told.append(now))
    assert told == [("accounts", 0, 2), ("subscriptions", 1, 2), ("done", 2, 2)]


HOSTILE = """x"; DROP TABLE accounts; --'{n}'"""


def test_hostile_table_and_column_names_are_only_names(tmp_path: Path) -> None:
    tables = {}
    for name, frame in clean().items():
        own = frame.rename(columns=lambda column: HOSTILE + column).assign(is_kept=2, **{HOSTILE: "more"})
        own.to_parquet(tmp_path / f"{HOSTILE}{name}.parquet")
        tables[name] = {"source": HOSTILE + name, "columns": {c: HOSTILE + c for c in frame.columns}}
    raw = {"project": {"data_until": date(2026, 1, 1)}, "data": {"folder": "."}, "tables": tables}
    found = audit(Database.from_settings(settings_from(raw, base=tmp_path)))
    assert {f.code for f in found.findings} == {"known_at_assumed", "few_endings"}
    assert all(set(t.unused) == {"is_kept", HOSTILE} for t in found.tables)


STEERING = "\x1b[2J\x1b]0;gone\x07\r\u202e\u200b"


def test_text_from_the_data_never_steers_the_terminal_it_is_told_in() -> None:
    world = cells("metrics", "account_id", r0=STEERING)(clean())
    world = cells("subscriptions", "mrr", r0=STEERING)(world)
    world = cells("subscriptions", "currency", r1=STEERING[:6] + "EUR", r2=STEERING[:6] + "EUR")(world)
    world["metrics"] = world["metrics"].assign(**{STEERING: 1})
    found = of(world, "metrics")
    told = [f.message + f.shown + "".join(v for e in f.examples for v in e.values()) for f in found.findings]
    told += [" ".join(t.unused) for t in found.tables]
    assert [text for text in told if not text.isprintable()] == []
    assert "[2J" in the(found, "orphans", "metrics").shown, "what can be seen of it is told"
    assert {f.code for f in found.findings} >= {"orphans", "unreadable_cells", "mixed_currencies"}
    with pytest.raises(AuditError) as refused:
        found.raise_if_fatal()
    assert str(refused.value).isprintable()


def test_hostile_cells_come_through_as_they_are() -> None:
    found = of(cells("metrics", "account_id", r0=HOSTILE)(clean()), "metrics")
    finding = the(found, "orphans", "metrics")
    assert finding.examples[0]["account_id"] == HOSTILE
    assert finding.message.startswith("1 of 104 rows (1.0 %) name an account_id")
    [orphans] = [f for f in json.loads(found.to_json())["findings"] if f["code"] == "orphans"]
    assert orphans["examples"][0]["account_id"] == HOSTILE


def test_the_demo_company_is_fit_to_learn_from(demo_company: Company) -> None:
    found = of(demo_company.tables, until=demo_company.until)
    assert found.fatal == ()
    assert [f.code for f in found.findings if f.severity == "counted"] == ["feed_outage"], "the one it was given"
    assert all(t.set_aside == 0 for t in found.tables)


RAVENSTACK = {
    "accounts": {"sql": "SELECT account_id, signup_date AS created_at, industry FROM ravenstack_accounts"},
    "subscriptions": {
        "source": "ravenstack_subscriptions",
        "columns": {"started_at": "start_date", "ended_at": "end_date", "mrr": "mrr_amount"},
    },
    "tickets": {"source": "ravenstack_support_tickets", "columns": {"opened_at": "submitted_at"}},
    "exits": {
        "source": "ravenstack_churn_events",
        "columns": {"exited_at": "churn_date", "reason": "reason_code"},
    },
}


@pytest.mark.shared
def test_the_contradictions_of_ravenstack_are_counted() -> None:
    folder = Path(__file__).parents[3] / "shared" / "data" / "ravenstack"
    if not folder.is_dir():
        pytest.skip("../shared/data/ravenstack is not here")
    raw = {"project": {"data_until": date(2025, 1, 1)}, "data": {"folder": str(folder)}, "tables": RAVENSTACK}
    found = audit(Database.from_settings(settings_from(raw, base=Path())))
    assert found.fatal == ()
    # its README: 54 % of the tickets predate the sign-up, and churn flags disagree with churn events
    assert the(found, "before_account", "tickets").share == pytest.approx(0.54, abs=0.005)
    assert the(found, "exit_while_running", "exits").count > 0
    assert the(found, "nobody_left", "subscriptions").count == 500
