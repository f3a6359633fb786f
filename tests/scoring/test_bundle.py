from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import churnmodel
from churnmodel.errors import BundleError
from churnmodel.models.periods import EDGES
from churnmodel.scoring.bundle import Flagged, read_bundle, write_bundle
from churnmodel.scoring.reference import golden_rows, reference_of
from churnmodel.scoring.sealed import seal
from scoring.small_company import ONE_OUTCOME, bundle, feature_rows, parts


@pytest.fixture
def copy(bundle_folder, tmp_path):
    return shutil.copytree(bundle_folder, tmp_path / "bundle")


def reseal(folder: Path, **changes: object) -> None:
    """Change the manifest and vouch for it again: what somebody would do who means it."""
    manifest = json.loads((folder / "manifest.json").read_text())
    text = json.dumps(manifest | changes).encode()
    (folder / "manifest.json").write_bytes(text)
    (folder / "manifest.sha256").write_bytes(seal(text))


def test_what_is_read_scores_as_what_was_written(any_bundle):
    name = any_bundle.name
    found, X = read_bundle(any_bundle), feature_rows(300, seed=3)
    given = parts(name)
    wanted = given.curve.risks(given.model.margins(X))
    assert found.risks(X[list(found.manifest.inputs)]).tobytes() == wanted.tobytes()
    assert found.manifest.window.horizon_days == 90
    assert found.manifest.window.edges == ((90,) if name == ONE_OUTCOME else EDGES)
    assert found.manifest.metrics == {"auroc": 0.8125, "by_fold": {"1": 0.75, "2": None}}


def test_the_version_is_the_sha256_of_the_manifest(bundle_folder):
    text = (bundle_folder / "manifest.json").read_bytes()
    found = read_bundle(bundle_folder)
    assert found.version == hashlib.sha256(text).hexdigest()
    assert found.version.startswith(found.short_version) and len(found.short_version) == 12


def test_the_same_parts_give_the_same_bytes(bundle_folder, tmp_path):
    again = bundle(tmp_path / "again", bundle_folder.name)
    for path in bundle_folder.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_writing_the_same_bundle_twice_leaves_it_and_another_is_refused(copy):
    before = {path.name: path.stat().st_mtime_ns for path in copy.iterdir()}
    write_bundle(copy, parts(read_bundle(copy).manifest.model.name))
    assert {path.name: path.stat().st_mtime_ns for path in copy.iterdir()} == before
    with pytest.raises(BundleError, match="another bundle"):
        write_bundle(copy, replace(parts("base_rate"), revision="other"))


def test_a_write_that_fails_leaves_nothing_behind(tmp_path):
    with pytest.raises(BundleError, match="cannot be kept as JSON"):
        write_bundle(tmp_path / "bundle", replace(parts(), metrics={"when": object()}))
    assert list(tmp_path.iterdir()) == []


def test_random_byte_flips_in_every_file_are_all_refused(copy):
    random = np.random.default_rng(2)
    files = sorted(copy.iterdir())
    refused = 0
    for number in range(126):
        path = files[number % len(files)]
        content = path.read_bytes()
        place, bit = int(random.integers(len(content))), 1 << int(random.integers(8))
        damaged = bytearray(content)
        damaged[place] ^= bit
        path.write_bytes(damaged)
        with pytest.raises(BundleError):
            read_bundle(copy)
        path.write_bytes(content)
        refused += 1
    assert refused == 126
    read_bundle(copy)


