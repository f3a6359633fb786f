"""What does a message say, to whom does it go, and can a name in a table make a channel do anything?"""

from __future__ import annotations

from datetime import date

import pandas as pd

from churnmodel.settings.alerts import AlertSettings, ChannelSettings
from churnmodel.success.alerts_decided import RAISED, SNOOZED, decide
from churnmodel.success.alerts_digest import digest, digest_messages
from churnmodel.success.alerts_kept import alert_rows, held_back_rows
from churnmodel.success.alerts_told import messages
from success.test_alerts_decided import DAY, NOBODY, NOTHING, candidates

ABOUT = pd.DataFrame(
    {
        "name": ["<!channel> Ada https://evil", "Bo"],
        "csm": ["Jo", None],
        "mrr": [1200.0, 80.0],
        "risk": [0.4, float("nan")],
        "at_risk": [480.0, float("nan")],
        "band": ["red", None],
        "renews_at": [pd.Timestamp("2025-06-30"), pd.NaT],
        "reason": ["2 tickets spoke of a competitor", None],
    },
    index=pd.Index(["a", "b"], name="account_id"),
)
HAPPENED = (("champion_left", "a"), ("incident", "a"), ("incident", "b"), ("feed_silent", None))
FOUND = candidates(*((rule, account, "e") for rule, account in HAPPENED))
CHANNELS = {
    "all": ChannelSettings(url="jsons://x.example.com"),
    "jo": ChannelSettings(url="jsons://y.example.com", csm=("Jo",)),
    "week": ChannelSettings(url="jsons://z.example.com", sends=("digest",)),
}


def decided(**rules):
    return decide(FOUND, ABOUT, NOTHING, NOBODY, AlertSettings(**rules), DAY)


def told() -> dict[str, list]:
    found = messages(decided().raised, ABOUT, CHANNELS, "EUR", DAY.date())
    return {name: [m for m in found if m.channel == name] for name in CHANNELS}


def test_a_message_says_whom_what_moved_why_how_much_when_and_whose():
    first, ada, _bo = told()["all"]
    assert first.title == "A feed went silent"
    assert ada.title == "‹!channel› Ada https: //evil: champion left, incident"
    lines = ada.body.split("\n")
    assert lines[0] == "‹!channel› Ada https: //evil (a), CSM Jo"
    assert lines[1:4] == ["- moved", "- moved", "Top reason: 2 tickets spoke of a competitor"]
    assert lines[4] == "1,200 EUR MRR; red, risk 40%, 480 EUR at risk; renews on 2025-06-30 (in 28 days)"
    assert lines[5].startswith("as known on 2025-06-02; alert ")
    assert not any(mark in ada.title + ada.body for mark in ("<", ">", "@", "://"))


def test_a_channel_of_one_csm_hears_of_that_csm_only_and_one_of_digests_of_no_alert():
    assert [m.title for m in told()["jo"]] == ["‹!channel› Ada https: //evil: champion left, incident"]
    assert told()["week"] == []
    assert len({m.key for of in told().values() for m in of}) == 4


def test_an_account_without_risk_owner_or_renewal_is_told_of_without_them():
    body = told()["all"][2].body
    assert "Bo (b), CSM (no CSM)" in body and "80 EUR MRR\n" in body
    assert "nan" not in body and "NaT" not in body and "None" not in body


def test_the_digest_has_a_text_for_each_csm_and_is_queued_once_a_week():
    kept = decided(cap_per_csm=1)
    more = kept.raised.assign(account_id="c", subject="c", at_risk=90.0).head(1)
    week = pd.DataFrame(alert_rows(kept.raised, ABOUT, DAY.to_pydatetime()))
    held = pd.DataFrame(held_back_rows(more.assign(csm="Jo")))
    by_csm = digest(week, held, ABOUT, "EUR", date(2025, 5, 26), date(2025, 6, 2))
    assert sorted(by_csm) == ["(no CSM)", "Jo"]
    assert "1 account, 1,200 EUR MRR, 480 at risk; 1 red, 0 orange" in by_csm["Jo"]
    assert "1 more account moved, with 90 EUR at risk" in by_csm["Jo"]
    monday, friday, next_week = (
        digest_messages(by_csm, CHANNELS, day) for day in (date(2025, 6, 2), date(2025, 6, 6), date(2025, 6, 9))
    )
    assert [m.key for m in monday] == [m.key for m in friday] != [m.key for m in next_week]
    assert "(no CSM)" not in next(m.body for m in monday if m.channel == "jo")


def test_what_is_kept_names_every_column_the_decisions_read_again():
    rows = pd.DataFrame(alert_rows(decided().raised, ABOUT, DAY.to_pydatetime()))
    assert set(RAISED) <= set(rows.columns) and set(SNOOZED) <= set(NOBODY.columns)
    assert rows["at_risk_cents"].dropna().tolist() == [48000.0, 48000.0]
