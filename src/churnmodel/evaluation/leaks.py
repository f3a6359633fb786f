"""Can it be proven that no figure of this project has seen the future? (the whole proof, on its own tables)

Nine questions, each with what was done, what came out, and what it cannot show. They look at the features, at the
evaluation, at every single column and at the way the tables were written; see the files named ``leaks_*``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.checks.finding import Finding
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.evaluation.leaks_asked import ask_columns
from churnmodel.evaluation.leaks_future import check_features_against_future
from churnmodel.evaluation.leaks_labels import check_labels
from churnmodel.evaluation.leaks_mutated import MUTATED
from churnmodel.evaluation.leaks_rewritten import (
    check_learned_in_time,
    check_mrr_of_its_time,
    check_terms_have_rows,
)
from churnmodel.evaluation.leaks_sample import draw_from, only_accounts, spread_over
from churnmodel.evaluation.leaks_shuffled import SHUFFLED
from churnmodel.evaluation.leaks_trial import CODE, Trial
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.sources.database import snapshot_index
from churnmodel.version import VERSION

if TYPE_CHECKING:
    from churnmodel.evaluation.leaks_power import Power
    from churnmodel.features.feature import Feature
    from churnmodel.models.spec import ModelSpec
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.database import Database

Progress = Callable[[str, int, int], None]
DAYS = 36
"""At most so many days of looking are replayed: a proof needs no week twice."""
FOLDS = 3


@dataclass(frozen=True)
class Drawn:
    """What was looked at.

    Parameters
    ----------
    seed
        Of every draw: the same seed on the same tables gives the same proof.
    accounts_built, accounts_asked
        Accounts whose features were built again under another future; accounts of all other questions.
    accounts
        In the cohort.
    until, window, model, tables
        Up to when the tables are complete, what counts as churn, the model whose skill was put to the test, and
        the tables that are there.
    """

    seed: int
    accounts_built: int
    accounts_asked: int
    accounts: int
    as_ofs_built: tuple[pd.Timestamp, ...]
    as_ofs_asked: tuple[pd.Timestamp, ...]
    snapshots_asked: int
    features: int
    columns_asked: int
    accounts_left: Mapping[str, int]
    until: pd.Timestamp
    window: LabelWindow
    model: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class LeakProof:
    """The answers.

    Parameters
    ----------
    findings
        In the order of the questions; `fired` are those that found something.
    strongest
        The columns that tell most, by window, whether or not that is too much.
    """

    findings: tuple[Finding, ...]
    strongest: tuple[Power, ...]
    drawn: Drawn

    @property
    def fired(self) -> tuple[Finding, ...]:
        """What a champion must not be trusted for."""
        return tuple(f for f in self.findings if f.status == "fired")

    def to_json(self) -> dict[str, Any]:
        """All but the columns' values, as JSON types."""
        drawn = self.drawn
        return {
            "churnmodel": VERSION,
            "data_until": f"{drawn.until:%Y-%m-%d}",
            "window": asdict(drawn.window),
            "model": drawn.model,
            "tables": list(drawn.tables),
            "seed": drawn.seed,
            "accounts": drawn.accounts,
            "accounts_built": drawn.accounts_built,
            "accounts_asked": drawn.accounts_asked,
            "as_ofs_built": [f"{d:%Y-%m-%d}" for d in drawn.as_ofs_built],
            "as_ofs_asked": [f"{d:%Y-%m-%d}" for d in drawn.as_ofs_asked],
            "findings": [
                {"code": f.code, "title": f.title, "status": f.status, "message": f.message, **dict(f.detail)}
                for f in self.findings
            ],
            "strongest": [p.to_json() for p in self.strongest],
        }


def prove(
    db: Database,
    features: Sequence[Feature],
    cohort: pd.DataFrame,
    spec: ModelSpec,
    window: LabelWindow,
    *,
    seed: int = 0,
    n_as_ofs: int = 3,
    accounts_built: int = 150,
    accounts_asked: int = 1_500,
    progress: Progress | None = None,
) -> LeakProof:
    """The proof of a project's own tables, features and labels.

    Parameters
    ----------
    cohort
        From `build_cohort`, at all days of looking.
    spec
        The model whose skill is put to the test: a fast one, for it is fitted a dozen times.
    n_as_ofs, accounts_built
        Days at which, and accounts for which, the features are built again under another future.
    accounts_asked
        Accounts of all other questions; drawn by `seed` where there are more.
    """
    step = progress or (lambda what, done, total: None)
    index = snapshot_index(cohort)
    days = spread_over(pd.DatetimeIndex(index.get_level_values("as_of")), DAYS)
    everyone = index.get_level_values("account_id").unique()
    asked = draw_from(everyone, accounts_asked, seed)
    step("copying a sample", 0, 2)
    many = only_accounts(db, asked, "asked")
    here = cohort[index.get_level_values("account_id").isin(asked) & index.get_level_values("as_of").isin(days)]

    seen = snapshot_index(here)
    built_at = _with_a_future(days, seen, n_as_ofs)
    at_these = seen[seen.get_level_values("as_of").isin(built_at)]
    few = draw_from(at_these.get_level_values("account_id").unique(), accounts_built, seed)
    again = at_these[at_these.get_level_values("account_id").isin(few)]
    small = only_accounts(many, few, "built")
    step("copying a sample", 2, 2)
    future = check_features_against_future(small, features, again, progress=progress)

    X = build_feature_matrix(many, here, features, progress=lambda t, k, n: step(f"features: {t}", k, n))
    filled = X.notna().any()
    taught = [f for f in features if filled[f.name]]
    labels = _labels(many, X, here, spec, taught, window, seed, progress)

    step("asking each column alone", 0, 1)
    asked_alone = ask_columns(many, taught, seen, window, X=X, seed=seed)
    step("asking each column alone", 1, 1)
    drawn = Drawn(
        seed,
        len(few),
        len(asked),
        len(everyone),
        tuple(built_at),
        asked_alone.as_ofs,
        asked_alone.snapshots,
        len(features),
        asked_alone.columns,
        asked_alone.accounts_left,
        db.until,
        window,
        spec.name,
        tuple(sorted(db.tables)),
    )
    rewritten = (check_mrr_of_its_time(many), check_terms_have_rows(many), check_learned_in_time(many))
    return LeakProof((future, *labels, *asked_alone.findings, *rewritten), asked_alone.strongest, drawn)


def _with_a_future(days: pd.DatetimeIndex, index: pd.MultiIndex, many: int) -> pd.DatetimeIndex:
    # a day at which few are looked at yet, or after which nothing happened, proves nothing
    there = days[days.isin(index.get_level_values("as_of"))]
    there = there[len(there) // 4 : max(1, len(there) * 9 // 10)]
    return spread_over(there, many) if many > 1 else there[[len(there) // 2]] if len(there) else there


def _labels(
    db: Database,
    X: pd.DataFrame,
    cohort: pd.DataFrame,
    spec: ModelSpec,
    features: Sequence[Feature],
    window: LabelWindow,
    seed: int,
    progress: Progress | None,
) -> tuple[Finding, Finding]:
    as_ofs = cohort.index.get_level_values("as_of").unique()
    try:
        folds = rolling_folds(as_ofs, window, db.until, n_folds=FOLDS, warm_up_as_ofs=0)
    except ModelError as refusal:
        why = f"The past cannot be replayed: {refusal}"
        return Finding(CODE, SHUFFLED, "not applicable", why), Finding(CODE, MUTATED, "not applicable", why)
    return check_labels(Trial(db, X, cohort, spec, features, window, folds, seed), progress=progress)
