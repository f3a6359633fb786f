"""Does `churnmodel check` write the page and the JSON it was asked for, and show one account?"""

from __future__ import annotations

import json
import shutil

import pandas as pd


def test_check_writes_a_page_and_json_beside_what_it_prints(act, trained_project, tmp_path):
    page, text = tmp_path / "new" / "check.html", tmp_path / "check.json"
    said = act("check", "-c", trained_project.config, "--html", page, "--json", text)
    assert said.exit_code == 0 and f"Wrote {page}" in said.out and f"Wrote {text}" in said.out
    html, found = page.read_text(encoding="utf-8"), json.loads(text.read_text(encoding="utf-8"))
    assert html.startswith("<!doctype html>") and "usage_events" in html
    assert [f["code"] for f in found["findings"] if f">{f['code']}<" not in html] == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["check.json", "new"], "nothing unfinished is left"


def test_the_page_of_unfit_tables_is_written_before_the_refusal(act, trained_project, tmp_path):
    shutil.copytree(trained_project.folder / "data", tmp_path / "data")
    subscriptions = pd.read_parquet(tmp_path / "data" / "subscriptions.parquet")
    subscriptions.loc[7, "mrr"] = -1.0
    subscriptions.to_parquet(tmp_path / "data" / "subscriptions.parquet")
    page = tmp_path / "check.html"
    said = act("check", "-c", trained_project.config, "--data", tmp_path / "data", "--html", page)
    assert said.exit_code == 2 and "subscriptions.mrr" in said.lines[0]
    assert "Not fit to learn from: 1 fatal finding." in page.read_text(encoding="utf-8")


def test_check_of_one_account_shows_its_rows_and_refuses_one_that_is_not_there(act, trained_project, tmp_path):
    said = act("check", "--account", "A0001", "-c", trained_project.config)
    assert said.exit_code == 0 and "Account A0001 in the tables of" in said.out
    assert "subscription_id=" in said.out
    found = json.loads(act("check", "--account", "A0001", "--json", "-", "-c", trained_project.config).out)
    assert found["account_id"] == "A0001"
    assert {t["table"] for t in found["tables"]} >= {"accounts", "subscriptions"}
    gone = act("check", "--account", "A9999", "-c", trained_project.config)
    assert gone.exit_code == 2 and "no table has a row of account 'A9999'" in gone.lines[0]
