"""A book small enough for paper: does each account stand where a CSM would put it?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from churnmodel.settings.renewals import RenewalSettings
from churnmodel.success.renewals import renewals
from churnmodel.success.renewals_contracts import next_renewals, running_contracts
from churnmodel.success.renewals_plays import open_plays
from small_worlds import looks, version, world

DAY = pd.Timestamp("2026-01-01")
YEAR = {"term_months": 12, "billing_period": "annual"}


def book(*accounts: dict[str, Any], **more: Any) -> pd.DataFrame:
    """Scores of accounts: account_id, mrr, risk, and what else is told."""
    rows = [{"status": "at_risk", "band": "green", "leaving_on": pd.NaT, "name": None} | a for a in accounts]
    frame = pd.DataFrame(rows).assign(as_of=DAY, **more)
    return frame.set_index(["account_id", "as_of"])


def terms(*accounts: dict[str, Any]) -> pd.DataFrame:
    """Terms of accounts: account_id and renews_at; a year, one contract, renewing by itself unless told."""
    usual = {"contracts": 1, "contracts_due": 1, "mrr_due": 100.0, "mrr_noticed": 0.0, "term_months": 12.0}
    frame = pd.DataFrame([usual | {"auto_renews": True} | a for a in accounts]).assign(as_of=DAY)
    frame["renews_at"] = pd.to_datetime(frame["renews_at"])
    frame["auto_renews"] = frame["auto_renews"].astype("boolean")
    return frame.set_index(["account_id", "as_of"])


NO_DRIVERS = pd.DataFrame(columns=["rank", "concept", "family", "direction", "points", "sentence"]).set_index(
    pd.MultiIndex.from_arrays([[], []], names=["account_id", "as_of"])
)


def listed(scores: pd.DataFrame, due: pd.DataFrame, drivers: pd.DataFrame = NO_DRIVERS, **more) -> pd.DataFrame:
    return renewals(scores, drivers, due, DAY, **more)


def test_it_is_ranked_by_mrr_times_risk_halved_for_every_ninety_days():
    """::

        near   in 0 days     100 x 0.10            = 10
        mid    in 90 days    100 x 0.30 / 2        = 15
        far    in 180 days   100 x 0.36 / 4        =  9
    """
    scores = book(
        *({"account_id": name, "mrr": 100.0, "risk": risk} for name, risk in
          (("near", 0.1), ("mid", 0.3), ("far", 0.36)))
    )  # fmt: skip
    due = terms(
        {"account_id": "near", "renews_at": "2026-01-01"},
        {"account_id": "mid", "renews_at": "2026-04-01"},
        {"account_id": "far", "renews_at": "2026-06-30"},
    )
    found = listed(scores, due)
    assert list(found.index) == ["mid", "near", "far"] and found["rank"].tolist() == [1, 2, 3]
    assert found["priority"].tolist() == pytest.approx([15, 10, 9])
    slow = listed(scores, due, rules=RenewalSettings(halves_every_days=3650))
    assert list(slow.index) == ["far", "mid", "near"]


def test_every_account_stands_on_one_list():
    scores = book(
        {"account_id": "due", "mrr": 100.0, "risk": 0.2},
        {"account_id": "gone", "mrr": 70.0, "risk": np.nan, "status": "leaving", "leaving_on": "2026-02-01"},
        {"account_id": "monthly", "mrr": 40.0, "risk": 0.1},
        {"account_id": "next_year", "mrr": 30.0, "risk": 0.1},
        {"account_id": "undated", "mrr": 20.0, "risk": 0.1},
    )
    due = terms(
        {"account_id": "due", "renews_at": "2026-06-30"},
        {"account_id": "gone", "renews_at": "2026-02-01"},
        {"account_id": "monthly", "renews_at": "2026-01-15", "term_months": 1.0},
        {"account_id": "next_year", "renews_at": "2026-07-01"},
        {"account_id": "undated", "renews_at": None, "term_months": np.nan},
    )
    found = listed(scores, due)
    assert found["list"].to_dict() == {
        "due": "calendar",
        "gone": "leaving",
        "monthly": "short term",
        "next_year": "later",
        "undated": "no date",
    }
    assert np.isnan(found.loc["gone", "mrr_at_risk"]) and found.loc["gone", "mrr"] == 70
    assert listed(scores, due, days=181).loc["next_year", "list"] == "calendar"


def test_a_notice_period_moves_the_decision_forward_only_where_a_contract_renews_by_itself():
    names = ("auto", "signed", "own", "over", "untold")
    scores = book(*({"account_id": i, "mrr": 100.0, "risk": 0.2, "band": "red"} for i in names))
    due = terms(
        *({"account_id": i, "renews_at": "2026-04-01", "auto_renews": i != "signed"}
          for i in ("auto", "signed", "own")),
        {"account_id": "over", "renews_at": "2026-01-11"},
        {"account_id": "untold", "renews_at": "2026-01-11", "auto_renews": None},
    )  # fmt: skip
    about = pd.DataFrame({"notice_days": ["30"]}, index=pd.Index(["own"], name="account_id"))
    found = listed(scores, due, about=about, rules=RenewalSettings(notice_days=60))
    days = found["decide_by"].dt.strftime("%Y-%m-%d").to_dict()
    assert days == {
        "auto": "2026-01-31", "signed": "2026-04-01", "own": "2026-03-02", "over": "2025-11-12",
        "untold": "2026-01-11",
    }  # fmt: skip
    assert found["days_left"].to_dict() == {"auto": 30, "signed": 90, "own": 60, "over": 0, "untold": 10}
    assert found["list"].to_dict() == dict.fromkeys(names, "calendar") | {"over": "bound"}
    assert found["headline"].to_dict() == {i: i != "over" for i in found.index}, "nothing is left to decide there"


def test_nobody_on_it_means_red_or_orange_due_and_no_intervention_lately():
    names = ("red", "orange", "green", "worked", "held", "far")
    scores = book(*({"account_id": i, "mrr": 100.0, "risk": 0.3, "band": i if i in names[:3] else "red"}
                    for i in names))  # fmt: skip
    due = terms(*({"account_id": i, "renews_at": "2026-12-01" if i == "far" else "2026-03-01"} for i in names))
    acted = [
        {"account_id": "worked", "occurred_at": "2025-12-01", "play": "call", "arm": "treated"},
        {"account_id": "held", "occurred_at": "2025-12-05", "play": "call", "arm": "hold_out"},
        {"account_id": "red", "occurred_at": "2025-10-01", "play": "call", "arm": "treated"},  # long ago
        {"account_id": "orange", "occurred_at": "2026-01-01", "play": "call", "arm": "treated"},  # not known yet
    ]
    db = world([version("2025-01-01", account_id=i) for i in names], until="2026-02-01", interventions=acted)
    found = listed(scores, due, plays=open_plays(db, DAY, 60))
    assert set(found.index[found["headline"]]) == {"red", "orange"}
    assert found.loc["held", "arm"] == "hold_out" and found.loc["worked", "open_play"] == "call"


def test_a_band_from_health_and_owners_and_tiers_from_elsewhere_go_before_the_tables():
    scores = book({"account_id": "a", "mrr": 100.0, "risk": 0.01, "csm": "Old"})
    due = terms({"account_id": "a", "renews_at": "2026-03-01"})
    tiers = pd.DataFrame({"tier": ["gold"], "csm": ["New"]}, index=pd.Index(["a"], name="account_id"))
    band = pd.Series({"a": "orange"})
    found = listed(scores, due, tiers=tiers, band=band).loc["a"]
    assert (found["tier"], found["csm"], found["band"], bool(found["headline"])) == ("gold", "New", "orange", True)
    assert listed(scores, due).loc["a", ["tier", "csm", "headline"]].tolist() == ["standard", "Old", False]


def test_the_first_reason_is_what_raises_the_risk_most_but_not_that_it_renews():
    rows = [(1, "renewal", "raises", "Renews soon"), (2, "silence", "raises", "No use since May"),
            (3, "tickets", "raises", "5 open"), (1, "size", "lowers", "90 seats")]  # fmt: skip
    drivers = pd.DataFrame(rows, columns=["rank", "concept", "direction", "sentence"])
    drivers = drivers.assign(account_id="a", as_of=DAY, family="usage", points=0.1)
    drivers = drivers.set_index(["account_id", "as_of"])
    scores = book({"account_id": "a", "mrr": 100.0, "risk": 0.1}, {"account_id": "b", "mrr": 1.0, "risk": 0.1})
    due = terms(*({"account_id": i, "renews_at": "2026-03-01"} for i in "ab"))
    found = listed(scores, due, drivers)["reason"]
    assert found["a"] == "No use since May" and pd.isna(found["b"])


def test_the_risk_is_that_of_the_renewal_on_the_calendar_also_where_the_headline_looks_elsewhere():
    """The headline looked to a monthly add-on 20 days ahead; the year's contract ends in 120."""
    risks = {"risk": 0.02, "risk_days": 20.0, "risk_30": 0.02, "risk_90": 0.05, "risk_180": 0.4}
    scores = book({"account_id": "a", "mrr": 100.0} | risks, {"account_id": "b", "mrr": 100.0} | risks)
    due = terms(
        {"account_id": "a", "renews_at": "2026-05-01"}, {"account_id": "b", "renews_at": "2026-01-21"}
    )
    assert listed(scores, due)["risk"].to_dict() == {"a": 0.4, "b": 0.02}


