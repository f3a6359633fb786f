"""Is a change of risk shared among the features that moved, to the last point?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.explanation.moved import CHUNK, moved_points

from .conftest import OVERDUE, RENEWAL, USERS, Explained, fitted


def shifted(explained: Explained) -> pd.DataFrame:
    """The same accounts with the values of others."""
    X = explained.X
    return X.iloc[np.roll(np.arange(len(X)), 7)].set_index(X.index)


def test_points_of_every_row_of_every_model_sum_to_the_change_of_risk(explained: Explained) -> None:
    before = shifted(explained)
    moved = moved_points(explained.model, explained.curve, before, explained.X, explained.last)
    rows = np.arange(len(before))
    for X, risk in ((before, moved.risk_before), (explained.X, moved.risk_after)):
        said = explained.curve.risks(explained.model.margins(X))[rows, explained.last]
        assert said.tobytes() == risk.tobytes()
    change = moved.risk_after - moved.risk_before
    assert np.abs(moved.points.sum(axis=1) + moved.base - change).max() < 1e-9
    if explained.X.get(RENEWAL.name) is not None:
        assert (moved.base == 0).all()


def test_nothing_moves_where_nothing_changed(explained: Explained) -> None:
    moved = moved_points(explained.model, explained.curve, explained.X, explained.X, explained.last)
    assert not moved.points.any() and not moved.base.any()


def test_a_single_feature_of_an_additive_model_has_the_whole_change() -> None:
    logistic = fitted("logistic in time")
    fewer = logistic.X.assign(**{USERS.name: logistic.X[USERS.name] + 5.0})
    moved = moved_points(logistic.model, logistic.curve, fewer, logistic.X, logistic.last)
    place = logistic.model.features.index(USERS.name)
    others = np.delete(moved.points, place, axis=1)
    assert not others.any() and (moved.points[:, place] > 0).mean() > 0.9
    assert np.abs(moved.points[:, place] - (moved.risk_after - moved.risk_before)).max() < 1e-9


def test_the_way_back_has_the_same_points_with_the_other_sign(hazards: Explained) -> None:
    there = moved_points(hazards.model, hazards.curve, shifted(hazards), hazards.X, hazards.last)
    back = moved_points(hazards.model, hazards.curve, hazards.X, shifted(hazards), hazards.last)
    assert np.abs(there.points + back.points).max() < 1e-9


def test_a_row_has_the_same_bits_alone_as_in_a_batch(hazards: Explained) -> None:
    before = shifted(hazards)
    whole = moved_points(hazards.model, hazards.curve, before, hazards.X, hazards.last)
    for i in (0, 17, len(before) - 1):
        one = slice(i, i + 1)
        alone = moved_points(hazards.model, hazards.curve, before[one], hazards.X[one], hazards.last[one])
        assert alone.points.tobytes() == whole.points[one].tobytes()


def test_no_row_and_more_rows_than_are_explained_at_once() -> None:
    logistic = fitted("logistic")
    none = logistic.X.iloc[:0]
    assert moved_points(logistic.model, logistic.curve, none, none, logistic.last[:0]).points.shape == (0, 4)
    many = logistic.X.iloc[np.arange(CHUNK + 3) % len(logistic.X)]
    few = many.assign(**{OVERDUE.name: 0.0})
    moved = moved_points(logistic.model, logistic.curve, few, many, np.zeros(len(many), dtype=np.int64))
    assert np.abs(moved.points.sum(axis=1) - (moved.risk_after - moved.risk_before)).max() < 1e-9
    assert len(moved.points) == CHUNK + 3
