"""What does one learn from those who left? (said beside predicted, seen coming or not, who came back)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, text_or
from churnmodel.cli.show_winback_lists import reason_text
from churnmodel.explanation.formats import counted, percent
from churnmodel.scoring.bands import GREEN, RED
from churnmodel.settings.winback import APART, DECIDED, UNKNOWN
from churnmodel.success.ledger import DAY
from churnmodel.success.returns import HELD_OUT, TREATED
from churnmodel.success.said_and_predicted import FAMILIES, NO_DRIVER, Agreement, crosstab
from churnmodel.success.seen_coming import AHEAD, NOT_SCORED, NOTICE, SEEN, counts

if TYPE_CHECKING:
    from churnmodel.workflow.winback import Winback

HINDSIGHT = "made in hindsight, by a model that had learned from outcomes after them"


def agreement_words(found: Winback) -> list[str]:
    """How often they agree, what luck would give, and what cannot be told."""
    honest, hind = found.agreement(in_hindsight=False), found.agreement(in_hindsight=True)
    if not honest.pairs and not hind.pairs:
        return [_nothing(found)]
    said = [f"{_agreed(honest)}; {_verdict(honest, found)}"] if honest.pairs else []
    if hind.pairs:
        also = " more" if honest.pairs else ""
        lot = f", by lot {percent(hind.luck)}" if hind.told else ""
        said.append(
            f"Of {hind.pairs}{also} the last scores before were {HINDSIGHT}: {hind.agreed} are alike{lot}. "
            "That proves nothing of the model."
        )
    return said


def _agreed(of: Agreement) -> str:
    return f"In {of.agreed} of {of.pairs} the reason that weighed most in the last score is like the one they told"


def _verdict(of: Agreement, found: Winback) -> str:
    if not of.told:
        return f"too few to say more (winback.least_pairs = {found.rules.least_pairs})."
    spread = f"{percent(of.share)}, {percent(of.low)} to {percent(of.high)}; by lot {percent(of.luck)}"
    return f"{spread}. {'More than luck.' if of.beyond_luck else 'That may be luck.'}"


def _nothing(found: Winback) -> str:
    days = found.scored.days
    if not days:
        return "Nothing was scored yet. Run `churnmodel score` each week: then each departure has a last score."
    if not found.compared["scored_on"].notna().any():
        run = "`churnmodel success health`" if found.scored.instead else "`churnmodel score`"
        return (
            f"None of them was scored before it left: the first scored day is {days[0]}. From now on each "
            f"departure has a last score, if {run} runs each week."
        )
    return "Nothing to compare: no reason that could be predicted is on record of an account that was scored."


def driver(found: Winback) -> None:
    """Whose scores stand beside what they said, where it is not a champion's."""
    if found.scored.instead and found.left["scored_on"].notna().any():
        console.print()
        console.print(Text(f"Last scores: {found.scored.instead}", style="dim"))


def seen_line(found: Winback) -> None:
    """Bands 90 and 30 days before, of those who decided to leave, in a line each."""
    rows, hindsight = _judged(found, 90)
    if rows.empty and _judged(found, 30)[0].empty:
        scored = found.compared["scored_on"].notna().any()
        say("None had a score 30 days before." if scored else _nothing(found))
        return
    for days in AHEAD:
        of, hindsight = _judged(found, days)
        if len(of):
            say(f"{days} days before: {_told(of, days)}.{_aside(found, days)}")
    red = found.scored.share(RED, found.as_of - (found.days + 90) * DAY)
    if red == red:
        say(f"Of the whole book {percent(red)} was red on the days that were scored.")
    if hindsight:
        say(f"Those scores were {HINDSIGHT}: what was really seen then, nobody knows.")
    green = _judged(found, 90)[0]
    green = green[green["band_90d"] == GREEN]
    if len(green):
        were = "was" if len(green) == 1 else "were"
        held = money(float(green["mrr"].sum()), found.currency)
        many = counted(len(green), "account")
        say(f"{many} with {held} MRR {were} green 90 days before: --seen lists them, to learn from.")


def _judged(found: Winback, days: int) -> tuple[pd.DataFrame, bool]:
    """Those who decided to leave and were scored then without hindsight; where there are none, with it."""
    rows = found.compared[found.compared[f"band_{days}d"] != NOT_SCORED]
    honest = rows[~rows[f"hindsight_{days}d"]]
    return (honest, False) if len(honest) else (rows, len(rows) > 0)


