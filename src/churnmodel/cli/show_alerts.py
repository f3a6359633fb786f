"""What does a customer success manager see of alerts? (this morning, and the week)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, text_or
from churnmodel.explanation.formats import counted, percent
from churnmodel.scoring.bands import ORANGE, RED
from churnmodel.scoring.scorer import LEAVING
from churnmodel.success.alert import TITLES

if TYPE_CHECKING:
    from churnmodel.success.alerts_decided import Decided
    from churnmodel.success.delivery import Delivered
    from churnmodel.workflow.alerts import Morning


def morning(found: Morning, decided: Decided, top: int, *, is_sent: bool, csm: str | None = None) -> None:
    """The alerts of one day (of one CSM, if named), an account's together; how many were not told, and why."""
    raised = decided.raised
    accounts = raised["account_id"].dropna().nunique()
    said = "kept, and put into the outbox" if is_sent else "nothing was kept or sent: --send does"
    whose = f" for {printable(csm)}" if csm else ""
    count = f"{counted(len(raised), 'alert')} of {counted(accounts, 'account')}"
    headline(f"Alerts{whose} on {day(found.as_of)}: {count} ({said})")
    for number, (_, own) in enumerate(raised.groupby("subject", sort=False)):
        if number == top:
            say(f"and of {raised['subject'].nunique() - top} more (--top {raised['subject'].nunique()} lists all)")
            break
        _subject(own, found)
    _not_told(found, decided)
    if found.unasked:
        wants = "; of ".join(
            f"{table}: {', '.join(TITLES[rule] for rule in rules)}" for table, rules in found.unasked.items()
        )
        say(f"Not asked, for want of {wants}.")
    _scores(found)


def _subject(own: pd.DataFrame, found: Morning) -> None:
    account = own["account_id"].iloc[0]
    ids = ", ".join(own["alert_id"])
    if isinstance(account, str):
        row = found.about.loc[account].to_dict()
        line = Text(text_or(row["name"], printable(account)), style="bold")
        line.append(f" ({printable(account)})  ", style="not bold")
        if row["risk"] == row["risk"]:
            line.append(f"risk {percent(float(row['risk']))} ", style="not bold")
        none = "under notice" if row["status"] == LEAVING else "not scored"
        line.append_text(band_text(row["band"]) if isinstance(row["band"], str) else Text(none, "dim"))
        line.append(f"  {money(float(row['mrr']), found.currency)} MRR", style="not bold")
        if row["at_risk"] == row["at_risk"]:
            line.append(f", {float(row['at_risk']):,.0f} at risk", style="not bold")
        line.append(f", CSM {text_or(row['csm'], '-')}", style="not bold")
    else:
        whose = own["subject"].iloc[0].removeprefix("csm:")
        line = Text("The whole book" if whose == "book" else f"All of {printable(whose)}", style="bold")
    console.print(line)
    for words, more in zip(own["moved"], own["detail"], strict=True):
        _indented(f"{words}. {more}" if more else words)
    if isinstance(account, str):
        row = found.about.loc[account].to_dict()
        if isinstance(row["reason"], str):
            _indented(f"Top reason: {row['reason']}")
        renews = f"renews on {day(row['renews_at'])}, " if pd.notna(row["renews_at"]) else ""
        _indented(f"{renews}alert {ids}", "dim")
    else:
        _indented(f"alert {ids}", "dim")


def _indented(words: str, style: str = "") -> None:
    console.print(Padding(Text(printable(words), style=style), (0, 0, 0, 4), expand=False))


def _not_told(found: Morning, decided: Decided) -> None:
    held = decided.held_back
    if len(held):
        of = held.drop_duplicates("subject")
        names = [text_or(found.about["name"].get(a), str(a)) for a in of["account_id"].head(3)]
        worth = f", {money(float(of['at_risk'].sum()), found.currency)} at risk" if of["at_risk"].any() else ""
        say(
            f"\nHeld back by the cap of {found.rules.cap_per_csm} accounts a week per CSM: "
            f"{counted(len(held), 'alert')} of {counted(len(of), 'account')}{worth}, "
            f"the largest {', '.join(names)}."
        )
    lost = decided.ages_out(found.rules)
    never = f" ({lost:,} of them will be no news when it ends: [alerts.cool_down])" if lost else ""
    counts = [(len(decided.cooling), f"in cool-down{never}"), (len(decided.snoozed), "snoozed")]
    counts += [(len(decided.told_before), "told before")]
    others = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    if others:
        say(f"{'Also not' if len(held) else 'Not'} told: {others}.")


def _scores(found: Morning) -> None:
    history = found.history
    if history.instead:
        say(history.instead)
    if history.by_weights:
        say("So nothing can have turned red or orange, and who pays most comes first.")
        return
    if history.latest is not None and history.latest < found.as_of:
        days = counted((found.as_of - history.latest).days, "day")
        say(f"Risks and bands are those scored on {day(history.latest)}, {days} before.")
    look = "look" if history.instead else "'churnmodel score'"
    if history.days < 2:
        said = "No day was scored" if history.days == 0 else "Only one day was scored"
        say(f"{said} lately, so nothing can have turned red or orange; each {look} of another day adds one.")
        low = int(found.about["band"].isin([RED, ORANGE]).sum())
        if low:
            verb = "stand" if low > 1 else "stands"
            say(f"{counted(low, 'account')} {verb} there already, a state and no news: churnmodel success health")
    elif history.new_model is not None:
        say(f"Another model scores since {day(history.new_model)}; what it sees otherwise is no movement.")


def digest(by_csm: dict[str, str]) -> None:
    """Each CSM's week."""
    for text in by_csm.values():
        first, *rest = text.split("\n")
        headline(printable(first))
        for line in rest:
            console.print(Padding(Text(printable(line)), (0, 0, 0, 2), expand=False))


def delivered(queued: int, done: Delivered) -> None:
    """What left, and what did not."""
    say(f"\n{counted(queued, 'new message')}; {done.sent:,} sent, {done.waiting:,} to be tried again.")
    if done.given_up:
        say(f"{done.given_up:,} given up after too many attempts.")
    for problem in done.problems:
        say(f"  {problem}")
