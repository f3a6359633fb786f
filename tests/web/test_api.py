from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from churnmodel.errors import FeatureError
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.web.api import build_app
from churnmodel.web.problems import PROBLEM_TYPE
from scoring.small_company import AS_OF, feature_rows
from web.malformed import BODIES, GOOD, HEADERS, JSON, by_features, text

PREDICT = "/v1/predict"


def bits(values) -> bytes:
    return np.array(values, dtype=np.float64).tobytes()


def problem(answer, status: int, field: str) -> None:
    assert answer.headers["content-type"] == PROBLEM_TYPE, answer.text
    found = answer.json()
    assert set(found) == {"type", "title", "status", "detail", "field"}
    assert (answer.status_code, found["status"], found["field"]) == (status, status, field)
    assert found["detail"]


def test_by_id_the_answer_has_the_bits_of_the_published_table(client, table):
    scored = table.scores[table.scores["status"] != "leaving"]
    ids = list(scored.index.get_level_values("account_id"))[::-1]
    answer = client.post(PREDICT, json={"account_ids": ids})
    assert answer.status_code == 200
    accounts = answer.json()["accounts"]
    assert [account["account_id"] for account in accounts] == ids
    for column in ("risk", "risk_days", "base_risk", "health", "mrr"):
        assert bits([account[column] for account in accounts]) == bits(scored[column].to_numpy()[::-1])
    for edge, risk in accounts[0]["risks"].items():
        assert risk == scored[f"risk_{edge}"].iloc[-1]
        assert bits([a["risks"][edge] for a in accounts]) == bits(scored[f"risk_{edge}"].to_numpy()[::-1])
    assert [account["band"] for account in accounts] == scored["band"].tolist()[::-1]
    for account in accounts:
        wanted = table.drivers.loc[(account["account_id"], AS_OF)]
        assert [d["code"] for d in account["drivers"]] == wanted["code"].tolist()
        assert bits([d["points"] for d in account["drivers"]]) == bits(wanted["points"])
        assert [d["sentence"] for d in account["drivers"]] == wanted["sentence"].tolist()


def test_by_features_the_answer_has_the_bits_of_the_scorer(client, scorer):
    X = feature_rows(50, seed=33)
    accounts = []
    for (account, _), row in X.iterrows():
        features = {name: None if pd.isna(value) else value for name, value in row.items()}
        accounts.append({"account_id": account, "features": features})
    answer = client.post(PREDICT, json={"accounts": accounts, "as_of": "2026-03-01"})
    assert answer.status_code == 200, answer.text
    scores, drivers = scorer.score_and_explain(X)
    found = answer.json()["accounts"]
    assert bits([account["risk"] for account in found]) == bits(scores["risk"])
    assert bits([d["points"] for account in found for d in account["drivers"]]) == bits(drivers["points"])
    assert [d["sentence"] for a in found for d in a["drivers"]] == drivers["sentence"].tolist()


def test_an_account_under_notice_has_a_day_and_no_risk(client, table):
    leaving = table.scores.index.get_level_values("account_id")[-1]
    [account] = client.post(PREDICT, json={"account_ids": [leaving]}).json()["accounts"]
    assert (account["status"], account["leaving_on"]) == ("leaving", "2026-05-31")
    unknown = [account[name] for name in ("risk", "risk_days", "band", "health", "base_risk")]
    assert unknown == [None] * 5 and account["risks"] == {} and account["drivers"] == []
    assert account["mrr"] == table.scores["mrr"].iloc[-1]


def test_a_young_account_is_scored_and_says_so(client, table):
    young = table.scores.index.get_level_values("account_id")[-2]
    [account] = client.post(PREDICT, json={"account_ids": [young]}).json()["accounts"]
    assert account["status"] == "young" and 0 <= account["risk"] <= 1


def test_the_answer_says_which_model_gave_it_and_when_it_looked(client, scorer):
    answer = client.post(PREDICT, json={"account_ids": ["acc-00001"]}).json()
    assert answer["model"] == {
        "name": scorer.bundle.manifest.model.name, "version": scorer.version, "horizons": list(scorer.edges),
    }  # fmt: skip
    assert answer["as_of"] == "2026-03-01"


def test_the_risks_of_an_answer_never_contradict_each_other(client, scorer):
    ids = [f"acc-{number:05d}" for number in range(100)]
    answer = client.post(PREDICT, json={"account_ids": ids}).json()
    for account in answer["accounts"]:
        edges = [int(edge) for edge in account["risks"]]
        assert edges == answer["model"]["horizons"] == list(scorer.edges)
        within = list(account["risks"].values())
        assert within == sorted(within) and within[0] >= 0 and within[-1] <= 1
        # the headline is the risk through the period that holds the renewal
        assert account["risk"] == next(
            risk for edge, risk in zip(edges, within, strict=True) if edge >= account["risk_days"]
        )


@pytest.mark.parametrize(
    ("to_renewal", "term", "days"), [(45, 12, 45.0), (20, 1, 90.0), (None, 12, 90.0), (700, 36, 365.0)]
)
def test_an_account_by_features_is_asked_about_its_own_renewal(client, scorer, to_renewal, term, days):
    asked = by_features(days_to_renewal=to_renewal, term_months=term)
    [account] = client.post(PREDICT, json=asked).json()["accounts"]
    assert account["risk_days"] == (days if len(scorer.edges) > 1 else scorer.edges[0])


