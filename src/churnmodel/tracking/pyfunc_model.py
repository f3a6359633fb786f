"""What does MLflow load? (this file as code, and a bundle beside it; nothing is unpickled)

``mlflow.pyfunc.load_model("models:/NAME@champion").predict(X)`` gives risk, the days it looks ahead, the risk
within 30, 60, ... days, band, health and drivers (JSON), through the same `Scorer` as the batch table and the
endpoint.
"""

from __future__ import annotations

import json
from typing import Any

import mlflow
import pandas as pd

from churnmodel.scoring.scorer import Scorer


class BundleModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc,unused-ignore]
    """A churnmodel bundle as an MLflow model."""

    def load_context(self, context: Any) -> None:
        """Read and check the bundle."""
        self.scorer = Scorer.load(context.artifacts["bundle"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Risks, band, health and drivers of each row; a missing input is refused by name."""
        X = model_input
        if list(X.index.names) != ["account_id", "as_of"]:
            numbered = [(str(i), pd.Timestamp(0)) for i in range(len(X))]
            X = X.set_axis(pd.MultiIndex.from_tuples(numbered, names=["account_id", "as_of"]))
        scores, drivers = self.scorer.score_and_explain(X)
        said = drivers.reset_index().groupby(["account_id", "as_of"])
        spoken = {
            key: rows[["code", "points", "value"]].astype({"value": "object"}).to_dict("records")
            for key, rows in said
        }
        listed = [json.dumps(spoken.get(key, []), default=str) for key in X.index]
        within = [f"risk_{edge}" for edge in self.scorer.edges]
        answer = scores[["risk", "risk_days", *within, "band", "health"]].assign(drivers=listed)
        return answer.set_axis(model_input.index)


mlflow.models.set_model(BundleModel())
