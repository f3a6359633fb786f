from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from churnmodel.errors import SettingsError
from churnmodel.settings import read_settings, settings_from

LEAST = "[project]\ndata_until = 2026-01-01\n"


def written(tmp_path, text):
    file = tmp_path / "churnmodel.toml"
    file.write_text(text, encoding="utf-8")
    return file


def of(**sections):
    return settings_from({"project": {"data_until": "2026-01-01"}} | sections, base=Path())


def test_data_until_is_all_a_file_must_say(tmp_path):
    found = read_settings(written(tmp_path, LEAST))
    assert found.project.data_until == datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC
    assert (found.labels.horizon_days, found.labels.grace_days, found.training.folds) == (180, 30, 4)
    assert found.home == tmp_path / "var"


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-01-01", (2026, 1, 1)),
        ('"2026-01-01"', (2026, 1, 1)),
        ("2026-01-01T06:30:00", (2026, 1, 1, 6, 30)),
        ("2026-01-01T06:30:00Z", (2026, 1, 1, 6, 30)),
        ("2026-01-01T06:30:00+02:00", (2026, 1, 1, 4, 30)),
    ],
)
def test_data_until_is_a_date_or_a_moment_in_utc(tmp_path, given, moment):
    found = read_settings(written(tmp_path, f"[project]\ndata_until = {given}\n"))
    assert found.project.data_until == datetime(*moment)  # noqa: DTZ001


