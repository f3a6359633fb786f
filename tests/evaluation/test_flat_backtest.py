"""Is a model of a flat table judged on accounts, or on days, it had not learned from?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError
from churnmodel.evaluation.champion import choose_champion
from churnmodel.evaluation.compare import leaderboard
from churnmodel.evaluation.flat_backtest import flat_backtest
from churnmodel.evaluation.flat_checks import CAVEAT, check_columns, check_time_order
from churnmodel.evaluation.flat_folds import flat_folds, goes_forward
from churnmodel.evaluation.prequential import calibrator_of
from churnmodel.features.flat import flat_columns, flat_matrix
from churnmodel.models.spec import ModelSpec
from churnmodel.settings import FlatSettings
from churnmodel.sources.flat import FlatTable

SPECS = (
    ModelSpec("base_rate", "Base rate", "base_rate"),
    ModelSpec(
        "scorecard", "Scorecard", "scorecard", {"rules": [{"feature": "nps_latest", "worst": 0, "best": 10}]}
    ),
    ModelSpec("logistic", "Logistic", "logistic"),
)
MONTHS = ("2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01", "2025-05-01", "2025-06-01")


def customers(n: int = 400, **columns: object) -> pd.DataFrame:
    """Those who use little leave more often; whether one leaves is drawn."""
    draw = np.random.default_rng(5)
    usage = draw.normal(size=n)
    left = draw.random(n) < 1 / (1 + np.exp(1.2 + 1.5 * usage))
    plain = {
        "account_id": [f"a{i:04d}" for i in range(n)],
        "usage": [f"{value:.3f}" for value in usage],
        "plan": draw.choice(["pro", "team"], n),
        "churned": np.where(left, "yes", "no"),
    }
    return pd.DataFrame(plain | {name: make(left, draw) for name, make in columns.items()})


def flat(frame: pd.DataFrame, **settings: object) -> FlatTable:
    return FlatTable.from_frame(frame, until="2026-01-01", settings=FlatSettings(**settings))


def played(table: FlatTable, parts: int = 4, repeats: int = 2):
    features = flat_columns(table).features
    X = flat_matrix(table, features)
    return flat_backtest(table, X, SPECS, features, flat_folds(table, parts, repeats), threads=1)


@pytest.fixture(scope="module")
def undated() -> FlatTable:
    return flat(customers())


@pytest.fixture(scope="module")
def judged(undated):
    return played(undated)


def test_each_repeat_judges_every_row_once_by_models_that_had_not_seen_its_account(undated):
    folds = flat_folds(undated, parts=4, repeats=3)
    assert [(f.repeat, f.number) for f in folds] == [(1 + i // 4, i + 1) for i in range(12)]
    account = undated.cells.index.get_level_values("account_id").to_numpy()
    for repeat in (1, 2, 3):
        mine = [f for f in folds if f.repeat == repeat]
        assert sorted(np.concatenate([f.test for f in mine])) == list(range(len(account)))
    for fold in folds:
        assert not set(account[fold.train]) & set(account[fold.test])
    assert any(set(folds[0].test) ^ set(folds[4].test)), "dealt anew"


def test_every_part_has_its_share_of_those_who_left(undated):
    left = (undated.churned == 1.0).to_numpy()
    counts = [int(left[f.test].sum()) for f in flat_folds(undated, parts=4, repeats=2)]
    assert max(counts) - min(counts) <= 1


def test_an_account_with_several_rows_stands_in_one_part(undated):
    frame = pd.concat([customers(60).assign(as_of=day) for day in ("2025-06-01", "2025-06-02")])
    table = flat(frame, horizon_days=90)  # two days, and no outcome is known by the second
    assert table.is_dated and not goes_forward(table)
    account = table.cells.index.get_level_values("account_id").to_numpy()
    for fold in flat_folds(table, parts=3, repeats=1):
        assert not set(account[fold.train]) & set(account[fold.test])


def test_fewer_leavers_than_parts_are_refused():
    frame = customers(40).assign(churned=["yes"] * 3 + ["no"] * 37)
    with pytest.raises(ModelError, match="3 accounts left, too few to be dealt into 4 parts"):
        flat_folds(flat(frame), parts=4)


def test_with_dates_nothing_is_learned_whose_outcome_was_not_known_before_the_judged_days():
    frame = pd.concat([customers(80).assign(as_of=day) for day in MONTHS])
    table = flat(frame, horizon_days=30)
    assert goes_forward(table)
    day = table.cells.index.get_level_values("as_of")
    folds = flat_folds(table, parts=2)
    assert [f"{fold.cutoff:%Y-%m-%d}" for fold in folds] == ["2025-04-01", "2025-06-01"]
    for fold in folds:
        assert (day[fold.train] + pd.Timedelta(days=30) < fold.cutoff).all()
        assert (day[fold.test] >= fold.cutoff).all()
    # 1 May and 30 days is 31 May, before 1 June; 1 June itself is judged
    assert day[folds[1].train].max() == pd.Timestamp("2025-05-01")


def test_with_dates_a_fold_is_calibrated_by_earlier_folds_alone():
    frame = pd.concat([customers(300).assign(as_of=day) for day in MONTHS])
    found = played(flat(frame, horizon_days=20), parts=3)
    assert found.folds["n_calibration"].tolist()[0] == 0
    assert found.curves[1]["logistic"].calibrators[0].slope == 1.0
    assert (found.folds["n_calibration"].diff().dropna() > 0).all()


def test_a_part_is_calibrated_by_the_other_parts_of_its_repeat(judged):
    said = judged.predictions[judged.predictions["model"] == "logistic"]
    others = said[said["fold"].isin([1, 3, 4])]
    wanted = calibrator_of(others, "churned")
    assert judged.curves[2]["logistic"].calibrators == (wanted,)
    mine = said[said["fold"] == 2]
    assert np.array_equal(mine["risk"].to_numpy(), wanted.risk(mine["margin"].to_numpy()))


def test_a_scorecard_without_a_rule_for_any_column_is_left_out_with_the_reason(judged):
    assert [(r.model, r.fold) for r in judged.refusals] == [("scorecard", 0)]
    assert "no rule for any column" in judged.refusals[0].reason
    assert set(judged.predictions["model"]) == {"base_rate", "logistic"}


def test_the_comparison_and_the_champion_need_neither_renewals_nor_revenue(judged):
    table = leaderboard(judged, draws=50)
    assert set(table["cohort"]) == {"all"}
    auroc = table[(table["metric"] == "auroc") & (table["fold"] == "pooled")].set_index("model")["value"]
    assert auroc["logistic"] > 0.7 > 0.6 > auroc["base_rate"]
    choice = choose_champion(judged, SPECS, draws=100)
    assert choice.champion == "logistic"
    assert not any("nan" in reason for reason in choice.reasons)


def test_revenue_makes_the_money_caught_count():
    frame = customers(mrr=lambda left, draw: [f"{value:.0f}" for value in draw.integers(10, 90, len(left))])
    table = leaderboard(played(flat(frame, mrr="mrr"), repeats=1), draws=50)
    caught = table[(table["metric"] == "mrr_caught_at_capacity") & (table["fold"] == "pooled")]
    assert caught["value"].between(0, 1).all()


def checked(trusted: tuple[str, ...] = (), **columns: object):
    table = flat(customers(**columns))
    features = flat_columns(table).features
    return check_columns(table, flat_matrix(table, features), features, trusted)


def test_honest_columns_fire_nothing_and_the_most_telling_one_is_named():
    found = checked()
    assert found.status == "silent" and "'usage'" in found.message


SUSPICIOUS = {
    "written at the end": lambda left, draw: np.where(
        left, draw.normal(3, 1, len(left)), draw.normal(0, 1, len(left))
    ),
    "filled for leavers alone": lambda left, draw: np.where(left & (draw.random(len(left)) < 0.6), "price", None),
}


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_a_column_that_knows_the_outcome_is_named_until_it_is_trusted(name):
    made = SUSPICIOUS[name]

    def as_text(left, draw):
        return [None if value is None else str(value) for value in made(left, draw)]

    found = checked(closing=as_text)
    assert found.code == "CHN002" and found.status == "fired" and "'closing'" in found.message
    assert checked(("closing",), closing=as_text).status == "silent"


def test_a_column_of_noise_does_not_fire():
    found = checked(noise=lambda left, draw: draw.choice([f"w{i}" for i in range(30)], len(left)))
    assert found.status == "silent"


def test_what_cannot_be_proven_is_said_with_and_without_dates(undated):
    dated = flat(pd.concat([customers(80).assign(as_of=day) for day in MONTHS]))
    for table, how in ((undated, "no row says when it was known"), (dated, "on later days")):
        said = check_time_order(table)
        assert said.status == "not applicable" and CAVEAT in said.message.lower() and how in said.message
