"""What would alerts have told, how often, and whom would they have caught? (read before they are switched on)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, money, printable, say
from churnmodel.explanation.formats import percent

if TYPE_CHECKING:
    from churnmodel.success.alerts_judged import Judged
    from churnmodel.workflow.alerts_past import Replayed
    from churnmodel.workflow.project import Project


def replayed(found: Replayed, project: Project) -> None:
    """Alerts per CSM and week, the churners caught, and what each rule is worth."""
    judged, currency = found.judged, project.settings.project.currency
    looks, rules = judged.looks, project.settings.alerts
    headline(f"What these rules would have told, {day(looks[0])} to {day(looks[-1])} ({len(looks)} weeks)")
    say(
        f"Run each week on what was known then. Risks are those {found.model} said out of time, on "
        f"{found.score_days} days."
    )
    _per_week(judged.per_week, rules.cap_per_csm)
    if judged.held_back or judged.cooling:
        say(f"Never told: {judged.held_back:,} things the cap held back, {judged.cooling:,} within a cool-down.")
    _caught(found, currency)
    _by_rule(judged, found.best)
    _limits(found)


def _per_week(per_week: pd.DataFrame, cap: int) -> None:
    headline("Accounts each CSM would have heard of, a week")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("CSM")
    for head in ("accounts", "mean", f"most (cap {cap})", "quiet weeks"):
        table.add_column(head, justify="right")
    for csm, row in per_week.iterrows():
        cells = (f"{row['accounts']:.0f}", f"{row['mean']:.1f}", f"{row['most']:.0f}", f"{row['quiet_weeks']:.0f}")
        table.add_row(Text(printable(csm)), *cells)
    console.print(table)


def _caught(found: Replayed, currency: str) -> None:
    judged = found.judged
    churns, caught = judged.churns, judged.caught
    headline("The churners they would have caught")
    if churns.empty:
        say("Nobody churned in that time whose outcome is known, so there was nobody to catch.")
        return
    lot = float(churns["by_lot"].sum())
    in_time = int((caught["days_warned"] >= 30).sum())
    of_mrr = float(caught["mrr"].sum() / churns["mrr"].sum()) if churns["mrr"].sum() else float("nan")
    say(
        f"{len(caught)} of {len(churns)} churns had an alert in the {judged.horizon_days} days before service "
        f"ended, {percent(of_mrr)} of their MRR ({money(float(caught['mrr'].sum()), currency)}); "
        f"{in_time} of them 30 days or more before."
    )
    if len(caught):
        quarter = caught["days_warned"].quantile([0.25, 0.5, 0.75]).tolist()
        say(
            f"The first alert came {quarter[1]:.0f} days before the end in the median ({quarter[0]:.0f} to "
            f"{quarter[2]:.0f} for the middle half)."
        )
    say(
        f"As many alerts to accounts drawn by lot each week would have caught {lot:.0f} of {len(churns)}: what "
        "counts is how far above that they come, and which rules do."
    )


def _by_rule(judged: Judged, best: Judged | None) -> None:
    by_rule, base, horizon = judged.by_rule, judged.base, judged.horizon_days
    headline(f"What each rule is worth: of its alerts, the share whose account churned within {horizon} days")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("rule")
    for head in ("alerts", "churned", "95 %", "times\nbase", "only it\ncaught", "days\nwarned"):
        table.add_column(head, justify="right", vertical="bottom")
    order = by_rule.assign(no=by_rule["known"] == 0, by=-by_rule["times"].fillna(0.0)).sort_values(["no", "by"])
    for rule, row in order.iterrows():
        if not row["known"]:
            table.add_row(str(rule), f"{row['raised']:.0f}", "not known yet", "", "", "", "")
            continue
        style = "green" if row["low"] > base else "red" if row["high"] < base else ""
        table.add_row(
            str(rule),
            f"{row['raised']:.0f}",
            f"{row['churned']:.0f} of {row['known']:.0f}, {percent(row['share'])}",
            f"{percent(row['low'])}–{percent(row['high'])}",
            Text(f"{row['times']:.1f}", style=style),
            f"{row['only']:.0f}",
            "-" if pd.isna(row["days_warned"]) else f"{row['days_warned']:.0f}",
        )
    console.print(table)
    say(f"Base: {percent(base)} of all accounts in all these weeks. Only alerts of one account are judged.")
    if judged.telling:
        say(f"Beyond luck more than the base: {', '.join(judged.telling)}.")
    if judged.misleading:
        off = ", ".join(f'"{rule}"' for rule in judged.misleading)
        say(f"Beyond luck less than the base: {', '.join(judged.misleading)}. To silence: [alerts] off = [{off}]")
    if best is not None and judged.telling != tuple(judged.by_rule.index):
        lot = float(best.churns["by_lot"].sum())
        say(
            f"Only {', '.join(judged.telling)}: {len(best.raised):,} alerts instead of {len(judged.raised):,} "
            f"would have caught {len(best.caught)}, by lot {lot:.0f} (the rules chosen with hindsight)."
        )


def _limits(found: Replayed) -> None:
    say("\nWhat this does not say")
    for line in (
        "An alert is no play: that somebody heard does not mean that the account would have stayed.",
        f"Scores of {found.score_days} days; with a score a week, turns are seen up to three weeks earlier."
        if found.score_days
        else "",
        f"{found.between_models} of them follow another fold's model; no turn between two models was told."
        if found.between_models
        else "",
        "The cuts of the bands were chosen on these same scores: orange and red are a little flattered.",
        f"The outcomes of the last {found.unknown} weeks are not known yet, so their alerts caught nobody so far."
        if found.unknown
        else "",
    ):
        if line:
            console.print(Padding(Text(f"- {line}"), (0, 0, 0, 2), expand=False))


def replayed_table(found: Replayed) -> pd.DataFrame:
    """A row per alert that would have been raised, with what became of the account."""
    columns = ["as_of", "alert_id", "rule", "account_id", "csm", "mrr", "at_risk", "began_at", "moved", "detail"]
    return found.judged.raised[[*columns, "churned", "churned_at", "days_left", "subject", "episode"]]