def test_a_file_without_data_until_is_refused_by_the_key(tmp_path):
    with pytest.raises(SettingsError, match=r"churnmodel.toml: 'project.data_until' is missing; add it"):
        read_settings(written(tmp_path, '[project]\nname = "x"\n'))


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"label": {}}, "unknown key 'label'; did you mean 'labels'?"),
        ({"labels": {"horizon": 90}}, "unknown key 'labels.horizon'; did you mean 'horizon_days'?"),
        (
            {"tables": {"accounts": {"sources": "crm"}}},
            "unknown key 'tables.accounts.sources'; did you mean 'source'?",
        ),
        ({"metrics": {"depth": {"lable": "x"}}}, "unknown key 'metrics.depth.lable'; did you mean 'label'?"),
        ({"money": {"contact": 5}}, "unknown key 'money.contact'; did you mean 'contact_cost'?"),
        ({"money": {"save_rate": {"mean": 0.3}}}, "unknown key 'money.save_rate.mean'; known here: low, likely"),
        ({"training": {"zzz": 1}}, "unknown key 'training.zzz'; known here: models, models_folder, folds"),
        ({"base": "/tmp"}, "unknown key 'base'"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(sections, said):
    with pytest.raises(SettingsError) as refused:
        of(**sections)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("sections", "key"),
    [
        ({"labels": {"horizon_days": 0}}, "labels.horizon_days"),
        ({"labels": {"horizon_days": "soon"}}, "labels.horizon_days"),
        ({"labels": {"grace_days": -1}}, "labels.grace_days"),
        ({"labels": 5}, "labels"),
        ({"training": {"capacity": 1.0}}, "training.capacity"),  # all of the book, or one account?
        ({"training": {"capacity": 0}}, "training.capacity"),
        ({"training": {"capacity": 12.5}}, "training.capacity"),
        ({"training": {"capacity": float("inf")}}, "training.capacity"),
        ({"training": {"folds": 0}}, "training.folds"),
        ({"snapshots": {"every": "day"}}, "snapshots.every"),
        ({"metrics": {"depth": {"label": "d", "family": "money"}}}, "metrics.depth.family"),
        ({"money": {"contact_cost": -1}}, "money.contact_cost"),
        ({"money": {"incentive_share": 1}}, "money.incentive_share"),
        ({"money": {"value_months": 0}}, "money.value_months"),
        ({"money": {"save_rate": {"low": 0.4}}}, "money.save_rate"),
        ({"money": {"save_rate": {"high": 1.1}}}, "money.save_rate.high"),
        ({"features": {"include": "mrr"}}, "features.include"),
        ({"project": {"data_until": "tomorrow"}}, "project.data_until"),
        ({"project": {"data_until": 20260101}}, "project.data_until"),
        ({"project": {"data_until": True}}, "project.data_until"),
        ({"project": {"data_until": "2026-01-01", "currency": "euro"}}, "project.currency"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_key_and_shown(sections, key):
    with pytest.raises(SettingsError) as refused:
        of(**sections)
    assert str(refused.value).startswith(f"settings: '{key}")
    assert "got" in str(refused.value)


@pytest.mark.parametrize("capacity", [0.1, 2, 25])
def test_capacity_is_a_share_of_the_book_or_a_number_of_accounts(capacity):
    assert of(training={"capacity": capacity}).training.capacity == capacity


def test_a_time_zone_that_is_not_there_is_refused():
    with pytest.raises(SettingsError, match=r"no time zone 'Europe/Berlino'; wanted a name such as"):
        of(project={"data_until": "2026-01-01", "timezone": "Europe/Berlino"})


def test_two_places_for_the_data_are_refused():
    said = r"wanted one of folder, duckdb, postgres, spark, got 'folder' and 'duckdb'; keep one"
    with pytest.raises(SettingsError, match=said):
        of(data={"folder": "data", "duckdb": "data.duckdb"})


def test_a_database_is_named_by_its_url_which_no_message_shows():
    url = "postgresql://ada:hush@db/crm"
    assert of(data={"postgres": url, "timeout_seconds": 60}).data.timeout_seconds == 60
    wrong = ({"postgres": url, "spark": "crm"}, {"postgres": [url]}, {"postgres": url, "timeout_seconds": -1})
    for data in wrong:
        with pytest.raises(SettingsError, match=r"'data") as said:
            of(data=data)
        assert "hush" not in str(said.value)


def test_a_table_mapped_twice_is_refused():
    with pytest.raises(SettingsError, match=r"wanted either 'sql' or 'source'/'columns', got both"):
        of(tables={"accounts": {"sql": "select 1", "source": "crm"}})


def test_a_file_that_is_missing_or_no_toml_is_refused(tmp_path):
    with pytest.raises(
        SettingsError, match=r"no settings at .*gone.toml: wanted a churnmodel.toml. 'churnmodel init'"
    ):
        read_settings(tmp_path / "gone.toml")
    with pytest.raises(SettingsError, match=r"is not valid TOML"):
        read_settings(written(tmp_path, "[project\n"))
    (tmp_path / "latin.toml").write_bytes(b'[project]\nname = "caf\xe9"\n')
    with pytest.raises(SettingsError, match=r"is not valid TOML"):
        read_settings(tmp_path / "latin.toml")


def test_an_option_for_the_data_takes_the_place_of_the_files_and_keeps_the_rest(tmp_path):
    file = written(tmp_path, LEAST + '[data]\nduckdb = "own.duckdb"\nmemory_limit = "1GB"\n')
    other = tmp_path / "elsewhere"
    found = read_settings(file, data=other)
    assert (found.data.folder, found.data.duckdb, found.data.memory_limit) == (other, None, "1GB")
    found = read_settings(file, data=tmp_path / "other.duckdb")
    assert (found.data.folder, found.data.duckdb) == (None, tmp_path / "other.duckdb")


def test_a_relative_option_for_the_data_is_relative_to_where_it_is_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "project").mkdir()
    file = written(tmp_path / "project", LEAST)
    assert read_settings(file, data=Path("tables")).data.folder == tmp_path / "tables"


def test_an_option_for_the_horizon_takes_the_place_of_the_files_and_keeps_the_rest(tmp_path):
    file = written(tmp_path, LEAST + "[labels]\nhorizon_days = 90\ngrace_days = 7\n")
    assert read_settings(file).labels.horizon_days == 90
    found = read_settings(file, horizon_days=30)
    assert (found.labels.horizon_days, found.labels.grace_days) == (30, 7)


@pytest.mark.parametrize("text", ["data = 3\n", "labels = 3\n"])
def test_an_option_over_a_section_that_is_no_section_is_refused_like_without_it(tmp_path, text):
    file = written(tmp_path, text + LEAST)
    for options in ({}, {"data": tmp_path, "horizon_days": 30}):
        with pytest.raises(SettingsError, match=r"'(data|labels)'"):
            read_settings(file, **options)


def test_an_impossible_option_is_refused_like_an_impossible_key(tmp_path):
    with pytest.raises(SettingsError, match=r"'labels.horizon_days'"):
        read_settings(written(tmp_path, LEAST), horizon_days=0)


def test_money_has_stated_defaults_and_takes_those_of_the_company(tmp_path):
    stated = of().money
    assert (stated.contact_cost, stated.incentive_share, stated.value_months) == (500, 0, 12)
    assert (stated.save_rate.low, stated.save_rate.likely, stated.save_rate.high) == (0.1, 0.3, 0.5)
    text = LEAST + "[money]\ncontact_cost = 80\nsave_rate = { low = 0.05, likely = 0.2, high = 0.2 }\n"
    found = read_settings(written(tmp_path, text)).money
    assert (found.contact_cost, found.save_rate.likely, found.value_months) == (80, 0.2, 12)


def test_settings_cannot_be_changed():
    with pytest.raises(Exception, match=r"frozen"):
        of().labels.horizon_days = 5
