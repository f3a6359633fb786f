"""Which of the known ways to fool oneself apply here? (coded findings, one file per question)

Each check fires, stays silent, or says that it is not applicable; its message is a sentence with the numbers, and
``docs/checks/<code>.md`` says how it decides and what to do. They are functions of what was backtested;
`churnmodel.workflow.training` asks them all.
"""

from __future__ import annotations

from churnmodel.evaluation.checks.baseline import check_beats_baseline
from churnmodel.evaluation.checks.calibrated import check_calibrated
from churnmodel.evaluation.checks.enough_churners import check_enough_churners
from churnmodel.evaluation.checks.even import check_even
from churnmodel.evaluation.checks.finding import FORBIDDING, TITLES, Finding, Status
from churnmodel.evaluation.checks.future_data import check_future_data
from churnmodel.evaluation.checks.stable import check_stable
from churnmodel.evaluation.checks.too_good import check_too_good, feature_powers

__all__ = [
    "FORBIDDING",
    "TITLES",
    "Finding",
    "Status",
    "check_beats_baseline",
    "check_calibrated",
    "check_enough_churners",
    "check_even",
    "check_future_data",
    "check_stable",
    "check_too_good",
    "feature_powers",
]
