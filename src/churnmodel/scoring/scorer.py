"""What risk does a trained model give, and why?

`Scorer.score_features` is the one path: the batch table, the endpoint and a notebook all go through it, and
the same feature values get the same bits from it, alone or among others, in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.explanation.drivers import drivers
from churnmodel.explanation.points import to_points
from churnmodel.explanation.shapley import ShapleyValues, base_margins, shapley_values
from churnmodel.features.feature import Feature
from churnmodel.models.risk_curve import NOT_STATED
from churnmodel.scoring.bundle import Bundle, read_bundle
from churnmodel.scoring.champion import champion_folder
from churnmodel.scoring.inputs import conform, live_features

if TYPE_CHECKING:
    from datetime import date

    from churnmodel.features.text_cache import TextReader
    from churnmodel.sources.database import Database

LEAVING = "leaving"


@dataclass(frozen=True)
class ScoredBook:
    """Every paying account at one `as_of`: the score table, its drivers, and the features they come from.

    `scores` and `X` are indexed by snapshot, one row per account of the book; `drivers` has several rows per
    snapshot, and none for accounts that are leaving.
    """

    scores: pd.DataFrame
    drivers: pd.DataFrame
    X: pd.DataFrame


@dataclass(frozen=True)
class Scorer:
    """A trained model with all it needs to score and to give reasons."""

    bundle: Bundle

    @classmethod
    def load(cls, folder: Path | str) -> Scorer:
        """The scorer of the bundle in `folder`.

        Raises
        ------
        BundleError
            Where the bundle is missing, damaged, or scores otherwise here than where it was trained.
        """
        return cls(read_bundle(Path(folder)))

    @classmethod
    def champion(cls, home: Path | str) -> Scorer:
        """The scorer of the champion in use in a project's output folder (BundleError where there is none)."""
        return cls.load(champion_folder(Path(home)))

    @property
    def version(self) -> str:
        """The model's version as tables and answers say it: 12 hex digits."""
        return self.bundle.short_version

    @property
    def horizon_days(self) -> int:
        """The horizon by which the model was chosen; the headline risk looks to each account's renewal."""
        return self.bundle.manifest.window.horizon_days

    @property
    def lead_days(self) -> int:
        """From how many days after ``as_of`` on churn counts."""
        return self.bundle.curve.lead_days

    @property
    def edges(self) -> tuple[int, ...]:
        """Within how many days risks are given, besides the headline; none where nobody stated a horizon."""
        return tuple(edge for edge in self.bundle.curve.edges if edge != NOT_STATED)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Inputs and context, in the bundle's order."""
        return self.bundle.features

    def score_features(self, X: pd.DataFrame) -> pd.DataFrame:
        """The headline risk, what follows from it, and the risk within each edge, for the rows of `X` in order.

        Columns: risk (of churn by the next renewal), risk_days (how far ahead that is: days to the renewal, 90 on
        short or unknown terms, never beyond the last edge), base_risk (from which drivers count), band, health,
        risk_30, ... (within each edge) and model_version.

        Parameters
        ----------
        X
            Indexed by snapshot. Columns in any order; context and foreign columns are allowed.

        Raises
        ------
        FeatureError
            Where an input is missing, renamed, infinite or of the wrong kind; it is named.
        """
        conformed = self._conform(X)
        inputs = self._inputs(conformed)
        return self._scores(conformed, self.bundle.model.margins(inputs), base_margins(self.bundle.model, inputs))

    def explain(self, X: pd.DataFrame, top: int = 3, protective: int = 2) -> pd.DataFrame:
        """For each row the `top` concepts that raise its risk most, and the `protective` that lower it most.

        Long, indexed by snapshot; columns as in `churnmodel.explanation.drivers`. Points of all concepts of a
        row sum to its risk minus `base_risk`.
        """
        return self.score_and_explain(X, top, protective)[1]

    def score_and_explain(
        self, X: pd.DataFrame, top: int = 3, protective: int = 2
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """`score_features` and `explain` of the same rows, which are looked over once."""
        conformed = self._conform(X)
        scores, reasons = [], []
        for first in range(0, max(len(conformed), 1), CHUNK):
            part = conformed.iloc[first : first + CHUNK]
            inputs = self._inputs(part)
            margins, values = self.bundle.model.margins(inputs), shapley_values(self.bundle.model, inputs)
            scores.append(self._scores(part, margins, values.base))
            reasons.append(self._drivers(part, values, margins, top, protective))
        return pd.concat(scores), pd.concat(reasons)

    def score(
        self,
        db: Database,
        as_of: date | str,
        features: Sequence[Feature],
        *,
        min_tenure_days: int = 30,
        reader: TextReader | None = None,
    ) -> pd.DataFrame:
        """The score table of the book at `as_of`: `score_book` without reasons."""
        return self._book(db, as_of, features, min_tenure_days, reader)[0]

    def score_book(
        self,
        db: Database,
        as_of: date | str,
        features: Sequence[Feature],
        top: int = 3,
        protective: int = 2,
        *,
        min_tenure_days: int = 30,
        reader: TextReader | None = None,
    ) -> ScoredBook:
        """Every paying account at `as_of` with risk and reasons.

        An account under notice is listed as ``"leaving"`` with its MRR, without a risk: that it leaves is
        known. ``mrr_at_risk = mrr * risk``. ``coverage`` grades from A to D how much is known about the account,
        ``coverage_reason`` says why.

        Parameters
        ----------
        features
            The live catalog, with measures; checked against what the model was trained on.
        min_tenure_days
            Younger accounts are scored too, and marked ``"young"``.
        reader
            Scores texts, and remembers those it has read.

        Raises
        ------
        FeatureError
            Where the catalog lacks a feature of the model, or defines it otherwise.
        """
        scores, X = self._book(db, as_of, features, min_tenure_days, reader)
        scored = (scores["status"] != LEAVING).to_numpy()
        return ScoredBook(scores, self.explain(X[scored], top, protective), X)

    def answers_as_trained(self) -> bool:
        """Whether the golden rows still get the risk they got at training: what readiness asks."""
        return self.bundle.golden_holds()

    def _book(
        self,
        db: Database,
        as_of: date | str,
        features: Sequence[Feature],
        min_tenure_days: int,
        reader: TextReader | None,
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        # imported here, so that a service, which only reads features, does not load the query engine
        from churnmodel.features.coverage import coverage
        from churnmodel.features.matrix import build_feature_matrix
        from churnmodel.snapshots.cohort import build_book
        from churnmodel.sources.feeds import read_feeds

        live = live_features(self.features, features)
        window = self.bundle.manifest.window
        book = build_book(
            db,
            [pd.Timestamp(as_of)],
            min_tenure_days=min_tenure_days,
            grace_days=window.grace_days,
            pause_days=window.pause_days,
        )
        feeds = read_feeds(db, pd.Timestamp(as_of))
        X = build_feature_matrix(db, book, live, reader=reader, feeds=feeds)
        scored = (book["status"] != LEAVING).to_numpy()
        scores = self.score_features(X[scored]).reindex(book.index).assign(model_version=self.version)
        table = book[[name for name in BOOK_COLUMNS if name in book]].join(scores)
        known = coverage(X, live, feeds)
        table = table.assign(
            mrr_at_risk=table["mrr"].astype(np.float64) * table["risk"],
            coverage=known["grade"],
            coverage_reason=known["reason"],
        )
        return table, X

    def _conform(self, X: pd.DataFrame) -> pd.DataFrame:
        inputs = set(self.bundle.manifest.inputs)
        # a feature the model does not read may be absent, whatever its role in the catalog
        return conform(X, self.features, required=inputs)

    def _inputs(self, conformed: pd.DataFrame) -> pd.DataFrame:
        return conformed[list(self.bundle.manifest.inputs)]

    def _scores(self, conformed: pd.DataFrame, margins: np.ndarray, base: np.ndarray) -> pd.DataFrame:
        curve = self.bundle.curve
        risks = curve.risks(margins)
        risk = curve.headline(risks, conformed)
        return pd.DataFrame(
            {
                "risk": risk,
                "risk_days": curve.headline_days(conformed),
                "base_risk": curve.headline(curve.risks(base), conformed),
                "band": self.bundle.bands.band(risk),
                "health": self.bundle.bands.health(risk),
                **{f"risk_{e}": risks[:, k] for k, e in enumerate(curve.edges) if e != NOT_STATED},
                "model_version": self.version,
            },
            index=conformed.index,
        )

    def _drivers(
        self, conformed: pd.DataFrame, values: ShapleyValues, margins: np.ndarray, top: int, protective: int
    ) -> pd.DataFrame:
        curve = self.bundle.curve
        points = to_points(values, curve, curve.headline_period(conformed), margins)
        return drivers(
            points,
            conformed,
            self.features,
            inputs=self.bundle.manifest.inputs,
            top=top,
            protective=protective,
            currency=self.bundle.manifest.currency,
        )


CHUNK = 4_096
"""Rows explained at once, so that memory does not grow with the book."""
BOOK_COLUMNS = (
    "name", "segment", "csm", "mrr", "renews_at", "days_to_renewal", "status", "leaving_on",
)  # fmt: skip
