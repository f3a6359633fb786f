"""Does a blend say what its two models say, in the shares it was told?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import BundleError, ModelError, SettingsError, TooFewChurners
from churnmodel.models.blend import BlendModel, BlendSettings
from churnmodel.models.boosted import BoostedSettings
from churnmodel.models.fitted import FittedModel, load_model
from churnmodel.models.logistic import LogisticSettings
from churnmodel.models.spec import ModelSpec, fit_model, read_model_spec

from .conftest import MODELS, Company, make_company
from .renewing import Renewing, make_renewing


@pytest.fixture(scope="module")
def blend(fitted: dict[str, FittedModel]) -> BlendModel:
    model = fitted["blend"]
    assert isinstance(model, BlendModel)
    return model


@pytest.fixture(scope="module")
def world() -> Renewing:
    return make_renewing(300, n_dates=2)


def test_its_margin_is_the_weighted_mean_of_what_both_would_say_alone(
    blend: BlendModel, fitted: dict[str, FittedModel], book: pd.DataFrame
) -> None:
    assert blend.share_of_trees == 0.25
    assert blend.logistic == fitted["logistic"] and blend.trees == fitted["lightgbm"]
    said = 0.75 * fitted["logistic"].margins(book) + 0.25 * fitted["lightgbm"].margins(book)
    assert blend.margins(book).tobytes() == said.tobytes()
    assert [share for _, share in blend.shares] == [0.75, 0.25]


def test_in_every_period_too(world: Renewing) -> None:
    of_both, linear, trees = (world.fit(name) for name in ("blend", "logistic", "lightgbm"))
    said = 0.75 * linear.margins(world.X) + 0.25 * trees.margins(world.X)
    assert of_both.margins(world.X).shape == (600, 5)
    assert of_both.margins(world.X).tobytes() == said.tobytes()


def test_it_refuses_where_one_of_the_two_does(company: Company) -> None:
    few = company.X.index.get_level_values("account_id") < "a00019"
    with pytest.raises(TooFewChurners, match="lightgbm: wanted at least 20 accounts that churned"):
        fit_model(ModelSpec("b", "B", "blend"), company.X, few, company.features, seed=0)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, float("nan")])
def test_a_blend_of_one_is_refused_with_what_to_use_instead(share: float) -> None:
    with pytest.raises(ModelError, match=r'share_of_trees must lie between 0 and 1.*estimator = "logistic"'):
        BlendSettings(share_of_trees=share)


def written_toml(folder: Path, parameters: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(f'title = "Mine"\nestimator = "blend"\n[parameters]\n{parameters}')
    return path


def test_the_two_models_have_tables_of_their_own_and_defaults_for_the_rest(tmp_path: Path) -> None:
    path = written_toml(
        tmp_path,
        "share_of_trees = 0.4\n[parameters.logistic]\nhinges = 3\n[parameters.lightgbm]\ntrees = 50\nl2 = 2\n",
    )
    assert read_model_spec(path).settings == BlendSettings(
        0.4, LogisticSettings(hinges=3), BoostedSettings(trees=50, l2=2.0)
    )
    assert read_model_spec(written_toml(tmp_path, "")).settings == BlendSettings()


def test_the_supplied_file_says_halfway(company: Company) -> None:
    settings = read_model_spec(MODELS / "blend.toml").settings
    assert isinstance(settings, BlendSettings)
    assert settings.share_of_trees == 0.5 == BlendSettings().share_of_trees


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("share_of_tree = 0.4", r"'share_of_tree' \(did you mean 'share_of_trees'\?\)"),
        ("[parameters.logistics]\nhinges = 3", r"unknown key 'logistics' \(did you mean 'logistic'\?\)"),
        ("[parameters.logistic]\nhinge = 3", r"logistic: unknown key 'hinge' \(did you mean 'hinges'\?\)"),
        ("[parameters.lightgbm]\nleafs = 3", r"lightgbm: unknown key 'leafs' \(did you mean 'leaves'\?\)"),
        ("[parameters.lightgbm]\ntrees = 2.5", r"lightgbm: trees: wanted int, found 2\.5"),
        ("[parameters.lightgbm]\ntrees = 0", "trees >= 1"),
        ("logistic = 3", "logistic: wanted a table, found 3"),
        ("share_of_trees = 1", "share_of_trees must lie between 0 and 1"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name_in_every_table(
    parameters: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=message) as refusal:
        read_model_spec(written_toml(tmp_path, parameters))
    assert "mine.toml" in str(refusal.value)


def test_it_is_read_back_to_the_last_bit(blend: BlendModel, book: pd.DataFrame, tmp_path: Path) -> None:
    blend.save(tmp_path)
    loaded = load_model(tmp_path)
    assert loaded == blend
    assert loaded.margins(book).tobytes() == blend.margins(book).tobytes()


def test_two_models_that_do_not_fit_together_are_refused(
    blend: BlendModel, world: Renewing, tmp_path: Path
) -> None:
    blend.save(tmp_path)
    good = json.loads((tmp_path / "model.json").read_text())
    other = make_company(100, seed=4)
    narrow = fit_model(
        ModelSpec("n", "N", "logistic", exclude=("seats",)), other.X, other.churned, other.features, seed=0
    )
    of_periods = world.fit("logistic").parts[0]
    for wrong in (narrow, of_periods):
        body = good | {"logistic": json.loads(json.dumps(wrong.to_json()))}
        (tmp_path / "model.json").write_text(json.dumps(body))
        with pytest.raises(BundleError, match="do not fit together"):
            load_model(tmp_path)
    for key, value in (("trees", None), ("logistic", []), ("share_of_trees", np.nan), ("share_of_trees", "half")):
        (tmp_path / "model.json").write_text(json.dumps(good | {key: value}))
        with pytest.raises(BundleError):
            load_model(tmp_path)
