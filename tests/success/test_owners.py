"""Who carries too much, and who could take the accounts that nobody has?"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.settings.tiers import TIERS, OwnerLoad
from churnmodel.success.owners import owner_loads, suggest_owners

Row = tuple[str, str, float, str | None, str | None]


def book(*rows: Row) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "tier", "mrr", "segment", "csm"])
    return frame.set_index("account_id")


TEAM = book(
    ("e1", "platinum", 5000.0, "enterprise", "Eva"),
    ("e2", "gold", 1000.0, "enterprise", "Eva"),
    ("s1", "standard", 100.0, "smb", "Sam"),
    ("s2", "standard", 100.0, "smb", "Sam"),
    ("s3", "standard", 100.0, "smb", "Tia"),
)


def test_a_load_weighs_accounts_and_their_mrr_by_tier_and_is_1_on_average():
    found = owner_loads(TEAM, "csm", OwnerLoad(platinum=6, gold=3, standard=1))
    weight, money = {"Eva": 9, "Sam": 2, "Tia": 1}, {"Eva": 33_000, "Sam": 200, "Tia": 100}
    for name, row in found.iterrows():
        assert row["load"] == pytest.approx((weight[name] / 4 + money[name] / 11_100) / 2)
    assert found["load"].mean() == pytest.approx(1.0)
    assert found["overloaded"].to_dict() == {"Eva": "2.61 of the average load", "Sam": "", "Tia": ""}
    limits = owner_loads(TEAM, "csm", OwnerLoad(overloaded_above=9, most_accounts=1, most_arr=70_000))
    assert limits["overloaded"].to_dict() == {
        "Eva": "2 accounts, above 1, ARR of 72,000, above 70,000", "Sam": "2 accounts, above 1", "Tia": ""
    }  # fmt: skip


def test_who_works_the_segment_and_has_the_least_takes_it_unless_that_would_overload_them():
    free = [("s4", "standard", 50.0, "smb", None), ("s5", "standard", 40.0, "smb", None)]
    found = suggest_owners(pd.concat([TEAM, book(*free)]), "csm")
    assert found["suggested"].to_dict() == {"s4": "Tia", "s5": "Tia"}
    assert found.loc["s4", "words"].startswith("works smb; load 0.13 of the average, ")
    whale = pd.concat([TEAM, book(("e3", "platinum", 4000.0, "enterprise", None))])
    assert suggest_owners(whale, "csm")["suggested"].item() == "Tia", "Eva works enterprise, and has too much"
    nobody = suggest_owners(whale, "csm", OwnerLoad(most_accounts=1, most_arr=100.0))
    assert nobody["suggested"].isna().all() and "at the limit" in nobody["words"].item()


def test_accounts_of_who_is_away_are_nobodys_and_none_go_back_there():
    found = suggest_owners(TEAM, "csm", away=("Eva", "Sam"))
    assert found.index.tolist() == ["e1", "e2", "s1", "s2"], "those that matter most first"
    assert found["was"].tolist() == ["Eva", "Eva", "Sam", "Sam"] and set(found["suggested"]) == {"Tia"}
    assert list(owner_loads(TEAM, "csm", away=("Eva", "Sam")).index) == ["Tia"]
    alone = TEAM.assign(csm=None)
    assert owner_loads(alone, "csm").empty
    assert suggest_owners(alone, "csm")["words"].str.startswith("nobody owns an account yet").all()


accounts = st.tuples(
    st.sampled_from(TIERS),
    st.integers(0, 50).map(float),
    st.sampled_from(["smb", "mid", None]),
    st.sampled_from(["Ann", "Bo", "Cal", None]),
)


@settings(max_examples=settings.default.max_examples // 4)  # every example takes dozens of small tables
@given(st.lists(accounts, min_size=1, max_size=20), st.sampled_from([(), ("Ann",)]), st.sampled_from([None, 5]))
def test_every_account_nobody_has_is_told_once_and_no_limit_is_broken(rows, away, most):
    frame = book(*((f"a{i}", *row) for i, row in enumerate(rows)))
    rules = OwnerLoad(most_accounts=most)
    loads, found = owner_loads(frame, "csm", rules, away), suggest_owners(frame, "csm", rules, away)
    free = frame["csm"].isna() | frame["csm"].isin(away)
    assert sorted(found.index) == sorted(frame.index[free])
    assert not set(found["suggested"].dropna()) & set(away)
    assert set(found["suggested"].dropna()) <= set(loads.index)
    if len(loads):
        assert loads["load"].mean() == pytest.approx(1.0)
    gained = found["suggested"].value_counts()
    for name, count in gained.items():
        assert most is None or loads.loc[name, "accounts"] + count <= most
