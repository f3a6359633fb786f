from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import churnmodel
from churnmodel.errors import BundleError, TooFewChurners
from churnmodel.models.boosted import BoostedModel, BoostedSettings, fit_boosted
from churnmodel.models.fitted import FittedModel, load_model
from churnmodel.models.spec import ModelSpec
from churnmodel.models.training_rows import training_rows

from .conftest import Company, feature, make_company
from .renewing import make_renewing

SMALL = BoostedSettings(trees=40)


@pytest.fixture(scope="module")
def boosted(fitted: dict[str, FittedModel]) -> BoostedModel:
    model = fitted["lightgbm"]
    assert isinstance(model, BoostedModel)
    return model


@pytest.mark.parametrize(("name", "sign"), [("usage_change_28d", -1), ("overdue_count", 1), ("nps_latest", -1)])
def test_risk_never_goes_against_the_catalog(
    name: str, sign: int, boosted: BoostedModel, book: pd.DataFrame
) -> None:
    few = book.iloc[:100]
    grid = np.linspace(few[name].min() - 1, few[name].max() + 1, 40)
    margins = np.array([boosted.margin(few.assign(**{name: value})) for value in grid])
    steps = np.diff(margins, axis=0) * sign
    assert (steps >= 0).all()
    assert (steps > 0).any()


def test_without_constraints_noise_goes_both_ways() -> None:
    draw = np.random.default_rng(0)
    X = pd.DataFrame({"usage": draw.normal(size=800)})
    rows = training_rows(X, draw.random(800) < 0.3)
    grid = pd.DataFrame({"usage": np.linspace(-2, 2, 200)})
    usage = feature("usage", "change", "low")
    free = fit_boosted(rows, [usage], BoostedSettings(trees=40, monotone=False), seed=0)
    held = fit_boosted(rows, [usage], SMALL, seed=0)
    assert (np.diff(free.margin(grid)) > 0).any()
    assert not (np.diff(held.margin(grid)) > 0).any()


def test_an_unknown_never_met_in_training_stands_at_the_median_not_at_0() -> None:
    draw = np.random.default_rng(1)
    X = pd.DataFrame({"seats": draw.normal(100, 10, 800)})
    rows = training_rows(X, draw.random(800) < 1 / (1 + np.exp(X["seats"].to_numpy() - 100)))
    model = fit_boosted(rows, [feature("seats")], SMALL, seed=0)
    margin = model.margin(pd.DataFrame({"seats": [np.nan, X["seats"].median(), 0.0]}))
    assert margin[0] == margin[1]
    assert margin[2] > margin[0] + 0.5


def test_an_unknown_met_in_training_is_learned_from() -> None:
    draw = np.random.default_rng(2)
    seats = np.where(draw.random(1000) < 0.5, np.nan, draw.normal(size=1000))
    rows = training_rows(pd.DataFrame({"seats": seats}), np.isnan(seats) & (draw.random(1000) < 0.8))
    model = fit_boosted(rows, [feature("seats")], SMALL, seed=0)
    margin = model.margin(pd.DataFrame({"seats": [np.nan, -1.0, 0.0, 1.0]}))
    assert margin[0] > margin[1:].max() + 1


def test_19_churned_accounts_are_refused_and_20_are_not() -> None:
    company = make_company(100, n_dates=3)
    account = company.X.index.get_level_values("account_id")
    for n in (0, 1, 2, 19):
        rows = training_rows(company.X, account < f"a{n:05d}")
        message = (
            rf"lightgbm: wanted at least 20 accounts that churned .* found {n} in 300 snapshots. Use models/log"
        )
        with pytest.raises(TooFewChurners, match=message):
            fit_boosted(rows, company.features, SMALL, seed=0)
    enough = training_rows(company.X, account < "a00020")
    assert isinstance(fit_boosted(enough, company.features, SMALL, seed=0), BoostedModel)


def test_weights_move_the_rate() -> None:
    company = make_company(300, n_dates=1)
    weights = np.where(company.churned, 5.0, 1.0)
    plain = fit_boosted(training_rows(company.X, company.churned), company.features, SMALL, seed=0)
    heavy = fit_boosted(training_rows(company.X, company.churned, weights), company.features, SMALL, seed=0)
    assert heavy.margin(company.X).mean() > plain.margin(company.X).mean() + 0.5


