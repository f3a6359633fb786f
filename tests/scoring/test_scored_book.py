"""The whole way on the demo company: tables, book, features, model, bundle, score table."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import churnmodel
from churnmodel.errors import FeatureError
from churnmodel.evaluation.replayed import known_outcomes
from churnmodel.features.catalog import available
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.periods import edges_with
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.scoring.bands import choose_bands
from churnmodel.scoring.bundle import write_bundle
from churnmodel.scoring.score_table import publish, read_latest
from churnmodel.scoring.scorer import Scorer
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database, snapshot_index
from scoring.small_company import bundle, parts


@pytest.fixture(scope="module")
def db(demo_company):
    return Database.from_frames(demo_company.tables, until=demo_company.until)


@pytest.fixture(scope="module")
def catalog(db):
    return available(db)


@pytest.fixture(scope="module")
def scorer(db, catalog, tmp_path_factory):
    window = LabelWindow(horizon_days=90)
    as_ofs = list(pd.date_range(end=db.until - pd.Timedelta(days=130), periods=6, freq="60D").normalize())
    cohort = build_cohort(db, as_ofs)
    edges = edges_with(window.horizon_days)
    outcomes = known_outcomes(db, snapshot_index(cohort), window, edges)
    X, told = build_feature_matrix(db, cohort, catalog).loc[outcomes.index], outcomes.to_numpy()
    model = fit_model(ModelSpec("logistic", "Logistic", "logistic"), X, told, catalog, seed=1, edges=edges)
    curve = uncalibrated(model.edges)
    handed = replace(
        parts(), model=model, curve=curve, features=catalog, X=X, window=window, as_ofs=as_ofs,
        churners=int((told == 1.0).any(axis=1).sum()),
        bands=choose_bands(curve.headline(curve.risks(model.margins(X)), X)),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("demo") / "bundle"
    write_bundle(folder, handed)
    return Scorer.load(folder)


@pytest.fixture(scope="module")
def book(db, catalog, scorer):
    return scorer.score_book(db, db.until.date(), catalog)


def test_everybody_in_the_book_is_listed_and_only_who_leaves_has_no_risk(book):
    scores = book.scores
    leaving = scores["status"] == "leaving"
    assert len(scores) > 50 and leaving.any() and scores.index.is_unique
    assert scores["risk"].isna().equals(leaving)
    assert scores["band"].isna().equals(leaving) and scores["leaving_on"].notna().equals(leaving)
    assert (scores.loc[leaving, "mrr"] > 0).any()
    expected = scores["mrr"] * scores["risk"]
    assert scores["mrr_at_risk"].equals(expected.rename("mrr_at_risk"))


def test_the_book_has_the_bits_of_its_features(book, scorer):
    scored = (book.scores["status"] != "leaving").to_numpy()
    again, drivers = scorer.score_and_explain(book.X[scored].sample(frac=1.0, random_state=2))
    assert (
        again["risk"].reindex(book.scores.index).to_numpy().tobytes() == book.scores["risk"].to_numpy().tobytes()
    )
    assert len(drivers) == len(book.drivers)
    assert set(book.drivers.index) <= set(book.scores.index[scored])


def test_scores_without_reasons_are_the_same_table(book, scorer, db, catalog):
    pd.testing.assert_frame_equal(scorer.score(db, db.until.date(), catalog), book.scores, check_exact=True)


def test_published_features_still_give_the_published_risk(book, scorer, db, tmp_path):
    publish(tmp_path, book.scores, book.drivers, book.X, db.until.date(), scorer.version)
    table = read_latest(tmp_path)
    scored = (table.scores["status"] != "leaving").to_numpy()
    risk = scorer.score_features(table.X[scored])["risk"].to_numpy()
    assert risk.tobytes() == table.scores["risk"].to_numpy()[scored].tobytes()
    assert np.isfinite(risk).all()


def test_a_catalog_that_means_something_else_is_refused(scorer, db, catalog):
    name = scorer.bundle.manifest.inputs[0]
    changed = [replace(f, meaning="Something else.") if f.name == name else f for f in catalog]
    with pytest.raises(FeatureError, match=name):
        scorer.score(db, db.until.date(), changed)
    with pytest.raises(FeatureError, match=name):
        scorer.score(db, db.until.date(), [f for f in catalog if f.name != name])


def test_loading_and_scoring_needs_no_query_engine_and_no_tracking(tmp_path):
    folder = bundle(tmp_path / "bundle", "lightgbm")
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, str(folder), str(Path(churnmodel.__file__).parents[1])],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


LIGHT = """
import sys
sys.path.insert(0, sys.argv[2])
import churnmodel.web.api
from churnmodel.scoring.scorer import Scorer
assert Scorer.load(sys.argv[1]).answers_as_trained()
print([name for name in ("duckdb", "ibis", "mlflow", "shap", "bentoml", "matplotlib") if name in sys.modules])
"""
