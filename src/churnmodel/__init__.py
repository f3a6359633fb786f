"""churnmodel: which accounts will leave, by when, why, and what to do about it.

The names below are the whole tour for a notebook; each is imported when it is first used, so that
``import churnmodel`` costs next to nothing.

>>> import churnmodel
>>> "backtest" in churnmodel.__all__
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from churnmodel.version import VERSION

__version__ = VERSION

_HOMES = {
    "Database": "churnmodel.sources.database",
    "build_book": "churnmodel.snapshots.cohort",
    "build_cohort": "churnmodel.snapshots.cohort",
    "LabelWindow": "churnmodel.snapshots.labels",
    "churn_labels": "churnmodel.snapshots.labels",
    "build_feature_matrix": "churnmodel.features.matrix",
    "read_model_specs": "churnmodel.models.spec",
    "ChurnLogistic": "churnmodel.models.sklearn_api",
    "ChurnBoosted": "churnmodel.models.sklearn_api",
    "ChurnBlend": "churnmodel.models.sklearn_api",
    "backtest": "churnmodel.evaluation.backtest",
    "Scorer": "churnmodel.scoring.scorer",
    "Project": "churnmodel.workflow.project",
}
__all__ = list(_HOMES)

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import backtest
    from churnmodel.features.matrix import build_feature_matrix
    from churnmodel.models.sklearn_api import ChurnBlend, ChurnBoosted, ChurnLogistic
    from churnmodel.models.spec import read_model_specs
    from churnmodel.scoring.scorer import Scorer
    from churnmodel.snapshots.cohort import build_book, build_cohort
    from churnmodel.snapshots.labels import LabelWindow, churn_labels
    from churnmodel.sources.database import Database
    from churnmodel.workflow.project import Project


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'churnmodel' has no attribute {name!r} (has: {', '.join(_HOMES)})")
    return getattr(import_module(_HOMES[name]), name)
