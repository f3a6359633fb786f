"""Does `churnmodel ablate` answer what a name buys, and refuse what cannot be asked?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.workflow.record import read_record


@pytest.fixture(scope="module")
def project(trained_project, tmp_path_factory):
    return trained_project.copy(tmp_path_factory.mktemp("ablated") / "copy")


def test_what_nps_buys_is_told_in_figures_and_in_words(act, project, tmp_path):
    csv, chart = tmp_path / "nps.csv", tmp_path / "nps.png"
    said = act("ablate", "--without", "nps*", "-c", project.config, "--csv", csv, "--chart", chart)
    assert said.exit_code == 0, said.err
    champion = read_record(project.folder).about["champion"]
    assert f"What do the features of {champion} buy?" in said.out
    assert "Without nps*, " in said.out and "of the churned MRR is caught" in said.out
    assert "500 USD for every one worked" in said.out
    assert f"Wrote {csv}" in said.out and f"Wrote {chart}" in said.out
    table = pd.read_csv(csv)
    assert set(table["variant"]) == {"all features", "without nps*"}
    # the model as it is comes out as it did in the training
    kept = read_record(project.folder).leaderboard
    kept = kept[(kept["model"] == champion) & (kept["cohort"] == "all") & (kept["fold"] == "pooled")]
    again = table[table["variant"] == "all features"].set_index("metric")["value"]
    assert again["log_loss"] == pytest.approx(kept.set_index("metric").loc["log_loss", "value"], rel=1e-9)
    assert chart.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--without", "npx*"], "matches 'npx*'. 'churnmodel features --dictionary' lists them."),
        (["--model", "logistics"], "no model 'logistics' among training.models"),
        (["--csv", "."], "--csv .: wanted a file, and this is a folder"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(act, project, options, said):
    refused = act("ablate", "-c", project.config, *options)
    assert refused.exit_code == 2
    assert len(refused.lines) == 1 and said in refused.lines[0]


def test_without_a_training_there_is_no_champion_to_ask_about(act, project, tmp_path):
    untrained = tmp_path / "churnmodel.toml"
    untrained.write_text(project.config.read_text().replace('folder = "."', 'folder = "var"'), encoding="utf-8")
    refused = act("ablate", "-c", untrained, "--data", project.folder / "data")
    assert refused.exit_code == 2
    assert "Run 'churnmodel train'." in refused.err
