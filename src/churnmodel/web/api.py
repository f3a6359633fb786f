"""What does the service answer over HTTP?

``POST /v1/predict``, ``GET /v1/model``, and whether it lives and is ready. The app stands alone (any ASGI
server runs it) and knows nothing of BentoML, which mounts it.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from churnmodel.errors import RequestError
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from churnmodel.web.contract import read_request
from churnmodel.web.gate import SAID, WHERE, Gate
from churnmodel.web.predict import predict
from churnmodel.web.problems import Problem, problem_of
from churnmodel.web.served import Served

PREDICT = "/v1/predict"
logger = logging.getLogger(__name__)


def build_app(scorer: Scorer, table: ScoreTable) -> ASGIApp:
    """The ASGI app over one model and its latest score table.

    Raises
    ------
    FeatureError
        Where the table's features are not those the model reads.
    """
    return Gate(routes_of(Served(scorer, table)), bodies={})


def routes_of(served: Served) -> Starlette:
    """The routes over what is served, without the gate: for whoever mounts them behind a gate of its own."""

    async def answer_predict(request: Request) -> Response:
        body = await request.body()
        answer = await run_in_threadpool(lambda: predict(served, read_request(body)))
        return json_response(answer)

    async def answer_model(request: Request) -> Response:
        return json_response(model_card(served))

    async def answer_live(request: Request) -> Response:
        return json_response({"status": "alive"})

    async def answer_ready(request: Request) -> Response:
        if await run_in_threadpool(served.scorer.answers_as_trained):
            return json_response({"status": "ready", "version": served.scorer.version})
        return Problem(503, "the model no longer gives the scores it gave at training.", "model").response()

    app = Starlette(
        routes=[
            Route(PREDICT, answer_predict, methods=["POST"]),
            Route("/v1/model", answer_model, methods=["GET"]),
            Route("/livez", answer_live, methods=["GET"]),
            Route("/readyz", answer_ready, methods=["GET"]),
        ],
        exception_handlers={RequestError: _refused, HTTPException: _http_error, Exception: _failed},
    )
    app.router.redirect_slashes = False
    return app


def json_response(value: BaseModel | dict[str, Any]) -> Response:
    """`value` as JSON. A NaN, which JSON does not have, would be an error here and never go out."""
    content = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return Response(json.dumps(content, allow_nan=False), media_type="application/json")


def model_card(served: Served) -> dict[str, Any]:
    """Which model answers, what it reads, and how good it was: what a client needs to send features."""
    manifest = served.scorer.bundle.manifest
    return {
        "name": manifest.model.name,
        "title": manifest.model.title,
        "version": served.scorer.version,
        "horizons": list(served.scorer.edges),
        "trained_until": manifest.training.trained_until,
        "as_of": served.table.as_of.isoformat(),
        "currency": manifest.currency,
        "bands": {"orange_from": manifest.bands.orange_from, "red_from": manifest.bands.red_from},
        "metrics": manifest.metrics,
        "caveat": manifest.caveat or None,
        "features": [
            {
                "name": feature.name,
                "type": "text" if feature.is_category else "number",
                "unit": feature.unit,
                "required": feature.name in served.inputs,
                "meaning": feature.meaning,
            }
            for feature in served.scorer.features
        ],
    }


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return problem_of(error).response()


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = SAID.get(error.status_code, error.detail)
    return Problem(
        error.status_code, said, WHERE.get(error.status_code, "request"), error.headers or {}
    ).response()


async def _failed(request: Request, error: Exception) -> Response:
    logger.exception("request failed", exc_info=error)
    return Problem(500, SAID[500], "request").response()
