"""Does `--help` answer at once, and does each act print what it should?"""

from __future__ import annotations

import json
import re
from typing import get_args

import pandas as pd
import pytest

from churnmodel.explanation.formats import percent
from churnmodel.features.feature import Family
from churnmodel.reports.model_names import called
from churnmodel.scoring.champion import champion_folder
from churnmodel.scoring.expected_loss import expected_mrr_lost
from churnmodel.scoring.score_table import read_latest
from churnmodel.workflow.record import read_record
from trained_project import run_python

COMMANDS = ("init", "demo", "check", "features", "train", "compare", "score", "explain", "book", "report")
HEAVY = ("pandas", "numpy", "lightgbm", "mlflow", "shap", "bentoml", "ibis", "sklearn", "matplotlib")


@pytest.mark.parametrize("command", ["", "train", "score"])
def test_help_answers_without_the_heavy_libraries(command):
    code = (
        "import contextlib, sys\n"
        "from churnmodel.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main()\n"
        f"print('loaded:', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    ran = run_python("-c", code, *([command] if command else []), "--help")
    assert "Usage: churnmodel" in ran.stdout, ran.stderr
    assert ran.stdout.rstrip().endswith("loaded: []"), ran.stdout[-200:]


def test_help_lists_the_eight_acts_and_each_has_its_own(act):
    listed = act("--help").out
    assert [c for c in COMMANDS if not re.search(rf"^\W*{c}\s", listed, re.MULTILINE)] == []
    for command in COMMANDS:
        said = act(command, "--help")
        assert said.exit_code == 0 and f"churnmodel {command}" in said.out
    assert "--debug" in listed


def test_init_writes_settings_that_the_next_acts_can_read_and_never_replaces_them(act, tmp_path):
    said = act("init", tmp_path / "new")
    config = tmp_path / "new" / "churnmodel.toml"
    assert said.exit_code == 0 and str(config) in said.out and "churnmodel check" in said.out
    assert "no data folder at" in act("check", "-c", config).err  # so the settings themselves are sound
    config.write_text(config.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    before = config.read_bytes()
    again = act("init", tmp_path / "new")
    assert again.exit_code == 2 and "is there already" in again.err
    assert config.read_bytes() == before


def test_check_lists_the_tables_and_says_whether_they_are_fit(act, trained_project):
    said = act("check", "-c", trained_project.config)
    assert said.exit_code == 0 and "Fit to learn from" in said.out
    rows = len(pd.read_parquet(trained_project.folder / "data" / "tickets.parquet"))
    assert re.search(rf"tickets\s+{rows:,}\s+0\s", said.out)
    assert "known_at_assumed" in said.out
    found = json.loads(act("check", "--json", "-", "-c", trained_project.config).out)
    assert {table["table"] for table in found["tables"]} >= {"accounts", "subscriptions", "usage_events"}


def test_features_says_what_each_means_and_builds_the_book_of_a_day(act, trained_project, tmp_path):
    project = trained_project.copy(tmp_path / "copy")
    meanings = act("features", "--dictionary", "-c", project.config)
    assert "Invoices past their due date and not paid, without those that open credits cover" in meanings.out
    built = act("features", "-c", project.config, "--as-of", "2025-12-01")
    place = project.folder / "features" / "as_of=2025-12-01.parquet"
    X = pd.read_parquet(place)
    assert str(place) in built.out
    assert f"{len(X):,} accounts x {X.shape[1] - 2} features" in built.out


def test_train_compares_the_models_and_says_why_the_champion_is_one(trained_project):
    out = trained_project.train.stdout
    for said in (
        "16 tables, ",
        "not matured yet",
        "Churn within 180 days, out of time",
        "log loss",
        "churned MRR",
        "Each horizon",
        "AUROC, and under it log loss",
        "How the choice was made",
        "logistic beats the base rate: log loss",
        "logistic is the champion.",
        "CHN001 ok",
        "came out the same to the last bit",
        "Next: churnmodel score",
        str(champion_folder(trained_project.folder)),
    ):
        assert said in out, (said, out)
    assert "Traceback" not in trained_project.train.stderr


def horizons(out: str) -> dict[str, list[str]]:
    """Per row of the table "Each horizon": the accounts that churned, then AUROC and log loss of each model."""
    table = out.split("Each horizon")[1].split("How the choice was made")[0]
    rows = re.findall(r"^(by the next renewal|\d+ days) +(\S+) +([\d. ]+)\n +([\d. ]+)$", table, re.MULTILINE)
    return {asked: [churned, *first.split(), *second.split()] for asked, churned, first, second in rows}


def test_train_shows_every_horizon_that_could_be_judged_with_the_figures_of_the_record(trained_project):
    table = read_record(trained_project.folder).leaderboard
    shown = horizons(trained_project.train.stdout)
    assert list(shown)[:5] == ["by the next renewal", "30 days", "60 days", "90 days", "180 days"]
    table_of_horizons = trained_project.train.stdout.split("Each horizon")[1]
    header = next(line for line in table_of_horizons.splitlines() if line.split()[:1] == ["churned"])
    models = re.split(" {2,}", header.strip())[1:]
    own = {"base_rate", "scorecard", "logistic"}
    assert set(models) == own | {"your health_score", "scorecard_refit"}
    for asked, (churned, *figures) in shown.items():
        cohort = {"by the next renewal": "by renewal", "180 days": "all"}.get(asked, asked)
        here = table[(table["cohort"] == cohort) & (table["fold"] == "pooled")]
        assert int(churned) == here["churned_accounts"].iloc[0]
        wanted = here.assign(model=here["model"].map(called)).set_index(["metric", "model"])["value"]
        assert figures == [f"{wanted[metric, m]:.3f}" for metric in ("auroc", "log_loss") for m in models]


def test_compare_within_shows_the_whole_table_of_another_question(act, trained_project):
    table = read_record(trained_project.folder).leaderboard
    for asked, says, cohort in (
        ("90", "Churn within 90 days, out of time", "90 days"),
        ("renewal", "Churn by the next renewal, out of time", "by renewal"),
    ):
        said = act("compare", "--within", asked, "-c", trained_project.config)
        assert said.exit_code == 0 and says in said.out and "Each horizon" not in said.out
        loss = table[(table["cohort"] == cohort) & (table["metric"] == "log_loss")]["value"]
        [shown] = [line.split()[2:] for line in said.out.splitlines() if line.split()[:2] == ["log", "loss"]]
        assert shown == [f"{value:.3f}" for value in loss.sort_values()]
        assert "calibration slope" in said.out and "churned MRR caught" in said.out
        assert "Models were chosen by churn within 180 days" in said.out
    by_fold = act("compare", "--within", "90", "--by-fold", "--renewable", "-c", trained_project.config).out
    assert "Fold 2: trained on" in by_fold and "accounts up for renewal" in by_fold


def test_compare_shows_the_last_training_again(act, trained_project):
    whole = act("compare", "-c", trained_project.config)
    outputs = (whole.out, trained_project.train.stdout)
    shown, trained = ([line.split() for line in out.splitlines()] for out in outputs)
    comparison = [line for line in shown if line[:1] == ["AUROC"] or line[:2] == ["log", "loss"]]
    comparison = [line for line in comparison if "regret" not in line]
    assert len(comparison) == 2 and all(line in trained for line in comparison)
    assert "Fold 1" not in whole.out
    assert "Fold 2: trained on" in act("compare", "--by-fold", "-c", trained_project.config).out
    assert "accounts up for renewal" in act("compare", "--renewable", "-c", trained_project.config).out


def test_score_prints_the_most_revenue_at_risk_with_reasons_as_published(trained_project):
    out, table = trained_project.score.stdout, read_latest(trained_project.folder / "scores")
    assert f"The book on 2026-01-01: {len(table.scores):,} accounts" in out
    worst = table.scores.nlargest(10, "mrr_at_risk").reset_index()
    found = re.findall(r"^ ?(\d+)\. (.+) \((A\d{4})\)  risk ([\d.]+)% (red|orange|green)", out, re.MULTILINE)
    assert [(int(place), name, account) for place, name, account, *_ in found] == [
        (place, row.name, row.account_id) for place, row in enumerate(worst.itertuples(index=False), start=1)
    ]
    for row, (*_, shown, band) in zip(worst.itertuples(), found, strict=True):
        assert float(shown) == pytest.approx(100 * row.risk, abs=0.51) and band == row.band
    looks = re.findall(r"^    risk (by the renewal on (\S+)|within (\d+) days)", out, re.MULTILINE)
    for row, (_, renewal, days) in zip(worst.itertuples(), looks, strict=True):
        if row.risk_days == row.days_to_renewal:
            assert renewal == f"{row.renews_at:%Y-%m-%d}"
        else:
            assert float(days) == row.risk_days
    lost = expected_mrr_lost(table.scores)["mrr_lost"]
    periods = ("0-30 days", "31-60", "61-90", "91-180", "181-365")
    said = ", ".join(f"{amount:,.0f} in {period}" for amount, period in zip(lost, periods, strict=True))
    assert f"expected MRR lost, in USD: {said}; who is leaving comes on top" in out
    drivers = table.drivers.reset_index()
    first = drivers[(drivers["account_id"] == worst["account_id"][0]) & (drivers["direction"] == "raises")]
    line = out.split("    risk ")[1].splitlines()[0]
    for points in first.loc[first["concept"] == "renewal", "points"]:
        assert f"the renewal itself adds {points * 100:.1f})" in line, "beside its date, only there"
    others = first[first["concept"] != "renewal"].head(3)
    assert len(others) == 3
    for sentence, points in zip(others["sentence"], others["points"], strict=True):
        assert f"{points * 100:+.1f}" in out and sentence in out
    assert "2026-01-01" in out and "Next: churnmodel explain ACCOUNT" in out


def test_score_top_says_how_many_accounts_are_printed(act, trained_project):
    out = act("score", "--top", "2", "-c", trained_project.config).out
    assert len(re.findall(r"^ \d\. ", out, re.MULTILINE)) == 2


def test_explain_names_every_driver_and_its_points_add_up(act, trained_project):
    table = read_latest(trained_project.folder / "scores")
    account, _ = table.scores["mrr_at_risk"].idxmax()
    row = table.scores.xs(account, level="account_id").iloc[0]
    out = act("explain", account, "-c", trained_project.config, "--all").out
    for said in (row["name"], account, "What raises it", "What lowers it", f"Model {table.version}", row["csm"]):
        assert said in out, out
    for edge in (30, 60, 90, 180, 365):
        assert re.search(rf"within .*\b{edge} days {percent(row[f'risk_{edge}'])}", out), out
    families = "|".join(get_args(Family))
    drivers = re.findall(rf"^\s*([+-]\d+\.\d)\s+(?:{families})\s", out, re.MULTILINE)
    points = [float(p) for p in drivers]
    line = " ".join(out.split())
    start, raised, lowered, makes = (
        round(float(re.search(rf"{name}:? ([+-]?\d+\.\d)", line).group(1)) * 10)
        for name in ("Start", "Raising", "Lowering", "Makes")
    )
    assert start + raised + lowered == makes == round(1000 * row["risk"]), "to the printed decimal"
    assert len(points) >= 3
    for side, told in ((1, raised / 10), (-1, lowered / 10)):
        named = [p for p in points if p * side > 0]
        # what is under 0.2 points is counted in
        assert -0.1 - 0.05 * len(named) <= side * (told - sum(named)) < 0.2 * 40


def test_explain_lists_the_largest_eight_a_side_and_acts_only_where_risk_is_raised(act, trained_project):
    table = read_latest(trained_project.folder / "scores")
    account, _ = table.scores["mrr_at_risk"].idxmax()
    whole, short = (act("explain", account, "-c", trained_project.config, *more).out for more in (["--all"], []))
    rows = {  # columns are as wide as what stands in them, so words are compared
        name: [
            [" ".join(line.split()) for line in re.findall(r"^\s*[+-]\d+\.\d .*$", side, re.MULTILINE)]
            for side in out.split("What lowers it")
        ]
        for name, out in (("whole", whole), ("short", short))
    }
    for all_of_it, shown in zip(rows["whole"], rows["short"], strict=True):
        assert shown == all_of_it[:8]
    left_out = sum(map(len, rows["whole"])) - sum(map(len, rows["short"]))
    assert (f"{left_out} smaller reason" in short) == (left_out > 0) and "smaller reason" not in whole
    raising, lowering = rows["whole"]
    assert any("can be acted on" in line for line in raising)
    assert not any("can be acted on" in line for line in lowering)
    assert "where nothing speaks for or against. Raising: +" in whole


def test_explain_finds_an_account_by_its_name(act, trained_project):
    scores = read_latest(trained_project.folder / "scores").scores.reset_index().dropna(subset=["risk"])
    one = scores[~scores["name"].str.casefold().duplicated(keep=False)].iloc[0]
    by_id, by_name = (act("explain", k, "-c", trained_project.config).out for k in (one.account_id, one["name"]))
    assert by_name == by_id and act("explain", one["name"].upper(), "-c", trained_project.config).out == by_id


def test_explain_says_through_when_the_risk_runs(act, trained_project):
    scores = read_latest(trained_project.folder / "scores").scores.dropna(subset=["risk"]).reset_index()
    to_renewal = scores["risk_days"] == scores["days_to_renewal"]
    soon = scores["days_to_renewal"] < 60
    for here, says in (
        (to_renewal, "by the renewal on {renews_at.day} {renews_at:%B %Y}"),
        (~to_renewal & soon, "within 90 days"),  # it renews every month, so its next renewal says little
    ):
        row = scores[here].iloc[0]
        out = act("explain", row["account_id"], "-c", trained_project.config).out
        assert re.search(rf"risk +{percent(row['risk'])} {re.escape(says.format(**row))} ", out), out


def test_explain_of_an_account_under_notice_estimates_no_risk(act, trained_project):
    table = read_latest(trained_project.folder / "scores").scores
    leaving = table[table["status"] == "leaving"].reset_index()
    assert len(leaving), "the demo company has somebody under notice"
    out = act("explain", leaving["account_id"][0], "-c", trained_project.config).out
    on = leaving["leaving_on"][0]
    assert f"Leaving on {on.day} {on:%B %Y}" in out and "risk to estimate" in out
    assert "What raises it" not in out
