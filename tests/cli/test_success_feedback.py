"""What does `churnmodel success feedback` print and write, and is the loop closed, on a trained project?"""

from __future__ import annotations

import csv
import re

import pandas as pd
import pytest

from churnmodel.success.feedback import share_at_risk
from churnmodel.workflow.feedback import project_feedback
from churnmodel.workflow.project import Project
from trained_project import TrainedProject

EVIL = "=HYPERLINK(\"http://evil\") is very slow [red]x[/red]\x1b[31m"


@pytest.fixture(scope="module")
def own(trained_project: TrainedProject, tmp_path_factory) -> TrainedProject:
    """The same project; the account with the most MRR wrote something hostile."""
    copy = trained_project.copy(tmp_path_factory.mktemp("feedback") / "own")
    place = copy.folder / "data" / "tickets.parquet"
    tickets = pd.read_parquet(place)
    scores = pd.concat(map(pd.read_parquet, copy.folder.glob("scores/as_of=*/*/scores.parquet")))
    largest = str(scores.sort_values("mrr", ascending=False)["account_id"].iloc[0])
    row = tickets.tail(1).assign(
        ticket_id="T-evil", event_id="ticket-evil", account_id=largest, text=EVIL, category="other",
        opened_at=pd.Timestamp("2025-12-30"), known_at=pd.NaT, resolved_at=pd.NaT, reopened_at=pd.NaT, csat=None,
    )  # fmt: skip
    pd.concat([tickets, row], ignore_index=True).to_parquet(place)
    return copy


def test_themes_stand_by_mrr_at_risk_with_what_no_theme_has(act, own, tmp_path):
    said = act("success", "feedback", "-c", own.config, "--parquet", tmp_path / "f.parquet")
    assert said.exit_code == 0, said.err
    for part in ("What customers speak of", "Without a theme: ", "Their words: ", "an association, no cause"):
        assert part in said.out, part
    table = pd.read_parquet(tmp_path / "f.parquet")
    worries = table[~table["praise"]]
    assert worries["mrr_at_risk"].is_monotonic_decreasing and {"pricing", "bugs"} <= set(table["theme"])
    found = project_feedback(Project.open(own.config))
    pricing = found.accounts_of("pricing")
    here = pricing[pricing["in_book"]]
    row = table.set_index("theme").loc["pricing"]
    assert row["accounts"] == len(here) and row["mrr_at_risk"] == pytest.approx(here["mrr_at_risk"].sum())
    assert row["mrr"] == pytest.approx(found.book["mrr"].reindex(here.index).sum())


def test_free_text_obeys_nobody(act, own, tmp_path):
    words = ["--theme", "Performance", "--top", 500, "--csv", tmp_path / "t.csv"]
    said = act("success", "feedback", "-c", own.config, *words)
    assert said.exit_code == 0, said.err
    assert "\x1b" not in said.out and "[red]x[/red]" in said.out and "HYPERLINK" not in said.err
    quotes = [row["quote"] for row in csv.DictReader((tmp_path / "t.csv").open(encoding="utf-8"))]
    assert any(quote.startswith("'=HYPERLINK") for quote in quotes)
    assert not any(quote.startswith("=") for quote in quotes)


def test_a_fix_is_told_to_those_who_spoke_until_they_were(act, own, tmp_path):
    config = ["-c", own.config]
    what = ["--on", "2025-12-01", "--note", "new engine", "--by", "Ada"]
    done = act("success", "feedback", *config, "--fixed", "performance", *what)
    assert done.exit_code == 0, done.err
    assert "On record, by Ada: performance is fixed since 2025-12-01." in done.out and "to tell" in done.out
    act("success", "feedback", *config, "--tell", "--csv", tmp_path / "a.csv")
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8")))
    first = rows[0]
    assert first["standing"] == "to tell" and first["contact_id"]
    assert "still" in {row["standing"] for row in rows}
    told = act("success", "feedback", *config, "--told", first["account_id"], "PERFORMANCE", "--by", "Jo")
    assert told.exit_code == 0 and "was told of performance" in told.out
    act("success", "feedback", *config, "--tell", "--csv", tmp_path / "b.csv")
    later = csv.DictReader((tmp_path / "b.csv").open(encoding="utf-8"))
    after = {row["account_id"]: row["standing"] for row in later}
    assert after[first["account_id"]] == "told" and sum(s == "told" for s in after.values()) == 1
    lifted = act("success", "feedback", *config, "--not-fixed", "performance", "--by", "Ada")
    assert "not fixed after all" in lifted.out
    assert project_feedback(Project.open(own.config)).fixed.empty


