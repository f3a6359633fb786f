"""What does a CSM see of the accounts being onboarded? (whom to turn to first, what is due, one of them)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, spoken_day, text_or
from churnmodel.cli.show_driver import driver_words
from churnmodel.explanation.formats import counted, percent
from churnmodel.settings.milestones import TRACKS
from churnmodel.settings.tiers import TIERS
from churnmodel.success.milestones import DONE, LATE, OPEN, PASSED, UNKNOWN
from churnmodel.success.onboarding import BEHIND, NOT_KNOWN

if TYPE_CHECKING:
    from churnmodel.workflow.onboarding import Onboarding

MARKS = {
    DONE: ("+", "green"),
    LATE: ("!", "bold red"),
    OPEN: ("·", "dim"),
    PASSED: ("-", "dim"),
    UNKNOWN: ("?", "yellow"),
}
SOON = 14
"""Days ahead in which a milestone is told as due soon."""
FEW = 5


def summary(found: Onboarding, csm: str | None, count: int) -> None:
    """How many are behind, by tier; whom to turn to first; what is due soon; where a template asks too much."""
    accounts, behind = found.accounts, found.behind
    total = money(float(accounts["mrr"].sum()), found.currency)
    many = counted(len(accounts), "account")
    headline(f"Onboarding{_whose(csm)}, as known on {day(found.as_of)}: {many}, {total} MRR")
    if accounts.empty:
        say(_nobody(csm))
        return
    _by_tier(found)
    unknown = accounts[accounts["standing"] == NOT_KNOWN]
    if len(unknown) == len(accounts):
        say("Who is behind is not known: no milestone of theirs can be told.")
    elif behind.empty:
        say("Nobody is behind, as far as is known.")
    else:
        held = money(float(behind["mrr"].sum()), found.currency)
        many = counted(len(behind), "account")
        headline(f"Whom to turn to first: {many} behind, with {held} MRR, by MRR x days late")
        _outreach(found, csm, count)
    if 0 < len(unknown) < len(accounts):
        say(f"Not known of {counted(len(unknown), 'account')} more: no milestone of theirs can be told.")
    _due_soon(found, csm)
    if csm is None:
        _too_early(found)


def _by_tier(found: Onboarding) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("tier")
    for head in ("accounts", f"MRR {found.currency}", "behind", "MRR behind", "milestones reached"):
        table.add_column(head, justify="right")
    for tier in TIERS:
        own = found.accounts[found.accounts["tier"] == tier]
        if own.empty:
            continue
        late = own[own["standing"] == BEHIND]
        asked = int(own["asked"].sum())
        share = f"{int(own['done'].sum()):,} of {asked:,}" if asked else "-"
        behind = [f"{len(late):,}", f"{late['mrr'].sum():,.0f}"] if asked else ["-", "-"]
        cells = [f"{len(own):,}", f"{own['mrr'].sum():,.0f}", *behind, share]
        table.add_row(tier, *cells)
    console.print(table)


def _outreach(found: Onboarding, csm: str | None, count: int) -> None:
    for account_id, row in found.behind.head(count).iterrows():
        console.print(_title(found, str(account_id), row, csm))
        console.print(Padding(Text(_sentence(str(row["why"]))), (0, 0, 0, 2)))
        action = printable(row["next_action"])
        lead = Text("Next: ", style="bold").append(action, style="not bold")
        if isinstance(row.get("open_play"), str):
            lead.append(f" (the play {printable(row['open_play'])} is open)", style="not bold dim")
        console.print(Padding(lead, (0, 0, 0, 2)))
    if len(found.behind) > count:
        say(f"{len(found.behind) - count:,} more: --top {len(found.behind)}, or --csv.")


def _title(found: Onboarding, account_id: str, row: pd.Series, csm: str | None) -> Text:
    line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account_id)}  ", "dim"))
    line.append(f"{row['tier']}  {money(row['mrr'], found.currency)}  ")
    if isinstance(row.get("band"), str):
        line.append(band_text(row["band"])).append("  ")
    if csm is None:
        line.append(text_or(row["owner"], "nobody's"), style="dim")
    return line


def _due_soon(found: Onboarding, csm: str | None) -> None:
    still = found.milestones[found.milestones["status"] == OPEN].copy()
    still["left"] = (still["due_on"] - found.as_of).dt.days
    still = still[still["left"] <= SOON].join(found.accounts[["name", "mrr", "owner", "tier"]], on="account_id")
    if still.empty:
        return
    headline(f"Due within {SOON} days, and not reached yet")
    told = still.sort_values(["left", "mrr"], ascending=[True, False])
    for row in told.head(FEW).to_dict("records"):
        line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(row['account_id'])}  ", "dim"))
        line.append(f"{row['title']} {row['words']}")
        if csm is None:
            line.append(f"  {text_or(row['owner'], 'nobody')}", style="dim")
        console.print(line)
    if len(told) > FEW:
        say(f"{len(told) - FEW:,} more: --milestones.")


def _too_early(found: Onboarding) -> None:
    """Where a template asks for more than accounts that stayed had done by then."""
    if found.pace.empty:
        return
    asked = {name for tier in TIERS for name in found.rules.template(tier)}
    hard = found.pace[(found.pace["share_stayed"] < 0.5) & found.pace["milestone"].isin(asked)]
    for row in hard.to_dict("records"):
        share = percent(row["share_stayed"])
        say(
            f"Your templates ask for {row['title']} by day {row['due_day']:.0f}; {share} of the accounts that "
            "stayed had it by then. Move the day, or mean it (--pace)."
        )


def account(found: Onboarding, account_id: str) -> None:
    """One account: day N, and its milestones by track with evidence."""
    row = pd.Series(found.accounts.loc[account_id])
    console.print()
    console.print(_title(found, account_id, row, None))
    again = "" if row["tenure"] == 1 else f", its return ({row['tenure']:.0f} tenures)"
    say(
        f"Day {row['day']} of its onboarding, since {spoken_day(row['began'])}{again}: "
        + ("none of its milestones can be told." if row["standing"] == NOT_KNOWN else
           f"{row['done']} of {row['asked']} milestones reached, {row['late']} late.")
    )
    _tracks(found.of(account_id))
    if row["why"]:
        console.print()
        console.print(Text(_sentence(str(row["why"]))))
    if row["next_action"]:
        console.print(Text("Next: ", style="bold").append(printable(row["next_action"]), style="not bold"))


def _tracks(rows: pd.DataFrame) -> None:
    for track in TRACKS:
        own = rows[rows["track"] == track]
        if own.empty:
            continue
        console.print(Text(track, style="bold"))
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for one in own.to_dict("records"):
            mark, style = MARKS[str(one["status"])]
            said = one["words"] if one["status"] != UNKNOWN else f"not known: {one['words']}"
            by = f"by day {one['due_day']:.0f}"
            cells = (Text(by, style="dim"), Text(printable(said)))
            table.add_row(Text(mark, style=style), Text(printable(one["title"])), *cells)
        console.print(table)


def milestones(found: Onboarding, csm: str | None, count: int) -> None:
    """Every account with all its milestones."""
    headline(f"Milestones of accounts in onboarding{_whose(csm)}, as known on {day(found.as_of)}")
    if found.accounts.empty:
        say(_nobody(csm))
    for account_id in found.accounts.index[:count]:
        account(found, str(account_id))


def caveats(found: Onboarding) -> None:
    """Who is in it by which rule, and what the tables do not say."""
    rules = found.rules
    bands = driver_words(found.instead, found.scored_on, found.as_of, "no band is shown")
    said = bands if len(found.accounts) else []
    said.append(
        f"In onboarding: the first {rules.days} days of a tenure, and {rules.behind_days} more while something is "
        "late. A return after leaving is a new start; one more contract is none."
    )
    if len(found.leaving):
        said.append(f"Under notice, and not listed: {counted(len(found.leaving), 'account')}.")
    for table, titles in found.absent.items():
        said.append(f"There is no table {table}, so nobody can say: {', '.join(titles)}.")
    unknown = found.milestones[found.milestones["status"] == UNKNOWN]
    for (title, words), rows in unknown.groupby(["title", "words"], sort=False):
        if not str(words).startswith("there is no table"):
            said.append(f"{title}: not known of {counted(rows['account_id'].nunique(), 'account')}, {words}.")
    console.print()
    for line in said:
        console.print(Text(printable(line), style="dim"))


def definitions() -> None:
    """Every column: its title and name in tables, how it is made."""
    from churnmodel.success.onboarding_columns import MILESTONE_COLUMNS, ONBOARDING_COLUMNS, PACE_COLUMNS

    for one in (*ONBOARDING_COLUMNS, *MILESTONE_COLUMNS, *PACE_COLUMNS):
        line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
        console.print(line.append(f"\n  {one.formula}", style="not bold"))


def _sentence(text: str) -> str:
    said = printable(text)
    return f"{said[:1].upper()}{said[1:]}."


def _nobody(csm: str | None) -> str:
    return f"{printable(csm)} has no new account now." if csm else "Nobody is being onboarded."


def _whose(csm: str | None) -> str:
    return f" of {printable(csm)}" if csm else ""