def test_a_file_cut_short_or_grown_is_refused(copy):
    for path in sorted(copy.iterdir()):
        content = path.read_bytes()
        for damaged in (b"", content[: len(content) // 2], content[:-1], content + b"\n"):
            path.write_bytes(damaged)
            with pytest.raises(BundleError):
                read_bundle(copy)
        path.write_bytes(content)


def test_a_missing_file_is_refused(copy):
    for path in sorted(copy.iterdir()):
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(BundleError, match=path.name):
            read_bundle(copy)
        path.write_bytes(content)


@pytest.mark.parametrize("name", ["model.pkl", "notes.txt", ".hidden", "model.joblib"])
def test_an_extra_file_is_refused_by_name(copy, name):
    (copy / name).write_bytes(b"\x80\x05.")
    with pytest.raises(BundleError, match=name):
        read_bundle(copy)


def test_a_link_is_refused_even_to_the_very_same_bytes(copy, tmp_path):
    moved = (copy / "model.json").rename(tmp_path / "elsewhere.json")
    (copy / "model.json").symlink_to(moved)
    with pytest.raises(BundleError, match=r"'model\.json' is no plain file"):
        read_bundle(copy)


def test_a_subfolder_is_refused(copy):
    (copy / "more").mkdir()
    with pytest.raises(BundleError, match="'more' is no plain file"):
        read_bundle(copy)


@pytest.mark.parametrize("name", ["../model.json", "/etc/hostname", "a/b.json", "model.pkl", "..", ""])
def test_a_manifest_that_names_a_path_is_refused_though_its_seal_holds(copy, name):
    files = json.loads((copy / "manifest.json").read_text())["files"]
    reseal(copy, files=files | {name: "0" * 64})
    with pytest.raises(BundleError, match="plain file name"):
        read_bundle(copy)


@pytest.mark.parametrize("version", [0, 1, 3, "2", None, True, 1.5])
def test_another_format_version_is_refused_with_what_to_do(copy, version):
    reseal(copy, format_version=version)
    with pytest.raises(BundleError, match="Install the churnmodel that wrote the bundle"):
        read_bundle(copy)


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1}, {"bands": {"orange_from": "0.1", "red_from": 0.2}}, {"inputs": ["nobody"]},
        {"bands": {"orange_from": 0.5, "red_from": 0.2}}, {"fingerprint": "0" * 64}, {"features": []},
        {"features": [{"name": "x"}]}, {"window": {}}, {"golden": {"rows": [[1.0]], "risks": []}},
    ],
)  # fmt: skip
def test_a_manifest_that_makes_no_sense_is_refused_though_its_seal_holds(copy, changes):
    reseal(copy, **changes)
    with pytest.raises(BundleError):
        read_bundle(copy)


def test_a_golden_score_off_by_one_bit_is_refused_as_other_libraries(copy):
    golden = json.loads((copy / "manifest.json").read_text())["golden"]
    golden["risks"][3][-1] = float(np.nextafter(golden["risks"][3][-1], 1))
    reseal(copy, golden=golden)
    with pytest.raises(BundleError, match="libraries here give other scores"):
        read_bundle(copy)


def test_a_manifest_of_other_horizons_than_its_model_s_is_refused_though_its_seal_holds(copy):
    window = json.loads((copy / "manifest.json").read_text())["window"]
    reseal(copy, window=window | {"edges": [*window["edges"][:-1], 720]})
    with pytest.raises(BundleError):
        read_bundle(copy)


def test_no_row_of_an_account_travels_with_the_bundle(bundle_folder):
    X = feature_rows(600)
    content = b"".join(path.read_bytes() for path in bundle_folder.iterdir())
    assert not [account for account in X.index.get_level_values("account_id") if account.encode() in content]
    golden = json.loads((bundle_folder / "manifest.json").read_text())["golden"]["rows"]
    inputs = read_bundle(bundle_folder).manifest.inputs
    rows = {tuple(None if v != v else v for v in row) for row in X[list(inputs)].itertuples(index=False)}
    assert not rows & {tuple(row) for row in golden}


def test_golden_rows_walk_through_the_whole_range_of_every_feature():
    given = parts()
    inputs = [f for f in given.features if f.role == "input"]
    rows = golden_rows(reference_of(given.X, inputs), inputs)
    for feature in inputs:
        known = rows[feature.name].dropna()
        if feature.is_category:
            assert set(known) == set(given.X[feature.name].dropna())
        else:
            assert known.min() == given.X[feature.name].min()
            assert known.max() >= given.X[feature.name].quantile(0.95)
    assert rows.iloc[-1].isna().all()


