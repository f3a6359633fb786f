"""Money is converted at the rate of the row's own day, to the cent, and never again."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from churnmodel.sources.database import Database
from small_worlds import frame, looks, version, world

PAYING = [version("2020-06-01")]
RATES = [
    {"currency": "EUR", "valid_from": "2025-01-01", "rate": 1.1},
    {"currency": "EUR", "valid_from": "2025-03-01", "rate": 1.25},
    {"currency": "JPY", "valid_from": "2025-01-01", "rate": 0.0064},
]


def bills(*rows, rates=RATES, **options):
    """A world with these invoices, each of an account of its own, "00", "01", ..."""
    own = [{"account_id": f"{i:02d}", "issued_at": "2025-02-01"} | row for i, row in enumerate(rows)]
    return world(PAYING, invoices=own, **({} if rates is None else {"rates": rates}), **options)


def cents(db):
    """The cents of each invoice in use, by account."""
    found = db.frame("invoices").set_index("account_id")["amount"]
    return {account: int(found[account]) for account in sorted(found.index)}


def converted(*amounts, rate):
    """What amounts in euros come to at `rate`, in cents."""
    rows = [{"amount": amount, "currency": "EUR"} for amount in amounts]
    return list(cents(bills(*rows, rates=[RATES[0] | {"rate": rate}])).values())


def test_amounts_are_converted_to_the_cent():
    assert converted(100, 19.99, 0.05, 0, rate=1.1) == [11000, 2199, 6, 0]  # 21.989, 0.055
    assert converted(1, 0.99, 12345.67, rate=0.0064) == [1, 1, 7901]  # 0.64, 0.6336, 7901.2288 cents
    assert converted(0.01, 0.03, rate=0.5) == [1, 2]  # halves go up


def test_a_credit_is_converted_like_its_invoice_so_that_they_cancel():
    amounts = [100, 19.99, 0.05, 0.01, 0.03, 12345.67]
    both = converted(*amounts, *(-a for a in amounts), rate=0.5)
    assert both == [5000, 1000, 3, 1, 2, 617284, -5000, -1000, -3, -1, -2, -617284]


def test_a_conversion_is_the_nearest_cent_of_the_exact_product():
    rng = np.random.default_rng(5)
    whole = rng.integers(-(10**9), 10**9, 99)
    rate = 1.0825
    expected = [int(np.sign(c)) * int(abs(Fraction(int(c)) * Fraction(rate)) + Fraction(1, 2)) for c in whole]
    assert converted(*(c / 100 for c in whole), rate=rate) == expected


def test_a_row_takes_the_rate_of_its_own_second():
    days = ["2025-01-01", "2025-02-28 23:59:59", "2025-03-01", "2025-03-01 00:00:01", "2030-01-01"]
    rows = [{"amount": 100, "currency": "EUR", "issued_at": day} for day in days]
    for rates in (RATES, RATES[::-1]):
        db = bills(*rows, rates=rates)
        assert list(cents(db).values()) == [11000, 11000, 12500, 12500, 12500]


def test_list_price_is_converted_like_the_price_and_by_the_day_the_version_began():
    rows = [
        version("2025-02-01", mrr=100, list_mrr=120, currency="EUR", ended_at="2025-04-01"),
        version("2025-04-01", mrr=100, list_mrr=None, currency="EUR"),
        version("2025-02-01", mrr=10_000, list_mrr=15_000, currency="JPY", subscription_id="j"),
    ]
    found = world(rows, rates=RATES).frame("subscriptions").sort_values(["subscription_id", "started_at"])
    assert found["mrr"].tolist() == [6400, 11000, 12500]
    assert found["list_mrr"].fillna(-1).tolist() == [9600, 13200, -1]
    assert set(found["currency"]) == {"USD"}


def test_a_version_keeps_what_it_was_told_beside_what_that_was_worth():
    rows = [
        version("2025-02-01", mrr=100, list_mrr=120, currency="eur", subscription_id="e"),
        version("2025-02-01", mrr=100, subscription_id="f"),
    ]
    found = world(rows, rates=RATES).frame("subscriptions").sort_values("subscription_id")
    assert found["told_mrr"].tolist() == [10000, 10000]
    assert found["told_list_mrr"].fillna(-1).tolist() == [12000, -1]
    assert found["told_currency"].tolist() == ["EUR", "USD"]
    assert found["told_rate"].fillna(-1).tolist() == [1.1, -1]


def test_amounts_are_told_twice_only_where_rates_convert():
    bill = {"amount": 100, "currency": "EUR"}
    for table in ("invoices", "subscriptions"):
        told = [[n for n in bills(bill, **rates).tables[table].columns if n.startswith("told_")]
                for rates in ({}, {"rates": None})]  # fmt: skip
        assert told[0] and not told[1], table


def test_the_project_s_currency_has_rate_one_whatever_the_table_says():
    rows = [{"amount": 100.01, "currency": c} for c in ("USD", "usd", " Usd ", None, "")]
    odd = [*RATES, {"currency": "USD", "valid_from": "2025-01-01", "rate": 1.5}]
    for rates in (RATES, odd):
        db = bills(*rows, rates=rates)
        assert list(cents(db).values()) == [10001] * 5
        assert db.run(db.readings["invoices"].cast)["no_rate"].tolist() == [False] * 5


def test_an_amount_in_the_project_s_currency_is_kept_to_its_last_cent():
    large = [4503599627370497, 8999999999999999]  # odd, beyond 2 ** 52
    rows = [{"amount": n, "currency": "USD"} for n in (45035996273704.97, 89999999999999.99)]
    kept = cents(bills(*rows)), cents(bills(*rows, rates=None))
    assert kept[0] == kept[1] and [abs(a - b) <= 1 for a, b in zip(kept[0].values(), large, strict=True)]


def test_upper_and_lower_case_are_one_currency():
    rows = [{"amount": 100, "currency": c} for c in ("EUR", "eur", "Eur", " eur ")]
    mixed = [RATES[0] | {"currency": "eur"}, RATES[1] | {"currency": "EUR"}]
    late = [row | {"issued_at": "2025-03-05"} for row in rows]
    assert list(cents(bills(*rows, *late, rates=mixed)).values()) == [11000] * 4 + [12500] * 4


def test_the_project_s_currency_may_be_another_and_written_small():
    rates = [{"currency": "USD", "valid_from": "2025-01-01", "rate": 0.9}]
    rows = [{"amount": 100, "currency": "EUR"}, {"amount": 100, "currency": "USD"}, {"amount": 100}]
    for currency in ("EUR", "eur"):
        db = bills(*rows, rates=rates, currency=currency)
        assert list(cents(db).values()) == [10000, 9000, 10000]
        assert set(db.frame("invoices")["currency"]) == {"EUR"}


def test_a_row_without_a_rate_is_set_aside_where_the_amount_is_required_and_told():
    rows = [
        {"amount": 100, "currency": "EUR"},
        {"amount": 100, "currency": "EUR", "issued_at": "2024-12-31 23:59:59"},  # before the first rate
        {"amount": 100, "currency": "CHF"},  # no rate at all
        {"amount": 100, "currency": "USD"},
        {"amount": None, "currency": "EUR"},  # no amount: that is not for want of a rate
    ]
    db = bills(*rows)
    assert list(cents(db)) == ["00", "03"]
    cast = db.run(db.readings["invoices"].cast).sort_values("account_id")
    assert cast["no_rate"].tolist() == [False, True, True, False, False]
    assert cast["raw_amount"].tolist()[:4] == [100] * 4
    assert cast["amount"].isna().tolist() == [False, True, True, False, True]


def test_without_rates_nothing_is_converted():
    rows = [{"amount": 100, "currency": c} for c in ("EUR", "usd", None)]
    db = bills(*rows, rates=None)
    assert list(cents(db).values()) == [10000] * 3
    assert db.frame("invoices").sort_values("account_id")["currency"].fillna("").tolist() == ["EUR", "usd", ""]
    assert "no_rate" not in db.readings["invoices"].cast.columns


def test_rates_without_a_row_know_no_rate():
    db = bills({"amount": 100, "currency": "EUR"}, {"amount": 100, "currency": "USD"}, {"amount": 100}, rates=[])
    assert list(cents(db)) == ["01", "02"]


def test_a_conversion_too_large_for_whole_cents_is_missing_and_stops_nothing():
    rows = [{"amount": a, "currency": "EUR"} for a in (8e13, -8e13, 1)]
    assert cents(bills(*rows, rates=[RATES[0] | {"rate": 1e12}])) == {"02": 100 * 10**12}


LEARNED_LATE = {"currency": "EUR", "valid_from": "2025-01-15", "rate": 9.0, "known_at": "2025-02-10"}
CORRECTED = [
    RATES[0] | {"event_id": "r"},
    RATES[0] | {"event_id": "r", "rate": 1.2, "known_at": "2025-02-10"},
]


@pytest.mark.parametrize("rates", [[RATES[0], LEARNED_LATE], CORRECTED], ids=["late", "corrected"])
def test_a_rate_learned_later_converts_later_rows_only(rates):
    days = ["2025-01-14", "2025-02-09", "2025-02-10", "2025-02-20"]
    rows = [{"amount": 100, "currency": "EUR", "issued_at": day} for day in days]
    rates = [{"event_id": None, "known_at": None} | rate for rate in rates]
    for order in (rates, rates[::-1]):
        now = rates[1]["rate"] * 10000
        assert list(cents(bills(*rows, rates=order)).values()) == [11000, 11000, now, now]


def test_a_rate_for_earlier_days_learned_late_takes_nothing_from_the_latest_one():
    late = {"currency": "EUR", "valid_from": "2024-01-01", "rate": 9.0, "known_at": "2025-03-10"}
    days = ["2024-06-01", "2025-02-01", "2025-03-05", "2025-03-20"]
    rows = [{"amount": 100, "currency": "EUR", "issued_at": day} for day in days]
    assert cents(bills(*rows, rates=[*RATES, late])) == {"01": 11000, "02": 12500, "03": 12500}


@pytest.mark.parametrize("seed", [0, 1])
def test_what_becomes_of_the_rates_after_a_moment_moves_no_row_known_before_it(seed):
    rng = np.random.default_rng(seed)
    days = pd.date_range("2025-01-01", "2025-06-30")
    at = pd.Timestamp("2025-04-01")

    def drawn(n, first):
        told = pd.DataFrame({"currency": rng.choice(["EUR", "CHF"], n), "valid_from": rng.choice(days, n)})
        told["rate"] = rng.integers(50, 150, n) / 100
        known = pd.Series(rng.choice(days, n)).where(rng.random(n) < 0.5, told["valid_from"])
        return told.assign(known_at=np.maximum(known, first))

    rates = drawn(12, days[0]).drop_duplicates(["currency", "valid_from"])
    before = rates[rates[["valid_from", "known_at"]].max(axis=1) < at]
    other = pd.concat([before, drawn(8, at)], ignore_index=True)
    rows = [
        {"amount": 100, "currency": ("EUR", "CHF")[i % 2], "issued_at": str(day)}
        for i, day in enumerate(days[::3])
    ]
    frames = {"accounts": frame("accounts", []), "subscriptions": frame("subscriptions", [])}
    own = [{"account_id": f"{i:02d}"} | row for i, row in enumerate(rows)]
    found = [
        Database.from_frames(
            frames | {"invoices": frame("invoices", own), "rates": told}, until="2026-01-01", threads=1
        ).cut(at)
        for told in (rates.sample(frac=1, random_state=seed), other)
    ]
    one, two = (cents(db) for db in found)
    assert one == two and len(one) > 5
    # and each is what a look through the rates by hand says
    told = before.assign(known=before[["valid_from", "known_at"]].max(axis=1))
    for i, row in enumerate(rows):
        issued = pd.Timestamp(row["issued_at"])
        mine = told[(told["currency"] == row["currency"]) & (told["known"] <= issued)]
        if issued < at and len(mine):
            best = mine.sort_values("valid_from")["rate"].iloc[-1]
            assert one[f"{i:02d}"] == round(best * 10000)
        else:
            assert f"{i:02d}" not in one


def test_an_amount_seen_at_a_moment_is_the_one_seen_ever_after():
    db = bills({"amount": 100, "currency": "EUR"})
    asked = db.snapshots(looks("2025-02-02", "2025-03-02", "2025-12-01", accounts=["00"]))
    assert db.run(db.paired("invoices", asked))["amount"].tolist() == [11000] * 3
    assert cents(db.cut("2025-02-02")) == cents(db)
