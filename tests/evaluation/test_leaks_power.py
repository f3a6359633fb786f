"""Is a column caught that tells too much, and an honest one left in peace?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.leaks_columns import Probe, columns_read, raw_probes
from churnmodel.evaluation.leaks_findings import RAW, columns_of, power_findings
from churnmodel.evaluation.leaks_power import EVER, FAR, NEAR, Outcomes, outcomes, powers, with_interval
from churnmodel.features.catalog import CATALOG
from churnmodel.snapshots.labels import LabelWindow
from small_worlds import looks, side_by_side, version, world

ACCOUNTS, DAYS = 400, 4
INDEX = pd.MultiIndex.from_product(
    [[f"a{i:03d}" for i in range(ACCOUNTS)], pd.date_range("2024-01-01", periods=DAYS, freq="MS")],
    names=["account_id", "as_of"],
)
HALVES = np.repeat(np.arange(ACCOUNTS) % 2 == 1, DAYS)
LEAVERS = np.repeat(np.arange(ACCOUNTS) < 60, DAYS)
NOISE = np.random.default_rng(1).normal(size=len(INDEX))


def answer(window: str = FAR, left=LEAVERS) -> Outcomes:
    return Outcomes(window, np.ones(len(INDEX), dtype=bool), left, int(left.reshape(-1, DAYS).any(axis=1).sum()))


def probe(values, *columns: str, kind: str = "feature", is_used: bool = True) -> Probe:
    series = pd.Series(values, index=INDEX)
    return Probe("it", kind, columns or ("notes.text",), series, is_used=is_used)


def asked(of: Probe, told: Outcomes):
    (power,) = powers(of, [told], INDEX, HALVES)
    return with_interval(power, told, INDEX, HALVES, seed=0)


def test_noise_tells_one_half_and_is_left_in_peace():
    power = asked(probe(NOISE), answer())
    assert power.low < 0.5 < power.high
    assert not power.is_too_good and not power.is_too_certain


def test_an_honest_sign_is_left_in_peace():
    power = asked(probe(NOISE + 0.8 * LEAVERS), answer(NEAR))
    assert 0.65 < power.auroc < 0.85
    assert not power.is_too_good and not power.is_too_certain


@pytest.mark.parametrize("window", [NEAR, FAR, EVER])
def test_a_column_that_holds_the_end_is_too_good_in_every_window(window):
    assert asked(probe(NOISE + 4 * LEAVERS), answer(window)).is_too_good


@pytest.mark.parametrize("sign", [1, -1])
def test_either_end_may_be_the_leavers_and_so_may_the_middle(sign):
    assert asked(probe(sign * (NOISE + 5 * LEAVERS)), answer()).is_too_good
    middle = np.where(LEAVERS, 0.0, np.where(NOISE > 0, 4 + NOISE, NOISE - 4))
    assert asked(probe(middle), answer()).is_too_good


def test_near_power_of_the_term_s_end_is_no_secret_far_it_is():
    ends = probe(NOISE + 4 * LEAVERS, "subscriptions.renews_at")
    assert not asked(ends, answer(NEAR)).is_too_good
    assert asked(ends, answer(FAR)).is_too_good


def test_a_special_value_of_leavers_alone_is_too_certain_however_rare():
    values = np.where(np.arange(len(INDEX)) < 40 * DAYS, -1.0, NOISE)  # 40 of the 60 leavers, no stayer
    power = asked(probe(values), answer())
    assert power.is_too_certain and power.group_accounts == 40
    mixed = np.where(np.arange(len(INDEX)) % (8 * DAYS) < DAYS, -1.0, NOISE)  # as many, of all kinds
    assert not asked(probe(mixed), answer()).is_too_certain


@pytest.mark.parametrize("missing", [np.nan, None])
def test_a_cell_that_is_missing_for_leavers_alone_is_told_as_unknown(missing):
    values = pd.Series(NOISE, index=INDEX).mask(LEAVERS)
    if missing is None:
        values = pd.Series(np.where(LEAVERS, None, "said"), index=INDEX, dtype="object")
    power = asked(probe(values), answer())
    assert power.is_too_certain and power.group == "unknown"


def test_under_twenty_leavers_nothing_is_said():
    few = np.repeat(np.arange(ACCOUNTS) < 19, DAYS)
    assert powers(probe(NOISE + 9 * few), [answer(left=few)], INDEX, HALVES) == []


def test_where_most_leave_a_group_must_be_surer():
    """Of 85 in 100 leaving, nine in ten is nothing; and a group of leavers alone is."""
    most = np.repeat(np.arange(ACCOUNTS) < 340, DAYS)
    group = np.repeat(np.arange(ACCOUNTS) % 2 == 0, DAYS) & (np.arange(len(INDEX)) < 360 * DAYS)
    assert not asked(probe(group.astype(float)), answer(left=most)).is_too_certain
    assert asked(probe(most.astype(float)), answer(left=most)).is_too_certain


def test_findings_name_the_columns_and_leave_the_unused_in_peace():
    told = [asked(probe(NOISE + 4 * LEAVERS, "invoices.paid_at", kind="cell"), answer())]
    _, raw, scores = power_findings(told, [t.probe for t in told], {FAR: 60}, DAYS)
    assert (raw.title, raw.status, columns_of(raw)) == (RAW, "fired", ("invoices.paid_at",))
    assert "'it'" in raw.message and scores.status == "not applicable"
    told = [replace(told[0], probe=probe(NOISE + 4 * LEAVERS, "accounts.why", kind="cell", is_used=False))]
    _, raw, _ = power_findings(told, [told[0].probe], {FAR: 60}, DAYS)
    assert raw.status == "silent" and "accounts.why" in raw.message
    assert power_findings(told, [told[0].probe], {FAR: 19}, DAYS)[1].status == "not applicable"


def test_who_left_is_counted_only_where_the_window_has_passed():
    people = {
        "soon": [version("2023-01-01", "2025-02-01")],
        "far": [version("2023-01-01", "2025-10-01")],
        "late": [version("2023-01-01", "2025-12-20")],
        "stays": [version("2023-01-01")],
        "back": [version("2023-01-01", "2025-02-01"), version("2025-02-10")],
    }
    db = world(list(side_by_side(people)), until="2026-01-01")
    index = looks("2025-01-01", "2024-01-01", accounts=sorted(people))
    found = outcomes(db, index, LabelWindow(horizon_days=30, grace_days=30))

    def told(window: str, day: str) -> dict[str, object]:
        answer = found[window]
        rows = zip(index, answer.known, answer.left, strict=True)
        return {a: (bool(left) if known else None) for (a, d), known, left in rows if d == pd.Timestamp(day)}

    # the end in December may still be a late renewal: far of 2024 is over by then, ever is not
    day, before = "2025-01-01", "2024-01-01"
    assert told(NEAR, day) == {"soon": True, "far": False, "late": False, "stays": False, "back": False}
    assert set(told(FAR, day).values()) == {None}
    assert told(FAR, before) == {"soon": True, "far": False, "late": False, "stays": False, "back": False}
    assert told(EVER, day) == {"soon": True, "far": True, "late": None, "stays": False, "back": False}


def test_raw_columns_say_what_was_known_that_day():
    invoices = [
        {"issued_at": "2025-01-05", "amount": 5.0, "due_at": "2025-01-20", "paid_at": "2025-01-10"},
        {"issued_at": "2025-02-05", "amount": 7.5, "due_at": "2025-02-20", "paid_at": "2025-03-10"},
    ]
    scores = [{"scored_at": "2025-01-01", "source": s, "score": n} for s, n in (("x", 4.0), ("y", 9.0))]
    db = world([version("2024-01-01")], invoices=invoices, external_scores=scores)
    index = looks("2025-01-01", "2025-02-01", "2025-03-01")
    found = {(p.name, p.kind): p.values.tolist() for p in raw_probes(db, index, CATALOG)}
    assert found["invoices.amount", "cell"][1:] == [5.0, 7.5]
    assert found["invoices.paid_at", "filled"] == [0.0, 1.0, 0.0]
    assert found["invoices.due_at", "cell"][1:] == [-12.0, -9.0]
    assert found["external_scores.score [y]", "cell"][1:] == [9.0, 9.0]
    assert np.isnan(found["external_scores.score [y]", "cell"][0])


def test_every_feature_is_told_with_columns_of_the_contract():
    by_name = {f.name: columns_read(f) for f in CATALOG}
    assert all(by_name.values())
    assert by_name["days_to_renewal"] == ("subscriptions.ended_at", "subscriptions.renews_at")
    assert {"invoices.failed_at", "invoices.paid_at"} <= {*by_name["failed_unpaid_count"]}
