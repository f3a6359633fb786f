"""What is the answer to one predict request?

The ASGI route and BentoML's native endpoint both call `predict`, and nothing else computes an answer.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from churnmodel.errors import RequestError
from churnmodel.scoring.scorer import LEAVING
from churnmodel.web.contract import AccountAnswer, Driver, ModelName, PredictAnswer, PredictRequest
from churnmodel.web.rows import matrix, places
from churnmodel.web.served import Served


def predict(served: Served, request: PredictRequest) -> PredictAnswer:
    """Risk, band, health and reasons for each account of `request`, in its order.

    By id, features come from the published table and go through the same `Scorer` as the table did: the same
    model gives the same bits.

    Raises
    ------
    RequestError
        Naming the field that cannot be answered.
    """
    table_day = served.table.as_of.isoformat()
    if request.account_ids is not None:
        if request.as_of not in (None, table_day):
            raise RequestError(f"the score table here is of {table_day}. Leave as_of out, or ask for it.", "as_of")
        where = places(served, request.account_ids)
        known = served.table.scores.iloc[where]
        X, as_of = served.table.X.iloc[where], table_day
        X = X[(known["status"] != LEAVING).to_numpy()]
    else:
        as_of = request.as_of or table_day
        X = matrix(served, request.accounts or [], pd.Timestamp(as_of))
        known = pd.DataFrame(index=X.index)
    return PredictAnswer(
        model=ModelName(
            name=served.scorer.bundle.manifest.model.name,
            version=served.scorer.version,
            horizons=list(served.scorer.edges),
        ),
        as_of=as_of,
        accounts=_answers(served, known, X),
    )


def _answers(served: Served, known: pd.DataFrame, X: pd.DataFrame) -> list[AccountAnswer]:
    if len(X):
        scores, drivers = served.scorer.score_and_explain(X)
        scored = dict(zip(_ids(scores), _records(scores), strict=True))
    else:
        scored, drivers = {}, pd.DataFrame(index=X.index)
    reasons: dict[str, list[Driver]] = {}
    for account, row in zip(_ids(drivers), _records(drivers), strict=True):
        reasons.setdefault(account, []).append(_driver(row))
    return [
        _answer(account, row, scored.get(account, {}), reasons.get(account, []), served.scorer.edges)
        for account, row in zip(_ids(known), _records(known), strict=True)
    ]


def _answer(
    account: str,
    known: dict[Any, Any],
    score: dict[Any, Any],
    drivers: list[Driver],
    edges: tuple[int, ...],
) -> AccountAnswer:
    return AccountAnswer(
        account_id=account,
        status=_plain(known.get("status")),
        leaving_on=_day(known.get("leaving_on")),
        risk=_plain(score.get("risk")),
        risk_days=_plain(score.get("risk_days")),
        risks={str(edge): score[f"risk_{edge}"] for edge in edges if f"risk_{edge}" in score},
        base_risk=_plain(score.get("base_risk")),
        band=_plain(score.get("band")),
        health=_plain(score.get("health")),
        renews_at=_day(known.get("renews_at")),
        mrr=_plain(known.get("mrr")),
        drivers=drivers,
    )


def _driver(row: dict[Any, Any]) -> Driver:
    value = row["value_text"] if _plain(row["value_text"]) is not None else row["value"]
    return Driver(
        **{name: _plain(row[name]) for name in Driver.model_fields if name != "value"}, value=_plain(value)
    )


def _ids(frame: pd.DataFrame) -> list[str]:
    return [str(account) for account in frame.index.get_level_values("account_id")]


def _records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    if not len(frame.columns):  # pandas forgets rows that have no column
        return [{} for _ in range(len(frame))]
    return frame.to_dict("records")


def _day(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date().isoformat()


def _plain(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value
