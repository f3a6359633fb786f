"""Is what is said to renew right on paper, and does its interval hold as often as it says?"""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from churnmodel.settings.renewals import RenewalSettings
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.renewals_after import after_renewal
from churnmodel.success.renewals_backtest import backtest_renewals, coverage, past_renewals
from churnmodel.success.renewals_forecast import SHORT_TERMS, WHOLE, forecast, month_of, months_ahead
from churnmodel.success.renewals_spread import ALONE, draw_renewed, evidence, interval, learn_spread
from small_worlds import version, world

DAY = pd.Timestamp("2026-01-01")


def calendar(*rows: tuple[str, str, float, float, str]) -> pd.DataFrame:
    """Accounts by (account_id, renews_at, mrr, risk, list)."""
    found = pd.DataFrame(rows, columns=["account_id", "renews_at", "mrr", "risk", "list"])
    found["renews_at"] = found["leaving_on"] = pd.to_datetime(found["renews_at"])
    found["status"] = np.where(found["list"] == "leaving", "leaving", "at_risk")
    found["term_months"] = np.where(found["list"] == "short term", 1.0, 12.0)
    return found.assign(mrr_due=found["mrr"]).set_index("account_id")


BOOK = calendar(
    ("a", "2026-01-10", 1000, 0.05, "calendar"),
    ("b", "2026-01-31", 500, 0.2, "calendar"),
    ("c", "2026-02-01", 300, 0.5, "calendar"),
    ("gone", "2026-02-10", 200, np.nan, "leaving"),
    ("m", "2026-01-05", 50, 0.1, "short term"),
    ("none", "2026-02-20", 70, np.nan, "calendar"),
    ("far", "2026-09-01", 900, 0.1, "later"),
)


def test_expected_is_mrr_times_one_less_risk_and_who_is_under_notice_is_due_and_lost():
    found = forecast(BOOK, DAY, ALONE, days=59)
    months = found.months
    assert list(months.index) == ["2026-01", "2026-02", WHOLE, SHORT_TERMS]
    assert months["expected"].tolist() == pytest.approx([950 + 400, 150, 1500, 45])
    assert months["due"].tolist() == [1500, 500, 2000, 50] and months["leaving"].tolist() == [0, 200, 200, 0]
    assert months["accounts"].tolist() == [2, 2, 4, 1] and found.without_risk == 1
    assert months.loc["2026-02", "share"] == pytest.approx(0.3)
    assert months.loc["2026-01", ["low", "high"]].tolist() == [1000, 1500]  # 19 % lose b alone, 5 % lose a


def test_months_are_whole_and_within_the_year_a_risk_looks_to():
    assert months_ahead(DAY, 180) == [f"2026-0{m}" for m in range(1, 7)]
    assert months_ahead(pd.Timestamp("2026-01-15"), 30) == ["2026-01", "2026-02"]
    assert months_ahead(pd.Timestamp("2026-01-15"), 365)[-1] == "2026-12"  # of January a part lies beyond
    late = pd.Series(pd.to_datetime(["2026-02-28 23:30", None]))
    assert month_of(late, "Europe/Berlin").fillna("none").tolist() == ["2026-03", "none"]


risks = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@settings(max_examples=25)
@given(risks, st.data())
def test_an_interval_holds_what_is_expected_lies_within_what_is_due_and_widens_with_the_shared_effect(risk, data):
    mrr = data.draw(st.lists(st.floats(0, 1e4), min_size=len(risk), max_size=len(risk)))
    rows = [(f"a{k}", "2026-01-10", m, r, "calendar") for k, (m, r) in enumerate(zip(mrr, risk, strict=True))]
    shared = learn_spread([], [], 2.0)
    alone, wide = (forecast(calendar(*rows), DAY, s, days=31).months.loc["2026-01"] for s in (ALONE, shared))
    for row in (alone, wide):
        assert -1e-6 <= row["low"] <= row["expected"] + 1e-6 and row["expected"] <= row["high"] + 1e-6
        assert row["high"] <= row["due"] + 1e-6
    again = forecast(calendar(*rows[::-1]), DAY, shared, days=31).months.loc["2026-01"]
    assert again.equals(wide)  # the order of rows is nothing


def test_a_shared_effect_does_not_cancel_out_over_months():
    risk, spread = np.full(400, 0.2), learn_spread([], [], 1.0)
    alone, shared = (draw_renewed(risk, s, seed=0).sum(axis=1) for s in (ALONE, spread))
    narrow, wide = (np.ptp(interval(x.astype(float), 0.8)) for x in (alone, shared))
    assert narrow == pytest.approx(2 * 1.2816 * np.sqrt(400 * 0.2 * 0.8), rel=0.1)
    assert wide > 3 * narrow


def months_of(effects: np.ndarray, rng: np.random.Generator, n: int = 50) -> pd.DataFrame:
    """One forecast a month, made on the first of the month, whose accounts are all off by its effect."""
    parts = []
    for k, effect in enumerate(effects):
        first = pd.Timestamp("2015-01-01") + pd.DateOffset(months=k)
        risk = rng.uniform(0.05, 0.3, n)
        left = rng.random(n) < expit(logit(risk) + effect)
        over = first + pd.DateOffset(months=1, days=31)
        facts = {"account_id": [f"{k}-{i}" for i in range(n)], "as_of": first, "month": f"{first:%Y-%m}"}
        parts.append(pd.DataFrame(facts | {"over": over, "risk": risk, "mrr": 100.0, "left": left.astype(float)}))
    return pd.concat(parts, ignore_index=True)


