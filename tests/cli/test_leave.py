"""Is a table that cannot be left where it was asked for refused before anything is computed or printed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from churnmodel.cli.leave import places_named
from churnmodel.errors import SettingsError, SourceError

WITH_INTO = [
    *("health", "tiers", "alerts", "plays", "renewals", "kpis", "onboarding", "adoption", "expansion", "feedback"),
    *("winback", "outcomes", "rollout"),
]
WAREHOUSE = '[warehouse]\nduckdb = "{}"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings whose tables are not there: whoever computes says so."""
    place = tmp_path / "churnmodel.toml"
    place.write_text('[project]\ndata_until = 2026-01-01\n[data]\nfolder = "nowhere"\n', encoding="utf-8")
    return place


@pytest.mark.parametrize("name", WITH_INTO)
def test_every_act_refuses_first_where_there_is_no_warehouse(act, config, name):
    said = act("success", name, "-c", config, "--into", "churn")
    assert said.exit_code == 2 and said.out == ""
    assert "no warehouse to write to. Name one in churnmodel.toml" in said.err, said.err


def test_a_folder_nothing_can_be_written_to_is_refused_first(act, config):
    for option in ("--csv", "--parquet"):
        said = act("success", "adoption", "-c", config, option, "/proc/deep/table")
        assert said.exit_code == 2 and said.out == ""
        assert f"{option} /proc/deep/table: nothing can be written to the folder /" in said.err, said.err


def test_of_places_only_those_one_can_write_to_are_fine_and_nothing_is_left_there(config, tmp_path):
    places_named(config, csv=tmp_path / "new" / "deep.csv", parquet=None, into=None)
    assert list(tmp_path.iterdir()) == [config], "a folder that is not there is made when the file is written"
    with pytest.raises(SettingsError, match="wanted a file in a folder"):
        places_named(config, csv=config / "a.csv", parquet=None, into=None)
    (tmp_path / "notes.txt").write_text("no database\n" * 1000, encoding="utf-8")
    text = config.read_text(encoding="utf-8")
    config.write_text(text + WAREHOUSE.format("notes.txt"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"the table 'churn' in .* cannot be written"):
        places_named(config, csv=None, parquet=None, into="churn")
    config.write_text(text + WAREHOUSE.format("w.duckdb"), encoding="utf-8")
    places_named(config, csv=None, parquet=None, into="churn")
