"""What does a customer-success leader see of outcomes? (what is shown, what is not, where nobody can tell)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, printable, say, spoken_day, text_or
from churnmodel.errors import SettingsError
from churnmodel.explanation.formats import counted, percent
from churnmodel.success.honest_draws import SUSPECT
from churnmodel.success.intervention_log import TABLE
from churnmodel.success.outcome_words import (
    HEADS,
    adjusted_words,
    anyway_words,
    beside_words,
    churn_words,
    conclusion,
    lot_words,
    not_over_words,
)
from churnmodel.success.outcomes import FEWER, FEWER_ONCE, MORE, MORE_ONCE, NOT_SHOWN, SO_FAR
from churnmodel.success.refusal_words import lot_not_told, refusal, why_no_comparison
from churnmodel.success.trials import ALL

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.success.trial import Trial
    from churnmodel.workflow.outcomes import Outcomes

STYLES = {HEADS[FEWER]: "bold green", HEADS[MORE]: "bold red", HEADS[MORE_ONCE]: "bold yellow"}


def outcomes(found: Outcomes, play: str | None) -> None:
    """The effect of every play where a lot decided, and where nobody can tell; or all of one play."""
    judged = found.judged
    there = [*judged.trials, *judged.refused["play"].astype(str)]
    if play is not None and play not in there:
        known = ", ".join(there) or "none"
        raise SettingsError(f"--play {play!r}: nothing is on record of it (there are: {known})")
    headline(f"Did the outreach work? As known on {day(found.as_of)}")
    say(_on_record(found))
    names = dict(zip(found.log["account_id"], found.log["name"].map(lambda n: text_or(n, "")), strict=True))
    named = {str(account): printable(name or account) for account, name in names.items()}
    if play in judged.trials:
        _trial(found, judged.trials[str(play)], named)
    elif play is None and judged.trials:
        _summary(found, named)
    refused = judged.refused[judged.refused["play"] == play] if play is not None else judged.refused
    if len(refused):
        headline("Where nobody can tell")
        for row in refused.to_dict("records"):
            words = refusal(row, found.rules.horizons[-1], found.hold_out)
            console.print(_hanging(f"  {printable(row['play'])}", words))
        for words in (lot_not_told(refused), why_no_comparison(refused, found.book_risk)):
            if words:
                say(f"\n{words}")
    _notes(found, bool(judged.trials) and play not in judged.refused["play"].tolist())


def _on_record(found: Outcomes) -> str:
    log = found.log
    if log.empty:
        return "Nothing is on record: no play was begun, told, or is in a table interventions."
    given = int((log["arm"] == "treated").sum())
    first, last = spoken_day(log["occurred_at"].iloc[0]), spoken_day(log["occurred_at"].iloc[-1])
    told = ", ".join(
        f"{count:,} {'in your table interventions' if source == TABLE else source}"
        for source, count in log["told_in"].value_counts().items()
    )
    accounts = log["account_id"].nunique()
    span = first if first == last else f"{first} to {last}"
    return (
        f"On record for {counted(accounts, 'account')}, {span}: {given:,} times given a play, "
        f"{len(log) - given:,} times held out of one ({told}). --log lists them."
    )


def _summary(found: Outcomes, names: dict[str, str]) -> None:
    """One line per comparison, then what was wrong with a lot, and what it would take."""
    effects = found.judged.effects
    churn = effects[effects["measure"] == "churn"]
    some = churn.groupby("play")[["given", "held_out"]].transform("sum").sum(axis=1) > 0
    rows = churn[some].to_dict("records")
    headline("Where a lot decided: who left, of those given a play and of those held out of it")
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("play", "within", "given", "held out", "points of churn", ""):
        table.add_column(name, overflow="fold", no_wrap=True)
    last = ""
    for row in rows:
        name = printable(row["play"]) if row["play"] != last else ""
        last = row["play"]
        shown = HEADS[row["verdict"]]
        words = {
            FEWER: "fewer left", MORE: "MORE left", NOT_SHOWN: "not shown", SO_FAR: "no verdict yet",
            FEWER_ONCE: "no longer fewer", MORE_ONCE: "no longer more",
        }  # fmt: skip
        given, held = (
            f"{percent(row[value])} of {int(row[n])}" if row[n] else "none over"
            for n, value in (("given", "given_value"), ("held_out", "held_out_value"))
        )
        moved = "-"
        if row["effect"] == row["effect"]:
            low, high = 100 * row["low"], 100 * row["high"]
            moved = f"{100 * row['effect']:+.0f} ({low:+.0f} to {high:+.0f})"
        verdict = Text(words.get(row["verdict"], "nothing yet"), style=STYLES.get(shown, ""))
        table.add_row(name, f"{row['horizon_days']} d", given, held, moved, verdict)
    if rows:
        console.print(table)
    waiting = [found.judged.trials[str(name)] for name in churn.loc[~some, "play"].unique() if name != ALL]
    if waiting:
        say(("\n" if rows else "") + not_over_words(waiting, found.rules.horizons[0] + found.grace_days))
    say("\n" + conclusion(found.judged, found.rules))
    for trial in found.judged.trials.values():
        for line, _ in _warnings(trial, names):
            console.print(Text(f"! {printable(trial.play)}: {printable(line)}", style="yellow"))
    say("--play NAME tells one in full: how honest the lot was, MRR kept, band and risk.")


def _warnings(trial: Trial, names: dict[str, str]) -> list[tuple[str, str]]:
    said = []
    if trial.honest.p < SUSPECT or trial.honest.agree < trial.honest.checked:
        wrong = "This was hardly the lot alone: was a draw left out, or another seed set? Doubt the rest."
        said.append((" ".join(lot_words(trial)[:2]) + " " + wrong, "yellow"))
    anyway = anyway_words(trial, names)
    if anyway and (trial.play != ALL):
        said.append((anyway, "yellow"))
    return said


def _trial(found: Outcomes, trial: Trial, names: dict[str, str]) -> None:
    """All of one play."""
    headline(f"{printable(trial.play)}: a lot decided")
    for line in lot_words(trial):
        say(line)
    if trial.got_other:
        other = len(trial.got_other)
        say(f"{other:,} held out {'was' if other == 1 else 'were'} given another play meanwhile.")
    for line, style in _warnings(trial, names):
        console.print(Text(f"! {printable(line)}", style=style))
    effects = found.judged.effects
    own = effects[effects["play"] == trial.play]
    for days in found.rules.horizons:
        rows = {str(row["measure"]): row for row in own[own["horizon_days"] == days].to_dict("records")}
        churn = rows["churn"]
        head, first, *rest = churn_words(churn, trial, found.rules)
        console.print()
        console.print(Text.assemble((f"Within {days} days: ", "bold"), (head, STYLES.get(head, "bold"))))
        beside = [beside_words(rows[name]) for name in ("mrr", "green", "risk")]
        for line in (first, adjusted_words(churn), *beside, *rest):
            if line:
                console.print(Padding(Text(printable(line)), (0, 0, 0, 2)))
        if churn["effect"] == churn["effect"] and churn["look"]:
            level = f"These intervals hold {churn['level']:.1%} each, so that over all looks there will be 95% do."
            console.print(Padding(Text(level, style="dim"), (0, 0, 0, 2)))


def _notes(found: Outcomes, trials: bool) -> None:
    said = []
    if trials:
        count = found.judged.comparisons
        all_of = f"all {count} comparisons" if count != 1 else "the one comparison"
        said.append(
            f"p counts every look and {all_of} of churn, made or still to be made (Holm). An account counts once "
            "a play, from its first draw, in the arm it was drawn into, when its days and "
            f"{found.grace_days} of grace are over."
        )
    said += found.without
    if said:
        console.print()
    for line in said:
        console.print(Text(printable(line), style="dim"))


def log(rows: pd.DataFrame, as_of: pd.Timestamp, top: int, csm: str | None = None) -> None:
    """Who was given which play, the latest first."""
    headline(f"Who was given which play, as known on {day(as_of)}: {len(rows):,} on record")
    if rows.empty:
        if csm is not None:
            say(f"No account of {printable(csm)} is in it.")
        return
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("day", "account", "play", "", "drawn", "told in", "by"):
        table.add_column(name, overflow="fold", no_wrap=name not in ("account", "by"))
    for row in rows.iloc[::-1].head(top).to_dict("records"):
        share = row["share"]
        drawn = "not known" if share != share else percent(share) if share > 0 else "no"
        arm = Text("given") if row["arm"] == "treated" else Text("held out", style="cyan")
        who = text_or(row["name"], printable(row["account_id"]))
        words = [day(row["occurred_at"]), who, printable(row["play"])]
        table.add_row(*(Text(w) for w in words), arm, drawn, row["told_in"], Text(text_or(row["by"], "-")))
    console.print(table)
    if len(rows) > top:
        say(f"\n{len(rows) - top:,} earlier: --top {len(rows)}, or --csv.")
    said = "Drawn: the probability with which it was held out. 'no': nobody drew, so it tells nothing of the play."
    console.print(Text(f"\n{said}", style="dim"))


def definitions() -> None:
    """Every column: its title and name in tables, how it is made, after whom."""
    from churnmodel.success.outcome_columns import EFFECT_COLUMNS, LOG_TOLD

    for one in (*EFFECT_COLUMNS, *LOG_TOLD):
        line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
        console.print(line.append(f"\n  {one.formula}", style="not bold"))
        if one.source != "own":
            console.print(Text(f"  {one.source}", style="dim"))


def _hanging(first: str, rest: str, style: str = "") -> Padding:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True, min_width=10)
    table.add_column()
    table.add_row(Text(first), Text(printable(rest), style=style))
    return Padding(table, 0)
