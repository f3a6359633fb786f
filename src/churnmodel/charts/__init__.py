"""What does it look like? (the only place that draws)"""

from churnmodel.charts.canvas import Style, model_styles
from churnmodel.charts.comparison import as_svg, empty, fold_trend, folds_in_time, intervals, lift, reliability
from churnmodel.charts.money import (
    ablation,
    capture_curve,
    held,
    lead_time,
    moved_weights,
    precision_by_week,
    profit_curve,
)

__all__ = [
    "Style",
    "ablation",
    "as_svg",
    "capture_curve",
    "empty",
    "fold_trend",
    "folds_in_time",
    "held",
    "intervals",
    "lead_time",
    "lift",
    "model_styles",
    "moved_weights",
    "precision_by_week",
    "profit_curve",
    "reliability",
]
