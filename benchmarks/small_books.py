"""Is the interval of a small book true? (200 accounts, a couple of dozen churners)

Small companies are simulated; each is judged as `churnmodel train` would, and its interval of the AUROC is noted
(`churnmodel.evaluation.small_book`). Then its model, refitted on all it knows, is judged on 100,000 snapshots of a
fresh population of the same law, where nothing is left to luck. The interval is true where that AUROC lies in it.

``python benchmarks/small_books.py`` prints in how many of 50 books it does, and writes
``benchmarks/results/small_books.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.errors import ChurnmodelError, ModelError
from churnmodel.evaluation.backtest import backtest
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.evaluation.metrics import auroc
from churnmodel.evaluation.replayed import known_outcomes
from churnmodel.evaluation.small_book import small_book_span
from churnmodel.features.catalog import available
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import fit_model, read_model_specs
from churnmodel.snapshots.cohort import build_cohort, month_starts
from churnmodel.snapshots.ends import churned_within, service_ends
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database
from churnmodel.sources.synthetic import simulate_company
from features import _commit

HERE = Path(__file__).parent
WINDOW = LabelWindow(horizon_days=90)
UNTIL = pd.Timestamp("2026-01-01")


def main() -> None:
    """Simulate, backtest, refit, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--books", type=int, default=50)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--years", type=float, default=2.0)
    parser.add_argument("--model", default="logistic")
    parser.add_argument("--fresh", type=int, default=100_000, help="snapshots of the fresh population")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    fresh = fresh_population(options.fresh, options.years)
    books = [book(seed, options, fresh) for seed in range(1, options.books + 1)]
    told = {
        "work": f"{options.books} books of {options.accounts} accounts over {options.years:g} years, "
        f"{options.model}, churn within {WINDOW.horizon_days} days, judged on {len(fresh[0]):,} fresh snapshots",
        "refused": sum("refused" in b for b in books),
        "inside": sum(b.get("inside", False) for b in books),
        "churned_accounts_median": float(np.median([b["churned"] for b in books if "churned" in b])),
        "interval_width_median": float(np.median([b["high"] - b["low"] for b in books if "low" in b])),
        "fresh_auroc_median": float(np.median([b["fresh"] for b in books if "fresh" in b])),
        "books": books,
        "commit": _commit(),
    }
    (HERE / "results" / "small_books.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({k: v for k, v in told.items() if k != "books"}, indent=1))


def book(seed: int, options: argparse.Namespace, fresh: tuple[pd.DataFrame, np.ndarray]) -> dict[str, Any]:
    """One small company: its interval, and what its model is worth."""
    db, cohort, X, features = tables(options.accounts, options.years, seed)
    specs = read_model_specs(HERE.parent / "models", ["base_rate", options.model])
    try:
        folds = folds_of(db, cohort.index.get_level_values("as_of"))
        played = backtest(db, X, cohort, specs, features, WINDOW, folds, threads=1)
        known = known_outcomes(db, cohort.index, WINDOW, played.edges)
        span = small_book_span(played, specs[1], X, known, features)
        if span is None:
            raise ModelError("too few churned to deal")
        model = fit_model(
            specs[1], X.loc[known.index], known.to_numpy(), features, seed=0, threads=1, edges=played.edges
        )
    except ChurnmodelError as refusal:
        print(f"book {seed}: {refusal}", file=sys.stderr, flush=True)
        return {"seed": seed, "refused": str(refusal)}
    margins = model.margins(fresh[0])
    at = played.edges.index(WINDOW.horizon_days)
    worth = float(auroc(fresh[1], uncalibrated(played.edges[: margins.shape[1]]).risks(margins)[:, at]))
    inside = bool(span.low <= worth <= span.high)
    where = "inside" if inside else "OUTSIDE"
    print(f"book {seed}: {span}; on fresh snapshots {worth:.3f}, {where}", file=sys.stderr, flush=True)
    return {
        "seed": seed,
        "churned": span.churned_accounts,
        "forward": [round(float(v), 4) for v in span.forward],
        "across": [round(float(v), 4) for v in span.across],
        "low": round(span.low, 4),
        "high": round(span.high, 4),
        "fresh": round(worth, 4),
        "inside": inside,
    }


def tables(accounts: int, years: float, seed: int) -> tuple[Database, pd.DataFrame, pd.DataFrame, list[Any]]:
    """A simulated company: its database, cohort by months, matrix and features."""
    company = simulate_company(accounts=accounts, years=years, seed=seed, data_until=UNTIL)
    db = Database.from_frames(company.tables, until=company.until)
    first = UNTIL - pd.Timedelta(days=365.25 * years - 30)
    cohort = build_cohort(db, month_starts(first, db.until))
    features = available(db)
    return db, cohort, build_feature_matrix(db, cohort, features), features


def fresh_population(snapshots: int, years: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Matured snapshots of companies nobody trained on, and whether they churned.

    Of the same age as the books, and at the moments at which a book is judged: a model of a young company says
    nothing about how well it would order an older one.
    """
    parts: list[tuple[pd.DataFrame, np.ndarray]] = []
    seed = 10_001
    while sum(len(X) for X, _ in parts) < snapshots:
        db, cohort, X, _ = tables(3_000, years, seed)
        as_of = cohort.index.get_level_values("as_of")
        judged = [t for f in folds_of(db, as_of) if not f.warm_up for t in f.test_as_ofs]
        left = churned_within(service_ends(db, cohort.index, WINDOW, 365), WINDOW.horizon_days)
        known = ~np.isnan(left) & as_of.isin(judged)
        parts.append((X[known], left[known].astype(bool)))
        seed += 1
        print(f"fresh: {sum(len(X) for X, _ in parts):,} of {snapshots:,}", file=sys.stderr, flush=True)
    X = pd.concat([part for part, _ in parts]).iloc[:snapshots]
    return X, np.concatenate([left for _, left in parts])[:snapshots]


def folds_of(db: Database, as_of: pd.Index) -> list[Any]:
    """The folds a book is judged in."""
    return list(rolling_folds(as_of.unique(), WINDOW, db.until, n_folds=4))


if __name__ == "__main__":
    main()
