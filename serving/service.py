"""How does BentoML serve churnmodel?

A thin shell: it reads the environment, loads the champion and the latest score table, and mounts
`churnmodel.web`. ``POST /v1/predict`` (the app's) and ``POST /predict`` (BentoML's own, for its clients) call the
same function behind the same gate and answer alike.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

os.environ["BENTOML_DO_NOT_TRACK"] = "True"  # read when bentoml is imported

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

from churnmodel.errors import ChurnmodelError, RequestError
from churnmodel.scoring.champion import champion_folder
from churnmodel.scoring.score_table import read_latest
from churnmodel.scoring.scorer import Scorer
from churnmodel.web.api import routes_of
from churnmodel.web.contract import PredictAnswer, PredictRequest, read_request
from churnmodel.web.gate import SAID, Gate
from churnmodel.web.predict import predict
from churnmodel.web.problems import Problem, problem_of
from churnmodel.web.served import Served

DEFAULT_HOME = "var/demo"
NATIVE = "/predict"


def load() -> Served:
    """The champion and the latest score table of ``CHURNMODEL_HOME``.

    Raises
    ------
    ChurnmodelError
        Where there is none, it is damaged, or the two do not fit together.
    """
    home = Path(os.environ.get("CHURNMODEL_HOME", DEFAULT_HOME))
    return Served(Scorer.load(champion_folder(home)), read_latest(home / "scores"))


class Mounted:
    """The place of the web app, which is known only once a worker has loaded its model."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say that nothing is loaded yet."""
        if self.app is None:
            await Problem(503, "no model is loaded yet. Ask /readyz.", "model").response()(scope, receive, send)
        elif scope.get("path") == NATIVE:  # BentoML lets other methods than POST fall through to here
            await Problem(405, SAID[405], "method", {"allow": "POST"}).response()(scope, receive, send)
        else:
            await self.app(scope, receive, send)


WEB = Mounted()


@bentoml.asgi_app(WEB, path="/")
@bentoml.service(name="churnmodel", workers=1, http={"host": "127.0.0.1", "port": 3000})
class ChurnmodelService:
    """Risk, band, health and reasons for accounts, by id or by features."""

    def __init__(self) -> None:
        self.served = load()
        WEB.app = routes_of(self.served)
        gc.collect()
        gc.freeze()  # what is loaded stays: the collector need not walk it again, which costs up to 250 ms

    @bentoml.on_deployment  # type: ignore[untyped-decorator]
    @staticmethod
    def check_before_start() -> None:
        """Refuse to start without a sound model: a worker that failed at it would be restarted for ever."""
        try:
            load()
        except ChurnmodelError as error:
            print(f"churnmodel: {error}", file=sys.stderr)
            raise SystemExit(2) from None

    @bentoml.api(route=NATIVE)  # type: ignore[untyped-decorator]
    def predict(self, request: PredictRequest, /) -> PredictAnswer:
        """The answer of ``POST /v1/predict``, for BentoML's own clients."""
        try:
            return predict(self.served, request)
        except RequestError as error:
            return problem_of(error).response()  # type: ignore[return-value]  # BentoML sends it as it is

    def __is_ready__(self) -> bool:
        """Whether the golden rows get the scores they got at training, here and now."""
        return self.served.scorer.answers_as_trained()


ChurnmodelService.add_asgi_middleware(Gate, bodies={NATIVE: read_request})  # type: ignore[attr-defined]
