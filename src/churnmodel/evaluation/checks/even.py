"""CHN006: does the model serve some accounts worse than others?

Accounts are put into groups three ways: by segment, by tenure, by size. Of each group with enough churners it is
asked whether the model ranks its accounts worse than it ranks the accounts of the other groups, each among their
own, and whether its risks come out higher or lower than those of all. Who looks at a dozen groups finds one that
had bad luck: so the intervals are the wider, the more is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import exp, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.evaluation.checks.finding import FIRES_UNDER, LEVEL, RATIO_BOUNDS, Finding
from churnmodel.evaluation.clustered import Codes, Estimate, auroc_estimate, happened_over_said
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.shared import SharedRows, shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

WORSE_BY = 0.10
"""AUROC below that of the other groups that matters."""
NAMED = 3
TENURE_DAYS = (365, 730)
TENURE = "tenure_days"


@dataclass(frozen=True)
class Compared:
    """One figure of one group, beside the others.

    Parameters
    ----------
    by, group
        The way of grouping (``"segment"``, ``"tenure"``, ``"MRR"``) and the group.
    what
        ``"auroc"`` or ``"happened / said"``.
    value, others
        Of the group, and of the others (AUROC, each group among its own) or of all (happened / said).
    low, high
        Interval of the difference (AUROC) or of the quotient (happened / said).
    """

    by: str
    group: str
    what: str
    churned_accounts: int
    value: float
    others: float
    low: float
    high: float

    @property
    def is_worse(self) -> bool:
        """Whether it is worse by more than luck, and by enough to matter."""
        if self.what == "auroc":
            return self.high < 0 and self.value - self.others <= -WORSE_BY
        return self.high < RATIO_BOUNDS[0] or self.low > RATIO_BOUNDS[1]

    def __str__(self) -> str:
        """The numbers in words."""
        where = f"{self.by} {self.group} ({self.churned_accounts} accounts churned)"
        if self.what == "auroc":
            return (
                f"{where}: AUROC {self.value:.3f} against {self.others:.3f} within the other groups, difference "
                f"{self.value - self.others:.3f} ({self.low:.3f} to {self.high:.3f})"
            )
        return (
            f"{where}: happened / said {self.value:.2f} against {self.others:.2f} of all, "
            f"{self.value / self.others:.2f} times ({self.low:.2f} to {self.high:.2f})"
        )


def check_even(backtest: Backtest, model: str, X: pd.DataFrame | None = None) -> Finding:
    """CHN006: fires where a group is ranked worse, or told too much or too little, beyond luck.

    Worse: its AUROC is lower by 0.10 or more and the interval of the difference lies below 0; or happened / said,
    divided by that of all accounts, lies outside 0.8 to 1.25 with its whole interval. With m figures looked at
    the intervals are made at 1 - 0.05 / m (Bonferroni). Groups in which under 20 accounts churned are not judged.

    Parameters
    ----------
    X
        Features by snapshot; ``tenure_days`` is read where it is there.
    """
    rows = shared_rows(backtest)
    if model not in rows.risks:
        return Finding.of("CHN006", "not applicable", f"{model} has no predictions to judge.")
    asked = [a for by, names in _groupings(rows, X) for a in _asked(rows, model, by, names)]
    if not asked:
        why = f"there are no two groups of which one had {FIRES_UNDER} accounts that churned"
        return Finding.of("CHN006", "not applicable", f"{model} could not be judged by group: {why}.")
    level = 1 - (1 - LEVEL) / len(asked)
    found = [_compared(*a, level) for a in asked]
    worse = [c for c in found if c.is_worse]
    detail = {"asked": [asdict(c) for c in found], "worse": [asdict(c) for c in worse], "level": level}
    looked = f"{len(found)} figures of {len({(c.by, c.group) for c in found})} groups"
    if worse:
        more = f"; and {len(worse) - NAMED} more" if len(worse) > NAMED else ""
        named = "; ".join(map(str, worse[:NAMED]))
        message = f"{model} serves some accounts worse: {named}{more}. {_what_to_do(worse)}"
        return Finding.of("CHN006", "fired", message, detail)
    ranked = [c for c in found if c.what == "auroc"]
    lowest = f" The lowest: {min(ranked, key=lambda c: c.value - c.others)}." if ranked else ""
    message = f"No group is served worse by {model} beyond luck ({looked}, {level:.2%} intervals).{lowest}"
    return Finding.of("CHN006", "silent", message, detail)


def _groupings(rows: SharedRows, X: pd.DataFrame | None) -> Iterator[tuple[str, NDArray[Any]]]:
    facts = rows.facts
    yield "segment", facts["segment"].astype("object").to_numpy()
    if X is not None and TENURE in X:
        index = pd.MultiIndex.from_frame(facts[["account_id", "as_of"]])
        days = X[TENURE].reindex(index).to_numpy(dtype=np.float64, na_value=np.nan)
        yield "tenure", _banded(days, TENURE_DAYS, ("up to a year", "one to two years", "over two years"))
    mrr = facts["mrr"].to_numpy(dtype=np.float64)
    if np.isfinite(mrr).any():
        thirds = np.nanquantile(mrr, [1 / 3, 2 / 3])
        names = (f"up to {thirds[0]:,.0f}", f"{thirds[0]:,.0f} to {thirds[1]:,.0f}", f"above {thirds[1]:,.0f}")
        yield "MRR", _banded(mrr, (float(thirds[0]), float(thirds[1])), names)


def _banded(values: NDArray[np.float64], cuts: tuple[float, float], names: tuple[str, ...]) -> NDArray[Any]:
    """Each value's band by name, None where it is not known; a value at a cut is in the lower one."""
    found = np.array(names, dtype=object)[np.searchsorted(cuts, values)]
    found[np.isnan(values)] = None
    return found