def test_where_months_are_off_together_the_interval_widens_until_it_holds_as_often_as_it_says():
    rng = np.random.default_rng(3)
    played = backtest_renewals(months_of(rng.normal(0, 0.8, 60), rng))
    one, alone = coverage(played.months), coverage(played.months, "inside_alone")
    assert alone.share < 0.7 and 0.7 <= one.share <= 0.92 and one.clusters == 60
    assert played.spread.mean == pytest.approx(0.8, abs=0.2)


def test_where_every_account_is_by_itself_the_interval_is_not_blown_up():
    rng = np.random.default_rng(4)
    played = backtest_renewals(months_of(np.zeros(60), rng))
    assert played.spread.mean < 0.15 and 0.7 <= coverage(played.months).share <= 0.92


def test_a_forecast_learns_nothing_from_a_month_that_was_not_over_on_its_day():
    rng = np.random.default_rng(5)
    rows = months_of(np.zeros(8), rng)
    spoiled = rows.copy()
    late = spoiled["month"] >= "2015-04"  # over on 1 June; seen by forecasts from then on, strictly after
    spoiled.loc[late, "left"] = 1.0
    before, after = (backtest_renewals(r).months.set_index("month") for r in (rows, spoiled))
    same = [f"2015-0{m}" for m in range(1, 7)]
    for column in ("low", "high", "spread", "expected"):
        assert before.loc[same, column].equals(after.loc[same, column])
    assert after.loc["2015-07", "spread"] > before.loc["2015-07", "spread"]


def test_forecasts_of_one_month_speak_once():
    off = evidence(np.full(30, 0.1), np.ones(30))
    once = learn_spread([off], ["2025-01"])
    assert learn_spread([off] * 5, ["2025-01"] * 5).weights == pytest.approx(once.weights)
    assert learn_spread([off] * 2, ["2025-01", "2025-02"]).mean > once.mean


def test_past_renewals_are_only_those_whose_month_was_over_and_whose_risk_looked_to_them():
    as_of = pd.Timestamp("2025-01-01")
    # days to the renewal, days the headline looked, what became of it, the term
    cases = {
        "left": (45, 45.0, 1.0, 12.0),
        "stayed": (45, 45.0, 0.0, 12.0),
        "unknown": (45, 45.0, np.nan, 12.0),
        "too late": (330, 330.0, 0.0, 12.0),  # 27 November, and two months more are not over on 1 January
        "another": (45, 20.0, 0.0, 12.0),
        "monthly": (9, 90.0, 1.0, 1.0),
        "beyond": (500, 365.0, 0.0, 24.0),
    }
    index = pd.MultiIndex.from_product([list(cases), [as_of]], names=["account_id", "as_of"])
    facts = pd.DataFrame(list(cases.values()), columns=["days", "headline_days", "churned_renewal", "term_months"])
    facts.index = index
    said = facts[["headline_days", "churned_renewal"]].assign(mrr=100.0, risk_renewal=0.1).reset_index()
    terms = facts[["term_months"]].assign(mrr_due=80.0, renews_at=as_of + pd.to_timedelta(facts["days"], unit="D"))
    until = pd.Timestamp("2025-12-31")
    rows, unmatched = past_renewals(said, terms, until)
    assert set(rows["account_id"]) == {"left", "stayed", "monthly"} and unmatched == 1
    assert rows.set_index("account_id")["mrr"].to_dict() == {"left": 80.0, "stayed": 80.0, "monthly": 100.0}
    assert rows.set_index("account_id")["month"].to_dict() == {
        "left": "2025-02", "stayed": "2025-02", "monthly": SHORT_TERMS,
    }  # fmt: skip
    later, _ = past_renewals(said, terms, until + pd.Timedelta(days=2))
    assert "too late" in set(later["account_id"])


def test_those_that_renew_are_followed_to_the_end_of_the_next_month():
    rows = [
        version("2024-02-10", "2025-02-10", 100, account_id="up", subscription_id="1"),
        version("2025-02-10", None, 130, account_id="up", subscription_id="1"),
        version("2024-02-10", "2025-03-05", 100, account_id="down", subscription_id="2"),
        version("2025-03-05", None, 60, account_id="down", subscription_id="2"),
        version("2024-02-10", "2025-02-10", 900, account_id="left", subscription_id="3"),
    ]
    past = pd.DataFrame({"account_id": ["up", "down", "left", "up"], "month": "2025-02", "left": [0, 0, 1, 0]})
    db = world(rows)
    found = after_renewal(past, mrr_ledger(db, db.until))
    assert found.months.loc["2025-02"].tolist() == [2, 200, 30, 40]
    assert found.shares == pytest.approx((0.15, 0.2))


def test_the_page_tells_the_rules_as_they_are():
    page = (Path(__file__).parents[2] / "docs" / "renewals.md").read_text(encoding="utf-8")
    told = tomllib.loads(page.split("```toml")[1].split("```")[0])["renewals"]
    rules = RenewalSettings(**told)
    assert set(told) == set(RenewalSettings.model_fields)
    assert rules.model_copy(update={"notice_days": None}) == RenewalSettings()


def test_an_absurd_rule_is_refused():
    for bad in ({"checkpoints": (90, 180)}, {"days": 400}, {"interval": 1.0}, {"notice": 3}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            RenewalSettings(**bad)