def _told(rows: pd.DataFrame, days: int) -> str:
    found = counts(rows, days)
    said = [f"{found[band]} {band}" for band in ("red", "orange", GREEN)]
    return ", ".join([*said, *([f"{found[NOTICE]} under notice already"] if found[NOTICE] else [])])


def _aside(found: Winback, days: int) -> str:
    left_out = len(found.compared) - len(_judged(found, days)[0])
    return f" ({left_out} had no such score.)" if left_out else ""


def seen(found: Winback, count: int) -> None:
    """The bands before, by who decided; and those who were green."""
    headline(f"Seen coming? Those who left in the {found.days} days before {day(found.as_of)}")
    for days in AHEAD:
        table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
        table.add_column(f"{days} days before")
        for band in SEEN:
            table.add_column(band, justify="right")
        decided = found.compared
        rest = {reason: found.lately[found.lately["reason"] == reason] for reason in APART}
        for label, rows in {"decided to leave": decided, **rest}.items():
            own = counts(rows, days)
            table.add_row(label, *(f"{own[band]}" if own[band] else "-" for band in SEEN))
        console.print(table)
        console.print()
    late = int(found.lately["hindsight_90d"].sum())
    if late:
        say(f"{late} of the scores 90 days before were {HINDSIGHT}: what was really seen then, nobody knows.")
    rows, _ = _judged(found, 90)
    green = rows[rows["band_90d"] == GREEN].sort_values(["mrr", "account_id"], ascending=[False, True])
    held = money(float(green["mrr"].sum()), found.currency)
    headline(f"Green 90 days before, and gone: {counted(len(green), 'account')}, {held} MRR")
    if green.empty:
        return
    told = green.loc[green["reason"] != UNKNOWN, "reason"].value_counts()
    if len(told):
        say(f"They said: {', '.join(f'{reason} {n}' for reason, n in told.items())}; nobody asked "
            f"{int((green['reason'] == UNKNOWN).sum())}.")  # fmt: skip
    for row in green.head(count).to_dict("records"):
        _learn(pd.Series(row), found)
    if len(green) > count:
        say(f"\n{len(green) - count:,} more: --top {len(green)}, or --csv.")


def _learn(row: pd.Series, found: Winback) -> None:
    console.print()
    line = Text.assemble((text_or(row["name"], str(row["account_id"])), "bold"))
    line.append(f"  {printable(row['account_id'])}  ", style="dim")
    line.append(f"{money(float(row['mrr']), found.currency)}, left {day(row['left_at'])}")
    line.append(f", CSM {text_or(row['csm'], 'none')}")
    console.print(line)
    then = Text("90 days before ").append_text(band_text(row["band_90d"])).append(", 30 days before ")
    console.print(Padding(then.append_text(band_text(row["band_30d"])), (0, 0, 0, 2)))
    console.print(Padding(Text("They said: ").append_text(reason_text(row)), (0, 0, 0, 2)))
    if isinstance(row["sentence"], str):
        said = f"The last score said ({row['family']}): {printable(row['sentence'])}."
        console.print(Padding(Text(said, style="dim"), (0, 0, 0, 2)))