def test_of_several_contracts_the_nearest_long_term_not_under_notice_is_on_the_calendar():
    rows = [
        version("2025-07-01", subscription_id="base", mrr=900, renews_at="2026-07-01", **YEAR),
        version("2025-03-01", subscription_id="more", mrr=300, renews_at="2026-03-01", auto_renews=False, **YEAR),
        version("2025-03-01", subscription_id="with", mrr=50, renews_at="2026-03-01", auto_renews=True, **YEAR),
        version("2025-12-20", subscription_id="addon", mrr=20, renews_at="2026-01-20", term_months=1),
        version("2025-02-01", subscription_id="ends", mrr=80, renews_at="2026-02-01",
                cancelled_at="2025-11-01", **YEAR),
        version("2024-03-01", "2025-03-01", subscription_id="more", mrr=300, renews_at="2025-03-01", **YEAR),
    ]  # fmt: skip
    found = next_renewals(running_contracts(world(rows), looks("2026-01-01"))).iloc[0]
    assert found["renews_at"] == pd.Timestamp("2026-03-01")
    assert found[["contracts", "contracts_due", "mrr_due", "mrr_noticed"]].tolist() == [5, 2, 350.0, 80.0]
    assert found["auto_renews"] is np.False_ or found["auto_renews"] is False


def test_no_contract_learned_after_the_day_moves_the_calendar():
    known = [version("2025-03-01", renews_at="2026-03-01", **YEAR)]
    later = [
        {**known[0], "cancelled_at": "2026-01-01"},
        version("2026-01-01", subscription_id="new", mrr=500, renews_at="2026-02-01", **YEAR),
    ]
    before = next_renewals(running_contracts(world(known), looks("2026-01-01")))
    after = next_renewals(running_contracts(world(later, until="2026-06-01"), looks("2026-01-01")))
    pd.testing.assert_frame_equal(before, after)
