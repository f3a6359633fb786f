"""Can the figures of a flat table be believed? (columns that know the outcome, and what nobody can prove)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.evaluation.checks import Finding, check_stable
from churnmodel.evaluation.flat_folds import goes_forward
from churnmodel.evaluation.leaks_columns import Probe
from churnmodel.evaluation.leaks_power import EVER, FEWEST, TOO_GOOD, Outcomes, Power, powers, with_interval
from churnmodel.features.feature import Feature
from churnmodel.sources.flat import FlatTable

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

CAVEAT = "time order could not be proven"


def time_order(table: FlatTable) -> str:
    """What the figures show and what they cannot, in one sentence; to be said wherever one is printed."""
    if goes_forward(table):
        judged = "judged on later days than it learned from"
        if table.outcome.horizon_days == 0:
            judged += " (how long after a day its outcome was known is not stated)"
        unknown = "the table does not say when each cell became known"
    else:
        judged = "judged on accounts it had not learned from, of the same time"
        unknown = "no row says when it was known" if not table.is_dated else "there are too few days to go forward"
    return f"{CAVEAT}: a model is {judged}, but {unknown}, so a column may have been filled after customers left"


def check_time_order(table: FlatTable) -> Finding:
    """CHN001 for a flat table: nothing can be built again as it was, so the check does not apply, and says why."""
    said = time_order(table)
    return Finding.of("CHN001", "not applicable", f"{said[:1].upper()}{said[1:]}.")


def check_over_days(table: FlatTable, backtest: Backtest, model: str) -> Finding:
    """CHN005 for a flat table: as of any backtest where folds go forward, else not applicable."""
    if goes_forward(table):
        return check_stable(backtest, model)
    why = "the parts of this table are of the same time, so nothing can rise or fall from one to the next"
    return Finding.of("CHN005", "not applicable", f"{model} could not be followed over time: {why}.")


def check_columns(
    table: FlatTable, X: pd.DataFrame, features: Sequence[Feature], trusted: Sequence[str] = (), *, seed: int = 0
) -> Finding:
    """CHN002: does one column alone tell who left better than anything honest can?

    A column fires where its AUROC, learned from one half of the accounts and told to the other, lies above 0.85
    beyond its interval, or where nearly all accounts with one of its values left (the rules of
    `churnmodel.evaluation.leaks_power`). Columns named in `trusted` are told and do not fire.
    """
    known = table.churned.notna().to_numpy()
    left = (table.churned == 1.0).to_numpy()
    index = X.index
    assert isinstance(index, pd.MultiIndex)
    accounts, names = pd.factorize(index.get_level_values("account_id"), sort=True)
    n_left = len(set(accounts[left]))
    if n_left < FEWEST:
        return Finding.of("CHN002", "not applicable", f"Only {n_left} accounts left: no column can be judged.")
    halves = (np.random.default_rng(seed).permutation(len(names)) % 2 == 1)[accounts]
    asked = Outcomes(EVER, known, left, n_left)
    suspects: list[tuple[str, Power]] = []
    best: tuple[float, str] = (0.0, "")
    for feature in features:
        probe = Probe(feature.name, "feature", (feature.concept,), X[feature.name], feature.concept)
        for power in powers(probe, [asked], index, halves):
            best = max(best, (power.auroc, feature.concept))
            if power.auroc > TOO_GOOD[EVER]:
                power = with_interval(power, asked, index, halves, seed)
            if power.is_too_good or power.is_too_certain:
                suspects.append((_said(power), power))
    fired = [(said, power) for said, power in suspects if power.probe.concept not in trusted]
    detail = {"columns": [power.to_json() for _, power in suspects], "trusted": list(trusted)}
    if fired:
        message = (
            f"{'; '.join(said for said, _ in fired)}. Was it known before the customer left? If not, leave it out "
            "([flat] leave_out); if you know that it was, say so ([flat] trusted)."
        )
        return Finding.of("CHN002", "fired", message, detail)
    believed = f" Trusted by the settings: {'; '.join(said for said, _ in suspects)}." if suspects else ""
    message = f"No column alone tells too much; the most telling is '{best[1]}', AUROC {best[0]:.3f}.{believed}"
    return Finding.of("CHN002", "silent", message, detail)


def _said(power: Power) -> str:
    column = power.probe.concept
    if power.is_too_good:
        return (
            f"'{column}' alone tells who left with an AUROC of {power.auroc:.3f} "
            f"({power.low:.3f}-{power.high:.3f}), which no honest column does"
        )
    return f"'{column}' is {power.group} for {power.group_accounts:,} accounts, and {power.share:.0%} of them left"
