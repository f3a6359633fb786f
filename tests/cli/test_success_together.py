"""Do the parts of the customer-success layer know of each other? (through the command, on a trained project)"""

from __future__ import annotations

import pandas as pd
import pytest
from sqlalchemy import insert

from churnmodel.scoring.score_table import read_latest
from churnmodel.state.database import open_state
from churnmodel.state.tables import PLAYS_STARTED
from churnmodel.workflow.alerts import look_this_morning
from churnmodel.workflow.layer import band_and_tiers, commits_said, tier_of_book, worked_at
from churnmodel.workflow.plays import look_at_plays
from churnmodel.workflow.project import Project
from churnmodel.workflow.renewals import project_renewals
from churnmodel.workflow.tiers import project_tiers
from trained_project import TrainedProject


@pytest.fixture
def own(trained_project: TrainedProject, tmp_path) -> TrainedProject:
    return trained_project.copy(tmp_path / "own")


def renewals_of(project: Project) -> pd.DataFrame:
    band, tiers = band_and_tiers(project)
    return project_renewals(
        project, band=band, tiers=tiers, plays=worked_at(project), commits=commits_said(project)
    ).calendar


def test_who_is_worked_at_leaves_the_headline_of_renewals(act, own):
    project = Project.open(own.config)
    before = renewals_of(project)
    assert act("success", "plays", "--start", "-c", own.config).exit_code == 0
    begun = set(worked_at(project)["account_id"])
    after = renewals_of(project)
    first = set(before.index[before["headline"]])
    assert first & begun and set(after.index[after["headline"]]) == first - begun
    assert after.loc[sorted(first & begun), "open_play"].notna().all()
    said = act("success", "renewals", "-c", own.config)
    assert f"Red or orange, due, and nobody on it: {len(first - begun):,} account" in said.out


def test_a_word_on_record_meets_the_checkpoint_and_stays_on_record(act, own):
    project = Project.open(own.config)
    due = renewals_of(project).query("list == 'calendar'").index[0]
    for commit in ("unsure", "renew"):
        said = act(
            "success", "renewals", "--commit", commit, "--account", due, "--by", "Ada", "-c", own.config
        )
        assert (said.exit_code, said.err) == (0, "") and "On record, by Ada" in said.out
    assert commits_said(project)["commit"].tolist() == ["unsure", "renew"]
    calendar = renewals_of(project)
    assert calendar.loc[due, "commit"] == "renew" and calendar["commit"].notna().sum() == 1
    band, tiers = band_and_tiers(project)
    day = project.until
    then = project_renewals(project, day, band=band, tiers=tiers, commits=commits_said(project)).calendar
    assert then["commit"].isna().all(), "what is said today was not known on a day that is asked for"


def test_a_word_without_an_account_or_for_one_that_leaves_is_refused(act, own):
    assert "whose renewal" in act("success", "renewals", "--commit", "renew", "-c", own.config).err
    assert "--account" in act("success", "renewals", "--account", "A0001", "-c", own.config).err
    calendar = renewals_of(Project.open(own.config))
    leaving = calendar.index[calendar["list"] == "leaving"]
    if len(leaving):
        said = act("success", "renewals", "--commit", "renew", "--account", leaving[0], "-c", own.config)
        assert said.exit_code == 2 and "has given notice" in said.err


def test_tiers_plays_and_alerts_know_the_tiers_and_the_bands_of_health(own):
    own.config.write_text(own.config.read_text() + "\n[health.cuts.mid]\norange_from = 0.01\nred_from = 0.03\n")
    project = Project.open(own.config)
    band, tiers = band_and_tiers(project)
    plays = look_at_plays(project, band=band, tiers=tiers)
    told = plays.accounts.reindex(tiers.index)
    assert (told["tier"] == tiers["tier"]).all() and not plays.without_tiers
    here = band.dropna().index
    assert (plays.accounts.loc[here, "band"] == band[here]).all()
    about = look_this_morning(project).about
    assert (about.loc[here, "band"] == band[here]).all() and about["risk"].notna().sum() == len(here)
    shown = project_tiers(project, with_reasons=False).accounts
    assert (shown.loc[here, "band"] == band[here]).all() and shown["risk"].notna().sum() == len(here)
    scored = read_latest(project.home / "scores").scores.droplevel("as_of")["band"]
    assert (scored[here] != band[here]).any(), "a rule, or the cuts of a segment, made another band of a score"
    gone = plays.accounts[plays.accounts["lifecycle"] == "gone"]
    if project.db.has("accounts") and len(gone):
        assert gone["account_manager"].notna().any(), "who manages an account that left is still known"
    assert (tier_of_book(project).sort_index() == tiers["tier"].sort_index()).all()
    missed = look_this_morning(project, tier=tier_of_book(project)).candidates.query("rule == 'cadence_missed'")
    late = project_tiers(project, with_reasons=False).meetings_of("overdue")["account_id"]
    by_tier = missed[missed["moved"].str.contains("is agreed")]
    assert len(by_tier) and set(by_tier["account_id"]) <= set(late), "told of is who is overdue by the tier"


