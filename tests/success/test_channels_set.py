"""Is either channel enough for a scheduled run, and is it said what has none?"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from churnmodel.errors import DeliveryError
from churnmodel.settings import read_settings
from churnmodel.workflow.channels_set import channels_set

ALERTS = '[alerts.channels.team]\nurl = "slack://${SLACK}"\n'
PLAYS = '[plays.channel]\nurl = "jsons://${CRM}@crm.example.com/hook"\n'
ENVIRONMENT = {"SLACK": "T1/B2/c3", "CRM": "token"}


def found(tmp_path: Path, more: str):
    place = tmp_path / "churnmodel.toml"
    place.write_text(f"[project]\ndata_until = 2026-01-01\n[data]\nfolder = \"data\"\n{more}", encoding="utf-8")
    return channels_set(SimpleNamespace(settings=read_settings(place)), ENVIRONMENT)


@pytest.mark.parametrize(
    ("more", "alerts", "plays", "without"),
    [
        (PLAYS, False, True, "no alert is kept or sent: the settings name no [alerts.channels.NAME]"),
        (ALERTS, True, False, "no play is posted: the settings name no [plays.channel]"),
        (ALERTS + PLAYS, True, True, ""),
    ],
)
def test_either_is_enough_and_what_has_none_is_said_in_one_line(tmp_path, more, alerts, plays, without):
    to = found(tmp_path, more)
    assert (to.alerts, to.plays, to.without) == (alerts, plays, without)
    assert len(to.urls) == alerts + plays and "token" not in repr(to)


def test_without_any_it_is_refused_and_both_are_named(tmp_path):
    with pytest.raises(DeliveryError, match=r"name no channel.*alerts.channels.NAME.*plays.channel"):
        found(tmp_path, "")
