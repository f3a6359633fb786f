"""What is the risk of the current rows of a flat table?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.features.flat import flat_matrix
from churnmodel.scoring.inputs import live_features
from churnmodel.scoring.scorer import ScoredBook, Scorer
from churnmodel.workflow.project import Project

GRADES = (("A", 0.95), ("B", 0.8), ("C", 0.5), ("D", 0.0))
"""How much is known of a row: the least share of the model's columns that are filled, for each grade."""


def score_flat(
    project: Project, scorer: Scorer, as_of: pd.Timestamp | None
) -> tuple[pd.Timestamp, ScoredBook, bool]:
    """The day, the scored rows, and whether the model has learned from what became of some of these very rows.

    Scored are the rows flagged as current; else those of which nobody knows yet whether they left; else all. Where
    rows are dated, those of the latest day among them, or those of the day `as_of`.

    Raises
    ------
    ScoreError
        There are no rows of that day.
    FeatureError
        The table lacks a column of the model, or means something else by it.
    """
    table = project.flat
    features = live_features(scorer.features, project.features)
    days = table.cells.index.get_level_values("as_of")
    asked = table.current.to_numpy() if as_of is None else np.asarray(days == as_of.normalize())
    if not asked.any():
        has = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}" if len(days) else "no row"
        asked_for = "flagged as current" if as_of is None else f"of {as_of:%Y-%m-%d}"
        raise ScoreError(f"flat: no rows {asked_for} to score (has: {has}). Name another day or flag.")
    X = flat_matrix(table, features)[asked]
    scored = scorer.score_features(X)
    mrr = table.mrr[asked]
    share = X[list(scorer.bundle.manifest.inputs)].notna().mean(axis=1) if scorer.bundle.manifest.inputs else 1.0
    known = pd.Series(share, index=X.index)
    scores = pd.DataFrame({"mrr": mrr, "status": "at_risk"}, index=X.index).join(scored)
    scores = scores.assign(
        mrr_at_risk=mrr * scored["risk"],
        coverage=[next(grade for grade, least in GRADES if part >= least) for part in known],
        coverage_reason=[f"{part:.0%} of the columns are known" for part in known],
    )
    book = ScoredBook(scores, scorer.explain(X, top=4, protective=2), X)
    return pd.Timestamp(X.index.get_level_values("as_of")[0]), book, bool(table.churned[asked].notna().any())
