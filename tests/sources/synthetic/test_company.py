import dataclasses
import hashlib

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import SettingsError
from churnmodel.sources.schemas import CONTRACT
from churnmodel.sources.synthetic import Causes, simulate_company


def _bytes_of(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path):
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        simulate_company(accounts=200, seed=seed, years=1).write(tmp_path / name)
    one, two, other = (_bytes_of(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert all(one[name] != other[name] for name in one)
    months = {f"usage_events/2025-{month:02d}.parquet" for month in range(1, 13)}
    assert set(one) == {f"{table}.parquet" for table in CONTRACT if table != "usage_events"} | months


def test_every_column_is_in_the_contract_and_no_required_one_is_empty(company):
    assert set(company.tables) == set(CONTRACT)
    for name, table in company.tables.items():
        schema = CONTRACT[name]
        known = {*schema.names, "known_at", "event_id"} - {"sentiment"}  # text is to be scored by whoever reads it
        assert set(table.columns) <= known
        assert set(schema.names) - {"sentiment"} <= set(table.columns)
        for column in schema.columns:
            assert not column.required or table[column.name].notna().all(), (name, column.name)
            if column.kind == "time":
                assert table[column.name].dtype == np.dtype("datetime64[us]"), (name, column.name)
            if column.name != "sentiment":
                assert table[column.name].notna().any(), (name, column.name)
        if schema.key:
            things = table.drop_duplicates("event_id") if "event_id" in table else table
            assert not things.duplicated(list(schema.key)).any(), name


def test_nothing_that_happened_after_the_last_day_is_written(company):
    agreed = {"renews_at", "due_at", "sla_due_at"}  # known when the row is, though they lie ahead
    for name, table in company.tables.items():
        for column in table.select_dtypes("datetime").columns:
            if column not in agreed:
                assert not (table[column] >= company.until).any(), (name, column)
    assert (company.tables["subscriptions"]["renews_at"] >= company.until).any()


def test_every_row_belongs_to_an_account_and_names_are_unique(company):
    accounts = company.tables["accounts"]
    assert accounts["name"].is_unique
    for name, table in company.tables.items():
        if "account_id" in table:
            assert (table["account_id"].isin(accounts["account_id"]) | table["account_id"].isna()).all()
            assert table["account_id"].notna().all() or name == "incidents"


def test_no_row_was_known_before_it_happened(company):
    late = set()
    for name, table in company.tables.items():
        if "known_at" in table:
            assert not (table["known_at"] < table[CONTRACT[name].time]).any(), name
            late |= {name} if table["known_at"].notna().any() else set()
    assert late == {"invoices", "usage_events", "tickets", "surveys", "notes", "touchpoints"}


def test_every_row_but_those_of_sales_falls_into_service(company):
    """A table that goes on after the end of service would tell who is about to come back, or who has left."""
    ids = company.tables["accounts"]["account_id"].to_numpy()
    times = {name: CONTRACT[name].time for name in company.tables if name not in ("accounts", "exits", "rates")}
    for name, time in times.items():
        table = company.tables[name].dropna(subset=["account_id"])
        days = (table[time] - company.history.calendar.start).dt.days.to_numpy()
        served = company.history.in_service(np.searchsorted(ids, table["account_id"].to_numpy()), days)
        assert served.all(), name


def test_late_usage_rows_carry_known_at_after_the_event_and_others_none(company):
    usage = company.tables["usage_events"]
    late = usage["known_at"].notna()
    assert 0.005 < late.mean() < 0.03
    assert (usage.loc[late, "known_at"] > usage.loc[late, "occurred_at"]).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"accounts": 150}, "200 to 10,000 accounts"),
        ({"accounts": 10_001}, "200 to 10,000 accounts"),
        ({"years": 0.5}, "1 to 6 years"),
        ({"seed": -1}, "seed"),
        ({"data_until": "2026-01-01 08:00"}, "midnight"),
        ({"data_until": pd.Timestamp("2026-01-01", tz="UTC")}, "midnight"),
    ],
)
def test_a_company_that_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(SettingsError, match=said):
        simulate_company(**wrong)


def test_churn_is_at_a_realistic_level_and_lower_for_enterprise(company):
    subscriptions, accounts = company.tables["subscriptions"], company.tables["accounts"]
    latest = subscriptions.drop_duplicates("account_id", keep="last").set_index("account_id")
    last = pd.DataFrame({"end": latest["ended_at"]})
    last["since"] = subscriptions.groupby("account_id")["started_at"].min()
    years = (last["end"].fillna(company.until) - last["since"]).dt.days / 365.25
    segment = accounts.set_index("account_id")["segment"].reindex(last.index)
    rate = last["end"].notna().groupby(segment).sum() / years.groupby(segment).sum()
    assert 0.11 < last["end"].notna().sum() / years.sum() < 0.21
    assert rate["enterprise"] < rate["smb"]


def test_progress_rises_to_one():
    told = []
    simulate_company(accounts=200, years=1, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_payment_trouble_off_touches_no_account_that_never_had_it():
    def simulate(causes):
        return simulate_company(accounts=200, seed=9, years=2, causes=causes)

    on, off = simulate(Causes()), simulate(Causes(payment_trouble=False))
    assert (on.tables["exits"]["reason"] == "involuntary").any()
    assert not (off.tables["exits"]["reason"] == "involuntary").any()
    spared = on.tables["accounts"]["account_id"][~on.history.states.distress.any(axis=0)]
    assert 0 < len(spared) < 200
    for name in on.tables:
        both = (on.tables[name], off.tables[name])
        if name == "rates":
            pd.testing.assert_frame_equal(*both)
            continue
        a, b = (table[table["account_id"].isin(spared)].reset_index(drop=True) for table in both)
        numbered = [c for c in ("invoice_id", "ticket_id", "event_id") if c in a]  # they count all accounts
        pd.testing.assert_frame_equal(a.drop(columns=numbered), b.drop(columns=numbered))


def test_without_onboarding_and_champion_trouble_value_is_nowhere_lower():
    """Linear dynamics under the same random numbers: value can only gain, while contracts go alike."""
    causes = dataclasses.replace(Causes(), poor_onboarding=False, champion_leaves=False)
    worse = simulate_company(accounts=200, seed=2, years=1)
    better = simulate_company(accounts=200, seed=2, years=1, causes=causes)
    came_back = ((worse.history.events.left < 10**6) | (better.history.events.left < 10**6)).any(axis=0)
    gain = (better.history.states.value - worse.history.states.value)[:, ~came_back]
    assert gain.min() > -1e-12
    assert gain.max() > 0.5
