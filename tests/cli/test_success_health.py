"""What does `churnmodel success health` say of a trained project, with a champion, without one, and before any?"""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.scoring.score_table import publish
from trained_project import TrainedProject

EVIL = "=cmd()[red]x[/red]"
RULES = f"""
[health.cuts.enterprise]
orange_from = 0.02
red_from = 0.9

[[health.exceptions]]
name = "{EVIL}"
when = "champion_lost = 1 or urgent_ticket_open_days > 5 or goal_overdue_days > 10"

[[health.exceptions]]
name = "small and silent"
when = "segment = 'smb' and days_since_last_activity > 7"
never_better_than = "red"
"""
PARTS = ["usage", "support", "financial", "sentiment", "relationship", "renewal"]


@pytest.fixture(scope="module")
def project(trained_project: TrainedProject, tmp_path_factory: pytest.TempPathFactory) -> TrainedProject:
    copied = trained_project.copy(tmp_path_factory.mktemp("health") / "project")
    copied.config.write_text(copied.config.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    return copied


def test_the_table_adds_up_and_is_what_was_published_but_for_cuts_and_rules(act, project, tmp_path):
    out = tmp_path / "out"
    said = act("success", "health", "-c", project.config, "--csv", out / "h.csv", "--parquet", out / "h.parquet")
    assert said.exit_code == 0, said.err
    for part in ("Health on 1 January 2026", "left when", "Red and orange, by MRR", "starts at", "Segments"):
        assert part in said.out, part
    found = pd.read_parquet(out / "h.parquet").set_index("account_id")
    place = next((project.folder / "scores").glob("as_of=*/*/scores.parquet"))
    scores = pd.read_parquet(place).set_index("account_id")
    assert found.index.tolist() == scores.index.tolist()
    scored = found[found["risk"].notna()]
    total = scored["starts_at"] + scored[PARTS].sum(axis=1) + scored["exception_points"]
    assert (total - scored["health"]).abs().max() < 1e-6
    plain = scored[~scored["own_cuts"]]
    pd.testing.assert_series_equal(plain["model_health"], scores["health"].loc[plain.index], check_names=False)
    own = scored[scored["own_cuts"]]
    assert set(own["segment"]) == {"enterprise"} and (own["model_band"] == "orange").sum() > (
        scores["band"].loc[own.index] == "orange"
    ).sum()
    lowered = found[found["rule"].notna()]
    assert len(lowered) and (lowered["health"] <= 70).all() and set(lowered["rule"]) <= {EVIL, "small and silent"}
    rows = list(csv.DictReader((out / "h.csv").open(encoding="utf-8")))
    assert {r["rule"] for r in rows} <= {"", f"'{EVIL}", "small and silent"}


def test_exceptions_are_written_down_once_and_judged_on_the_replayed_past(act, project, tmp_path):
    log, judged = tmp_path / "log.csv", tmp_path / "judged.parquet"
    said = act("success", "health", "-c", project.config, "--exceptions", "--csv", log, "--judged", judged)
    assert said.exit_code == 0, said.err
    assert "Is each rule worth it?" in said.out and EVIL in said.out and "\x1b" not in said.out
    place = project.folder / "health" / "exceptions.jsonl"
    first = place.read_bytes()
    entries = [json.loads(line) for line in first.decode().splitlines()]
    assert {e["as_of"] for e in entries} == {"2026-01-01"} and all(e["why"] and e["logged_at"] for e in entries)
    table = pd.read_parquet(judged)
    asked = table[table["rule"] == EVIL].iloc[0]
    assert asked["rows"] > 0 and 0 <= asked["share"] <= 1 and asked["verdict"]
    assert set(table["from_band"]) == {"green", "orange"}
    again = act("success", "health", "-c", project.config, "--exceptions")
    assert again.exit_code == 0 and "0 written down now" in again.out and place.read_bytes() == first


def test_only_a_segment_or_a_csm_and_what_is_not_there_is_named(act, project, tmp_path):
    out = tmp_path / "smb.parquet"
    assert act("success", "health", "-c", project.config, "--segment", "smb", "--parquet", out).exit_code == 0
    assert set(pd.read_parquet(out)["segment"]) == {"smb"}
    for options, says in (
        (("--segment", "smbb"), "wanted one of enterprise, mid, smb"),
        (("--as-of", "2025-12-24"), "2025-12-24 was not scored (scored: 2026-01-01)"),
        (("--judged", out), "--judged only means something with --exceptions"),
        (("--exceptions", "--trajectory"), "--trajectory cannot go with --exceptions"),
    ):
        refused = act("success", "health", "-c", project.config, *options)
        assert refused.exit_code == 2 and says in refused.err, options
    alone = act("success", "health", "-c", project.config, "--trajectory")
    assert alone.exit_code == 0 and "No earlier month was scored" in alone.out


def test_exceptions_of_a_segment_are_those_of_its_accounts_judged_on_its_own_past(act, project, tmp_path):
    options = ("-c", project.config, "--exceptions", "--segment", "smb")
    said = act("success", "health", *options, "--csv", tmp_path / "e.csv")
    assert said.exit_code == 0 and "Asked of the replayed past of smb" in said.out.replace("\n", " ")
    act("success", "health", "-c", project.config, "--parquet", tmp_path / "h.parquet")
    book = pd.read_parquet(tmp_path / "h.parquet").set_index("account_id")
    written = pd.read_csv(tmp_path / "e.csv")["account_id"]
    assert set(written) == set(book.index[(book["segment"] == "smb") & book["rule"].notna()])


def test_a_rule_whose_table_is_not_there_is_told_as_such_and_not_as_never_met(act, trained_project, tmp_path):
    bare = trained_project.copy(tmp_path / "bare")
    (bare.folder / "data" / "goals.parquet").unlink()
    said = act("success", "health", "-c", bare.config, "--exceptions").out
    assert "Not all that these rules ask can be told: 'promised goal missed'. Missing: goals." in said
    assert "cannot be told" in said and "Cannot be told: what it asks is not in the tables." in said


def test_months_make_a_matrix_and_who_left_keeps_the_last_health(act, trained_project, tmp_path):
    """The table of November is that of January with one account more and other bands; it left since."""
    project = trained_project.copy(tmp_path / "project")
    now = next((project.folder / "scores").glob("as_of=2026-01-01/*"))
    frames = {name: pd.read_parquet(now / f"{name}.parquet") for name in ("scores", "drivers", "features")}
    for frame in frames.values():
        frame["as_of"] = pd.Timestamp("2025-12-01").as_unit("us")
    scores = frames["scores"]
    one = scores[scores["status"] == "at_risk"].iloc[[0]]
    gone = one.assign(account_id="GONE", risk=0.9, band="red", health=7.5)
    frames["scores"] = pd.concat([scores, gone], ignore_index=True)
    copied = frames["features"][frames["features"]["account_id"] == one["account_id"].iloc[0]]
    frames["features"] = pd.concat([frames["features"], copied.assign(account_id="GONE")], ignore_index=True)
    indexed = [frame.set_index(["account_id", "as_of"]) for frame in frames.values()]
    publish(project.folder / "scores", *indexed, date(2025, 12, 1), now.name)
    out = tmp_path / "moves.parquet"
    said = act("success", "health", "-c", project.config, "--trajectory", "--parquet", out)
    assert said.exit_code == 0, said.err
    assert "From 1 December 2025 (down) to 1 January 2026 (across)" in said.out and "1 red" in said.out
    moves = pd.read_parquet(out)
    assert moves.loc[moves["to"] == "left", "accounts"].sum() == 1
    assert moves["accounts"].sum() == len(scores) + 1
    table = tmp_path / "health.csv"
    assert act("success", "health", "-c", project.config, "--csv", table).exit_code == 0
    kept = pd.read_csv(table).set_index("account_id").loc["GONE"]
    assert (kept["status"], kept["health"], kept["scored_on"], kept["gone_by"]) == (
        "left", 7.5, "2025-12-01", "2026-01-01",
    )  # fmt: skip
    # whatever the rules say by now, its last health stays
    stricter = '[health.cuts.' + str(kept["segment"]) + "]\norange_from = 0.91\nred_from = 0.92\n"
    project.config.write_text(project.config.read_text(encoding="utf-8") + stricter, encoding="utf-8")
    assert act("success", "health", "-c", project.config, "--csv", table).exit_code == 0
    assert pd.read_csv(table).set_index("account_id").loc["GONE", ["health", "band"]].tolist() == [7.5, "red"]


def test_without_a_champion_the_scorecard_speaks_and_says_so(act, trained_project, tmp_path):
    project = trained_project.copy(tmp_path / "project")
    (project.folder / "models" / "champion.json").unlink()
    shutil.rmtree(project.folder / "scores")
    out = tmp_path / "h.parquet"
    said = act("success", "health", "-c", project.config, "--parquet", out)
    assert said.exit_code == 0, said.err
    assert "No model has earned the title, so the scorecard speaks" in said.out and "by scorecard" in said.out
    assert not (project.folder / "scores").exists()  # nobody takes it for a champion's
    published = next((project.folder / "health" / "scores").glob("as_of=2026-01-01/*/scores.parquet"))
    scores = pd.read_parquet(published).set_index("account_id")
    found = pd.read_parquet(out).set_index("account_id")
    pd.testing.assert_series_equal(found["risk"], scores["risk"].loc[found.index])
    before = published.read_bytes()
    assert act("success", "health", "-c", project.config).exit_code == 0 and published.read_bytes() == before


def test_before_any_training_the_weights_alone_speak_without_a_risk(act, trained_project, tmp_path):
    folder = Path(shutil.copytree(trained_project.folder / "data", tmp_path / "data")).parent
    config = Path(shutil.copy(trained_project.config, folder / "churnmodel.toml"))
    out = tmp_path / "h.parquet"
    said = act("success", "health", "-c", config, "--parquet", out, "--as-of", "2025-12-01")
    assert said.exit_code == 0, said.err
    assert "Only the weights of the scorecard speak" in said.out and "never replayed" in said.out
    found = pd.read_parquet(out).set_index("account_id")
    told = found[found["health"].notna()]
    assert found["risk"].isna().all() and told["health"].between(0, 100).all() and told["band"].nunique() > 1
    total = told["starts_at"] + told[PARTS].sum(axis=1) + told["exception_points"]
    assert (total - told["health"]).abs().max() < 1e-9 and (told["starts_at"] == 100).all()
