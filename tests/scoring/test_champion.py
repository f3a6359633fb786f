from __future__ import annotations

import json

import pytest

from churnmodel.errors import BundleError
from churnmodel.scoring.bundle import read_bundle
from churnmodel.scoring.champion import champion_folder, set_champion
from scoring.small_company import bundle


def test_without_a_champion_the_way_to_one_is_said(tmp_path):
    with pytest.raises(BundleError, match="Run `churnmodel train`"):
        champion_folder(tmp_path)


def test_the_champion_is_the_last_one_set_and_earlier_ones_stay(tmp_path):
    folders = [set_champion(tmp_path, bundle(tmp_path / name, name)) for name in ("logistic", "base_rate")]
    assert champion_folder(tmp_path) == folders[1]
    assert read_bundle(folders[0]).manifest.model.name == "logistic"
    assert folders[1].name == read_bundle(folders[1]).short_version


def test_a_damaged_bundle_does_not_become_champion(tmp_path):
    good = set_champion(tmp_path, bundle(tmp_path / "good", "base_rate"))
    bad = bundle(tmp_path / "bad", "logistic")
    curve = json.loads((bad / "calibration.json").read_text())
    curve["periods"][0]["intercept"] += 1
    (bad / "calibration.json").write_text(json.dumps(curve))
    with pytest.raises(BundleError, match=r"calibration\.json"):
        set_champion(tmp_path, bad)
    assert champion_folder(tmp_path) == good


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": "../../etc"}', '{"version": 7}', '{"version": ""}'])
def test_a_pointer_that_names_no_version_is_refused(tmp_path, text):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "champion.json").write_text(text)
    with pytest.raises(BundleError, match="churnmodel train"):
        champion_folder(tmp_path)
