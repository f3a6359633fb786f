"""How do reasons add up from where nothing speaks for or against to a risk?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MOST_REASONS = 10


def waterfall(points: pd.Series, base_risk: float, title: str, *, most: int = MOST_REASONS) -> Figure:
    """Reasons as steps from `base_risk` up and down to the risk, in points of probability (%).

    Drawn by shap (imported here: seconds). What is left beyond the `most` largest is one step of its own.

    Parameters
    ----------
    points
        (c,) What each reason adds to the risk, indexed by its words: 0.12 is 12 points.
    """
    import matplotlib.pyplot as plt
    import shap

    told = shap.Explanation(
        values=100 * points.to_numpy(dtype="float64"),
        base_values=100 * base_risk,
        # shap takes what stands before "=" for a name and repeats the rest
        feature_names=[str(words).replace("=", "\N{FULLWIDTH EQUALS SIGN}") for words in points.index],
    )
    figure = plt.figure()  # shap draws on the current figure, and on no other
    try:
        shap.plots.waterfall(told, max_display=most, show=False)
    finally:
        plt.close(figure)  # pyplot lets go of it; it can still be shown and saved
    steps, *ends = figure.axes
    steps.set_title(title, loc="left", fontsize=12, pad=30)
    steps.set_xlabel("risk, %", fontsize=11)
    steps.set_yticklabels([_renamed(label.get_text()) for label in steps.get_yticklabels()], fontsize=11)
    for axes in ends:
        axes.set_xticklabels([_renamed(label.get_text()) for label in axes.get_xticklabels()], fontsize=11)
    return figure


def _renamed(label: str) -> str:
    """Our words for shap's: the base is no expectation, and its steps are reasons.

    >>> _renamed("50 other features"), _renamed("\\n$E[f(X)]$"), _renamed("\\n$ = 4.2$")
    ('50 other reasons', '\\nbase', '\\n$ = 4.2$')
    """
    return label.replace("other features", "other reasons").replace("$E[f(X)]$", "base").replace("$f(x)$", "risk")
