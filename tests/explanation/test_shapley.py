from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError, ModelError
from churnmodel.explanation.shapley import as_shap_explanation, base_margins, shapley_values
from churnmodel.models.boosted import PERIOD_COLUMNS, BoostedModel, by_period
from churnmodel.models.logistic import LogisticModel

from .conftest import EDGES, RENEWAL, fitted


def test_values_and_base_sum_to_the_margins_of_every_period(explained) -> None:
    values = shapley_values(explained.model, explained.X)
    total = values.phi.sum(axis=2) + values.base
    assert np.abs(total - explained.model.margins(explained.X)).max() < 1e-12
    assert values.phi.shape == (*explained.model.margins(explained.X).shape, len(explained.model.features))


def by_tree_explainer(part: BoostedModel, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """What shap says of each feature (n, f), of what differs between periods (n,), and of the base."""
    import shap

    explainer = shap.TreeExplainer(part.booster)
    theirs = np.asarray(explainer.shap_values(columns))
    feature_of = np.asarray(part.encoding.feature_of)
    assert len(feature_of) > len(part.features)  # a category has several columns, so summing is tested
    own = [theirs[:, : len(feature_of)][:, feature_of == j].sum(axis=1) for j in range(len(part.features))]
    base = float(np.ravel(explainer.expected_value)[0])
    return np.column_stack(own), theirs[:, len(feature_of) :].sum(axis=1), base


def test_values_of_trees_equal_those_of_shap_tree_explainer(boosted) -> None:
    theirs, of_periods, base = by_tree_explainer(boosted.model, boosted.model.columns(boosted.X))
    ours = shapley_values(boosted.model, boosted.X)
    assert np.abs(ours.phi[:, 0] - theirs).max() < 1e-12 and not of_periods.any()
    assert np.abs(ours.base - base).max() < 1e-12


@pytest.mark.parametrize("how", ["in time", "in time, renewals unknown"])
def test_values_of_trees_in_time_equal_those_of_shap_tree_explainer_in_each_period(how: str) -> None:
    explained = fitted(f"lightgbm {how}")
    X, ours = explained.X.iloc[:120], shapley_values(explained.model, explained.X.iloc[:120])
    assert len(explained.model.parts) == 2  # the near periods and the far ones have trees of their own
    for part in explained.model.parts:
        rows = by_period(part.columns(X), part.stretch, X)
        assert rows.shape[1] == len(part.encoding.feature_of) + len(PERIOD_COLUMNS)
        theirs, of_periods, base = by_tree_explainer(part, rows)
        shape = (len(X), part.stretch.count)
        wanted, told = theirs.reshape(*shape, -1), of_periods.reshape(shape)
        bases = np.full(shape, base)
        if RENEWAL.name in part.features:
            wanted[:, :, part.features.index(RENEWAL.name)] += told
        else:
            bases = bases + told
        assert np.abs(told).max() > 0.01
        assert np.abs(ours.phi[:, part.stretch.here] - wanted).max() < 1e-12
        assert np.abs(ours.base[:, part.stretch.here] - bases).max() < 1e-12


def test_values_of_trees_in_time_equal_lightgbm_s_own_contributions() -> None:
    explained = fitted("lightgbm in time")
    X, ours = explained.X.iloc[:50], shapley_values(explained.model, explained.X.iloc[:50])
    for part in explained.model.parts:
        rows = by_period(part.columns(X), part.stretch, X)
        theirs = np.asarray(part.booster.predict(rows, pred_contrib=True)).reshape(50, part.stretch.count, -1)
        assert np.abs(ours.phi[:, part.stretch.here].sum(axis=2) - theirs[:, :, :-1].sum(axis=2)).max() < 1e-12
        users = part.features.index("active_users_28d")
        column = list(part.encoding.feature_of).index(users)
        assert np.abs(ours.phi[:, part.stretch.here, users] - theirs[:, :, column]).max() < 1e-12
        assert set(theirs[:, :, -1].ravel().tolist()) == {part.trees.base}


def test_what_a_period_does_is_told_by_the_renewal_where_the_model_knows_of_it(knowing) -> None:
    X = knowing.X
    values = shapley_values(knowing.model, X)
    assert (values.base == values.base[0]).all(), "the base is one for all rows"
    others = [j for j, name in enumerate(knowing.model.features) if name != RENEWAL.name]
    if all(isinstance(part, LogisticModel) for part in knowing.model.parts):
        # an additive model adds the same for a feature in all periods of a part: only the renewal differs
        for part in knowing.model.parts:
            here = values.phi[:, part.periods.stretch.here]
            assert (here[:, :, others] == here[:, :1, others]).all()
            due, place = X[RENEWAL.name].between(1, 30).to_numpy(), knowing.model.features.index(RENEWAL.name)
            if part.periods.stretch.first == 0 and EDGES[0] == 30:
                long = due & (X["term_months"] > 3).to_numpy()
                assert (here[long, 0, place] > here[long, 1, place]).all(), "who renews now leaves now"


def test_what_a_period_does_goes_to_the_base_where_the_model_knows_no_renewal(unknowing) -> None:
    values = shapley_values(unknowing.model, unknowing.X)
    assert RENEWAL.name not in unknowing.model.features
    first, last = values.base[:, 0], values.base[:, -1]
    assert np.abs(first - last).max() > 0.05, "periods differ in length, so in level"
    assert np.abs(values.phi.sum(axis=2) + values.base - unknowing.model.margins(unknowing.X)).max() < 1e-12


def test_the_base_is_that_of_the_values_without_them(explained) -> None:
    base = base_margins(explained.model, explained.X)
    assert base.tobytes() == np.ascontiguousarray(shapley_values(explained.model, explained.X).base).tobytes()
    assert base_margins(explained.model, explained.X.iloc[:0]).shape == (0, base.shape[1])
    alone = base_margins(explained.model, explained.X.iloc[[17]])
    assert alone.tobytes() == base[[17]].tobytes()


def test_values_of_a_blend_are_those_of_its_two_models_in_their_shares() -> None:
    explained = fitted("blend")
    blend, X = explained.model, explained.X.iloc[:60]
    linear, trees = (shapley_values(model, X) for model in (blend.logistic, blend.trees))
    ours = shapley_values(blend, X)
    assert np.abs(ours.phi - (linear.phi + trees.phi) / 2).max() < 1e-15
    assert np.abs(ours.base - (linear.base + trees.base) / 2).max() < 1e-15


def test_values_of_the_logistic_equal_those_of_shap_linear_explainer_on_its_columns(logistic) -> None:
    import shap

    X = logistic.X.iloc[:90]  # LinearExplainer takes at most 100 background rows and drops the rest unasked
    terms = logistic.model.terms(X)
    background = shap.maskers.Independent(terms, max_samples=len(X))
    theirs = shap.LinearExplainer((np.ones(terms.shape[1]), logistic.model.intercept), background).shap_values(
        terms
    )
    ours = shapley_values(logistic.model, X).phi[:, 0]
    # theirs count from the mean of these 90 rows, ours from the mean of all the model has seen
    assert np.abs((ours - ours.mean(axis=0)) - theirs).max() < 1e-12


def test_values_of_additive_models_are_0_on_average_over_the_training_rows(logistic) -> None:
    assert np.abs(shapley_values(logistic.model, logistic.X).phi.mean(axis=0)).max() < 1e-12


def test_values_of_a_scorecard_in_time_are_0_on_average_over_the_training_rows() -> None:
    explained = fitted("scorecard in time")  # all rows are told of the first period, so all train its one part
    assert np.abs(shapley_values(explained.model, explained.X).phi.mean(axis=0)).max() < 1e-12


def test_a_row_has_the_same_bits_alone_in_a_batch_and_in_another_order(explained) -> None:
    X = explained.X.iloc[:60]
    whole = shapley_values(explained.model, X)
    backwards = shapley_values(explained.model, X.iloc[::-1, ::-1])
    assert (backwards.phi[::-1] == whole.phi).all()
    for i in range(0, 60, 7):
        alone = shapley_values(explained.model, X.iloc[[i]])
        assert (alone.phi[0] == whole.phi[i]).all()
        assert alone.base.tobytes() == np.ascontiguousarray(whole.base[[i]]).tobytes()


def test_no_rows_have_no_values(explained) -> None:
    none = shapley_values(explained.model, explained.X.iloc[:0])
    k = explained.model.margins(explained.X.iloc[:1]).shape[1]
    assert none.phi.shape == (0, k, len(explained.model.features))
    assert none.base.shape == (0, k)


def test_a_missing_feature_is_refused_by_name(explained) -> None:
    with pytest.raises(FeatureError, match="overdue_amount"):
        shapley_values(explained.model, explained.X.drop(columns="overdue_amount"))


def test_a_model_of_neither_kind_is_refused() -> None:
    with pytest.raises(ModelError, match="wanted an additive model or boosted trees, got str"):
        shapley_values("logistic", pd.DataFrame())  # type: ignore[arg-type]


def test_shap_plots_show_categories_by_name_and_colour_them_by_number(logistic) -> None:
    X = logistic.X.iloc[:30]
    values = shapley_values(logistic.model, X)
    got = as_shap_explanation(values, X, logistic.model.features)
    assert got.feature_names == list(logistic.model.features)
    assert (got.values == values.phi[:, 0]).all()
    assert got.data.dtype == np.float64
    plan = logistic.model.features.index("plan")
    assert got.display_data[0, plan] == X["plan"].iloc[0]


def test_shap_plots_show_the_period_asked_for() -> None:
    explained = fitted("lightgbm in time")
    X = explained.X.iloc[:30]
    values = shapley_values(explained.model, X)
    got = as_shap_explanation(values, X, explained.model.features, period=3)
    assert (got.values == values.phi[:, 3]).all() and (got.base_values == values.base[:, 3]).all()
    assert not (values.phi[:, 3] == values.phi[:, 0]).all()


def test_shap_draws_a_beeswarm_and_a_waterfall_of_our_values(boosted) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import shap

    X = boosted.X.iloc[:30]
    got = as_shap_explanation(shapley_values(boosted.model, X), X, boosted.model.features)
    try:
        swarm = shap.plots.beeswarm(got, show=False)
        assert [label.get_text() for label in swarm.get_yticklabels()]
        plt.close("all")
        waterfall = shap.plots.waterfall(got[0], show=False)
        labels = " ".join(label.get_text() for label in waterfall.get_yticklabels())
        assert f"{X['plan'].iloc[0]} = plan" in labels
    finally:
        plt.close("all")
