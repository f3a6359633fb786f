"""What does `churnmodel success renewals` print and write of a trained project?"""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from churnmodel.workflow.layer import band_and_tiers
from churnmodel.workflow.project import Project
from churnmodel.workflow.renewals import project_renewals
from trained_project import TrainedProject

EVIL = '=HYPERLINK("http://evil")[red]x[/red]\x1b[31m'


@pytest.fixture(scope="module")
def calendar(trained_project: TrainedProject) -> pd.DataFrame:
    project = Project.open(trained_project.config)
    band, tiers = band_and_tiers(project)
    return project_renewals(project, band=band, tiers=tiers).calendar


def test_it_says_whom_nobody_works_what_is_due_and_by_which_rule(act, trained_project, calendar):
    said = act("success", "renewals", "-c", trained_project.config)
    assert said.exit_code == 0, said.err
    first = int(calendar["headline"].sum())
    parts = (
        *("Renewals within 180 days of 2026-01-01 (to 2026-06-30)", "By month", "By tier and term"),
        *(f"Red or orange, due, and nobody on it: {first:,} account", "Leaving, under notice", "halved for every"),
    )
    for part in parts:
        assert part in said.out, part


def test_held_out_by_lot_is_only_said_where_a_lot_is_known_to_decide(act, trained_project, calendar, tmp_path):
    own = trained_project.copy(tmp_path / "own")
    place = own.folder / "data" / "interventions.parquet"
    log, first = pd.read_parquet(place), calendar.index[calendar["headline"]][0]
    late = pd.Timestamp("2025-12-30")
    row = log.head(1).assign(account_id=first, occurred_at=late, play="call", arm="hold_out")
    rest = log[log["occurred_at"] < "2025-09-01"]
    pd.concat([rest, row.assign(**{name: late for name in ("recorded_at",) if name in log})]).to_parquet(place)
    said = act("success", "renewals", "-c", own.config)
    assert "1 marked as held out in your interventions, which do not say that a lot decided" in said.out, said
    assert "by lot" not in said.out
    own.config.write_text(own.config.read_text(encoding="utf-8") + "\n[outcomes.drawn]\ncall = 0.3\n")
    said = act("success", "renewals", "-c", own.config)
    assert "1 held out by lot to measure plays by" in said.out and "marked as held out" not in said.out


def test_every_account_of_the_book_is_in_the_table_once_with_inert_cells(act, trained_project, calendar, tmp_path):
    files = ["--csv", tmp_path / "r.csv", "--parquet", tmp_path / "r.parquet"]
    said = act("success", "renewals", "-c", trained_project.config, *files, "--days", 365)
    assert said.exit_code == 0, said.err
    rows = list(csv.DictReader((tmp_path / "r.csv").open(encoding="utf-8")))
    assert {r["account_id"] for r in rows} == set(calendar.index) and len(rows) == len(calendar)
    kept = pd.read_parquet(tmp_path / "r.parquet").set_index("account_id")
    due = kept[kept["list"] == "calendar"]
    assert due["days"].between(0, 365).all() and due["priority"].is_monotonic_decreasing
    assert calendar["auto_renews"].notna().all() and calendar["account_manager"].notna().any()
    # a table says the same as the scores it came from
    assert (kept["risk"].isna() == (kept["status"] == "leaving")).all()


def test_the_forecast_adds_up_to_the_calendar_and_is_held_to_the_past(act, trained_project, calendar, tmp_path):
    files = ["--csv", tmp_path / "f.csv", "--chart", tmp_path / "f.png"]
    said = act("success", "renewals", "-c", trained_project.config, "--forecast", *files)
    assert said.exit_code == 0, said.err
    assert "80% intervals like these held in" in said.out and "Not in it is what those who renew" in said.out
    table = pd.read_csv(tmp_path / "f.csv").set_index("month")
    months = table[table.index.str.startswith("2026")]
    assert months["expected"].sum() == pytest.approx(table.loc["all months", "expected"])
    due = calendar[calendar["list"] == "calendar"]
    assert months["expected"].sum() == pytest.approx((due["mrr"] * (1 - due["risk"])).sum())
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


def test_the_backtest_prints_coverage_with_its_n(act, trained_project, tmp_path):
    config = trained_project.config
    said = act("success", "renewals", "-c", config, "--backtest", "--parquet", tmp_path / "b.parquet")
    assert said.exit_code == 0, said.err
    cells = pd.read_parquet(tmp_path / "b.parquet")
    months = cells[~cells["month"].isin(["all months", "short terms"])]
    assert "a month, all" in said.out and f"so {len(months):,} are not as many witnesses" in said.out
    assert (cells["low"] <= cells["expected"] + 1e-6).all() and (cells["renewed"] <= cells["due"] + 1e-6).all()


def test_commits_meet_checkpoints_and_contradictions_are_told_without_obeying_a_name(
    act, trained_project, calendar, tmp_path
):
    due = calendar[calendar["list"] == "calendar"]
    green = due[due["band"] == "green"].index[0]
    rows = [{"account_id": green, "renews_at": due.loc[green, "renews_at"].date(), "commit": "churn",
             "by": EVIL, "at": "2025-12-31"}]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "c.csv", index=False)
    config = trained_project.config
    asked = ("success", "renewals", "-c", config, "--checkpoints", "--commits", tmp_path / "c.csv")
    said = act(*asked, "--csv", tmp_path / "k.csv")
    assert said.exit_code == 0, said.err
    assert "\x1b" not in said.out and "[red]x[/red]" in said.out
    assert "1 account given up, green to the model" in said.out
    kept = pd.read_csv(tmp_path / "k.csv").set_index("account_id")
    assert kept.loc[green, "state"] == "met" and kept.loc[green, "said_by"].startswith("'=")
    owner = str(due.loc[green, "csm"])
    mine = act(*asked, "--csm", owner.upper())
    assert f"Renewals of {owner} within" in mine.out


def test_without_a_past_the_forecast_says_that_nothing_was_held_against_it(act, trained_project, tmp_path):
    copy = trained_project.copy(tmp_path / "new")
    (copy.folder / "training" / "latest.json").unlink()
    said = act("success", "renewals", "-c", copy.config, "--forecast", "--backtest")
    assert said.exit_code == 0, said.err
    assert said.out.count("No past month can be held against it") == 2 and "intervals like these" not in said.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--days", 400), "--days 400: wanted 1 to 365"),
        (("--csm", "nobody at all"), "no account has that CSM (there are:"),
        (("--as-of", "2025-03-01"), "2025-03-01 was not scored"),
        (("--commits", "nowhere.csv"), "commits: nowhere.csv cannot be read"),
        (("--forecast", "--backtest", "--csv", "x.csv"), "write one table: wanted one of forecast, backtest"),
    ],
)
def test_it_refuses_in_one_line(act, trained_project, options, told):
    said = act("success", "renewals", "-c", trained_project.config, *options)
    assert said.exit_code != 0 and len(said.lines) == 1 and told in said.err