def reasons(found: Winback, count: int) -> None:
    """Stated reason x predicted family, how often they agree, and the largest accounts where they differ."""
    rows = found.compared
    headline(f"What they said, by what the last score before said: {counted(len(rows), 'account')}")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("they said")
    for family in FAMILIES:
        table.add_column(family, justify="right")
    table.add_column("no driver", justify="right")
    table.add_column("not scored", justify="right")
    cells = crosstab(rows)
    for reason in (*DECIDED, UNKNOWN):
        of_reason = rows[rows["reason"] == reason]
        if of_reason.empty:
            continue
        liked = found.rules.reasons[reason].families
        told = dict(zip(cells.columns, cells.loc[[reason]].to_numpy()[0].tolist(), strict=True))
        row = [Text(_count(told[family]), style="bold" if family in liked else "") for family in FAMILIES]
        untold = int(of_reason["family"].isna().sum())
        label = "no reason on record" if reason == UNKNOWN else reason
        table.add_row(label, *row, _count(told[NO_DRIVER]), _count(untold))
    console.print(table)
    families = {reason: found.rules.reasons[reason].families for reason in DECIDED}
    ruled = [f"{reason} ~ {' or '.join(alike)}" for reason, alike in families.items() if alike]
    say(f"Alike, by [winback.reasons] families: {'; '.join(ruled)}.")
    for words in agreement_words(found):
        say(words)
    say("Neither is the truth: people name a price where they saw no worth, and a driver is no cause.")
    differ = rows[rows["agrees"].fillna(True).eq(False)]
    differ = differ.sort_values(["mrr", "account_id"], ascending=[False, True])
    if differ.empty:
        return
    headline(f"They differ at {counted(len(differ), 'account')}; the largest, to talk about")
    for one in differ.head(count).to_dict("records"):
        own = pd.Series(one)
        line = Text.assemble((text_or(own["name"], str(own["account_id"])), "bold"))
        line.append(f"  {printable(own['account_id'])}  ", style="dim")
        console.print(line.append(f"{money(float(own['mrr']), found.currency)}: ").append_text(reason_text(own)))
        console.print(Padding(Text(f"{own['family']}: {printable(own['sentence'])}.", style="dim"), (0, 0, 0, 2)))


def _count(count: int) -> str:
    return f"{count:,}" if count else "-"


def returned_line(found: Winback, more: str = " --returned lists them.") -> None:
    """How many ever came back, in a line or two."""
    rows = found.returned
    if rows.empty:
        say("Nobody has come back yet.")
        return
    here, in_kpis = int(rows["here"].sum()), int(rows["counted_in"].notna().sum())
    equal = "as many" if in_kpis == len(rows) else (
        f"{in_kpis}: the rest came in the month that is not over, or left again within one"
    )
    say(
        f"{counted(len(rows), 'account')} ever came back, half of them within {rows['days_away'].median():.0f} "
        f"days; {here} {'is' if here == 1 else 'are'} still here. success kpis counts {equal}.{more}"
    )


def returned(found: Winback, count: int) -> None:
    """Who came back: after how long, for how much against what they paid, whether they stayed."""
    rows = found.returned
    headline(f"Came back, as known on {day(found.as_of)}: {counted(len(rows), 'account')}")
    if rows.empty:
        say("Nobody has come back yet.")
        return
    returned_line(found, "")
    before, after = float(rows["mrr"].sum()), float(rows["mrr_back"].sum())
    share = percent(after / before) if before else "-"
    paid, again = money(before, found.currency), money(after, found.currency)
    say(f"They had paid {paid} a month, and began again with {again} ({share} of it).")
    by = rows["reason"].replace(UNKNOWN, "no reason on record").value_counts()
    say(f"They had left for: {', '.join(f'{reason} {n}' for reason, n in by.items())}.")
    arms = rows["win_back_play"].value_counts()
    with_play, held = int(arms.get(TREATED, 0)), int(arms.get(HELD_OUT, 0))
    held_out = f", {held} were held out from one" if held else ""
    say(f"A win-back play had begun for {with_play} of them{held_out}, for {len(rows) - with_play - held} none. "
        "Who is asked is chosen, so that says nothing of what asking does.")  # fmt: skip
    for row in rows.iloc[::-1].head(count).to_dict("records"):
        own = pd.Series(row)
        console.print()
        line = Text.assemble((text_or(own["name"], str(own["account_id"])), "bold"))
        line.append(f"  {printable(own['account_id'])}  ", style="dim")
        line.append(f"back {day(own['back_at'])} after {own['days_away']:.0f} days")
        console.print(line)
        days = f"{own['days_since']:.0f} days"
        stayed = f"still here after {days}" if own["here"] else f"left again after {days}"
        paid, again = (money(float(own[name]), found.currency) for name in ("mrr", "mrr_back"))
        console.print(Padding(Text(f"{again}, of {paid} before; {stayed}"), (0, 0, 0, 2)))
        said = Text("had left for: ").append_text(reason_text(own))
        console.print(Padding(said, (0, 0, 0, 2)), style="dim")
    if len(rows) > count:
        say(f"\n{len(rows) - count:,} more: --top {len(rows)}, or --csv.")
