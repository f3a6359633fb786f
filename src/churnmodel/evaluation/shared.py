"""On which rows can models be compared?

Only on snapshots that every model predicted: a model that was refused in the hardest fold must not look the
better for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """
    said = backtest.predictions.sort_values(["model", "as_of", "account_id"])
    risk, churned = ("risk", "churned") if question == JUDGED else (f"risk_{question}", f"churned_{question}")
    if risk not in said:
        raise ModelError(f"no predictions for {question!r} (asked of: {', '.join(questions(backtest))})")
    said = said[said[risk].notna() & said[churned].notna()]
    models = [m for m in backtest.models if (said["model"] == m).any()]
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
        capacity=backtest.capacity,
    )


def questions(backtest: Backtest) -> list[str]:
    """What can be asked of a backtest: the judged horizon, the renewal, and every edge that was predicted."""
    told = [str(e) for e in backtest.edges if f"risk_{e}" in backtest.predictions]
    return [JUDGED, *(["renewal"] if "risk_renewal" in backtest.predictions else []), *told]
