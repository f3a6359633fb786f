"""Do Segment's, Amplitude's and Mixpanel's events become usage_events, known when they were received?"""

from __future__ import annotations

import pytest

from churnmodel.sources.audit import audit

from .landed import STRIPE, project, rows, told

KINDS = ("parquet", "csv")
COLUMNS = "account_id user_id occurred_at known_at feature"

SEGMENT = {
    "segment_groups": rows(
        "id user_id group_id @received_at",
        ("g1", "u1", "cus_a", "2025-01-02"),
        ("g2", "u1", "cus_b", "2025-03-01"),  # changed the company
    ),
    "segment_tracks": rows(
        "id user_id event @timestamp @received_at @uuid_ts",
        ("m1", "u1", "report_run", "2025-02-01 08:00", "2025-02-01 08:01", "2025-06-01"),
        ("m1", "u1", "report_run", "2025-02-01 08:00", "2025-02-01 08:01", "2025-06-02"),  # delivered twice
        ("m2", "u1", "login", "2025-02-02", "2025-02-09", "2025-06-01"),  # a phone that was offline
        ("m3", "u1", "login", "2025-03-02", "2025-03-02", "2025-06-01"),
        ("m4", "u1", "login", "2025-01-01", "2025-01-01", "2025-06-01"),  # before the first group() call
        ("m5", "u9", "login", "2025-02-02", "2025-02-02", "2025-06-01"),  # a user of no account
        ("m6", None, "login", "2025-02-02", "2025-02-02", "2025-06-01"),  # not signed in
    ),
}

AMPLITUDE = {
    "amplitude_event": rows(
        "uuid user_id event_type platform groups @event_time @server_received_time @server_upload_time",
        ("a1", "u1", "report_run", "Web", '{"account": ["cus_a"]}', "2025-02-01 08:00", "2025-02-01 08:01", None),
        ("a2", "u1", "login", "iOS", '{"account": "cus_a"}', "2025-02-02", None, "2025-02-09"),
        ("a3", "u1", "session_start", "Web", '{"account": ["cus_a"]}', "2025-02-02", "2025-02-02", None),
        ("a4", None, "login", "Web", '{"account": ["cus_a"]}', "2025-02-02", "2025-02-02", None),
        ("a5", "u9", "login", "Web", "{}", "2025-02-02", "2025-02-02", None),
        ("a6", "u2", "call", "Python", '{"account": ["cus_b"]}', "2025-02-03", "2025-02-03", None),
    ),
}

MIXPANEL = {
    "mixpanel_event": rows(
        "insert_id distinct_id name mp_lib properties mp_processing_time_ms @time",
        ("x1", "u1", "report_run", "web", '{"account_id": "cus_a"}', 1738396860000, "2025-02-01 08:00"),
        ("x1", "u1", "report_run", "web", '{"account_id": "cus_a"}', 1738396860000, "2025-02-01 08:00"),
        ("x2", "u1", "login", "android", '{"account_id": "cus_a"}', 1739059200000, "2025-02-02"),
        ("x3", "u9", "login", "web", "{}", 1739059200000, "2025-02-02"),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_segment_event_belongs_to_the_group_its_user_was_in(tmp_path, kind):
    db = project(tmp_path, "stripe,segment", STRIPE | SEGMENT, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "usage_events", COLUMNS) == [
        ("cus_a", "u1", "2025-02-01 08:00:00", "2025-02-01 08:01:00", "report_run"),
        ("cus_a", "u1", "2025-02-02", "2025-02-09", "login"),
        ("cus_b", "u1", "2025-03-02", "2025-03-02", "login"),
    ]
    assert len(told(db, "usage_events", "feature", at="2025-02-09")) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_amplitude_event_belongs_to_the_group_sent_with_it(tmp_path, kind):
    db = project(tmp_path, "stripe,amplitude", STRIPE | AMPLITUDE, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "usage_events", f"{COLUMNS} channel") == [
        ("cus_a", "u1", "2025-02-01 08:00:00", "2025-02-01 08:01:00", "report_run", "ui"),
        ("cus_a", "u1", "2025-02-02", "2025-02-09", "login", "mobile"),
        ("cus_b", "u2", "2025-02-03", "2025-02-03", "call", "api"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mixpanel_event_belongs_to_the_account_among_its_properties(tmp_path, kind):
    db = project(tmp_path, "stripe,mixpanel", STRIPE | MIXPANEL, kind=kind).db
    assert not audit(db).fatal
    assert told(db, "usage_events", f"{COLUMNS} channel") == [
        ("cus_a", "u1", "2025-02-01 08:00:00", "2025-02-01 08:01:00", "report_run", "ui"),
        ("cus_a", "u1", "2025-02-02", "2025-02-09", "login", "mobile"),
    ]
