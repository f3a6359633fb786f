from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import churnmodel
from churnmodel.models.compiled import compiled


def test_a_test_for_nan_stays_one_and_a_sum_keeps_its_order() -> None:
    @compiled
    def known(values):  # type: ignore[no-untyped-def]
        total = 0.0
        for value in values:
            if value == value:
                total += value
        return total

    values = np.array([1e16, 1.0, np.nan, 1.0, -1e16] * 9)
    in_order = 0.0
    for value in values[~np.isnan(values)].tolist():
        in_order += value
    assert known(values) == in_order != np.nansum(values.astype(np.longdouble))


@pytest.mark.parametrize("place", ["cannot be written to", "can be written to"])
def test_the_code_is_kept_where_it_can_be_and_done_without_where_not(place: str, tmp_path: Path) -> None:
    source = Path(churnmodel.__file__).parents[1]
    shutil.copytree(source, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    folders = [tmp_path / "src/churnmodel/models/__pycache__", tmp_path / "cache"]
    for folder in folders:  # a file where a folder should be: nobody, not even root, can write into it
        folder.write_text("") if place == "cannot be written to" else folder.mkdir()
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "XDG"))}
    done = subprocess.run(
        [sys.executable, "-c", KEPT, str(tmp_path / "src")],
        env=plain | {"HOME": str(tmp_path / "cache"), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["True"], done.stderr
    kept = [path for folder in folders for path in folder.glob("**/*.nbc")]
    assert bool(kept) == (place == "can be written to")


KEPT = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from churnmodel.models.tree_rows import margins
from churnmodel.models.trees import DTYPES, Trees
stump = {name: np.zeros(0, dtype) for name, dtype in DTYPES.items()}
stump |= {"first_node": np.zeros(2, np.int32), "first_word": np.zeros(1, np.int32)}
stump |= {"leaf_value": np.array([0.25]), "leaf_cover": np.array([3])}
print(margins(Trees(1, **stump), np.zeros((2, 1))).tolist() == [0.25, 0.25])
"""
