"""What does `churnmodel success tiers` print and write, also of a company whose names are hostile?"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.workflow.health import project_health
from churnmodel.workflow.project import Project

EVIL = "=HYPERLINK(\"http://evil\")[red]x[/red]\x1b[31m"
RULES = """
[tiers]
platinum = { arr_above = 100000 }
gold = { arr_above = 10000, strategic = true }
high_value = { share = 0.5, strategic = true }
[tiers.cadence]
platinum = { qbr = 90, check_in = 14 }
gold = { check_in = 30 }
[tiers.cost]
ticket = 25
csm_hour = 80
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    rows = [
        ("s1", "ada", "2024-01-05", None, 10_000.0, "2026-03-01"),
        ("s2", "bob", "2024-02-05", None, 1000.0, None),
        ("s3", "cy", "2025-06-01", None, 77.77, None),
        ("s4", "dan", "2025-06-01", None, 50.0, None),
    ]
    columns = ["subscription_id", "account_id", "started_at", "ended_at", "mrr", "renews_at"]
    (tmp_path / "data").mkdir()
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "data" / "subscriptions.parquet")
    accounts = pd.DataFrame({"account_id": ["ada", "bob", "cy", "dan"], "csm": [EVIL, "Jo", None, "Jo"]})
    accounts = accounts.assign(created_at="2024-01-01", name=["Ada & Co", EVIL, "Cy", "Dan"])
    accounts["strategic"] = [False, None, True, False]
    accounts.to_parquet(tmp_path / "data" / "accounts.parquet")
    met = pd.DataFrame({"account_id": ["ada", "bob"], "kind": ["Check-in", "training"]})
    met.assign(occurred_at=["2025-12-01", "2025-12-20"]).to_parquet(tmp_path / "data" / "touchpoints.parquet")
    place = tmp_path / "churnmodel.toml"
    place.write_text('[project]\ndata_until = 2026-01-01\n[data]\nfolder = "data"\n' + RULES, encoding="utf-8")
    return place


def test_it_says_who_matters_and_why_and_what_is_not_known_without_obeying_a_name(act, config):
    said = act("success", "tiers", "-c", config)
    assert said.exit_code == 0, said.err
    assert "\x1b" not in said.out and "[red]x[/red]" in said.out
    for part in (
        "Who matters, as known on 2026-01-01: 4 accounts, 11,128 USD MRR",
        "the top 50% of paying accounts by MRR (1,000 USD and more), or strategic",
        "The first 3 of the roster",
        "90% of all MRR, 1st of 4 that pay",
        "on the roster: strategic",
        "acquisition cost not stated",
        "check-in overdue by 17 days: last on 1 December 2025",
        "2 check-ins overdue, at 2 accounts with 10,078 USD MRR: --overdue lists them.",
        "1 account has no CSM, with 78 USD MRR",
        "Only the weights of the scorecard speak",
        "No touchpoint of any account is of the kind qbr",
        "Not known of any account: champion, cost to serve, integrations, payback, referenceable, room.",
    ):
        assert part in said.out, part
    assert "qbr overdue" not in said.out, "nobody writes a qbr down, so nobody missed one"


def test_it_writes_what_it_shows_in_inert_cells(act, config, tmp_path):
    out = tmp_path / "out"
    said = act("success", "tiers", "-c", config, "--csv", out / "t.csv", "--parquet", out / "t.parquet")
    assert said.exit_code == 0, said.err
    rows = list(csv.DictReader((out / "t.csv").open(encoding="utf-8")))
    assert [r["account_id"] for r in rows] == ["ada", "bob", "cy", "dan"]
    assert [r["tier"] for r in rows] == ["platinum", "gold", "gold", "standard"]
    assert rows[1]["name"] == "'" + EVIL and rows[0]["csm"] == "'" + EVIL
    assert rows[0]["arr"] == "120000.0" and rows[2]["why_high_value"] == "strategic"
    assert (rows[2]["strategic"], rows[1]["strategic"], rows[1]["cost_to_serve"]) == ("True", "", "")
    assert len(pd.read_parquet(out / "t.parquet")) == 4
    assert act("success", "tiers", "-c", config, "--overdue", "--csv", out / "m.csv").exit_code == 0
    met = {(r["account_id"], r["kind"]): r["meeting_status"] for r in csv.DictReader((out / "m.csv").open())}
    assert met == {
        ("ada", "qbr"): "unknown", ("ada", "check_in"): "overdue", ("bob", "check_in"): "fine",
        ("cy", "check_in"): "overdue",  # 30 days after touchpoints were first written down
    }  # fmt: skip


def test_owners_are_told_with_their_load_and_who_could_take_what_is_free(act, config, tmp_path):
    said = act("success", "tiers", "-c", config, "--owners", "--csv", tmp_path / "o.csv")
    assert said.exit_code == 0, said.err
    free = "1 account without a CSM, with 78 USD MRR"
    for part in (free, "Jo: the least load of all", "name no account manager"):
        assert part in said.out, part
    rows = [r for r in csv.DictReader((tmp_path / "o.csv").open()) if r["role"] == "csm"]
    assert [r["suggested"] for r in rows] == ["", "", "Jo", ""]
    gone = act("success", "tiers", "-c", config, "--owners", "--without", "Jo")
    assert gone.exit_code == 0 and "3 accounts without a CSM" in gone.out and "was Jo's" in gone.out


def test_it_refuses_in_one_line_and_says_who_there_is(act, config):
    for words, part in (
        (["--overdue", "--csm", "Kim"], "no account has that CSM"),
        (["--owners", "--without", "Kim"], "wanted an owner of accounts"),
        (["--owners", "--overdue"], "cannot go with"),
        (["--overdue", "--as-of", "2020-01-01"], "no paying account on 2020-01-01"),
    ):
        said = act("success", "tiers", "-c", config, *words)
        assert said.exit_code == 2 and len(said.lines) == 1 and part in said.err, said.err
    told = act("success", "tiers", "--define")
    assert told.exit_code == 0 and "cost to serve  cost_to_serve" in told.out
    moved = act("success", "tiers", "-c", config, "--since", "2025-03-01")
    assert moved.exit_code == 0 and "Cy  cy  gold: not in the book before, 78 USD MRR" in moved.out
    one = act("success", "tiers", "-c", config, "--roster", "--csm", "jo")
    assert one.exit_code == 0 and "High-value accounts of Jo" in one.out and "Ada" not in one.out


def test_on_a_trained_project_the_roster_shows_the_bands_of_health(act, trained_project, tmp_path):
    said = act("success", "tiers", "-c", trained_project.config, "--csv", tmp_path / "t.csv")
    assert said.exit_code == 0, said.err
    table = pd.read_csv(tmp_path / "t.csv").set_index("account_id")
    scores = pd.concat(map(pd.read_parquet, trained_project.folder.glob("scores/as_of=*/*/scores.parquet")))
    scores = scores.set_index("account_id").loc[table.index]
    assert len(table) == len(scores) and table["mrr"].tolist() == pytest.approx(scores["mrr"].tolist())
    health = project_health(Project.open(trained_project.config)).frame["band"].reindex(table.index)
    assert table["band"].fillna("").tolist() == health.fillna("").tolist() != scores["band"].fillna("").tolist()
    assert "risk " in said.out and "To do" in said.out
    assert (table["tier"] == "platinum").sum() >= len(table) * 0.05 - 1
    top = table[table["tier"] == "platinum"]["mrr"].min()
    assert (table.loc[table["tier"] == "standard", "mrr"] <= top).all()
