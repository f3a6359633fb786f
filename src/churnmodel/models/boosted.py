"""What do small boosted trees say, and how are they grown the same way each time?

LightGBM with few leaves, a low rate and sampling (its defaults lose to a logistic regression on small data),
monotone constraints from the catalog, deterministic. Once trained, the trees are arrays (`trees.py`) that score
the bits LightGBM would; its text is kept beside them, and only read where somebody asks for the booster.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError, ModelError
from churnmodel.features.feature import Feature
from churnmodel.models.encoding import Encoding, fit_encoding
from churnmodel.models.model_json import as_finite, as_object, write_model_json
from churnmodel.models.periods import Stretch
from churnmodel.models.training_rows import TrainingRows
from churnmodel.models.tree_files import read_trees, tree_sums, write_trees
from churnmodel.models.tree_text import trees_of
from churnmodel.models.trees import Trees

if TYPE_CHECKING:
    import lightgbm

TEXT_FILE = "lightgbm.txt"
PERIOD_COLUMNS = ("period__number", "period__long_term_ends", "period__short_term_ends", "period__place_of_end")
MIN_CHURNERS = 20


@dataclass(frozen=True)
class BoostedSettings:
    """What a TOML may set under ``[parameters]`` for ``estimator = "lightgbm"``.

    Parameters
    ----------
    trees, leaves, rate
        Number of trees, leaves of each, and how much of each is added.
    row_share, column_share
        Share of rows and columns each tree sees.
    min_rows_in_leaf
        Rows a leaf must hold.
    l2
        Penalty on leaf values; against it an account that leaves counts once, however many rows tell.
    max_bins
        Cut points per column.
    monotone
        Whether features that raise risk on one side are constrained to do so.
    """

    trees: int = 250
    leaves: int = 3
    rate: float = 0.03
    row_share: float = 0.7
    column_share: float = 0.5
    min_rows_in_leaf: int = 20
    l2: float = 1.0
    max_bins: int = 255
    monotone: bool = True

    def __post_init__(self) -> None:
        if not (self.trees >= 1 and self.leaves >= 2 and self.min_rows_in_leaf >= 1 and self.max_bins >= 2):
            raise ModelError("lightgbm: wanted trees >= 1, leaves >= 2, min_rows_in_leaf >= 1 and max_bins >= 2.")
        if not (
            0 < self.rate < math.inf
            and 0 <= self.l2 < math.inf
            and 0 < self.row_share <= 1
            and 0 < self.column_share <= 1
        ):
            raise ModelError("lightgbm: wanted rate > 0, l2 >= 0, row_share and column_share in (0, 1].")


@dataclass(frozen=True)
class BoostedModel:
    """Boosted trees over the encoded columns.

    Parameters
    ----------
    encoding
        Input features and the kept levels of categories.
    stand_in
        (c,) For a column without a missing value in training, its training median; None elsewhere.
        LightGBM reads a missing value in such a column as 0, which may be the riskiest value of all.
    text
        The booster as LightGBM writes it.
    trees
        The same as arrays, which score and explain.
    stretch
        Which periods it speaks of, as further columns; None where there is only one.
    """

    estimator: ClassVar[str] = "lightgbm"

    encoding: Encoding
    stand_in: tuple[float | None, ...] = field(repr=False)
    text: str = field(repr=False)
    trees: Trees = field(repr=False, compare=False)  # the text says the same
    stretch: Stretch | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Input features in order."""
        return self.encoding.features

    @property
    def count(self) -> int:
        """Of how many periods it speaks."""
        return 1 if self.stretch is None else self.stretch.count

    @cached_property
    def booster(self) -> lightgbm.Booster:
        """LightGBM's own object, for whoever wants it; nothing here asks for it.

        Give it `rows(X)`, never a DataFrame (it goes by position, not by name).
        """
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    def columns(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, c) What the booster is given; FeatureError where X cannot be read."""
        columns = self.encoding.columns(X)
        for j, stand_in in enumerate(self.stand_in):
            if stand_in is not None:
                column = columns[:, j]
                column[np.isnan(column)] = stand_in
        return columns

    def rows(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n * k, columns of the trees) What the trees are asked: each row of `columns` once per period."""
        columns = self.columns(X)
        return columns if self.stretch is None else by_period(columns, self.stretch, X)

    def margin(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) Log-odds of the first period: the same bits for a row alone, in any batch, in any order."""
        return self.margins(X)[:, 0]

    def margins(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, k) Log-odds of each period before calibration."""
        from churnmodel.models.tree_rows import margins  # numba takes a while, and much of the package needs none

        return margins(self.trees, self.rows(X)).reshape(len(X), self.count)

    def to_json(self) -> dict[str, Any]:
        """All but the trees, as JSON types."""
        return {
            "encoding": self.encoding.to_json(),
            "stand_in": list(self.stand_in),
            "stretch": None if self.stretch is None else self.stretch.to_json(),
        } | tree_sums(self.text, self.trees)

    def save(self, folder: Path) -> None:
        """Write `model.json`, `lightgbm.txt` and `trees.npz` into `folder`."""
        write_model_json(folder, self.estimator, self.to_json())
        self.save_trees(folder / TEXT_FILE)

    def save_trees(self, place: Path) -> None:
        """Write LightGBM's text to `place`, and the arrays beside it."""
        write_trees(place, self.text, self.trees)

    @classmethod
    def from_json(cls, body: Mapping[str, Any], place: Path) -> BoostedModel:
        """The model `to_json` wrote, with the text of its trees at `place`, and their arrays beside it.

        Raises
        ------
        BundleError
            A part is missing or does not fit. `scoring.bundle` vouches for `model.json` itself.
        """
        stretch = body.get("stretch")
        encoding = Encoding.from_json(as_object(body.get("encoding"), "encoding"))
        stand_in = body.get("stand_in")
        if not isinstance(stand_in, list) or len(stand_in) != len(encoding.feature_of):
            raise BundleError("model file: stand_in does not fit the columns. Train the model again.")
        text, trees = read_trees(place, body)
        if trees.columns != len(stand_in) + (0 if stretch is None else len(PERIOD_COLUMNS)):
            raise BundleError("model file: its trees ask other columns than it has. Train the model again.")
        return cls(
            encoding,
            tuple(None if v is None else as_finite(v, "stand_in") for v in stand_in),
            text,
            trees,
            None if stretch is None else Stretch.from_json(as_object(stretch, "stretch")),
        )


