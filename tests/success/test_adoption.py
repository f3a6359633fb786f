"""Which features does an account lack, who are its peers, and what goes with staying?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.settings.adoption import AdoptionSettings
from churnmodel.success.adoption import ALL_GONE, ALL_USED_IT, NOBODY_KNOWN, gaps
from churnmodel.success.adoption_staying import past_days, past_use, staying
from churnmodel.success.feature_use import days_of_use, people_there, use_by_people
from churnmodel.success.lacking import sizes, told_of
from small_worlds import version, world

AS_OF = pd.Timestamp("2026-01-01")
RULES = AdoptionSettings(least_peers=2, least_share=0.5, show=1, leave_out=("sign_in",))


def book_of(**plans: str) -> pd.DataFrame:
    frame = pd.DataFrame({"plan": plans, "segment": "smb", "mrr": 100.0})
    return frame.rename_axis("account_id")


def wide(rows: dict[str, dict[str, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows).T.fillna(0).astype(int).rename_axis("account_id")


def by_people(*rows: tuple[str, str, str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "user_id", "feature", "first_at", "events"])
    moments = pd.to_datetime(frame["first_at"])
    return frame.assign(first_at=moments, last_at=moments, is_person=frame["user_id"] != "robot")


def test_a_gap_is_what_retained_peers_of_the_plan_use_and_the_account_itself_is_no_peer():
    book = book_of(ada="pro", bob="pro", cy="pro", dan="pro", eve="basic", fay="pro", new="pro")
    use = {"reports": 9, "alerts": 5, "sign_in": 9}
    days = wide({
        "ada": {"reports": 5}, "bob": use, "cy": use, "dan": {"reports": 3, "alerts": 1}, "eve": {"reports": 5},
        "new": {"reports": 4, "alerts": 4},
    })  # fmt: skip
    people = by_people(
        ("ada", "u1", "reports", "2025-01-01", 50),
        ("ada", "u2", "reports", "2025-01-01", 80),
        ("ada", "u3", "reports", "2025-01-01", 90),
        ("ada", "gone", "reports", "2025-01-01", 99),
        ("ada", "robot", "reports", "2025-01-01", 999),
        ("ada", "u3", "alerts", "2025-02-01", 0),
        ("bob", "b", "alerts", "2025-03-01", 5),
        ("cy", "c", "alerts", "2025-05-01", 5),
    )
    there = pd.DataFrame({"account_id": "ada", "user_id": ["u1", "gone"], "role": ["admin", None],
                          "department": ["sales", None], "gone": [False, True]})  # fmt: skip
    retained = pd.Index(["bob", "cy", "ada", "eve"])  # dan and new are none: not there long enough
    found = gaps(book, retained, days, people, RULES, there=there).set_index("account_id")
    assert found["feature"].to_dict() == {"ada": "alerts", "dan": "alerts"}, "eve has no peers, fay used nothing"
    ada = found.loc["ada"]
    assert (ada["peers"], ada["peers_using"], ada["share"]) == (2, 2, 1.0)
    assert ada["users"] == "u2; u1 (admin, sales)", "u3 used it once, one has left, a robot is nobody"
    assert ada["words"] == (
        "2 of 2 retained accounts on pro (segment smb) use it (100%), half of them since 1 March 2025 or before; "
        "here nobody since 1 February 2025"
    )
    assert found.loc["dan", ["peers", "share"]].tolist() == [3, pytest.approx(2 / 3)]
    assert found.loc["dan", "words"].endswith("here on 1 day only")


@pytest.mark.parametrize(
    ("ada_did", "gone", "told"),
    [
        ([("u1", "alerts", 0), ("u1", "reports", 9)], False, ("", ALL_USED_IT)),
        ([("u1", "alerts", 0), ("u2", "reports", 9)], False, ("u2", "")),
        ([("u2", "reports", 9)], True, ("", ALL_GONE)),
        ([("robot", "reports", 9)], False, ("", NOBODY_KNOWN)),
    ],
)
def test_where_nobody_can_be_trained_it_is_said_why(ada_did, gone, told):
    use = {"reports": 9, "alerts": 5}
    days = wide({"ada": {"reports": 5}, "bob": use, "cy": use})
    people = by_people(*(("ada", user, feature, "2025-01-01", n) for user, feature, n in ada_did))
    there = pd.DataFrame({"account_id": "ada", "user_id": ["u2"], "role": None, "department": None, "gone": gone})
    book = book_of(ada="pro", bob="pro", cy="pro")
    [row] = gaps(book, pd.Index(["bob", "cy"]), days, people, RULES, there=there).to_dict("records")
    assert (row["users"], row["no_users"]) == told


def test_what_goes_with_staying_is_shown_first_and_what_does_not_last():
    book = book_of(ada="pro", bob="pro", cy="pro")
    days = wide({"ada": {"a": 9}, "bob": {"b": 9, "c": 9, "d": 9}, "cy": {"a": 9, "b": 9, "c": 9, "d": 9}})
    stays = pd.DataFrame({"feature": ["b", "c", "d"], "more_stay": [-0.2, 0.01, 0.2], "low": [-0.3, -0.1, 0.1],
                          "high": [-0.1, 0.1, 0.3]})  # fmt: skip
    found = gaps(book, pd.Index(["bob", "cy"]), days, by_people(), RULES, stays)
    assert found["feature"].tolist() == ["d", "c", "b"] and found["show"].tolist() == [True, False, False]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.booleans()), min_size=2, max_size=25))
def test_every_gap_is_a_count_over_the_others(rows):
    names = [f"a{k}" for k in range(len(rows))]
    book = pd.DataFrame({"plan": [f"p{p}" for p, _, _ in rows], "segment": "s", "mrr": 1.0}, index=names)
    days = pd.DataFrame({"f": [2 * u for _, u, _ in rows], "g": 2}, index=names)
    retained = book.index[[r for _, _, r in rows]]
    rules = AdoptionSettings(least_peers=2, least_share=0.4)
    found = gaps(book.rename_axis("account_id"), retained, days, by_people(), rules).set_index("account_id")
    for k, (plan, uses, _) in enumerate(rows):
        others = [u for j, (p, u, r) in enumerate(rows) if j != k and r and p == plan]
        is_gap = not uses and len(others) >= 2 and sum(others) / len(others) >= 0.4
        assert (names[k] in found.index) == is_gap
        if is_gap:
            row = found.loc[names[k]]
            assert (row["peers"], row["peers_using"], row["feature"]) == (len(others), sum(others), "f")


def test_use_is_told_of_accounts_whose_window_is_whole():
    book = pd.DataFrame(
        {"status": ["at_risk", "at_risk", "leaving", "young"], "tenure_days": [90.0, 89.0, 900.0, 9.0]},
        index=["whole", "short", "leaving", "young"],
    )
    assert told_of(book, AdoptionSettings()).index.tolist() == ["whole"]
    assert told_of(book, AdoptionSettings(window_days=60)).index.tolist() == ["whole", "short"]


def test_sizes_are_thirds_of_those_that_pay():
    found = sizes(pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 0.0}))
    assert found.tolist() == ["small", "medium", "large", None]


def history(effect: bool, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """400 accounts on two days: `f` is used by half of them, and leavers are twice as many without it, or not."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"a{k}" for k in range(400)], pd.to_datetime(["2024-12-01", "2025-06-01"])],
        names=["account_id", "as_of"],
    )
    has = rng.random(len(index)) < 0.5
    left = rng.random(len(index)) < np.where(effect & ~has, 0.4, 0.1)
    rows = pd.DataFrame({"plan": rng.choice(["x", "y"], len(index)), "churned": left}, index=index)
    used = pd.DataFrame({"f": np.where(has, 5, 0), "g": rng.integers(2, 9, len(index))}, index=index)
    return rows, used


