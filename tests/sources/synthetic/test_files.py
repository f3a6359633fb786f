import numpy as np
import pandas as pd
import pytest

from churnmodel.sources.database import Database
from churnmodel.sources.synthetic import simulate_company, write_company


@pytest.fixture(scope="module")
def small():
    return simulate_company(accounts=230, years=1, seed=2, usage_event_ids=True)


def _files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_what_is_written_month_by_month_equals_what_was_held_in_memory_byte_for_byte(tmp_path, small):
    told = []
    written = write_company(
        tmp_path / "streamed", accounts=230, years=1, seed=2, usage_event_ids=True, progress=told.append
    )
    small.write(tmp_path / "held")
    streamed, held = _files(tmp_path / "streamed"), _files(tmp_path / "held")
    assert list(streamed) == list(held)
    assert streamed == held
    assert "usage_events" not in written.tables
    assert np.array_equal(written.history.states.value, small.history.states.value)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_the_written_folder_reads_as_the_tables_do(tmp_path, small):
    small.write(tmp_path)
    db = Database.from_folder(tmp_path, until=small.until)
    some = ("accounts", "subscriptions", "usage_events", "surveys", "incidents")
    held = Database.from_frames({name: small.tables[name] for name in some}, until=small.until)
    for table in some[2:]:
        a, b = (d.frame(table) for d in (db, held))
        order = list(a.columns)
        pd.testing.assert_frame_equal(*(t.sort_values(order, ignore_index=True) for t in (a, b)))


def test_an_earlier_company_in_the_folder_is_replaced_and_strangers_are_left_alone(tmp_path, small):
    (tmp_path / "usage_events").mkdir()
    (tmp_path / "usage_events.parquet").write_bytes(b"old")
    (tmp_path / "usage_events" / "1999-01.parquet").write_bytes(b"old")
    (tmp_path / "notes.txt").write_text("mine")
    small.write(tmp_path)
    assert not (tmp_path / "usage_events.parquet").exists()
    assert not (tmp_path / "usage_events" / "1999-01.parquet").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_rows_stand_in_order_of_time_and_each_month_in_its_own_part(tmp_path, small):
    small.write(tmp_path)
    parts = sorted((tmp_path / "usage_events").iterdir())
    for part in parts:
        times = pd.read_parquet(part)["occurred_at"]
        assert set(times.dt.strftime("%Y-%m")) == {part.stem}
        assert times.is_monotonic_increasing
    assert small.tables["usage_events"]["occurred_at"].is_monotonic_increasing


def test_with_event_ids_a_few_usage_events_come_twice_and_without_none(small):
    usage = small.tables["usage_events"]
    assert 0.001 < usage.duplicated("event_id").mean() < 0.01
    once = usage.drop_duplicates("event_id", ignore_index=True)
    assert len(once) == len(usage.drop_duplicates())
    plain = simulate_company(accounts=230, years=1, seed=2).tables["usage_events"]
    pd.testing.assert_frame_equal(once.drop(columns="event_id"), plain)
