"""Is what a replay says of alerts right? (three accounts on paper)"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.settings.alerts import AlertSettings
from churnmodel.success.alerts_judged import judge

LOOKS = pd.date_range("2025-01-06", periods=4, freq="7D").as_unit("us")
GONE = pd.Timestamp("2025-02-20")
ACCOUNTS = ("goes", "stays", "quiet")


def snapshots(**columns: dict[str, object]) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([ACCOUNTS, LOOKS], names=["account_id", "as_of"])
    own = index.get_level_values("account_id")
    return pd.DataFrame({name: [by[a] for a in own] for name, by in columns.items()}, index=index)


BOOK = snapshots(
    csm=dict.fromkeys(ACCOUNTS, "Jo"), mrr=dict.fromkeys(ACCOUNTS, 100.0), at_risk=dict.fromkeys(ACCOUNTS, 10.0)
)
OUTCOMES = snapshots(
    churned={"goes": True, "stays": False, "quiet": True},
    churned_at={"goes": GONE, "stays": pd.NaT, "quiet": GONE},
)


def found(*rows: tuple[int, str, str]) -> pd.DataFrame:
    """Candidates from (look, rule, account)."""
    table = pd.DataFrame(rows, columns=["look", "rule", "account_id"])
    table["as_of"] = LOOKS[table["look"]]
    return table.assign(
        subject=table["account_id"], csm=None, episode=table["look"].astype(str), began_at=table["as_of"],
        moved="moved", detail="",
    )  # fmt: skip


def test_what_was_caught_how_early_and_at_how_many_false_alarms():
    candidates = found((0, "incident", "stays"), (1, "incident", "goes"), (1, "sla_missed", "goes"))
    judged = judge(candidates, BOOK, OUTCOMES, LOOKS, AlertSettings(), horizon_days=180)
    assert judged.base == pytest.approx(2 / 3)
    assert judged.caught["account_id"].tolist() == ["goes"]
    goes, quiet = (judged.churns.set_index("account_id").loc[a] for a in ("goes", "quiet"))
    assert goes["days_warned"] == (GONE - LOOKS[1]).days == 38
    assert goes["rules"] == ("incident", "sla_missed")
    assert pd.isna(quiet["alerted_at"])
    # by lot: in the first week 1 of 3 accounts, in the second 1 of 3
    assert quiet["by_lot"] == pytest.approx(1 - (2 / 3) ** 2)
    by_rule = judged.by_rule
    assert by_rule.loc["incident", ["raised", "churned", "share", "only"]].tolist() == [2, 1, 0.5, 0]
    assert by_rule.loc["incident", "times"] == pytest.approx(0.75)
    assert judged.per_week.loc["Jo", ["mean", "most", "quiet_weeks"]].tolist() == [0.5, 1, 2]


def test_an_alert_longer_ago_than_the_horizon_caught_nobody():
    judged = judge(found((0, "incident", "goes")), BOOK, OUTCOMES, LOOKS, AlertSettings(), horizon_days=40)
    assert judged.caught.empty
    early = judge(found((1, "incident", "goes")), BOOK, OUTCOMES, LOOKS, AlertSettings(), horizon_days=40)
    assert len(early.caught) == 1


def test_outcomes_that_are_not_known_yet_are_neither_hits_nor_false_alarms():
    unknown = OUTCOMES.assign(churned=pd.Series(pd.NA, index=OUTCOMES.index, dtype="boolean"))
    judged = judge(found((0, "incident", "goes")), BOOK, unknown, LOOKS, AlertSettings(), horizon_days=180)
    assert judged.by_rule.loc["incident", ["raised", "known"]].tolist() == [1, 0]
    assert judged.churns.empty and judged.telling == () and judged.misleading == ()


def test_a_replay_obeys_the_cool_down_and_the_cap_as_a_morning_does():
    every_week = found(*((n, "use_fell", a) for n in range(4) for a in ("goes", "stays", "quiet")))
    judged = judge(every_week, BOOK, OUTCOMES, LOOKS, AlertSettings(cap_per_csm=1), horizon_days=180)
    assert judged.raised["account_id"].tolist() == ["goes", "quiet", "stays"]
    assert judged.per_week.loc["Jo", "most"] == 1
    assert judged.held_back > 0 and judged.cooling > 0


def test_nothing_found_is_judged_too():
    judged = judge(found((0, "incident", "goes")).iloc[:0], BOOK, OUTCOMES, LOOKS, AlertSettings(), 180)
    assert judged.raised.empty and len(judged.churns) == 2 and judged.by_rule.empty
