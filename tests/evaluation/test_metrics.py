"""Is every metric in the table, and does every missing one say why?"""

from __future__ import annotations

import numpy as np
import pytest

from churnmodel.evaluation import metrics
from churnmodel.evaluation.metrics import METRIC_NAMES, METRICS, Judged, figures, why_undefined

RNG = np.random.default_rng(5)
RISK = RNG.random(60)
WORLD = Judged.of(RNG.random(60) < RISK, RISK, as_of=np.arange(60) % 3, mrr=RNG.random(60) * 100, capacity=0.2)


def test_the_table_holds_what_the_functions_say():
    y, r, a = WORLD.churned, WORLD.risk, WORLD.as_of
    by_function = {
        "auroc": metrics.auroc(y, r),
        "average_precision": metrics.average_precision(y, r),
        "log_loss": metrics.log_loss(y, r),
        "brier": metrics.brier(y, r),
        "calibration_slope": metrics.calibration_slope(y, r),
        "calibration_intercept": metrics.calibration_intercept(y, r),
        "observed_over_expected": metrics.observed_over_expected(y, r),
        "precision_at_capacity": metrics.precision_at(y, r, 0.2, as_of=a),
        "recall_at_capacity": metrics.recall_at(y, r, 0.2, as_of=a),
        "lift_at_capacity": metrics.lift_at(y, r, 0.2, as_of=a),
        "mrr_caught_at_capacity": metrics.mrr_caught_at(y, r, WORLD.mrr, 0.2, as_of=a),
    }
    assert tuple(by_function) == METRIC_NAMES
    assert {name: float(value[0]) for name, value in figures(WORLD).items()} == by_function


@pytest.mark.parametrize("name", METRIC_NAMES)
def test_one_metric_alone_equals_itself_among_all(name):
    assert figures(WORLD, names=[name]) == {name: figures(WORLD)[name]}


SLICES = {
    "empty": Judged.of([], []),
    "nobody": Judged.of([False] * 4, [0.1, 0.2, 0.3, 0.4]),
    "everybody": Judged.of([True] * 4, [0.1, 0.2, 0.3, 0.4]),
    "one risk": Judged.of([True, False, True, False], [0.3] * 4),
    "separated": Judged.of([False, False, True, True], [0.1, 0.2, 0.3, 0.4]),
    "no money": Judged.of([True, False, True, False], [0.4, 0.2, 0.3, 0.1], mrr=[0.0, 5.0, np.nan, 5.0]),
    "ordinary": WORLD,
}


@pytest.mark.parametrize("metric", METRICS, ids=METRIC_NAMES)
@pytest.mark.parametrize("name", SLICES)
def test_a_figure_is_nan_exactly_where_there_is_a_reason(metric, name):
    value = float(figures(SLICES[name])[metric.name][0])
    reason = why_undefined(metric, SLICES[name])
    assert np.isnan(value) == (reason is not None), (value, reason)
