"""Retention curves, lifetime, time to value, what customers say and use: do they agree with paper and papers?"""

from __future__ import annotations

import math

import pandas as pd
import pytest

from churnmodel.errors import SettingsError, SourceError
from churnmodel.settings.kpis import KpiSettings
from churnmodel.success.first_value import waits
from churnmodel.success.groups import groups_of
from churnmodel.success.kpis import Kpis, kpis
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.lifetime import first_tenures
from churnmodel.success.survival import kaplan_meier
from small_worlds import version, world

# weeks in remission under 6-MP, of Freireich et al. (1963), Blood 21: the textbook case of Kaplan and Meier
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL_WELL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PUBLISHED = {6: (0.857, 0.0764), 7: (0.807, 0.0869), 10: (0.753, 0.0963), 13: (0.690, 0.1068), 16: (0.627, 0.1141),
             22: (0.538, 0.1282), 23: (0.448, 0.1346)}  # fmt: skip


def test_the_curve_and_greenwood_s_error_are_those_published_for_freireich_s_patients():
    curve = kaplan_meier(RELAPSED + STILL_WELL, [True] * 9 + [False] * 12)
    for week, (share, error) in PUBLISHED.items():
        found, low, high = curve.at(week)
        assert found == pytest.approx(share, abs=6e-4)
        # log(-log S) has the standard error se / (S |log S|)
        half = 1.959964 * error / (share * abs(math.log(share)))
        assert low == pytest.approx(share ** math.exp(half), abs=2e-3)
        assert high == pytest.approx(share ** math.exp(-half), abs=2e-3)
    assert curve.median()[0] == 23
    assert (curve.count, curve.events, curve.exposure) == (21, 9, 359)
    assert curve.at(5.9)[0] == 1.0 and all(math.isnan(x) for x in curve.at(36))


def company(**tables) -> tuple[object, Kpis]:
    rows = [
        version("2024-01-01", "2025-01-01", 100, account_id="ada", subscription_id="a"),
        version("2025-01-01", None, 150, account_id="ada", subscription_id="a"),
        version("2024-02-01", "2025-06-10", 100, account_id="bob", subscription_id="b"),
        version("2024-03-01", None, 800, account_id="cy", subscription_id="c"),
        version("2025-03-01", None, 50, account_id="dee", subscription_id="d"),
        version("2024-05-01", "2025-12-20", 40, account_id="eli", subscription_id="e"),
    ]
    accounts = [
        {"account_id": a, "created_at": "2024-01-01", "csm": csm, "segment": s}
        for a, csm, s in (("ada", "Ira", "smb"), ("bob", "Ira", "smb"), ("cy", "Jo", "all"), ("dee", None, "smb"))
    ]
    db = world(rows, accounts=accounts, until="2026-01-01", **tables)
    return db, kpis(db, mrr_ledger(db, db.until), by="owner")


def value(found: Kpis, name: str, group: str = "all") -> float:
    row = found.figure(name, group)
    return math.nan if row is None else float(row["value"])


def test_a_year_s_figures_are_those_of_paper():
    _, found = company()
    assert (found.first_month, found.last_month) == ("2025-01", "2025-12")
    # opening 1,040: ada 100 -> 150, bob 100 -> gone, cy 800, eli 40 -> gone
    assert value(found, "nrr") == pytest.approx((1040 + 50 - 140) / 1040)
    assert value(found, "grr") == pytest.approx((1040 - 140) / 1040)
    assert value(found, "logo_churn") == 2 / 4 and value(found, "expanding_accounts") == 1 / 4
    assert value(found, "revenue_churn") == pytest.approx(140 / 1040)
    assert value(found, "top_logo_churn") == 0 and value(found, "top_mrr_share") == pytest.approx(800 / 1040)
    assert value(found, "nrr", "Ira") == pytest.approx(150 / 200)
    assert math.isnan(value(found, "nrr", "(none)")) is False  # eli is in no row of accounts, and dee has no csm
    assert value(found, "arpa") == pytest.approx(1000 / 3)
    assert found.provisional == (1, 4000)  # eli's contract ran out on 20 December
    table = found.table().set_index(["figure", "group", "first_month", "last_month"])["value"]
    assert table["closing_mrr", "all", "2025-12", "2025-12"] == 1000.0
    assert table["nrr", "all", "2024-12", "2025-11"] == pytest.approx((1040 + 50 - 100) / 1040)


def test_nobody_is_followed_into_the_days_in_which_a_renewal_may_still_come():
    _, found = company()
    followed = first_tenures(found.ledger)
    assert followed["ended"].to_dict() == {"ada": False, "bob": True, "cy": False, "dee": False, "eli": False}
    settled = pd.Timestamp("2026-01-01") - pd.Timedelta(days=30)
    assert followed["days"]["eli"] == (settled - pd.Timestamp("2024-05-01")).days
    assert found.curves["2024"].count == 4 and found.curves["2025"].count == 1