def test_what_only_sentences_quote_may_be_left_out_and_null_is_unknown(client):
    answer = client.post(PREDICT, json=by_features(active_users_previous_28d=..., plan=None))
    assert answer.status_code == 200
    assert 0 <= answer.json()["accounts"][0]["risk"] <= 1


def test_a_thousand_accounts_are_answered(client):
    accounts = [{"account_id": f"n{n}", "features": GOOD} for n in range(1000)]
    answer = client.post(PREDICT, json={"accounts": accounts})
    assert answer.status_code == 200
    assert len({account["risk"] for account in answer.json()["accounts"]}) == 1


@pytest.mark.parametrize("name", BODIES)
def test_a_malformed_body_is_refused_and_its_field_named(client, name):
    body, status, field = BODIES[name]
    problem(client.post(PREDICT, content=body, headers={"content-type": JSON}), status, field)


@pytest.mark.parametrize("name", HEADERS)
def test_a_foreign_or_unreadable_request_is_refused_and_its_header_named(client, name):
    headers, body, status, field = HEADERS[name]
    problem(client.post(PREDICT, content=body, headers=headers), status, field)


def test_a_refused_name_is_followed_by_the_one_that_may_be_meant(client):
    for body, meant in (
        ({"acount_ids": ["x"]}, "account_ids"),
        (by_features(nps_lastest=3), "nps_latest"),
        ({"account_ids": ["acc-0001"]}, "acc-00"),
    ):
        detail = client.post(PREDICT, json=body).json()["detail"]
        assert f"Is '{meant}" in detail


def test_good_answers_stay_the_same_after_everything_malformed(client):
    good = client.post(PREDICT, json=by_features()).content
    for body, _, _ in BODIES.values():
        client.post(PREDICT, content=body, headers={"content-type": JSON})
    assert client.post(PREDICT, json=by_features()).content == good


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:3000", "127.0.0.1:80", "[::1]:3000", "[::1]"])
def test_every_name_of_this_machine_is_answered(client, host):
    assert client.get("/livez", headers={"host": host}).status_code == 200


def test_a_caller_from_elsewhere_is_turned_away(app):
    for address in ("10.0.0.7", "192.168.1.3", "2001:db8::1", "testclient"):
        abroad = TestClient(app, "http://127.0.0.1", client=(address, 4000))
        problem(abroad.get("/livez"), 403, "client")


@pytest.mark.parametrize(
    ("path", "method"), [(PREDICT, "GET"), (PREDICT, "PUT"), ("/livez", "POST"), ("/v1/model", "DELETE")]
)
def test_another_method_is_refused_with_those_allowed(client, path, method):
    answer = client.request(method, path, content=b"{}", headers={"content-type": JSON})
    problem(answer, 405, "method")
    assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/predict/", "/v2/predict", "/v1/predict/x", "/metrics"])
def test_an_unknown_path_is_refused(client, path):
    problem(client.get(path), 404, "path")


def test_a_body_of_four_megabytes_is_read_and_one_byte_more_is_not(client):
    most = 4 * 1024**2
    request = text(by_features())
    headers = {"content-type": JSON}
    assert client.post(PREDICT, content=request.ljust(most), headers=headers).status_code == 200
    problem(client.post(PREDICT, content=request.ljust(most + 1), headers=headers), 413, "body")
    problem(client.post(PREDICT, content=iter([request.ljust(most), b" "]), headers=headers), 413, "body")
    problem(client.post(PREDICT, content=b"{}", headers=headers | {"content-length": "9" * 11}), 413, "body")


def test_the_model_says_what_it_reads(client, scorer):
    model = client.get("/v1/model").json()
    assert model["version"] == scorer.version
    assert model["horizons"] == list(scorer.edges)
    required = [feature["name"] for feature in model["features"] if feature["required"]]
    assert required == list(scorer.bundle.manifest.inputs)
    assert {f["name"]: f["type"] for f in model["features"]}["plan"] == "text"
    json.dumps(model, allow_nan=False)


def test_it_is_ready_only_while_it_scores_as_trained(client, scorer, monkeypatch):
    assert client.get("/readyz").json() == {"status": "ready", "version": scorer.version}
    monkeypatch.setattr(type(scorer), "answers_as_trained", lambda self: False)
    problem(client.get("/readyz"), 503, "model")
    assert client.get("/livez").status_code == 200


def test_a_failure_inside_is_a_500_that_tells_nothing(client, scorer, monkeypatch):
    def fail(self, X):
        raise ValueError("secret of acc-00001")

    monkeypatch.setattr(type(scorer), "score_and_explain", fail)
    answer = client.post(PREDICT, json={"account_ids": ["acc-00001"]})
    problem(answer, 500, "request")
    assert "secret" not in answer.text


def test_a_table_with_other_features_is_refused_before_it_is_served(scorer, table):
    other = ScoreTable(table.as_of, table.version, table.scores, table.drivers, table.X.drop(columns="nps_latest"))
    with pytest.raises(FeatureError, match="nps_latest"):
        build_app(scorer, other)


def test_the_web_never_imports_bentoml():
    import churnmodel.web

    for path in Path(churnmodel.web.__file__).parent.glob("*.py"):
        assert "import bentoml" not in path.read_text()
