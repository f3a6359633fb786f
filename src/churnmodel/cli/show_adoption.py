"""What does a CSM see of adoption? (features and staying, whom to show what, one account, what it rests on)"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, day, headline, money, printable, say, text_or
from churnmodel.cli.show_driver import driver_words
from churnmodel.explanation.formats import counted, percent

if TYPE_CHECKING:
    from churnmodel.workflow.adoption import Adoption

FEW = 6
"""So many features are listed in the summary."""


def summary(found: Adoption, csm: str | None, feature: str | None, count: int) -> None:
    """The features, and the accounts to turn to first with what to show each."""
    shown = found.shown
    if csm and found.accounts.empty:
        headline(f"Adoption of {printable(csm)}, as known on {day(found.as_of)}")
        days = f"a customer for at least {found.rules.window_days} days"
        say(f"{printable(csm)} has no account now that was {days} and is not under notice.")
        return
    held = money(float(shown["mrr"].sum()), found.currency)
    lack = f"lack {printable(feature)}, which" if feature else "lack a feature"
    whose = f" of {printable(csm)}" if csm else ""
    headline(
        f"Adoption{whose}, as known on {day(found.as_of)}: "
        f"{len(shown):,} of {counted(len(found.accounts), 'account')} {lack} their peers use, with {held} MRR"
    )
    if feature is None and csm is None:
        _features(found, FEW)
    if len(shown):
        by = "MRR x risk" if shown["at_risk"].notna().any() else "MRR"
        headline(f"Whom to show what first, by {by}")
    for account_id, row in shown.head(count).iterrows():
        console.print(_title(found, str(account_id), row, csm))
        gaps = found.of(str(account_id))
        for gap in gaps[gaps["show"]].to_dict("records"):
            _gap(gap)
        rest = gaps[~gaps["show"]]
        if len(rest):
            names = ", ".join(printable(name) for name in rest["feature"])
            console.print(Padding(Text(f"also: {names}", style="dim"), (0, 0, 0, 2)))
    if len(shown) > count:
        say(f"{len(shown) - count:,} more: --top {len(shown)}, or --csv.")
    _silent(found)


def _gap(gap: Mapping[Hashable, object]) -> None:
    line = Text(f"{printable(gap['feature'])}: ", style="bold")
    console.print(Padding(line.append(f"{printable(gap['words'])}.", style="not bold"), (0, 0, 0, 2)))
    if gap["users"]:
        console.print(Padding(Text(f"Train: {printable(gap['users'])}", style="dim"), (0, 0, 0, 4)))
    elif gap["no_users"]:
        console.print(Padding(Text(f"Nobody to train: {gap['no_users']}.", style="dim"), (0, 0, 0, 4)))


def _title(found: Adoption, account_id: str, row: pd.Series, csm: str | None) -> Text:
    line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account_id)}  ", "dim"))
    line.append(f"{row['tier']}  {money(row['mrr'], found.currency)}  ")
    if isinstance(row.get("band"), str):
        line.append(band_text(row["band"])).append("  ")
    if csm is None:
        line.append(text_or(row["csm"], "nobody's"), style="dim")
    return line


def _silent(found: Adoption) -> None:
    silent = found.silent
    if len(silent) and found.dark_share == 0:
        mrr = money(float(silent["mrr"].sum()), found.currency)
        names = ", ".join(text_or(name, str(account)) for account, name in silent["name"].head(FEW).items())
        more = ", ..." if len(silent) > FEW else ""
        say(
            f"\nUsed nothing at all in {found.rules.window_days} days: {counted(len(silent), 'account')} with "
            f"{mrr} MRR ({names}{more}). They lack no feature; nobody is there."
        )


def features(found: Adoption) -> None:
    """Every feature: who uses it, who lacks it, and how its use went with staying."""
    headline(f"Features, as known on {day(found.as_of)}")
    _features(found, len(found.features))


def _features(found: Adoption, count: int) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("feature")
    for head in ("used by", "lacking", f"MRR {found.currency}", "more stay", "95 %"):
        table.add_column(head, justify="right")
    for row in found.features.head(count).to_dict("records"):
        more, low, high = (row[name] for name in ("more_stay", "low", "high"))
        known = more == more
        beyond = known and (low > 0 or high < 0)
        table.add_row(
            Text(printable(row["feature"])),
            percent(row["share_using"]) if row["share_using"] == row["share_using"] else "-",
            f"{row['lacking']:,}",
            f"{row['lacking_mrr']:,.0f}",
            Text(_points(more) if known else "-", style="bold" if beyond else ""),
            f"{_points(low)} to {_points(high)}" if known else "",
        )
    console.print(table)
    if len(found.features) > count:
        say(f"{len(found.features) - count:,} more: --features.")
    rules = found.rules
    if found.features["more_stay"].notna().any():
        say(
            f"More stay: of 100 accounts that used it, so many more were still there {rules.retained_days} days "
            "later than of their like that did not (same plan, as much other use). It goes with staying; it may "
            "be a sign and no cause."
        )
    else:
        say(
            "Which features go with staying is not known: too few accounts left, or used what their like did "
            f"not, in the last {rules.history_days} days."
        )


def account(found: Adoption, account_id: str) -> None:
    """All that one account lacks."""
    row = pd.Series(found.accounts.loc[account_id])
    console.print()
    console.print(_title(found, account_id, row, None))
    gaps = found.of(account_id)
    if row["uses"] == 0:
        say(f"Used nothing at all in {found.rules.window_days} days: that is silence, not a missing feature.")
    elif gaps.empty:
        say("Lacks nothing that enough of its retained peers use, as far as is known.")
    for gap in gaps.to_dict("records"):
        _gap(gap)
        if gap["more_stay"] == gap["more_stay"]:
            span = f"{_points(gap['low'])} to {_points(gap['high'])}"
            text = f"{_stayed(gap['more_stay'])} than of their like that did not (95 %: {span})"
            console.print(Padding(Text(text, style="dim"), (0, 0, 0, 4)))


def caveats(found: Adoption, *, goes_by_risk: bool = True) -> None:
    """Whose bands and risks were used, who the peers are, and what the tables do not say."""
    rules, said = found.rules, []
    if goes_by_risk:
        said += driver_words(found.instead, found.scored_on, found.as_of, "who comes first goes by MRR alone")
    said.append(
        f"Peers: {counted(found.retained, 'account')} that were customers "
        f"{rules.retained_days} days ago, not leaving then, and stayed; at least {rules.least_peers} of the same "
        f"plan, segment and size, else of plan and segment, else of the plan. Used: on "
        f"{rules.least_days} days or more of the last {rules.window_days}."
    )
    said.append(
        f"Not listed: accounts under notice, and customers for less than {rules.window_days} days, whose window "
        "is not whole yet (success onboarding tells of those)."
    )
    if found.dark_share:
        share = percent(found.dark_share)
        tells = "so nobody's use is told" if found.gaps.empty else "so use may be missing"
        said.append(f"Usage events were silent for {share} of these days, {tells}.")
    if found.past_days:
        said.append(
            f"Staying: use before {found.past_days} past day{'s' * (found.past_days != 1)}, against who left in "
            f"the {rules.retained_days} days after."
        )
    console.print()
    for line in said:
        console.print(Text(printable(line), style="dim"))


def definitions() -> None:
    """Every column: its title and name in tables, how it is made, after whom."""
    from churnmodel.success.adoption_columns import FEATURE_COLUMNS, GAP_COLUMNS

    for one in (*GAP_COLUMNS, *FEATURE_COLUMNS):
        line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
        console.print(line.append(f"\n  {one.formula}", style="not bold"))
        if one.source != "own":
            console.print(Text(f"  {one.source}", style="dim"))


def _stayed(more: object) -> str:
    """How many more of a hundred.

    >>> _stayed(0.18), _stayed(-0.07)
    ('of 100 that used it, 18 more stayed', 'of 100 that used it, 7 fewer stayed')
    """
    points = round(100 * float(more))  # type: ignore[arg-type]
    moved = "no more" if points == 0 else f"{abs(points)} {'more' if points > 0 else 'fewer'}"
    return f"of 100 that used it, {moved} stayed"


def _points(share: object) -> str:
    return f"{100 * float(share):+.0f}"  # type: ignore[arg-type]
