"""Is a difference called one only where it is beyond luck?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.paired import paired_differences
from churnmodel.evaluation.paired_table import paired_table
from churnmodel.evaluation.shared import SharedRows


@pytest.fixture(scope="module")
def rows() -> SharedRows:
    """200 accounts; `sees` knows something, `dim` nearly the same, `blind` nothing."""
    rng = np.random.default_rng(3)
    signal = rng.normal(size=200)
    churned = rng.random(200) < 1 / (1 + np.exp(1.5 - 1.5 * signal))
    told = 1 / (1 + np.exp(1.5 - 1.5 * signal))
    facts = pd.DataFrame(
        {
            "account_id": [f"a{i}" for i in range(200)],
            "as_of": pd.Timestamp("2025-01-01"),
            "churned": churned,
            "mrr_lost": np.where(churned, 100.0, 0.0),
        }
    )
    dim = np.clip(told + rng.normal(0, 0.01, 200), 0.001, 0.999)
    return SharedRows(facts, {"sees": told, "dim": dim, "blind": np.full(200, churned.mean())}, 0.1)


def test_what_is_beyond_the_interval_is_better_or_worse_and_the_rest_is_not_told_apart(rows):
    table = paired_table(rows, ["sees", "blind"]).set_index(["model", "against", "metric"])["verdict"]
    assert table["blind", "sees", "log_loss"] == table["blind", "sees", "auroc"] == "worse"
    assert table["sees", "blind", "log_loss"] == table["sees", "blind", "auroc"] == "better"
    assert table["dim", "sees", "log_loss"] == "not told apart"


def test_each_line_is_the_paired_difference_of_its_two_models(rows):
    for line in paired_table(rows, ["sees"], draws=100, seed=5).itertuples():
        pair = paired_differences(rows, line.model, "sees", line.metric, draws=100, seed=5)
        assert (line.difference, line.low, line.high) == (pair.value, pair.low, pair.high)


def test_a_model_without_predictions_is_nobody_to_compare_with(rows):
    assert paired_table(rows, ["gone"]).empty
    assert set(paired_table(rows, ["sees", "gone", "sees"])["against"]) == {"sees"}