def test_it_refuses_in_one_line_and_says_what_there_is(act, own):
    for words, part in (
        (["--theme", "prising"], "did you mean 'pricing'"),
        (["--fixed", "bugs", "--on", "2026-02-01"], "wanted a day up to data_until, 2026-01-01"),
        (["--on", "2025-12-01"], "only means something with --fixed"),
        (["--theme", "bugs", "--tell"], "cannot go with"),
        (["--fixed", "bugs", "--csv", "x.csv"], "--csv cannot go with --fixed, --not-fixed or --told"),
        (["--not-fixed", "bugs", "--top", 3], "--top cannot go with"),
        (["--fixed", "bugs", "--not-fixed", "bugs"], "--not-fixed cannot go with --fixed"),
        (["--not-fixed", "bugs", "--told", "A1", "bugs"], "--told cannot go with --not-fixed"),
    ):
        said = act("success", "feedback", "-c", own.config, *words)
        assert said.exit_code == 2 and len(said.lines) == 1 and part in said.err, said.err
    never = act("success", "feedback", "-c", own.config, "--not-fixed", "outage")
    assert never.exit_code != 0 and "'outage' is not marked as fixed: nothing to take back" in never.err
    assert "On record" not in never.out
    told = act("success", "feedback", "--define")
    assert told.exit_code == 0 and "MRR at risk  mrr_at_risk" in told.out


def test_nobody_left_alone_or_gone_is_named_as_contact_and_who_left_has_name_and_owner(act, own, tmp_path):
    before = project_feedback(Project.open(own.config))
    asked = before.rows.loc[before.rows["contact_id"].notna(), "contact_id"].unique()
    users = pd.read_parquet(own.folder / "data" / "users.parquet")
    has_left = set(users.loc[users["left_at"] < before.as_of, "user_id"])
    assert has_left.isdisjoint(asked), "who left is no contact"
    alone, theme = str(asked[0]), "support"
    for name in before.rules.in_use:
        named = before.accounts_of(name)["contact_id"].dropna()
        surveyed = named[named.isin(asked)]
        if len(surveyed):
            alone, theme = str(surveyed.iloc[0]), name
            break
    copy = own.copy(tmp_path / "alone")
    place = copy.config
    place.write_text(place.read_text() + f'\n[plays]\nexclude_contacts = ["{alone}"]\n')
    after = project_feedback(Project.open(place))
    assert alone not in set(after.accounts_of(theme)["contact_id"]) and alone not in set(after.rows["contact_id"])
    gone = pd.concat([after.accounts_of(name) for name in after.rules.in_use])
    gone = gone[~gone["in_book"]]
    assert len(gone) and gone["name"].notna().all() and gone["csm"].notna().any()


def test_a_csm_is_told_what_is_of_the_whole_book_as_of_the_whole_book(act, own):
    found = project_feedback(Project.open(own.config))
    name = str(found.book["csm"].dropna().iloc[0])
    whole = act("success", "feedback", "-c", own.config)
    said = act("success", "feedback", "-c", own.config, "--csm", name)
    share = re.search(r"of the whole book (\S+) of MRR", whole.out)
    assert share and f"of the whole book {share[1]} of MRR" in said.out
    assert f"of all accounts of {name}" in " ".join(said.out.split())
    assert found.of_csm(name).book_share == found.book_share
    own_share = share_at_risk(found.of_csm(name).book)
    assert own_share != found.book_share
    assert ", of all accounts: " in said.out and ", of all accounts: " not in whole.out
    left = found.of_csm(name).rows["account_id"]
    assert set(left) - set(found.book.index) <= set(found.known.index[found.known["csm"] == name])
