"""Does the same data give the same model, byte for byte, and is it said where it does not?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import BundleError
from churnmodel.workflow.project import Project
from churnmodel.workflow.reproduce import folder_of, reproduce
from trained_project import TrainedProject


@pytest.fixture(scope="module")
def other(trained_project: TrainedProject, tmp_path_factory: pytest.TempPathFactory) -> TrainedProject:
    """The trained project with the rows of every table in another order."""
    copy = trained_project.copy(tmp_path_factory.mktemp("again") / "project")
    for place in sorted((copy.folder / "data").rglob("*.parquet")):
        rows = pd.read_parquet(place)
        rows.iloc[np.random.default_rng(7).permutation(len(rows))].to_parquet(place, index=False)
    return copy


def with_threads(copy: TrainedProject, threads: int) -> Project:
    project = Project.open(copy.config)
    training = project.settings.training.model_copy(update={"threads": threads})
    return replace(project, settings=project.settings.model_copy(update={"training": training}))


def test_shuffled_rows_and_another_number_of_threads_give_the_same_bytes(other: TrainedProject) -> None:
    found = reproduce(with_threads(other, 1))
    assert found.is_same, found.differences
    assert found.differences == ()


def test_a_changed_table_is_named(other: TrainedProject, tmp_path) -> None:
    copy = other.copy(tmp_path / "project")
    [place] = (copy.folder / "data").glob("subscriptions*.parquet")
    rows = pd.read_parquet(place)
    rows["mrr"] = rows["mrr"] * 1.5
    rows.to_parquet(place, index=False)
    found = reproduce(with_threads(copy, 2), revision="another")
    assert not found.is_same
    assert any(why.startswith("the tables give other features") for why in found.differences)


def test_a_version_is_named_by_its_first_digits(trained_project: TrainedProject) -> None:
    [place] = [p for p in (trained_project.folder / "models").iterdir() if p.is_dir()][:1]
    assert folder_of(trained_project.folder, place.name[:6]).parent == place.parent


@pytest.mark.parametrize("version", ["zzzz", "ab", "../../x", "00000000"])
def test_what_is_no_kept_version_is_refused(trained_project: TrainedProject, version: str) -> None:
    with pytest.raises(BundleError, match=r"version|begins"):
        folder_of(trained_project.folder, version)