def test_the_model_card_says_its_limits_and_only_what_the_manifest_holds(bundle_folder):
    card, left = (bundle_folder / "model_card.md").read_text(), parts(bundle_folder.name).churners
    for said in (f"{left} of them left", "2026-02-01", "not a proven cause", "`nps_latest`"):
        assert said in card
    edges = read_bundle(bundle_folder).manifest.window.edges
    assert re.sub(" and |, ", " ", card).count(f"within {' '.join(map(str, edges))} days") == 1
    assert ("by its next renewal" in card) == (len(edges) > 1), "a model of one outcome knows of no renewal"


@pytest.mark.parametrize(("accounts", "loose"), [(49, True), (50, False), (None, False)])
def test_the_card_calls_figures_loose_by_accounts_that_left_and_not_by_their_snapshots(tmp_path, accounts, loose):
    write_bundle(tmp_path / "b", replace(parts(), churners=500, churned_accounts=accounts))
    card = (tmp_path / "b" / "model_card.md").read_text()
    assert ("its figures are loose" in card) == loose
    assert (f"500 of them left (83.3%), of {accounts} accounts." in card) == (accounts is not None)
    assert read_bundle(tmp_path / "b").manifest.training.churned_accounts == accounts


def test_the_card_lists_what_the_checks_found(tmp_path, bundle_folder):
    found = (
        Flagged("CHN004", "Miscalibrated", True, "Risks do not come true: 2.03."),
        Flagged("CHN007", "Too few churners", False, "34 accounts churned, which is few."),
    )
    write_bundle(tmp_path / "b", replace(parts(), findings=found))
    card = (tmp_path / "b" / "model_card.md").read_text()
    assert "* CHN004, miscalibrated: Risks do not come true: 2.03." in card
    assert "* CHN007, too few churners (a warning): 34 accounts churned, which is few." in card
    assert [f.code for f in read_bundle(tmp_path / "b").manifest.findings] == ["CHN004", "CHN007"]
    assert "What the checks found" not in (bundle_folder / "model_card.md").read_text()


def test_loading_and_scoring_unpickles_nothing_and_never_opens_a_planted_pickle(bundle_folder, tmp_path):
    planted = shutil.copytree(bundle_folder, tmp_path / "planted")
    (planted / "model.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    done = subprocess.run(
        [sys.executable, "-c", NO_PICKLE, str(bundle_folder), str(planted), *PATHS],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["scored", "refused", "watched"], done.stderr


PATHS = [str(Path(__file__).parents[1]), str(Path(churnmodel.__file__).parents[1])]
NO_PICKLE = """
import sys
sys.path[:0] = sys.argv[3:]
# what this imports may unpickle caches of its own, so it comes before the hook
import scoring.small_company as small_company
from churnmodel.errors import BundleError
from churnmodel.models.periods import EDGES
from churnmodel.explanation.tree_kernel import contributions
from churnmodel.models.tree_rows import margins
from churnmodel.models.tree_text import trees_of
from churnmodel.scoring.scorer import Scorer
from models.grown import grow
X = small_company.feature_rows(50)
# numba keeps its compiled code, beside Python's own, as pickles
trees, rows = trees_of(grow().text), grow().rows
margins(trees, rows), contributions(trees, rows), contributions(trees, rows[:1])
def watch(event, arguments):
    if event == "pickle.find_class":
        raise RuntimeError(f"unpickling {arguments}")
    if event == "open" and str(arguments[0]).endswith(".pkl"):
        raise RuntimeError(f"opening {arguments}")
sys.addaudithook(watch)
scorer = Scorer.load(sys.argv[1])
scorer.score_and_explain(X)
print("scored")
try:
    Scorer.load(sys.argv[2])
except BundleError as refusal:
    print("refused" if "model.pkl" in str(refusal) else refusal)
import pickle
try:
    pickle.loads(pickle.dumps(BundleError))
except RuntimeError:
    print("watched")                     # the hook does see what it should forbid
"""
