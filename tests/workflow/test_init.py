"""Does `churnmodel init` write settings to start from, with and without systems named?"""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from churnmodel.cli.app import app
from churnmodel.errors import SettingsError
from churnmodel.settings import read_settings
from churnmodel.workflow.init import starter, write_starter
from churnmodel.workflow.presets.read import every_preset


def act(*words: object):
    return CliRunner().invoke(app, ["init", *map(str, words)], env={"COLUMNS": "200"})


def test_without_systems_the_file_maps_nothing_and_shows_how(tmp_path):
    settings = read_settings(write_starter(tmp_path))
    assert not settings.tables
    assert settings.features.exclude == ()
    assert "[tables.subscriptions]" in starter()


def test_with_systems_their_tables_are_mapped_and_the_rest_is_the_same(tmp_path):
    settings = read_settings(write_starter(tmp_path, ["stripe", "zendesk"]))
    assert list(settings.tables) == ["accounts", "subscriptions", "invoices", "tickets"]
    tail = starter().partition("# A gauge you already track")[2]
    assert starter(["stripe"]).endswith(tail)


def test_features_that_must_not_be_built_are_left_out_in_the_file(tmp_path):
    settings = read_settings(write_starter(tmp_path, ["stripe_items"]))
    assert settings.features.exclude == ("mrr*",)
    # only where those subscriptions are the ones taken
    assert read_settings(write_starter(tmp_path / "b", ["stripe", "stripe_items"])).features.exclude == ()


def test_a_file_that_is_there_is_never_replaced_and_an_unknown_system_writes_none(tmp_path):
    write_starter(tmp_path)
    before = (tmp_path / "churnmodel.toml").read_bytes()
    with pytest.raises(SettingsError, match="is there already"):
        write_starter(tmp_path, ["stripe"])
    assert (tmp_path / "churnmodel.toml").read_bytes() == before
    with pytest.raises(SettingsError, match="no preset 'strip'"):
        write_starter(tmp_path / "new", ["strip"])
    assert not (tmp_path / "new").exists()


def test_the_command_takes_systems_by_comma_and_lists_them_on_request(tmp_path):
    said = act(tmp_path, "--from", "stripe, zendesk")
    assert said.exit_code == 0
    assert "Wrote" in said.output and "JOIN KEY" in said.output and "map your tables" not in said.output
    assert "[tables.tickets]" in (tmp_path / "churnmodel.toml").read_text(encoding="utf-8")
    listed, helped = act("--from", "help").output, act("--help").output
    for preset in every_preset():
        assert f"{preset.name} " in listed
        assert preset.name.removesuffix("_airbyte") in helped
        assert all(table in helped for table in preset.tables)
    assert "_airbyte" in helped
