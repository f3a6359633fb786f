"""Do the pictures of a quarter show what the tables beside them say?"""

from __future__ import annotations

import pandas as pd
from matplotlib.colors import to_hex

from churnmodel.charts.quarter import BANDS, by_week, last_weeks

WEEKS = pd.to_datetime(["2025-07-07", "2025-07-14", "2025-07-21"])


def test_the_bars_of_a_week_stand_on_each_other_and_add_up():
    table = pd.DataFrame({"Ada": [1, 0, 3], "Bo": [2, 4, 0]}, index=WEEKS)
    axes = by_week(table, "Alerts", "alerts").axes[0]
    tops = {}
    for bar in axes.patches:
        place = round(bar.get_x() + bar.get_width() / 2)
        tops[place] = max(tops.get(place, 0.0), bar.get_y() + bar.get_height())
    assert [tops[k] for k in range(3)] == table.sum(axis=1).tolist()
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["Ada", "Bo"]


def test_a_week_has_its_bands_colour_and_none_after_the_account_left():
    rows = [["green", "red", None], ["orange", "under notice", "under notice"]]
    bands = pd.DataFrame(rows, index=["Left", "Leaving"], columns=WEEKS)
    axes = last_weeks(bands, {("Left", WEEKS[1]), ("Left", pd.Timestamp("2025-08-04"))}, "Who left").axes[0]
    found = {}
    for bar in axes.patches:
        place = bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2
        found[round(place[0]), round(place[1])] = to_hex(bar.get_facecolor())
    band_of = {to_hex(colour): band for band, colour in BANDS.items()}
    assert {place: band_of[colour] for place, colour in found.items()} == {
        (0, 1): "green", (1, 1): "red", (0, 0): "orange", (1, 0): "under notice", (2, 0): "under notice",
    }  # fmt: skip
    assert axes.collections[0].get_offsets().tolist() == [[1.0, 1.0]], "an alert outside the weeks is not drawn"
    assert [t.get_text() for t in axes.get_yticklabels()] == ["Left", "Leaving"]
