"""What do the riskiest rows have in common, and does the picture of it say what was computed?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.explanation.in_common import in_common
from churnmodel.explanation.waterfall import waterfall

from .conftest import WITH_RENEWAL, fitted


def test_points_in_common_add_up_to_the_mean_risk_of_the_riskiest(explained) -> None:
    found = in_common(explained.model, explained.curve, explained.X, WITH_RENEWAL, share=0.2)
    risk = explained.curve.headline(explained.curve.risks(explained.model.margins(explained.X)), explained.X)
    assert found.rows == round(0.2 * len(explained.X))
    assert found.risk == pytest.approx(np.sort(risk)[-found.rows :].mean(), abs=1e-12)
    assert found.points.sum() == pytest.approx(found.risk - found.base_risk, abs=1e-9)
    assert (found.points.abs().diff().dropna() <= 0).all(), "the largest first"
    assert not found.points.index.has_duplicates, "one number per concept"


def test_at_least_one_row_is_looked_at() -> None:
    one = fitted("logistic in time")
    assert in_common(one.model, one.curve, one.X.head(3), WITH_RENEWAL, share=0.1).rows == 1


def test_the_picture_goes_from_the_base_to_the_risk_in_our_words() -> None:
    import matplotlib.pyplot as plt

    points = pd.Series([0.30, -0.05, 0.02, 0.01], index=["a = b", "seats", "tone", "calls"])
    figure = waterfall(points, 0.1, "One account", most=3)
    said = [text.get_text() for axes in figure.axes for text in (*axes.get_yticklabels(), *axes.get_xticklabels())]
    joined = " ".join(said)
    assert "base" in joined and "38" in joined and "other reasons" in joined
    assert "E[f" not in joined and "features" not in joined, "the base is no expectation"
    assert "a \N{FULLWIDTH EQUALS SIGN} b" in said, "words stay whole"
    assert figure.number not in plt.get_fignums(), "pyplot keeps nothing"