def test_staying_is_told_from_luck_and_only_accounts_alike_are_compared():
    f = staying(*history(True), AdoptionSettings()).set_index("feature").loc["f"]
    assert f["low"] > 0.2 and f["high"] < 0.4 and f["low"] < f["more_stay"] < f["high"]
    by_luck = [staying(*history(False, seed), AdoptionSettings()) for seed in range(20)]
    within = [told.set_index("feature").loc["f"] for told in by_luck]
    assert sum(row["low"] <= 0 <= row["high"] for row in within) >= 17
    rows, used = history(True)
    # who leaves is who is on y, and those on y lack the feature: alike accounts do not differ
    rows["churned"] = (rows["plan"] == "y") & (np.arange(len(rows)) % 3 == 0)
    used["f"] = np.where((rows["plan"] == "x") ^ (np.arange(len(rows)) % 10 == 0), 5, 0)
    f = staying(rows, used, AdoptionSettings()).set_index("feature").loc["f"]
    assert f["stayed_with"] - f["stayed_without"] > 0.2 and f["low"] < 0 < f["high"]
    few = staying(rows[:40], used[:40], AdoptionSettings())
    assert few["more_stay"].isna().all(), "too few left to say"


@pytest.fixture(scope="module")
def tables() -> tuple[list[dict], list[dict]]:
    contracts = [
        version("2024-01-01", account_id="ada", subscription_id="s1"),
        version("2024-01-01", "2025-08-01", account_id="bob", subscription_id="s2"),
    ]
    events = [
        {"account_id": account, "user_id": "u", "occurred_at": f"{month}-{day:02d}", "feature": feature}
        for account, month, feature in (
            ("ada", "2025-05", "reports"), ("bob", "2025-05", "alerts"), ("ada", "2025-12", "alerts"),
            ("ada", "2024-03", "reports"),
        )
        for day in (2, 3, 3)
    ]  # fmt: skip
    return contracts, events


def test_use_is_read_before_a_day_and_leaving_after_it_and_nothing_learned_later_counts(tables):
    contracts, events = tables
    users = [{"account_id": "ada", "user_id": "u", "joined_at": "2025-01-01", "left_at": "2026-01-01"}]
    late = [event | {"known_at": "2026-01-01", "feature": "secret"} for event in events]
    db = world(contracts, until="2026-02-01", usage_events=[*events, *late], users=users)
    assert days_of_use(db, AS_OF, 90).to_dict("index") == {"ada": {"alerts": 2}}
    found = use_by_people(db, AS_OF, 90).set_index(["account_id", "feature"])
    assert found["events"].to_dict() == {("ada", "alerts"): 3, ("ada", "reports"): 0, ("bob", "alerts"): 0}
    assert people_there(db, AS_OF)["gone"].tolist() == [False], "who leaves on the day of looking is still there"
    rows, used = past_use(db, AS_OF, pd.Timestamp("2024-03-02"), AdoptionSettings(), grace_days=30, pause_days=90)
    [day] = past_days(AS_OF, pd.Timestamp("2025-03-02"), AdoptionSettings(), 30)
    assert day == pd.Timestamp("2025-06-04")
    assert rows.xs(day, level="as_of")["churned"].to_dict() == {"ada": False, "bob": True}
    assert used.xs(day, level="as_of").to_dict("index") == {
        "ada": {"alerts": 0, "reports": 2}, "bob": {"alerts": 2, "reports": 0},
    }  # fmt: skip
