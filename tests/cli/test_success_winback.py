"""What does `churnmodel success winback` say, write and keep, and do the plays and the KPIs agree with it?"""

from __future__ import annotations

import csv
from datetime import date

import pandas as pd
import pytest

from churnmodel.scoring.score_table import publish, read_latest
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.movement import movement
from churnmodel.success.winback_columns import COLUMNS_OF
from churnmodel.workflow.plays import look_at_plays
from churnmodel.workflow.project import Project
from churnmodel.workflow.winback import project_winback
from trained_project import TrainedProject

EVIL = '=HYPERLINK("http://evil")[red]x[/red]\x1b[31m'


@pytest.fixture
def own(trained_project: TrainedProject, tmp_path) -> TrainedProject:
    return trained_project.copy(tmp_path / "own")


def due_of(found) -> set[str]:
    return set(found.list.index[found.list["recontact"] == "due"])


def test_the_list_the_plays_and_the_kpis_agree_before_and_after_somebody_spoke(act, own):
    project = Project.open(own.config)
    found = project_winback(project)
    due = due_of(found)

    def played() -> set[str]:
        plays = look_at_plays(Project.open(own.config))
        fits = plays.fitting[plays.fitting["rank"] == 1]
        return set(fits.loc[fits["play"].str.startswith("win_back"), "account_id"])

    assert due and due == played()
    assert (found.list.loc[sorted(due), "play"].str.startswith("win_back")).all()
    ledger = mrr_ledger(project.db, project.until)
    back = sum(int(movement(ledger, k, k + 1)["returned"].sum()) for k in range(len(ledger.months)))
    assert found.returned["counted_in"].notna().sum() == back

    first, second = sorted(due)[:2]
    said = act("success", "winback", "--never", first, "--note", EVIL, "--by", "Zoe", "-c", own.config)
    assert (said.exit_code, said.err) == (0, "") and "never asked again" in said.out
    said = act("success", "winback", "--recontact", second, "2027-01-01", "--by", EVIL, "-c", own.config)
    assert said.exit_code == 0 and "is asked again on 2027-01-01" in said.out and "\x1b" not in said.out
    assert played() == due - {first, second} == due_of(project_winback(Project.open(own.config)))
    said = act("success", "winback", "--list", "--top", "500", "-c", own.config)
    assert "never: so said Zoe" in said.out and "2027-01-01" in said.out and "[red]x[/red]" in said.out


def test_what_we_were_told_is_kept_beside_exits_and_leaves_in_inert_cells(act, own, tmp_path):
    found = project_winback(Project.open(own.config))
    asked = str(found.interviews["account_id"].iloc[0])
    stated = found.left[(found.left["said"] != "") & found.left["back_at"].isna()]["account_id"].iloc[-1]
    tell = ("success", "winback", "-c", own.config, "--by", "Ines Varga", "--note", EVIL, "--reason", "competition")
    said = act(*tell, "--interview", asked)
    assert said.exit_code == 0 and "On record, told to Ines Varga" in said.out
    said = act(*tell, "--interview", stated)
    assert "already, and holds" in said.out
    out = tmp_path / "left.csv"
    said = act("success", "winback", "-c", own.config, "--csv", out)
    assert said.exit_code == 0 and "\x1b" not in said.out
    rows = {row["account_id"]: row for row in csv.DictReader(out.open(encoding="utf-8"))}
    assert (rows[asked]["reason"], rows[asked]["told_by"]) == ("competition", "Ines Varga")
    assert rows[asked]["comment"] == "'" + EVIL
    again = project_winback(Project.open(own.config))
    assert asked not in set(again.interviews["account_id"])
    before = found.left.set_index("account_id")["said"][stated]
    assert again.left.set_index("account_id")["said"][stated] == before
    said = act("success", "winback", "--interviews", "-c", own.config)
    assert asked not in said.out and "No exit interview" in said.out


def test_every_part_writes_the_columns_that_are_defined(act, own, tmp_path):
    parts = {"departures": (), **{name: (f"--{name}",) for name in ("list", "interviews", "returned")}}
    for part, option in parts.items():
        out = tmp_path / f"{part}.parquet"
        said = act("success", "winback", *option, "-c", own.config, "--parquet", out)
        assert said.exit_code == 0, said.err
        assert list(pd.read_parquet(out).columns) == [d.name for d in COLUMNS_OF[part]], part
    csm = project_winback(Project.open(own.config)).list["csm"].dropna().iloc[0]
    said = act("success", "winback", "--list", "--csm", csm.upper(), "-c", own.config, "--csv", tmp_path / "c.csv")
    assert said.exit_code == 0
    assert {row["csm"] for row in csv.DictReader((tmp_path / "c.csv").open(encoding="utf-8"))} == {csm}


def test_what_was_published_before_they_left_is_compared_and_nothing_else(act, own):
    said = act("success", "winback", "-c", own.config)
    assert "None of them was scored before it left: the first scored day is" in said.out
    project = Project.open(own.config)
    left = project_winback(project).lately
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
    found = project_winback(Project.open(own.config))
    agreed = found.agreement(in_hindsight=False)
    decided = told[told["reason"].isin(["price", "product", "process", "competition"])]
    assert agreed.pairs == len(decided) > 0
    assert agreed.agreed == decided["reason"].isin(["product", "competition"]).sum()
    said = act("success", "winback", "--seen", "-c", own.config)
    green = int((found.compared["band_90d"] == "green").sum())
    assert f"Green 90 days before, and gone: {green} account" in said.out
    earlier = project_winback(Project.open(own.config), pd.Timestamp(day)).scored
    assert all(scored <= day for scored in earlier.days)


def test_what_cannot_be_meant_is_refused_in_one_sentence(act, own):
    run = ("success", "winback", "-c", own.config)
    back = project_winback(Project.open(own.config)).left
    here = back[back["back_at"].notna()]["account_id"].tolist()
    refused = [
        (("--list", "--seen"), "--seen and --list: wanted one of them at a time"),
        (("--reason", "price"), "--reason only means something with --interview"),
        (("--note", "x"), "only means something with --recontact, --never or --interview"),
        (("--never", "nobody at all"), "nobody at all"),
        (("--recontact", str(back["account_id"].iloc[-1]), "2020-01-01"), "wanted"),
        *([(("--never", here[0]), "came back on")] if here else []),
    ]
    for options, words in refused:
        said = act(*run, *options)
        assert said.exit_code == 2 and words in said.err, (options, said.err)
    said = act(*run, "--interview", str(back["account_id"].iloc[-1]))
    assert said.exit_code == 2 and "--reason price" in said.err
    assert not (own.folder / "state.sqlite").exists()