def test_a_word_that_the_band_contradicts_is_an_alert_that_is_told_once(act, own, tmp_path):
    project = Project.open(own.config)
    calendar = renewals_of(project).query("list == 'calendar'")
    green, red = (calendar.index[calendar["band"] == band][:1] for band in ("green", "red"))
    for account, word in [*((a, "churn") for a in green), *((a, "renew") for a in red)]:
        act("success", "renewals", "--commit", word, "--account", account, "--by", "Ada", "-c", own.config)
    found = look_this_morning(project).candidates.query("rule == 'disagree'").set_index("account_id")
    told = found.loc[[*green, *red], "moved"]
    assert len(told) >= 1 and told.str.contains('Ada said "').all(), told
    for account in green:
        on = f"{calendar.loc[account, 'renews_at']:%Y-%m-%d}"
        assert f"of the renewal on {on}, here it is green" in told[account]
    then = look_this_morning(project, project.until - pd.Timedelta(days=1)).candidates
    assert not then["moved"].str.contains("Ada said").any(), "what is said today was not known then"


def test_who_was_held_out_is_left_alone_for_so_long_and_no_longer(own):
    project = Project.open(own.config)
    plays = project.settings.plays
    state = open_state(project.settings)
    day = pd.Timestamp(read_latest(project.home / "scores").as_of)
    for place, ago in enumerate((plays.hold_out_days - 1, plays.hold_out_days)):
        row = {
            "start_id": f"s{place}", "account_id": f"held-{place}", "account": "Held", "play": "rescue",
            "arm": "hold_out", "share": 0.1, "as_of": (day - pd.Timedelta(days=ago)).date(), "csm": "Ada",
            "why": "drawn",
        }  # fmt: skip
        with state.writing() as connection:
            connection.execute(insert(PLAYS_STARTED), row)
    found = worked_at(project)
    assert "held-0" in set(found["account_id"]) and "held-1" not in set(found["account_id"])


def test_a_part_is_left_in_the_warehouse_as_it_is_written_to_a_file(act, own, tmp_path):
    import duckdb

    own.config.write_text(own.config.read_text() + '\n[warehouse]\nduckdb = "warehouse.duckdb"\n')
    said = act("success", "tiers", "-c", own.config, "--csv", tmp_path / "tiers.csv", "--into", "churn_tiers")
    assert said.exit_code == 0 and "Wrote the table 'churn_tiers' in" in said.out.replace("\n", " ")
    with duckdb.connect(own.config.with_name("warehouse.duckdb"), read_only=True) as con:
        left = con.execute("SELECT account_id, tier, mrr FROM churn_tiers ORDER BY 1").df()
    file = pd.read_csv(tmp_path / "tiers.csv")[["account_id", "tier", "mrr"]].sort_values("account_id")
    pd.testing.assert_frame_equal(left, file.reset_index(drop=True), check_dtype=False)
    part = act("success", "tiers", "-c", own.config, "--csm", "Jo", "--into", "churn_tiers")
    assert part.exit_code == 2 and "would take the place of all rows of the day" in part.err.replace("\n", " ")
    refused = act("success", "kpis", "-c", own.config, "--into", "churn; DROP TABLE x")
    assert refused.exit_code == 2 and "wanted a table's name of a-z, 0-9 and _" in refused.err.replace("\n", " ")
