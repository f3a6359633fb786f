"""When is a CSM's own word on a renewal news beside the band?"""

from __future__ import annotations

import pandas as pd

from churnmodel.settings.alerts import AlertSettings
from churnmodel.success.alerts_on_words import words_disagree
from success.alert_worlds import scored

AS_OF = pd.Timestamp("2025-06-01")
RENEWS = pd.Timestamp("2025-08-01")


def told(word: str, said: str, scores: pd.DataFrame, **rules) -> list[str]:
    now = scores.xs(scores.index.get_level_values("as_of").max(), level="as_of")
    about = now.assign(renews_at=RENEWS)
    commits = pd.DataFrame(
        {"account_id": ["a"], "renews_at": [RENEWS], "commit": [word], "by": ["Jo"], "at": [pd.Timestamp(said)]}
    )
    return words_disagree(about, commits, scores, AlertSettings(**rules), AS_OF)["moved"].tolist()


RED = scored(("a", "2025-04-01", 0.5, "red"), ("a", "2025-05-29", 0.5, "red"))
TURNED = scored(("a", "2025-04-01", 0.05, "green"), ("a", "2025-05-29", 0.5, "red"))


def test_a_word_of_these_days_against_the_band_is_told_and_an_old_one_only_if_the_band_is_new():
    said = 'Jo said "renew" on 2025-05-30 of the renewal on 2025-08-01, here it is red (risk 50%)'
    assert told("renew", "2025-05-30", RED) == [said]
    assert told("renew", "2025-05-01", RED) == []
    assert len(told("renew", "2025-05-01", TURNED)) == 1
    assert told("renew", "2025-05-01", TURNED, off=("disagree",)) == []


def test_a_word_the_band_agrees_with_or_that_commits_to_nothing_is_no_alert():
    for word in ("churn", "contract", "unsure"):
        assert told(word, "2025-05-30", RED) == []
    green = scored(("a", "2025-05-29", 0.05, "green"))
    assert [len(told(word, "2025-05-30", green)) for word in ("churn", "contract", "renew")] == [1, 1, 0]