def test_time_to_value_waits_with_those_who_wait():
    touched = [
        {"account_id": "ada", "occurred_at": "2024-01-01", "kind": "kickoff"},
        {"account_id": "ada", "occurred_at": "2024-01-31", "kind": "First_Value"},
        {"account_id": "cy", "occurred_at": "2026-02-01", "kind": "first_value"},  # not yet
    ]
    reached = [{"account_id": "bob", "set_at": "2024-02-02", "reached_at": "2024-03-02"}]
    db, found = company(touchpoints=touched, goals=reached)
    waited = waits(db, found.ledger)
    assert waited["reached"].to_dict() == {"ada": True, "bob": True, "cy": False, "dee": False, "eli": False}
    assert waited["days"].tolist()[:2] == [30, 30]
    assert math.isnan(value(found, "time_to_value"))  # three of five still wait
    assert value(found, "time_to_value", "Ira") == 30
    assert company()[1].lacking["time_to_value"] == "no first value and no goal reached is on record"


def test_what_customers_say_is_counted_as_it_was_known():
    def answer(who, score, day="2025-05-01", kind="nps", account="ada"):
        return {"account_id": account, "respondent_id": who, "sent_at": "2025-04-20", "answered_at": day,
                "kind": kind, "score": score}  # fmt: skip

    surveys = [
        answer("r1", 3),
        answer("r1", 10, "2025-06-01"),  # the last answer of a person counts
        answer("r2", 9),
        answer("r3", 6, account="cy"),
        answer("r4", 8, account="cy"),
        answer("r5", None, None),
        answer("r6", 0, "2026-01-01"),  # after the day of looking
        answer("r7", 5, kind="CSAT"),
        answer("r8", 2, kind="csat"),
    ]
    ticket = {"account_id": "cy", "opened_at": "2025-02-01", "resolved_at": "2025-02-02"}
    tickets = [ticket | {"csat": 4}, ticket | {"csat": 5}]
    _, found = company(surveys=surveys, tickets=tickets)
    assert value(found, "nps") == 100 * (2 - 1) / 4 and value(found, "nps", "Ira") == 100
    assert value(found, "csat_surveys") == 0.5 and value(found, "csat_tickets", "Jo") == 1.0
    assert value(found, "response_rate") == pytest.approx(7 / 9)
    assert "csat_tickets" in company()[1].lacking


def test_an_absent_feed_is_unknown_and_a_present_one_is_counted():
    used = [
        {"account_id": "ada", "occurred_at": "2025-12-31", "user_id": "u", "feature": "f"},
        {"account_id": "cy", "occurred_at": "2025-12-10", "user_id": "u", "feature": "f"},
        {"account_id": "cy", "occurred_at": "2025-12-10", "user_id": "v", "feature": "g"},
        {"account_id": "dee", "occurred_at": "2025-12-03", "user_id": "u", "feature": "f"},  # 29 days before
        {"account_id": "bob", "occurred_at": "2025-12-30", "user_id": "u", "feature": "h"},  # has left
    ]
    _, found = company(usage_events=used)
    assert value(found, "active_accounts") == 2 / 3 and value(found, "depth") == (0.5 + 1) / 2
    assert company()[1].lacking["active_accounts"] == "there is no table usage_events"
    _, silent = company(usage_events=[])
    assert silent.lacking["active_accounts"] == "no usage event in the 28 days before 2026-01-01"


def test_lifetime_value_says_how_much_of_it_was_seen():
    db, plain = company()
    rules = KpiSettings(gross_margin=0.5, lifetime_months=12)
    half = kpis(db, plain.ledger, rules=rules)
    seen = value(half, "cltv_followed")
    assert value(half, "cltv") == seen  # twelve months lie within what was followed
    assert seen == pytest.approx(0.5 * 1000 / 3 * 12)  # nobody left in the first year
    assert value(plain, "cltv") > value(plain, "cltv_followed") > 0


def test_sizes_are_those_of_the_settings_or_thirds():
    db, found = company()
    bands = groups_of(db, found.ledger, "size", found.opens, size_bands=(100, 500))
    assert bands.astype(str).to_dict() == {
        "ada": "100 to 500 USD", "bob": "100 to 500 USD", "cy": "500 USD and more", "dee": "under 100 USD",
        "eli": "under 100 USD",
    }  # fmt: skip
    assert list(bands.cat.categories) == ["under 100 USD", "100 to 500 USD", "500 USD and more"]
    thirds = groups_of(db, found.ledger, "size", found.opens)
    assert thirds.notna().all() and thirds["cy"] == "100 USD and more"
    assert groups_of(db, found.ledger, "segment", 0)["cy"] == "all (segment)"
    assert groups_of(db, found.ledger, "cohort", 0, entry="quarter")["dee"] == "2025-Q1"


def test_what_cannot_be_asked_is_refused_with_what_can():
    db, found = company()
    for bad, said in (
        ({"first": "2025"}, "--from '2025': wanted a month"),
        ({"last": "2026-01"}, "--until 2026-01: wanted a whole month .* before --as-of, 2024-01 to 2025-12"),
        ({"first": "2025-05", "last": "2025-04"}, "--from 2025-05 lies after --until 2025-04"),
        ({"by": "plan"}, "--by 'plan': wanted one of cohort, size, segment, owner"),
    ):
        with pytest.raises(SettingsError, match=said):
            kpis(db, found.ledger, **bad)
    with pytest.raises(SourceError, match="after data_until 2026-01-01"):
        mrr_ledger(db, pd.Timestamp("2026-02-01"))
    with pytest.raises(SourceError, match="there is none"):
        mrr_ledger(db, pd.Timestamp("2023-02-01"))
