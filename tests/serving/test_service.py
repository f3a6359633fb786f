from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pytest
from running_service import ROOT, Service, command, environment, free_port, is_ready

from churnmodel.scoring.champion import champion_folder
from churnmodel.scoring.score_table import publish, read_latest
from churnmodel.scoring.scorer import Scorer
from churnmodel.web.problems import PROBLEM_TYPE
from scoring.small_company import AS_OF, book, feature_rows, project_home
from web.malformed import BODIES, HEADERS, JSON, by_features, text

ROUTES = ["/v1/predict", "/predict"]


def bits(values) -> bytes:
    return np.array(values, dtype=np.float64).tobytes()


def refused(answer: httpx.Response, status: int, field: str) -> None:
    assert answer.headers["content-type"] == PROBLEM_TYPE, answer.text
    found = answer.json()
    assert (answer.status_code, found["status"], found["field"]) == (status, status, field), answer.text


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    home = project_home(tmp_path_factory.mktemp("served"), "blend")
    port, log = free_port(), tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command(port), cwd=ROOT, env=environment(home, log.parent), stdout=out, stderr=subprocess.STDOUT
        )
    running = Service(process, f"http://127.0.0.1:{port}", port, home)
    try:
        deadline = time.monotonic() + 120
        while not is_ready(running.url):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="module")
def http(service):
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def scorer(service):
    return Scorer.load(champion_folder(service.home))


@pytest.mark.parametrize("route", ROUTES)
def test_by_id_the_service_has_the_bits_of_the_published_table(http, service, route):
    table = read_latest(service.home / "scores").scores
    answer = http.post(route, json={"account_ids": list(table.index.get_level_values("account_id"))})
    assert answer.status_code == 200, answer.text
    risks = [np.nan if a["risk"] is None else a["risk"] for a in answer.json()["accounts"]]
    assert bits(risks) == bits(table["risk"])
    assert answer.json()["accounts"][-1]["leaving_on"] == "2026-05-31"


@pytest.mark.parametrize("route", ROUTES)
def test_by_features_the_service_has_the_bits_of_the_scorer(http, scorer, route):
    X = feature_rows(200, seed=41)
    accounts = [
        {"account_id": account, "features": {k: None if pd.isna(v) else v for k, v in row.items()}}
        for (account, _), row in X.iterrows()
    ]
    answer = http.post(route, json={"accounts": accounts})
    assert answer.status_code == 200, answer.text
    scores, drivers = scorer.score_and_explain(X)
    found = answer.json()["accounts"]
    assert bits([account["risk"] for account in found]) == bits(scores["risk"])
    assert bits([account["health"] for account in found]) == bits(scores["health"])
    assert bits([d["points"] for a in found for d in a["drivers"]]) == bits(drivers["points"])
    assert bits([list(a["risks"].values()) for a in found]) == bits(scores[[f"risk_{e}" for e in scorer.edges]])
    assert bits([a["risk_days"] for a in found]) == bits(scores["risk_days"])
    alone = http.post(route, json={"accounts": accounts[7:8]}).json()["accounts"]
    assert alone == found[7:8]


def test_both_routes_answer_alike(http):
    for request in (
        {"account_ids": ["acc-00003", "acc-00001", "acc-00119"]},
        {"account_ids": ["acc-00003"], "as_of": "2026-03-01"},
        by_features(),
        by_features(active_users_previous_28d=..., plan=None),
    ):
        one, two = (http.post(route, json=request) for route in ROUTES)
        assert one.status_code == two.status_code == 200
        assert one.json() == two.json()


def test_everything_malformed_is_refused_alike_on_both_routes_and_the_process_lives(http, service):
    good = [http.post(route, json=by_features()).json() for route in ROUTES]
    workers = service.workers()
    for name, (body, status, field) in BODIES.items():
        answers = [http.post(route, content=body, headers={"content-type": JSON}) for route in ROUTES]
        for answer in answers:
            refused(answer, status, field)
        assert answers[0].content == answers[1].content, name
    for headers, body, status, field in HEADERS.values():
        for route in ROUTES:
            refused(http.post(route, content=body, headers=headers), status, field)
    assert len(BODIES) + len(HEADERS) >= 60
    assert service.process.poll() is None and service.workers() == workers
    assert [http.post(route, json=by_features()).json() for route in ROUTES] == good


