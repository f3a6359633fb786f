"""Who turned red, and who only wavered, renewed, or met a new model?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.scoring.band_moves import DEGREES
from churnmodel.settings.alerts import AlertSettings
from churnmodel.success.alerts_on_disagreement import incumbents_disagree
from churnmodel.success.alerts_on_scores import alerts_on_scores, held_degrees
from success.alert_worlds import scored

RULES = AlertSettings(off=("book_at_risk", "csm_at_risk"))
MONDAYS = ("2025-06-02", "2025-06-09", "2025-06-16", "2025-06-23")


def told(scores: pd.DataFrame, *looks: str, rules: AlertSettings = RULES) -> list[tuple[str, str, str]]:
    found = alerts_on_scores(scores, pd.DatetimeIndex(looks), rules)
    return list(zip(found["as_of"].dt.strftime("%m-%d"), found["rule"], found["subject"], strict=True))


def weeks(*bands: str, account: str = "a", **more) -> pd.DataFrame:
    risk = {"green": 0.05, "orange": 0.2, "red": 0.5}
    return scored(*((account, day, risk[b], b) for day, b in zip(MONDAYS, bands, strict=False)), **more)


def test_a_turn_is_told_on_the_day_of_its_score_and_stays_news_for_the_fresh_days():
    scores = weeks("green", "orange", "orange", "red")
    assert told(scores, *MONDAYS, "2025-06-22", "2025-06-24", "2025-07-08") == [
        ("06-09", "turned_orange", "a"),
        ("06-16", "turned_orange", "a"),
        ("06-22", "turned_orange", "a"),
        ("06-23", "turned_red", "a"),
        ("06-24", "turned_red", "a"),
    ]


def test_of_two_turns_the_later_is_told_and_none_that_is_over_again():
    assert told(weeks("green", "orange", "red"), "2025-06-16") == [("06-16", "turned_red", "a")]
    assert told(weeks("green", "red", "green"), "2025-06-16") == []


def test_the_first_score_of_an_account_is_no_turn_and_neither_is_a_better_one():
    assert told(weeks("red"), *MONDAYS) == []
    assert told(weeks("red", "orange", "green"), *MONDAYS) == []


def test_what_renewed_or_another_model_sees_otherwise_is_no_turn():
    renewed = weeks("green", "red").assign(risk_days=[8.0, 365.0], days_to_renewal=[8.0, 365.0])
    assert told(renewed, *MONDAYS) == []
    assert told(weeks("green", "red").assign(version=["old", "new"]), *MONDAYS) == []
    same = weeks("green", "red").assign(risk_days=[90.0, 83.0], days_to_renewal=[90.0, 83.0])
    assert told(same, *MONDAYS)[0] == ("06-09", "turned_red", "a")


def test_one_that_wavers_about_a_cut_is_told_once_until_it_was_clearly_better():
    wavering = weeks("green", "orange", "green", "orange")
    near = wavering.assign(health=[80.0, 69.0, 72.0, 69.0])
    clear = wavering.assign(health=[80.0, 69.0, 78.0, 69.0])
    last = [MONDAYS[-1]]
    fresh = AlertSettings(off=RULES.off, fresh_days=1)
    assert told(near, *last, rules=fresh) == []
    assert told(clear, *last, rules=fresh) == [("06-23", "turned_orange", "a")]


LINE = st.lists(st.floats(0, 100), min_size=1, max_size=12)


@given(LINE, st.floats(0, 20))
def test_a_held_degree_is_never_better_than_the_band_and_a_wider_margin_never_tells_more(health, margin):
    points = np.array(health)
    bands = np.where(points > 70, "green", np.where(points > 40, "orange", "red")).astype(object)
    own = np.array([DEGREES[b] for b in bands])
    plain, held = held_degrees(bands, points, 0.0), held_degrees(bands, points, margin)
    assert (plain == own).all()
    assert (held >= own).all()
    assert (np.diff(held) > 0).sum() <= (np.diff(own) > 0).sum()


BANDS = st.tuples(*(st.sampled_from(["green", "orange", "red"]) for _ in MONDAYS))


@given(st.lists(BANDS, min_size=1, max_size=4))
@settings(max_examples=max(settings().max_examples // 10, 1))
def test_a_later_score_does_not_change_what_was_told_before(book):
    scores = pd.concat([weeks(*bands, account=f"a{n}") for n, bands in enumerate(book)])
    days = scores.index.get_level_values("as_of")
    for look in MONDAYS[1:]:
        known = scores[days <= look]
        every_rule = AlertSettings()
        assert told(known, look, rules=every_rule) == told(scores, look, rules=every_rule)


def test_mrr_at_risk_that_rose_is_told_for_the_book_and_the_csm_with_who_raised_it():
    before, now = ("2025-05-12", 0.1, "green"), ("2025-06-09", 0.4, "red")
    jo = scored(("a", *before), ("a", *now), ("b", *before), ("b", "2025-06-09", 0.1, "green"))
    al = scored(("c", *before), ("c", "2025-06-09", 0.1, "green"), csm="Al")
    rules = AlertSettings(off=("turned_red", "turned_orange"))
    found = alerts_on_scores(pd.concat([jo, al]), pd.DatetimeIndex(["2025-06-09"]), rules, currency="EUR")
    assert found[["rule", "subject"]].values.tolist() == [["book_at_risk", "book"], ["csm_at_risk", "csm:Jo"]]
    assert found["moved"].iloc[1] == (
        "MRR at risk of Jo's accounts rose by 150% since 2025-05-12, from 20 to 50 EUR"
    )
    assert found["detail"].iloc[1] == "Most of it: a +30 EUR"


def test_a_score_of_yours_that_begins_to_disagree_is_told_and_one_that_always_did_is_not():
    accounts = [f"g{n}" for n in range(8)]
    rows = [(a, day, 0.05, "green") for a in accounts for day in MONDAYS[:2]]
    rows += [("new", MONDAYS[0], 0.05, "green"), ("new", MONDAYS[1], 0.5, "red")]
    rows += [("old", day, 0.5, "red") for day in MONDAYS[:2]]
    scores = scored(*rows)
    said = pd.DataFrame({"external:pulse": 80.0}, index=scores.index)
    look = pd.DatetimeIndex([MONDAYS[1]])
    cuts = AlertSettings(sources={"pulse": {"green_from": 70, "red_below": 40}})
    found = incumbents_disagree(scores, said, look, cuts)
    assert found["subject"].tolist() == ["new"]
    assert found["moved"].iloc[0] == "pulse of 80 is green, here it is red (risk 50%)"
    # all alike: by rank nobody is green or red
    assert incumbents_disagree(scores, said, look, AlertSettings()).empty


def test_a_rule_that_begins_to_hold_an_account_down_is_a_turn_whatever_the_risk_and_the_model():
    scores = pd.concat(
        [
            scored(("a", "2025-05-01", 0.05, "green"), ("b", "2025-05-01", 0.05, "green")),
            scored(("a", "2025-05-29", 0.05, "orange"), ("b", "2025-05-29", 0.05, "orange"), version="n"),
        ]
    )
    scores["model_band"], scores["exception"] = "green", None
    at = ("a", pd.Timestamp("2025-05-29"))
    scores.loc[[at], "exception"] = "champion left: Every champion has left"
    scores.loc[[("b", at[1])], "model_band"] = "orange"
    found = alerts_on_scores(scores, pd.DatetimeIndex([pd.Timestamp("2025-06-01")]), AlertSettings())
    assert found["account_id"].tolist() == ["a"], "b turned with the model alone, which is another one now"
    assert found["moved"].iloc[0] == (
        'Turned orange from green by the rule "champion left": Every champion has left'
    )
