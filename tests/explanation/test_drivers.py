from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.explanation.drivers import COLUMNS, driver_code, drivers
from churnmodel.explanation.points import Points, to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.features.feature import Feature, Wording

from .conftest import (
    FEATURES,
    OVERDUE,
    PLAN,
    PREVIOUS,
    RENEWAL,
    TERM,
    USERS,
    USERS_CHANGE,
    WITH_RENEWAL,
    fitted,
    snapshots,
)

INPUTS = (USERS.name, USERS_CHANGE.name, OVERDUE.name, PLAN.name)
ROW = {USERS.name: 8.0, PREVIOUS.name: 15.0, USERS_CHANGE.name: -0.47, OVERDUE.name: 1250.0, PLAN.name: "starter"}


def world(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([ROW | row for row in rows], columns=list(ROW), index=snapshots(len(rows)))


def given(*rows: tuple[float, float, float, float]) -> Points:
    points = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return Points(points, base_risk=np.full(len(points), 0.1), risk=0.1 + points.sum(axis=1))


def test_features_of_one_concept_are_one_driver_told_by_the_strongest() -> None:
    got = drivers(given((0.05, 0.10, 0.02, -0.03)), world({}), FEATURES, inputs=INPUTS, currency="EUR")
    assert list(got.columns) == list(COLUMNS)
    assert got.index.names == ["account_id", "as_of"]
    assert got["rank"].tolist() == [1, 2, 3]
    assert got["code"].tolist() == ["usage.active_users", "financial.overdue_invoices", "financial.plan"]
    assert got["direction"].tolist() == ["raises", "raises", "lowers"]
    assert got["points"].tolist() == pytest.approx([0.15, 0.02, -0.03])
    assert got["feature"].tolist() == [USERS_CHANGE.name, OVERDUE.name, PLAN.name]
    assert got["sentence"].tolist() == ["Active users down 47%", "€1,250 overdue", "On the starter plan"]
    assert got["actionable"].tolist() == [True, True, False]
    assert got["value"].tolist()[:2] == [-0.47, 1250.0]
    assert np.isnan(got["value"].iloc[2])
    assert got["value_text"].isna().tolist() == [True, True, False]
    assert got["value_text"].iloc[2] == "starter"


def test_a_driver_is_told_by_a_feature_that_pulls_its_way() -> None:
    # together they raise the risk; the larger one lowers it when taken by size
    got = drivers(given((0.09, -0.08, 0, 0)), world({}), FEATURES, inputs=INPUTS)
    assert got[["feature", "direction"]].to_numpy().tolist() == [[USERS.name, "raises"]]
    assert got["sentence"].tolist() == ["8 users active in the last 28 days, down from 15 before"]


def test_a_protective_driver_is_told_by_a_feature_that_protects() -> None:
    got = drivers(given((0.02, -0.08, 0, 0)), world({USERS_CHANGE.name: 0.3}), FEATURES, inputs=INPUTS)
    assert got[["feature", "direction"]].to_numpy().tolist() == [[USERS_CHANGE.name, "lowers"]]
    assert got["sentence"].tolist() == ["Active users up 30%"]


def test_a_raising_driver_tells_no_improvement_and_a_protective_one_no_decline() -> None:
    X = world({USERS.name: 8.0, PREVIOUS.name: 7.0}, {USERS.name: 8.0, PREVIOUS.name: 15.0})
    said = {
        sign: drivers(given(*[(0.05 * sign, 0, 0, 0)] * 2), X, FEATURES, inputs=INPUTS)["sentence"].tolist()
        for sign in (1, -1)
    }
    alone = "8 users active in the last 28 days"
    assert said == {1: [alone, f"{alone}, down from 15 before"], -1: [f"{alone}, up from 7 before", alone]}


@pytest.mark.parametrize(
    ("of_level", "of_change", "change", "feature"),
    [
        (0.05, 0.10, 0.3, USERS),  # half is enough
        (0.049, 0.10, 0.3, USERS_CHANGE),
        (-0.05, 0.10, 0.3, USERS_CHANGE),  # a feature that pulls the other way tells nothing better
        (0.0, 0.10, 0.3, USERS_CHANGE),
        (0.05, 0.10, -0.3, USERS_CHANGE),
        (0.05, 0.10, 0.0, USERS_CHANGE),
        (0.05, 0.10, float("nan"), USERS_CHANGE),
        (0.05, 0.10, float("inf"), USERS_CHANGE),
        (-0.05, -0.10, -0.3, USERS),
        (-0.049, -0.10, -0.3, USERS_CHANGE),
        (-0.05, -0.10, 0.3, USERS_CHANGE),
        (0.10, 0.09, -0.3, USERS),  # the strongest stays where it contradicts nothing
    ],
)
def test_a_movement_against_the_direction_gives_way_to_a_feature_half_as_strong(
    of_level: float, of_change: float, change: float, feature: Feature
) -> None:
    X = world({USERS_CHANGE.name: change})
    got = drivers(given((of_level, of_change, 0, 0)), X, FEATURES, inputs=INPUTS)
    assert got["feature"].tolist() == [feature.name]
    assert got["points"].tolist() == pytest.approx([of_level + of_change])


def test_a_told_feature_does_not_depend_on_the_other_rows() -> None:
    moves = (0.3, -0.3, float("nan"), 0.0, 0.3, -0.3)
    pulls = ((0.06, 0.1), (0.06, 0.1), (0.06, 0.1), (-0.06, -0.1), (0.01, 0.1), (-0.06, -0.1))
    X = world(*({USERS_CHANGE.name: move, PREVIOUS.name: 4.0 * i} for i, move in enumerate(moves)))
    points = given(*((level, change, 0.03, -0.02) for level, change in pulls))

    def of(rows: list[int]) -> pd.DataFrame:
        some = Points(points.points[rows], points.base_risk[rows], points.risk[rows])
        return drivers(some, X.iloc[rows], FEATURES, inputs=INPUTS)

    whole = of([0, 1, 2, 3, 4, 5])
    assert set(whole["feature"]) >= {USERS.name, USERS_CHANGE.name}
    pd.testing.assert_frame_equal(pd.concat([of([i]) for i in range(6)]), whole, check_exact=True)
    backwards = of([5, 4, 3, 2, 1, 0]).sort_index(kind="stable")
    pd.testing.assert_frame_equal(backwards, whole, check_exact=True)


def test_a_driver_is_actionable_only_through_a_feature_that_pulls_its_way() -> None:
    fixed = [replace(f, actionable=False) if f is USERS else f for f in FEATURES]
    points = given((0.09, -0.02, 0, 0), (0.09, 0.02, 0, 0))
    assert drivers(points, world({}, {}), fixed, inputs=INPUTS)["actionable"].tolist() == [False, True]


def many(n: int) -> tuple[list[Feature], pd.DataFrame]:
    made = [
        replace(USERS, name=f"f{i}", concept=f"concept {i}", wording=Wording(f"{{f{i}:n}}", unknown="not known"))
        for i in range(n)
    ]
    return made, pd.DataFrame({f.name: [1.0] for f in made}, index=snapshots(1))


def test_at_most_three_raise_and_two_protect() -> None:
    made, X = many(8)
    of_each = np.array([[0.01, 0.05, 0.03, 0.02, -0.01, -0.04, -0.02, 0.0]])
    points = Points(of_each, np.array([0.1]), np.array([0.14]))
    names = [f.name for f in made]
    assert drivers(points, X, made, inputs=names)["feature"].tolist() == ["f1", "f2", "f3", "f5", "f6"]
    fewer = drivers(points, X, made, inputs=names, top=1, protective=0)
    assert fewer["feature"].tolist() == ["f1"]
    whole = drivers(points, X, made, inputs=names, top=0, protective=0, everything=True)
    assert whole["feature"].tolist() == ["f1", "f2", "f3", "f0", "f5", "f6", "f4"]
    assert whole["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_ties_are_broken_by_code_whatever_the_order_of_features() -> None:
    made, X = many(4)
    points = Points(np.array([[0.02, 0.02, 0.02, 0.02]]), np.array([0.1]), np.array([0.18]))
    for order in (made, made[::-1]):
        got = drivers(points, X, made, inputs=[f.name for f in order])
        assert got["code"].tolist() == ["usage.concept_0", "usage.concept_1", "usage.concept_2"]


def test_what_is_not_worth_saying_is_not_said() -> None:
    points = given((0.0019, 0, 0.002, -0.0019))
    assert drivers(points, world({}), FEATURES, inputs=INPUTS)["feature"].tolist() == [OVERDUE.name]
    assert len(drivers(points, world({}), FEATURES, inputs=INPUTS, least=0.001)) == 3
    nothing = given((0, 0, 0, 0))
    assert len(drivers(nothing, world({}), FEATURES, inputs=INPUTS, least=0.0)) == 0
    assert len(drivers(nothing, world({}), FEATURES, inputs=INPUTS, everything=True)) == 0


def test_an_unknown_value_is_said_to_be_unknown() -> None:
    X = world({OVERDUE.name: float("nan"), PLAN.name: None})
    got = drivers(given((0, 0, 0.05, 0.04)), X, FEATURES, inputs=INPUTS)
    assert got["sentence"].tolist() == ["Overdue invoices are not known", "The plan is not known"]
    assert got["value"].isna().all()
    assert got["value_text"].isna().all()


def test_a_context_feature_that_is_not_in_the_matrix_is_not_quoted() -> None:
    X = world({}).drop(columns=PREVIOUS.name)
    got = drivers(given((0.05, 0, 0, 0)), X, FEATURES, inputs=INPUTS)
    assert got["sentence"].tolist() == ["8 users active in the last 28 days"]


def test_only_what_the_model_reads_can_be_a_driver() -> None:
    usage_only = Points(np.array([[0.05, 0.02]]), np.array([0.1]), np.array([0.17]))
    got = drivers(usage_only, world({}), FEATURES, inputs=INPUTS[:2], everything=True)
    assert set(got["family"]) == {"usage"}
    assert not got["sentence"].str.contains("overdue|plan").any()


def test_everything_of_a_row_sums_to_risk_minus_base_risk_for_every_model(explained) -> None:
    values = shapley_values(explained.model, explained.X)
    points = to_points(values, explained.curve, explained.last, explained.model.margins(explained.X))
    got = drivers(points, explained.X, WITH_RENEWAL, inputs=explained.model.features, everything=True)
    total = got["points"].groupby(level="account_id").sum().reindex(explained.X.index.get_level_values(0))
    assert np.abs(total.fillna(0).to_numpy() - (points.risk - points.base_risk)).max() < 1e-9
    assert not got["sentence"].str.contains("nan", case=False).any()


@pytest.mark.parametrize("name", ["lightgbm", "lightgbm in time", "logistic in time", "blend in time"])
def test_drivers_of_a_row_are_the_same_alone_in_a_batch_and_backwards(name: str) -> None:
    explained = fitted(name)

    def of(X: pd.DataFrame) -> pd.DataFrame:
        values, margins = shapley_values(explained.model, X), explained.model.margins(X)
        points = to_points(values, explained.curve, explained.curve.headline_period(X), margins)
        return drivers(points, X, WITH_RENEWAL, inputs=explained.model.features)

    X = explained.X.iloc[:40]
    whole = of(X)
    alone = pd.concat([of(X.iloc[[i]]) for i in range(len(X))])
    pd.testing.assert_frame_equal(alone, whole, check_exact=True)
    pd.testing.assert_frame_equal(of(X.iloc[::-1]).sort_index(kind="stable"), whole, check_exact=True)


def test_a_renewal_that_is_near_is_a_driver_with_its_date() -> None:
    explained = fitted("logistic in time")
    X = explained.X[explained.X[RENEWAL.name].between(31, 60) & (explained.X[TERM.name] > 3)].iloc[:20]
    last = explained.curve.headline_period(X)
    assert set(last) == {1}
    points = to_points(shapley_values(explained.model, X), explained.curve, last)
    got = drivers(points, X, WITH_RENEWAL, inputs=explained.model.features, top=9)
    renewing = got[got["concept"] == "renewal"]
    assert len(renewing) == len(X) and set(renewing["direction"]) == {"raises"}
    for account, told in zip(renewing.index, renewing["sentence"], strict=True):
        day = pd.Timestamp("2026-01-01") + pd.Timedelta(days=X.loc[account, RENEWAL.name])
        assert told == f"Renews on {day.day} {day:%B %Y}"
    assert not renewing["actionable"].any()


def test_no_rows_have_no_drivers_but_the_same_columns() -> None:
    none = drivers(given(), world({}).iloc[:0], FEATURES, inputs=INPUTS)
    some = drivers(given((0.05, 0, 0, 0)), world({}), FEATURES, inputs=INPUTS)
    assert len(none) == 0
    assert none.dtypes.to_dict() == some.dtypes.to_dict()
    assert none.index.names == some.index.names


def test_a_model_without_features_has_no_drivers() -> None:
    no_columns = Points(np.zeros((1, 0)), np.array([0.1]), np.array([0.1]))
    assert len(drivers(no_columns, world({}), FEATURES, inputs=())) == 0


def test_drivers_survive_parquet() -> None:
    X = world({OVERDUE.name: float("nan")})
    got = drivers(given((0.05, 0, 0.04, -0.02)), X, FEATURES, inputs=INPUTS)
    content = io.BytesIO()
    got.reset_index().to_parquet(content, index=False)
    back = pd.read_parquet(content).set_index(["account_id", "as_of"])
    pd.testing.assert_frame_equal(back, got, check_exact=True)


def test_points_of_another_model_or_matrix_are_refused() -> None:
    points = given((0.05, 0, 0, 0))
    with pytest.raises(FeatureError, match=r"wanted points of shape \(1, 3\)"):
        drivers(points, world({}), FEATURES, inputs=INPUTS[:3])
    with pytest.raises(FeatureError, match="features lacks plan"):
        drivers(points, world({}), FEATURES[:4], inputs=INPUTS)
    with pytest.raises(FeatureError, match="X lacks overdue_amount"):
        drivers(points, world({}).drop(columns=OVERDUE.name), FEATURES, inputs=INPUTS)


def test_a_code_is_stable_and_plain() -> None:
    assert driver_code(replace(USERS, concept="Days since last log-in (UI)")) == "usage.days_since_last_log_in_ui"