def by_period(columns: NDArray[np.float64], stretch: Stretch, X: pd.DataFrame) -> NDArray[np.float64]:
    """(n * k, c + 4) The columns of each row once per period, then what differs: `PERIOD_COLUMNS`."""
    found, k = stretch.renewals(X), stretch.count
    own = np.empty((len(columns), k, columns.shape[1] + len(PERIOD_COLUMNS)))
    own[:, :, : columns.shape[1]] = columns[:, np.newaxis, :]
    known = found.known[:, np.newaxis]
    differs = (np.arange(k) * 1.0, np.where(known, found.long, np.nan), np.where(known, found.short, np.nan))
    for j, column in enumerate((*differs, found.place), start=columns.shape[1]):
        own[:, :, j] = column
    return own.reshape(len(columns) * k, own.shape[2])


def fit_boosted(
    rows: TrainingRows,
    features: Sequence[Feature],
    settings: BoostedSettings = BoostedSettings(),
    stretch: Stretch | None = None,
    *,
    seed: int,
    threads: int = 1,
    least: int = MIN_CHURNERS,
) -> BoostedModel:
    """Boosted trees of `features` on training rows; the same bytes at any thread count.

    Parameters
    ----------
    stretch
        Which periods the outcomes of the rows are of; None where each row has one outcome.

    Raises
    ------
    TooFewChurners
        Under `least` accounts churned, or stayed.
    """
    advice = "Use models/logistic.toml (shrunk harder under 20 churned accounts), or a longer history."
    rows.require(least, "lightgbm", advice)
    import lightgbm

    encoding = fit_encoding(rows.X, features)
    columns = encoding.columns(rows.X)
    stand_in = tuple(None if np.isnan(c).any() else float(np.median(c)) for c in columns.T)
    names, directions = _plain_names(encoding), _directions(encoding, features, settings.monotone)
    if stretch is not None:
        columns = by_period(columns, stretch, rows.X)
        names, directions = [*names, *PERIOD_COLUMNS], [*directions, 0, int(settings.monotone), 0, 0]
    told = rows.known.reshape(-1)
    data = lightgbm.Dataset(
        columns if told.all() else columns[told],
        label=rows.outcomes.reshape(-1)[told],
        weight=np.repeat(rows.votes, rows.outcomes.shape[1])[told],
        feature_name=names,
        params={"verbosity": -1, "max_bin": settings.max_bins},
        free_raw_data=True,
    )
    booster = lightgbm.train(
        _parameters(settings, directions, seed, threads),
        data,
        num_boost_round=settings.trees,
    )
    # the text repeats the parameters, and the number of threads is none of the model's business
    text = re.sub(r"\[num_threads: \d+\]", "[num_threads: 1]", booster.model_to_string())
    return BoostedModel(encoding, stand_in, text, trees_of(text), stretch)


def _parameters(settings: BoostedSettings, directions: list[int], seed: int, threads: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "num_leaves": settings.leaves,
        "learning_rate": settings.rate,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "feature_fraction": settings.column_share,
        "min_data_in_leaf": settings.min_rows_in_leaf,
        "lambda_l2": settings.l2,
        "max_bin": settings.max_bins,
        "monotone_constraints": directions,
        "deterministic": True,
        "force_row_wise": True,  # the choice is timed otherwise, and the clock must not decide
        "num_threads": threads,
        "seed": seed,
        "verbosity": -1,
    }


def _directions(encoding: Encoding, features: Sequence[Feature], monotone: bool) -> list[int]:
    """For each column +1 where high values raise the risk, -1 where low ones do, 0 where neither is known."""
    sign = {"high": 1, "low": -1, "either": 0}
    by_feature = [0 if f.is_category or not monotone else sign[f.raises_risk] for f in features]
    return [by_feature[j] for j in encoding.feature_of]


def _plain_names(encoding: Encoding) -> list[str]:
    """Column names LightGBM can write: it refuses JSON's characters and blanks, so levels go by number."""
    names: list[str] = []
    for feature, kept in zip(encoding.features, encoding.levels, strict=True):
        names += [feature] if kept is None else [f"{feature}__{k}" for k in range(len(kept) + 2)]
    return names
