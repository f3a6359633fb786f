"""Is every account in the tier a person would put it in, and is a figure by tier no judge of itself?"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import SettingsError
from churnmodel.settings import settings_from
from churnmodel.settings.tiers import Cadences, TierSettings, ValueRule
from churnmodel.success.definitions import as_markdown
from churnmodel.success.groups import groups_of
from churnmodel.success.kpis import kpis
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.tier_columns import MEETING_COLUMNS, OWNER_COLUMNS, TIER_COLUMNS
from churnmodel.success.tier_moves import tier_moves
from churnmodel.success.tiers import cuts_of, in_words, tiers_of
from small_worlds import version, world

NO_STRATEGY = TierSettings(
    high_value=ValueRule(share=0.4), platinum=ValueRule(share=0.1), gold=ValueRule(share=0.3)
)


def facts(mrr: list[float], **more: list[object]) -> pd.DataFrame:
    ids = [f"a{i}" for i in range(len(mrr))]
    columns = {"mrr": mrr, "paying": [m > 0 for m in mrr], **more}
    return pd.DataFrame(columns, index=pd.Index(ids, name="account_id"))


def test_a_share_takes_those_with_the_most_mrr_and_whoever_ties_with_the_last_of_them():
    found = tiers_of(facts([1000.0, 400.0, 400.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 0.0]), NO_STRATEGY)
    assert found["tier"].tolist() == ["platinum", "gold", "gold", *["standard"] * 7]
    # 40 % of nine that pay is four: the fourth ties with five others, and a book without money has no top
    assert found["high_value"].sum() == 9
    assert tiers_of(facts([0.0, 0.0]), NO_STRATEGY)["tier"].tolist() == ["standard", "standard"]


def test_a_strategic_account_is_on_the_roster_and_what_is_not_told_holds_for_nobody():
    rules = TierSettings(
        high_value=ValueRule(arr_above=12_000, seats_above=100, strategic=True),
        platinum=ValueRule(seats_above=100),
        gold=ValueRule(arr_above=12_000),
    )
    rows = facts(
        [1000.0, 1001.0, 10.0, 10.0, 10.0],
        seats=[math.nan, 5.0, 101.0, 100.0, math.nan],
        strategic=[None, False, False, None, True],
    )
    found = tiers_of(rows, rules)
    assert found["tier"].tolist() == ["standard", "gold", "platinum", "standard", "standard"]
    assert found["why_high_value"].tolist() == ["", "arr_above", "seats_above", "", "strategic"]
    assert found["touch"].tolist() == ["tech", "low", "high", "tech", "tech"]


def test_an_account_in_a_pause_is_measured_by_what_it_paid_and_makes_no_cut():
    rows = facts([900.0, 500.0, 100.0, 100.0]).assign(paying=[False, True, True, True])
    rules = TierSettings(platinum=ValueRule(share=0.3), gold=ValueRule(share=0.5))
    assert cuts_of(rows["mrr"].where(rows["paying"], 0.0), rules).platinum == 500.0
    assert tiers_of(rows, rules)["tier"].tolist()[:2] == ["platinum", "platinum"]


@given(
    st.lists(st.integers(0, 9).map(float), min_size=1, max_size=30),
    st.floats(0.01, 1.0),
    st.floats(0.01, 1.0),
)
def test_more_mrr_is_never_a_lower_tier_and_a_share_takes_no_more_than_its_ties(mrr, platinum, gold):
    rules = TierSettings(platinum=ValueRule(share=platinum), gold=ValueRule(share=gold))
    found = tiers_of(facts(mrr), rules).assign(mrr=mrr)
    place = found["tier"].map({"platinum": 0, "gold": 1, "standard": 2})
    by_mrr = place.groupby(found["mrr"]).agg(["min", "max"]).sort_index()
    assert (by_mrr["min"] == by_mrr["max"]).all() and by_mrr["min"].is_monotonic_decreasing
    paying = sorted((m for m in mrr if m > 0), reverse=True)
    wanted = math.ceil(platinum * len(paying) - 1e-9)
    top = found[found["tier"] == "platinum"]
    assert len(top) >= wanted
    assert sum(m > min(top["mrr"], default=0) for m in paying) < max(wanted, 1)


def test_the_settings_refuse_a_rule_that_takes_nobody_and_read_kinds_as_people_write_them():
    told = {"project": {"data_until": "2026-01-01"}}
    with pytest.raises(SettingsError, match="at least one of share, arr_above"):
        settings_from(told | {"tiers": {"gold": {}}}, base=None)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="did you mean 'arr_above'"):
        settings_from(told | {"tiers": {"gold": {"arr_abov": 1}}}, base=None)  # type: ignore[arg-type]
    rule = ValueRule(arr_above=50_000)
    assert rule.share is None, "a threshold takes the place of the share"
    assert in_words(rule, math.nan, "EUR") == "ARR above 50,000 EUR"
    assert dict(Cadences(gold={"Executive review": 90}).gold) == {"executive_review": 90}


def test_figures_by_tier_stand_where_accounts_stood_when_the_span_opened():
    """Five pay 100 to 500 at the opening of 2025; the smallest then becomes the largest, the largest leaves.

    By the tiers of the end the platinum account would be the one that grew, and nothing of platinum would be lost.
    """
    rows = [
        *(version("2024-01-01", None, 100.0 * k, account_id=f"a{k}", subscription_id=f"s{k}") for k in (2, 3, 4)),
        version("2024-01-01", "2025-03-10", 500, account_id="a5", subscription_id="s5", seats=3),
        version("2024-01-01", "2025-02-10", 100, account_id="a1", subscription_id="s1", seats=900),
        version("2025-02-10", None, 9000, account_id="a1", subscription_id="s1", seats=1),
        version("2025-05-10", None, 450, account_id="new", subscription_id="sn"),
    ]
    db = world(rows, until="2026-01-01")
    ledger = mrr_ledger(db, db.until)
    rules = TierSettings(platinum=ValueRule(share=0.2), gold=ValueRule(share=0.4))
    opens, _ = ledger.months.span()
    by = {name: str(tier) for name, tier in groups_of(db, ledger, "tier", opens, tiers=rules).items()}
    small = dict.fromkeys(("a1", "a2", "a3"), "standard")
    assert by == small | {"a4": "gold", "a5": "platinum", "new": "gold"}
    found = kpis(db, ledger, by="tier", tiers=rules)
    assert found.figure("nrr", "platinum")["value"] == 0.0
    assert found.figure("nrr", "standard")["value"] == pytest.approx((9000 + 200 + 300) / 600)
    sums = found.bridge.drop("all", level="group").groupby("month").sum()
    assert (sums == found.bridge.xs("all", level="group")).all().all()
    seats = TierSettings(platinum=ValueRule(seats_above=500), gold=ValueRule(share=0.4))
    by_seats = groups_of(db, ledger, "tier", opens, tiers=seats)
    assert by_seats["a1"] == "platinum", "by the seats it had then, not those it has now"


def test_the_page_tells_every_column_as_it_is_made():
    """Written again by ``print(as_markdown(TIER_COLUMNS))`` and so on; the settings on it are the defaults."""
    page = (Path(__file__).parents[2] / "docs" / "tiers.md").read_text(encoding="utf-8")
    for columns in (TIER_COLUMNS, MEETING_COLUMNS, OWNER_COLUMNS):
        assert as_markdown(columns) in page
    told = tomllib.loads(page.split("```toml\n")[1].split("```")[0])
    read = settings_from({"project": {"data_until": "2026-01-01"}} | told, base=Path()).tiers
    but_money = TierSettings().cost.model_copy(update={"ticket": 40.0, "csm_hour": 90.0})
    assert read == TierSettings(cost=but_money), "the page shows the defaults, but for rates of money"


def test_a_tier_moves_by_the_account_or_by_the_others_and_both_are_told():
    before = pd.DataFrame(
        {"tier": ["gold", "standard", "platinum", "standard"], "mrr_told": [500.0, 90.0, 900.0, 10.0]},
        index=["ada", "bob", "cy", "small"],
    )
    after = pd.DataFrame({"tier": ["standard", "gold", "gold"], "mrr_told": [400.0, 90.0, 300.0]},
                         index=["ada", "bob", "new"])  # fmt: skip
    found = tier_moves(before, after, "USD")
    assert found["move"].to_dict() == {"bob": "up", "new": "new", "ada": "down", "cy": "gone"}
    assert found["words"].tolist() == [
        "still 90 USD MRR: the others moved",
        "not in the book before, 300 USD MRR",
        "from 500 to 400 USD MRR",
        "left the book, 900 USD MRR before",
    ]
    assert tier_moves(before, before, "USD").empty
