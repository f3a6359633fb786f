"""Do the figures keep their laws on any history, and does a loop over days agree?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from churnmodel.success.groups import By, groups_of
from churnmodel.success.kpis import kpis
from churnmodel.success.ledger import Ledger, mrr_ledger
from churnmodel.success.movement import BRIDGE, bridge, movement
from churnmodel.success.retention import retention_figures
from small_worlds import world

FIRST, UNTIL, LOOK = date(2024, 1, 1), date(2025, 3, 1), date(2024, 11, 10)
GRACE, PAUSE = 20, 60
RATES = [
    {"currency": "EUR", "valid_from": str(FIRST + timedelta(days=30 * k)), "rate": rate}
    for k, rate in enumerate([1.0, 1.17, 0.93, 1.231, 0.871, 1.1, 1.4, 0.77, 1.0, 1.3, 0.913])
]
LATER_RATE = [{"currency": "EUR", "valid_from": str(LOOK), "rate": 2.0}]
DAYS = st.sampled_from([1, 5, 19, 20, 21, 30, 31, 59, 60, 61, 90, 200])
GAPS = st.sampled_from([0, 0, 0, 0, 1, 10, 19, 20, 21, 22, 45, 120])
CENTS = st.sampled_from([0, 0, 3333, 5000, 10000, 12345])
VERSION = st.tuples(DAYS, GAPS, CENTS)
CONTRACT = st.tuples(
    st.integers(0, 300), st.lists(VERSION, min_size=1, max_size=5), st.booleans(), st.sampled_from(["USD", "EUR"])
)
COMPANY = st.lists(st.lists(CONTRACT, min_size=1, max_size=3), min_size=4, max_size=12)
# a database is half a second: to shrink an example would take minutes
QUICK = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Row:
    account: str
    contract: str
    start: date
    end: date | None
    cents: int
    currency: str

    def cells(self) -> dict[str, object]:
        return {
            "account_id": self.account, "subscription_id": self.contract, "started_at": str(self.start),
            "ended_at": None if self.end is None else str(self.end), "mrr": self.cents / 100,
            "currency": self.currency,
        }  # fmt: skip


def rows_of(company) -> list[Row]:
    rows = []
    for a, contracts in enumerate(company):
        for c, (begins, versions, runs_on, currency) in enumerate(contracts):
            start = FIRST + timedelta(days=begins)
            for v, (days, gap, cents) in enumerate(versions):
                end = start + timedelta(days=days)
                last = runs_on and v == len(versions) - 1
                rows.append(Row(f"a{a}", f"a{a}/{c}", start, None if last else end, cents, currency))
                start = end + timedelta(days=gap)
    return rows


def company_of(rows: list[Row], **more):
    ids = sorted({r.account for r in rows})
    accounts = [
        {"account_id": a, "created_at": "2020-01-01", "segment": ["x", "y", None][k % 3], "csm": f"c{k % 2}"}
        for k, a in enumerate(ids)
    ]
    return world([r.cells() for r in rows], accounts=accounts, until=str(UNTIL), rates=RATES, **more)


def paid_before(rows: list[Row], as_of: date) -> bool:
    return any(r.cents > 0 and r.start < as_of for r in rows) and min(
        r.start for r in rows if r.cents > 0
    ) < as_of.replace(day=1)


def read(db, as_of: date = UNTIL) -> Ledger:
    return mrr_ledger(db, pd.Timestamp(as_of), grace_days=GRACE, pause_days=PAUSE)


def by_the_day(rows: list[Row], account: str, edge: date) -> tuple[dict[str, int], bool]:
    """Told cents per currency and whether it is a customer just before `edge`, by walking along days."""
    mine = [r for r in rows if r.account == account and r.start < UNTIL]
    far = UNTIL + timedelta(days=1)
    served: list[tuple[date, date, int, str, str]] = []
    for contract in {r.contract for r in mine}:
        paid, paused = False, None
        for r in sorted((r for r in mine if r.contract == contract), key=lambda r: r.start):
            end = r.end if r.end is not None and r.end < UNTIL else far
            if r.cents > 0:
                paid, paused = True, None
            elif paused is None:
                paused = r.start
            if r.cents == 0:
                end = min(end, paused + timedelta(days=PAUSE))
            if paid and end > r.start:
                served.append((r.start, end, r.cents, r.currency, contract))
    day = edge - timedelta(days=1)  # all stamps are midnights: what runs before the edge runs on the day before
    running = [s for s in served if s[0] <= day < s[1]]
    found: dict[str, int] = {}

    def add(spans):
        for s in spans:
            found[s[3]] = found.get(s[3], 0) + s[2]

    add(running)
    for contract in {s[4] for s in served} - {s[4] for s in running}:  # late for its own renewal
        past = [s for s in served if s[4] == contract and s[1] <= day]
        ahead = [s[0] for s in served if s[4] == contract and s[0] > day]
        if past and ahead and (min(ahead) - max(s[1] for s in past)).days <= GRACE:
            add(s for s in past if s[1] == max(s[1] for s in past))
            running.append(past[0])
    if not running:  # the account as a whole is late
        past, ahead = [s for s in served if s[1] <= day], [s[0] for s in served if s[0] > day]
        if past and ahead and (min(ahead) - max(s[1] for s in past)).days <= GRACE:
            last = max(s[1] for s in past)
            add(s for s in past if s[1] == last)
            running = past
    return found, bool(running)


@QUICK
@given(company=COMPANY)
def test_a_loop_over_days_finds_the_same_mrr_to_the_cent(company):
    rows = rows_of(company)
    if not paid_before(rows, UNTIL):
        return
    found = read(company_of(rows))
    rate = 0.913
    for k, edge in enumerate(found.months.edges):
        for i, account in enumerate(found.accounts):
            told, is_customer = by_the_day(rows, account, edge.date())
            cents = told.get("USD", 0) + int(np.floor(told.get("EUR", 0) * rate + 0.5))
            assert (found.mrr[i, k], found.tenure[i, k] > 0) == (cents, is_customer), (account, edge)


@QUICK
@given(company=COMPANY)
def test_bridges_reconcile_chain_and_sum_over_groups_and_rates_stay_in_order(company):
    rows = rows_of(company)
    if not paid_before(rows, UNTIL):
        return
    db = company_of(rows)
    found = read(db)
    last = len(found.months)
    assert (found.mrr >= 0).all() and not ((found.tenure == 0) & (found.mrr > 0)).any()
    everyone = bridge(found, 0, last, pd.Series("all", index=found.accounts)).droplevel("group")
    gains = everyone["new"] + everyone["reactivation"] + everyone["expansion"]
    assert (everyone["opening"] + gains - everyone["contraction"] - everyone["churn"] == everyone["closing"]).all()
    assert everyone["opening"].iloc[1:].tolist() == everyone["closing"].iloc[:-1].tolist()
    for by in get_args(By):
        groups = groups_of(db, found, by, last // 2)
        assert groups.notna().all() and list(groups.index) == list(found.accounts)
        parts = bridge(found, 0, last, groups).groupby(level="month").sum()
        pd.testing.assert_frame_equal(parts, everyone, check_freq=False)
        for opens in range(last):
            over = movement(found, opens, last)
            assert (over["opening"] + over["new"] + over["reactivation"] + over["expansion"]
                    - over["contraction"] - over["churn"] == over["closing"]).all()  # fmt: skip
            values: dict[str, dict[str, float]] = {}
            for f in retention_figures(over, groups):
                values.setdefault(f.group, {})[f.name] = f.value
            for v in values.values():
                if not np.isnan(v["grr"]):
                    assert 0 <= v["grr"] <= min(1.0, v["nrr"] + 1e-12)
                    assert v["nrr"] == pytest.approx(v["grr"] + v["expansion_rate"])
                    assert v["grr"] == pytest.approx(1 - v["contraction_rate"] - v["revenue_churn"])


@settings(QUICK, max_examples=3)
@given(company=COMPANY, later=COMPANY)
def test_nothing_learned_later_changes_a_past_figure(company, later):
    """Rows that begin later, versions that end later, and corrections that come later."""
    rows = rows_of(company)
    if not paid_before(rows, LOOK):
        return

    def figures(more, ends_known):
        known = [r.cells() | {"event_id": f"e{k}", "known_at": None} for k, r in enumerate(rows)]
        if not ends_known:
            known = [r | {"ended_at": None} if r["ended_at"] and r["ended_at"] >= str(LOOK) else r for r in known]
        db = world([*known, *more], until=str(UNTIL), rates=[*RATES, *(LATER_RATE if more else [])])
        found = kpis(db, read(db, LOOK), by="size")
        return found.table(), found.account_months()

    extra = [r.cells() | {"event_id": f"x{k}", "known_at": str(max(r.start, LOOK))} for k, r in
             enumerate(rows_of(later))]  # fmt: skip
    extra += [r.cells() | {"mrr": 1.0, "event_id": f"e{k}", "known_at": str(max(r.start, LOOK))} for k, r in
              enumerate(rows)]  # fmt: skip
    for before, after in zip(figures([], False), figures(extra, True), strict=True):
        pd.testing.assert_frame_equal(before, after)


@QUICK
@given(company=COMPANY, amount=st.integers(-50000, 50000))
def test_invoices_refunds_and_credit_notes_are_no_mrr(company, amount):
    rows = rows_of(company)
    if not paid_before(rows, UNTIL):
        return
    cash = [{"account_id": r.account, "issued_at": str(r.start), "amount": amount / 100} for r in rows]
    assert (read(company_of(rows, invoices=cash)).mrr == read(company_of(rows)).mrr).all()


@QUICK
@given(company=COMPANY)
def test_whoever_pays_the_same_in_euros_moves_by_nothing_whatever_the_rates(company):
    rows = [r for r in rows_of(company) if r.cents > 0]
    steady = [Row(r.account, r.contract, r.start, r.end, 3333, "EUR") for r in rows]
    if not paid_before(steady, UNTIL):
        return
    found = read(company_of(steady))
    for k in range(len(found.months)):
        moved = movement(found, k, k + 1)
        contracts = moved[list(BRIDGE)] // 3043  # 33.33 euros at .913 are 30.43 dollars
        assert (contracts["opening"].max() or 0) <= 3
        one_contract = [a for a in moved.index if len({r.contract for r in steady if r.account == a}) == 1]
        assert not moved.loc[one_contract, ["expansion", "contraction"]].to_numpy().any()
