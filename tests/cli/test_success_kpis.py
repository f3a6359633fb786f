"""What does `churnmodel success kpis` print and write, also of a company whose names are hostile?"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

EVIL = "=HYPERLINK(\"http://evil\")[red]x[/red]\x1b[31m"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    rows = [
        ("s1", "ada", "2024-01-05", "2025-03-10", 1000.10),
        ("s1", "ada", "2025-03-10", None, 1100.20),
        ("s2", "bob", "2024-02-05", "2025-12-20", 300.05),
        ("s3", "cy", "2025-06-01", None, 77.77),
    ]
    columns = ["subscription_id", "account_id", "started_at", "ended_at", "mrr"]
    (tmp_path / "data").mkdir()
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "data" / "subscriptions.parquet")
    accounts = pd.DataFrame({"account_id": ["ada", "bob", "cy"], "csm": [EVIL, "Jo", None]})
    accounts["created_at"] = "2024-01-01"
    accounts.to_parquet(tmp_path / "data" / "accounts.parquet")
    place = tmp_path / "churnmodel.toml"
    place.write_text('[project]\ndata_until = 2026-01-01\n[data]\nfolder = "data"\n', encoding="utf-8")
    return place


def test_it_prints_the_answer_the_bridge_and_the_groups_without_obeying_a_name(act, config):
    said = act("success", "kpis", "-c", config, "--by", "owner")
    assert said.exit_code == 0, said.err
    assert "\x1b" not in said.out and "[red]x[/red]" in said.out
    head = "What we kept, 2025-01 to 2025-12 (12 months), as known on 2026-01-01"
    parts = ("MRR bridge, USD", "By owner", "(none)", "Still here after", "still renew late", "1 of 2 accounts")
    for part in (head, *parts):
        assert part in said.out, part
    assert "84.6%" in said.out  # (1300.15 + 100.10 - 300.05) / 1300.15


def test_it_writes_the_figures_and_the_ledger_to_the_cent_in_inert_cells(act, config, tmp_path):
    out = tmp_path / "out"
    files = ["--csv", out / "k.csv", "--parquet", out / "k.parquet", "--ledger", out / "l.csv"]
    files += ["--chart", out / "c.png"]
    said = act("success", "kpis", "-c", config, "--by", "owner", *files)
    assert said.exit_code == 0, said.err
    rows = list(csv.DictReader((out / "k.csv").open(encoding="utf-8")))
    assert {r["group"] for r in rows} == {"all", "'" + EVIL, "Jo", "(none)"}
    december = {r["figure"]: r["value"] for r in rows if r["group"] == "all" and r["first_month"] == "2025-12"
                and r["last_month"] == "2025-12"}  # fmt: skip
    ends = [december[f"{name}_mrr"] for name in ("opening", "churn", "closing")]
    assert ends == ["1478.02", "300.05", "1177.97"]
    assert len(pd.read_parquet(out / "k.parquet")) == len(rows)
    ledger = pd.read_csv(out / "l.csv")
    assert ledger.loc[ledger["month"] == "2025-12", "closing"].sum() == 117797
    assert (out / "c.png").read_bytes().startswith(b"\x89PNG")


def test_it_defines_every_figure_without_a_project_and_refuses_in_one_line(act, config):
    told = act("success", "kpis", "--define")
    assert told.exit_code == 0 and "net revenue retention  nrr" in told.out and "Greenwood" in told.out
    said = act("success", "kpis", "-c", config, "--until", "2026-05")
    assert said.exit_code == 2 and len(said.lines) == 1 and "2024-01 to 2025-12" in said.err
    early = act("success", "kpis", "-c", config, "--as-of", "2024-02-01")
    assert early.exit_code == 0 and "nothing that could have been kept" in early.out
