"""One run of one peer of `explanations.py`, in a process of its own: prints seconds, and keeps what it found."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # read when LightGBM and numpy are imported

import numpy as np
import pandas as pd

clock = time.process_time  # of one thread: what else the machine does is not counted
COLUMNS, KEPT, ALONE, BOOK = 150, 1_000, 200, 4_000
AS_OF = pd.Timestamp("2026-03-01")


def rows(n: int, seed: int) -> np.ndarray:
    """A tenth unknown; a third of the columns mostly zero, as counts are."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, COLUMNS))
    X[:, ::3] = np.where(rng.random((n, len(range(0, COLUMNS, 3)))) < 0.5, 0.0, X[:, ::3])
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


def grow(folder: Path, trees: int, leaves: int) -> dict[str, float]:
    """The booster all peers explain."""
    import lightgbm

    X, rng = rows(20_000, 0), np.random.default_rng(1)
    said = np.nan_to_num(X[:, :40]) @ rng.normal(size=40) + rng.normal(size=len(X)) * 3
    asked = {"objective": "binary", "num_leaves": leaves, "learning_rate": 0.05, "verbosity": -1, "num_threads": 1}
    lightgbm.train(asked, lightgbm.Dataset(X, said > 0), trees).save_model(folder / "booster.txt")
    return {}


def timed(work: Callable[[np.ndarray], Any], X: np.ndarray) -> tuple[float, float]:
    """Processor seconds of one row, the median of many asked for alone, and of all."""
    work(X[:1]), work(X[:100])
    alone = []
    for place in range(ALONE):
        row = X[place : place + 1].copy()
        start = clock()
        work(row)
        alone.append(clock() - start)
    start = clock()
    work(X)
    return statistics.median(alone), clock() - start


def peer(which: str, folder: Path, n: int) -> dict[str, float]:
    """Reasons of one row and of `n`; of those that score, scores as well."""
    text, X = (folder / "booster.txt").read_text(encoding="utf-8"), rows(n, 2)
    score: Callable[[np.ndarray], Any] | None = None
    if which == "ours":
        from churnmodel.explanation.tree_kernel import contributions
        from churnmodel.models.tree_rows import margins
        from churnmodel.models.tree_text import trees_of

        trees = trees_of(text)
        work, score = (lambda X: contributions(trees, X)), (lambda X: margins(trees, X))
    else:
        import lightgbm

        booster = lightgbm.Booster(model_str=text)
        if which == "lightgbm":
            work = lambda X: booster.predict(X, pred_contrib=True, num_threads=1)[:, :-1]  # noqa: E731
            score = lambda X: booster.predict(X, raw_score=True, num_threads=1)  # noqa: E731
        else:
            import shap

            work = shap.TreeExplainer(booster).shap_values
    np.save(folder / f"{which}.npy", np.asarray(work(X[:KEPT])))
    one, batch = timed(work, X)
    found = {"one": one, "batch": batch}
    if score is not None:
        found["score_one"], found["score_batch"] = timed(score, X)
    return found


def table(folder: Path, trees: int, leaves: int) -> dict[str, float]:
    """A score table with reasons in words, and of the same rows the kernel alone, and LightGBM's contributions."""
    from churnmodel.explanation.tree_kernel import contributions

    scorer, X = _scorer(folder, trees, leaves), _book(BOOK, 3)
    scorer.score_and_explain(X.head(100))
    start = clock()
    scorer.score_and_explain(X)
    whole = clock() - start
    kernel = theirs = 0.0
    for part in scorer.bundle.model.parts:
        asked = part.rows(X)
        start = clock()
        contributions(part.trees, asked)
        kernel += clock() - start
        few = asked[: len(asked) // 10]
        part.booster.predict(few[:1], pred_contrib=True, num_threads=1)
        start = clock()
        part.booster.predict(few, pred_contrib=True, num_threads=1)
        theirs += (clock() - start) * len(asked) / len(few)
    return {"table": whole, "kernel": kernel, "contributions": theirs}


def _book(n: int, seed: int) -> pd.DataFrame:
    """The whole catalog of `n` accounts, made up."""
    from churnmodel.features.catalog import CATALOG

    rng = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {}
    for feature in CATALOG:
        if feature.is_category:
            columns[feature.name] = rng.choice(["a", "b", "c"], n)
        elif feature.unit in ("change", "flag"):
            columns[feature.name] = (
                rng.normal(0, 0.4, n) if feature.unit == "change" else rng.integers(0, 2, n) * 1.0
            )
        else:
            columns[feature.name] = np.where(rng.random(n) < 0.1, np.nan, np.round(rng.lognormal(2, 1, n)))
    index = pd.MultiIndex.from_product([[f"a{k:06d}" for k in range(n)], [AS_OF]], names=["account_id", "as_of"])
    return pd.DataFrame(columns, index=index)


def _scorer(folder: Path, trees: int, leaves: int) -> Any:
    """A scorer of a model of that size, in time, read from its bundle."""
    from churnmodel.features.catalog import CATALOG
    from churnmodel.models.periods import EDGES
    from churnmodel.models.risk_curve import uncalibrated
    from churnmodel.models.spec import ModelSpec, fit_model
    from churnmodel.scoring.bands import Bands
    from churnmodel.scoring.bundle import BundleParts, write_bundle
    from churnmodel.scoring.scorer import Scorer
    from churnmodel.snapshots.labels import LabelWindow

    X, rng = _book(3_000, 0), np.random.default_rng(1)
    numbers = X.select_dtypes("number").rank(pct=True).fillna(0.5).to_numpy()[:, :40] - 0.5
    hazard = 1 / (1 + np.exp(2 - numbers @ rng.normal(size=40)))
    left = rng.random((len(X), len(EDGES))) < hazard[:, np.newaxis]
    told = np.where(np.cumsum(left, axis=1) - left > 0, np.nan, left * 1.0)
    spec = ModelSpec("trees", "Trees", "lightgbm", {"trees": trees, "leaves": leaves})
    parts = BundleParts(
        name="trees", title="Trees", model=fit_model(spec, X, told, CATALOG, seed=0, edges=EDGES),
        curve=uncalibrated(EDGES), features=CATALOG, X=X, window=LabelWindow(), trained_until=date(2026, 1, 1),
        as_ofs=[date(2025, 1, 1)], churners=int(left.any(axis=1).sum()), bands=Bands(0.1, 0.3), metrics={},
        data_hash="0" * 64, revision="", currency="EUR", project="benchmark",
    )  # fmt: skip
    write_bundle(folder / "bundle", parts)
    return Scorer.load(folder / "bundle")


def main() -> None:
    """``what folder trees leaves rows``."""
    what, folder, trees, leaves, n = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:6])
    if what == "grow":
        found = grow(folder, trees, leaves)
    elif what == "table":
        found = table(folder, trees, leaves)
    else:
        found = peer(what, folder, n)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
