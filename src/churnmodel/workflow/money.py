"""What is a training worth in money? (profit, capture and lead time of every model, kept beside the record)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import Backtest
from churnmodel.evaluation.capture import capture_area, capture_curve, precision_by_week
from churnmodel.evaluation.expected_profit import EXTRA, ExpectedProfit, expected_maximum_profit, has_empulse
from churnmodel.evaluation.intervals import draw_accounts
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.lead_time import lead_time_curve
from churnmodel.evaluation.profit import BY_MRR, by_expected_loss, compare_profit, profit_curve, valued
from churnmodel.evaluation.shared import SharedRows, shared_rows
from churnmodel.settings import Settings
from churnmodel.settings.money import SaveRate

FLAGGED_BY = {"judged": "risk", "renewal": "risk_renewal"}
LARGEST = 1 - 1e-6
"""The save rate that stands for all."""


@dataclass(frozen=True)
class Money:
    """What a training is worth, as frames; `model` is the ranking that was looked at closely.

    Parameters
    ----------
    profit
        Of every model's ranking by risk and by risk x MRR (`churnmodel.evaluation.profit.compare_profit`), with
        expected_profit and expected_share (EMPB at the likely save rate; missing without the extra ``profit``),
        expected_at_worst and expected_at_best (at the low and the high one), and expected_reason.
    profit_curve
        Of `model` by risk, and by risk x MRR: ranking, and the columns `churnmodel.evaluation.profit` gives.
    capture_curve, capture_area
        Of every model by risk (`churnmodel.evaluation.capture`).
    precision_by_week
        Of `model` by risk.
    lead_time
        Of `model`, flagged by risk within the judged horizon and by the headline: flagged_by (``"judged"``,
        ``"renewal"``), and the columns of `churnmodel.evaluation.lead_time.lead_time_curve`.
    """

    model: str
    profit: pd.DataFrame
    profit_curve: pd.DataFrame
    capture_curve: pd.DataFrame
    capture_area: pd.DataFrame
    precision_by_week: pd.DataFrame
    lead_time: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every frame by name, its index as columns."""
        indexed = ("profit", "capture_area")
        return {k: v.reset_index() if k in indexed else v for k, v in self.__dict__.items() if k != "model"}


def money_of(backtest: Backtest, settings: Settings, model: str) -> Money:
    """What the models of a backtest are worth at the project's own costs.

    Parameters
    ----------
    model
        The champion, or whichever is to be looked at closely; profits are compared with its ranking by risk.

    Raises
    ------
    ModelError
        The model has no predictions.
    """
    training, terms = settings.training, settings.money
    rows = shared_rows(backtest)
    accounts = draw_accounts(rows.account_ids, training.draws, training.seed)
    by_risk = _close_first(rows, model)
    by_loss = {BY_MRR.format(name): by_expected_loss(r) for name, r in by_risk.items()}
    rankings = by_risk | by_loss
    closely = (model, BY_MRR.format(model))
    return Money(
        model=model,
        profit=_with_expected(compare_profit(rankings, terms, accounts, reference=model), rankings, settings),
        profit_curve=pd.concat(
            [profit_curve(rankings[name], terms, accounts).assign(ranking=name) for name in closely],
            ignore_index=True,
        ),
        capture_curve=capture_curve(by_risk, accounts),
        capture_area=capture_area(by_risk, accounts),
        precision_by_week=precision_by_week(
            rankings[model], accounts, weeks=4 if settings.snapshots.every == "month" else 1
        ),
        lead_time=pd.concat(
            [
                lead_time_curve(backtest, model, risk=column, draws=training.draws, seed=training.seed).assign(
                    flagged_by=by
                )
                for by, column in FLAGGED_BY.items()
                if column in backtest.predictions
            ],
            ignore_index=True,
        ),
    )


def keep_money(backtest: Backtest, settings: Settings, model: str, folder: Path) -> None:
    """Keep the frames of `money_of` as ``money_<name>.parquet`` in `folder`; none where models share no row."""
    if shared_rows(backtest).facts.empty:
        return
    for name, table in money_of(backtest, settings, model).tables().items():
        table.to_parquet(folder / f"money_{name}.parquet", index=False)


def read_money(folder: Path) -> dict[str, pd.DataFrame]:
    """The frames `keep_money` kept there, by name; none where a training is older than they are."""
    kept = sorted(folder.glob("money_*.parquet"))
    return {path.stem.removeprefix("money_"): pd.read_parquet(path) for path in kept}


def _close_first(rows: SharedRows, model: str) -> dict[str, Judged]:
    """Every model's ranking by risk; the one looked at closely first, where charts show the interval."""
    names = [model, *(name for name in rows.risks if name != model)]
    return {name: valued(rows, name) for name in names}


def _with_expected(profit: pd.DataFrame, rankings: Mapping[str, Judged], settings: Settings) -> pd.DataFrame:
    figures = ("expected_profit", "expected_share", "expected_at_worst", "expected_at_best")
    if not has_empulse():
        return profit.assign(**dict.fromkeys(figures, np.nan), expected_reason=EXTRA)
    rate = settings.money.save_rate
    likely, worst, best = (_expected(rankings, settings, value) for value in (rate.likely, rate.low, rate.high))
    return profit.assign(
        expected_profit=pd.Series({name: e.per_account for name, e in likely.items()}),
        expected_share=pd.Series({name: e.share for name, e in likely.items()}),
        expected_at_worst=pd.Series({name: e.per_account for name, e in worst.items()}),
        expected_at_best=pd.Series({name: e.per_account for name, e in best.items()}),
        expected_reason=pd.Series({name: e.reason for name, e in likely.items()}, dtype=object),
    )


def _expected(rankings: Mapping[str, Judged], settings: Settings, rate: float) -> dict[str, ExpectedProfit]:
    """EMPB of every ranking, were that the save rate. Nobody is saved at none, so nothing is worth working."""
    if rate == 0:
        return {name: ExpectedProfit(0.0, 0.0) for name in rankings}
    known = min(rate, LARGEST)  # a sure success is no Beta
    terms = settings.money.model_copy(update={"save_rate": SaveRate(low=known, likely=known, high=known)})
    return {name: expected_maximum_profit(rows, terms) for name, rows in rankings.items()}
