"""Does `churnmodel report` write the three pages, whole, where it says, and refuse in one line?"""

from __future__ import annotations

import html
import re
import shutil

import pandas as pd
import pytest

from churnmodel.reports.before_sending import before_sending
from churnmodel.scoring.score_table import read_latest
from churnmodel.workflow.project import Project
from churnmodel.workflow.review import review_told

NAMES = ("account", "book", "review")


@pytest.fixture(scope="module")
def top(trained_project) -> pd.Series:
    """The account with the most MRR at risk."""
    scores = read_latest(trained_project.folder / "scores").scores
    account = scores["mrr_at_risk"].idxmax()
    return scores.loc[account].rename(account[0])


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_of(table: pd.DataFrame, account_id: str) -> pd.DataFrame:
    return table[table["account_id"] == account_id]


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split("<body>")[1])).split())


def test_help_tells_the_three_and_shows_how_each_is_called(act):
    for name in NAMES:
        said = act("report", name, "--help").out
        assert f"churnmodel report {name}" in said and "--html" in said and "Examples:" in said


def test_an_account_is_written_here_under_a_name_that_says_what_and_when(act, trained_project, here, top):
    said = act("report", "account", top["name"], "-c", trained_project.config)
    assert said.exit_code == 0, said.err
    [place] = here.iterdir()
    assert re.fullmatch(rf"account-{top.name}-\d{{4}}-\d\d-\d\d\.html", place.name) and place.name in said.out
    page = words(place.read_text(encoding="utf-8"))
    assert top["name"] in page and "Internal: not for the customer" in page and "Similar past accounts" in page
    assert "Of the 10 past accounts most like it" in page


def test_the_book_is_written_where_it_is_told_to(act, trained_project, here):
    said = act("report", "book", "-c", trained_project.config, "--html", here / "new" / "book.html", "--top", 3)
    assert said.exit_code == 0 and str(here / "new" / "book.html") in said.out
    page = (here / "new" / "book.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<td class="number">\d+</td><td><b>', page)) == 3 and "By CSM" in page


def test_a_review_holds_no_word_of_ours_and_no_text_of_the_account(act, trained_project, here, top):
    said = act("report", "review", top.name, "-c", trained_project.config)
    assert said.exit_code == 0, said.err
    page = next(here.glob(f"review-{top.name}-*.html")).read_text(encoding="utf-8")
    look_at = before_sending(review_told(Project.open(trained_project.config), str(top.name)))
    assert said.out.count("Look at this before you send it") == len(look_at)
    assert all(what in " ".join(said.out.split()) for what in look_at)
    assert top["name"] in page and "People active" in page and "Your agreement" in page
    for word in ("risk", "churn", "health", "sentiment", "driver", "at stake", "competitor", "notice", "orange"):
        assert word not in page.casefold(), word
    data = trained_project.folder / "data"
    texts = [
        text
        for table, column in (("notes", "text"), ("tickets", "text"), ("surveys", "comment"), ("notes", "author"))
        for text in rows_of(pd.read_parquet(data / f"{table}.parquet"), str(top.name))[column].dropna()
    ]
    assert len(texts) > 3 and [text for text in texts if html.escape(text, quote=False) in page] == []
    others = pd.read_parquet(data / "accounts.parquet")
    assert not [name for name in others["name"] if name != top["name"] and name in page]


def test_a_review_is_told_from_the_tables_alone(act, trained_project, tmp_path, top):
    copy = trained_project.copy(tmp_path / "copy")
    shutil.rmtree(copy.folder / "scores")
    shutil.rmtree(copy.folder / "models")
    said = act("report", "review", top.name, "-c", copy.config, "--html", tmp_path / "review.html")
    assert said.exit_code == 0 and (tmp_path / "review.html").is_file()


def test_an_earlier_day_is_reviewed_as_it_was_known(act, trained_project, here, top):
    said = act("report", "review", top.name, "-c", trained_project.config, "--as-of", "2025-10-15")
    assert said.exit_code == 0, said.err
    page = words((here / f"review-{top.name}-2025-10-15.html").read_text(encoding="utf-8"))
    assert "reviewed on 15 October 2025" in page and "December 2025" not in page


@pytest.mark.parametrize("name", ["account", "review"])
def test_an_unknown_account_is_refused_in_one_line_and_nothing_is_written(act, trained_project, here, name):
    said = act("report", name, "A0000000", "-c", trained_project.config)
    assert said.exit_code == 2 and len(said.lines) == 1 and "no account 'A0000000' in the" in said.lines[0]
    assert list(here.iterdir()) == []


def test_a_folder_is_no_file_to_write(act, trained_project, here, top):
    said = act("report", "account", top.name, "-c", trained_project.config, "--html", here)
    assert said.exit_code == 2 and "wanted a file, and this is a folder" in said.err


def test_a_day_after_the_data_cannot_be_reviewed(act, trained_project, here, top):
    said = act("report", "review", top.name, "-c", trained_project.config, "--as-of", "2030-01-01")
    assert said.exit_code == 2 and "lies after data_until" in said.err
