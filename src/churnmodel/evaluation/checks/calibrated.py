"""CHN004: is a risk of 20 % followed by churn in 20 of 100 cases?

Two risks are asked: within the judged horizon, and by the next renewal, which is what people are shown. Of each:
the calibration slope (below 1: too extreme, above 1: too timid), how many churned for each that was said, and the
same among the riskiest accounts, those after them and the rest. A model must be beyond stated bounds with its
whole interval: neither a small error nor bad luck fires. Risks within other days are looked at too; where the
interval of one does not hold 1 it is a warning, and so is a last fold that is unlike them all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import exp, isfinite, log
from typing import TYPE_CHECKING, Any

import numpy as np

from churnmodel.errors import ModelError
from churnmodel.evaluation.checks.finding import FIRES_UNDER, LEVEL, RATIO_BOUNDS, Finding
from churnmodel.evaluation.clustered import happened_over_said
from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.judged import Judged, share_worked
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.shared import JUDGED, RENEWAL, SharedRows, judged_words, questions, shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

SLOPE_BOUNDS = (0.85, 1.15)
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

    @property
    def misses_one(self) -> bool:
        """Whether the interval does not hold 1, which is right."""
        return self.high < 1 or self.low > 1

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
    those of the leaderboard (95 %); where three tiers of risk are looked at, each gets 1 - 0.05 / 3. So up to six
    questions are asked of a risk, not independent of each other; what keeps a well calibrated model from firing
    is that the bounds are not 1.

    Further horizons, and the last fold, never fire: they are told and warned of (``detail["warning"]``).
    """
    asked: list[Said] = []
    for question in (JUDGED, RENEWAL):
        rows = _rows(backtest, question, model)
        if rows is not None:
            name = judged_words(backtest.window.horizon_days) if question == JUDGED else "by the next renewal"
            asked += _over_all(rows, model, name, draws, seed) + _by_tier(rows, model, name)
    if not asked:
        few = f"it has no predictions, or under {FIRES_UNDER} accounts churned in the judged folds"
        return Finding.of("CHN004", "not applicable", f"The risks of {model} could not be judged: {few}.")
    further = _further(backtest, model, draws, seed)
    off = sorted((s for s in asked if s.is_off), key=lambda s: s.who != "")
    warned = [s for s in further if s.misses_one]
    last = _last_fold(backtest, model)
    detail: dict[str, Any] = {"asked": [asdict(s) for s in asked], "off": [asdict(s) for s in off]}
    detail |= {"further": [asdict(s) for s in further], "warned": [asdict(s) for s in warned]}
    detail |= {"last_fold": last, "warning": bool(warned) or last is not None}
    also = f" Watch: {'; '.join(map(str, warned))}." if warned else ""
    also += (
        f" Watch: the last fold has happened / said {last:.2f}, beyond luck unlike all together." if last else ""
    )
    if off:
        more = f"; and {len(off) - NAMED} more" if len(off) > NAMED else ""
        what = f"{'; '.join(map(str, off[:NAMED]))}{more}"
        message = f"Risks of {model} do not come true: {what}.{also} {_what_to_do(off)}"
        return Finding.of("CHN004", "fired", message, detail)
    shown = "; ".join(str(s) for s in asked if not s.who)
    message = (
        f"Of the risks of {model}, no interval lies wholly outside {_words(RATIO_BOUNDS)} (happened / said) or "
        f"{_words(SLOPE_BOUNDS)} (slope): {shown}.{also}"
    )
    return Finding.of("CHN004", "silent", message, detail)


def _further(backtest: Backtest, model: str, draws: int, seed: int) -> list[Said]:
    """The same over all accounts, of every other number of days that was said."""
    asked: list[Said] = []
    for question in questions(backtest):
        if question in (JUDGED, RENEWAL, str(backtest.window.horizon_days)):
            continue
        rows = _rows(backtest, question, model)
        if rows is not None:
            asked += _over_all(rows, model, f"within {question} days", draws, seed)
    return asked


def _last_fold(backtest: Backtest, model: str) -> float | None:
    """Happened / said within the judged horizon of the last fold, where it differs from all beyond luck."""
    rows = _rows(backtest, JUDGED, model)
    if rows is None:
        return None
    fold = rows.facts["fold"].to_numpy()
    judged, (account, n) = rows.judged(model), rows.accounts
    here = fold == fold.max()
    if here.all() or len(set(account[here & judged.churned])) < FIRES_UNDER:
        return None
    last = happened_over_said(judged.churned[here], judged.risk[here], account[here], n)
    low, high = last.minus(happened_over_said(judged.churned, judged.risk, account, n)).interval()
    return exp(last.value) if low > 0 or high < 0 else None


def _words(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]} to {bounds[1]}"


def _rows(backtest: Backtest, question: str, model: str) -> SharedRows | None:
    """The rows of a question; None where it was not asked, or too few churned."""
    if question not in questions(backtest):
        return None
    try:
        rows = shared_rows(backtest, question)
    except ModelError:  # of this question no outcome is known yet
        return None
    return rows if model in rows.risks and rows.churned_accounts >= FIRES_UNDER else None


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
    code, n = rows.accounts
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
        ratio = happened_over_said(part.churned, part.risk, code[here], n)
        if isfinite(ratio.value):
            value, (low, high) = exp(ratio.value), ratio.ratio_interval(level)
        else:
            # nobody: as many as could still be expected of a Poisson number that came out as 0
            value, low, high = 0.0, 0.0, -log(1 - level) / expected
        found.append(_said(part, question, who, RATIO, value, low, high))
    return found


def _tiers(judged: Judged, rows: SharedRows) -> list[tuple[str, np.ndarray]]:
    """As many of the riskiest snapshots as the team can work, twice as many after them, and the rest."""
    share = share_worked(rows.capacity, judged.as_of)
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
