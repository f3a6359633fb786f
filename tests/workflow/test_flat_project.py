"""Does a project over one flat table go all the way, and say at every step what cannot be proven?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from churnmodel.cli.app import app
from churnmodel.errors import ChurnmodelError, GateError, ModelError, SettingsError, SourceError
from churnmodel.scoring.score_table import read_latest
from churnmodel.scoring.scorer import Scorer
from churnmodel.web.api import build_app
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import read_record
from churnmodel.workflow.tracked import experiment_of

CAVEAT = "time order could not be proven"
LEAN = """
[flat]
folds = 3
repeats = 1

[training]
models = ["base_rate", "scorecard", "logistic"]
draws = 50
"""


def customers(n: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(11)
    logins = draw.poisson(8, n)
    left = draw.random(n) < 1 / (1 + np.exp(0.6 * (logins - 5.5)))
    return pd.DataFrame(
        {
            "customer": [f"c{i:03d}" for i in range(n)],
            "logins last month": logins,
            "contract": draw.choice(["monthly", "yearly"], n),
            "gone": np.where(left, "Y", "N"),
        }
    )


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as `init --flat` writes it, with fewer folds and models; trained and scored."""
    folder = tmp_path_factory.mktemp("flat")
    customers().to_csv(folder / "customers.csv", index=False)
    said("init", str(folder), "--flat", str(folder / "customers.csv"), "--target", "gone", "--id", "customer")
    path = folder / "churnmodel.toml"
    text = path.read_text(encoding="utf-8")
    head, _, _ = text.partition("[flat]")
    path.write_text(head + LEAN, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(config: Path) -> tuple[Path, str, str]:
    return config, said("train", "-c", str(config)), said("score", "-c", str(config))


def said(*words: str) -> str:
    """What the command line prints, on one line."""
    from churnmodel.cli.console import console

    with console.capture() as printed:
        app([*words], standalone_mode=False)
    return " ".join(printed.get().split())


def test_init_writes_what_check_can_read(config):
    assert "Fit to learn from" in (printed := said("check", "-c", str(config)))
    assert CAVEAT in printed.lower()


def test_the_champion_is_chosen_by_the_usual_rule_and_says_what_its_figures_cannot_show(trained):
    config, printed, _ = trained
    assert "logistic is the champion" in printed
    assert "out of time" not in printed
    assert CAVEAT in printed.lower()
    record = read_record(config.parent / "var")
    assert CAVEAT in record.about["caveat"]
    assert [r["model"] for r in record.about["refusals"]] == ["scorecard"]
    assert CAVEAT in said("compare", "-c", str(config)).lower()


def test_the_card_and_the_manifest_say_it_too(trained):
    config, _, _ = trained
    scorer = Scorer.champion(config.parent / "var")
    assert CAVEAT in scorer.bundle.manifest.caveat
    card = (config.parent / "var" / "models" / scorer.version / "model_card.md").read_text(encoding="utf-8")
    assert CAVEAT in card.lower() and "out of time" not in card and "renewal" not in card


def test_every_row_is_scored_with_reasons_that_add_up_in_the_words_of_its_columns(trained):
    config, _, printed = trained
    assert "Highest risk" in printed and CAVEAT in printed.lower()
    assert "NOT A FORECAST" in printed, "the rows were learned from"
    home = config.parent / "var"
    table, scorer = read_latest(home / "scores"), Scorer.champion(home)
    assert len(table.scores) == len(customers()) and table.scores["risk"].between(0, 1).all()
    assert "risk_0" not in table.scores and table.scores["risk_days"].isna().all()
    points = scorer.explain(table.X, top=9, protective=9)["points"].groupby(level="account_id").sum()
    gap = (table.scores["risk"] - table.scores["base_risk"]).droplevel("as_of")
    assert (points - gap).abs().max() < 0.005, "what is under a fifth of a point is not told"
    assert table.drivers["sentence"].str.match(r"(Logins last month: \d+|Contract: (monthly|yearly))$").all()


def test_one_account_is_explained(trained):
    printed = said("explain", "c007", "-c", str(trained[0]))
    assert "Contract: " in printed and "the table does not say how soon" in printed and CAVEAT in printed.lower()


def test_its_pages_say_that_time_order_could_not_be_proven_and_nothing_of_renewals_or_money(trained, tmp_path):
    config, account = trained[0], customers()["customer"].iloc[0]
    for act in (["account", str(account)], ["book"]):
        said("report", *act, "-c", str(config), "--html", str(tmp_path / "page.html"))
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert CAVEAT in page.lower() and "nan" not in page.lower().split()
        assert "renewal" not in page.split("<body>")[1].split("How to read")[0]
        assert "USD" not in page and "risk_days" not in page
    with pytest.raises(SourceError, match="flat table cannot tell"):
        said("report", "review", str(account), "-c", str(config))


def test_the_endpoint_answers_by_id_and_by_columns(trained):
    home = trained[0].parent / "var"
    table = read_latest(home / "scores")
    with TestClient(
        build_app(Scorer.champion(home), table), base_url="http://localhost", client=("127.0.0.1", 1)
    ) as client:
        model = client.get("/v1/model").json()
        assert CAVEAT in model["caveat"] and model["horizons"] == []
        (known,) = client.post("/v1/predict", json={"account_ids": ["c007"]}).json()["accounts"]
        assert known["risk"] == table.scores["risk"].droplevel("as_of")["c007"]
        assert known["risk_days"] is None and known["risks"] == {} and known["drivers"]
        row = {"account_id": "new", "features": {"logins_last_month": 1, "contract": None}}
        (new,) = client.post("/v1/predict", json={"accounts": [row]}).json()["accounts"]
        assert new["risk"] > known["base_risk"]


def test_a_stated_horizon_is_the_one_that_is_answered(tmp_path, config):
    later = tmp_path / "churnmodel.toml"
    text = config.read_text(encoding="utf-8").replace("[flat]", "[flat]\nhorizon_days = 60")
    later.write_text(text.replace('folder = "."', f"folder = {json.dumps(str(config.parent))}"), encoding="utf-8")
    assert "Churn within 60 days" in said("train", "-c", str(later))
    said("score", "-c", str(later))
    scores = read_latest(tmp_path / "var" / "scores").scores
    assert (scores["risk_60"] == scores["risk"]).all() and (scores["risk_days"] == 60).all()


def test_a_column_that_knows_the_outcome_makes_no_champion_unless_it_is_trusted(tmp_path):
    frame = customers()
    # of every other one: a column that told all would be refused by the gate as well, for risks near 0 and 1
    frame["reason"] = np.where((frame["gone"] == "Y") & (frame.index % 2 == 0), "price", None)
    frame.to_csv(tmp_path / "customers.csv", index=False)
    config = tmp_path / "churnmodel.toml"

    def trained_with(flat: str) -> str:
        config.write_text(
            '[project]\ndata_until = 2026-01-01\n[data]\nfolder = "."\n[tables.flat]\n'
            'columns = { account_id = "customer", churned = "gone" }\n'
            f"[flat]\nfolds = 3\nrepeats = 1\n{flat}\n"
            '[training]\nmodels = ["base_rate", "logistic"]\ndraws = 50\n',
            encoding="utf-8",
        )
        from churnmodel.workflow.train import train

        done = train(Project.open(config)).learned
        return " ".join([str(done.choice.champion), done.choice.reasons[-1]])

    assert trained_with("").startswith("None No champion: 'reason' ")
    assert trained_with('trusted = ["reason"]').startswith("logistic")
    assert trained_with('leave_out = ["reason"]').startswith("logistic")


def test_the_page_of_the_comparison_says_it_and_nothing_of_months(trained, tmp_path):
    page = tmp_path / "compare.html"
    said("compare", "-c", str(trained[0]), "--html", str(page))
    text = page.read_text(encoding="utf-8")
    assert CAVEAT in text.lower() and "of those who left on the list" in text
    for untrue in ("out of time", "MRR", "next month", "at a moment when", "warm-up", "within 0 days"):
        assert untrue not in text.partition("</style>")[2], untrue


def test_predictions_that_are_given_away_take_it_with_them(trained, tmp_path):
    import pyarrow.parquet as pq

    place = tmp_path / "said.parquet"
    assert CAVEAT in said("compare", "-c", str(trained[0]), "--predictions", str(place))
    told = {field.name: field.metadata[b"meaning"].decode() for field in pq.read_schema(place)}
    assert CAVEAT in told["risk"] and "cutoff" not in told["fold"] and "nothing known" not in told["as_of"]


def test_every_run_in_mlflow_is_tagged_with_it(trained):
    from mlflow import MlflowClient

    project = Project.open(trained[0])
    client = MlflowClient(f"sqlite:///{project.home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(experiment_of(project))
    runs = client.search_runs([experiment.experiment_id])
    assert len(runs) == 2 and all(CAVEAT in run.data.tags["caveat"] for run in runs)


def test_no_other_question_and_no_score_of_ones_own_can_be_asked_of_it(trained):
    with pytest.raises(ModelError, match="a flat table has one outcome"):
        said("compare", "-c", str(trained[0]), "--within", "renewal")
    with pytest.raises(SettingsError, match="--renewable only means something with tables that know of terms"):
        said("compare", "-c", str(trained[0]), "--renewable")
    with pytest.raises(ModelError, match="holds no score of your own"):
        said("incumbent", "-c", str(trained[0]))
    with pytest.raises(SettingsError, match="folds in time and checked on the last, which a flat table does not"):
        said("tune", "logistic", "-c", str(trained[0]))


def test_its_champion_is_reproduced_byte_for_byte(trained):
    assert "every byte is the same" in said("reproduce", "-c", str(trained[0]))


def test_the_gate_judges_its_models_and_one_can_go_back(trained):
    config = str(trained[0])
    with pytest.raises(GateError, match="base_rate is worse than logistic, the model in use"):
        said("promote", "base_rate", "-c", config)
    assert "In use now: base_rate" in said("promote", "base_rate", "-c", config, "--force", "a trial")
    assert "In use now: logistic" in said("rollback", "-c", config)
    assert "rolled back" in said("champions", "-c", config)


def test_acts_that_look_at_earlier_moments_are_refused_in_words(config):
    for words in (["features"], ["check", "--leaks"], ["check", "--account", "c001"]):
        with pytest.raises(SourceError, match="which a flat table cannot tell"):
            said(*words, "-c", str(config))
    with pytest.raises(ChurnmodelError, match=r"Say within how many days they count as \[flat\] horizon_days"):
        said("train", "-c", str(config), "--horizon", "30")


def test_flat_settings_without_a_flat_table_are_refused(tmp_path):
    config = tmp_path / "churnmodel.toml"
    config.write_text("[project]\ndata_until = 2026-01-01\n[flat]\nfolds = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"no \[tables.flat\] says where it is"):
        said("check", "-c", str(config))


def test_init_refuses_a_column_that_is_not_there_and_numbers_rows_without_an_id(tmp_path):
    customers().to_csv(tmp_path / "customers.csv", index=False)
    file = str(tmp_path / "customers.csv")
    with pytest.raises(SettingsError, match="no column 'gon'; did you mean 'gone'"):
        said("init", str(tmp_path), "--flat", file, "--target", "gon")
    with pytest.raises(SettingsError, match="--target only means something with --flat"):
        said("init", str(tmp_path), "--target", "gone")
    said("init", str(tmp_path), "--flat", file, "--target", "gone", "--positive", "Y")
    project = Project.open(tmp_path / "churnmodel.toml")
    assert project.flat.churned.sum() == (customers()["gone"] == "Y").sum()
    assert ("row 1", pd.Timestamp("2026-01-01")) in project.flat.cells.index
