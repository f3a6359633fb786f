"""Which of the candidates are told, and is a CSM never told more than asked for?"""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.settings.alerts import AlertSettings
from churnmodel.success.alerts_decided import RAISED, SNOOZED, Decided, decide

DAY = pd.Timestamp("2025-06-02")
NOBODY = pd.DataFrame({name: pd.Series(dtype="object") for name in SNOOZED})
NOTHING = pd.DataFrame({name: pd.Series(dtype="object") for name in RAISED}).astype({"as_of": "datetime64[us]"})


def candidates(*rows: tuple[str, str | None, str], day: pd.Timestamp = DAY) -> pd.DataFrame:
    """From (rule, account or None for the book, episode)."""
    table = pd.DataFrame(rows, columns=["rule", "account_id", "episode"], dtype="object")
    table["subject"] = table["account_id"].where(table["account_id"].notna(), "book")
    return table.assign(as_of=day, csm=None, began_at=day - pd.Timedelta(days=1), moved="moved", detail="")


def about(**at_risk: float) -> pd.DataFrame:
    """Accounts of Jo with so much at risk; those whose id begins with x are nobody's."""
    table = pd.DataFrame({"at_risk": at_risk, "mrr": 100.0}, index=pd.Index(at_risk, name="account_id"))
    return table.assign(csm=["Jo" if a[0] != "x" else None for a in at_risk])


def after(decided: Decided, before: pd.DataFrame = NOTHING) -> pd.DataFrame:
    return pd.concat([before, decided.raised[list(RAISED)]], ignore_index=True) if len(decided.raised) else before


def run(found, book, raised=NOTHING, snoozes=NOBODY, day=DAY, **rules) -> Decided:
    return decide(found, book, raised, snoozes, AlertSettings(**rules), day)


def later(days: int) -> pd.Timestamp:
    return DAY + pd.Timedelta(days=days)


def test_one_thing_is_told_once_however_often_it_is_found():
    book, same = about(a=5.0), candidates(("incident", "a", "e1"))
    first = run(same, book)
    again = run(same, book, after(first))
    assert first.counts | {"raised": 0} == again.counts | {"told_before": 0}
    assert (len(first.raised), len(again.told_before)) == (1, 1)


def test_a_rule_is_quiet_about_an_account_for_the_cool_down_and_others_are_not():
    book = about(a=5.0, b=1.0)
    told = after(run(candidates(("use_fell", "a", "e1")), book))
    new = candidates(("use_fell", "a", "e2"), ("use_fell", "b", "e2"), ("sla_missed", "a", "e2"), day=later(27))
    decided = run(new, book, told, day=later(27))
    assert decided.cooling[["rule", "account_id"]].values.tolist() == [["use_fell", "a"]]
    assert len(decided.raised) == 2
    assert len(run(new, book, told, day=later(28)).raised) == 3


def test_a_second_incident_is_told_and_what_a_cool_down_outlives_is_counted():
    book = about(a=5.0)
    rules = ("incident", "use_fell", "goal_overdue")
    told = after(run(candidates(*((rule, "a", "e1") for rule in rules)), book))
    new = candidates(*((rule, "a", "e2") for rule in rules), day=later(3))
    decided = run(new, book, told, day=later(3), cool_down={"goal_overdue": 10})
    assert decided.raised["rule"].tolist() == ["incident"]
    assert set(decided.cooling["rule"]) == {"use_fell", "goal_overdue"}
    assert decided.ages_out(AlertSettings()) == 1, "began on day 2: news to day 16, use is quiet to day 28"


def test_a_csm_hears_of_those_with_the_most_mrr_at_risk_and_the_rest_is_counted():
    book = about(small=1.0, large=9.0, mid=5.0, xown=0.5)
    own = [("incident", account, "e") for account in ("small", "large", "mid", "xown")]
    found = candidates(*own, ("feed_silent", None, "e"))
    decided = run(found, book, cap_per_csm=2)
    assert decided.raised["subject"].tolist() == ["book", "large", "mid", "xown"]
    assert decided.held_back["subject"].tolist() == ["small"]
    # within the week nobody new is told of; an account that was told of may be told of again, and a week later all
    more = candidates(("incident", "small", "e"), ("sla_missed", "mid", "e"), day=later(6))
    sixth = run(more, book, after(decided), day=later(6), cap_per_csm=2)
    assert (sixth.raised["subject"].tolist(), sixth.held_back["subject"].tolist()) == (["mid"], ["small"])
    seventh = run(more, book, after(decided), day=later(7), cap_per_csm=2)
    assert seventh.raised["subject"].tolist() == ["mid", "small"]


def test_who_asked_for_silence_has_it_until_the_day_and_may_take_it_back():
    book, found = about(a=5.0), candidates(("incident", "a", "e"), ("sla_missed", "a", "e"))
    one = pd.DataFrame([("a", "incident", later(1))], columns=list(SNOOZED))
    assert run(found, book, snoozes=one).raised["rule"].tolist() == ["sla_missed"]
    everything = pd.DataFrame([("a", None, later(1))], columns=list(SNOOZED))
    assert len(run(found, book, snoozes=everything).snoozed) == 2
    assert len(run(found, book, snoozes=everything, day=later(1)).raised) == 2
    taken_back = pd.concat([everything, pd.DataFrame([("a", None, DAY)], columns=list(SNOOZED))])
    assert len(run(found, book, snoozes=taken_back).raised) == 2


ACCOUNTS = st.sampled_from(["a", "b", "c", "d", "e", "xa", "xb", None])
RULES = st.sampled_from(["incident", "sla_missed", "use_fell"])
FOUND = st.lists(st.tuples(RULES, ACCOUNTS, st.sampled_from("12")))


@settings(max_examples=max(settings().max_examples // 8, 1))
@given(st.lists(FOUND, min_size=1, max_size=5), st.integers(1, 3), st.randoms(use_true_random=False))
def test_over_any_weeks_the_cap_and_the_cool_down_hold_and_every_candidate_has_one_fate(weeks, cap, chance):
    book = about(a=5.0, b=4.0, c=3.0, d=2.0, e=1.0, xa=1.0, xb=1.0)
    raised = NOTHING
    for number, rows in enumerate(weeks):
        day = later(3 * number)
        unique = list({(rule, account): row for row in rows for rule, account, _ in [row]}.values())
        found = candidates(*unique, day=day)
        decided = run(found, book, raised, day=day, cap_per_csm=cap)
        assert sum(decided.counts.values()) == len(found)
        shuffled = found.sample(frac=1.0, random_state=chance.randint(0, 99)).reset_index(drop=True)
        other = run(shuffled, book, raised, day=day, cap_per_csm=cap)
        assert other.raised["alert_id"].tolist() == decided.raised["alert_id"].tolist()
        raised = after(decided, raised)
        week = raised[(raised["as_of"] > day - pd.Timedelta(days=7)) & raised["account_id"].notna()]
        heard = week.assign(csm=week["csm"].fillna("-")).groupby("csm")["account_id"].nunique()
        assert (heard <= cap).all()
    assert not raised.duplicated("alert_id").any()
    quiet = raised[raised["rule"] != "incident"]  # of which each is told
    assert not quiet.duplicated(["rule", "subject"]).any()  # all within one cool-down
