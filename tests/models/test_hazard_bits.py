"""Is a row's curve one curve: alone, in any batch and order, at any thread count, after any reload?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import BundleError, FeatureError
from churnmodel.models.fitted import FittedModel, load_model
from churnmodel.models.hazard import HazardModel
from churnmodel.models.periods import EDGES

from .conftest import SPECS
from .renewing import Renewing, make_renewing

ALL = sorted(SPECS)
WITH_TREES = ("blend", "lightgbm")


@pytest.fixture(scope="module")
def world() -> Renewing:
    return make_renewing(300, n_dates=2)


@pytest.fixture(scope="module")
def book() -> pd.DataFrame:
    """2,000 rows no model trained on."""
    return make_renewing(1000, n_dates=2, seed=9).X


@pytest.fixture(scope="module")
def hazards(world: Renewing) -> dict[str, HazardModel]:
    return {name: world.fit(name) for name in ALL}


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("name", ALL)
def test_a_row_alone_and_in_any_batch_has_the_same_bits(
    name: str, hazards: dict[str, HazardModel], book: pd.DataFrame
) -> None:
    whole = hazards[name].margins(book)
    assert whole.shape == (2000, 5) and np.isfinite(whole).all()
    for size, rows in ((1, 300), (7, 700), (1023, 2000)):
        parts = [hazards[name].margins(book.iloc[i : min(i + size, rows)]) for i in range(0, rows, size)]
        assert np.concatenate(parts).tobytes() == whole[:rows].tobytes()
    assert hazards[name].margins(book.iloc[:0]).shape == (0, 5)


@pytest.mark.parametrize("name", ALL)
def test_order_of_rows_and_columns_changes_no_bit(
    name: str, hazards: dict[str, HazardModel], book: pd.DataFrame
) -> None:
    order = np.random.default_rng(3).permutation(len(book))
    mixed = book.iloc[order][book.columns[::-1]].assign(extra="ignored")
    assert hazards[name].margins(mixed).tobytes() == hazards[name].margins(book)[order].tobytes()


@pytest.mark.parametrize("name", ALL)
def test_shuffled_rows_and_two_threads_give_the_same_files(
    name: str, hazards: dict[str, HazardModel], world: Renewing, tmp_path: Path
) -> None:
    order = np.random.default_rng(5).permutation(len(world.X))
    hazards[name].save(tmp_path / "one")
    world.take(order).fit(name, threads=2).save(tmp_path / "two")
    files = written(tmp_path / "one")
    assert files == written(tmp_path / "two")
    trees = {"lightgbm.txt", "lightgbm_2.txt", "trees.npz", "trees_2.npz"} if name in WITH_TREES else set()
    assert set(files) == {"model.json"} | trees


@pytest.mark.parametrize("name", ALL)
def test_a_saved_model_says_the_same_bits(
    name: str, hazards: dict[str, HazardModel], book: pd.DataFrame, tmp_path: Path
) -> None:
    hazards[name].save(tmp_path)
    loaded = load_model(tmp_path)
    assert isinstance(loaded, HazardModel) and isinstance(loaded, FittedModel)
    assert loaded == hazards[name]
    assert loaded.margins(book).tobytes() == hazards[name].margins(book).tobytes()
    loaded.save(tmp_path / "again")
    assert written(tmp_path / "again") == written(tmp_path)


@pytest.mark.parametrize("name", ALL)
def test_every_feature_of_a_model_is_asked_for_by_name(
    name: str, hazards: dict[str, HazardModel], book: pd.DataFrame
) -> None:
    for feature in hazards[name].features:
        with pytest.raises(FeatureError, match=feature):
            hazards[name].margins(book.drop(columns=feature))
    unknown = pd.DataFrame({feature: [None] for feature in hazards[name].features})
    assert np.isfinite(hazards[name].margins(unknown)).all()


def stretch_in(part: dict[str, Any]) -> dict[str, Any]:
    """Where a part of a model file says of which periods it speaks."""
    own = part.get("logistic", part)
    return own["stretch"] if own.get("periods") is None else own["periods"]["stretch"]


def without_stretch(body: dict[str, Any]) -> None:
    for part in body["parts"]:
        for own in (part, part.get("logistic", {}), part.get("trees", {})):
            own.update({key: None for key in ("periods", "stretch") if key in own})


DAMAGES = {
    "a part is missing": lambda body: body["parts"].pop(),
    "the near part is missing": lambda body: body["parts"].pop(0),
    "parts in another order": lambda body: body["parts"].reverse(),
    "no part and no period": lambda body: body.update(parts=[], edges=[]),
    "a part speaks of later periods": lambda body: stretch_in(body["parts"][0]).update(first=1),
    "a part has edges of its own": lambda body: stretch_in(body["parts"][0]).update(edges=[30, 60, 90, 180, 366]),
    "a part has a lead of its own": lambda body: stretch_in(body["parts"][1]).update(lead_days=7),
    "a part says not of which periods": without_stretch,
    "one period more": lambda body: body["edges"].append(730),
    "edges that are no days": lambda body: body.update(edges=[float(edge) for edge in body["edges"]]),
    "a part reads what the model does not": lambda body: body["features"].remove("nps_latest"),
    "features are not a list of names": lambda body: body.update(features="nps_latest"),
    "a part is no object": lambda body: body["parts"].append(3),
    "parts are none": lambda body: body.update(parts=None),
    "a kind that is not ours": lambda body: body.update(kind="oracle"),
    "a model of models": lambda body: body.update(kind="hazard"),
}


@pytest.mark.parametrize("name", ["logistic", "lightgbm", "blend"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_model_file_whose_parts_do_not_fit_is_refused(
    name: str, damage: str, hazards: dict[str, HazardModel], tmp_path: Path
) -> None:
    assert len(hazards[name].parts) == 2
    hazards[name].save(tmp_path)
    file = tmp_path / "model.json"
    body = json.loads(file.read_text())
    DAMAGES[damage](body)
    file.write_text(json.dumps(body))
    with pytest.raises(BundleError):
        load_model(tmp_path)


@pytest.mark.parametrize("file", ["lightgbm.txt", "lightgbm_2.txt", "trees.npz", "trees_2.npz"])
def test_trees_of_each_part_are_refused_where_a_byte_of_them_changed(
    file: str, hazards: dict[str, HazardModel], tmp_path: Path
) -> None:
    hazards["lightgbm"].save(tmp_path)
    good = (tmp_path / file).read_bytes()
    for place in np.random.default_rng(0).integers(len(good), size=20):
        (tmp_path / file).write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(BundleError, match=file):
            load_model(tmp_path)
    other = file.replace("_2", "") if "_2" in file else file.replace(".", "_2.")
    (tmp_path / file).write_bytes((tmp_path / other).read_bytes())
    with pytest.raises(BundleError, match=file):
        load_model(tmp_path)


@pytest.mark.parametrize("name", ALL)
def test_a_damaged_model_is_refused_or_finite_never_a_crash(
    name: str, hazards: dict[str, HazardModel], book: pd.DataFrame, tmp_path: Path
) -> None:
    hazards[name].save(tmp_path)
    file = tmp_path / "model.json"
    good = file.read_bytes()
    draw = np.random.default_rng(0)
    refused = 0
    for _ in range(100):
        damaged = bytearray(good)
        damaged[draw.integers(len(good))] ^= 1 << draw.integers(8)
        file.write_bytes(damaged)
        try:
            assert load_model(tmp_path).margins(book.iloc[:1]).shape == (1, len(EDGES))
        except (BundleError, FeatureError):
            refused += 1
    assert refused > 10
