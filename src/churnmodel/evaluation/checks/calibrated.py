"""CHN004: is a risk of 20 % followed by churn in 20 of 100 cases?

Two risks are asked: within the judged horizon, and by the next renewal, which is what people are shown. Of each:
the calibration slope (below 1: too extreme, above 1: too timid), how many churned for each that was said, and the
same among the riskiest accounts, those after them and the rest. A model must be beyond stated bounds with its
whole interval: neither a small error nor bad luck fires.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import exp, isfinite, log
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.checks.finding import FIRES_UNDER, Finding
from churnmodel.evaluation.clustered import happened_over_said
from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.shared import JUDGED, SharedRows, judged_words, questions, shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

SLOPE_BOUNDS, RATIO_BOUNDS = (0.85, 1.15), (0.8, 1.25)
LEVEL = 0.95
NAMED = 3
SLOPE, RATIO = "calibration_slope", "observed_over_expected"


@dataclass(frozen=True)
class Said:
    """One figure of how well risks came true.

    Parameters
    ----------
    question, who
        Of which risk, and of which accounts (``""``: all).
    what
        ``"calibration_slope"`` or ``"observed_over_expected"``.
    said, happened
        The mean risk, and the share that churned, of these snapshots.
    """

    question: str
    who: str
    what: str
    value: float
    low: float
    high: float
    said: float
    happened: float

    @property
    def is_off(self) -> bool:
        """Whether the whole interval lies outside the bounds."""
        least, most = SLOPE_BOUNDS if self.what == SLOPE else RATIO_BOUNDS
        return self.high < least or self.low > most

    def __str__(self) -> str:
        """The numbers in words."""
        numbers = f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"
        where = f"{self.who} {self.question}".strip()
        if self.what == SLOPE:
            return f"{where} calibration slope {numbers}"
        return f"{where} said {self.said:.1%}, happened {self.happened:.1%}, happened / said {numbers}"


def check_calibrated(backtest: Backtest, model: str, *, draws: int = 300, seed: int = 0) -> Finding:
    """CHN004: fires where an interval over accounts lies wholly outside the bounds.

    Bounds are 0.85 to 1.15 for the slope, 0.8 to 1.25 for happened / said. Over all accounts the intervals are
    those of the leaderboard (95 %); where three tiers of risk are looked at, each gets 1 - 0.05 / 3, so that one
    in twenty well calibrated models fires at the most, and far fewer as the bounds are not 1.
    """
    asked: list[Said] = []
    for question in (JUDGED, "renewal"):
        rows = _rows(backtest, question)
        if rows is not None and model in rows.risks and rows.churned_accounts >= FIRES_UNDER:
            name = judged_words(backtest.window.horizon_days) if question == JUDGED else "by the next renewal"
            asked += _over_all(rows, model, name, draws, seed) + _by_tier(rows, model, name)
    if not asked:
        few = f"it has no predictions, or under {FIRES_UNDER} accounts churned in the judged folds"
        return Finding.of("CHN004", "not applicable", f"The risks of {model} could not be judged: {few}.")
    off = sorted((s for s in asked if s.is_off), key=lambda s: s.who != "")
    detail = {"asked": [asdict(s) for s in asked], "off": [asdict(s) for s in off]}
    if off:
        more = f"; and {len(off) - NAMED} more" if len(off) > NAMED else ""
        message = (
            f"Risks of {model} do not come true: {'; '.join(map(str, off[:NAMED]))}{more}. {_what_to_do(off)}"
        )
        return Finding.of("CHN004", "fired", message, detail)
    shown = [s for s in asked if not s.who]
    message = f"Risks of {model} come true as far as can be told: {'; '.join(map(str, shown))}."
    return Finding.of("CHN004", "silent", message, detail)


def _rows(backtest: Backtest, question: str) -> SharedRows | None:
    if question not in questions(backtest):
        return None
    try:
        return shared_rows(backtest, question)
    except ModelError:  # of this question no outcome is known yet
        return None


def _over_all(rows: SharedRows, model: str, question: str, draws: int, seed: int) -> list[Said]:
    judged = rows.judged(model)
    values = figures(judged, names=[SLOPE, RATIO])
    drawn = bootstrap(judged, draw_accounts(rows.account_ids, draws, seed), [SLOPE, RATIO])
    found = []
    for what in (RATIO, SLOPE):
        value, (low, high) = float(values[what][0]), percentile_interval(drawn[what])
        if isfinite(value) and isfinite(low):
            found.append(_said(judged, question, "", what, value, low, high))
    return found


def _by_tier(rows: SharedRows, model: str, question: str) -> list[Said]:
    """Happened / said among the riskiest, the next and the rest, where enough accounts churned or should have."""
    judged = rows.judged(model)
    code, names = pd.factorize(rows.account_ids, sort=True)
    asked = []
    for who, here in _tiers(judged, rows):
        accounts = code[here]
        # an account's many snapshots are one event
        mean_risk = np.bincount(accounts, judged.risk[here]) / np.maximum(np.bincount(accounts), 1)
        expected, came = float(mean_risk.sum()), len(set(accounts[judged.churned[here]]))
        if max(expected, came) >= FIRES_UNDER:
            asked.append((who, here, expected))
    found, level = [], 1 - (1 - LEVEL) / max(len(asked), 1)
    for who, here, expected in asked:
        part = judged.take(here)
        ratio = happened_over_said(part.churned, part.risk, code[here].astype(np.int64), len(names))
        if isfinite(ratio.value):
            value, (low, high) = exp(ratio.value), ratio.ratio_interval(level)
        else:
            # nobody: as many as could still be expected of a Poisson number that came out as 0
            value, low, high = 0.0, 0.0, -log(1 - level) / expected
        found.append(_said(part, question, who, RATIO, value, low, high))
    return found


def _tiers(judged: Judged, rows: SharedRows) -> list[tuple[str, np.ndarray]]:
    """As many of the riskiest snapshots as the team can work, twice as many after them, and the rest."""
    share = rows.capacity
    if share >= 1:
        share = min(1.0, share * len(set(judged.as_of)) / max(len(judged), 1))
    second = min(2 * share, 1 - share)
    top, middle = np.quantile(judged.risk, [1 - share, max(0.0, 1 - share - second)])
    riskiest, rest = judged.risk > top, judged.risk <= middle
    return [
        (f"the riskiest {share:.0%}", riskiest),
        (f"the next {second:.0%}", ~riskiest & ~rest),
        (f"the other {1 - share - second:.0%}", rest),
    ]


def _said(judged: Judged, question: str, who: str, what: str, value: float, low: float, high: float) -> Said:
    return Said(question, who, what, value, low, high, float(judged.risk.mean()), float(judged.churned.mean()))


def _what_to_do(off: list[Said]) -> str:
    level = [s for s in off if s.what == RATIO]
    if not level:
        timid = off[0].value > 1
        sense = (
            "too timid: high ones are higher, low ones lower" if timid else "too extreme: trust their order only"
        )
        return f"The risks are {sense}; train again with more folds, from which calibration can learn."
    return (
        "Trust the order of the accounts, not the figures (nor MRR at risk), and train again: with tables up to "
        "now, or with more folds, from which calibration can learn."
    )
