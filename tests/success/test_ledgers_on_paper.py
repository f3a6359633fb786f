"""Three companies small enough for paper: is every cent where a person would put it?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.success.ledger import Ledger, mrr_ledger
from churnmodel.success.movement import bridge, movement
from churnmodel.success.retention import retention_figures
from small_worlds import Rows, version, world


def ledger_of(rows: Rows, until: str, as_of: str | None = None, **more) -> Ledger:
    rules = {k: more.pop(k) for k in ("grace_days", "pause_days", "timezone") if k in more}
    return mrr_ledger(world(rows, until=until, **more), pd.Timestamp(as_of or until), **rules)


def told(ledger: Ledger) -> dict[str, list[float]]:
    """The bridge of the whole company: per month its lines in currency units, without those that are all 0."""
    whole = pd.Series("all", index=ledger.accounts)
    table = bridge(ledger, 0, len(ledger.months), whole).droplevel("group")
    return {
        str(month): [cents / 100 for cents in row]
        for month, row in table.iloc[:, :7].iterrows()
    }


def test_the_first_company_grows_shrinks_loses_one_and_gets_it_back():
    """Opening, new, reactivation, expansion, contraction, churn, closing::

        ada   100 from 10 January, 130 from 15 February (mid-month), 90 from 1 March
        bob   two contracts of 50 and 25 from 1 January; the second ends 20 February
        cy    200 from 5 January, gone 31 January; back at 150 on 10 March (38 days later)
    """
    rows = [
        version("2025-01-10", "2025-02-15", 100, account_id="ada", subscription_id="a"),
        version("2025-02-15", "2025-03-01", 130, account_id="ada", subscription_id="a"),
        version("2025-03-01", None, 90, account_id="ada", subscription_id="a"),
        version("2025-01-01", None, 50, account_id="bob", subscription_id="b1"),
        version("2025-01-01", "2025-02-20", 25, account_id="bob", subscription_id="b2"),
        version("2025-01-05", "2025-01-31", 200, account_id="cy", subscription_id="c1"),
        version("2025-03-10", None, 150, account_id="cy", subscription_id="c2"),
        version("2024-12-05", None, 200, account_id="old", subscription_id="o"),
    ]
    found = ledger_of(rows, "2025-04-01")
    assert told(found) == {
        "2024-12": [0, 200, 0, 0, 0, 0, 200],
        "2025-01": [200, 100 + 75, 0, 0, 0, 0, 375],  # cy came and went: never paid at an edge
        "2025-02": [375, 0, 0, 30, 25, 0, 380],
        "2025-03": [380, 0, 150, 0, 40, 0, 490],
    }
    over = movement(found, 2, 4)  # February and March
    whole = {f.name: f.value for f in retention_figures(over, pd.Series("all", index=over.index))}
    assert whole["grr"] == pytest.approx((375 - 10 - 25) / 375) and whole["nrr"] == whole["grr"]
    assert whole["logo_churn"] == 0


def test_the_second_company_pauses_renews_late_and_tries_before_it_buys():
    """::

        pia   100 from 1 January; paused 10 February to 20 March; 100 again
        zed   80 from 1 January; paused from 10 February for good: out after 90 days, on 11 May
        lou   60 from 1 January to 25 February, renewed late on 8 March under another number at 70
        tia   a trial at 0 from 1 January, buys at 40 on 15 April
    """
    rows = [
        version("2025-01-01", "2025-02-10", 100, account_id="pia", subscription_id="p"),
        version("2025-02-10", "2025-03-20", 0, account_id="pia", subscription_id="p"),
        version("2025-03-20", None, 100, account_id="pia", subscription_id="p"),
        version("2025-01-01", "2025-02-10", 80, account_id="zed", subscription_id="z"),
        version("2025-02-10", None, 0, account_id="zed", subscription_id="z"),
        version("2025-01-01", "2025-02-25", 60, account_id="lou", subscription_id="l1"),
        version("2025-03-08", None, 70, account_id="lou", subscription_id="l2"),
        version("2025-01-01", "2025-04-15", 0, account_id="tia", subscription_id="t"),
        version("2025-04-15", None, 40, account_id="tia", subscription_id="t"),
    ]
    found = ledger_of(rows, "2025-06-01", grace_days=30, pause_days=90)
    assert told(found) == {
        "2025-01": [0, 240, 0, 0, 0, 0, 240],
        "2025-02": [240, 0, 0, 0, 180, 0, 60],  # both pauses; lou is only late
        "2025-03": [60, 0, 0, 110, 0, 0, 170],
        "2025-04": [170, 40, 0, 0, 0, 0, 210],
        "2025-05": [210, 0, 0, 0, 0, 0, 210],  # zed is lost, whose money went in February
    }
    assert movement(found, 4, 5)["lost"].to_dict() == {"lou": 0, "pia": 0, "tia": 0, "zed": 1}
    strict = ledger_of(rows, "2025-06-01", grace_days=0, pause_days=90)
    assert told(strict)["2025-02"] == [240, 0, 0, 0, 180, 60, 0]
    assert told(strict)["2025-03"] == [0, 0, 70, 100, 0, 0, 170]


RATES = [
    {"currency": "EUR", "valid_from": "2025-01-01", "rate": 1.0},
    {"currency": "EUR", "valid_from": "2025-02-10", "rate": 1.5},
    {"currency": "EUR", "valid_from": "2025-03-10", "rate": 1.2},
]


def test_the_third_company_is_paid_in_euros_and_has_its_books_corrected():
    """100 euros throughout, written anew each month; a cut to 90 in February was a mistake, found on 20 March.

    At the latest rate known: 1.5 before 10 March, 1.2 after. Credit notes are no MRR.
    """
    euros = {"currency": "EUR", "account_id": "eva"}
    rows = [
        version("2025-01-05", "2025-02-15", 100, event_id="1", known_at=None, **euros),
        version("2025-02-15", "2025-03-15", 90, event_id="2", known_at="2025-02-15", **euros),
        version("2025-02-15", "2025-03-15", 100, event_id="2", known_at="2025-03-20", **euros),
        version("2025-03-15", None, 100, event_id="3", known_at=None, **euros),
        version("2025-02-20", None, 7.01, event_id="4", account_id="usa", subscription_id="u", currency="USD"),
    ]
    credit = [{"account_id": "eva", "issued_at": "2025-02-20", "amount": -500, "currency": "EUR"}]
    early = ledger_of(rows, "2025-04-01", as_of="2025-03-01", rates=RATES, invoices=credit)
    assert told(early) == {
        "2025-01": [0, 150, 0, 0, 0, 0, 150],
        "2025-02": [150, 7.01, 0, 0, 15, 0, 142.01],
    }
    late = ledger_of(rows, "2025-04-01", rates=RATES, invoices=credit)
    assert told(late) == {
        "2025-01": [0, 120, 0, 0, 0, 0, 120],
        "2025-02": [120, 7.01, 0, 0, 0, 0, 127.01],
        "2025-03": [127.01, 0, 0, 0, 0, 0, 127.01],
    }


def test_a_contract_of_the_first_of_a_month_is_of_that_month_by_the_company_s_clocks():
    rows = [version("2025-02-01", "2025-03-01", 100), version("2025-03-01", None, 120)]
    for zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"):
        db = world(rows, until="2025-04-01", timezone=zone)
        assert told(mrr_ledger(db, db.until, timezone=zone)) == {
            "2025-02": [0, 100, 0, 0, 0, 0, 100],
            "2025-03": [100, 0, 0, 20, 0, 0, 120],
        }
