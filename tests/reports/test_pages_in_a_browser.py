"""Does a real browser run nothing, fetch nothing and lose nothing of a report? (Chromium)"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from scored_project import HERE, RAN, scored_project

from churnmodel.features.evidence import Evidence
from churnmodel.reports.account_page import account_page
from churnmodel.reports.account_told import main_reasons
from churnmodel.reports.book_page import book_page
from churnmodel.workflow.account_report import account_told
from churnmodel.workflow.book_report import book_told

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
NAME = f'<script>{RAN}</script>"><img src=x onerror="{RAN}"><svg onload="{RAN}">'


def browse(folder: Path, *arguments: str) -> str:
    """What headless Chromium prints."""
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    flags.append(f"--user-data-dir={folder / 'profile'}")
    done = subprocess.run([str(BROWSER), *flags, *arguments], capture_output=True, timeout=120, check=False)
    return done.stdout.decode("utf-8", "replace")


def dom(folder: Path, page: str) -> str:
    """The document as the browser has it after it was loaded."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    return browse(folder, "--virtual-time-budget=2000", "--dump-dom", f"file://{folder / 'page.html'}")


def test_the_probe_would_tell_if_anything_ran(tmp_path):
    assert 'data-ran="1"' in dom(tmp_path, f"<!doctype html><html><body>{NAME}</body></html>")


@pytest.mark.parametrize("kind", ["account", "book"])
def test_nothing_runs_whatever_accounts_are_called(tmp_path, kind):
    project = scored_project(tmp_path, NAME)
    page = account_page(account_told(project, HERE)) if kind == "account" else book_page(book_told(project))
    found = dom(tmp_path, page)
    assert 'data-ran="1"' not in found and "&lt;script&gt;" in found
    assert not re.search(r"<(script|img|iframe|link)\b|\son\w+=\"(?!document)", re.sub(r">[^<]*<", "><", found))


def test_on_paper_the_rows_of_the_main_reasons_are_open_and_no_others(tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine")
    told = account_told(scored_project(tmp_path), HERE)
    main = set(main_reasons(told.drivers))
    is_main = told.drivers["sentence"].isin(main)
    one, other = (str(told.drivers.loc[which, "feature"].iloc[0]) for which in (is_main, ~is_main))
    found = {
        name: Evidence("tickets", pd.DataFrame({"text": [text]}), 1, "1 ticket")
        for name, text in ((one, "printed-row"), (other, "folded-row"))
    }
    page = account_page(replace(told, evidence=found))
    assert "folded-row" in page
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    pdf = tmp_path / "page.pdf"
    browse(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", f"file://{tmp_path / 'page.html'}")
    text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert "printed-row" in text and "folded-row" not in text
