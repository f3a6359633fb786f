"""Which themes does a text speak of, what is at stake, and whom to tell? (on what fits on paper)"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.errors import SettingsError
from churnmodel.settings import settings_from
from churnmodel.settings.feedback import SUPPLIED, FeedbackSettings, Theme
from churnmodel.sources.database import Database
from churnmodel.success.feedback import feedback_themes, theme_accounts, with_risk
from churnmodel.success.feedback_columns import ACCOUNT_COLUMNS, THEME_COLUMNS
from churnmodel.success.feedback_judged import FEW, UNSHOWN, WITH_LEAVING, WITH_STAYING, links_to_leaving
from churnmodel.success.feedback_loop import fix_accounts
from churnmodel.success.said import said_rows
from churnmodel.success.themes import quote, tagged, untold_words
from small_worlds import frame, version, world

NOW = pd.Timestamp("2026-01-01")
RULES = FeedbackSettings()


def said(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """(account, day, text) as tickets."""
    table = pd.DataFrame(rows, columns=["account_id", "said_at", "text"])
    table["said_at"] = pd.to_datetime(table["said_at"])
    known = {"known_at": table["said_at"], "unresolved": False}
    return table.assign(source="ticket", category=None, contact_id=None, **known)


def themes_of(text: str, category: str | None = None, themes: dict[str, Theme] | None = None) -> list[str]:
    rows = said(("a", "2025-12-01", text)).assign(category=category)
    return tagged(rows, themes or dict(SUPPLIED))["theme"].tolist()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Everything is very slow since Monday.", ["performance"]),
        ("It is not slow at all, thank you.", []),
        ("No bugs this time.", []),
        ("This is the debugging guide we were sent.", []),  # a bug only as a whole word
        ("There was no answer about the outage.", ["outage", "support"]),
        ("We were billed for a seat that we removed.", ["billing error"]),
        ("The new price is too expensive for us.", ["pricing"]),
        ("Please tell us how to cancel our subscription.", ["talk of leaving"]),
        ("How do we export a list? We do not want to cancel.", ["how to"]),
        ("They are evaluating a competitor.", ["competitor"]),
        ("Too complicated, and support is slow and unhelpful.", ["performance", "usability", "support"]),
        ("", []),
        ("=HYPERLINK(1)", []),
    ],
)
def test_the_supplied_themes_hear_what_a_person_would(text, wanted):
    assert set(themes_of(text)) - {"performance"} == set(wanted) - {"performance"}
    assert ("performance" in themes_of(text)) >= ("performance" in wanted)


def test_a_category_says_it_in_any_case_and_a_theme_of_ones_own_takes_the_place():
    assert themes_of("Hello.", "Feature-Request") == ["missing feature"]
    own = FeedbackSettings(themes={"pricing": Theme(words=("dear",)), "mobile app": Theme(words=("android*",))})
    assert "how to" in own.in_use and themes_of("On androids", themes=dict(own.in_use)) == ["mobile app"]
    assert themes_of("It is too expensive", themes={"pricing": own.in_use["pricing"]}) == []
    assert "how to" not in FeedbackSettings(off=("how to",)).in_use


def test_a_theme_leaves_out_what_speaks_of_something_it_is_not_about_whatever_the_category():
    leaving = "Please tell us how to cancel our subscription."
    assert themes_of(leaving, "how_to") == ["talk of leaving"]
    assert themes_of("Where is the button?", "how_to") == ["how to"]
    dear = {"tone": Theme(words=("tone",), unless=("price",))}
    assert themes_of("We like the tone.", themes=dear) == ["tone"]
    assert themes_of("We dislike the tone, and it is too expensive.", themes=dear) == []
    kept = FeedbackSettings(themes={"how to": Theme(words=("how to",))})
    assert sorted(themes_of(leaving, themes=dict(kept.in_use))) == ["how to", "talk of leaving"]


def test_without_any_risk_the_mrr_of_low_bands_stands_for_it_and_without_bands_all_mrr():
    rows = said(("a", "2025-12-01", "slow"), ("b", "2025-12-03", "expensive"), ("d", "2025-12-02", "expensive"))
    about = BOOK[["name", "mrr", "risk", "band", "status", "csm"]].assign(risk=math.nan)
    banded = feedback_themes(rows, tagged(rows, TWO), with_risk(about), TWO, NOW, RULES).set_index("theme")
    assert banded.index.tolist() == ["dear", "slow"] and banded["mrr_at_risk"].isna().all()
    assert banded["mrr_red_orange"].tolist() == [600.0, 0.0], "a leaving account counts beside the red one"
    bare = with_risk(about.assign(band=None))
    assert bare[["mrr_at_risk", "mrr_red_orange"]].isna().all(axis=None)
    found = feedback_themes(rows, tagged(rows, TWO), bare, TWO, NOW, RULES).set_index("theme")
    assert found["mrr"].to_dict() == {"slow": 1000.0, "dear": 600.0} and found.index[0] == "slow", "by MRR"
    assert found[["mrr_at_risk", "mrr_red_orange"]].isna().all(axis=None)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.integers(20, 60))
def test_a_quote_is_short_on_one_line_and_of_the_text(before, after, length):
    text = f"{before} slow {after}"
    tags = tagged(said(("a", "2025-12-01", text)), {"p": Theme(words=("slow",))})
    start, end = (int(tags[name].iloc[0]) for name in ("start", "end")) if len(tags) else (-1, -1)
    words = quote(text, start, end, length)
    assert len(words) <= length + 8 and "\n" not in words
    assert not len(tags) or "slow" in words.lower()


def test_words_without_a_theme_are_seen_each_row_once_and_pairs_before_words():
    text = "The holiday schedule, the holiday schedule again"
    rows = said(*((f"a{n % 2}", "2025-12-01", text) for n in range(6)))
    found = untold_words(rows, RULES)
    assert found.to_dict("records") == [{"words": "holiday schedule", "rows": 6, "accounts": 2}]
    assert untold_words(rows, FeedbackSettings(least_rows=7)).empty
    ignored = untold_words(rows, FeedbackSettings(ignore=("holiday schedule", "holiday", "schedule")))
    assert ignored.empty


BOOK = with_risk(
    pd.DataFrame(
        {
            "name": ["Ada", "Bob", "Cy", "Dan"], "mrr": [1000.0, 200.0, 50.0, 400.0],
            "risk": [0.1, 0.5, 0.2, math.nan], "band": ["green", "red", "orange", None],
            "status": ["at_risk", "at_risk", "at_risk", "leaving"], "csm": ["Jo", "Jo", None, "Kim"],
        },
        index=pd.Index(["a", "b", "c", "d"], name="account_id"),
    )
)  # fmt: skip
GLAD = Theme(words=("love",), praise=True)
TWO = {"slow": Theme(words=("slow*",)), "dear": Theme(words=("expensive",)), "glad": GLAD}


def told(rows: pd.DataFrame, **more: bool) -> pd.DataFrame:
    return feedback_themes(rows, tagged(rows, TWO), BOOK, TWO, NOW, RULES, **more).set_index("theme")


def test_what_is_at_stake_is_that_of_the_accounts_that_spoke_each_once():
    rows = said(
        ("a", "2025-12-01", "slow"), ("a", "2025-12-05", "so slowly"), ("d", "2025-12-02", "slow and expensive"),
        ("b", "2025-12-03", "expensive"), ("gone", "2025-12-03", "slow"), ("c", "2025-08-01", "slow"),
        ("b", "2025-08-01", "we love it"), ("c", "2025-12-31", "we love it"),
    )  # fmt: skip
    rows.loc[0, "unresolved"] = True
    found = told(rows)
    assert found.index.tolist() == ["dear", "slow", "glad"], "the most at risk first, praise last"
    slow = found.loc["slow"]
    assert (slow["rows"], slow["accounts"], slow["left_since"], slow["accounts_before"]) == (4, 2, 1, 1.0)
    assert slow["quotes"] == ["slow and expensive", "so slowly"]
    assert slow["mrr"] == 1400.0 and slow["mrr_at_risk"] == 100.0 + 400.0 and slow["mrr_red_orange"] == 400.0
    assert slow["unresolved"] == 0.25
    assert found.loc["dear", "mrr_at_risk"] == 400.0 + 100.0
    assert math.isnan(told(rows, knows_before=False).loc["slow", "accounts_before"]), "unknown is not none"
    silent = FeedbackSettings(quotes=0)
    assert feedback_themes(rows, tagged(rows, TWO), BOOK, TWO, NOW, silent)["quotes"].isna().all()


def test_accounts_now_and_before_are_of_the_same_book():
    days = ("2025-08-01", "2025-12-01")
    rows = said(*((account, day, "slow") for account in ("a", "b", "gone", "left") for day in days))
    slow = told(rows).loc["slow"]
    assert (slow["accounts"], slow["accounts_before"], slow["left_since"]) == (2, 2.0, 2)


def test_a_customers_own_bar_makes_no_second_example():
    text = "slow | =bad | slower"
    assert told(said(("a", "2025-12-01", text))).loc["slow", "quotes"] == [text]


def test_where_tickets_name_no_resolved_at_none_is_told_as_open_or_resolved():
    tickets = frame("tickets", [{"opened_at": "2025-11-01", "text": "It is slow", "category": "bug"}])
    frames = {
        "accounts": frame("accounts", [{"account_id": "a", "created_at": "2020-01-01"}]),
        "subscriptions": frame("subscriptions", [version("2025-01-01")]),
    }
    known = {}
    for name, table in {"known": tickets, "unknown": tickets.drop(columns="resolved_at")}.items():
        db = Database.from_frames(frames | {"tickets": table}, until="2026-01-01", threads=1)
        rows = said_rows(db, NOW - pd.Timedelta(days=90), NOW)
        own = tagged(rows, TWO).join(rows, on="row")
        known[name] = (told(rows).loc["slow", "unresolved"], theme_accounts(own, BOOK, RULES).loc["a", "open"])
    assert known["known"] == (1.0, 1)
    assert all(pd.isna(value) for value in known["unknown"])


def test_a_link_with_leaving_is_told_with_its_interval_and_only_where_there_are_enough():
    looks = pd.DataFrame({"account_id": [f"a{n}" for n in range(200)], "as_of": NOW})
    looks["churned"] = [1.0 if n < 30 or n % 20 == 0 else 0.0 for n in range(200)]
    spoke = {"bad": range(40), "none": range(0, 200, 2), "good": range(100, 200), "few": range(9)}
    rows = [(f"a{n}", NOW, theme) for theme, accounts in spoke.items() for n in accounts]
    table = pd.DataFrame(rows, columns=["account_id", "as_of", "theme"])
    found = links_to_leaving(looks, table, spoke).set_index("theme")
    assert found["link"].to_dict() == {"bad": WITH_LEAVING, "none": UNSHOWN, "good": WITH_STAYING, "few": FEW}
    assert found.loc["bad", "spoke_left"] == 30 / 40 and found.loc["bad", "others_accounts"] == 160
    assert found.loc["bad", "difference_low"] > 0 and math.isnan(found.loc["few", "difference_low"])


def test_a_fix_is_told_to_all_who_spoke_of_it_before_and_who_speaks_again_is_still_at_it():
    rows = said(
        ("a", "2025-06-01", "slow"), ("b", "2025-11-30", "slow"), ("b", "2025-12-01", "slow"),
        ("c", "2025-10-01", "slow"), ("gone", "2025-09-01", "slow"), ("d", "2025-12-20", "slow"),
        ("c", "2024-11-30", "slow, long ago"), ("a", "2025-12-20", "expensive"),
    )  # fmt: skip
    own = tagged(rows, {"slow": TWO["slow"]}).join(rows, on="row")
    found = fix_accounts(own, BOOK, pd.Timestamp("2025-12-01"), ["c"], RULES)
    assert found["standing"].to_dict() == {"a": "to tell", "b": "still", "d": "still", "gone": "left", "c": "told"}
    assert found.index.tolist()[0] == "a" and found.index.tolist()[-2:] == ["gone", "c"]
    assert found.loc["b", ["times", "again"]].tolist() == [1, 1] and found.loc["c", "times"] == 1
    again = fix_accounts(own, BOOK, pd.Timestamp("2025-12-25"), [], RULES)
    assert (again["standing"] != "told").all() and "still" not in again["standing"].tolist()


def test_nothing_learned_after_the_day_changes_what_was_said_by_then():
    start = [version("2025-01-01", mrr=100.0)]
    ticket = {"opened_at": "2025-11-01", "text": "It is slow", "category": "bug", "resolved_at": "2025-12-05"}
    survey = {"answered_at": "2025-11-03", "kind": "nps", "comment": "Too slow", "score": 3, "respondent_id": "u1"}
    note = {"written_at": "2025-11-04", "text": "They say it is slow", "known_at": "2025-12-02"}
    day, since = pd.Timestamp("2025-12-01"), NOW - pd.Timedelta(days=90)
    one = said_rows(world(start, tickets=[ticket], surveys=[survey]), since, day)
    late = {"opened_at": "2025-12-01", "text": "later"}
    more = world(start, tickets=[ticket, late], surveys=[survey], notes=[note])
    two = said_rows(more, since, day)
    assert one["text"].tolist() == ["It is slow", "Too slow"] and one["contact_id"].tolist() == [None, "u1"]
    assert bool(one["unresolved"].iloc[0]), "that it was resolved was not known then"
    pd.testing.assert_frame_equal(one, two)
    assert len(said_rows(more, since, NOW)) == 4


def test_the_settings_refuse_what_cannot_be_met():
    for wrong, words in (
        ({"themes": {"x y": {}}}, "wanted at least one of words, categories, intents"),
        ({"themes": {"xx": {"words": ["a*"]}}}, "two letters at least"),
        ({"themes": {"xx": {"words": ["(slow|fast)"]}}}, "wanted up to six words"),
        ({"off": ["slow"]}, "no supplied theme 'slow'"),
        ({"themes": {"xx": {"intents": ["anger"]}}}, "intents"),
        ({"themes": {"[red]": {"words": ["slow"]}}}, "pattern"),
    ):
        with pytest.raises(SettingsError, match=words):
            settings_from({"project": {"data_until": NOW.date()}, "feedback": wrong}, base=Path())


def test_the_page_defines_every_column_and_names_every_theme_and_setting():
    page = (Path(__file__).parents[2] / "docs" / "feedback.md").read_text(encoding="utf-8")
    for column in (*THEME_COLUMNS, *ACCOUNT_COLUMNS):
        assert f"| {column.title} | `{column.name}` | {column.formula} | {column.source} |" in page
    for name in SUPPLIED:
        assert name in " ".join(page.split()), name
    for name in FeedbackSettings.model_fields:
        assert f"{name} =" in page or f"{name}]" in page, name
