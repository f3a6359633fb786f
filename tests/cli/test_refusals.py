"""Is what cannot be done refused in one line, with exit code 2, and nothing changed?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.scoring.champion import champion_folder
from trained_project import run_churnmodel

MINIMAL = '[project]\ndata_until = 2026-01-01\n[data]\nfolder = "{data}"\n'


def refused(said, *parts: str) -> None:
    assert said.exit_code == 2, said
    assert len(said.lines) == 1 and said.lines[0].startswith("churnmodel: "), said.err
    assert all(part in said.lines[0] for part in parts), said.lines[0]
    assert "Traceback" not in said.err


@pytest.fixture
def settings(trained_project, tmp_path):
    """A churnmodel.toml over the demo's tables with these lines more, and no output yet."""

    def write(more: str = "", data: Path | None = None) -> Path:
        path = tmp_path / "churnmodel.toml"
        path.write_text(MINIMAL.format(data=data or trained_project.folder / "data") + more, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("command", ["check", "features", "train", "compare", "score"])
def test_settings_that_are_not_there(act, command, tmp_path):
    refused(act(command, "-c", tmp_path / "churnmodel.toml"), "no settings at", "churnmodel init")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("[labels]\nhorizon_day = 90\n", "unknown key 'labels.horizon_day'; did you mean 'horizon_days'?"),
        ("[labels]\nhorizon_days = 0\n", "'labels.horizon_days'"),
        ("[label]\n", "unknown key 'label'; did you mean 'labels'?"),
        ("[training]\nmodels = ['logistics']\n", "no model 'logistics' (there are: base_rate, blend, lightgbm"),
        ("[features]\ninclude = ['activ_*']\n", "no feature matches 'activ_*'"),
        ("[labels\n", "is not valid TOML"),
        ("[tables.invoices]\nsource = 'bills'\n", "bills"),
    ],
)
def test_settings_that_cannot_be_used(act, settings, more, says):
    refused(act("train", "-c", settings(more)), says)


def test_tables_that_are_not_there(act, settings, tmp_path):
    refused(act("check", "-c", settings(data=tmp_path / "gone")), "no data folder at")
    refused(act("check", "-c", settings(), "--data", tmp_path / "gone.duckdb"), "no DuckDB file at")


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("junk", "--as-of 'junk': wanted a day such as 2026-01-31"),
        ("2026-02-30", "wanted a day such as 2026-01-31"),
        ("2026-01-02", "as_of 2026-01-02 lies after data_until 2026-01-01"),
        ("", "--as-of ''"),
        ("now", "--as-of 'now'"),
    ],
)
@pytest.mark.parametrize("command", ["score", "features"])
def test_a_day_that_cannot_be_looked_at(act, trained_project, command, day, says):
    refused(act(command, "-c", trained_project.config, "--as-of", day), says)


def test_an_account_that_is_not_in_the_book(act, trained_project):
    refused(act("explain", "A084", "-c", trained_project.config), "no account 'A084'", "did you mean 'A0")
    refused(
        act("explain", "A0084", "-c", trained_project.config, "--as-of", "2025-02-01"),
        "2025-02-01 was not scored (scored: 2026-01-01). Run `churnmodel score --as-of 2025-02-01`",
    )


@pytest.mark.parametrize(("option", "value"), [("--accounts", 199), ("--accounts", 10_001), ("--seed", -1)])
def test_a_demo_company_that_cannot_be_simulated(act, tmp_path, option, value):
    refused(act("demo", "--folder", tmp_path / "demo", option, value), f"came: {value:,}")
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("asked", ["45", "judged", "0", "[red]x[/red]"])
def test_a_comparison_the_training_cannot_make(act, trained_project, asked):
    said = act("compare", "--within", asked, "-c", trained_project.config)
    refused(said, f"says nothing of {asked!r}", "wanted renewal, or days out of 30, 60, 90, 180, 365")


def test_a_demo_where_another_project_is(act, settings):
    config = settings()
    before = config.read_bytes()
    refused(act("demo", "--folder", config.parent, "--accounts", 200), "is another project's")
    assert config.read_bytes() == before


def test_acts_before_the_one_they_need(act, settings):
    refused(act("score", "-c", settings()), "no champion yet. Run `churnmodel train`")
    refused(act("compare", "-c", settings()), "no training in", "Run 'churnmodel train'")
    refused(act("explain", "A0001", "-c", settings()), "nothing was published", "churnmodel score")


@pytest.mark.parametrize("damage", ["a byte", "a file too many", "a file too few", "the pointer", "the seal"])
def test_a_damaged_bundle(act, trained_project, tmp_path, damage):
    home = trained_project.copy(tmp_path / "copy").folder
    shutil.rmtree(home / "scores")
    bundle = champion_folder(home)
    if damage == "a byte":
        text = (bundle / "model.json").read_bytes()
        (bundle / "model.json").write_bytes(text.replace(b"1", b"2", 1))
    elif damage == "a file too many":
        (bundle / "more.json").write_text("{}")
    elif damage == "a file too few":
        (bundle / "calibration.json").unlink()
    elif damage == "the pointer":
        (home / "models" / "champion.json").write_text(json.dumps({"version": "../../elsewhere"}))
    else:
        (bundle / "manifest.sha256").write_text("0" * 64 + "  manifest.json\n")
    refused(act("score", "-c", home / "churnmodel.toml"))
    assert not (home / "scores" / "latest.json").exists()


def test_a_score_table_somebody_changed(act, trained_project, tmp_path):
    home = trained_project.copy(tmp_path / "copy").folder
    place = next(home.glob("scores/as_of=*/*/scores.parquet"))
    place.write_bytes(place.read_bytes()[:-1] + b"?")
    refused(act("explain", "A0084", "-c", home / "churnmodel.toml"), "changed after it was published")


@pytest.mark.parametrize("command", ["check", "train"])
def test_tables_that_are_not_fit_to_learn_from(act, settings, trained_project, tmp_path, command):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(trained_project.folder / "data" / "accounts.parquet", data)
    subscriptions = pd.read_parquet(trained_project.folder / "data" / "subscriptions.parquet")
    subscriptions.loc[7, "mrr"] = -1.0
    subscriptions.to_parquet(data / "subscriptions.parquet")
    config = settings(data=data)
    refused(act(command, "-c", config), "subscriptions.mrr", "mrr='-1.00'")
    assert not (config.parent / "var").exists()


def test_debug_shows_the_traceback_that_is_otherwise_hidden(tmp_path):
    missing = str(tmp_path / "churnmodel.toml")
    plain, debug = run_churnmodel("check", "-c", missing), run_churnmodel("check", "-c", missing, "--debug")
    assert plain.returncode == 2 and len(plain.stderr.splitlines()) == 1
    assert debug.returncode != 0 and "Traceback" in debug.stderr and "SettingsError" in debug.stderr
