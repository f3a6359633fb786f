from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from churnmodel.scoring.champion import champion_folder
from churnmodel.scoring.score_table import read_latest
from churnmodel.scoring.scorer import Scorer
from churnmodel.web.api import build_app
from scoring.small_company import ONE_OUTCOME, project_home


@pytest.fixture(scope="session", params=["blend", "logistic", ONE_OUTCOME])
def home(request, tmp_path_factory):
    return project_home(tmp_path_factory.mktemp("home"), request.param)


@pytest.fixture(scope="session")
def scorer(home):
    return Scorer.load(champion_folder(home))


@pytest.fixture(scope="session")
def table(home):
    return read_latest(home / "scores")


@pytest.fixture(scope="session")
def app(scorer, table):
    return build_app(scorer, table)


@pytest.fixture(scope="session")
def client(app):
    return TestClient(app, "http://127.0.0.1", raise_server_exceptions=False, client=("127.0.0.1", 50000))
