"""Which features move the risks of a model, in which direction, and for how many accounts?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from churnmodel import charts
from churnmodel.explanation.shapley import as_shap_explanation, shapley_values

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from churnmodel.models.fitted import FittedModel

MOST_FEATURES = 12


def beeswarm(model: FittedModel, X: pd.DataFrame, title: str, *, period: int = 0) -> Figure:
    """SHAP values of one period: a dot per row of X and feature, red where the feature's value is high.

    Dots have no names. Imports shap (seconds).

    Parameters
    ----------
    period
        Which of the model's periods; 0 is the nearest.
    """
    import shap

    said = as_shap_explanation(shapley_values(model, X), X, model.features, period)
    said.feature_names = [name.replace("_", " ") for name in model.features]
    figure, axes = charts.empty(8, 1.4 + 0.38 * min(MOST_FEATURES, len(model.features)), title)
    shap.plots.beeswarm(said, max_display=MOST_FEATURES, ax=axes, show=False, plot_size=None)
    axes.set(title=title, xlabel="what it did to the log-odds")
    return figure
