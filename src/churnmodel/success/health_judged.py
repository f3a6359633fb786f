"""Does a rule earn its place? (accounts it would have lowered in the replayed past, against the band they were in)

At each snapshot of the backtest the rule is asked of what was known then. Where it would have lowered an account,
what became of it stands beside what became of the others that stayed in that band. The difference has a 95 %
interval over accounts (`churnmodel.evaluation.clustered`)::

    lowered  = share that left of the accounts the rule would have lowered
    band     = share that left of those of the same band that no rule lowered

An exception is worth its place where lowered lies above band beyond chance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churnmodel.scoring.band_moves import DEGREES
from churnmodel.scoring.bands import GREEN, ORANGE
from churnmodel.settings.health import ExceptionRule
from churnmodel.success.clustered_share import clustered_share, share_among

EARNED, UNSHOWN, AGAINST, FEW, NEVER = "earns its place", "not shown", "speaks against it", "too few", "never met"
FEWEST = 10
"""Under so many accounts lowered nothing is said of a rule."""
ANY = "any rule"
COLUMNS = {
    "rule": "str", "never_better_than": "str", "from_band": "str", "rows": "int64", "accounts": "int64",
    "per_look": "float64", "left": "int64", "share": "float64", "low": "float64", "high": "float64",
    "said": "float64", "band_share": "float64", "band_rows": "int64", "to_share": "float64",
    "difference": "float64", "difference_low": "float64", "difference_high": "float64", "verdict": "str",
}  # fmt: skip


def judged_rules(
    rows: pd.DataFrame, band: np.ndarray, rules: Sequence[ExceptionRule], hits: Sequence[np.ndarray]
) -> pd.DataFrame:
    """Every rule, and all together, by the band the accounts were in.

    Parameters
    ----------
    rows
        `churnmodel.success.health_observed.replayed_rows`.
    band
        (n,) By the scale, before any rule.
    rules, hits
        Each rule, and (n,) where it was met at the time.

    Returns
    -------
    DataFrame
        Long, one row per rule and band it can lower from; `ANY` last, where there are several rules. rows and
        accounts it would have lowered, per_look (accounts a look at the book), left, share with low and high, said
        (the mean risk the model had given them), band_share (of the others of that band that no rule lowered) of
        band_rows, to_share (of the band it lowers to), difference with its interval, verdict.
    """
    degree = pd.Series(band, dtype=object).map(DEGREES).to_numpy(dtype=np.float64)
    wanted = [DEGREES[rule.never_better_than] for rule in rules]
    lowers = [hit & (degree < to) for hit, to in zip(hits, wanted, strict=True)]
    by_any = np.logical_or.reduce(lowers) if lowers else np.zeros(len(rows), dtype=bool)
    table = [
        _line(rows, degree, by_any, lower, rule.name, rule.never_better_than, come_from)
        for rule, lower, to in zip(rules, lowers, wanted, strict=True)
        for come_from in (GREEN, ORANGE)
        if DEGREES[come_from] < to
    ]
    if len(rules) > 1:
        table += [
            _line(rows, degree, by_any, by_any, ANY, "", come_from)
            for come_from in (GREEN, ORANGE)
            if any(DEGREES[come_from] < to for to in wanted)
        ]
    return pd.DataFrame(table, columns=list(COLUMNS)).astype(COLUMNS)


def band_by_rules(band: np.ndarray, rules: Sequence[ExceptionRule], hits: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) The band of every row with the rules applied.

    >>> rules = [ExceptionRule(name="late", when="overdue_count > 0", never_better_than="red")]
    >>> band_by_rules(np.array(["green", "orange"], dtype=object), rules, [np.array([True, False])]).tolist()
    ['red', 'orange']
    """
    found = band.copy()
    for rule, hit in zip(rules, hits, strict=True):
        worse = pd.Series(found, dtype=object).map(DEGREES).to_numpy() < DEGREES[rule.never_better_than]
        found[hit & worse] = rule.never_better_than
    return found


def _line(
    rows: pd.DataFrame,
    degree: np.ndarray,
    by_any: np.ndarray,
    lowers: np.ndarray,
    name: str,
    to: str,
    come_from: str,
) -> dict[str, object]:
    there = degree == DEGREES[come_from]
    mine, rest = lowers & there, there & ~by_any
    lands = degree == DEGREES[to] if to else np.zeros(len(rows), dtype=bool)
    churned, account = rows["churned"].to_numpy(dtype=np.float64), rows["account_id"].to_numpy(dtype=object)
    own, others = (clustered_share(churned[among], account[among]) for among in (mine, rest))
    difference, low, high = own.value - others.value, float("nan"), float("nan")
    if own.accounts >= FEWEST and others.accounts >= FEWEST:
        codes, accounts = pd.factorize(account)
        figures = [share_among(churned, among, codes.astype(np.int64), len(accounts)) for among in (mine, rest)]
        low, high = figures[0].minus(figures[1]).interval()
    looks = max(rows["as_of"].nunique(), 1)
    return {
        "rule": name,
        "never_better_than": to,
        "from_band": come_from,
        "rows": own.rows,
        "accounts": own.accounts,
        "per_look": own.rows / looks,
        "left": own.left,
        "share": own.value,
        "low": own.low,
        "high": own.high,
        "said": float(rows["risk"].to_numpy()[mine].mean()) if mine.any() else float("nan"),
        "band_share": others.value,
        "band_rows": others.rows,
        "to_share": float(churned[lands].mean()) if lands.any() else float("nan"),
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "verdict": _verdict(own.rows, low, high),
    }


def _verdict(rows: int, low: float, high: float) -> str:
    if not rows:
        return NEVER
    if np.isnan(low):
        return FEW
    return EARNED if low > 0 else AGAINST if high < 0 else UNSHOWN
