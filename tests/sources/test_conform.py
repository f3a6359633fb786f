from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.settings import TableSettings
from churnmodel.sources.conform import read_table
from churnmodel.sources.connect import open_frames
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from small_worlds import frame, version

ACCOUNTS = pd.DataFrame({"account_id": ["a"], "created_at": ["2024-01-01"]})


def cells(column, given, table="subscriptions", timezone="UTC"):
    """What cells of one column become, in the order given; an unreadable one is None."""
    rows = frame(
        table,
        [{"subscription_id": f"s{i:06d}", "started_at": "2024-01-01", "mrr": 1.0} for i in range(len(given))],
    )
    rows[column] = pd.Series(given, dtype=None if not isinstance(given, list) else pd.Series(given).dtype)
    reading = read_table(open_frames({table: rows}, threads=1), CONTRACT[table], TableSettings(), timezone)
    found = reading_frame(reading).sort_values("raw_subscription_id")[column]
    return [None if pd.isna(v) else v for v in found.tolist()]


def reading_frame(reading):
    return reading.cast.to_pandas()


def moments(given, timezone="UTC"):
    return [None if t is None else str(t) for t in cells("renews_at", given, timezone=timezone)]


def test_a_time_that_says_its_zone_is_taken_at_its_word_in_any_projects_zone():
    says = {
        "2025-01-01T10:00:00Z": "2025-01-01 10:00:00",
        "2025-01-01T10:00Z": "2025-01-01 10:00:00",
        "2025-01-01 10:00 Z": "2025-01-01 10:00:00",
        "2025-01-01T10:00:00+02:00": "2025-01-01 08:00:00",
        "2025-01-01 10:00:00+02": "2025-01-01 08:00:00",  # PostgreSQL
        "2025-01-01 10:00:00.000 +0200": "2025-01-01 08:00:00",  # Snowflake
        "2025-01-01 10:00:00.123456 UTC": "2025-01-01 10:00:00",  # BigQuery
        "2025-01-01T10:00:00 -05:30": "2025-01-01 15:30:00",
        "2025-07-01 10:00:00 America/New_York": "2025-07-01 14:00:00",
        "2025-01-01T23:30:00-05:00": "2025-01-02 04:30:00",
    }
    for zone in ("UTC", "Europe/Berlin", "Asia/Kolkata"):
        assert dict(zip(says, moments(list(says), zone), strict=True)) == says, zone


def test_a_time_without_a_zone_is_read_in_the_projects():
    given = ["2025-01-01", "2025-07-01", "2025-01-01 10:00", "2025-01-01T10:00:00.999999", " 2025-01-01 10:00 "]
    assert moments(given, "Europe/Berlin") == [
        *("2024-12-31 23:00:00", "2025-06-30 22:00:00", "2025-01-01 09:00:00"),
        *("2025-01-01 09:00:00", "2025-01-01 09:00:00"),
    ]


def test_a_cell_that_is_no_time_becomes_missing():
    garbage = [
        "garbage",
        "",
        "01/02/2025",
        "2025-02-30",
        "2025-13-01",
        "2025-01-01 25:00",
        "20250101",
        "29999-01-01",
    ]
    halves = ["2025-01-01 10:00:00 PM", "2025-01-01 10:00:00 Nowhere/Land"]
    assert moments([*garbage, *halves, "2025-03-01"]) == [None] * 10 + ["2025-03-01 00:00:00"]


def test_never_written_as_infinity_is_missing_and_stops_nothing():
    assert moments(["infinity", "-infinity", "9999-12-31"]) == [None, None, "9999-12-31 00:00:00"]
    numpy_never = pd.Series(pd.to_datetime(["2025-01-01", None]))
    assert moments(numpy_never) == ["2025-01-01 00:00:00", None]


@pytest.mark.parametrize(
    "given",
    [
        [dt.date(2025, 5, 5), None],
        pd.Series(pd.to_datetime(["2025-05-05", None])).astype("datetime64[ns]"),
        pd.Series(pd.to_datetime(["2025-05-05", None])).astype("datetime64[s]"),
        pd.Series(pd.to_datetime(["2025-05-04 20:00", None])).dt.tz_localize("America/New_York"),
    ],
    ids=["dates", "nanoseconds", "seconds", "zoned"],
)
def test_times_of_any_type_are_utc_in_whole_seconds(given):
    assert moments(given) == ["2025-05-05 00:00:00", None]


