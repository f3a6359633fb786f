"""Is every change of a published risk split exactly, and into the right parts?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ScoreError
from churnmodel.explanation.drivers import LEAST_POINTS
from churnmodel.explanation.formats import percent, print_date
from churnmodel.scoring.band_moves import MANY, NEW_MODEL, PASSING_TIME, band_moves, first_red, with_cause
from churnmodel.scoring.changed import Changed, changed
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.stretch import stretches
from scoring.small_company import AS_OF, book, bundle, feature_rows

THEN = AS_OF - pd.Timedelta(days=28)
PARTS = ["new_model", "passing_time", "drivers"]


@pytest.fixture(scope="session")
def logistic(tmp_path_factory) -> Scorer:
    return Scorer.load(bundle(tmp_path_factory.mktemp("changed") / "logistic", "logistic"))


def table(scorer: Scorer, X: pd.DataFrame) -> ScoreTable:
    """What `score` publishes for these rows: the last is leaving, without a risk."""
    known = book(X)
    scored = (known["status"] != "leaving").to_numpy()
    scores, drivers = scorer.score_and_explain(X[scored])
    return ScoreTable(X.index[0][1].date(), scorer.version, known.join(scores), drivers, X)


def later(X: pd.DataFrame, days: int = 28) -> pd.DataFrame:
    """The same accounts and values so many days on: every renewal is nearer, or has passed into a new term."""
    to_renewal = X["days_to_renewal"] - days
    to_renewal = to_renewal.where(~(to_renewal < 0), to_renewal + 30 * X["term_months"])
    accounts = X.index.get_level_values("account_id")
    index = pd.MultiIndex.from_product([accounts, [X.index[0][1] + pd.Timedelta(days=days)]], names=X.index.names)
    return X.assign(days_to_renewal=to_renewal).set_index(index)


def all_else(n: int = 150) -> pd.DataFrame:
    """The later rows with other users, invoices and so on; the first 40 accounts have just renewed for years."""
    X, other = later(feature_rows(n, 40, THEN)), feature_rows(n, 41, AS_OF)
    return other.assign(
        days_to_renewal=np.where(np.arange(n) < 40, 700.0, X["days_to_renewal"]), term_months=X["term_months"]
    )


def exact(found: Changed) -> bool:
    gap = found.accounts[PARTS].sum(axis=1) - (found.accounts["risk_after"] - found.accounts["risk_before"])
    return bool(gap.abs().max() < 1e-9)


def test_the_change_of_every_account_of_every_model_is_the_sum_of_its_parts(any_scorer, logistic):
    then = feature_rows(150, 40, THEN)
    for old in (any_scorer, logistic):
        found = changed(any_scorer, table(old, then), table(any_scorer, all_else()), everything=True)
        assert len(found.accounts) == 149 and exact(found)
        assert found.same_model == (old.version == any_scorer.version)
        assert (found.accounts["new_model"] == 0).all() == found.same_model
        told = found.drivers["points"].groupby(level=0).sum().reindex(found.accounts.index, fill_value=0.0)
        assert (told - found.accounts["drivers"]).abs().max() < 1e-9


def test_nothing_changed_between_a_table_and_itself(any_scorer):
    one = table(any_scorer, feature_rows(60, 40))
    found = changed(any_scorer, one, one, everything=True)
    assert not found.accounts[[*PARTS, "change"]].to_numpy().any() and found.drivers.empty


def test_where_only_time_passed_the_whole_change_is_passing_time(any_scorer):
    then = feature_rows(150, 40, THEN)
    found = changed(any_scorer, table(any_scorer, then), table(any_scorer, later(then)), everything=True)
    assert not found.accounts[["new_model", "drivers"]].to_numpy().any() and found.drivers.empty
    assert (found.accounts["passing_time"] == found.accounts["change"]).all()
    moves = band_moves(found, table(any_scorer, then), table(any_scorer, later(then)))
    assert set(moves.worse["cause"]) | set(moves.better["cause"]) <= {PASSING_TIME}


def test_where_only_values_changed_no_time_has_passed(any_scorer):
    then = feature_rows(150, 40, THEN)
    now = feature_rows(150, 41, AS_OF).assign(
        days_to_renewal=then["days_to_renewal"].to_numpy(), term_months=then["term_months"].to_numpy()
    )
    found = changed(any_scorer, table(any_scorer, then), table(any_scorer, now))
    assert not found.accounts[["new_model", "passing_time"]].to_numpy().any()


def test_where_only_the_model_changed_the_whole_change_is_the_new_model(any_scorer, logistic):
    X = feature_rows(60, 40)
    found = changed(any_scorer, table(logistic, X), table(any_scorer, X))
    assert not found.accounts[["passing_time", "drivers"]].to_numpy().any() and found.drivers.empty
    assert (found.accounts["new_model"] == found.accounts["change"]).all()
    if any_scorer.version != logistic.version:
        moves = band_moves(found, table(logistic, X), table(any_scorer, X))
        assert set(moves.worse["cause"]) | set(moves.better["cause"]) == {NEW_MODEL}
        both = pd.concat([moves.worse, moves.better])  # a band may rise at a risk that fell
        assert (both["cause_words"].str.endswith("elsewhere") == (both["cause_points"] == 0)).all()


def test_a_feature_the_earlier_table_lacks_was_unknown_and_the_sentence_says_so(logistic):
    then, now = feature_rows(150, 40, THEN), all_else()
    full = table(logistic, then.assign(overdue_amount=np.nan))
    lacking = ScoreTable(full.as_of, full.version, full.scores, full.drivers, then.drop(columns="overdue_amount"))
    found, known = (changed(logistic, old, table(logistic, now)) for old in (lacking, full))
    pd.testing.assert_frame_equal(found.accounts, known.accounts, check_exact=True)
    said = found.drivers.loc[found.drivers["feature"] == "overdue_amount", "sentence"]
    assert len(said) and said.str.endswith("; the earlier table did not hold it").all()


def test_an_earlier_risk_by_a_model_that_had_seen_what_came_is_said_to_be_no_forecast(logistic):
    # it learned from outcomes before 1 February 2026
    now = table(logistic, later(feature_rows(20, 40, THEN)))
    for day, hindsight in (("2026-01-31", True), ("2026-02-01", False), ("2026-02-02", False)):
        then = table(logistic, feature_rows(20, 40, pd.Timestamp(day)))
        assert changed(logistic, then, now).in_hindsight == hindsight


def test_a_driver_says_before_and_now(logistic):
    then, now = feature_rows(150, 40, THEN), all_else()
    found = changed(logistic, table(logistic, then), table(logistic, now))
    assert (found.drivers.groupby(level=0).size() <= 6).all()
    users = found.drivers[found.drivers["feature"] == "active_users_28d"]
    both = (users["value"] > 0) & (users["value_before"] > 0) & (users["value"] != users["value_before"])
    for account, row in users[both].iterrows():
        assert row["value_before"] == then.loc[(account, THEN), "active_users_28d"]
        noun = "user" if row["value"] == 1 else "users"
        assert row["sentence"] == (
            f"{row['value']:.0f} {noun} active in 28 days, before {row['value_before']:.0f}"
        )
    assert both.sum() > 20


def test_accounts_without_a_risk_in_either_table_are_left_out_and_counted(logistic):
    then, now = feature_rows(30, 40, THEN), later(feature_rows(40, 40, THEN))
    earlier, present = table(logistic, then), table(logistic, now.iloc[5:])
    found = changed(logistic, earlier, present)
    assert found.accounts.index.tolist() == [f"acc-{i:05d}" for i in range(5, 29)]
    moves = band_moves(found, earlier, present)
    assert moves.gone == tuple(f"acc-{i:05d}" for i in range(5))
    assert moves.arrived == tuple(f"acc-{i:05d}" for i in range(30, 40))
    assert moves.gave_notice == ("acc-00039",)
    one = changed(logistic, earlier, present, ["acc-00007", "nobody"])
    pd.testing.assert_frame_equal(one.accounts, found.accounts.loc[["acc-00007"]], check_exact=True)
    none = changed(logistic, earlier, present, [])
    assert none.accounts.empty and none.drivers.empty and band_moves(none, earlier, present).worse.empty


def test_band_moves_are_by_mrr_with_the_strongest_cause_in_their_direction(logistic):
    earlier, present = table(logistic, feature_rows(150, 40, THEN)), table(logistic, all_else())
    found = changed(logistic, earlier, present, everything=True)
    moves = band_moves(found, earlier, present)
    order = {"green": 0, "orange": 1, "red": 2}
    for part, sign in ((moves.worse, 1), (moves.better, -1)):
        assert len(part) > 5 and part["mrr"].is_monotonic_decreasing
        assert (part["band_after"].map(order) * sign > part["band_before"].map(order) * sign).all()
        for account, row in part.iterrows():
            own = found.drivers.loc[[account], "points"] * sign
            split = found.accounts.loc[account, ["new_model", "passing_time"]].astype(float) * sign
            assert row["cause_points"] * sign == max(own.max(), split.max()) and row["cause_words"]
    assert (moves.new_to_red["band_after"] == "red").all() and len(moves.new_to_red)


def test_a_band_that_moved_by_many_small_things_says_so(logistic):
    earlier, present = table(logistic, feature_rows(150, 40, THEN)), table(logistic, all_else())
    found = changed(logistic, earlier, present)
    unnamed = replace(found, drivers=found.drivers.iloc[:0])
    moves = band_moves(unnamed, earlier, present)
    nothing_else = (moves.worse[["new_model", "passing_time"]] <= 0).all(axis=1)
    assert nothing_else.any()
    assert (moves.worse.loc[nothing_else, "cause_words"] == "Many things, each too small to name").all()


def test_what_is_too_small_to_name_is_no_cause(logistic):
    earlier, present = table(logistic, feature_rows(150, 40, THEN)), table(logistic, all_else())
    found = changed(logistic, earlier, present)
    tiny = found.accounts.assign(new_model=0.0, passing_time=LEAST_POINTS / 2)
    moves = band_moves(replace(found, accounts=tiny, drivers=found.drivers.iloc[:0]), earlier, present)
    assert len(moves.worse) and (moves.worse["cause"] == MANY).all()


def test_an_account_that_is_red_in_its_first_score_is_new_among_the_red(logistic):
    then, now = feature_rows(30, 40, THEN), later(feature_rows(60, 40, THEN))
    earlier, present = table(logistic, then), table(logistic, now)
    moves = band_moves(changed(logistic, earlier, present), earlier, present)
    scores = present.scores.droplevel("as_of")
    red = set(scores.index[scores["band"] == "red"])
    assert set(moves.arrived_red.index) == red & set(moves.arrived) != set()
    assert moves.arrived_red["mrr"].is_monotonic_decreasing
    three = pd.DataFrame({"name": ["Acme", None, "Cobalt"]}, index=["a", "b", "c"])
    assert first_red(three) == "Acme, b, Cobalt" and first_red(three, 1) == "Acme and 2 more"
    assert first_red(three.iloc[:0]) == "" and first_red(three[[]]) == "a, b, c"


def test_the_model_of_another_table_is_refused(logistic):
    one = table(logistic, feature_rows(20, 40))
    other = ScoreTable(one.as_of, "0" * 12, one.scores, one.drivers, one.X)
    with pytest.raises(ScoreError, match="wanted the model of the later table, 000000000000"):
        changed(logistic, one, other)


def test_an_account_without_a_risk_today_is_told_the_one_it_had(logistic):
    earlier = table(logistic, feature_rows(40, 40, THEN).iloc[:39])  # the last of 38 is leaving already
    earlier.scores.loc[earlier.scores.index[:38], "status"] = "active"
    present = table(logistic, later(feature_rows(36, 40, THEN)))
    found = changed(logistic, earlier, present, ["acc-00035", "acc-00038"])
    assert found.accounts.empty
    risk, band = earlier.scores.loc["acc-00035"].iloc[0][["risk", "band"]]
    said = found.nothing_to_compare("acc-00035", leaving=True)
    assert f"its risk was {percent(risk)} ({band}). It has given notice since, so there is no risk today" in said
    assert found.nothing_to_compare("acc-00038", leaving=True).startswith("There was no risk for it on ")


def test_an_account_whose_renewal_passed_is_no_better_and_no_worse(logistic):
    then = feature_rows(150, 40, THEN).assign(days_to_renewal=200.0, term_months=12.0)
    passed, kept = (np.arange(150) % 3 == 0), (np.arange(150) % 3 == 1)
    then["days_to_renewal"] = np.where(passed, 10.0, 200.0)
    now = feature_rows(150, 41, AS_OF).assign(term_months=12.0)
    now["days_to_renewal"] = np.where(passed, 347.0, np.where(kept, 172.0, 300.0))
    earlier, present = table(logistic, then), table(logistic, now)
    found = changed(logistic, earlier, present)
    moves = band_moves(found, earlier, present)
    number = {name: part.index.str[-5:].astype(int) % 3 for name, part in
              (("worse", moves.worse), ("better", moves.better), ("renewed", moves.renewed),
               ("other", moves.other_stretch))}  # fmt: skip
    assert set(number["worse"]) == set(number["better"]) == {1}
    assert set(number["renewed"]) == {0} and set(number["other"]) == {2}
    row = moves.renewed.iloc[0]
    before, after = percent(row["risk_before"]), percent(row["risk_after"])
    last, following = (print_date((day + pd.Timedelta(days=n)).to_pydatetime()) for day, n in
                       ((THEN, 10), (AS_OF, 347)))  # fmt: skip
    assert row["stretch_words"] == (
        f"It did not leave at its renewal of {last}. {before} was the risk up to that renewal, "
        f"{after} is the risk up to the next, {following}."
    )


def test_monthly_accounts_are_compared_whatever_renewed_and_unknown_stretches_too():
    then = pd.DataFrame({"risk": 0.1, "risk_days": [90.0, np.nan], "days_to_renewal": [5.0, 5.0]})
    now = then.assign(risk=0.3, days_to_renewal=[7.0, 7.0])
    assert stretches(then, now, THEN.date(), AS_OF.date(), 0)["stretch"].tolist() == ["same", "same"]
    flat = stretches(*(t.drop(columns="days_to_renewal") for t in (then, now)), THEN.date(), AS_OF.date(), 0)
    assert flat["stretch"].tolist() == ["same", "same"]
    by_chance = then.assign(days_to_renewal=[90.0, 90.0])  # the 90 days happened to end on the renewal
    assert stretches(by_chance, now, THEN.date(), AS_OF.date(), 0)["stretch"].tolist() == ["same", "same"]


def test_a_risk_that_fell_with_the_days_left_says_how_few_they_are(logistic):
    then = feature_rows(150, 40, THEN).assign(days_to_renewal=33.0, term_months=12.0)
    earlier, present = table(logistic, then), table(logistic, later(then))
    found = changed(logistic, earlier, present)
    by_time = found.accounts.assign(passing_time=-0.2)
    told = with_cause(by_time, found, -1.0)["cause_words"]
    day = print_date((AS_OF + pd.Timedelta(days=5)).to_pydatetime())
    assert set(told) == {f"5 days to the renewal on {day} and no notice: less time left"}
    assert "nearer" in with_cause(found.accounts.assign(passing_time=0.2), found, 1.0)["cause_words"].iloc[0]
