"""What does a leader see of a rollout? (the checklist with what to do next, the plan, board candidates)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, money, printable, say, spoken_day, text_or
from churnmodel.explanation.formats import counted
from churnmodel.success.rollout_checklist import DONE, MISSING, PARTLY, UNKNOWN
from churnmodel.success.rollout_plan import DONE as TASK_DONE
from churnmodel.success.rollout_plan import LATE, MEASURE_DAYS

if TYPE_CHECKING:
    from churnmodel.workflow.rollout import Rollout

MARKS = {DONE: ("✓", "green"), PARTLY: ("~", "dark_orange"), MISSING: ("✗", "bold red"), UNKNOWN: ("?", "dim")}


def summary(found: Rollout, count: int, *, begun_now: bool = False) -> None:
    """Where the company stands: the checklist, what is next, and the day of the rollout."""
    stand = found.stand
    total = money(float(stand.accounts["mrr"].sum()), stand.currency)
    accounts = counted(len(stand.accounts), "account")
    if found.frozen is None:
        headline(f"Where we stand, as known on {day(stand.as_of)}: {accounts}, {total} MRR; no day 0 yet")
    elif begun_now:
        headline(f"Day 0 is {spoken_day(found.frozen.begun_on)}: {accounts} frozen, with {total} MRR")
    else:
        which = f"day {found.day} of {MEASURE_DAYS}" if (found.day or 0) <= MEASURE_DAYS else f"day {found.day}"
        headline(f"Rollout, {which}, as known on {day(stand.as_of)}: {accounts}, {total} MRR")
    _score(found)
    _checklist(found)
    _next(found, count)


def _score(found: Rollout) -> None:
    if found.score is None:
        say("No line of the checklist can be told.")
        return
    said = f"Checklist {found.score:.0f} of 100"
    then = None if found.frozen is None else found.frozen.about["score"]
    if then is not None and not pd.isna(then) and found.day:
        said += f", {then:.0f} on day 0"
    unknown = [one.title for one in found.lines if one.status == UNKNOWN]
    said += f" (without {', '.join(unknown)}: not known)" if unknown else ""
    say(f"{said}: how much is set up, not how well customers are kept.")


def _checklist(found: Rollout) -> None:
    was = {} if found.frozen is None or not found.day else found.frozen.lines["score"].to_dict()
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for one in found.lines:
        sign, style = MARKS[one.status]
        told = "" if one.score is None or one.score == 1 else f"{100 * one.score:.0f}%"
        words = Text(printable(one.words))
        then = was.get(one.name)
        if then is not None and not pd.isna(then) and one.score is not None and abs(then - one.score) >= 0.005:
            words.append(f"  ({100 * then:.0f}% on day 0)", style="dim")
        if one.do:
            words.append(f"\n-> {printable(one.do)}", style="cyan")
        table.add_row(Text(sign, style=style), Text(one.title, style="bold"), Text(told, style=style), words)
    console.print(table)


def _next(found: Rollout, count: int) -> None:
    tasks = found.tasks
    todo = tasks[tasks["status"] != TASK_DONE]
    late = int(tasks["status"].eq(LATE).sum())
    if found.frozen is None:
        headline(f"The plan that day 0 would begin: {counted(len(tasks), 'task')}")
        _tasks(todo.head(count))
        rest = len(todo) - count
        more = f"{rest} more: --plan. " if rest > 0 else ""
        say(f"\n{more}Freeze day 0 with: churnmodel success rollout --begin --by NAME")
        return
    done = len(tasks) - len(todo)
    headline(f"The plan: {done} of {counted(len(tasks), 'task')} done, {late} late")
    _tasks(todo.head(count))
    if len(todo) > count:
        say(f"\n{len(todo) - count} more: --plan.")


def plan(found: Rollout) -> None:
    """Every task, phase by phase."""
    stand, tasks = found.stand, found.tasks
    if found.frozen is None:
        headline(f"The plan if {day(stand.as_of)} were day 0 (nothing is frozen yet)")
    else:
        when = f"day 0 was {spoken_day(found.frozen.begun_on)}, this is day {found.day}"
        headline(f"The plan, as known on {day(stand.as_of)}: {when}")
    for phase, rows in tasks.groupby("phase", sort=False):
        headline(str(phase))
        _tasks(rows)
    say("\nA task closes when the data say so; --mark TASK closes what no table tells.")


def _tasks(rows: pd.DataFrame) -> None:
    styles = {TASK_DONE: ("✓", "green"), LATE: ("!", "bold red")}
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    for wraps in (False, False, True):
        table.add_column(no_wrap=not wraps)
    for row in rows.to_dict("records"):
        sign, style = styles.get(str(row["status"]), ("·", "dim"))
        words = Text(printable(row["title"]), style="dim" if row["status"] == TASK_DONE else "")
        if row["now"]:
            words.append(f"\nnow: {printable(row['now'])}", style="bold")
        elif row["status"] != TASK_DONE and not pd.isna(row["left"]) and row["left_now"] != row["left"]:
            words.append(f"\nnow: {row['left_now']} left", style="bold")
        if row["status"] == TASK_DONE:
            words.append(f"\ndone, says {printable(row['closed_by'])}", style="green")
        else:
            words.append(f"\n-> {printable(row['do'])}", style="cyan")
        words.append(f"\n{printable(row['owner'])}; {row['task']}", style="dim")
        due = f"{pd.Timestamp(row['due']):%d %b}" + (" late" if row["status"] == LATE else "")
        table.add_row(Text(sign, style=style), Text(due, style=style), words)
    console.print(Padding(table, 0))


def board(found: Rollout, count: int) -> None:
    """Candidates for a customer advisory board, and who lacks one thing."""
    rows, rule = found.board_table(), found.stand.rules.board
    able, near = rows[rows["candidate"].astype(bool)], rows[~rows["candidate"].astype(bool)]
    headline(
        f"Candidates for a customer advisory board, as known on {day(found.stand.as_of)}: {len(able)}"
    )
    asked = ["high-value", "green", "not leaving", f"a customer for {rule.tenure_days} days", "no play open"]
    asked += ["referenceable"] if rule.referenceable else []
    asked += ["champion there"] if rule.champion else []
    say(f"Asked for ([rollout.board]): {', '.join(asked)}.")
    segments = able["segment"].dropna().value_counts()
    if len(segments) > 1:
        say("By segment: " + ", ".join(f"{printable(s)} {n}" for s, n in segments.items()) + ".")
    _candidates(able.head(count), found.stand.currency)
    if len(near):
        headline(f"Of the roster, lacking one thing: {len(near)}")
        for lacks, own in near.groupby("lacks", sort=False):
            names = [text_or(n, str(a)) for n, a in zip(own["name"], own["account_id"], strict=True)]
            more = f" and {len(names) - 4} more" if len(names) > 4 else ""
            say(f"{lacks} ({len(names)}): {', '.join(names[:4])}{more}")
    if len(able) > count:
        say(f"\n{len(able) - count} more: --top {len(able)}, or --csv.")


def _candidates(rows: pd.DataFrame, currency: str) -> None:
    for row in rows.to_dict("records"):
        line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(row['account_id'])}  ", "dim"))
        line.append(f"{money(row['mrr'], currency)}  {printable(row['reasons'])}")
        line.append(f"; CSM {text_or(row['csm'], 'nobody')}", style="dim")
        if row["unknown"]:
            line.append(f"; to be asked: {row['unknown']}", style="yellow")
        console.print(line)


def caveats(found: Rollout) -> None:
    """What the figures rest on."""
    scored, said = found.stand.scored, []
    if scored.on is not None and scored.on != found.stand.as_of:
        said.append(f"Bands and risks are those published for {day(scored.on)}, the latest by then.")
    if scored.in_hindsight:
        said.append("The model had learned from outcomes after that day: its risks are no forecast.")
    if said:
        console.print()
    for line in said:
        console.print(Text(line, style="dim"))


def definitions() -> None:
    """Every figure: its title and name in tables, how it is made, after whom."""
    from churnmodel.success.rollout_columns import SECTIONS

    for title, columns in SECTIONS.items():
        headline(title)
        for one in columns:
            line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
            console.print(line.append(f"\n  {one.formula}", style="not bold"))
            if one.source != "own":
                console.print(Text(f"  {one.source}", style="dim"))
