"""What do `churnmodel success onboarding` and `adoption` print, write and remember, also of hostile names?"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import ChurnmodelError, SettingsError, StateError
from churnmodel.state.database import open_state
from churnmodel.state.onboarding import tick_milestone
from churnmodel.success.adoption_columns import FEATURE_COLUMNS, GAP_COLUMNS
from churnmodel.success.onboarding_columns import MILESTONE_COLUMNS, ONBOARDING_COLUMNS, PACE_COLUMNS
from churnmodel.workflow.onboarding import project_onboarding, tick
from churnmodel.workflow.onboarding_watched import ticks_held
from churnmodel.workflow.project import Project

EVIL = "=HYPERLINK(\"http://evil\")[red]x[/red]\x1b[31m"
ROOT = Path(__file__).parents[2]
AT = pd.Timestamp("2026-01-02 12:00").to_pydatetime()
SETTINGS = """
[project]
data_until = 2026-01-01
[data]
folder = "data"
[adoption]
least_peers = 2
[onboarding]
gold = { kickoff = 21, admin = 14, users_in = 30 }
standard = { kickoff = 21, users_in = 30 }
platinum = { kickoff = 21, goal = 30, executive_review = 90 }
[onboarding.milestones.admin]
title = "admin [b]trained[/b]"
track = "technical"
by_hand = true
do = "Train their admin."
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Five old accounts of which four use a feature, one that is silent, three new ones; there are no goals."""
    data = tmp_path / "data"
    data.mkdir()
    old = [f"old{k}" for k in range(5)]
    began = dict.fromkeys([*old, "hush"], "2024-01-01")
    began |= {"ada": "2025-11-20", "bob": "2025-11-20", "cy": "2025-12-30"}
    rows = [(f"s-{a}", a, day, 500.0 if a == "bob" else 100.0, "pro") for a, day in began.items()]
    columns = ["subscription_id", "account_id", "started_at", "mrr", "plan"]
    pd.DataFrame(rows, columns=columns).to_parquet(data / "subscriptions.parquet")
    accounts = pd.DataFrame({"account_id": list(began), "created_at": "2024-01-01"})
    accounts["name"] = [EVIL if a in ("bob", "old0") else a.title() for a in began]
    accounts["csm"] = [EVIL if a == "bob" else "Jo" for a in began]
    accounts["strategic"] = [a == "ada" for a in began]
    accounts.to_parquet(data / "accounts.parquet")
    met = [("old1", "2024-01-03", "kickoff"), ("ada", "2025-11-25", "kickoff")]
    pd.DataFrame(met, columns=["account_id", "occurred_at", "kind"]).to_parquet(data / "touchpoints.parquet")
    users = [(a, f"{a}-u{k}", "2024-01-02" if a in old else "2025-12-01") for a in (*old, "ada") for k in (1, 2)]
    pd.DataFrame(users, columns=["account_id", "user_id", "joined_at"]).to_parquet(data / "users.parquet")
    events = [(a, f"{a}-u1", f"2025-12-{day:02d}", f) for a in old for day in (3, 4, 5) for f in ("reports", EVIL)
              if (a, f) != ("old0", EVIL)]  # fmt: skip
    columns = ["account_id", "user_id", "occurred_at", "feature"]
    pd.DataFrame(events, columns=columns).to_parquet(data / "usage_events.parquet")
    place = tmp_path / "churnmodel.toml"
    place.write_text(SETTINGS, encoding="utf-8")
    return place


def test_it_says_who_is_behind_why_and_what_is_next_without_obeying_a_name(act, config, tmp_path):
    said = act("success", "onboarding", "-c", config, "--csv", tmp_path / "o.csv")
    assert said.exit_code == 0, said.err
    assert "\x1b" not in said.out and "[red]x[/red]" in said.out
    for part in (
        "Onboarding, as known on 2026-01-01: 3 accounts, 700 USD MRR",
        "Whom to turn to first: 2 accounts behind, with 600 USD MRR, by MRR x days late",
        "Day 42: admin [b]trained[/b] 28 days late.",
        "Next: Train their admin.",
        "There is no table goals, so nobody can say: goal set.",
    ):
        assert part in said.out, part
    rows = {row["account_id"]: row for row in csv.DictReader((tmp_path / "o.csv").open(encoding="utf-8"))}
    assert [row["days_late"] for row in rows.values()] == ["21", "28", "0"], "whole days, 0 where nothing is late"
    assert list(rows) == ["bob", "ada", "cy"] and rows["bob"]["name"] == "'" + EVIL
    assert [row["standing"] for row in rows.values()] == ["behind", "behind", "on track"]
    names = {d.name for d in ONBOARDING_COLUMNS}
    own = {"name", "segment", "plan", "tier", "touch", "csm", "account_manager", "mrr", "status", "band", "risk"}
    assert set(next(iter(rows.values()))) <= names | own
    one = act("success", "onboarding", "-c", config, "--account", "Ada", "--csv", tmp_path / "m.csv")
    assert "Day 42 of its onboarding, since 20 November 2025: 2 of 3 milestones reached, 1 late." in one.out
    assert "25 November 2025, day 5 (touchpoint kickoff)" in one.out
    assert len(pd.read_csv(tmp_path / "m.csv")) == 3


def test_a_tick_is_kept_counts_and_can_be_taken_back(act, config):
    words = ("success", "onboarding", "-c", config)
    done = ("--done", "Ada", "admin [b]trained[/b]", "--by", "Jo", "--note", "by video", "--on", "2025-12-02")
    said = act(*words, *done)
    assert said.exit_code == 0, said.err
    assert said.out.strip() == "On record, by Jo: admin [b]trained[/b] of Ada, reached on 2025-12-02."
    one = act(*words, "--account", "ada").out
    assert "2 December 2025, day 12 (ticked by Jo: by video)" in one and "0 late" in one
    project = Project.open(config)
    past = project_onboarding(project, pd.Timestamp("2025-12-20"), with_pace=False).of("ada")
    assert "done" not in set(past[past["milestone"] == "admin"]["status"]), "said today, not known on that day"
    found = project_onboarding(project, with_pace=False)
    assert tick(project, found, "ada", "admin", by="Jo", at=AT, undo=True)[0] == "Ada"
    assert ticks_held(project).empty
    with pytest.raises(StateError, match="nothing to undo"):
        tick(project, found, "ada", "admin", by="Jo", at=AT, undo=True)
    # who is through, and who is in no book any more: a wrong tick is taken back all the same
    state = open_state(project.settings)
    for account in ("old1", "gone"):
        tick_milestone(state, account, "admin", date(2024, 2, 1), by="Jo", at=AT)
        tick(project, found, account, "admin", by="Jo", at=AT, undo=True)
    assert ticks_held(project).empty
    told = [tick(project, found, "Ada", name, by="Jo", at=AT) for name in ("admin", "goal")]
    assert [tier for _, _, _, tier in told] == [None, "gold"], "gold is not asked for a goal"


def test_refusals_say_what_there_is(act, config):
    words = ("success", "onboarding", "-c", config)
    alone = act(*words, "--by", "Jo")
    assert alone.exit_code == 2 and "--by only means something with --done or --undo" in alone.err
    tick_it = ("--done", "ada", "admin")
    for page, options, part in (
        ("onboarding", ("--templates", *tick_it), "--templates cannot go with --done"),
        ("onboarding", ("--define", *tick_it), "--done cannot go with --define"),
        ("onboarding", ("--milestones", *tick_it), "--milestones cannot go with --done"),
        ("onboarding", ("--top", "3", *tick_it), "--top cannot go with --done"),
        ("onboarding", ("--pace", *tick_it), "--pace cannot go with --done"),
        ("onboarding", ("--templates", "--csm", "Jo"), "--csm cannot go with --templates"),
        ("onboarding", ("--templates", "--account", "ada"), "--account cannot go with --templates"),
        ("onboarding", ("--templates", "--as-of", "2026-01-01"), "--as-of cannot go with --templates"),
        ("onboarding", ("--templates", "--pace"), "--pace cannot go with --templates"),
        ("onboarding", ("--templates", "--milestones"), "--milestones cannot go with --templates"),
        ("onboarding", ("--templates", "--top", "3"), "--top cannot go with --templates"),
        ("onboarding", ("--account", "ada", "--top", "3"), "--top cannot go with --account"),
        ("onboarding", ("--pace", "--top", "3"), "--top cannot go with --pace"),
        ("adoption", ("--features", "--top", "3"), "--top cannot go with --features"),
        ("adoption", ("--account", "ada", "--top", "3"), "--top cannot go with --account"),
    ):
        said = act("success", page, "-c", config, *options)
        assert said.exit_code == 2 and part in said.err, options
    project = Project.open(config)
    found = project_onboarding(project, with_pace=False)
    for account, milestone, on, part in (
        ("Ada", "kickof", None, "no milestone 'kickof' .there are: users_in"),
        ("old1", "kickoff", None, "no account 'old1' in onboarding on 2026-01-01"),
        ("Ada", "admin", date(2026, 1, 1), "wanted a day before 2026-01-01"),
    ):
        with pytest.raises(ChurnmodelError, match=part):
            tick(project, found, account, milestone, by="Jo", at=AT, on=on)
    with pytest.raises(SettingsError, match="no account has that CSM"):
        found.of_csm("Kim")
    assert found.of_csm("jo").accounts.index.tolist() == ["ada", "cy"]


def test_where_nobody_is_new_it_says_so_and_writes_an_empty_table(act, config, tmp_path):
    place = config.parent / "data" / "subscriptions.parquet"
    contracts = pd.read_parquet(place)
    contracts[contracts["account_id"].str.startswith("old")].to_parquet(place)
    found = project_onboarding(Project.open(config))
    assert found.accounts.empty and found.behind.empty and found.milestone_table().empty
    files = ("--csv", tmp_path / "o.csv", "--parquet", tmp_path / "o.parquet")
    said = act("success", "onboarding", "-c", config, *files)
    assert said.exit_code == 0, said.err
    assert "0 accounts, 0 USD MRR\nNobody is being onboarded." in said.out
    for table in (pd.read_csv(tmp_path / "o.csv"), pd.read_parquet(tmp_path / "o.parquet")):
        assert table.empty and {"account_id", "standing", "days_late", "at_stake", "why"} <= set(table)


def test_a_csm_without_such_accounts_is_told_so_and_only_a_name_nobody_has_is_refused(act, config, tmp_path):
    place = config.parent / "data" / "accounts.parquet"
    accounts = pd.read_parquet(place)
    old = accounts["account_id"].str.startswith("old")
    accounts.assign(csm=old.map({True: "Kim", False: "Lee"})).to_parquet(place)
    for options in ((), ("--milestones",)):
        said = act("success", "onboarding", "-c", config, "--csm", "kim", *options, "--csv", tmp_path / "k.csv")
        assert (said.exit_code, said.err) == (0, ""), options
        assert "Kim has no new account now." in said.out and "Nobody is being onboarded" not in said.out
        assert pd.read_csv(tmp_path / "k.csv").empty
    contracts = pd.read_parquet(config.parent / "data" / "subscriptions.parquet")
    new = contracts["account_id"].isin(["ada", "bob", "cy"])
    accounts[~accounts["account_id"].eq("hush")].assign(csm=old.map({True: "Kim", False: "Lee"})).to_parquet(place)
    contracts[new | contracts["account_id"].str.startswith("old")].to_parquet(
        config.parent / "data" / "subscriptions.parquet"
    )
    said = act("success", "adoption", "-c", config, "--csm", "lee")
    assert (said.exit_code, said.err) == (0, "")
    assert "Lee has no account now that was a customer for at least 90 days" in said.out
    for page in ("onboarding", "adoption"):
        said = act("success", page, "-c", config, "--csm", "Zoe")
        assert said.exit_code == 2 and "no account has that CSM (there are: Kim, Lee)" in said.err


def test_of_what_nobody_can_tell_it_says_so_and_prints_no_zero(act, config, tmp_path):
    for name in ("touchpoints", "users", "usage_events"):
        (config.parent / "data" / f"{name}.parquet").unlink()
    text = config.read_text(encoding="utf-8").replace("admin = 14, ", "")
    config.write_text(text, encoding="utf-8")
    files = ("--csv", tmp_path / "o.csv", "--parquet", tmp_path / "o.parquet")
    said = act("success", "onboarding", "-c", config, *files)
    assert said.exit_code == 0, said.err
    assert "Who is behind is not known: no milestone of theirs can be told." in said.out
    cells = list(csv.DictReader((tmp_path / "o.csv").open(encoding="utf-8")))
    told = {(row["standing"], row["days_late"], row["at_stake"]) for row in cells}
    assert told == {("not known", "", "")}
    kept = pd.read_parquet(tmp_path / "o.parquet")
    assert kept["days_late"].isna().all() and kept["at_stake"].isna().all()
    assert kept["mrr"].is_monotonic_decreasing, "what is not known is listed by MRR"
    one = act("success", "onboarding", "-c", config, "--account", "ada").out
    assert "none of its milestones can be told" in one
    assert "Nobody is behind" not in said.out
    rows = [line.split() for line in said.out.splitlines() if line.startswith(("gold ", "standard ", "platinum "))]
    assert rows and all(row[3:] == ["-", "-", "-"] for row in rows), rows


def test_adoption_says_who_lacks_what_and_writes_it_in_inert_cells(act, config, tmp_path):
    said = act("success", "adoption", "-c", config, "--csv", tmp_path / "a.csv")
    assert said.exit_code == 0, said.err
    assert "\x1b" not in said.out
    for part in (
        "1 of 6 accounts lack a feature their peers use, with 100 USD MRR",
        "4 of 4 retained accounts on pro use it (100%), half of them since 3 December 2025 or before; here nobody",
        "Train: old0-u1",
        "Which features go with staying is not known",
        "Used nothing at all in 90 days: 1 account with 100 USD MRR (Hush)",
        "customers for less than 90 days, whose window is not whole yet",
    ):
        assert part in said.out, part
    [row] = csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8"))
    assert (row["account_id"], row["name"], row["feature"]) == ("old0", "'" + EVIL, "'" + EVIL)
    (config.parent / "data" / "usage_events.parquet").unlink()
    bare = act("success", "adoption", "-c", config)
    assert bare.exit_code != 0 and "wanted the table usage_events" in bare.err and "whom to train" in bare.err


def test_the_pages_tell_the_definitions_as_they_are(act):
    for page, groups in (
        ("onboarding", (ONBOARDING_COLUMNS, MILESTONE_COLUMNS, PACE_COLUMNS)),
        ("adoption", (GAP_COLUMNS, FEATURE_COLUMNS)),
    ):
        text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
        for one in (one for group in groups for one in group):
            assert f"| {one.title} | `{one.name}` | {one.formula} | {one.source} |" in text, one.name
        assert "formula" not in act("success", page, "--define").err
    assert "MRR x days late" in act("success", "onboarding", "--define").out


def test_on_a_trained_project_the_layer_is_told_alike(act, trained_project, tmp_path):
    said = act("success", "onboarding", "-c", trained_project.config, "--milestones", "--csv", tmp_path / "m.csv")
    assert said.exit_code == 0, said.err
    told = pd.read_csv(tmp_path / "m.csv")
    late = told[told["status"] == "late"]
    assert len(late) and (pd.to_datetime(late["due_on"]) < pd.Timestamp("2026-01-01")).all()
    assert (told[told["status"] == "done"]["reached_at"].notna()).all()
    adoption = act("success", "adoption", "-c", trained_project.config, "--parquet", tmp_path / "a.parquet")
    assert adoption.exit_code == 0, adoption.err
    gaps = pd.read_parquet(tmp_path / "a.parquet")
    assert (gaps["share"] >= 0.5).all() and (gaps["peers"] >= 10).all()
    assert (gaps["peers_using"] / gaps["peers"] - gaps["share"]).abs().max() < 1e-12
