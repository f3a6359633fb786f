"""Is it told once that an account gave notice, by what was known that morning, and is it never replayed?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.settings.alerts import AlertSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.success.alerts_on_notice import notices_given
from small_worlds import version, world
from success.alert_worlds import DAY, found


def book_of(notice: str | None, day: str = DAY, **more) -> pd.DataFrame:
    contract = version("2024-01-01", renews_at="2026-01-01", cancelled_at=notice, ended_at=None)
    db = world([contract])
    book = build_book(db, [pd.Timestamp(day)])
    return notices_given(db, book, AlertSettings(**more))


def test_a_notice_of_late_is_told_with_its_day_and_that_of_leaving():
    told = book_of("2025-05-25").iloc[0]
    assert told["rule"] == "notice_given" and told["episode"] == "2025-05-25"
    assert told["moved"] == "Gave notice on 2025-05-25, and leaves on 2026-01-01"


@pytest.mark.parametrize("notice", [None, "2025-04-01", DAY])
def test_no_notice_an_old_one_and_one_of_the_day_itself_are_no_news(notice):
    assert book_of(notice).empty


def test_it_can_be_turned_off():
    assert book_of("2025-05-25", off=("notice_given",)).empty


def test_it_is_not_among_what_is_replayed():
    db = world([version("2024-01-01", renews_at="2026-01-01", cancelled_at="2025-05-25")])
    assert "notice_given" not in set(found(db)["rule"])
