"""Is what they said held to what was predicted, and what was seen to what was published in time?"""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.settings.winback import WinbackSettings
from churnmodel.success.definitions import as_markdown
from churnmodel.success.said_and_predicted import agreement, agrees, crosstab
from churnmodel.success.seen_coming import bands_before, counts, last_scores, top_drivers
from churnmodel.success.winback_columns import COLUMNS_OF

ROOT = Path(__file__).parents[2]
DAY = pd.Timestamp
LEFT = pd.DataFrame(
    {
        "account_id": ["a", "b", "c", "a"],
        "began_at": [DAY("2024-01-01"), DAY("2024-01-01"), DAY("2025-07-01"), DAY("2025-12-15")],
        "left_at": [DAY("2025-10-01"), DAY("2025-10-01"), DAY("2025-10-01"), DAY("2026-03-01")],
    }
)
LOOKS = pd.DataFrame(
    [
        ("a", "2025-06-20", "v1", 0.2, "green", "at_risk", True),
        ("a", "2025-08-25", "v2", 0.5, "red", "at_risk", False),
        ("a", "2025-09-20", "v2", np.nan, None, "leaving", False),
        ("a", "2025-10-01", "v2", 0.9, "red", "at_risk", False),  # the day it left: not before
        ("b", "2025-04-01", "v1", 0.3, "orange", "at_risk", True),
        ("b", "2025-08-30", "v2", np.nan, None, "leaving", False),
        ("c", "2025-06-01", "v1", 0.8, "red", "at_risk", True),  # of an earlier tenure
    ],
    columns=["account_id", "as_of", "version", "risk", "band", "status", "hindsight"],
).astype({"as_of": "datetime64[us]"})


def test_a_band_counts_only_if_it_was_published_in_time_and_not_long_before():
    found = bands_before(LEFT, LOOKS, 45)
    assert found["band_90d"].tolist() == ["green", "not scored", "not scored", "not scored"]
    assert found["band_30d"].tolist() == ["red", "under notice", "not scored", "not scored"]
    assert found["hindsight_90d"].tolist() == [True, False, False, False] and not found["hindsight_30d"].any()
    assert counts(found, 30).to_dict() == {
        "red": 1, "orange": 0, "green": 0, "under notice": 1, "not scored": 2
    }  # fmt: skip


def test_the_last_reason_is_that_of_the_last_score_with_a_risk_before_it_left():
    last = last_scores(LEFT, LOOKS)
    assert last["scored_on"].tolist()[:2] == [DAY("2025-08-25"), DAY("2025-04-01")]
    assert last["scored_on"].isna().tolist() == [False, False, True, True]
    drivers = pd.DataFrame(
        [("a", "2025-08-25", "v2", 3, "support"), ("a", "2025-08-25", "v2", 2, "usage"),
         ("a", "2025-06-20", "v1", 1, "financial")],
        columns=["account_id", "as_of", "version", "rank", "family"],
    ).astype({"as_of": "datetime64[us]"}).assign(concept="c", points=0.1, sentence="s")  # fmt: skip
    found = top_drivers(last, LEFT, drivers)
    assert found["family"].iloc[:2].tolist() == ["usage", "none"], "scored, and nothing raised it"
    assert found["family"].iloc[2:].isna().all()


def test_agreement_is_counted_where_both_are_known_and_luck_pairs_the_same_by_lot():
    rules = WinbackSettings(least_pairs=4)
    left = pd.DataFrame(
        [("price", "financial"), ("price", "usage"), ("product", "usage"), ("process", "none"),
         ("other", "usage"), ("unknown", "usage"), ("involuntary", "financial"), ("price", None)],
        columns=["reason", "family"],
    )  # fmt: skip
    said = agrees(left, rules)
    assert said.iloc[:4].tolist() == [True, False, True, False] and said.iloc[4:].isna().all()
    found = agreement(left, rules)
    assert (found.agreed, found.pairs, found.told) == (2, 4, True)
    # price 2/4 x financial 1/4, product 1/4 x usage 2/4, process 1/4 x nothing
    assert found.luck == 0.25 and not found.beyond_luck
    assert not agreement(left, WinbackSettings(least_pairs=5)).told
    assert crosstab(left).loc["price", ["financial", "usage", "none"]].tolist() == [1, 1, 0]


def test_no_room_that_trains_reads_what_people_wrote_down():
    for room in ("sources", "snapshots", "features", "models", "evaluation"):
        for path in sorted((ROOT / "src" / "churnmodel" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    assert not node.module.startswith("churnmodel.state"), path


def test_the_page_tells_the_columns_as_they_are():
    page = (ROOT / "docs" / "winback.md").read_text(encoding="utf-8")
    for part, columns in COLUMNS_OF.items():
        new = [d for d in columns if part == "departures" or d not in COLUMNS_OF["departures"]]
        assert as_markdown(new) in page, part
