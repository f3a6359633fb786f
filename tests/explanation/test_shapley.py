from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError, ModelError
from churnmodel.explanation.shapley import as_shap_explanation, shapley_values


def test_values_and_base_sum_to_the_margin(explained) -> None:
    values = shapley_values(explained.model, explained.X)
    total = values.phi.sum(axis=1) + values.base_margin
    assert np.abs(total - explained.model.margin(explained.X)).max() < 1e-12
    assert values.phi.shape == (len(explained.X), len(explained.model.features))


def test_values_of_trees_equal_those_of_shap_tree_explainer(boosted) -> None:
    import shap

    explainer = shap.TreeExplainer(boosted.model.booster)
    theirs = np.asarray(explainer.shap_values(boosted.model.columns(boosted.X)))
    feature_of = np.asarray(boosted.model.encoding.feature_of)
    assert theirs.shape[1] > len(boosted.model.features)  # a category has several columns, so summing is tested
    per_feature = np.column_stack(
        [theirs[:, feature_of == j].sum(axis=1) for j in range(len(boosted.model.features))]
    )
    ours = shapley_values(boosted.model, boosted.X)
    assert np.abs(ours.phi - per_feature).max() < 1e-12
    assert ours.base_margin == pytest.approx(float(np.ravel(explainer.expected_value)[0]), abs=1e-12)


def test_values_of_the_logistic_equal_those_of_shap_linear_explainer_on_its_columns(logistic) -> None:
    import shap

    X = logistic.X.iloc[:90]  # LinearExplainer takes at most 100 background rows and drops the rest unasked
    terms = logistic.model.terms(X)
    background = shap.maskers.Independent(terms, max_samples=len(X))
    theirs = shap.LinearExplainer((np.ones(terms.shape[1]), logistic.model.intercept), background).shap_values(
        terms
    )
    ours = shapley_values(logistic.model, X).phi
    # theirs count from the mean of these 90 rows, ours from the mean of all the model has seen
    assert np.abs((ours - ours.mean(axis=0)) - theirs).max() < 1e-12


def test_values_of_additive_models_are_0_on_average_over_the_training_rows(logistic) -> None:
    assert np.abs(shapley_values(logistic.model, logistic.X).phi.mean(axis=0)).max() < 1e-12


def test_a_row_has_the_same_bits_alone_in_a_batch_and_in_another_order(explained) -> None:
    X = explained.X.iloc[:60]
    whole = shapley_values(explained.model, X)
    backwards = shapley_values(explained.model, X.iloc[::-1, ::-1])
    assert (backwards.phi[::-1] == whole.phi).all()
    for i in range(0, 60, 7):
        alone = shapley_values(explained.model, X.iloc[[i]])
        assert (alone.phi[0] == whole.phi[i]).all()
        assert alone.base_margin == whole.base_margin


def test_no_rows_have_no_values_but_the_same_base(explained) -> None:
    none = shapley_values(explained.model, explained.X.iloc[:0])
    assert none.phi.shape == (0, len(explained.model.features))
    assert none.base_margin == shapley_values(explained.model, explained.X).base_margin


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
    assert (got.values == values.phi).all()
    assert got.data.dtype == np.float64
    plan = logistic.model.features.index("plan")
    assert got.display_data[0, plan] == X["plan"].iloc[0]


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
