"""Is health what its parts, the cuts and the rules make it? (on paper, and for any book)"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.scoring.band_moves import DEGREES
from churnmodel.scoring.bands import Bands
from churnmodel.settings.health import ExceptionRule
from churnmodel.success.health import health_of
from churnmodel.success.health_exceptions import Asked
from churnmodel.success.health_parts import PARTS, family_points

DAY = date(2026, 1, 1)
SCALE = Bands(orange_from=0.2, red_from=0.4)
LOST = ExceptionRule(name="champion left", when="champion_lost = 1")
LATE = ExceptionRule(name="overdue", when="overdue_oldest_days > 60", never_better_than="red")


def scores(**risks: float) -> pd.DataFrame:
    """One account per name, as a published table would have it; base risk 0.1."""
    risk = np.array(list(risks.values()), dtype=float)
    return pd.DataFrame(
        {"risk": risk, "base_risk": 0.1, "band": SCALE.band(risk), "health": SCALE.health(risk), "mrr": 100.0,
         "status": ["leaving" if np.isnan(r) else "at_risk" for r in risk], "segment": "smb"},
        index=pd.Index(list(risks), name="account_id"),
    )  # fmt: skip


def test_health_is_the_published_one_and_its_parts_add_up_by_hand():
    """ada: risk 0.3 from a base of 0.1: health 85 at the base, 55 at 0.3, so 0.2 of risk costs 30 points."""
    concepts = pd.DataFrame(
        {"usage.volume": [0.12], "usage.users": [-0.02], "financial.renewal": [0.06], "support.open": [0.04]},
        index=pd.Index(["ada"], name="account_id"),
    )
    points = family_points(concepts, ["usage", "support", "financial"])
    frame = health_of(scores(ada=0.3, bob=float("nan")), DAY, bands=SCALE, points=points)
    ada = frame.loc["ada"]
    told = ada[["starts_at", "usage", "support", "financial", "renewal", "exception_points", "health"]]
    assert told.tolist() == pytest.approx([85, -15, -6, 0, -9, 0, 55])
    assert np.isnan(ada["sentiment"])  # the model reads nothing of it
    assert ada["usage_risk"] == pytest.approx(0.10) and ada["band"] == "orange"
    assert frame.loc["bob", ["health", "band", "exception"]].isna().all()  # under notice


def test_a_rule_lowers_to_the_best_of_its_band_and_never_raises():
    rows = pd.DataFrame({"champion_lost": [1, 1, 1, 0, 1.0], "overdue_oldest_days": [0, 0, 90, 61, np.nan]})
    book = scores(green=0.1, red=0.5, both=0.1, late=0.1, leaving=float("nan"))
    frame = health_of(book, DAY, rules=[LOST, LATE], asked=Asked(rows.set_index(book.index)))
    assert frame["health"].iloc[:4].tolist() == [70.0, pytest.approx(100 / 3), 40.0, 40.0]
    assert frame["band"].tolist() == ["orange", "red", "red", "red", None]
    assert frame["rule"].tolist() == ["champion left", None, "overdue", "overdue", None]
    assert frame["rules_met"].tolist()[1:] == ["champion left", "champion left; overdue", "overdue", None]
    assert frame["exception_points"].iloc[0] == -15 and frame["model_health"].iloc[0] == 85
    assert frame["exception"].iloc[0] == "champion left: champion_lost: 1.0"  # no card says it in words


def test_a_segment_with_cuts_of_its_own_stands_on_its_own_scale():
    book = scores(small=0.15, large=0.15)
    book["segment"] = ["smb", "enterprise"]
    frame = health_of(book, DAY, cuts={"enterprise": Bands(0.05, 0.15)})
    assert frame["band"].tolist() == ["green", "red"] and frame["health"].tolist() == [77.5, 40.0]
    assert frame["own_cuts"].tolist() == [False, True]
    assert frame["health"].iloc[0] == book["health"].iloc[0]


RISK = st.one_of(st.just(float("nan")), st.floats(0, 1), st.sampled_from([0.2, 0.4, 0.1]))
ACCOUNT = st.tuples(
    RISK, st.floats(0.001, 0.9), st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=3), st.booleans(),
    st.sampled_from([0.0, 70.0, float("nan")]), st.sampled_from(["smb", "big"]),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(ACCOUNT, min_size=1, max_size=6))
def test_the_laws_of_health(accounts):
    """It adds up; rules only lower; band and number agree; on one scale more risk is never healthier."""
    names = [f"a{k}" for k in range(len(accounts))]
    book = scores(**dict(zip(names, (a[0] for a in accounts), strict=True)))
    book["base_risk"], book["segment"] = [a[1] for a in accounts], [a[5] for a in accounts]
    rest = book["risk"] - book["base_risk"]
    concepts = pd.DataFrame([a[2] for a in accounts], index=book.index,
                            columns=["usage.x", "financial.renewal", "sentiment.y"])  # fmt: skip
    concepts["relationship.z"] = rest - concepts.sum(axis=1)
    rows = pd.DataFrame({"champion_lost": [float(a[3]) for a in accounts],
                         "overdue_oldest_days": [a[4] for a in accounts]}, index=book.index)  # fmt: skip
    points = family_points(concepts[book["risk"].notna()])
    frame = health_of(book, DAY, bands=SCALE, points=points, cuts={"big": Bands(0.1, 0.3)}, rules=[LOST, LATE],
                      asked=Asked(rows))  # fmt: skip
    scored = frame[frame["risk"].notna()]
    total = scored["starts_at"] + scored[list(PARTS)].sum(axis=1) + scored["exception_points"]
    assert (total - scored["health"]).abs().max() < 1e-5 or scored.empty
    assert (scored["exception_points"] <= 0).all()
    assert (scored["band"].map(DEGREES) >= scored["model_band"].map(DEGREES)).all()
    by_number = np.where(scored["health"] <= 40, "red", np.where(scored["health"] <= 70, "orange", "green"))
    assert scored["band"].tolist() == by_number.tolist()
    assert frame.loc[frame["risk"].isna(), ["health", "band", "rule"]].isna().all(axis=None)
    for _, own in scored.groupby("segment"):
        ordered = own.sort_values("risk")["model_health"].to_numpy()
        assert (np.diff(ordered) <= 1e-9).all()