ZONES = [
    *("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo"),
    *("Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "Australia/Lord_Howe"),
]


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_local_times_is_read_as_the_zones_own_rules_say(zone):
    """Every hour around every clock change of 2025 but those that are skipped or stand twice."""
    local = [dt.datetime(2025, 1, 1) + dt.timedelta(hours=7 * i) for i in range(1250)]  # noqa: DTZ001 - local time
    local += [
        dt.datetime(2025, month, day, hour, 30)  # noqa: DTZ001
        for month, day in [(3, 9), (3, 30), (4, 6), (10, 5), (10, 26), (11, 2)]
        for hour in range(24)
    ]
    here = ZoneInfo(zone)
    utc = [(moment.replace(tzinfo=here, fold=fold).astimezone(dt.UTC)) for moment in local for fold in (0, 1)]
    plain = [m for m, one, two in zip(local, utc[::2], utc[1::2], strict=True) if one == two]
    expected = [str(m.replace(tzinfo=here).astimezone(dt.UTC).replace(tzinfo=None)) for m in plain]
    assert len(plain) > 1300
    assert moments([str(m) for m in plain], zone) == expected
    assert moments(pd.Series(plain), zone) == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_an_hour_that_stands_twice_or_not_at_all_is_read_within_an_hour_of_either(zone):
    hours = {
        "Europe/Berlin": ["2025-03-30 02:30", "2025-10-26 02:30"],
        "America/New_York": ["2025-03-09 02:30", "2025-11-02 01:30"],
    }[zone]
    for text, read in zip(hours, moments(hours, zone), strict=True):
        moment = dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        either = [moment.replace(fold=fold).astimezone(dt.UTC).replace(tzinfo=None) for fold in (0, 1)]
        assert dt.datetime.fromisoformat(read) in either


def test_the_zone_of_the_machine_or_session_changes_nothing(monkeypatch):
    given = ["2025-03-30 02:30", "2025-01-01", "2025-01-01T10:00:00+02:00"]
    expected = moments(given, "Europe/Berlin")
    for zone in ("America/New_York", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        assert moments(given, "Europe/Berlin") == expected


def test_money_is_kept_in_whole_cents():
    given = [1, 1.005, 2.675, 0.125, -5, 19.99, 0.1 + 0.2, 1e13]
    assert cells("mrr", given) == [100, 100, 268, 13, -500, 1999, 30, 10**15]
    assert cells("mrr", ["99.50", " 7 ", "1e2"]) == [9950, 700, 10000]
    assert cells("mrr", [Decimal("10.55"), None]) == [1055, None]


def test_money_that_is_none_or_beyond_exact_cents_becomes_missing():
    assert cells("mrr", [np.inf, -np.inf, np.nan, 1e300, 9.1e13, 1.0]) == [None] * 5 + [100]
    assert cells("mrr", ["inf", "nan", "1e400", "$5", "1,000", "", "abc", "1"]) == [None] * 7 + [100]


def test_whole_numbers_and_flags_are_read_from_what_exports_write():
    assert cells("seats", ["3", "2.0", "many", None]) == [3, 2, None, None]
    assert cells("seats", [np.inf, 4.0]) == [None, 4]
    flags = ["yes", "no", "true", "False", "1", "0", "t", "maybe", "", None]
    assert cells("auto_renews", flags) == [True, False, True, False, True, False, True, None, None, None]


def test_text_is_stripped_and_empty_text_is_missing():
    assert cells("plan", [" pro ", "", "  ", None, "ü"]) == ["pro", None, None, None, "ü"]
    assert cells("plan", [7, 8]) == ["7", "8"]


def test_a_column_in_which_every_cell_is_missing_is_read_as_missing():
    assert cells("renews_at", [None, None]) == [None, None]
    assert cells("seats", [None, None]) == [None, None]


def database(rows, **accounts):
    return Database.from_frames(
        {"accounts": ACCOUNTS, "subscriptions": pd.DataFrame(rows)}, until="2026-01-01", threads=1
    )


def test_a_row_without_a_required_cell_is_set_aside_and_still_there_for_the_audit():
    rows = [
        version("2024-01-01"),
        version("soon"),
        version("2024-02-01", mrr="free"),
        version("2024-03-01") | {"account_id": " "},
    ]
    db = database([{k: str(v) if v is not None else None for k, v in row.items()} for row in rows])
    assert db.frame("subscriptions")["started_at"].tolist() == [pd.Timestamp("2024-01-01")]
    assert len(reading_frame(db.readings["subscriptions"])) == 4


def test_known_at_stands_in_from_the_tables_own_time_and_is_never_before_it():
    rows = [version("2024-01-01") | {"known_at": k} for k in ("2024-02-01", None, "2023-12-01", "unreadable")]
    known = sorted(database(rows).frame("subscriptions")["known_at"].dt.strftime("%Y-%m-%d"))
    assert known == ["2024-01-01", "2024-01-01", "2024-01-01", "2024-02-01"]


def test_what_is_missing_and_what_is_not_used_is_told():
    reading = database([version("2024-01-01") | {"colour": "red", "event_id": "e1"}]).readings["subscriptions"]
    assert reading.extra == ("colour",)
    assert "seats" in reading.missing and "ended_at" not in reading.missing
    assert not reading.has_known_at and reading.has_event_id
    assert reading.table.columns == (*CONTRACT["subscriptions"].names, "known_at")
    plain = database([version("2024-01-01") | {"known_at": "2024-01-01"}]).readings["subscriptions"]
    assert plain.has_known_at and not plain.has_event_id


def conformed(table, rows, timezone="UTC"):
    """The conformed rows of one table, exactly the columns of `rows` being there."""
    raw = open_frames({table: pd.DataFrame(rows)}, threads=1)
    return read_table(raw, CONTRACT[table], TableSettings(), timezone).table.to_pandas()


def test_accounts_keep_further_columns_as_text_and_other_tables_do_not():
    given = {"account_id": ["a", "b"], "created_at": "2024-01-01", "Tier": [" gold ", ""], "employees": [5, 120]}
    found = conformed("accounts", given).set_index("account_id")
    assert found["Tier"].tolist()[0] == "gold" and pd.isna(found["Tier"].tolist()[1])
    assert found["employees"].tolist() == ["5", "120"]
    ticket = {"ticket_id": ["t"], "account_id": ["a"], "opened_at": ["2024-01-01"], "tier": ["gold"]}
    assert "tier" not in conformed("tickets", ticket).columns


@pytest.mark.parametrize(
    "name", ["Segment", "raw_name", "Raw_Name", "superseded_at", "as_of", "no_rate", "KNOWN_AT", "as_told"]
)
def test_an_attribute_whose_name_stands_for_something_else_is_not_kept_but_told(name):
    given = {"account_id": ["a"], "created_at": ["2024-01-01"], "name": ["n"], name: ["x"], "tier": ["gold"]}
    raw = open_frames({"accounts": pd.DataFrame(given)}, threads=1)
    reading = read_table(raw, CONTRACT["accounts"], TableSettings(), "UTC")
    assert reading.extra == (name, "tier")
    assert reading.table.columns == (*CONTRACT["accounts"].names, "tier", "known_at")
    assert reading.table.to_pandas()[["name", "tier"]].iloc[0].tolist() == ["n", "gold"]


def test_a_survey_that_does_not_say_when_it_was_sent_was_known_when_it_was_answered():
    given = {
        "account_id": ["sent and answered", "sent", "answered", "neither"],
        "sent_at": ["2025-01-01", "2025-01-01", None, "soon"],
        "answered_at": ["2025-01-05", None, "2025-01-05", None],
        "kind": "nps",
        "known_at": [None, None, "2025-01-02", None],
    }
    found = conformed("surveys", given).set_index("account_id")
    told = found[["sent_at", "known_at"]].map(lambda t: t.strftime("%m-%d")).to_dict("index")
    assert told == {
        "sent and answered": {"sent_at": "01-01", "known_at": "01-01"},
        "sent": {"sent_at": "01-01", "known_at": "01-01"},
        "answered": {"sent_at": "01-05", "known_at": "01-05"},
    }
    assert found["answered_at"].notna().to_dict() == {"sent and answered": True, "sent": False, "answered": True}


def test_surveys_without_a_column_sent_at_are_read_from_their_answers():
    given = {"account_id": ["a"], "answered_at": ["2025-01-05"], "kind": ["nps"], "score": [9]}
    found = conformed("surveys", given)
    assert found["sent_at"].item() == found["known_at"].item() == pd.Timestamp("2025-01-05")
    with pytest.raises(SourceError, match="surveys: no column 'sent_at'"):
        conformed("surveys", {"account_id": ["a"], "kind": ["nps"]})


def test_a_score_of_another_tool_says_as_of_or_scored_at():
    score = {"account_id": ["a"], "source": ["sheet"], "score": [0.5]}
    for name in ("as_of", "scored_at"):
        found = conformed("external_scores", score | {name: ["2025-01-05"]})
        assert found["scored_at"].item() == found["known_at"].item() == pd.Timestamp("2025-01-05")
        assert "as_of" not in found
    both = conformed("external_scores", score | {"as_of": ["2025-01-05"], "scored_at": ["2025-01-06"]})
    assert both["scored_at"].item() == pd.Timestamp("2025-01-06")


def test_a_rate_is_valid_from_when_it_was_known_unless_it_says_otherwise():
    rate = {"currency": [" EUR "], "rate": ["1.0825"]}
    early = conformed("rates", rate | {"known_at": ["2025-01-05"]}).iloc[0]
    assert early["valid_from"] == early["known_at"] == pd.Timestamp("2025-01-05")
    late = conformed("rates", rate | {"valid_from": ["2025-01-01"], "known_at": ["2025-01-05"]}).iloc[0]
    assert (late["valid_from"], late["known_at"]) == (pd.Timestamp("2025-01-01"), pd.Timestamp("2025-01-05"))
    assert late["currency"] == "EUR" and late["rate"] == 1.0825


def test_a_rate_that_is_no_positive_number_is_set_aside():
    given = {"currency": [f"c{i}" for i in range(7)], "valid_from": "2025-01-01"}
    rates = ["0", "-1.1", "inf", "nan", "", "one", "0.000001"]
    assert conformed("rates", given | {"rate": rates})["rate"].tolist() == [0.000001]


def test_an_incident_without_an_account_is_kept():
    given = {"account_id": [None, "a", "a"], "started_at": ["2025-01-01", "2025-01-02", None]}
    assert conformed("incidents", given).sort_values("started_at")["account_id"].isna().tolist() == [True, False]


def test_the_same_rows_as_csv_parquet_duckdb_and_frames_are_the_same_tables(tmp_path):
    rows = pd.DataFrame(
        {
            "subscription_id": ["s1", "s2", "s3"],
            "account_id": ["a", "a", "a"],
            "started_at": pd.to_datetime(["2024-01-01 10:00", "2024-02-01 00:00", "2024-03-01 23:59"]),
            "ended_at": pd.to_datetime(["2024-05-01", None, None]),
            "mrr": [19.99, 0.0, 1e6],
            "seats": pd.array([5, None, 7], dtype="Int64"),
            "auto_renews": [True, False, True],
            "plan": ["pro", None, "a,b \"c\""],
        }
    )  # fmt: skip
    frames = {"accounts": ACCOUNTS, "subscriptions": rows}
    for kind in ("csv", "parquet"):
        (tmp_path / kind).mkdir()
    with duckdb.connect(str(tmp_path / "source.duckdb")) as con:
        for name, table in frames.items():
            table.to_csv(tmp_path / "csv" / f"{name}.csv", index=False)
            table.to_parquet(tmp_path / "parquet" / f"{name}.parquet", index=False)
            con.register("given", table)
            con.execute(f"create table {name} as select * from given")
            con.unregister("given")
    of_frames = Database.from_frames(frames, until="2026-01-01")
    for other in (
        Database.from_folder(tmp_path / "csv", until="2026-01-01"),
        Database.from_folder(tmp_path / "parquet", until="2026-01-01"),
        of_duckdb(tmp_path / "source.duckdb"),
    ):
        for name in frames:
            key = list(CONTRACT[name].key)
            one, two = (db.frame(name).sort_values(key, ignore_index=True) for db in (of_frames, other))
            pd.testing.assert_frame_equal(one, two)


def of_duckdb(file):
    from churnmodel.settings import settings_from

    raw = {"project": {"data_until": "2026-01-01"}, "data": {"duckdb": file.name}}
    return Database.from_settings(settings_from(raw, base=file.parent))
