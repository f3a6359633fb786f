"""On which rows can models be compared?

Only on snapshots that every model predicted: a model that was refused in the hardest fold must not look the
better for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import ModelError
from churnmodel.evaluation.judged import Floats, Judged

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

JUDGED = "judged"
"""The question models are compared by: churn within the window's horizon."""
RENEWAL = "renewal"
"""The question the headline risk answers: churn by the account's next renewal."""


@dataclass(frozen=True, eq=False)
class SharedRows:
    """The judged snapshots that all models predicted.

    Parameters
    ----------
    facts
        (n rows) account_id, as_of, fold, churned (by the question asked), mrr, mrr_lost, renewable, segment,
        headline_days, new_account, arm; sorted by (as_of, account_id).
    risks
        Model -> (n,) calibrated risks of that question in the same order.
    capacity
        As in the backtest.
    """

    facts: pd.DataFrame
    risks: Mapping[str, Floats]
    capacity: float

    def judged(self, model: str) -> Judged:
        """The rows as metrics want them.

        Raises
        ------
        ModelError
            The model has no predictions here; names those that have.
        """
        if model not in self.risks:
            raise ModelError(f"no predictions of model {model!r} to compare (has: {', '.join(self.risks)})")
        return Judged.of(
            self.facts["churned"].to_numpy(),
            self.risks[model],
            as_of=self.facts["as_of"].to_numpy(),
            mrr=self.facts["mrr_lost"].to_numpy(),
            capacity=self.capacity,
        )

    @property
    def account_ids(self) -> NDArray[Any]:
        """(n,) the account of each row."""
        return self.facts["account_id"].to_numpy(dtype=object)

    @cached_property
    def accounts(self) -> tuple[NDArray[np.int64], int]:
        """(n,) the account of each row as a code from 0, in the order of their names; and how many there are."""
        code, names = pd.factorize(self.account_ids, sort=True)
        return code.astype(np.int64), len(names)

    @property
    def churned_accounts(self) -> int:
        """Distinct accounts that churned: an account's many snapshots are one event."""
        return int(self.facts.loc[self.facts["churned"], "account_id"].nunique())


def shared_rows(backtest: Backtest, question: str = JUDGED) -> SharedRows:
    """The rows that all models with any prediction share (a model refused everywhere does not count).

    Parameters
    ----------
    question
        ``"judged"``: churn within the window's horizon. ``"renewal"``: by the account's next renewal, the
        headline. ``"30"``, ``"90"``, ...: within so many days. Rows without an answer yet are left out.

    Raises
    ------
    ModelError
        Nobody was asked that, or nothing of it is known yet.
    """
    return shared_among(backtest.predictions, backtest.models, backtest.capacity, question)


def shared_among(
    predictions: pd.DataFrame, models: Sequence[str], capacity: float, question: str = JUDGED
) -> SharedRows:
    """`shared_rows` of the `predictions` of a backtest, where only they were kept."""
    said = predictions.sort_values(["model", "as_of", "account_id"])
    risk, churned = ("risk", "churned") if question == JUDGED else (f"risk_{question}", f"churned_{question}")
    if risk not in said or churned not in said:
        raise ModelError(f"no predictions for {question!r} (asked of: {', '.join(asked_of(predictions))})")
    said = said[said[risk].notna() & said[churned].notna()]
    models = [m for m in models if (said["model"] == m).any()]
    if not models:
        raise ModelError(f"nothing was judged for {question!r}: no outcome of it is known yet")
    seen_by = said.groupby(["account_id", "as_of"])["model"].transform("nunique")
    said = said[seen_by == len(models)]
    facts = said[said["model"] == models[0]].reset_index(drop=True)
    told = facts[churned].astype(bool)
    lost = facts["mrr_lost"] if question == JUDGED else facts["mrr"].where(told, 0.0)
    of_row = ("account_id", "as_of", "fold", "mrr", "renewable", "segment", "headline_days", "new_account", "arm")
    return SharedRows(
        facts=facts[[name for name in of_row if name in facts]].assign(churned=told, mrr_lost=lost),
        risks={m: said.loc[said["model"] == m, risk].to_numpy(dtype=np.float64) for m in models},
        capacity=capacity,
    )


def questions(backtest: Backtest) -> list[str]:
    """What can be asked of a backtest: the judged horizon, the renewal, and every edge that was predicted."""
    return asked_of(backtest.predictions)


def judged_words(horizon_days: int) -> str:
    """By when the judged churn is; 0 days are those of a flat table that does not say.

    >>> judged_words(180), judged_words(0)
    ('within 180 days', 'as the table has it')
    """
    return f"within {horizon_days} days" if horizon_days else "as the table has it"


def judged_how(caveat: str) -> str:
    """On what the figures rest: `caveat` is empty unless they are of a flat table.

    >>> judged_how("")
    'out of time'
    """
    return "on rows the models had not learned from" if caveat else "out of time"


def asked_of(predictions: pd.DataFrame) -> list[str]:
    """`questions` of the predictions of a backtest.

    >>> asked_of(pd.DataFrame(columns=["risk", "risk_90", "risk_30", "risk_renewal", "churned_30"]))
    ['judged', 'renewal', '30', '90']
    """
    edges = sorted(int(name[5:]) for name in map(str, predictions) if re.fullmatch("risk_[0-9]+", name))
    return [JUDGED, *([RENEWAL] if f"risk_{RENEWAL}" in predictions else []), *map(str, edges)]
