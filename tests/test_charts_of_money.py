"""Do the charts of money draw what they are given?"""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd

from churnmodel import charts
from churnmodel.evaluation.capture import capture_curve, precision_by_week
from churnmodel.evaluation.intervals import draw_accounts
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.profit import profit_curve
from churnmodel.settings.money import MoneySettings

RNG = np.random.default_rng(1)
RISK = RNG.random(60)
ROWS = Judged.of(RNG.random(60) < RISK, RISK, mrr=RNG.random(60) * 1000, capacity=0.2)
ACCOUNTS = draw_accounts([f"a{i}" for i in range(60)], 40, 0)


def drawn(figure):
    """The axes of a figure that could be written."""
    page = BytesIO()
    figure.savefig(page)
    assert page.getvalue().startswith(b"\x89PNG")
    return figure.axes[0]


def line(axes, label):
    return next(one for one in axes.get_lines() if one.get_label() == label)


def test_the_capture_curve_has_a_line_per_ranking_and_the_interval_of_the_first():
    table = capture_curve({"ours": ROWS, "theirs": Judged(ROWS.churned, 1 - RISK, ROWS.as_of, ROWS.mrr)}, ACCOUNTS)
    axes = drawn(charts.capture_curve(table, "caught", 0.2))
    for name in ("ours", "theirs"):
        mine = table[table["ranking"] == name]
        assert line(axes, name).get_ydata().tolist() == mine["caught"].tolist()
    assert len(axes.collections) == 1
    assert line(axes, "ours").get_linestyle() != line(axes, "theirs").get_linestyle()


def test_the_profit_curve_shows_the_likely_rate_in_the_band_of_the_range():
    table = profit_curve(ROWS, MoneySettings(contact_cost=100), ACCOUNTS)
    axes = drawn(charts.profit_curve(table, "earned", "EUR", 0.2))
    assert line(axes, "likely save rate").get_ydata().tolist() == table["profit"].tolist()
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == table["at_best"].max() and band.min() == table["at_worst"].min()
    assert "EUR" in axes.get_ylabel()


def test_a_bar_per_week_and_n_under_each_lead():
    axes = drawn(charts.precision_by_week(precision_by_week(ROWS, ACCOUNTS), "weeks"))
    assert len(axes.patches) == 4
    leads = pd.DataFrame(
        {
            "days": [90, 30], "n": [12, 7], "share": [0.2, 0.6], "low": [0.1, 0.3], "high": [0.4, 0.8],
            "mrr_share": [0.3, np.nan], "by_lot": 0.1,
        }
    )  # fmt: skip
    axes = drawn(charts.lead_time(leads, "leads"))
    assert [t.get_text() for t in axes.get_xticklabels()] == ["90\nn = 12", "30\nn = 7"]
    assert line(axes, "of the accounts").get_ydata().tolist() == [0.2, 0.6]


def test_what_is_worse_beyond_luck_has_a_colour_of_its_own():
    table = pd.DataFrame(
        {
            "variant": ["without usage", "without nps*"], "difference": [-5.0, 1.0], "low": [-9.0, -1.0],
            "high": [-1.0, 2.0], "verdict": ["worse", "no difference beyond luck"],
        }
    )  # fmt: skip
    axes = drawn(charts.ablation(table, "bought", "points"))
    worse, unsure = axes.patches
    assert worse.get_width() == -5 and unsure.get_width() == 1
    assert worse.get_facecolor() != unsure.get_facecolor()