@pytest.mark.parametrize(
    ("method", "path", "status", "field"),
    [
        ("GET", "/v1/predict", 405, "method"), ("GET", "/predict", 405, "method"),
        ("PUT", "/predict", 415, "content-type"), ("POST", "/livez", 415, "content-type"),
        ("GET", "/nothing", 404, "path"), ("GET", "/", 404, "path"), ("GET", "/docs.json", 404, "path"),
    ],
)  # fmt: skip
def test_other_paths_and_methods_are_refused_in_the_same_shape(http, method, path, status, field):
    refused(http.request(method, path), status, field)


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_of_four_megabytes_is_read_and_one_byte_more_is_not(http, route):
    most, request, headers = 4 * 1024**2, text(by_features()), {"content-type": JSON}
    assert http.post(route, content=request.ljust(most), headers=headers).status_code == 200
    refused(http.post(route, content=request.ljust(most + 1), headers=headers), 413, "body")
    chunks = (request.ljust(most) if number == 0 else b" " for number in range(2))
    refused(http.post(route, content=chunks, headers=headers), 413, "body")


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_that_never_ends_is_not_read_to_its_end(service, route):
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as wire:
        wire.sendall(
            f"POST {route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        sent = 0
        try:
            while sent < 10_000:
                wire.sendall(chunk)
                sent += 1
        except OSError:
            pass
        assert sent * 65536 < 64 * 1024**2
    assert httpx.get(f"{service.url}/livez").status_code == 200


def test_it_lives_and_is_ready(http):
    assert http.get("/livez").status_code == http.get("/readyz").status_code == 200
    assert http.get("/v1/model").json()["horizons"] == [30, 60, 90, 180, 365]


def test_it_listens_on_loopback_only(service):
    listening = "0A"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {
        row[1].split(":")[0]
        for row in rows
        if row[3] == listening and int(row[1].split(":")[1], 16) == service.port
    }
    assert addresses == {"0100007F"}


def test_sixteen_clients_at_once_all_get_the_same_answer(http):
    def ask(number: int) -> tuple[int, bytes]:
        answer = http.post(ROUTES[number % 2], json={"account_ids": ["acc-00005"]})
        return answer.status_code, json.dumps(answer.json(), sort_keys=True).encode()

    with ThreadPoolExecutor(16) as clients:
        assert len(set(clients.map(ask, range(200)))) == 1


def test_bentoml_s_own_client_gets_the_same_answer(service, http):
    request = {"account_ids": ["acc-00002"]}
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, service.url, json.dumps(request)],
        env=os.environ | {"BENTOML_DO_NOT_TRACK": "True"}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == http.post(ROUTES[0], json=request).json()


CLIENT = """
import json, sys
import bentoml
with bentoml.SyncHTTPClient(sys.argv[1]) as client:
    print(json.dumps(client.predict(json.loads(sys.argv[2]))))
"""


@pytest.mark.parametrize(
    "damage", ["nothing there", "no champion", "a changed byte", "no scores", "other features"]
)
def test_it_refuses_to_start_without_a_sound_model_and_table(service, tmp_path, damage):
    home = tmp_path / "home"
    if damage != "nothing there":
        shutil.copytree(service.home, home)
    if damage == "no champion":
        (home / "models" / "champion.json").unlink()
    if damage == "a changed byte":
        path = champion_folder(home) / "lightgbm.txt"
        path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    if damage == "no scores":
        shutil.rmtree(home / "scores")
    if damage == "other features":
        X = feature_rows(9).drop(columns="nps_latest")
        publish(home / "scores", book(X), X[[]], X, AS_OF.date(), "f" * 12)
    done = subprocess.run(
        command(free_port()), cwd=ROOT, env=environment(home, tmp_path), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("churnmodel: ")]
    assert len(said) == 1 and "Traceback" not in done.stderr


def test_nothing_phones_home(service, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", UNTRACKED], cwd=ROOT, env=environment(service.home, tmp_path),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "True", done.stderr


UNTRACKED = """
import serving.service
from bentoml._internal.utils.analytics.usage_stats import do_not_track
print(do_not_track())
"""
