"""What does a CSM see of the book's health on a Monday? (bands, what they came to, who is least healthy)"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, headline, printable, say, spoken_day
from churnmodel.cli.show_health_accounts import accounts
from churnmodel.explanation.formats import counted, percent

if TYPE_CHECKING:
    from churnmodel.workflow.health import Health
    from churnmodel.workflow.health_replayed import Replayed
    from churnmodel.workflow.project import Project

BANDS = ("green", "orange", "red")
DEGREE = {"green": 0, "orange": 1, "red": 2}


def health(
    found: Health,
    left: pd.DataFrame,
    past: Replayed,
    cuts: pd.DataFrame,
    project: Project,
    count: int,
    segment: str | None,
) -> None:
    """The whole of it, in the order in which it is read."""
    currency = project.settings.project.currency
    title(found)
    _bands(found, past, currency, segment)
    _own_cuts(cuts)
    _moved(found)
    _left(left)
    accounts(found, currency, count)
    unasked(found)
    say("\nAn account starts where nothing speaks for or against it; renewal: how near it is, no doing of theirs.")
    say("How each figure is made: docs/health.md. Rules: --exceptions; from month to month: --trajectory")


def unasked(found: Health) -> None:
    """Which rules lack something, those that lack the same in one line."""
    by_gap: dict[tuple[str, ...], list[str]] = {}
    for rule, gone in found.unasked.items():
        by_gap.setdefault(gone, []).append(f"'{rule}'")
    for gone, rules in by_gap.items():
        say(f"Not all that these rules ask can be told: {', '.join(rules)}. Missing: {', '.join(gone)}.")


def title(found: Health) -> None:
    """Whose health on which day, and what it is told from."""
    table, scorer = found.driver.table, found.driver.scorer
    by = found.driver.name if table is None or scorer is None else f"{found.driver.name} ({table.version})"
    accounts = counted(len(found.frame), "account")
    headline(f"Health on {spoken_day(found.as_of)}: {accounts}, scored by {printable(by)}")
    if found.driver.instead:
        say(found.driver.instead)
    if found.in_hindsight:
        say("Seen in hindsight: the model has learned from outcomes after this day.")
    if scorer is not None and scorer.bundle.manifest.caveat:
        caveat = scorer.bundle.manifest.caveat
        console.print(Text(f"{caveat[:1].upper()}{caveat[1:]}.", style="yellow"))


def _bands(found: Health, past: Replayed, currency: str, segment: str | None) -> None:
    frame = found.frame
    observed = past.observed(segment)
    came_to = ("left when\nreplayed", "95 %\ninterval", "of\nlooks", "risk\nsaid")
    table = plain_table("band", "accounts", f"MRR\n{currency}", "at risk", *(() if past.why_none else came_to))
    for band in BANDS:
        mine = frame[frame["band"] == band]
        came = observed.loc[band].to_dict()
        share, low, high = (float(came[name]) for name in ("share", "low", "high"))
        shown = (
            Text(percent(share), style="bold"),
            "-" if math.isnan(low) else f"{percent(low)}–{percent(high)}",
            f"{int(came['rows']):,}",
            percent(float(came["said"])),
        )
        table.add_row(band_text(band), f"{len(mine):,}", *_amounts(mine), *(() if past.why_none else shown))
    leaving = frame[frame["status"] == "leaving"] if "status" in frame else frame.iloc[:0]
    if len(leaving):
        table.add_row("notice", f"{len(leaving):,}", _amounts(leaving)[0], "-")
    console.print(table)
    if past.why_none:
        say(f"What the bands came to is not known: {past.why_none}.")
    else:
        whom = f" of {printable(segment)}" if segment is not None else ""
        say(
            f"Left when replayed: of so many looks at accounts{whom} in a past the model had not learned from, "
            "those that left by their next renewal; interval over accounts. Risk said: what it gave them, on "
            "average."
        )
    lowered = frame[frame["rule"].notna()]
    if len(lowered):
        stand = f"{counted(len(lowered), 'account')} stand{'s' if len(lowered) == 1 else ''}"
        say(f"{stand} lower here than the model says, by a rule: --exceptions")


def _own_cuts(cuts: pd.DataFrame) -> None:
    if cuts.empty:
        return
    headline("Segments with cuts of their own: left when replayed, by their own cuts and by the model's")
    table = plain_table("segment", "green", "orange", "red", "green\nmodel", "orange\nmodel", "red\nmodel")
    for name in cuts.index.get_level_values("segment").unique():
        cells = []
        for whose in ("own", "model"):
            rows = pd.DataFrame(cuts.loc[(name, whose)]).reindex(list(BANDS))
            cells += [f"{percent(s)}\nof {n:,}" for s, n in zip(rows["share"], rows["rows"], strict=True)]
        table.add_row(Text(printable(name)), *cells)
    console.print(table)


def _moved(found: Health) -> None:
    if found.since is None or "band_before" not in found.frame:
        return
    frame = found.frame
    step = frame["band"].map(DEGREE) - frame["band_before"].map(DEGREE)
    renewed = frame["renewed"].fillna(False).astype(bool)
    words = []
    for name, moved in (("worse", step > 0), ("better", step < 0)):
        passed = int((moved & renewed).sum())
        over = f" ({passed:,} of them past a renewal, so over another stretch)" if passed else ""
        words.append(f"{int(moved.sum()):,} in a {name} band{over}")
    leaving = frame["status"].eq("leaving") if "status" in frame else pd.Series(False, index=frame.index)
    notice = int((leaving & frame["band_before"].notna()).sum())
    words += [f"{notice:,} gave notice"] if notice else []
    say(f"Since {spoken_day(found.since)}: {', '.join(words)}.")


def _left(left: pd.DataFrame) -> None:
    if len(left):
        lately = left[left["gone_by"] == left["gone_by"].max()]
        counts = {band: int((lately["band"] == band).sum()) for band in reversed(BANDS)}
        bands = ", ".join(f"{count:,} {band}" for band, count in counts.items() if count)
        say(
            f"{counted(len(left), 'account')} left since the first look; their last health stays as it was "
            f"(--csv). Gone by {spoken_day(left['gone_by'].max())}: {len(lately):,}, at their last score {bands}."
        )


def _amounts(rows: pd.DataFrame) -> list[str]:
    return [
        f"{float(rows[name].sum()):,.0f}" if name in rows and rows[name].notna().any() else "-"
        for name in ("mrr", "mrr_at_risk")
    ]


def plain_table(first: str, *heads: str) -> Table:
    """A table without lines: its first column to the left, the others to the right."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(first, vertical="top")
    for head in heads:
        table.add_column(head, justify="right", vertical="top")
    return table