@pytest.mark.parametrize("level", ['pro "x"', "größe, [1]", "a b", "{}:"])
def test_any_level_name_can_be_trained_on_and_saved(level: str, tmp_path: Path) -> None:
    company = make_company(200, n_dates=1)
    X = company.X.assign(plan=company.X["plan"].replace("team", level))
    model = fit_boosted(training_rows(X, company.churned), company.features, SMALL, seed=0)
    model.save(tmp_path)
    assert load_model(tmp_path).margin(X).tolist() == model.margin(X).tolist()


def test_the_order_of_columns_is_that_of_the_encoding(boosted: BoostedModel, book: pd.DataFrame) -> None:
    columns = boosted.columns(book)
    assert columns.shape == (len(book), len(boosted.encoding.feature_of))
    direct = boosted.booster.predict(columns, raw_score=True, num_threads=1)
    assert boosted.margin(book[book.columns[::-1]]).tolist() == direct.tolist()
    assert boosted.margins(book.iloc[:0]).shape == (0, 1)


def test_the_text_knows_nothing_of_threads(company: Company) -> None:
    rows = training_rows(company.X, company.churned)
    one = fit_boosted(rows, company.features, SMALL, seed=0, threads=1)
    two = fit_boosted(rows, company.features, SMALL, seed=0, threads=2)
    assert one.text == two.text
    assert "[num_threads: 1]" in one.text


@pytest.mark.parametrize("name", ["lightgbm.txt", "trees.npz"])
def test_damaged_trees_are_refused_before_they_are_read(name: str, boosted: BoostedModel, tmp_path: Path) -> None:
    boosted.save(tmp_path)
    file = tmp_path / name
    good = file.read_bytes()
    draw = np.random.default_rng(0)
    for place in draw.integers(len(good), size=200):
        file.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(BundleError, match=name.replace(".", r"\.")):
            load_model(tmp_path)
    file.unlink()
    with pytest.raises(BundleError, match=rf"no readable .*{name[:5]}"):
        load_model(tmp_path)


def test_trees_of_other_columns_are_refused_though_their_sum_is_right(
    boosted: BoostedModel, tmp_path: Path
) -> None:
    wider = replace(boosted.trees, columns=boosted.trees.columns + 1)
    replace(boosted, trees=wider).save(tmp_path)
    with pytest.raises(BundleError, match="its trees ask other columns than it has"):
        load_model(tmp_path)


def test_a_model_is_loaded_scored_and_explained_without_lightgbm(
    boosted: BoostedModel, book: pd.DataFrame, tmp_path: Path
) -> None:
    boosted.save(tmp_path)
    book.iloc[:20].reset_index(drop=True).to_parquet(tmp_path / "book.parquet")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIGHTGBM, str(tmp_path), str(Path(churnmodel.__file__).parents[1])],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout.split() == [value.hex() for value in boosted.margin(book.iloc[:20])], done.stderr


WITHOUT_LIGHTGBM = """
import sys
sys.path.insert(0, sys.argv[2])
sys.modules["lightgbm"] = None      # importing it now fails
import pandas as pd
from pathlib import Path
from churnmodel.explanation.shapley import shapley_values
from churnmodel.models.fitted import load_model
model, X = load_model(Path(sys.argv[1])), pd.read_parquet(sys.argv[1] + "/book.parquet")
assert shapley_values(model, X).phi.shape[0] == 20
print(*(value.hex() for value in model.margin(X)))
"""


def test_no_pickle_is_written_or_read(
    boosted: BoostedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boosted.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lightgbm.txt", "model.json", "trees.npz"]
    found: list[str] = []
    sys.addaudithook(lambda event, _: found.append(event) if event == "pickle.find_class" else None)
    load_model(tmp_path)
    assert found == []


@pytest.mark.parametrize("held", [True, False])
def test_without_constraints_the_end_of_a_long_term_is_free_too(held, tmp_path) -> None:
    spec = ModelSpec("m", "M", "lightgbm", {"trees": 2, "monotone": held})
    make_renewing(600).fit(spec).save(tmp_path)
    text = "".join(path.read_text() for path in tmp_path.glob("*.txt"))
    told = re.findall(r"\[monotone_constraints: (.*?)\]", text)
    assert told and all(("1" in t.split(",")[-4:]) == held for t in told)
