"""What does `churnmodel success winback` say, write and keep, and do the plays and the KPIs agree with it?"""

from __future__ import annotations

import csv
from datetime import date

import pandas as pd
import pytest

from churnmodel.cli.show_winback_past import seen
from churnmodel.scoring.score_table import publish, read_latest
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.movement import movement
from churnmodel.success.winback_columns import COLUMNS_OF
from churnmodel.workflow.plays import look_at_plays
from churnmodel.workflow.project import Project
from churnmodel.workflow.winback import Winback, _open, project_winback
from churnmodel.workflow.winback_acts import winback_table
from churnmodel.workflow.winback_scores import scores_before
from trained_project import TrainedProject

EVIL = '=HYPERLINK("http://evil")[red]x[/red]\x1b[31m'


@pytest.fixture(scope="module")
def own(trained_project: TrainedProject, tmp_path_factory) -> TrainedProject:
    return trained_project.copy(tmp_path_factory.mktemp("winback") / "own")


@pytest.fixture(scope="module")
def project(own) -> Project:
    return Project.open(own.config)


@pytest.fixture(scope="module")
def found(project) -> Winback:
    """As it was before anybody said anything."""
    return project_winback(project)


def due_of(found: Winback) -> set[str]:
    return set(found.list.index[found.list["recontact"] == "due"])


def played(project: Project) -> set[str]:
    plays = look_at_plays(project)
    fits = plays.fitting[plays.fitting["rank"] == 1]
    return set(fits.loc[fits["play"].str.startswith("win_back"), "account_id"])


def test_the_list_the_plays_and_the_kpis_agree_before_and_after_somebody_spoke(act, own, project, found):
    due = due_of(found)
    assert due and due == played(project)
    assert (found.list.loc[sorted(due), "play"].str.startswith("win_back")).all()
    ledger = mrr_ledger(project.db, project.until)
    back = sum(int(movement(ledger, k, k + 1)["returned"].sum()) for k in range(len(ledger.months)))
    assert found.returned["counted_in"].notna().sum() == back

    first, second = sorted(due)[:2]
    said = act("success", "winback", "--never", first, "--note", EVIL, "--by", "Zoe", "-c", own.config)
    assert (said.exit_code, said.err) == (0, "") and "never asked again" in said.out
    said = act("success", "winback", "--recontact", second, "2027-01-01", "--by", EVIL, "-c", own.config)
    assert said.exit_code == 0 and "is asked again on 2027-01-01" in said.out and "\x1b" not in said.out
    assert played(project) == due - {first, second} == due_of(project_winback(project))
    said = act("success", "winback", "--list", "--top", "500", "-c", own.config)
    assert "never: so said Zoe" in said.out and "2027-01-01" in said.out and "[red]x[/red]" in said.out


def test_what_we_were_told_is_kept_beside_exits_and_leaves_in_inert_cells(act, own, found, tmp_path):
    asked = str(found.interviews["account_id"].iloc[-1])
    stated = found.left[(found.left["said"] != "") & found.left["back_at"].isna()].iloc[-1]
    tell = ("success", "winback", "-c", own.config, "--by", "Ines Varga", "--note", EVIL)
    tell = (*tell, "--reason", "competition")
    said = act(*tell, "--interview", asked)
    assert said.exit_code == 0 and "On record, told to Ines Varga" in said.out
    assert "already, and holds" in act(*tell, "--interview", stated["account_id"]).out
    out = tmp_path / "left.csv"
    said = act("success", "winback", "-c", own.config, "--csv", out)
    assert said.exit_code == 0 and "\x1b" not in said.out
    rows = {row["account_id"]: row for row in csv.DictReader(out.open(encoding="utf-8"))}
    assert (rows[asked]["reason"], rows[asked]["told_by"]) == ("competition", "Ines Varga")
    assert rows[asked]["comment"] == "'" + EVIL
    assert rows[stated["account_id"]]["said"] == stated["said"]
    assert "None of them was scored before it left: the first scored day is" in said.out