_Asked = tuple[str, str, str, int, Estimate, Estimate]


def _asked(rows: SharedRows, model: str, by: str, names: NDArray[Any]) -> Iterator[_Asked]:
    """What can be compared: (by, group, what, churned accounts, of the group, of the others)."""
    judged = rows.judged(model)
    account, n = rows.accounts
    group, known = pd.factorize(names, sort=True)  # -1: not known
    if len(known) < 2:
        return
    of_all = happened_over_said(judged.churned, judged.risk, account, n)
    for k, name in enumerate(known):
        here, others = np.flatnonzero(group == k), np.flatnonzero((group != k) & (group >= 0))
        churned = len(set(account[here][judged.churned[here]]))
        if churned < FIRES_UNDER:
            continue
        mine = _auroc(judged, account, n, group, here)
        rest = _auroc(judged, account, n, group, others)
        if isfinite(mine.value) and isfinite(rest.value):
            yield by, str(name), "auroc", churned, mine, rest
        part = judged.take(here)
        ratio = happened_over_said(part.churned, part.risk, account[here], n)
        if isfinite(ratio.value):
            yield by, str(name), "happened / said", churned, ratio, of_all


def _auroc(judged: Judged, account: Codes, n: int, group: NDArray[Any], rows: NDArray[np.int64]) -> Estimate:
    part = judged.take(rows)
    return auroc_estimate(part.churned, part.risk, account[rows], n, group[rows].astype(np.int64))


def _compared(
    by: str, group: str, what: str, churned: int, mine: Estimate, others: Estimate, level: float
) -> Compared:
    apart = mine.minus(others)
    if what == "auroc":
        return Compared(by, group, what, churned, mine.value, others.value, *apart.interval(level))
    return Compared(by, group, what, churned, exp(mine.value), exp(others.value), *apart.ratio_interval(level))


def _what_to_do(worse: list[Compared]) -> str:
    group = f"{worse[0].by} {worse[0].group}"
    if worse[0].what == "auroc":
        return f"Within {group} trust the order less, and look for a feature that tells these accounts apart."
    return (
        f"Do not compare risks of accounts with a {group} with those of others; give the model what makes them "
        "special."
    )
