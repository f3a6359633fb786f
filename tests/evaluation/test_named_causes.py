from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.named_causes import is_named, named_by_chance, share_of

INDEX = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1), ("c", 1)], names=["account_id", "as_of"])
TRACES = {"lost": ("use", "tone"), "owes": ("bills",), "luck": ()}
CAUSE = pd.Series(["lost", "lost", "owes", "luck"], INDEX)


def test_a_cause_is_named_by_any_of_its_traces_and_one_without_traces_by_none():
    reasons = {("a", 1): ["tone", "bills"], ("b", 1): ["use"], ("c", 1): ["use", "tone", "bills"]}
    assert is_named(CAUSE, reasons, TRACES).tolist() == [True, False, False, False]


def test_chance_is_what_the_reasons_of_other_accounts_would_name():
    reasons = {("a", 1): ["use"], ("a", 2): ["bills"], ("b", 1): ["use"], ("c", 1): ["bills"]}
    # of account a: b names it, c does not; of b: a's second and c do, a's first does not
    assert named_by_chance(CAUSE, reasons, TRACES).tolist() == pytest.approx([0.5, 0.5, 2 / 3, 0.0])
    assert np.isnan(named_by_chance(CAUSE[:2], reasons, TRACES)).all()


def test_the_interval_is_over_accounts_not_over_their_rows():
    many = pd.MultiIndex.from_product([["a", "b", "c", "d"], range(50)])
    same = pd.Series(np.repeat([1.0, 1.0, 0.0, 1.0], 50), many)
    told = share_of(same)
    assert (told.value, told.rows, told.accounts) == (0.75, 200, 4)
    assert told.low <= 0.25 and told.high == 1.0, "four accounts say little, however often they are looked at"
    assert str(told) == "75% (25% to 100%; 200 rows of 4 accounts)"


def test_nothing_gives_no_share():
    none = share_of(pd.Series([], pd.MultiIndex.from_arrays([[], []]), dtype=float))
    assert np.isnan(none.value) and none.rows == 0
