from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError
from churnmodel.models.training_rows import training_rows


def snapshots(*pairs: tuple[str, str]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(
        [(account, pd.Timestamp(as_of)) for account, as_of in pairs], names=["account_id", "as_of"]
    )
    return pd.DataFrame({"seats": np.arange(len(pairs), dtype=float)}, index=index)


def test_rows_are_sorted_by_date_then_account() -> None:
    X = snapshots(("b", "2025-02-01"), ("a", "2025-02-01"), ("c", "2025-01-01"))
    rows = training_rows(X, [True, False, False], [3, 2, 1])
    assert rows.X["seats"].tolist() == [2, 1, 0]
    assert rows.churned.tolist() == [False, False, True]
    assert rows.weights.tolist() == [0.5, 1.0, 1.5]


def test_churners_are_accounts_not_snapshots() -> None:
    X = snapshots(("a", "2025-01-01"), ("a", "2025-02-01"), ("b", "2025-01-01"), ("b", "2025-02-01"))
    rows = training_rows(X, [True, True, False, True])
    assert (rows.n_accounts, rows.churners, rows.stayers) == (2, 2, 1)


@pytest.mark.parametrize(
    ("churned", "weights", "message"),
    [
        ([True], None, "one outcome and one weight per row"),
        ([True, None], None, "1 of 2 outcomes are missing"),
        ([True, 2], None, "true .* or false"),
        ([True, False], [1.0, -1.0], "weights"),
        ([True, False], [0.0, 0.0], "weights"),
        ([True, False], [1.0, np.nan], "weights"),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused(churned: list, weights: list | None, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        training_rows(snapshots(("a", "2025-01-01"), ("b", "2025-01-01")), churned, weights)


def test_no_rows_and_repeated_snapshots_are_refused() -> None:
    with pytest.raises(ModelError, match="no training rows"):
        training_rows(snapshots(("a", "2025-01-01")).iloc[:0], [])
    with pytest.raises(ModelError, match="1 of 2 training rows repeat a snapshot"):
        training_rows(snapshots(("a", "2025-01-01"), ("a", "2025-01-01")), [True, False])