def test_every_part_has_the_columns_that_are_defined_and_a_csm_sees_their_own(found):
    for part, columns in COLUMNS_OF.items():
        assert list(winback_table(found, part).columns) == [d.name for d in columns], part
    csm = str(found.list["csm"].dropna().iloc[0])
    mine = found.of_csm(csm.upper())
    assert set(mine.list["csm"]) == set(mine.left["csm"]) == {csm} and mine.odds == found.odds


def test_what_was_published_before_they_left_is_compared_and_nothing_else(project, found, capsys):
    left = found.lately
    day = (left["left_at"].max() - pd.Timedelta(days=95)).date()
    told = left[(left["left_at"].dt.date > date.fromordinal(day.toordinal() + 90)) & left["said"].ne("")]
    table = read_latest(project.home / "scores")
    rows = table.scores.head(len(told)).reset_index().assign(band="green", status="at_risk", risk=0.01)
    rows = rows.assign(account_id=told["account_id"].tolist(), as_of=pd.Timestamp(day))
    scores = rows.set_index(["account_id", "as_of"])
    drivers = table.drivers[table.drivers["direction"] == "raises"].head(1).reset_index()
    drivers = pd.concat([drivers.assign(account_id=name) for name in told["account_id"]])
    drivers = drivers.assign(as_of=pd.Timestamp(day), family="usage", code="usage.silence", rank=1)
    X = table.X.head(len(told)).set_axis(scores.index)
    publish(project.home / "scores", scores, drivers.set_index(["account_id", "as_of"]), X, day, "0" * 12)
    found = project_winback(project)
    agreed = found.agreement(in_hindsight=False)
    decided = told[told["reason"].isin(["price", "product", "process", "competition"])]
    assert agreed.pairs == len(decided) > 0
    assert agreed.agreed == decided["reason"].isin(["product", "competition"]).sum()
    told = told[["account_id", "left_at"]].merge(found.compared, on=["account_id", "left_at"])
    assert (told["band_90d"] == "green").all() and len(told)
    seen(found, 5)
    green = int((found.compared["band_90d"] == "green").sum())
    assert f"Green 90 days before, and gone: {green} account" in capsys.readouterr().out
    earlier = scores_before(project, left, pd.Timestamp(day) - pd.Timedelta(days=1), found.rules)
    assert earlier.days == () and earlier.frame["scored_on"].isna().all()


def test_a_play_that_ended_later_was_open_on_the_day_of_looking():
    began, ended = pd.to_datetime(["2025-03-01"] * 3), pd.to_datetime(["2025-04-10", "2025-04-01", None])
    started = pd.DataFrame({"account_id": list("abc"), "play": "win_back", "arm": "treated"})
    started = started.assign(began_on=began, ended_on=ended)
    found = {day: _open(started, ["win_back"], pd.Index(list("abc")), pd.Timestamp(day)).notna().tolist()
             for day in ("2025-04-01", "2025-04-10")}  # fmt: skip
    assert found == {"2025-04-01": [True, False, True], "2025-04-10": [False, False, True]}


def test_what_cannot_be_meant_is_refused_in_one_sentence(act, own, found):
    run = ("success", "winback", "-c", own.config)
    back = found.left
    here = back[back["back_at"].notna()]["account_id"].tolist()
    refused = [
        (("--list", "--seen"), "--seen and --list: wanted one of them at a time"),
        (("--reason", "price"), "--reason only means something with --interview"),
        (("--note", "x"), "only means something with --recontact, --never or --interview"),
        (("--recontact", str(back["account_id"].iloc[-1]), "2020-01-01"), "wanted"),
        *([(("--never", here[0]), "came back on")] if here else []),
    ]
    for options, words in refused:
        said = act(*run, *options)
        assert said.exit_code == 2 and words in said.err, (options, said.err)
    said = act(*run, "--interview", str(back["account_id"].iloc[-1]))
    assert said.exit_code == 2 and "--reason price" in said.err
