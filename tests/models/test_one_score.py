"""Is a row's score one score: alone, in any batch, in any order, at any thread count, after any reload?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import BundleError, FeatureError
from churnmodel.models.fitted import AdditiveModel, FittedModel, load_model

from .conftest import SPECS, Company

ALL = sorted(SPECS)
WITH_TREES = ("blend", "lightgbm")
ADDITIVE = [name for name in ALL if name not in WITH_TREES]


def bits(values: np.ndarray) -> list[int]:
    return np.ascontiguousarray(values, dtype=np.float64).view(np.int64).tolist()


@pytest.mark.parametrize("name", ALL)
def test_batch_size_changes_no_bit(name: str, fitted: dict[str, FittedModel], book: pd.DataFrame) -> None:
    whole = fitted[name].margin(book)
    for size in (2, 7, 64, 1023):
        few = book.iloc[: 40 * size]
        parts = [fitted[name].margin(few.iloc[i : i + size]) for i in range(0, len(few), size)]
        assert bits(np.concatenate(parts)) == bits(whole[: len(few)])


@pytest.mark.parametrize("name", ALL)
def test_a_row_alone_has_the_bits_it_has_among_5000(
    name: str, fitted: dict[str, FittedModel], book: pd.DataFrame
) -> None:
    assert len(book) == 5000
    whole = fitted[name].margin(book)
    rows = range(5000) if name not in WITH_TREES else range(0, 5000, 5)
    alone = [fitted[name].margin(book.iloc[i : i + 1])[0] for i in rows]
    assert bits(np.array(alone)) == bits(whole[list(rows)])


@pytest.mark.parametrize("name", ALL)
def test_order_of_rows_and_columns_changes_no_bit(
    name: str, fitted: dict[str, FittedModel], book: pd.DataFrame
) -> None:
    order = np.random.default_rng(3).permutation(len(book))
    mixed = book.iloc[order][book.columns[::-1]].assign(extra="ignored")
    assert bits(fitted[name].margin(mixed)) == bits(fitted[name].margin(book)[order])


@pytest.mark.parametrize("name", ADDITIVE)
def test_terms_add_up_to_the_margin(name: str, fitted: dict[str, FittedModel], book: pd.DataFrame) -> None:
    model = fitted[name]
    assert isinstance(model, AdditiveModel)
    total = np.full(len(book), model.intercept)
    for term in model.terms(book).T:
        total = total + term
    assert bits(total) == bits(model.margin(book))


@pytest.mark.parametrize("name", ADDITIVE)
def test_mean_terms_are_the_mean_over_all_training_rows(
    name: str, fitted: dict[str, FittedModel], company: Company
) -> None:
    model = fitted[name]
    assert isinstance(model, AdditiveModel)
    assert np.allclose(model.mean_terms, model.terms(company.X).mean(axis=0), rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", WITH_TREES)
def test_a_model_with_trees_offers_no_terms(name: str, fitted: dict[str, FittedModel]) -> None:
    assert isinstance(fitted[name], FittedModel)
    assert not isinstance(fitted[name], AdditiveModel)


@pytest.mark.parametrize("name", ALL)
def test_a_saved_model_scores_the_same_bits(
    name: str, fitted: dict[str, FittedModel], book: pd.DataFrame, tmp_path: Path
) -> None:
    fitted[name].save(tmp_path)
    loaded = load_model(tmp_path)
    assert bits(loaded.margin(book)) == bits(fitted[name].margin(book))
    assert loaded == fitted[name]
    loaded.save(tmp_path / "again")
    assert written(tmp_path / "again") == written(tmp_path)


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("name", ALL)
def test_shuffled_rows_and_two_threads_give_the_same_files(
    name: str, fitted: dict[str, FittedModel], company: Company, tmp_path: Path
) -> None:
    order = np.random.default_rng(5).permutation(len(company.X))
    fitted[name].save(tmp_path / "one")
    company.fit(name, threads=2, order=order).save(tmp_path / "two")
    assert written(tmp_path / "one") == written(tmp_path / "two")
    assert "model.json" in written(tmp_path / "one")


@pytest.mark.parametrize("name", WITH_TREES)
def test_another_seed_gives_other_trees(name: str, fitted: dict[str, FittedModel], company: Company) -> None:
    assert company.fit(name, seed=2) != fitted[name]


@pytest.mark.parametrize("name", ALL)
def test_a_model_of_one_outcome_speaks_of_one_period(
    name: str, fitted: dict[str, FittedModel], book: pd.DataFrame
) -> None:
    margins = fitted[name].margins(book)
    assert margins.shape == (len(book), 1)
    assert bits(margins[:, 0]) == bits(fitted[name].margin(book))


@pytest.mark.parametrize("name", ALL)
def test_no_row_scores_to_no_row(name: str, fitted: dict[str, FittedModel], book: pd.DataFrame) -> None:
    assert fitted[name].margin(book.iloc[:0]).shape == (0,)


@pytest.mark.parametrize("name", ALL)
def test_a_row_of_unknowns_scores_finite(name: str, fitted: dict[str, FittedModel]) -> None:
    unknown = pd.DataFrame({name: [None] for name in fitted["logistic"].features})
    assert np.isfinite(fitted[name].margin(unknown)).all()


@pytest.mark.parametrize("name", ALL)
def test_a_missing_feature_is_refused_by_name(
    name: str, fitted: dict[str, FittedModel], book: pd.DataFrame
) -> None:
    with pytest.raises(FeatureError, match=r"nps_latest.*Build it with the same features"):
        fitted[name].margin(book.drop(columns="nps_latest"))


@pytest.mark.parametrize("name", ["scorecard", "logistic", "lightgbm", "blend"])
def test_infinity_is_refused_by_name(name: str, fitted: dict[str, FittedModel], book: pd.DataFrame) -> None:
    with pytest.raises(FeatureError, match="overdue_count: 1 of 5000 values are infinite"):
        fitted[name].margin(book.assign(overdue_count=[np.inf] + [0.0] * 4999))


@pytest.mark.parametrize("name", ALL)
def test_extreme_values_stay_finite(name: str, fitted: dict[str, FittedModel], book: pd.DataFrame) -> None:
    extreme = book.iloc[:2].assign(seats=[1e308, -1e308], usage_change_28d=[-1e308, 1e308])
    assert np.isfinite(fitted[name].margin(extreme)).all()


def test_a_model_of_another_kind_or_format_is_refused(fitted: dict[str, FittedModel], tmp_path: Path) -> None:
    fitted["logistic"].save(tmp_path)
    text = (tmp_path / "model.json").read_text()
    (tmp_path / "model.json").write_text(text.replace('"estimator": "logistic"', '"estimator": "oracle"'))
    with pytest.raises(BundleError, match="found 'oracle'"):
        load_model(tmp_path)
    (tmp_path / "model.json").write_text(text.replace('"format": 1', '"format": 2'))
    with pytest.raises(BundleError, match="wanted model format 1, found 2"):
        load_model(tmp_path)
    with pytest.raises(BundleError, match=r"no readable model\.json"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ALL)
def test_a_damaged_model_is_refused_or_finite_never_a_crash(
    name: str, fitted: dict[str, FittedModel], book: pd.DataFrame, tmp_path: Path
) -> None:
    fitted[name].save(tmp_path)
    good = (tmp_path / "model.json").read_bytes()
    draw = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        damaged = bytearray(good)
        damaged[draw.integers(len(good))] ^= 1 << draw.integers(8)
        (tmp_path / "model.json").write_bytes(damaged)
        try:
            assert load_model(tmp_path).margin(book.iloc[:1]).shape == (1,)
        except (BundleError, FeatureError):
            refused += 1
    assert refused > 10
